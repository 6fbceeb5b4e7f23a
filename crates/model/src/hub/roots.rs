//! The roots that genuinely sign hubs of known suffixes, so that interception shows. Intermediates change; the vendor
//! publishes roots, and a test of the trust stores compares each file with the published fingerprint.

/// One root certificate in PEM.
pub type RootPem = &'static str;

const DIGICERT_GLOBAL_ROOT_G2: RootPem = include_str!("roots/digicert-global-root-g2.pem");
const MICROSOFT_RSA_ROOT_2017: RootPem = include_str!("roots/microsoft-rsa-root-2017.pem");
/// Still used by the Government and China clouds, which leave it during 2026.
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
