//! Network namespaces, without any privilege on the machine: the test binary starts itself again under
//! `unshare -Urnm`, where it may make as many as it likes.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io,
    os::{fd::AsRawFd, unix::process::CommandExt},
    process::{Command, Output, Stdio},
    thread,
};

use nix::sched::{CloneFlags, setns, unshare};

/// Set in the copy that runs inside.
const INSIDE: &str = "HUBREACH_LAB_INSIDE";

/// Where this process stands.
#[derive(Debug)]
pub enum Place {
    /// In namespaces of its own.
    Inside,
    /// On the machine, which does not permit more, for this reason.
    Outside(String),
}

/// Goes inside, by becoming another copy of this program with the same arguments; returns where it is, if not there.
pub fn go_inside() -> Place {
    if env::var_os(INSIDE).is_some() {
        return Place::Inside;
    }
    if let Err(reason) = permitted() {
        return Place::Outside(reason);
    }
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => return Place::Outside(format!("this program cannot find itself: {error}")),
    };
    let error = Command::new("unshare")
        .arg("-Urnm")
        .arg("--")
        .arg(program)
        .args(env::args_os().skip(1))
        .env(INSIDE, "1")
        .exec();
    Place::Outside(format!("unshare: {error}"))
}

/// Tries all that a lab needs, in a short life of its own.
fn permitted() -> Result<(), String> {
    let script = "ip tuntap add dev lab0 mode tun && ip link set lab0 up && \
                  setpriv --bounding-set -all --inh-caps -all --ambient-caps -all true && unshare -n true";
    let output = Command::new("unshare").args(["-Urnm", "sh", "-ec", script]).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("no namespaces here: {}", said.lines().next().unwrap_or("unshare failed")))
        }
        Err(error) => Err(format!("unshare: {error}")),
    }
}

/// A network namespace; it goes when its last process and handle do.
#[derive(Debug)]
pub struct Namespace {
    handle: File,
}

impl Namespace {
    /// Makes one that has but its loopback.
    pub fn new() -> io::Result<Self> {
        let handle = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        let handle = handle.join().map_err(|_| io::Error::other("a thread panicked"))??;
        let namespace = Self { handle };
        // Nobody else is here: an address is good at once.
        for name in ["accept_dad", "dad_transmits"] {
            namespace.sysctl(&format!("ipv6/conf/default/{name}"), "0")?;
        }
        namespace.ip("link set lo up")?;
        Ok(namespace)
    }

    /// Runs `work` inside, on a thread of its own; what it opens and starts there belongs there.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        thread::scope(|scope| {
            let inside = || {
                setns(&self.handle, CloneFlags::CLONE_NEWNET)?;
                Ok(work())
            };
            scope.spawn(inside).join().map_err(|_| io::Error::other("a thread panicked"))?
        })
    }

    /// Another handle, for a thread that lives longer.
    pub fn handle(&self) -> io::Result<Self> {
        Ok(Self { handle: self.handle.try_clone()? })
    }

    /// Where every process finds it.
    pub fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.handle.as_raw_fd())
    }

    /// Joins two namespaces by a pair of virtual Ethernet devices.
    pub fn join(&self, own: &str, other: &Self, theirs: &str) -> io::Result<()> {
        let far = other.path();
        // Segmentation offload would carry packets larger than the link through it.
        let quiet = "numtxqueues 1 numrxqueues 1";
        self.ip(&format!("link add {own} {quiet} type veth peer name {theirs} {quiet} netns {far}"))?;
        for (namespace, device) in [(self, own), (other, theirs)] {
            let off = ["-K", device, "tso", "off", "gso", "off", "gro", "off"];
            namespace.run(|| Command::new("ethtool").args(off).output())??;
        }
        Ok(())
    }

    /// `ip`, with these arguments.
    pub fn ip(&self, arguments: &str) -> io::Result<()> {
        let output = self.run(|| Command::new("ip").args(arguments.split_whitespace()).output())??;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("ip {arguments}: {}", String::from_utf8_lossy(&output.stderr).trim())))
    }

    /// Sets a value below `/proc/sys/net`.
    pub fn sysctl(&self, name: &str, value: &str) -> io::Result<()> {
        self.run(|| std::fs::write(format!("/proc/sys/net/{name}"), value))?
    }

    /// Runs a program inside, without any capability: what it does, anybody may do.
    pub fn run_unprivileged<S: AsRef<OsStr> + Sync>(&self, program: &str, arguments: &[S]) -> io::Result<Output> {
        let mut words: Vec<&OsStr> = UNPRIVILEGED.iter().map(OsStr::new).collect();
        words.push(OsStr::new(program));
        words.extend(arguments.iter().map(AsRef::as_ref));
        self.output(&words)
    }

    /// Runs a command inside, undisturbed by the environment of the tests.
    pub fn output<S: AsRef<OsStr> + Sync>(&self, words: &[S]) -> io::Result<Output> {
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        undisturbed(command.args(arguments).stdin(Stdio::null()));
        self.run(|| command.output())?
    }
}

/// Takes out of a command's environment what the tests are told by it, and the proxies of whoever runs them.
pub fn undisturbed(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let known = name.to_string_lossy().to_lowercase();
        if known.starts_with("hubreach_") || known.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
}

/// What takes every capability away from the program behind it.
pub const UNPRIVILEGED: [&str; 8] =
    ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--ambient-caps", "-all", "--no-new-privs"];
