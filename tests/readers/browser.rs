//! A headless Chromium, told what to do over the pipes of its DevTools protocol
//! (<https://chromedevtools.github.io/devtools-protocol/>): messages of JSON, each ended by a zero byte.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{need, process::Group};

const LIMIT: Duration = Duration::from_secs(30);

/// What stands in the way of a browser.
pub fn missing() -> Option<String> {
    need::program("chromium").is_none().then(|| "chromium is not installed".to_owned())
}

/// A browser with one page open.
pub struct Browser {
    input: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What it told without being asked, in order.
    events: Vec<Value>,
    // Ends with this: the process first, then its files.
    _group: Group,
    _dir: TempDir,
}

impl Browser {
    pub fn start() -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let chromium = need::program("chromium").ok_or("chromium is gone")?;
        let mut command = Command::new("sh");
        // The browser reads commands on 3 and answers on 4.
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(chromium);
        command.args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        // It opens nothing but our own page; root, and many containers, cannot have its sandbox.
        command.args(["--no-sandbox", "--disable-dev-shm-usage"]);
        // What it does on its own account is no request of the page.
        command.args(["--disable-background-networking", "--disable-component-update", "--no-proxy-server"]);
        command.arg(format!("--user-data-dir={}", dir.path().join("profile").display()));
        command.env("HOME", dir.path());
        let mut group = Group::start(&mut command, &dir.path().join("log"), Some(Stdio::piped()))?;
        let input = group.child().stdin.take().ok_or("no way in")?;
        let output = group.child().stdout.take().ok_or("no way out")?;
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let message = message.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
                let Some(message) = message else { break };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser =
            Self { input, messages, session: None, last: 0, events: Vec::new(), _group: group, _dir: dir };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach)?;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        browser.resize(1280, 1400)?;
        Ok(browser)
    }

    /// Tells the browser, or its page, to do something.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.last += 1;
        let id = self.last;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let gone = |error: std::io::Error| format!("{method}: {error}");
        self.input.write_all(format!("{message}\0").as_bytes()).map_err(gone)?;
        self.input.flush().map_err(gone)?;
        loop {
            let message = self.next(method)?;
            if message["id"] != id {
                self.events.push(message);
            } else if message["error"].is_null() {
                return Ok(message["result"].clone());
            } else {
                return Err(format!("{method}: {}", message["error"]));
            }
        }
    }

    /// Opens a file and waits until all of it is there.
    pub fn open(&mut self, page: &Path) -> Result<(), String> {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": format!("file://{}", page.display()) }))?;
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next("Page.navigate")?;
            self.events.push(event);
        }
        Ok(())
    }

    fn next(&mut self, waiting_for: &str) -> Result<Value, String> {
        self.messages.recv_timeout(LIMIT).map_err(|error| format!("{waiting_for}: {error}"))
    }

    /// What an expression comes to on the page; the page's own scripts may be off.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "returnByValue": true });
        let done = self.call("Runtime.evaluate", params)?;
        match done["exceptionDetails"].is_null() {
            true => Ok(done["result"]["value"].clone()),
            false => Err(format!("{expression}: {}", done["exceptionDetails"])),
        }
    }

    /// Presses a key and lets it go.
    pub fn press(&mut self, key: &str, code: u32, text: &str) -> Result<(), String> {
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                params["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", params)?;
        }
        Ok(())
    }

    /// `screen` or `print`, `light` or `dark`.
    pub fn show_as(&mut self, media: &str, scheme: &str) -> Result<(), String> {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).map(drop)
    }

    pub fn resize(&mut self, width: u32, height: u32) -> Result<(), String> {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params).map(drop)
    }

    /// Every address that the page asked for since it was opened.
    pub fn requests(&mut self) -> Vec<String> {
        self.events.extend(self.messages.try_iter());
        let asked = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        asked.filter_map(|event| Some(event["params"]["request"]["url"].as_str()?.to_owned())).collect()
    }

    /// What the browser had to complain of, and every dialog: of a page that is mere text, nothing.
    pub fn complaints(&mut self) -> Vec<String> {
        self.events.extend(self.messages.try_iter());
        let told =
            ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"];
        let told = self.events.iter().filter(|event| told.iter().any(|method| event["method"] == *method));
        told.map(Value::to_string).collect()
    }
}
