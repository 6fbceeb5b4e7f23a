//! Questions to name servers, for experiments.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use crate::{
    context::run_context::RunContext,
    net::dns::{self, Form, Question},
    observation::{Dns, DnsRecord},
    resolve::own_queries,
};

/// The answers to the questions; `None` if there are no questions.
pub(super) async fn ask(context: &RunContext<'_>, questions: Vec<(SocketAddr, Question)>) -> Option<Dns> {
    if questions.is_empty() {
        return None;
    }
    let answers = Mutex::new(Dns::default());
    dns::ask_all(context.control, questions.into_iter(), |query| {
        answers.lock().unwrap_or_else(PoisonError::into_inner).queries.push(query)
    })
    .await;
    Some(answers.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Queries every server for all of these.
pub(super) async fn ask_configured(
    context: &RunContext<'_>,
    names: impl IntoIterator<Item = (String, DnsRecord)>,
) -> Option<Dns> {
    let servers = own_queries::servers(context.settings);
    let questions = names.into_iter().flat_map(|(name, record)| {
        let question = Question { name, record, form: Form::Edns };
        servers.iter().map(move |server| (*server, question.clone()))
    });
    ask(context, questions.collect()).await
}

/// Both record types of a name.
pub(super) fn addresses_of(name: String) -> [(String, DnsRecord); 2] {
    [(name.clone(), DnsRecord::A), (name, DnsRecord::Aaaa)]
}
