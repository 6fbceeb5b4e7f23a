//! The program in networks made by the real kernel: namespaces, joined by links of ours. Needs no privilege; where
//! namespaces are not permitted, every test is ignored, and fails with `HUBREACH_TEST_REQUIRE=1`.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod audit;
#[cfg(target_os = "linux")]
mod crowded;
#[cfg(target_os = "linux")]
mod hub;
#[cfg(target_os = "linux")]
mod judge;
#[cfg(target_os = "linux")]
mod matrices;
#[cfg(target_os = "linux")]
mod matrix;
#[cfg(target_os = "linux")]
mod middlebox;
#[cfg(target_os = "linux")]
mod netns;
#[cfg(target_os = "linux")]
mod own_hub;
#[cfg(target_os = "linux")]
mod pace;
#[cfg(target_os = "linux")]
mod pair;
#[cfg(target_os = "linux")]
mod pki;
#[cfg(target_os = "linux")]
mod proxy;
#[cfg(target_os = "linux")]
mod round_trips;
#[cfg(target_os = "linux")]
mod scenario;
#[cfg(target_os = "linux")]
mod shell;
#[cfg(target_os = "linux")]
mod stalled;
#[cfg(target_os = "linux")]
mod topology;
#[cfg(target_os = "linux")]
mod trial;
#[cfg(target_os = "linux")]
mod tun;

#[cfg(target_os = "linux")]
#[path = "../support/dns.rs"]
#[allow(dead_code)]
mod names;
#[cfg(target_os = "linux")]
#[path = "../support/need.rs"]
#[allow(dead_code)]
mod need;
#[cfg(target_os = "linux")]
#[path = "../../crates/model/tests/diagnosis/recorded.rs"]
#[allow(dead_code)]
mod recorded;
#[cfg(target_os = "linux")]
#[path = "../support/schema.rs"]
mod schema;

/// They wait more than they work; but what is late must not be late for want of a processor.
#[cfg(target_os = "linux")]
const AT_ONCE: usize = 5;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use need::trial;
    let missing = match netns::go_inside() {
        netns::Place::Inside => None,
        netns::Place::Outside(reason) => Some(reason),
    };
    type Run = fn() -> Result<(), String>;
    let links: [(&str, Run); 9] = [
        ("the_device_has_no_capability", round_trips::the_device_has_no_capability),
        ("four_round_trips_suffice", round_trips::four_round_trips_suffice),
        ("five_round_trips_suffice_with_tls_1_2", round_trips::five_round_trips_suffice_with_tls_1_2),
        ("a_lossy_link_is_not_a_blocked_one", round_trips::a_lossy_link_is_not_a_blocked_one),
        ("a_name_of_thousands_of_addresses_costs_little", crowded::a_name_of_thousands_of_addresses_costs_little),
        ("files_that_stall_hold_nobody_up", stalled::files_that_stall_hold_nobody_up),
        (
            "hubs_behind_a_limit_of_new_connections_are_all_ready",
            pace::hubs_behind_a_limit_of_new_connections_are_all_ready,
        ),
        ("what_is_blocked_takes_an_audit_no_longer", pace::what_is_blocked_takes_an_audit_no_longer),
        ("what_the_ticket_asks_for_is_what_was_missing", audit::what_the_ticket_asks_for_is_what_was_missing),
    ];
    let pure: [(&str, Run); 4] = [
        ("a_matrix_gives_a_scenario_each", matrices::a_matrix_gives_a_scenario_each),
        ("a_variant_is_a_scenario_of_its_own", matrices::a_variant_is_a_scenario_of_its_own),
        ("a_file_without_a_matrix_is_one_scenario", matrices::a_file_without_a_matrix_is_one_scenario),
        ("a_bad_matrix_says_what_is_wrong", matrices::a_bad_matrix_says_what_is_wrong),
    ];
    let mut trials: Vec<_> = links.map(|(name, run)| trial(name, missing.clone(), run)).into();
    trials.extend(pure.map(|(name, run)| trial(name, None, run)));
    let scenarios = match scenario::all() {
        Ok(scenarios) => scenarios,
        Err(why) => return refuse(&why),
    };
    trials.extend(scenarios.into_iter().map(|(name, scenario)| {
        let missing = missing.clone().or_else(|| scenario.lacks());
        trial(&name.clone(), missing, move || self::trial::run_in_time(&name, scenario))
    }));
    let mut arguments = libtest_mimic::Arguments::from_args();
    // A whole name means that trial alone, also where other names contain it.
    arguments.exact |= trials.iter().any(|trial| Some(trial.name()) == arguments.filter.as_deref());
    if shell::is_wanted() && !arguments.exact {
        return refuse("HUBREACH_LAB_SHELL=1 wants the name of one scenario");
    }
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs nothing.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr, reason = "there is no trial to say it")]
fn refuse(why: &str) -> std::process::ExitCode {
    eprintln!("{why}");
    std::process::ExitCode::FAILURE
}

#[cfg(not(target_os = "linux"))]
fn main() {}
