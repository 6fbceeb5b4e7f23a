//! A hub that a client of an exporter chose: no proxy is asked for it where its name leads to what is closed.

use std::time::{Duration, Instant};

use hubreach::{
    hub::Route,
    probe::{Inner, SetupError},
};

use super::{
    fixture::Fixture,
    proxy::{Behaviour, Proxy},
};

#[tokio::test]
async fn a_guarded_hub_is_not_asked_for_where_its_name_leads_inside() {
    let mut fixture = Fixture::new().await;
    fixture.settings.guarded = true;
    fixture.settings.timeout = Duration::from_secs(20);
    for routes in [&[Route::Proxy][..], &[Route::Direct, Route::Proxy]] {
        // SOCKS 5 waits for an address that will never be told.
        for behaviour in [Behaviour::http(), Behaviour::socks()] {
            let proxy = Proxy::start(behaviour.with_rules(fixture.rules())).await;
            let began = Instant::now();
            let error = fixture.checker(routes, &proxy.url()).run().await.expect_err("loopback is closed");
            let is_closed = matches!(error, SetupError::Guarded { what: Inner::Loopback, .. });
            assert!(is_closed, "{} {routes:?}: {error}", proxy.url());
            assert!(proxy.connections().is_empty(), "{} {routes:?}: {:?}", proxy.url(), proxy.asked());
            // Well before the deadline, so that the error ended it.
            assert!(began.elapsed() < fixture.settings.timeout / 2, "{} {routes:?}", proxy.url());
        }
    }
}
