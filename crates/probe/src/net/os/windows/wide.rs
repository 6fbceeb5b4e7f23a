//! The system's texts: UTF-16, with a zero at the end.

use std::slice;

use windows_sys::core::PWSTR;

/// What is read of a text, no more than `most` units of it; empty where there is none.
///
/// # Safety
/// The text is null, or ends with a zero.
#[allow(unsafe_code)] // the system's texts are pointers
pub(super) unsafe fn text(found: PWSTR, most: usize) -> String {
    if found.is_null() {
        return String::new();
    }
    // SAFETY: nothing is read past the zero, for which the caller vouches.
    let length = (0..most).take_while(|at| unsafe { *found.add(*at) } != 0).count();
    // SAFETY: all of it was read already.
    String::from_utf16_lossy(unsafe { slice::from_raw_parts(found, length) })
}
