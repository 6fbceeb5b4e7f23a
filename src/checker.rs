//! One hub, checked: what to check, how, who is told, and how it is ended.

use std::{fmt, future::Future, net::IpAddr, net::SocketAddr, sync::Arc, time::Duration};

use crate::{
    StopToken,
    diagnosis::diagnose,
    hub::{Depth, Requirement, Role, Target},
    observation::{Observations, Traces},
    probe::{self, Event, Families, Goal, Pem, Settings, SettingsError, SetupError},
    report::Report,
};

/// A check of one hub, ready to be made, as often as is wanted. Clones are cheap and share what the first owns.
///
/// Every method gives a future that owns what it needs and is [`Send`], so that it can be [spawned](tokio::spawn). It must
/// run inside a tokio runtime with I/O and time enabled. It ends by the deadline of the [settings](Settings), or soon after
/// the [token](CheckerBuilder::stop) is stopped, with whatever was seen by then. Dropping it ends everything at once, but for
/// a lookup of the system's resolver: that cannot be cancelled, and its thread may outlive the future.
///
/// Where a run could not be made at all, the future gives an error. A failed stage is data, not an error.
#[derive(Debug, Clone)]
pub struct Checker(Arc<Parts>);

struct Parts {
    target: Target,
    settings: Settings,
    stop: StopToken,
    on_event: Box<dyn Fn(&Event) + Send + Sync>,
}

impl Checker {
    /// Begins a checker of `target`.
    pub fn builder(target: Target) -> CheckerBuilder {
        let (settings, stop) = (Settings::default(), StopToken::new());
        CheckerBuilder(Parts { target, settings, stop, on_event: Box::new(|_| ()) })
    }

    /// What is checked.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// How it is checked.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Makes every check at once, judges what was seen, and reports it: [`observe`](Self::observe), [`diagnose`] and
    /// [`Report::new`].
    pub fn run(&self) -> impl Future<Output = Result<Report, SetupError>> + Send + use<> {
        self.report(Goal::Everything)
    }

    /// Makes every check at once, and experiments beside them where something fails; records what is seen. Opens at most two
    /// connections for each check and address, and two more where a stage past the TCP handshake stands still; experiments
    /// open more, a bounded number each, and only where something fails.
    pub fn observe(&self) -> impl Future<Output = Result<Observations, SetupError>> + Send + use<> {
        self.observe_until(Goal::Everything)
    }

    /// Checks until it is decided whether the [requirement](Settings::requirement) is met, and reports what was seen by then:
    /// the verdict of a check that was still under way may be unknown. Without experiments that is as soon as one check is
    /// lost or enough are allowed; with them, a requirement that is lost is looked into as [`run`](Self::run) does.
    pub fn decide(&self) -> impl Future<Output = Result<Report, SetupError>> + Send + use<> {
        self.report(Goal::Decision)
    }

    /// Traces the path to every port, side by side: where each is stopped. Asks for [routers' names](Settings::router_names)
    /// in reverse DNS where that is wanted. Needs no privilege, and a system that tells ICMP errors: Linux, Windows 10
    /// version 2004 and later.
    pub fn trace(&self) -> impl Future<Output = Result<Traces, SetupError>> + Send + use<> {
        let Self(parts) = self.clone();
        async move {
            let Parts { target, settings, stop, on_event } = &*parts;
            probe::trace(target, settings, stop.stopped(), &**on_event).await
        }
    }

    fn report(&self, goal: Goal) -> impl Future<Output = Result<Report, SetupError>> + Send + use<> {
        let observations = self.observe_until(goal);
        async move {
            let observations = observations.await?;
            let diagnosis = diagnose(&observations);
            Ok(Report::new(observations, diagnosis))
        }
    }

    fn observe_until(&self, goal: Goal) -> impl Future<Output = Result<Observations, SetupError>> + Send + use<> {
        let Self(parts) = self.clone();
        async move {
            let Parts { target, settings, stop, on_event } = &*parts;
            probe::observe(target, settings, goal, stop.stopped(), &**on_event).await
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, settings, stop, on_event: _ } = self;
        f.debug_struct("Checker")
            .field("target", target)
            .field("settings", settings)
            .field("stop", stop)
            .finish_non_exhaustive()
    }
}

/// A [`Checker`] in the making.
#[derive(Debug)]
#[must_use]
pub struct CheckerBuilder(Parts);

macro_rules! setters {
    ($($(#[$doc:meta])+ $name:ident: $type:ty;)+) => {
        $(
            $(#[$doc])+
            pub fn $name(mut self, $name: $type) -> Self {
                self.0.settings.$name = $name;
                self
            }
        )+
    };
}

impl CheckerBuilder {
    /// Every setting at once, in the place of all that were given before.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.0.settings = settings;
        self
    }

    setters! {
        /// The deadline of the whole run: 15 seconds, unless another is given.
        timeout: Duration;
        /// How far to go: to the protocol's own answer, unless less is asked for.
        depth: Depth;
        /// Whether to tell causes apart by second measurements where something fails.
        experiments: bool;
        /// What must be allowed.
        requirement: Requirement;
        /// Who will connect.
        role: Role;
        /// Which address families to try.
        families: Families;
        /// The addresses to connect to, without asking DNS; the name is still used for SNI and verification.
        addresses: Vec<IpAddr>;
        /// The name servers to ask, instead of the system's resolver.
        resolvers: Vec<SocketAddr>;
        /// Whether a trace asks for routers' names in reverse DNS.
        router_names: bool;
    }

    /// The roots that the device trusts, instead of this machine's store.
    pub fn ca(mut self, roots: Pem) -> Self {
        self.0.settings.ca = Some(roots);
        self
    }

    /// The roots that genuinely sign this hub, instead of those built in.
    pub fn hub_ca(mut self, roots: Pem) -> Self {
        self.0.settings.hub_ca = Some(roots);
        self
    }

    /// Calls `on_event` with everything that happens in a run, as it happens. It must not block: the run waits for it. To have
    /// the events elsewhere, send them over a channel.
    ///
    /// ```
    /// # use hubreach::{Checker, hub::{HubHost, Target, TargetOptions}};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let target = Target::new(HubHost::parse("contoso.azure-devices.net")?, &TargetOptions::default())?;
    /// let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    /// let checker = Checker::builder(target)
    ///     .on_event(move |event| {
    ///         let _ = sender.send(event.clone());
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.0.on_event = Box::new(on_event);
        self
    }

    /// Ends runs once `token` is stopped; those that begin later, too.
    pub fn stop(mut self, token: StopToken) -> Self {
        self.0.stop = token;
        self
    }

    /// The checker.
    ///
    /// # Errors
    /// The settings do not go together, or not with the target.
    pub fn build(self) -> Result<Checker, SettingsError> {
        let Self(parts) = self;
        parts.settings.validate(&parts.target)?;
        Ok(Checker(Arc::new(parts)))
    }
}
