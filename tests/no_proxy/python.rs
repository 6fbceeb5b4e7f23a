//! What Python's `urllib` and `requests` do, asked once for all cases.

use std::{
    env,
    ffi::OsString,
    io::Write,
    process::{Command, Stdio},
};

use super::table::Case;

/// Why Python cannot be asked, if it cannot.
pub fn missing() -> Option<String> {
    match Command::new(python()).args(["-c", "import requests"]).output() {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some("Python has no requests".to_owned()),
        Err(error) => Some(format!("no Python: {error}")),
    }
}

fn python() -> OsString {
    env::var_os("HUBREACH_TEST_PYTHON").unwrap_or_else(|| "python3".into())
}

/// For each case, whether urllib and whether requests go there without the proxy.
pub fn exempt(cases: &[Case]) -> Result<Vec<[bool; 2]>, String> {
    let lines = cases.iter().map(|case| format!("{}\t{}\t{}\n", case.list, case.url(), case.authority()));
    let mut command = Command::new(python());
    // What the environment says of proxies must not count.
    command.args(["-c", include_str!("bypass.py")]).env_clear().env("PYTHONIOENCODING", "utf-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    // It answers less than a pipe holds.
    let mut input = child.stdin.take().ok_or("no pipe")?;
    input.write_all(lines.collect::<String>().as_bytes()).map_err(|error| error.to_string())?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let answers = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = |line: &str| match line {
        "0 0" => Ok([false, false]),
        "0 1" => Ok([false, true]),
        "1 0" => Ok([true, false]),
        "1 1" => Ok([true, true]),
        other => Err(format!("Python says {other:?}")),
    };
    let answers: Vec<_> = answers.lines().map(answer).collect::<Result<_, _>>()?;
    if answers.len() == cases.len() { Ok(answers) } else { Err(format!("{} answers", answers.len())) }
}
