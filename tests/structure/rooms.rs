//! The order of the rooms within a crate, which no compiler holds.

use std::{collections::BTreeSet, path::Path};

use crate::sources::{below, code};

/// The rooms of each crate, in the order in which they may know each other: each only those before it. What the crates may know
/// of each other, the compiler holds.
const ROOMS: [(&str, &[&str]); 3] = [
    ("crates/model/src", &["hub", "observation", "diagnosis", "report"]),
    ("crates/probe/src", &["wire", "net", "context", "resolve", "attempt", "experiment", "run"]),
    ("src", &["audit", "exporter", "cli"]),
];

#[test]
fn every_directory_is_a_known_room() {
    for (folder, rooms) in ROOMS {
        for (path, _) in below(folder) {
            let top = path.components().count() == 1;
            assert!(top || room_of(&path, rooms).is_some(), "{folder}/{} is in no room", path.display());
        }
    }
}

#[test]
fn a_room_knows_only_the_rooms_before_it() {
    let mut wrong = Vec::new();
    for (folder, rooms) in ROOMS {
        for (path, text) in below(folder) {
            let Some(room) = room_of(&path, rooms) else { continue };
            // `use super::super::other` leads out of a room as well.
            let depth = path.components().count() - usize::from(path.ends_with("mod.rs"));
            let code = code(&text);
            let mut known = first_names(&code, "crate::");
            known.extend(first_names(&code, &"super::".repeat(depth)));
            let later = rooms[room + 1..].iter().filter(|later| known.contains(**later));
            wrong.extend(later.map(|later| format!("{folder}/{} imports from {later}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Which of `rooms` a file is in.
fn room_of(path: &Path, rooms: &[&str]) -> Option<usize> {
    let first = path.components().next()?.as_os_str().to_str()?;
    rooms.iter().position(|room| *room == first)
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

#[test]
fn this_test_reads_imports_of_every_form() {
    let code = "use crate::{\n  a::{b, c},\n  d,\n  e::f,\n};\nlet x = crate::g::h(); use other_crate::i; x.crate::j;";
    let names: Vec<_> = first_names(code, "crate::").into_iter().collect();
    assert_eq!(names, ["a", "d", "e", "g"]);
}
