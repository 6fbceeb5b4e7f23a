//! A window of our own: a double click on Windows opens one for the program, and closes it when the program ends, with all that
//! it says.

use std::{
    ffi::OsString,
    io::{self, BufRead},
};

use super::stderr;

/// Whether the window will close with this program: nothing was typed, and nobody else uses the console.
pub fn is_ours(argv: &[OsString]) -> bool {
    argv.len() < 2 && is_alone_on_its_console()
}

/// Waits until the user has read what is there.
pub fn keep_open() {
    stderr::put(b"\nPress Enter to close this window.\n");
    stderr::flush();
    // Without a keyboard nobody waits.
    let _ = io::stdin().lock().read_line(&mut String::new());
}

#[cfg(windows)]
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
fn is_alone_on_its_console() -> bool {
    use std::io::IsTerminal;

    use windows_sys::Win32::System::Console::GetConsoleProcessList;

    let mut processes = [0; 2];
    // SAFETY: the call writes at most two numbers, as many as there is room for.
    let count = unsafe { GetConsoleProcessList(processes.as_mut_ptr(), 2) };
    count == 1 && io::stdin().is_terminal() && io::stdout().is_terminal()
}

#[cfg(not(windows))]
fn is_alone_on_its_console() -> bool {
    false
}
