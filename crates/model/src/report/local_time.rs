//! Times of measurement in the local time of the machine that measured: a report is often read elsewhere.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::text::shown;

/// The largest offset from UTC in use.
const MAX_OFFSET: u32 = 24 * 60;

/// `2026-11-22 15:03:11 +01:00 (2026-11-22T14:03:11.250Z)`; UTC alone if the offset is unknown or zero.
pub(super) fn both(utc: &str, offset_minutes: Option<i32>) -> String {
    match offset_minutes.filter(|minutes| *minutes != 0).and_then(|minutes| local(utc, minutes)) {
        Some(local) => format!("{local} ({})", shown(utc)),
        None => shown(utc),
    }
}

/// `None` if a file holds an impossible value.
fn local(utc: &str, offset_minutes: i32) -> Option<String> {
    let (utc, apart) = (humantime::parse_rfc3339(utc).ok()?, offset_minutes.unsigned_abs());
    let by =
        Some(apart).filter(|apart| *apart <= MAX_OFFSET).map(|apart| Duration::from_secs(u64::from(apart) * 60))?;
    let local = if offset_minutes < 0 { utc.checked_sub(by) } else { utc.checked_add(by) };
    // The library panics for years outside its range.
    let local = local.filter(|local| *local >= UNIX_EPOCH && *local < last())?;
    let (sign, hours, minutes) = (if offset_minutes < 0 { '-' } else { '+' }, apart / 60, apart % 60);
    let written = humantime::format_rfc3339_seconds(local).to_string().replace('T', " ");
    Some(format!("{} {sign}{hours:02}:{minutes:02}", written.trim_end_matches('Z')))
}

/// The first second that RFC 3339 cannot write.
fn last() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(253_402_300_800)
}

#[cfg(test)]
mod tests {
    use super::both;

    const AT: &str = "2026-11-22T14:03:11.250Z";

    #[test]
    fn local_time_stands_beside_utc() {
        assert_eq!(both(AT, Some(60)), format!("2026-11-22 15:03:11 +01:00 ({AT})"));
        assert_eq!(both(AT, Some(-15 * 60 - 30)), format!("2026-11-21 22:33:11 -15:30 ({AT})"));
        assert_eq!([both(AT, Some(0)), both(AT, None)], [AT, AT], "nothing else is to be told");
    }

    #[test]
    fn what_a_file_makes_up_is_left_out() {
        for (at, offset) in
            [(AT, i32::MIN), (AT, i32::MAX), ("1970-01-01T00:00:00Z", -60), ("9999-12-31T23:59:59Z", 1), ("=1", 60)]
        {
            assert_eq!(both(at, Some(offset)), at);
        }
    }
}
