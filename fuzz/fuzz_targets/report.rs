//! Whatever stands in a saved report: judged, rendered in every format, and read again as the same; nothing but what we write ourselves is active.
#![no_main]

use hubreach::{
    Report, diagnose,
    report::{Document, Format, Screen, render},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = Document::read(text) else { return };
    let reports = match &document {
        Document::Report(report) => vec![(**report).clone()],
        Document::Audit(audit) => audit.reports.clone(),
    };
    for screen in [Screen::new(40, false), Screen::new(120, true)] {
        assert!(!document.render_on(screen, Format::Human).is_empty());
    }
    for format in Format::ALL.iter().copied() {
        let written = render(&reports, format);
        assert!(written.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r' | '\x1b')), "{format}");
        assert!(format == Format::Human || !written.contains('\x1b'), "{format}");
    }
    for report in reports {
        let seen = report.observations;
        let diagnosis = diagnose(&seen);
        let judged = Report::new(seen, diagnosis);
        let written = judged.render(Format::Json);
        let again = Report::from_json(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(again.render(Format::Json), written);
        assert_eq!(diagnose(&again.observations).verdicts, diagnose(&judged.observations).verdicts);
    }
});
