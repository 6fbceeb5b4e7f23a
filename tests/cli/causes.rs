//! The page of causes in `docs/` says what the program says.

use super::run;

#[test]
fn the_page_of_causes_is_the_programs_own() {
    let (status, stdout, stderr) = run(&["explain", "--markdown"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/causes.md");
    let kept = std::fs::read_to_string(page).expect("docs/causes.md is there");
    assert!(kept == stdout, "write it again: cargo run -- explain --markdown > docs/causes.md");
}
