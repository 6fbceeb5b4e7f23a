//! The proxy wants a login that it did not get.

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        occurrence::Occurrence,
        proxy_answers::Refusal,
        scope::Scope,
        text::{clipped, listed},
    },
    observation::{ProxyFailure, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyAuthRequired {
    /// Its URL, without credentials.
    proxy: String,
    /// The schemes that it offers; empty for SOCKS.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    offered: Vec<String>,
    /// Whether credentials were sent.
    logged_in: bool,
    #[serde(skip)]
    login: Login,
}

/// What is wrong with the login.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Login {
    /// There is none.
    #[default]
    Missing,
    /// The user name and the password are not accepted.
    Refused,
    /// A user name and a password in clear are not what it takes.
    OtherScheme,
}

impl CauseKind for ProxyAuthRequired {
    const ENTRY: Entry = Entry {
        stage: Stage::Proxy,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The proxy lets nobody through without a login, and it got none, or one that it does not accept. This \
            program and most device SDKs can only send a user name and a password in clear (Basic). A proxy that offers Digest, \
            NTLM or Negotiate alone shuts most devices out: of the IoT SDKs, only .NET logs in by those, with the system's \
            credentials or those of its proxy setting. Others need a rule that lets them through without a login, or a small \
            relay on the device (cntlm, px) that logs in for them.",
        proof: "HTTP 407 with the schemes offered in `Proxy-Authenticate`; in SOCKS 5, no acceptable method or a refused login.",
    };

    fn title(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        match (self.login, self.offered.as_slice()) {
            (Login::Missing, _) => format!("The proxy {proxy} wants a user name and a password"),
            (Login::Refused, _) => format!("The proxy {proxy} refuses this user name and password"),
            (Login::OtherScheme, []) => format!("The proxy {proxy} takes no login by user name and password"),
            (Login::OtherScheme, offered) => format!("The proxy {proxy} takes logins by {} alone", listed(offered)),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.login {
            Login::Missing => {
                let proxy = scope.or_placeholder("PROXY", self.proxy.replacen("://", "://USER:PASSWORD@", 1));
                format!(
                    "Put them into the proxy setting, as in {proxy}, or have the proxy's administrator let this device \
                     through without a login."
                )
            }
            Login::Refused => {
                "Check the user name and the password in the proxy setting: characters such as @ : / are written \
                               %40 %3A %2F there. A locked account is answered alike: ask the proxy's administrator."
                    .to_owned()
            }
            Login::OtherScheme if self.offered.is_empty() => format!(
                "Let devices through to {} without a login, or by a user name and a password (RFC 1929).",
                scope.host()
            ),
            Login::OtherScheme => format!(
                "Let devices through to {} without a login, or take a user name and a password too (Basic): of the IoT SDKs, \
                 only .NET logs in otherwise.",
                scope.host()
            ),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.proxy, self.login) == (&other.proxy, other.login)
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let stage = context.attempt.proxy.as_ref()?;
        let (failure, proxy) = (stage.failure()?, context.proxy()?);
        let evidence = stage.evidence().cloned().unwrap_or_default();
        if context.proxy_refusal() != Some(Refusal::Login) {
            return None;
        }
        let offered: Vec<String> = evidence.offered.iter().map(|scheme| clipped(scheme)).collect();
        let login = match failure {
            // A user name and a password were offered, and are not what it takes.
            ProxyFailure::NoMethod if proxy.has_credentials => Login::OtherScheme,
            _ if !takes_basic(&offered) => Login::OtherScheme,
            _ if evidence.logged_in => Login::Refused,
            _ => Login::Missing,
        };
        let what = if login == Login::Refused { "refuses the login" } else { "wants a login" };
        let summary = match failure {
            ProxyFailure::Refused { status } => format!("the proxy {what} (HTTP {status})"),
            _ => format!("the proxy {what}"),
        };
        let owner = if login == Login::OtherScheme { Owner::ProxyAdmin } else { Owner::Operator };
        let cause = ProxyAuthRequired { proxy: clipped(&proxy.url()), offered, logged_in: evidence.logged_in, login };
        let occurrence = Occurrence::confirmed(cause).owner(owner).evidence_if(context.proxy_answer());
        Some(AttemptVerdict::blocked(summary, occurrence))
    }
}

/// Whether a user name and a password in clear are enough. What names no scheme at all may take them.
fn takes_basic(offered: &[String]) -> bool {
    offered.is_empty() || offered.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"))
}
