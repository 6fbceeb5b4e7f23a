//! Nobody is judged from a crowd: a healthy hub behind links and rules that bear few connections, made by chance from seeds. A
//! program of its own, so that no other test is late for its sake.
//!
//! `HUBREACH_TEST_SEEDS=17` or `200..400` makes others, `HUBREACH_TEST_KEEP=DIR` keeps the reports of those that fail, or of the one.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod crowd;
#[cfg(target_os = "linux")]
mod site;

#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
#[allow(dead_code)]
mod need;
#[cfg(target_os = "linux")]
#[path = "../lab/netns.rs"]
#[allow(dead_code)]
mod netns;
#[cfg(target_os = "linux")]
#[path = "../lab/own_hub.rs"]
mod own_hub;
#[cfg(target_os = "linux")]
#[path = "../lab/pair.rs"]
mod pair;
#[cfg(target_os = "linux")]
#[path = "../support/schema.rs"]
mod schema;
#[cfg(target_os = "linux")]
#[path = "../lab/tun.rs"]
#[allow(dead_code)]
mod tun;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let missing = match netns::go_inside() {
        netns::Place::Inside => need::program("nft").is_none().then(|| "no nft here".to_owned()),
        netns::Place::Outside(reason) => Some(reason),
    };
    let test = need::trial("a_crowd_is_nobodys_fault", missing, site::a_crowd_is_nobodys_fault);
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), vec![test]).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
