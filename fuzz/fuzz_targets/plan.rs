//! Whatever stands in a plan or in a list of hubs: targets, or one line that says where it is wrong.
#![no_main]

use std::path::Path;

use hubreach::audit::{Defaults, Plan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let defaults = Defaults::default();
    let lines = text.lines().count();
    for read in
        [Plan::from_toml(text, Path::new("site"), &defaults), Plan::from_hubs((1..).zip(text.lines()), &defaults)]
    {
        match read {
            Ok(plan) => assert!(plan.targets.iter().all(|planned| !planned.target.checks.is_empty())),
            Err(error) => {
                let said = error.to_string();
                assert!(error.line <= lines + 1 && !said.contains(['\n', '\r', '\x1b']), "{said:?}");
            }
        }
    }
});
