//! WinHTTP: the user's proxy settings, and what a script of theirs says of an address.

use std::ptr;

use windows_sys::{
    Win32::{
        Foundation::GlobalFree,
        Networking::WinHttp::{
            WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTOPROXY_CONFIG_URL,
            WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO, WinHttpCloseHandle,
            WinHttpGetIEProxyConfigForCurrentUser, WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
        },
    },
    core::PWSTR,
};

use super::wide;
use crate::net::os::proxy_settings::{InternetSettings, ScriptAnswer};

/// Limits each step of fetching a script, in milliseconds; how long all of it may take is the caller's to say.
const STEP_TIMEOUT_MS: i32 = 2000;
/// Longer than any list of proxies.
const MAX_LENGTH: usize = 64 << 10;

/// The settings of the current user, or of the machine where a policy says that they count.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn internet_settings() -> Option<InternetSettings> {
    let mut found = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
    // SAFETY: the call writes one structure of this type.
    let told = unsafe { WinHttpGetIEProxyConfigForCurrentUser(&raw mut found) } != 0;
    // SAFETY: each text was null before the call, which allocates what it writes; each is taken once.
    let (server, exceptions, script) =
        unsafe { (taken(found.lpszProxy), taken(found.lpszProxyBypass), taken(found.lpszAutoConfigUrl)) };
    told.then_some(InternetSettings { is_enabled: server.is_some(), server, exceptions, script })
}

/// What the script at an address, as it is set, says of `https://host/`. This blocks for as long as fetching it takes.
#[allow(unsafe_code)] // no safe wrapper exists in the crates we use
pub(crate) fn ask_script(script: &str, host: &str) -> Option<ScriptAnswer> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (agent, script, url) = (wide("hubreach"), wide(script), wide(&format!("https://{host}/")));
    let mut options = WINHTTP_AUTOPROXY_OPTIONS {
        dwFlags: WINHTTP_AUTOPROXY_CONFIG_URL,
        lpszAutoConfigUrl: script.as_ptr(),
        // The user's own login is not given to the server of the script.
        fAutoLogonIfChallenged: 0,
        ..WINHTTP_AUTOPROXY_OPTIONS::default()
    };
    let mut found = WINHTTP_PROXY_INFO::default();
    // SAFETY: the texts end with a zero and outlive the calls; the session is closed once, if there is one.
    let told = unsafe {
        let session = WinHttpOpen(agent.as_ptr(), WINHTTP_ACCESS_TYPE_NO_PROXY, ptr::null(), ptr::null(), 0);
        if session.is_null() {
            return None;
        }
        WinHttpSetTimeouts(session, STEP_TIMEOUT_MS, STEP_TIMEOUT_MS, STEP_TIMEOUT_MS, STEP_TIMEOUT_MS);
        let told = WinHttpGetProxyForUrl(session, url.as_ptr(), &raw mut options, &raw mut found) != 0;
        WinHttpCloseHandle(session);
        told
    };
    // SAFETY: as above: null, or allocated by the call, and taken once.
    let (servers, _) = unsafe { (taken(found.lpszProxy), taken(found.lpszProxyBypass)) };
    match found.dwAccessType {
        _ if !told => None,
        WINHTTP_ACCESS_TYPE_NO_PROXY => Some(ScriptAnswer::Direct),
        WINHTTP_ACCESS_TYPE_NAMED_PROXY => servers.map(ScriptAnswer::Servers),
        _ => None,
    }
}

/// # Safety
/// The text is null, or ends with a zero and was allocated for the caller.
#[allow(unsafe_code)] // the system's texts are the caller's to free
unsafe fn taken(found: PWSTR) -> Option<String> {
    if found.is_null() {
        return None;
    }
    // SAFETY: the caller vouches for it; what is freed is not used any more.
    let text = unsafe {
        let text = wide::text(found, MAX_LENGTH);
        GlobalFree(found.cast());
        text
    };
    Some(text).filter(|text| !text.trim().is_empty())
}
