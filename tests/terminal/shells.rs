//! Completions in the shells themselves, installed as the README says.

use std::{env, fs, path::Path, process::Command};

use libtest_mimic::Trial;
use tempfile::TempDir;

use super::{
    need,
    program::{PROGRAM, command, hubreach, missing, read, trial},
    screen::Terminal,
};

/// What is typed before a TAB, and what the last word becomes: itself, where nothing can be meant.
const CASES: &[(&str, &str)] = &[
    ("hubreach aud", "audit"),
    ("hubreach -q aud", "audit"),
    ("hubreach help aud", "audit"),
    ("hubreach explain silent-d", "silent-drop"),
    ("hubreach explain decl", "declined"),
    ("hubreach completions fi", "fish"),
    ("hubreach --all-a", "--all-addresses"),
    ("hubreach contoso.example --hub-", "--hub-ca"),
    ("hubreach mqtts://contoso.example:8884 --hub-", "--hub-ca"),
    ("hubreach trace contoso.example --nam", "--names"),
    ("hubreach contoso.example --nam", "--nam"),
    ("hubreach --protocol mqtt-", "mqtt-ws"),
    ("hubreach contoso.example --protocol=mqtt,ht", "--protocol=mqtt,https"),
    ("hubreach health --require no", "none"),
    ("hubreach audit --require=no", "--require=none"),
    ("hubreach --port amqp-", "amqp-ws="),
    ("hubreach --kind=azure-d", "--kind=azure-dps"),
    ("hubreach audit site-p", "site-plan.toml"),
    ("hubreach diff site-plan.toml site-p", "site-plan.toml"),
    ("hubreach contoso.example --ca site-p", "site-plan.toml"),
    ("hubreach contoso.example --output=site-p", "--output=site-plan.toml"),
    ("hubreach man --dir site-d", "site-days/"),
    ("hubreach site-p", "site-p"),
    ("hubreach check site-p", "site-p"),
    ("hubreach exporter site-p", "site-p"),
    ("hubreach explain site-p", "site-p"),
    ("hubreach --protocol site-p", "site-p"),
    ("hubreach --require=site-p", "--require=site-p"),
];

pub fn trials() -> Vec<Trial> {
    let bash = missing(&["setsid", "bash"]).or_else(bash_completion);
    vec![
        trial("bash_completes_what_is_meant", bash, bash_completes),
        trial("an_old_bash_completes_files", missing(&["bash"]), an_old_bash_completes_files),
        trial("zsh_completes_what_is_meant", missing(&["setsid", "zsh"]), zsh_completes),
        trial("fish_completes_what_is_meant", missing(&["fish"]), fish_completes),
    ]
}

const BASH_COMPLETION: &str = "/usr/share/bash-completion/bash_completion";

fn bash_completion() -> Option<String> {
    (!Path::new(BASH_COMPLETION).is_file()).then(|| "bash-completion is not installed".to_owned())
}

/// The home of a user who has the completions of one shell, and works in a directory with a plan.
struct Home(TempDir);

impl Home {
    fn with(shell: &str, script: &str) -> Self {
        let home = Self(tempfile::tempdir().expect("temporary directory"));
        let (status, text, stderr) = read(&hubreach(&["completions", shell]).output().expect("runs"));
        assert_eq!((status, stderr.as_str()), (0, ""));
        home.write(script, &text);
        home.write("work/site-plan.toml", "");
        home.write("work/site-days/monday.json", "");
        home.write("work/site-data.json", "");
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("below the home")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// `shell` as this user starts it.
    fn start(&self, shell: &mut Command) {
        let own = Path::new(PROGRAM).parent().expect("a directory").to_owned();
        let before = env::var_os("PATH").unwrap_or_default();
        let path = [own].into_iter().chain(env::split_paths(&before));
        shell.current_dir(self.0.path().join("work")).env("HOME", self.0.path()).env("ZDOTDIR", self.0.path());
        shell.env("PATH", env::join_paths(path).expect("joined"));
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "BASH_COMPLETION_USER_DIR", "FPATH"] {
            shell.env_remove(name);
        }
    }

    /// Types each case into the shell of a terminal.
    fn type_all(&self, shell: &str, arguments: &[&str]) {
        let mut shell = command(shell);
        self.start(shell.args(arguments));
        let mut terminal = Terminal::of(&shell, "xterm", "C.UTF-8");
        terminal.shows("ready>");
        for (number, (typed, completed)) in CASES.iter().enumerate() {
            let before = typed.rsplit_once(' ').map(|(before, _)| before).expect("several words");
            // Whatever the shell makes of a TAB is done by the time that it shows the next letter.
            terminal.press(format!("{typed}\t@{number}").as_bytes());
            let gap = if has_gap(typed, completed) { " " } else { "" };
            terminal.shows(&format!("ready>{before} {completed}{gap}@{number}"));
            // A new line to type in.
            terminal.press(b"\x15");
        }
        terminal.press(b"exit\r");
        let (status, screen) = terminal.end();
        assert_eq!(status, 0, "{screen}");
    }
}

/// Whether the next word can be typed at once.
fn has_gap(typed: &str, completed: &str) -> bool {
    !completed.ends_with(['=', '/']) && !typed.ends_with(completed)
}

fn bash_completes() {
    let home = Home::with("bash", ".local/share/bash-completion/completions/hubreach");
    home.write(".bashrc", &format!("PS1='ready>'\n. {BASH_COMPLETION}\n"));
    home.type_all("bash", &["--noprofile", "-i"]);
}

/// Bash 3 of macOS has no `compopt`.
fn an_old_bash_completes_files() {
    let home = Home::with("bash", "completions");
    for (last, completed) in [("--ca site-p", "site-plan.toml"), ("man --dir site-d", "site-days"), ("site-p", "")] {
        let mut bash = command("bash");
        let script =
            ". ~/completions; compopt() { return 1; }; COMP_WORDS=(hubreach $1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _hubreach hubreach; echo \"${COMPREPLY[*]}\"";
        home.start(bash.args(["--norc", "-c", script, "bash", last]));
        let (status, offered, stderr) = read(&bash.output().expect("runs"));
        assert_eq!((status, stderr.as_str(), offered.trim_end()), (0, "", completed), "{last}");
    }
}

fn zsh_completes() {
    let home = Home::with("zsh", ".zfunc/_hubreach");
    home.write(".zshrc", "PS1='ready>'\nfpath+=(~/.zfunc)\nautoload -Uz compinit\ncompinit -u -D\n");
    home.type_all("zsh", &["-d", "-i"]);
}

fn fish_completes() {
    let home = Home::with("fish", ".config/fish/completions/hubreach.fish");
    for (typed, completed) in CASES {
        let mut fish = Command::new(need::program("fish").expect("installed"));
        home.start(fish.args(["-c", "complete -C $argv[1]", typed]));
        let (status, offered, stderr) = read(&fish.output().expect("runs"));
        assert_eq!((status, stderr.as_str()), (0, ""), "{typed}");
        let words: Vec<&str> = offered.lines().filter_map(|line| line.split('\t').next()).collect();
        let wanted = if typed.ends_with(completed) { Vec::new() } else { vec![*completed] };
        assert_eq!(words, wanted, "{typed}: {offered}");
    }
}
