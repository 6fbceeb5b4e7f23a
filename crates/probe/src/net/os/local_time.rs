//! The clock on the wall.

#[cfg(not(windows))]
use std::time::SystemTime;

/// Minutes by which local time is ahead of UTC at `at`; `None` where the system does not tell.
#[cfg(unix)]
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn utc_offset_minutes(at: SystemTime) -> Option<i32> {
    let seconds = at.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let seconds = seconds.try_into().ok()?;
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call, which writes a whole `tm` or returns null; zeroes are a valid `tm`.
    let local = unsafe {
        if libc::localtime_r(&raw const seconds, local.as_mut_ptr()).is_null() {
            return None;
        }
        local.assume_init()
    };
    i32::try_from(local.tm_gmtoff / 60).ok()
}

/// The same, where the system is not asked.
#[cfg(not(any(unix, windows)))]
pub(crate) fn utc_offset_minutes(_: SystemTime) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::utc_offset_minutes;
    use crate::net::clock::now;

    #[test]
    fn the_offset_is_what_the_system_says() {
        let printed = Command::new("date").arg("+%z").output().expect("date(1)").stdout;
        let printed = String::from_utf8(printed).expect("text");
        let (sign, digits) = printed.trim().split_at(1);
        let (hours, minutes) = digits.split_at(2);
        let apart = hours.parse::<i32>().expect("hours") * 60 + minutes.parse::<i32>().expect("minutes");
        assert_eq!(utc_offset_minutes(now()), Some(if sign == "-" { -apart } else { apart }));
    }
}
