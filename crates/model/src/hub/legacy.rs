//! Outdated names of AWS IoT Core.

/// If `host` is one of AWS IoT Core's first endpoints, the name of the same account's endpoint under Amazon Trust
/// Services. Trust stores hold its authority, but no longer that of the first endpoints (VeriSign).
pub fn ats_name(host: &str) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    let ats = match labels.as_slice() {
        [account, "iot", region, "amazonaws", "com"] => format!("{account}-ats.iot.{region}.amazonaws.com"),
        [account, "iot", region, "amazonaws", "com", "cn"] => format!("{account}.ats.iot.{region}.amazonaws.com.cn"),
        _ => return None,
    };
    (!labels.first()?.ends_with("-ats")).then_some(ats)
}

#[cfg(test)]
mod tests {
    use super::ats_name;

    #[test]
    fn a_legacy_endpoint_has_its_ats_name() {
        for (host, ats) in [
            ("a1b2c3.iot.eu-west-1.amazonaws.com", Some("a1b2c3-ats.iot.eu-west-1.amazonaws.com")),
            ("a1b2c3.iot.cn-north-1.amazonaws.com.cn", Some("a1b2c3.ats.iot.cn-north-1.amazonaws.com.cn")),
            ("a1b2c3-ats.iot.eu-west-1.amazonaws.com", None),
            ("a1b2c3.ats.iot.cn-north-1.amazonaws.com.cn", None),
            ("c1.credentials.iot.eu-west-1.amazonaws.com", None),
            ("iot.eu-west-1.amazonaws.com", None),
            ("contoso.azure-devices.net", None),
        ] {
            assert_eq!(ats_name(host).as_deref(), ats, "{host}");
        }
    }
}
