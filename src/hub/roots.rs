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

/// AWS IoT Core's `-ats` endpoints (<https://www.amazontrust.com/repository/>).
pub const AMAZON: &[RootPem] = &[
    include_str!("roots/amazon-root-ca-1.pem"),
    include_str!("roots/amazon-root-ca-2.pem"),
    include_str!("roots/amazon-root-ca-3.pem"),
    include_str!("roots/amazon-root-ca-4.pem"),
    include_str!("roots/starfield-services-root-g2.pem"),
];

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
    #[test]
    fn amazons_roots_are_the_published_ones() {
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        for (pem, sha256) in AMAZON.iter().zip(published) {
            let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("embedded PEM parses");
            assert_eq!(crate::observation::hex(digest::digest(&digest::SHA256, &der).as_ref()), sha256);
        }
    }
}
