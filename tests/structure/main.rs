//! The rooms of `src/` keep to their order, and none of their files holds two things.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../lab/matrix.rs"]
mod matrix;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The rooms of the program, in the order in which they may know each other: each only those before it. What the crates may
/// know of each other, the compiler holds.
const ROOMS: [&str; 7] = ["wire", "probe", "experiment", "responder", "audit", "exporter", "cli"];

/// A longer file is telling that it holds two things.
const LONGEST: usize = 400;

/// Those of the program: paths below `src`.
fn sources() -> Vec<(PathBuf, String)> {
    below("src")
}

/// Those of the program and its crates.
fn all_sources() -> Vec<(PathBuf, String)> {
    let mut all = sources();
    all.extend(below("crates/model/src"));
    all
}

fn below(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut open, mut found) = (vec![root.clone()], Vec::new());
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                found.push((path.strip_prefix(&root).expect("below src").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The source without comments, so that a link in a comment is no import.
fn code(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The first names of what follows `prefix::` everywhere: of a path one, of a `{group}` all.
fn first_names(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let name = |text: &str| {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '.') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(name(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    names.insert(name(&group[start..at]));
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    names.remove(""); // after a trailing comma
    names
}

fn room_of(path: &Path) -> Option<&'static str> {
    let first = path.components().next()?.as_os_str().to_str()?;
    ROOMS.into_iter().find(|room| *room == first || format!("{room}.rs") == first)
}

fn may_know(room: &str, other: &str) -> bool {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    room == other || place(other) < place(room)
}

#[test]
fn every_directory_is_a_known_room() {
    for (path, _) in sources() {
        let top = path.components().count() == 1;
        assert!(top || room_of(&path).is_some(), "{} is in no room that this test knows", path.display());
    }
}

#[test]
fn a_room_knows_only_the_rooms_before_it() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room_of(&path) else { continue };
        let code = code(&text);
        let mut known = first_names(&code, "crate::");
        known.extend(first_names(&code, "hubreach::"));
        for other in ROOMS.into_iter().filter(|other| known.contains(*other)) {
            if !may_know(room, other) {
                wrong.push(format!("{} imports from {other}", path.display()));
            }
        }
        // A way round `crate::`: attempt out of the room.
        let depth = path.components().count() - usize::from(path.ends_with("mod.rs"));
        let out = "super::".repeat(depth.max(1));
        let attempts = first_names(&code, &out);
        for other in ROOMS.into_iter().filter(|other| attempts.contains(*other) && *other != room) {
            let own = path.with_file_name(format!("{other}.rs"));
            let has_own = sources().iter().any(|(path, _)| *path == own);
            if !has_own && !may_know(room, other) {
                wrong.push(format!("{} reaches out to {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

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
    ("spawn_blocking", "probe::thread, which says that no thread can be started"),
    ("thread::spawn(", "thread::Builder, whose spawn can fail"),
    ("lookup_host", "probe::resolve: it needs a thread"),
    ("tokio::signal", "cli::signals, which needs no descriptors"),
    ("SystemTime::now(", "probe::now: before 1970 there is no way to write or compare a time"),
];

#[test]
fn nothing_panics_for_want_of_a_thread_or_a_clock() {
    for (path, text) in all_sources() {
        let code = code(&text);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for (panics, instead) in PANICS {
            let is_it = ["probe/clock.rs", "cli/signals/console.rs"].iter().any(|own| path.ends_with(own));
            assert!(is_it || !code.contains(panics), "{}: {panics} panics; use {instead}", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}

#[test]
fn this_test_reads_imports_of_every_form() {
    let code = "use crate::{\n  a::{b, c},\n  d,\n  e::f,\n};\nlet x = crate::g::h(); use other_crate::i; x.crate::j;";
    let names: Vec<_> = first_names(code, "crate::").into_iter().collect();
    assert_eq!(names, ["a", "d", "e", "g"]);
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
