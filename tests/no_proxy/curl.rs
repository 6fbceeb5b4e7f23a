//! What the real curl does: it is run with a proxy that is a listener of ours, and every connection that it would make past the
//! proxy is led to another one. Nothing leaves loopback, and no name is resolved.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use super::{need, table::Case};

/// Why curl cannot be asked, if it cannot.
pub fn missing() -> Option<String> {
    need::program("curl").is_none().then(|| "curl is not installed".to_owned())
}

/// For each case, whether curl goes there without the proxy.
pub fn exempt(cases: &[Case]) -> Result<Vec<bool>, String> {
    let (proxy, direct) = (Listener::new()?, Listener::new()?);
    cases.iter().map(|case| one(case, &proxy, &direct)).collect()
}

fn one(case: &Case, proxy: &Listener, direct: &Listener) -> Result<bool, String> {
    let before = (proxy.count(), direct.count());
    let program = need::program("curl").ok_or("curl is gone")?;
    let mut command = Command::new(program);
    command
        .args(["-q", "--silent", "--output", "/dev/null", "--connect-timeout", "1", "--max-time", "2"])
        .args(["--connect-to", &format!("::127.0.0.1:{}", direct.port), &case.url()])
        .env_clear()
        .env("https_proxy", format!("http://127.0.0.1:{}", proxy.port))
        .env("no_proxy", case.list)
        .stdin(Stdio::null());
    command.status().map_err(|error| error.to_string())?;
    match (proxy.count() - before.0, direct.count() - before.1) {
        (1.., 0) => Ok(false),
        (0, 1..) => Ok(true),
        (through, past) => Err(format!("{case:?}: {through} connections to the proxy, {past} past it")),
    }
}

/// Closes every connection, and counts them.
struct Listener {
    port: u16,
    count: Arc<AtomicUsize>,
}

impl Listener {
    fn new() -> Result<Self, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        // It ends with the test's process.
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                // Before it is closed: curl ends after that.
                counted.fetch_add(1, SeqCst);
                drop(stream);
            }
        });
        Ok(Self { port, count })
    }

    fn count(&self) -> usize {
        self.count.load(SeqCst)
    }
}
