//! One question to one server until a whole answer comes: with EDNS, without it, in a stream.

use std::{future::ready, net::SocketAddr, pin::pin, time::Duration};

use futures_util::future::{Either, join_all, select};
use tokio::{sync::Notify, time::timeout};

use super::{
    exchange::{TCP_QUERY_TIMEOUT, UDP_QUERY_TIMEOUTS, ask_tcp, ask_udp},
    message::{Form, Question},
};
use crate::{
    net::run_control::RunControl,
    observation::{DnsAnswer, DnsQuery},
};

/// Sends all at once, each until a whole answer comes. Calls `tell` with every query when it ends.
pub(crate) async fn ask_all(
    control: &RunControl,
    questions: impl Iterator<Item = (SocketAddr, Question)>,
    tell: impl Fn(DnsQuery),
) {
    let tell = &tell;
    let queries = questions.map(|(server, question)| async move {
        match question.form {
            Form::Edns => ask_with_edns(control, server, &question, tell).await,
            Form::Plain | Form::CheckingDisabled => ask(control, server, &question, &UDP_QUERY_TIMEOUTS, tell).await,
        }
    });
    join_all(queries).await;
}

/// Queries over UDP, and over TCP if no whole answer comes in time. Meanwhile a late UDP answer counts.
async fn ask(
    control: &RunControl,
    server: SocketAddr,
    question: &Question,
    waits: &[Duration],
    tell: &impl Fn(DnsQuery),
) {
    let is_answered = Notify::new();
    let over = async {
        let _ = timeout(TCP_QUERY_TIMEOUT, is_answered.notified()).await;
    };
    let mut datagrams = pin!(ask_udp(control, server, question, waits, over));
    let mut stream = pin!(async {
        let query = ask_tcp(control, server, question).await;
        if ends_the_question(&query) {
            is_answered.notify_one();
        }
        query
    });
    let query = match timeout(waits.iter().sum(), &mut datagrams).await {
        Ok(query) => query,
        Err(_) => match select(datagrams, &mut stream).await {
            Either::Left((query, _)) => query,
            Either::Right((streamed, datagrams)) => {
                tell(datagrams.await);
                return tell(streamed);
            }
        },
    };
    let ends = ends_the_question(&query);
    tell(query);
    if !ends {
        tell(stream.await);
    }
}

/// Asks with EDNS and, where that is not understood or not answered soon, without: some servers refuse it, and some
/// firewalls drop it, or the larger answers that it permits.
async fn ask_with_edns(control: &RunControl, server: SocketAddr, question: &Question, tell: &impl Fn(DnsQuery)) {
    let plain = Question { form: Form::Plain, ..question.clone() };
    let (soon, rest) = UDP_QUERY_TIMEOUTS.split_at(1);
    let mut with = pin!(ask_udp(control, server, question, &UDP_QUERY_TIMEOUTS, ready(())));
    let Ok(query) = timeout(soon.iter().sum(), &mut with).await else {
        let without = pin!(ask(control, server, &plain, rest, tell));
        return match select(with, without).await {
            Either::Left((query, without)) => {
                let ends = ends_the_question(&query);
                tell(query);
                if !ends {
                    without.await;
                }
            }
            // Whether it is the EDNS that is dropped, only all its datagrams can tell.
            Either::Right(((), with)) => tell(with.await),
        };
    };
    let (ends, refused) = (ends_the_question(&query), refuses_edns(&query));
    tell(query);
    if refused {
        ask(control, server, &plain, &UDP_QUERY_TIMEOUTS, tell).await;
    } else if !ends {
        tell(ask_tcp(control, server, question).await);
    }
}

fn ends_the_question(query: &DnsQuery) -> bool {
    match &query.answer {
        DnsAnswer::Answered(reply) => !reply.truncated && !refuses_edns(query),
        DnsAnswer::Cancelled => true,
        DnsAnswer::Silent | DnsAnswer::Elsewhere { .. } | DnsAnswer::Unreachable { .. } | DnsAnswer::Malformed => false,
    }
}

/// Whether a server answers that it does not know EDNS (RFC 6891, sections 6.1.3 and 7).
fn refuses_edns(query: &DnsQuery) -> bool {
    let refusals = ["FORMERR", "NOTIMP", "BADVERS"];
    query.edns && query.reply().is_some_and(|reply| refusals.contains(&reply.rcode.as_str()))
}
