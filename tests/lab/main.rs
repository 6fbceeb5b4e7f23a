//! The program in networks made by the real kernel: namespaces, joined by links of ours. Needs no privilege; where
//! namespaces are not permitted, every test is ignored, and fails with `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod hub;
#[cfg(target_os = "linux")]
mod netns;
#[cfg(target_os = "linux")]
mod round_trips;
#[cfg(target_os = "linux")]
mod tun;

#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
#[allow(dead_code)]
mod need;
#[cfg(target_os = "linux")]
#[path = "../support/schema.rs"]
mod schema;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use need::trial;
    let missing = match netns::go_inside() {
        netns::Place::Inside => None,
        netns::Place::Outside(reason) => Some(reason),
    };
    type Run = fn() -> Result<(), String>;
    let trials: [(&str, Run); 4] = [
        ("the_device_has_no_capability", round_trips::the_device_has_no_capability),
        ("four_round_trips_suffice", round_trips::four_round_trips_suffice),
        ("five_round_trips_suffice_with_tls_1_2", round_trips::five_round_trips_suffice_with_tls_1_2),
        ("a_lossy_link_is_not_a_blocked_one", round_trips::a_lossy_link_is_not_a_blocked_one),
    ];
    let trials = trials.map(|(name, run)| trial(name, missing.clone(), run)).into();
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
