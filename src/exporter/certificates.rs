//! When the certificates that a hub shows run out.

use std::time::UNIX_EPOCH;

use crate::observation::Certificate;

/// The end of validity of the peer's own certificate, in seconds since the epoch.
pub(super) fn own_expiry(chain: &[Certificate]) -> Option<f64> {
    chain.first().and_then(expiry)
}

/// The first end of validity in the whole chain that was shown, in seconds since the epoch.
pub(super) fn first_expiry(chain: &[Certificate]) -> Option<f64> {
    chain.iter().filter_map(expiry).reduce(f64::min)
}

fn expiry(certificate: &Certificate) -> Option<f64> {
    let at = humantime::parse_rfc3339_weak(certificate.not_after.as_deref()?).ok()?;
    Some(at.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(not_after: Option<&str>) -> Certificate {
        Certificate { not_after: not_after.map(str::to_owned), ..Certificate::default() }
    }

    #[test]
    fn the_first_to_run_out_counts_wherever_it_stands() {
        let chain = [until(Some("2027-01-28T00:00:00Z")), until(None), until(Some("2026-12-01T00:00:00Z"))];
        assert_eq!(own_expiry(&chain), Some(1_801_094_400.0));
        assert_eq!(first_expiry(&chain), Some(1_796_083_200.0));
        assert_eq!((own_expiry(&[]), first_expiry(&[])), (None, None));
        assert_eq!(own_expiry(&[until(Some("1600-01-01T00:00:00Z")), until(None)]), None);
    }
}
