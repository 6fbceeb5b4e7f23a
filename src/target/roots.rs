//! The roots that genuinely sign hubs of known suffixes, so that interception shows. Intermediates change; roots are
//! published by the vendor, and a test holds each file against the published SHA-1 fingerprint.

/// One root certificate in PEM.
pub type RootPem = &'static str;

const DIGICERT_GLOBAL_ROOT_G2: RootPem = include_str!("roots/digicert-global-root-g2.pem");
const MICROSOFT_RSA_ROOT_2017: RootPem = include_str!("roots/microsoft-rsa-root-2017.pem");
/// Still in use by the Government and China clouds, which leave it during 2026.
const DIGICERT_GLOBAL_ROOT_CA: RootPem = include_str!("roots/digicert-global-root-ca.pem");

/// Azure's public cloud.
pub const AZURE_PUBLIC: &[RootPem] = &[DIGICERT_GLOBAL_ROOT_G2, MICROSOFT_RSA_ROOT_2017];
/// Azure for the US Government and Azure China.
pub const AZURE_SOVEREIGN: &[RootPem] = &[DIGICERT_GLOBAL_ROOT_G2, MICROSOFT_RSA_ROOT_2017, DIGICERT_GLOBAL_ROOT_CA];

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::*;

    #[test]
    fn the_embedded_roots_are_the_published_ones() {
        let published = [
            (DIGICERT_GLOBAL_ROOT_G2, "df3c24f9bfd666761b268073fe06d1cc8d4f82a4"),
            (MICROSOFT_RSA_ROOT_2017, "73a5e64a3bff8316ff0edccc618a906e4eae4d74"),
            (DIGICERT_GLOBAL_ROOT_CA, "a8985d3a65e5e5c4b2d7d66d40c6dd2fb19c5436"),
        ];
        for (pem, sha1) in published {
            let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("embedded PEM parses");
            let fingerprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
            let hex: String = fingerprint.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, sha1);
        }
    }
}
