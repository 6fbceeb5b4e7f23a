//! Judges a saved report again, inside the sandbox of a browser: `index.html` hands the file over and shows the page that comes
//! of it. WebAssembly passes numbers alone, so texts go through its memory, as an address and a length.

#![allow(unsafe_code, reason = "the two functions below are the border to JavaScript")]

use hubreach_model::{Report, diagnose, report::Format};

/// Makes room for a text of `length` bytes, for the page to write.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    Box::leak(vec![0; length].into_boxed_slice()).as_mut_ptr()
}

/// Takes a text that was written into room made by [`allocate`], and gives back an HTML page: its address in the upper half, its
/// length in the lower. The page stays in memory until the module is dropped.
///
/// # Safety
/// `text` and `length` are those of one call of [`allocate`], and each is used once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn judge(text: *mut u8, length: usize) -> u64 {
    // SAFETY: it is what `allocate` leaked, and comes back once.
    let text = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(text, length)) };
    let page = judged(&String::from_utf8_lossy(&text)).leak();
    (page.as_ptr() as u64) << 32 | page.len() as u64
}

/// Facts as they were saved, with the opinion of this version.
fn judged(text: &str) -> String {
    match Report::from_json(text) {
        Ok(saved) => {
            let diagnosis = diagnose(&saved.observations);
            Report::new(saved.observations, diagnosis).render(Format::Html)
        }
        Err(_) => "<p>This is not a report that <code>hubreach HOST --output report.json</code> wrote.</p>".to_owned(),
    }
}
