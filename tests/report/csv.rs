//! The table, read again by a library.

use hubreach::report::{Format, Report, render};

use crate::support::samples;

/// The rows, each a list of (column, cell).
pub fn read(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    let row = |row: csv::StringRecord| {
        columns.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.expect("as wide as the header"))).collect()
}

fn table(reports: &[Report]) -> Vec<Vec<(String, String)>> {
    read(&render(reports, Format::Csv))
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    row.iter().find(|(name, _)| name == column).map(|(_, cell)| cell.as_str()).expect(column)
}

#[test]
fn a_troubled_field_network() {
    insta::assert_snapshot!(samples::field().render(Format::Csv));
}

#[test]
fn each_check_of_each_hub_is_a_row() {
    let audit = samples::audit();
    let rows = table(&audit);
    assert_eq!(rows.len(), audit.iter().map(|report| report.observations.checks.len()).sum::<usize>());
    for (report, host) in audit.iter().map(|report| (report, report.observations.hub.host.as_str())).take(3) {
        let of_it: Vec<_> = rows.iter().filter(|row| cell(row, "host") == host).collect();
        assert_eq!(of_it.is_empty(), report.observations.checks.is_empty(), "{host}");
    }
    let dropped = rows.iter().find(|row| cell(row, "causes") == "silent-drop").expect("in the field sample");
    assert_eq!(
        (cell(dropped, "check"), cell(dropped, "verdict"), cell(dropped, "port")),
        ("mqtt@direct", "blocked", "8883")
    );
    let took =
        samples::field().checks().find(|check| check.observations.port == 8883).expect("MQTT").observations.duration_ms;
    assert_eq!(cell(dropped, "duration_ms"), format!("{took:.2}"));
}

#[test]
fn no_reports_are_a_header() {
    assert_eq!(table(&[]).len(), 0);
    assert_eq!(render(&[], Format::Csv).lines().count(), 1);
}
