//! Questions to name servers, for experiments.

use std::{cell::RefCell, net::SocketAddr};

use crate::{
    observation::{Dns, DnsRecord},
    probe::{
        Bench,
        dns::{self, Form, Question},
    },
};

/// What came of the questions; `None` where there are none, for nothing was asked of nobody.
pub(super) async fn ask(bench: &Bench<'_>, questions: Vec<(SocketAddr, Question)>) -> Option<Dns> {
    if questions.is_empty() {
        return None;
    }
    let seen = RefCell::new(Dns::default());
    dns::ask_all(bench.run, questions.into_iter(), |query| seen.borrow_mut().queries.push(query)).await;
    Some(seen.into_inner())
}

/// Every server is asked for all of these.
pub(super) async fn ask_configured(
    bench: &Bench<'_>,
    names: impl IntoIterator<Item = (String, DnsRecord)>,
) -> Option<Dns> {
    let servers = dns::servers(bench.settings);
    let questions = names.into_iter().flat_map(|(name, record)| {
        let question = Question { name, record, form: Form::Edns };
        servers.iter().map(move |server| (*server, question.clone()))
    });
    ask(bench, questions.collect()).await
}

/// Both record types of a name.
pub(super) fn addresses_of(name: String) -> [(String, DnsRecord); 2] {
    [(name.clone(), DnsRecord::A), (name, DnsRecord::Aaaa)]
}
