//! What holds of the sources and no compiler can hold.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../lab/matrix.rs"]
mod matrix;
mod rooms;
mod sources;

use std::{collections::BTreeSet, fs, path::Path};

use sources::{FOLDERS, below, code};

/// A longer file is telling that it holds two things.
const LONGEST: usize = 400;

/// The compiler keeps other crates out of the model; this keeps the standard library's doors to the world shut.
#[test]
fn the_model_touches_nothing() {
    for (path, text) in below("crates/model/src") {
        let code = code(&text);
        for world in ["std::net::Tcp", "std::net::Udp", "std::env", "std::fs", "SystemTime::now", "Instant::now"] {
            assert!(!code.contains(world), "{} uses {world}: it must stay pure", path.display());
        }
    }
}

/// What panics where this machine lacks something, or its clock is wrong; and what stands in its place.
const PANICS: [(&str, &str); 5] = [
    ("spawn_blocking", "hubreach_probe::thread, which says that no thread can be started"),
    ("thread::spawn(", "thread::Builder, whose spawn can fail"),
    ("lookup_host", "the probe's resolve room: it needs a thread"),
    ("tokio::signal", "cli::signals, which needs no descriptors"),
    ("SystemTime::now(", "hubreach_probe::now: before 1970 there is no way to write or compare a time"),
];

#[test]
fn nothing_panics_for_want_of_a_thread_or_a_clock() {
    for (path, text) in FOLDERS.into_iter().flat_map(below) {
        let code = code(&text);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for (panics, instead) in PANICS {
            let is_it = ["net/clock.rs", "cli/signals/console.rs"].iter().any(|own| path.ends_with(own));
            assert!(is_it || !code.contains(panics), "{}: {panics} panics; use {instead}", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in FOLDERS.into_iter().flat_map(below) {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}

/// A fuzz target is built, begins with something, and is told of.
#[test]
fn every_fuzz_target_has_its_seeds_and_its_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect(path);
    let (manifest, page) = (read("fuzz/Cargo.toml"), read("docs/fuzzing.md"));
    let targets = fs::read_dir(root.join("fuzz/fuzz_targets")).expect("the targets");
    let names = targets.map(|entry| entry.expect("a target").path().file_stem().expect("a name").to_owned());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
        assert!(page.contains(&format!("\n| `{name}` |")), "docs/fuzzing.md does not tell of {name}");
        let seeds = fs::read_dir(root.join("fuzz/seeds").join(&name));
        assert!(seeds.is_ok_and(|mut seeds| seeds.next().is_some()), "{name} has no seeds");
    }
}

/// A scenario that is new has to be recorded, the record of one that is gone has to go.
#[test]
fn every_scenario_has_its_record() {
    let records = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/model/tests/diagnosis/cases"));
    let names = records.expect("the records").map(|entry| entry.expect("a record").file_name());
    let recorded: BTreeSet<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let scenarios: BTreeSet<String> =
        matrix::scenario_texts().expect("the scenarios can be read").into_keys().collect();
    let unrecorded: Vec<_> = scenarios.difference(&recorded).collect();
    assert!(unrecorded.is_empty(), "not recorded: {unrecorded:?}; HUBREACH_RECORD=1 cargo test --test lab -- NAME");
    let stale: Vec<_> = recorded.difference(&scenarios).collect();
    assert!(stale.is_empty(), "recorded of no scenario: {stale:?}");
}
