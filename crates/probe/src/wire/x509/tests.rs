use std::collections::BTreeSet;

use rcgen::{
    BasicConstraints as IsAuthority, CertificateParams, CrlDistributionPoint, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints as Constraints,
    SanType, SerialNumber,
};

use super::*;

fn authority(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(IsAuthority::Constrained(2));
    params.distinguished_name.push(DnType::CommonName, "Test Root");
    params.distinguished_name.push(DnType::OrganizationName, "Test Trust");
    change(&mut params);
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

fn leaf() -> Vec<u8> {
    let issuer_key = KeyPair::generate().expect("a key");
    let mut issuer = CertificateParams::new(Vec::new()).expect("parameters");
    issuer.distinguished_name.push(DnType::CommonName, "Test Issuer");
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["hub.test".to_owned()]).expect("parameters");
    params.subject_alt_names.push(SanType::IpAddress([10, 1, 2, 3].into()));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.serial_number = Some(SerialNumber::from(vec![0x11; 24]));
    params.use_authority_key_identifier_extension = true;
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec!["http://crl.test/1.crl".to_owned()] }];
    // [method, URL] pairs: OCSP and the issuer's certificate.
    let information = b"\x30\x40\
        \x30\x1c\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x10http://ocsp.test\
        \x30\x20\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x14http://ca.test/1.cer";
    params.custom_extensions =
        vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], information.to_vec())];
    params.signed_by(&key, &Issuer::new(issuer, issuer_key)).expect("a certificate").der().to_vec()
}

#[test]
fn what_a_certificate_says_is_read() {
    let der = leaf();
    let read = Certificate::read(&der).expect("a certificate");
    let extensions = &read.extensions;
    assert_eq!((read.version, read.serial.len(), read.same_algorithm_within), (3, 24, true));
    assert_eq!(read.issuer.common_names().collect::<Vec<_>>(), ["Test Issuer"]);
    assert!(!read.is_self_issued() && !extensions.malformed && !extensions.unknown_critical);
    assert!(read.validity.is_some_and(|validity| validity.from < validity.to));
    assert_eq!(read.key.kind(), KeyKind::Ec(Curve::P256));
    assert_eq!(signature_kind(read.signature_algorithm).name, Some("ECDSA with SHA-256"));
    let names = [GeneralName::Dns(b"hub.test"), GeneralName::Ip(&[10, 1, 2, 3])];
    assert_eq!(extensions.alternative_names.as_deref(), Some(&names[..]));
    assert_eq!(extensions.for_servers, Some(true));
    assert!(extensions.key_usage.is_some_and(|usage| usage.serves_tls() && !usage.signs_certificates()));
    assert!(extensions.authority_key.as_ref().is_some_and(|identifier| identifier.key.is_some()));
    assert_eq!(
        (&extensions.crl[..], &extensions.ocsp[..]),
        (&["http://crl.test/1.crl"][..], &["http://ocsp.test"][..])
    );
    assert_eq!(extensions.ca_issuers, ["http://ca.test/1.cer"]);
    assert_eq!(subject_of(&der), Some(read.subject.content()));
}

#[test]
fn what_an_authority_says_is_read() {
    let der = authority(|params| {
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(Constraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("test".to_owned())],
            excluded_subtrees: vec![GeneralSubtree::DnsName("bad.test".to_owned())],
        });
    });
    let read = Certificate::read(&der).expect("a certificate");
    let extensions = &read.extensions;
    assert!(read.is_self_issued() && !extensions.unknown_critical);
    assert_eq!(extensions.basic_constraints, Some(BasicConstraints { ca: true, path_length: Some(2) }));
    assert!(extensions.key_usage.is_some_and(KeyUsage::signs_certificates));
    let dns = |name: &'static str| vec![GeneralName::Dns(name.as_bytes())];
    let constraints = NameConstraints { permitted: dns("test"), excluded: dns("bad.test") };
    assert_eq!(extensions.name_constraints, Some(constraints));
    assert_eq!(extensions.subject_key.map(<[u8]>::len), Some(20));
}

#[test]
fn what_is_critical_and_unknown_is_noticed() {
    let der = |critical| {
        authority(|params| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            extension.set_criticality(critical);
            params.custom_extensions = vec![extension];
        })
    };
    for critical in [true, false] {
        let der = der(critical);
        let read = Certificate::read(&der).expect("a certificate");
        assert_eq!((read.extensions.unknown_critical, read.extensions.malformed), (critical, false));
    }
}

#[test]
fn an_extension_that_stands_there_twice_is_malformed() {
    let usage = || CustomExtension::from_oid_content(&[2, 5, 29, 15], vec![3, 2, 1, 6]);
    let der = authority(|params| params.custom_extensions = vec![usage(), usage()]);
    assert!(Certificate::read(&der).expect("a certificate").extensions.malformed);
}

#[test]
fn whatever_is_cut_or_changed_does_no_harm() {
    let der = leaf();
    for length in 0..der.len() {
        assert_eq!(Certificate::read(&der[..length]), None, "{length}");
    }
    let mut changed = der.clone();
    let mut seen = BTreeSet::new();
    for at in 0..der.len() {
        for value in [0, 0x30, 0x80, 0xff] {
            changed[at] = value;
            let read = Certificate::read(&changed);
            seen.insert(read.is_some_and(|read| read.extensions.malformed || read.key.kind() == KeyKind::Other));
            let _ = subject_of(&changed);
        }
        changed[at] = der[at];
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn hashes_of_pss_are_in_its_parameters() {
    const PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
    for (parameters, hash) in [
        (&b""[..], Some(Hash::Sha1)),
        (b"\x30\x00", Some(Hash::Sha1)),
        (b"\x30\x0f\xa0\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", Some(Hash::Sha256)),
        (b"\x05\x00", None),
    ] {
        let algorithm = [PSS, parameters].concat();
        assert_eq!(signature_kind(&algorithm), SignatureKind { hash, name: Some("RSA-PSS") }, "{parameters:?}");
    }
}
