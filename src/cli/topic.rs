//! What can be explained: the code of a finding, or a verdict.

use std::str::FromStr;

use hubreach::diagnosis::{Code, Verdict};

use super::suggestion::nearest;

/// A word of a report that `hubreach explain` knows.
#[derive(Debug, Clone, Copy)]
pub enum Topic {
    /// A finding's code.
    Code(Code),
    /// What a check comes to.
    Verdict(&'static VerdictText),
}

/// What there is to tell of a verdict.
#[derive(Debug)]
pub struct VerdictText {
    /// The verdict.
    pub verdict: Verdict,
    /// In one line.
    pub title: &'static str,
    /// What the reader can do.
    pub action: &'static str,
    /// What it says, and what not.
    pub meaning: &'static str,
}

/// Every verdict, the best first.
pub static VERDICTS: [VerdictText; 4] = [
    VerdictText {
        verdict: Verdict::Allowed,
        title: "this protocol gets through",
        action: "Nothing: a device can use this protocol from here.",
        meaning: "The hub itself answered in this protocol, at one address at least. A refused login, or the wish for a client \
                  certificate, is such an answer: it shows that the network works, and says nothing of the device's credentials.",
    },
    VerdictText {
        verdict: Verdict::Declined,
        title: "the hub answers, but not with this protocol",
        action: "Use a protocol that is allowed, or ask the hub's owner to offer this one. The owner of the network cannot help.",
        meaning: "The network lets the connection through and the hub proved who it is, then it refused what this protocol needs, \
                  such as the upgrade to WebSocket.",
    },
    VerdictText {
        verdict: Verdict::Blocked,
        title: "no answer of the hub gets through",
        action: "Read the finding that names this protocol: it says what stops it, and who can change that. \
                 `hubreach HUB --format ticket` writes the request.",
        meaning: "The connection was dropped, refused or altered on the way, or what answered is nobody that this device can trust.",
    },
    VerdictText {
        verdict: Verdict::Unknown,
        title: "it could not be determined",
        action: "Read the finding that names this protocol, if there is one, then run the check again, with a longer --timeout \
                 where the deadline came first.",
        meaning: "The name did not resolve, the deadline came first, or this machine lacked what the check needs: nobody is accused.",
    },
];

impl Topic {
    /// Every word that is one.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Code::ALL.iter().map(|code| code.id()).chain(VERDICTS.iter().map(|text| text.verdict.id()))
    }
}

/// A word that is none.
#[derive(Debug, Clone, thiserror::Error)]
#[error("nothing is called so; {}`hubreach explain --list` lists the codes, and the verdicts are {}", meant(.0), verdicts())]
pub struct UnknownTopic(Option<&'static str>);

fn meant(word: &Option<&'static str>) -> String {
    word.map(|word| format!("did you mean `hubreach explain {word}`? ")).unwrap_or_default()
}

fn verdicts() -> String {
    VERDICTS.each_ref().map(|text| text.verdict.id()).join(", ")
}

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let verdict = VERDICTS.iter().find(|text| text.verdict.id().eq_ignore_ascii_case(word.trim()));
        let topic = word.parse().map(Self::Code).ok().or(verdict.map(Self::Verdict));
        topic.ok_or_else(|| UnknownTopic(nearest(word, Self::words())))
    }
}
