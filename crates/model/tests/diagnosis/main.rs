//! The judgement, without a network: observations in, the expected diagnosis out.
//!
//! - `cases/`: what runs of the lab recorded, the findings and the screen that come of it; one test each;
//! - `made/`: what the lab cannot make, written by hand in a short form ([`made`]); one test each;
//! - [`unknown`]: the same runs again, without one kind of fact after the other that only some systems tell;
//! - [`properties`]: what holds of whatever is observed, in [`random`] observations.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

// Other tests read the same records, with the whole library.
extern crate hubreach_model as hubreach;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

mod cases;
mod expected;
mod hellos;
mod made;
mod paths;
mod properties;
mod random;
mod recommendation;
mod sound;
mod unknown;
mod words;

#[allow(dead_code, reason = "no test uses all of it")]
mod recorded;

fn main() -> ExitCode {
    let whole: [(&str, fn()); 12] = [
        ("every_diagnosis_holds_together", properties::every_diagnosis_holds_together),
        ("every_sentence_is_whole", properties::every_sentence_is_whole),
        (
            "a_proxy_makes_nothing_graver_on_the_direct_route",
            properties::a_proxy_makes_nothing_graver_on_the_direct_route,
        ),
        ("every_code_has_a_made_case_of_its_name", made::every_code_has_one_of_its_name),
        ("every_code_was_recorded", cases::every_code_was_recorded),
        ("one_cause_fits_a_screen", cases::one_cause_fits_a_screen),
        (
            "the_vendors_guidance_decides_among_what_is_allowed",
            recommendation::the_vendors_guidance_decides_among_what_is_allowed,
        ),
        (
            "the_reason_says_what_is_stopped_here_and_what_the_choice_costs",
            recommendation::the_reason_says_what_is_stopped_here_and_what_the_choice_costs,
        ),
        ("each_sdk_is_told_in_its_own_words", recommendation::each_sdk_is_told_in_its_own_words),
        (
            "a_proxy_is_used_only_where_it_helps_and_by_what_sdks_can_do_there",
            recommendation::a_proxy_is_used_only_where_it_helps_and_by_what_sdks_can_do_there,
        ),
        ("each_sdk_is_told_how_to_use_the_proxy", recommendation::each_sdk_is_told_how_to_use_the_proxy),
        ("a_proxy_has_its_own_caveats", recommendation::a_proxy_has_its_own_caveats),
    ];
    let mut trials: Vec<Trial> = whole.map(|(name, run)| Trial::test(name, move || passed(run))).into();
    trials.extend(cases::trials());
    trials.extend(made::trials());
    trials.extend(unknown::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What does not panic has passed.
fn passed(run: impl FnOnce()) -> Result<(), Failed> {
    run();
    Ok(())
}
