//! This machine's clock, and times as the reports write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::{pki_types::UnixTime, time_provider::TimeProvider};

/// The last second that RFC 3339 and certificates can write: 9999-12-31T23:59:59Z.
const LAST_TIMESTAMP: Duration = Duration::from_secs(253_402_300_799);

/// What the clock says. A clock before 1970 is read as 1970 and one after 9999 as 9999: the libraries that write and compare
/// times panic outside those years, and inside them such a clock is as wrong as it is.
pub fn now() -> SystemTime {
    within(SystemTime::now())
}

/// This machine's time, or any other, in RFC 3339 with milliseconds.
pub fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(within(time)).to_string()
}

fn within(time: SystemTime) -> SystemTime {
    time.clamp(UNIX_EPOCH, UNIX_EPOCH + LAST_TIMESTAMP)
}

/// The clock for rustls, whose own panics before 1970.
#[derive(Debug)]
pub struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        now().duration_since(UNIX_EPOCH).ok().map(UnixTime::since_unix_epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_outside_of_what_can_be_written_is_read_as_the_nearest_time() {
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        assert_eq!(timestamp(UNIX_EPOCH - year), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(UNIX_EPOCH + 10_000 * year), "9999-12-31T23:59:59.000Z");
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_millis(1)), "1970-01-01T00:00:00.001Z");
    }
}
