//! Markdown, read by a parser that we did not write.

use hubreach::{
    diagnosis::Severity,
    report::{Format, render},
};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::support::samples;

/// What a reader of the page sees, and everything on it that could do more than be read: mentions, too, which are found in
/// what the page shows.
pub fn read(text: &str) -> (String, Vec<String>) {
    let (mut seen, mut active) = (String::new(), Vec::new());
    for event in Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Event::Text(text) | Event::Code(text) => seen.push_str(&text),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock | Tag::CodeBlock(_))
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::Start(Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_)) => active.push(format!("{event:?}")),
            Event::End(_) => seen.push('\n'),
            _ => {}
        }
    }
    let letters: Vec<char> = seen.chars().collect();
    let is_word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    for window in letters.windows(3) {
        if let [before, sign @ ('@' | '#'), behind] = window {
            let is_name = *sign == '#' || !is_word(before);
            if is_name && is_word(behind) {
                active.push(window.iter().collect());
            }
        }
    }
    // What has no ink is no part of what is read.
    (seen.replace("@\u{200b}", "@").replace("#\u{200b}", "#"), active)
}

#[test]
fn nobody_is_mentioned() {
    let text = "ask @octocat, octo/repo#1, (@a-b) #12 or mail@host.example about mqtt@direct and 5 # 6 @ 7";
    let report = samples::saying(text);
    let page = report.render(Format::Markdown);
    assert_eq!(read(&page), (read(&page).0, Vec::new()));
    assert!(read(&page).0.contains(text), "{page}");
    for inert in
        ["@&#8203;octocat", "repo\\#&#8203;1", "@&#8203;a-b", "\\#&#8203;12", "mail@&#8203;host.example", "mqtt@direct"]
    {
        assert!(page.contains(inert), "{inert}: {page}");
    }
}

#[test]
fn a_troubled_field_network() {
    insta::assert_snapshot!(samples::field().render(Format::Markdown));
}

#[test]
fn several_hubs_begin_with_a_matrix() {
    let text = render(&samples::audit()[..3], Format::Markdown);
    insta::assert_snapshot!(text.split("\n## cont").next().expect("a beginning"));
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(
        sections,
        [
            "What to do",
            "Targets",
            "contoso.azure-devices.net",
            "contso.azure-devices.net",
            "Everything that was tested is allowed",
            "Signature"
        ]
    );
}

#[test]
fn ordinary_words_read_as_they_are() {
    let report = samples::field();
    let (seen, active) = read(&report.render(Format::Markdown));
    assert_eq!(active, [""; 0]);
    // The usual refusal of the login is a note.
    for finding in report.diagnosis.findings.iter().filter(|finding| finding.severity != Severity::Info) {
        for text in finding.evidence().iter().chain([&finding.title(), &finding.fix()]) {
            assert!(seen.contains(text), "{text}\n{seen}");
        }
    }
}
