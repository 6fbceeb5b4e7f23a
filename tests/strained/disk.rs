//! Files where there is no room for them, or where not everything may be done. Full disks and mounts are made in a namespace.

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use libtest_mimic::Trial;
use tempfile::TempDir;

use super::program::{PROGRAM, about, closed, command, hubreach, missing, read, trial};

const BEFORE: &str = "what was there before";

pub fn trials() -> Vec<Trial> {
    let missing = missing(&["unshare", "mount", "mkfifo"]).or_else(not_permitted);
    vec![
        trial("a_full_disk_takes_no_report_away", missing.clone(), a_full_disk_takes_no_report_away),
        trial("a_file_that_fills_its_disk_stays", missing.clone(), a_file_that_fills_its_disk_stays),
        trial("a_file_in_a_closed_folder_is_written_over", missing, a_file_in_a_closed_folder_is_written_over),
        trial("a_planted_link_is_not_followed", None, a_planted_link_is_not_followed),
        trial("links_pipes_and_devices_are_written_to", None, links_pipes_and_devices_are_written_to),
        trial("who_may_not_write_a_file_may_not_replace_it", None, who_may_not_write_a_file_may_not_replace_it),
        trial("a_root_is_written_by_who_serves_it", None, a_root_is_written_by_who_serves_it),
    ]
}

fn not_permitted() -> Option<String> {
    let tried = Command::new("unshare").args(["-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    let permitted = tried.is_ok_and(|output| output.status.success());
    (!permitted).then(|| "no mounts in namespaces here".to_owned())
}

/// A folder with a saved report and a plan, and `box`, where disks are mounted.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("temporary directory");
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("box")).expect("made");
    let saved = at("saved.json").display().to_string();
    let check = about("check", closed(), &["-q", "--output", &saved]);
    let (status, _, stderr) = read(&command(PROGRAM).args(check).output().expect("runs"));
    assert_eq!((status, stderr.as_str()), (1, ""));
    let plan = format!(
        "[[target]]\nhub = \"hub.test\"\nkind = \"mqtt-broker\"\nprotocol = [\"mqtt\"]\naddress = [\"127.0.0.1\"]\nport = {{ mqtt = {} }}\n",
        closed()
    );
    fs::write(at("plan.toml"), plan).expect("written");
    dir
}

/// Runs `script` in `dir`, where it may mount what it likes; `$HUBREACH` is the program.
fn inside(dir: &Path, script: &str) -> Output {
    let mut unshare = command("unshare");
    unshare.args(["-Urm", "sh", "-ec", script]).current_dir(dir).env("HUBREACH", PROGRAM).output().expect("runs")
}

/// Every command that writes a file, and the file.
const WRITERS: [(&str, &str); 9] = [
    ("diagnose saved.json --output box/report.json", "report.json"),
    ("diagnose saved.json --output box/report.txt", "report.txt"),
    ("diagnose saved.json --output box/report.html", "report.html"),
    ("diff saved.json saved.json --output box/report.md", "report.md"),
    ("check hub.test -q --address 127.0.0.1 --protocol mqtt --port mqtt=1 --output box/report.ndjson", "report.ndjson"),
    ("audit plan.toml --output box/report.csv", "report.csv"),
    ("audit plan.toml --format ndjson --output box/report.json", "report.json"),
    ("serve --port mqtt=0,amqp=0,https=0 --ca-out box/ca.pem", "ca.pem"),
    ("man --dir box", "hubreach.1"),
];

fn a_full_disk_takes_no_report_away() {
    let dir = folder();
    for (writer, file) in WRITERS {
        let script = format!(
            "mount -t tmpfs -o size=64k none box
             printf '{BEFORE}' >box/{file}
             head -c 1000000 /dev/zero >box/filler 2>/dev/null || true
             status=0; $HUBREACH {writer} >/dev/null || status=$?
             cat box/{file}
             ls -A box | tr '\\n' ' ' >&2
             exit $status"
        );
        let (status, kept, told) = read(&inside(dir.path(), &script));
        assert_eq!((status, kept.as_str()), (3, BEFORE), "{writer}: {told}");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{writer}: {told}");
        assert!(lines[0].starts_with("error: cannot write ") && lines[0].contains("No space left"), "{writer}: {told}");
        let mut left: Vec<&str> = lines[1].split_whitespace().collect();
        left.sort_unstable();
        let mut wanted = ["filler", file];
        wanted.sort_unstable();
        assert_eq!(left, wanted, "{writer} leaves something behind");
    }
}

/// A single file that is shared with a container: nothing can be put beside it, nor in its place.
fn mounted_file(size: &str, filler: &str) -> String {
    format!(
        "mkdir -p disk; mount -t tmpfs -o size={size} none disk
         printf '{BEFORE}' >disk/file
         head -c 1000000 /dev/zero >disk/filler 2>/dev/null || true; {filler}
         mount -t tmpfs none box
         for suffix in json txt html; do touch box/report.$suffix; mount --bind disk/file box/report.$suffix; done
         mount -o remount,ro,bind box"
    )
}

fn a_file_that_fills_its_disk_stays() {
    let dir = folder();
    let mounts = mounted_file("64k", "true");
    let script = format!(
        "{mounts}
         status=0; $HUBREACH diagnose saved.json --output box/report.html >/dev/null || status=$?
         cat disk/file; exit $status"
    );
    // There is no more for it than the page that it has.
    let (status, kept, told) = read(&inside(dir.path(), &script));
    assert_eq!((status, kept.as_str()), (3, BEFORE), "{told}");
    assert!(told.contains("No space left") && told.lines().count() == 1, "{told}");
}

fn a_file_in_a_closed_folder_is_written_over() {
    let dir = folder();
    let mounts = mounted_file("1m", "rm disk/filler");
    let script = format!(
        "{mounts}
         ! touch box/other 2>/dev/null
         $HUBREACH diagnose saved.json --output box/report.json >/dev/null || true
         cmp disk/file saved.json
         $HUBREACH diagnose saved.json --output box/report.txt >/dev/null || true
         cat disk/file"
    );
    let (status, text, told) = read(&inside(dir.path(), &script));
    assert_eq!((status, told.as_str()), (0, ""), "{text}");
    let saved = dir.path().join("saved.json").display().to_string();
    let (_, screen, _) = read(&hubreach(&["diagnose", &saved, "-v"]).output().expect("runs"));
    assert_eq!(text, screen, "nothing of the longer one is left behind the shorter");
}

fn a_planted_link_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("victim"), BEFORE).expect("written");
    fs::set_permissions(at("victim"), fs::Permissions::from_mode(0o600)).expect("set");
    // Names that a program of one of the next process numbers might take.
    let next = std::process::id();
    for number in next..next + 2000 {
        symlink(at("victim"), at("box").join(format!(".report.json.{number}"))).expect("links exist");
    }
    let report = at("box/report.json");
    let (saved, path) = (at("saved.json").display().to_string(), report.display().to_string());
    for _ in 0..2 {
        let (status, _, stderr) = read(&hubreach(&["diagnose", &saved, "--output", &path]).output().expect("runs"));
        assert_eq!((status, stderr.as_str()), (1, ""));
    }
    assert_eq!(fs::read_to_string(at("victim")).expect("there"), BEFORE);
    assert!(report.is_file() && !report.is_symlink());
    assert_eq!(fs::read_dir(at("box")).expect("there").count(), 2001, "nothing else is left");
}

fn links_pipes_and_devices_are_written_to() {
    use std::os::unix::fs::symlink;

    let dir = folder();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let saved = at("saved.json");
    let report = fs::read_to_string(&saved).expect("there");
    let deliver = |to: &str| {
        let output = hubreach(&["diagnose", &saved, "--output", to]).stdout(Stdio::piped()).output().expect("runs");
        read(&output)
    };
    // A link to a file that is not there yet, then is.
    symlink("box/today.json", at("latest.json")).expect("links exist");
    for _ in 0..2 {
        assert_eq!(deliver(&at("latest.json")).0, 1);
        assert!(Path::new(&at("latest.json")).is_symlink());
        assert_eq!(fs::read_to_string(at("box/today.json")).expect("written"), report);
    }
    // Stdout itself, beside what goes there anyway.
    symlink("/dev/stdout", at("stdout.json")).expect("links exist");
    let (_, screen, _) = deliver(&at("latest.json"));
    let (status, both, stderr) = deliver(&at("stdout.json"));
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert!(both.contains(&report) && both.contains(&screen), "{both}");
    // A device without room, and one that cannot be written to.
    symlink("/dev/full", at("full.json")).expect("links exist");
    for (path, why) in [(at("full.json"), "No space left"), (at("box"), "suffix"), (at("none/report.json"), "No such")]
    {
        let (status, _, stderr) = deliver(&path);
        assert!(matches!(status, 2 | 3) && stderr.lines().count() == 1 && stderr.contains(why), "{path}: {stderr}");
    }
    // A pipe, whose reader comes late and is waited for.
    let made = Command::new("mkfifo").arg(at("pipe.json")).status().expect("mkfifo exists");
    assert!(made.success());
    let pipe = at("pipe.json");
    let reader = thread::spawn(move || {
        let mut text = String::new();
        fs::File::open(pipe).expect("opens").read_to_string(&mut text).expect("UTF-8");
        text
    });
    let (status, printed, _) = deliver(&at("pipe.json"));
    assert_eq!((status, printed.as_str()), (1, screen.as_str()));
    assert_eq!(reader.join().expect("read"), report);
}

fn who_may_not_write_a_file_may_not_replace_it() {
    use std::os::unix::fs::PermissionsExt;

    let dir = folder();
    let report = dir.path().join("box/report.json");
    fs::write(&report, BEFORE).expect("written");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o444)).expect("set");
    if fs::File::options().write(true).open(&report).is_ok() {
        // Root may write everything.
        return;
    }
    let saved = dir.path().join("saved.json").display().to_string();
    let path = report.display().to_string();
    let (status, _, stderr) = read(&hubreach(&["diagnose", &saved, "--output", &path]).output().expect("runs"));
    assert!(status == 2 && stderr.contains("Permission denied"), "{stderr}");
    assert_eq!(fs::read_to_string(&report).expect("there"), BEFORE);
}

/// One that finds its ports taken must not replace the root of the one that has them.
fn a_root_is_written_by_who_serves_it() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("ca.pem").display().to_string();
    fs::write(&path, BEFORE).expect("written");
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let ports = format!("amqp=0,https=0,mqtt={}", held.local_addr().expect("bound").port());
    let (status, _, stderr) = read(&hubreach(&["serve", "--port", &ports, "--ca-out", &path]).output().expect("runs"));
    assert_eq!((status, fs::read_to_string(&path).expect("there").as_str()), (3, BEFORE), "{stderr}");
}
