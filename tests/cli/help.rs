//! Help screens, completions and manual pages.

use super::{assert_narrow, run};

#[test]
fn the_help_screens_fit_and_say_what_to_type() {
    for (name, args) in [
        ("top", &["--help"][..]),
        ("check", &["check", "--help"]),
        ("check_short", &["check", "-h"]),
        ("audit", &["audit", "--help"]),
        ("health", &["health", "--help"]),
        ("diagnose", &["diagnose", "--help"]),
        ("diff", &["diff", "--help"]),
        ("explain", &["explain", "--help"]),
        ("trace", &["trace", "--help"]),
        ("serve", &["serve", "--help"]),
        ("exporter", &["exporter", "--help"]),
        ("demo", &["demo", "--help"]),
        ("completions", &["completions", "--help"]),
        ("man", &["man", "--help"]),
    ] {
        let (status, stdout, stderr) = run(args);
        assert_eq!((status, stderr.as_str()), (0, ""), "{name}");
        assert_narrow(&stdout);
        insta::assert_snapshot!(name, stdout);
    }
}

/// A terminal of 24 rows, with the prompt below.
#[test]
fn the_short_help_fits_a_screen() {
    let long = ["check", "audit", "health", "trace", "exporter"];
    let short = ["diagnose", "diff", "explain", "serve", "demo", "completions", "man"];
    for command in long.into_iter().chain(short) {
        let (status, help, stderr) = run(&[command, "-h"]);
        assert_eq!((status, stderr.as_str()), (0, ""), "{command}");
        assert!(help.lines().count() < 24, "{command}:\n{help}");
        super::assert_narrow(&help);
        assert!(!long.contains(&command) || help.contains(&format!("`hubreach {command} --help` lists all")), "{help}");
    }
    let (_, help, _) = run(&["-h"]);
    assert!(help.lines().count() < 24, "{help}");
    for command in long {
        let (_, all, _) = run(&[command, "--help"]);
        assert!(all.contains("--hub-ca") || command == "trace", "{all}");
    }
}

#[test]
fn the_environment_is_never_printed() {
    let mut command = super::hubreach(&["check", "--help"]);
    command.env("HUBREACH_HUB", "HostName=a.example;SharedAccessKey=c2VjcmV0");
    let (status, stdout, _) = super::read(&command.output().expect("runs"));
    assert_eq!(status, 0);
    assert!(!stdout.contains("c2VjcmV0"));
}

#[test]
fn the_version_is_one_line() {
    let version = concat!("hubreach ", env!("CARGO_PKG_VERSION"));
    let (status, stdout, _) = run(&["-V"]);
    assert_eq!((status, stdout.trim()), (0, version));
    let (status, stdout, _) = run(&["--version"]);
    let resolver = match () {
        () if cfg!(target_env = "musl") => "musl",
        () if cfg!(target_os = "linux") => "glibc",
        () => "the system",
    };
    assert_eq!((status, stdout.trim()), (0, format!("{version} (names by {resolver}'s resolver)").as_str()));
}

#[test]
fn every_shell_has_completions() {
    // The first three ask the program; tests/terminal drives them.
    for (shell, words) in [
        ("bash", &["complete -F"][..]),
        ("zsh", &["#compdef hubreach"]),
        ("fish", &["complete -c hubreach"]),
        ("elvish", &["require", "all-addresses", "explain", "completions"]),
        ("powershell", &["require", "all-addresses", "explain", "completions"]),
    ] {
        let (status, stdout, stderr) = run(&["completions", shell]);
        assert_eq!((status, stderr.as_str()), (0, ""), "{shell}");
        for word in words {
            assert!(stdout.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let (status, stdout, _) = run(&["man"]);
    assert_eq!(status, 0);
    assert!(
        stdout.contains(".TH hubreach 1")
            && stdout.contains("\\-\\-require")
            && stdout.contains("what stops the rest?")
            && stdout.contains("HUBREACH_REQUIRE")
    );
    let dir = tempfile::tempdir().expect("temporary directory");
    let pages = dir.path().join("man1");
    let (status, ..) = run(&["man", "--dir", pages.to_str().expect("UTF-8")]);
    assert_eq!(status, 0);
    for page in ["hubreach.1", "hubreach-check.1", "hubreach-demo.1"] {
        assert!(pages.join(page).is_file(), "{page}");
    }
    // A file where a directory is meant, or above it, or nothing above it.
    for bad in ["man1/hubreach.1", "man1/hubreach.1/man1", "none/man1"] {
        let bad = dir.path().join(bad);
        let (status, stdout, stderr) = run(&["man", "--dir", bad.to_str().expect("UTF-8")]);
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
        assert!(stderr.contains("cannot write") && stderr.contains("--dir"), "{stderr}");
    }
}

#[test]
fn every_code_is_explained_in_80_columns() {
    let (status, list, _) = run(&["explain", "--list"]);
    assert_eq!(status, 0);
    assert_narrow(&list);
    let codes: Vec<&str> =
        list.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(codes.len(), hubreach::diagnosis::Code::ALL.len());
    for code in codes {
        let (status, text, stderr) = run(&["explain", code]);
        assert_eq!((status, stderr.as_str()), (0, ""), "{code}");
        assert!(text.starts_with(code), "{text}");
        assert_narrow(&text);
    }
    insta::assert_snapshot!("explain_silent_drop", run(&["explain", "silent-drop"]).1);
}
