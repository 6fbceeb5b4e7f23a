//! How long a scraper waits, and so how long a probe may take.

use std::time::Duration;

/// In which Prometheus says how many seconds it waits for the answer.
pub(super) const HEADER: &str = "x-prometheus-scrape-timeout-seconds";

/// In seconds: time to write the answer and send it to the scraper.
const ANSWER_MARGIN: f64 = 0.5;

/// A header that is no number of seconds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("X-Prometheus-Scrape-Timeout-Seconds is a number of seconds above 0; leave it to Prometheus")]
pub(super) struct BadTimeout;

/// The deadline of a probe that may take `most`, for a scraper that waits for `header` seconds: some time before that, so
/// that what was seen by then still arrives.
pub(super) fn deadline(most: Duration, header: Option<&[u8]>) -> Result<Duration, BadTimeout> {
    let Some(header) = header else { return Ok(most) };
    let seconds: f64 = std::str::from_utf8(header).ok().and_then(|text| text.trim().parse().ok()).ok_or(BadTimeout)?;
    if !seconds.is_finite() || seconds <= 0.0 {
        return Err(BadTimeout);
    }
    // Of a short wait half must do for the answer's way.
    let left = (seconds - ANSWER_MARGIN).max(seconds / 2.0);
    Ok(Duration::try_from_secs_f64(left).map_or(most, |left| left.min(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_ends_before_the_scraper_gives_up() {
        let most = Duration::from_secs(15);
        let deadline = |text: &str| deadline(most, Some(text.as_bytes())).map(|deadline| deadline.as_secs_f64());
        for (text, seconds) in
            [("10", 9.5), ("10.000000", 9.5), (" 2 ", 1.5), ("0.8", 0.4), ("60", 15.0), ("1e300", 15.0), ("3e-1", 0.15)]
        {
            assert_eq!(deadline(text), Ok(seconds), "{text}");
        }
        for text in ["", "ten", "0", "-1", "NaN", "inf", "10s", "1,5"] {
            assert_eq!(deadline(text), Err(BadTimeout), "{text}");
        }
        assert_eq!(super::deadline(most, None), Ok(most));
        assert_eq!(super::deadline(most, Some(b"\xff")), Err(BadTimeout));
    }
}
