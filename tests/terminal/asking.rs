//! Whoever types `hubreach` alone, on a terminal, is asked for the hub.

use libtest_mimic::Trial;

use super::{
    program::{closed, missing, trial},
    screen::Terminal,
};

pub fn trials() -> Vec<Trial> {
    let missing = missing(&["setsid"]);
    vec![
        trial("who_names_no_hub_is_asked", missing.clone(), who_names_no_hub_is_asked),
        trial("the_demo_is_an_answer", missing.clone(), the_demo_is_an_answer),
        trial("no_answer_is_an_error", missing, no_answer_is_an_error),
    ]
}

fn start(args: &[&str]) -> Terminal {
    let args: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
    let terminal = Terminal::start(&args);
    terminal.shows("Which hub?");
    terminal
}

fn who_names_no_hub_is_asked() {
    let address = format!("mqtts://127.0.0.1:{}", closed());
    for args in [&[][..], &["check"]] {
        let mut terminal = start(&[args, &["--no-experiments"]].concat());
        terminal.press(format!("{address}\r").as_bytes());
        let (status, screen) = terminal.end();
        assert_eq!(status, 1, "{screen}");
        assert!(screen.contains("127.0.0.1: MQTT does not get through"), "{screen}");
    }
}

fn the_demo_is_an_answer() {
    let mut terminal = start(&[]);
    terminal.press(b"demo\r");
    let (status, screen) = terminal.end();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("This was a demonstration"), "{screen}");
}

/// An empty line, and the end of the input.
fn no_answer_is_an_error() {
    for keys in [b"\r", b"\x04"] {
        let mut terminal = start(&[]);
        terminal.press(keys);
        let (status, screen) = terminal.end();
        assert_eq!(status, 2, "{screen}");
        assert!(screen.contains("error: no hub given"), "{screen}");
    }
}
