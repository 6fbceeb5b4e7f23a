//! Comparisons of hellos as any file may hold them.

use std::net::IpAddr;

use hubreach::observation::{
    Answer, Chosen, Experiment, ExperimentRecord, ExperimentResult, FirstBytes, HelloTrial, Hellos, Identity,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::random::text;

/// Stands for the hub's own name until that is drawn.
const OWN: &str = "{own}";

/// Comparisons at `address`, of a hub that is yet to be named.
pub fn experiments(address: impl Strategy<Value = IpAddr>) -> impl Strategy<Value = Vec<Experiment>> {
    let kinds: [fn(Hellos) -> ExperimentResult; 8] = [
        ExperimentResult::ServerName,
        ExperimentResult::SegmentSize,
        ExperimentResult::HelloSize,
        ExperimentResult::TlsVersion,
        ExperimentResult::Alpn,
        ExperimentResult::Issuer,
        ExperimentResult::WideHello,
        ExperimentResult::Downgrade,
    ];
    let hellos = (select(kinds.to_vec()), address, select(vec![8883, 5671, 443]), vec(trial(), 0..7)).prop_map(
        |(kind, address, port, trials)| Experiment {
            started_after_ms: 1.0,
            duration_ms: 1.0,
            record: ExperimentRecord::Known(kind(Hellos { address, port, trials })),
        },
    );
    vec(hellos, 0..6)
}

/// Names the hub.
pub fn of_hub(host: &str, experiments: Vec<Experiment>) -> Vec<Experiment> {
    let named = |mut experiment: Experiment| {
        if let ExperimentRecord::Known(
            ExperimentResult::ServerName(hellos)
            | ExperimentResult::SegmentSize(hellos)
            | ExperimentResult::HelloSize(hellos)
            | ExperimentResult::TlsVersion(hellos)
            | ExperimentResult::Alpn(hellos)
            | ExperimentResult::Issuer(hellos)
            | ExperimentResult::WideHello(hellos)
            | ExperimentResult::Downgrade(hellos),
        ) = &mut experiment.record
        {
            for name in hellos.trials.iter_mut().filter_map(|trial| trial.server_name.as_mut()) {
                if name == OWN {
                    host.clone_into(name);
                }
            }
        }
        experiment
    };
    experiments.into_iter().map(named).collect()
}

fn trial() -> impl Strategy<Value = HelloTrial> {
    let alike = (
        select(vec![Some(OWN), Some(OWN), Some("www.example.com"), None]),
        select(vec![vec!["TLS 1.2"], vec!["TLS 1.3"], vec!["TLS 1.3", "TLS 1.2"], vec![]]),
        select(vec![vec![], vec!["x-amzn-mqtt-ca"], vec!["http/1.1"]]),
        select(vec![None, Some(1300), Some(1200), Some(536), Some(0)]),
        select(vec![0, 228, 1492, usize::MAX]),
    );
    let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    (alike, answer()).prop_map(move |((name, versions, alpn, mss, hello_bytes), answer)| HelloTrial {
        server_name: name.map(str::to_owned),
        versions: owned(versions),
        alpn: owned(alpn),
        mss,
        preface: None,
        hello_bytes,
        duration_ms: 1.0,
        answer,
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let version = select(vec![None, Some("TLS 1.1"), Some("TLS 1.2"), Some("TLS 1.3")]);
    let hello = (version, any::<bool>(), option::of(text()), option::of(any::<bool>()), option::of(chosen())).prop_map(
        |(version, chain_complete, top_issuer, for_name, chosen)| Answer::ServerHello {
            version: version.map(str::to_owned),
            chain_complete,
            top_issuer,
            for_name,
            chosen: chosen.map(Box::new),
        },
    );
    let alert = select(vec![40, 70, 112, 120, 0]).prop_map(|code| Answer::Alert { code, name: String::new() });
    let silent = (select(vec![0, 0, 99, u64::MAX]), option::of(any::<bool>()))
        .prop_map(|(bytes_received, acknowledged)| Answer::Silent { bytes_received, acknowledged, retransmits: None });
    let others = select(vec![
        Answer::Reset { bytes_received: 0 },
        Answer::Closed { bytes_received: 0 },
        Answer::NotTls { first_bytes: FirstBytes::of(b"H") },
        Answer::NotConnected,
        Answer::Cancelled,
    ]);
    prop_oneof![3 => hello, 1 => alert, 3 => silent, 2 => others]
}

fn chosen() -> impl Strategy<Value = Chosen> {
    let suites =
        vec!["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "0xFEFE"];
    let signers = vec![None, Some(Identity::Proven), Some(Identity::Trusted), Some(Identity::Foreign)];
    let finished = option::of(any::<bool>());
    let (group, would_take) = (option::of(text()), select(vec![None, Some("TLS 1.2"), Some("TLS 1.3")]));
    (select(suites), group, would_take, select(signers), finished).prop_map(
        |(suite, group, would_take, signed_by, finished)| Chosen {
            cipher_suite: suite.to_owned(),
            group,
            would_take: would_take.map(str::to_owned),
            signed_by,
            finished,
        },
    )
}
