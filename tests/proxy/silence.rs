//! Proxies that say nothing, or never stop: each check ends by the deadline.

use std::time::{Duration, Instant};

use hubreach::diagnosis::{
    Confidence::{Likely, Possible},
    Owner::{Operator, ProxyAdmin},
    Verdict,
};

use super::{
    fixture::{Fixture, errors, told, verdict},
    proxy::{Behaviour, Instead, Step},
};

/// How much later than the deadline a run may end on a machine that runs other tests meanwhile.
const SLACK: Duration = Duration::from_millis(700);

#[tokio::test]
async fn a_proxy_that_says_nothing_may_wait_for_the_hub() {
    let fixture = Fixture::new().await.impatient();
    let began = Instant::now();
    let at = |base: Behaviour, step| fixture.through(base.but(step, Instead::Silence));
    let (accept, request, greeting, socks_request) = tokio::join!(
        at(Behaviour::http(), Step::Accept),
        at(Behaviour::http(), Step::Request),
        at(Behaviour::socks(), Step::Greeting),
        at(Behaviour::socks(), Step::Request),
    );
    assert!(began.elapsed() < fixture.settings.timeout + SLACK, "{:?}", began.elapsed());
    let waits = told("proxy-upstream-failure", Possible, ProxyAdmin);
    // What does not answer the greeting is not asked for a hub yet.
    let is_none = told("proxy-protocol-error", Likely, Operator);
    for ((_, report), wanted) in [(accept, &waits), (request, &waits), (greeting, &is_none), (socks_request, &waits)] {
        assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{:#?}", report.diagnosis);
        assert_eq!(errors(&report), [wanted.as_str()], "{:#?}", report.diagnosis);
    }
}

/// The tunnel is granted, and then nothing comes: some proxies say that they are connected before they are.
#[tokio::test]
async fn a_tunnel_may_lead_nowhere() {
    let fixture = Fixture::new().await.impatient();
    let granting = |instead| fixture.through(Behaviour::http().with_rules(fixture.rules()).but(Step::Tunnel, instead));
    let (closed, reset, silent) =
        tokio::join!(granting(Instead::Close), granting(Instead::Reset), granting(Instead::Silence));
    for (what, (_, report)) in [("closed", closed), ("reset", reset), ("silent", silent)] {
        assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Blocked, "{what}: {:#?}", report.diagnosis);
        let wanted = told("proxy-upstream-failure", Possible, ProxyAdmin);
        assert_eq!(errors(&report), [wanted], "{what}: {:#?}", report.diagnosis);
    }
}

/// Where something still comes, nothing is known before the deadline.
#[tokio::test]
async fn an_answer_that_drips_is_cut_short() {
    let mut fixture = Fixture::new().await;
    fixture.settings.timeout = Duration::from_secs(2);
    let began = Instant::now();
    let (_, report) = fixture.through(Behaviour::http().but(Step::Request, Instead::Drip)).await;
    assert!(began.elapsed() < fixture.settings.timeout + SLACK, "{:?}", began.elapsed());
    assert_eq!(verdict(&report, "mqtt@proxy").verdict, Verdict::Unknown, "{:#?}", report.diagnosis);
    assert!(report.observations.deadline_reached && errors(&report).is_empty(), "{:#?}", report.diagnosis);
}
