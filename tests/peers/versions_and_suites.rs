//! Versions, suites, groups and keys, one combination after the other, each at a server that speaks nothing else.

use super::{
    check::check,
    openssl::{Key, OpenSsl, certificate},
    peers::Peers,
};

/// What a server speaks, and what is to be said of it.
struct Combination {
    key: Key,
    arguments: &'static [&'static str],
    verdict: &'static str,
    /// The finding's code, and a part of its title; `None` where TLS is as it should be.
    finding: Option<(&'static str, &'static str)>,
}

const SUITES: &str = "tls-suites-uncommon";
const VERSION: &str = "tls-version-unsupported";

const fn works(key: Key, arguments: &'static [&'static str]) -> Combination {
    Combination { key, arguments, verdict: "allowed", finding: None }
}

const fn lacks(key: Key, arguments: &'static [&'static str], wants: &'static str) -> Combination {
    Combination { key, arguments, verdict: "unknown", finding: Some((SUITES, wants)) }
}

const fn old(arguments: &'static [&'static str], version: &'static str) -> Combination {
    Combination { key: Key::Rsa, arguments, verdict: "blocked", finding: Some((VERSION, version)) }
}

const ALL: &[Combination] = &[
    works(Key::Rsa, &[]),
    works(Key::Ec, &[]),
    works(Key::Rsa, &["-tls1_3"]),
    works(Key::Rsa, &["-tls1_2"]),
    works(Key::Ec, &["-tls1_2"]),
    works(Key::Rsa, &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]),
    works(Key::Ec, &["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"]),
    works(Key::Rsa, &["-tls1_2", "-curves", "P-384"]),
    // CBC suites.
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"], "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"], "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    lacks(Key::Ec, &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    // The server's RSA key decrypts.
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "AES128-GCM-SHA256"], "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "AES256-SHA"], "TLS_RSA_WITH_AES_256_CBC_SHA"),
    // Diffie-Hellman in finite fields.
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"], "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    lacks(Key::Rsa, &["-tls1_2", "-cipher", "DHE-RSA-AES128-SHA256"], "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
    lacks(Key::Dsa, &["-tls1_2", "-cipher", "ALL:@SECLEVEL=0"], "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"),
    // Rarer suites.
    lacks(
        Key::Ec,
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"],
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
    ),
    lacks(Key::Rsa, &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"], "TLS_AES_128_CCM_SHA256"),
    // Groups.
    lacks(Key::Rsa, &["-tls1_3", "-curves", "P-521"], "the group secp521r1"),
    lacks(Key::Rsa, &["-tls1_2", "-curves", "P-521", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], "a group or signature"),
    // Versions that nobody should speak any more.
    old(&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "no newer than TLS 1.0"),
    old(&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "no newer than TLS 1.1"),
    old(&["-no_tls1_3", "-no_tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], "no newer than TLS 1.1"),
];

pub fn each_is_told_for_what_it_is(peers: &Peers) -> Result<(), String> {
    let made = |key| certificate(peers.dir(), key).map(|files| (key, files));
    let keys: Vec<_> = [Key::Rsa, Key::Ec, Key::Dsa].into_iter().map(made).collect::<Result<_, String>>()?;
    let mut wrong = Vec::new();
    for combination in ALL {
        let Combination { key, arguments, verdict, finding } = combination;
        let files = keys.iter().find(|(known, _)| known == key).map(|(_, files)| files).ok_or("a key")?;
        let server = OpenSsl::start(peers.dir(), files, arguments)?;
        let checked = check(
            peers.dir(),
            files,
            "mqtt-broker",
            &[("mqtt", server.port)],
            &["--protocol", "mqtt", "--depth", "tls"],
        )?;
        let findings = checked.report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let told: Vec<_> =
            findings.iter().map(|one| (one["code"].as_str(), one["title"].as_str().unwrap_or_default())).collect();
        let is_right = match finding {
            None => told.is_empty(),
            Some((code, part)) => matches!(told.as_slice(), [(Some(is), title)] if is == code && title.contains(part)),
        };
        let is = checked.verdicts().get("mqtt@direct").copied().unwrap_or_default().to_owned();
        if !is_right || is != *verdict {
            wrong.push(format!("{key:?} {arguments:?}: {is}, {told:?}, not {verdict}, {finding:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
