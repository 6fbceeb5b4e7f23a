//! Markdown, read by a parser that we did not write.

use hubreach::report::{Format, render};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::support::samples;

/// What a reader of the page sees, and everything on it that could do more than be read.
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
            _ => {}
        }
    }
    (seen, active)
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
    for finding in &report.findings {
        for text in finding.evidence().iter().chain([&finding.title(), &finding.fix()]) {
            assert!(seen.contains(text), "{text}\n{seen}");
        }
    }
}
