//! Judging and saying import nothing of measuring: a saved report is judged with no network.

use std::{fs, path::Path};

const FORBIDDEN: &[(&str, &[&str])] = &[
    ("src/diagnosis", &["probe", "report", "responder", "cli", "std::net::Tcp", "std::env", "std::time", "std::fs"]),
    ("src/report", &["probe", "responder", "cli", "std::net::Tcp"]),
];

#[test]
fn judging_and_saying_do_not_measure() {
    for (room, forbidden) in FORBIDDEN {
        for (path, source) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room)) {
            for import in *forbidden {
                let import = if import.contains("::") { (*import).to_owned() } else { format!("crate::{import}") };
                assert!(!source.contains(&import), "{path} uses {import}");
            }
            assert!(!source.contains("use crate::{probe") && !source.contains("\n    probe::"), "{path} uses probe");
        }
    }
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![(path.display().to_string(), fs::read_to_string(&path).expect("a source"))],
        })
        .collect()
}
