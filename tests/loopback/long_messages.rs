//! One message to each address is as long as a packet may be: no more than one, and never to the hub's harm.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hubreach::{
    diagnosis::{Severity, Verdict},
    hub::Protocol,
    responder::Behaviour,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
};

use super::fixture::{Fixture, verdicts};

/// An Ethernet's TCP segment.
const SEGMENT: usize = 1460;
/// A record of application data (RFC 8446, section 5.1).
const APPLICATION_DATA: u8 = 23;

/// Lets connections through to `hub`, and counts in `long` the records of the client that fill a segment.
async fn relay(hub: SocketAddr, long: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(hub).await.expect("the hub listens");
            let ((near_in, mut near_out), (mut far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(async move { copy(&mut far_in, &mut near_out).await });
            tokio::spawn(count(near_in, far_out, long.clone()));
        }
    });
    port
}

async fn count(mut client: OwnedReadHalf, mut hub: OwnedWriteHalf, long: Arc<AtomicUsize>) -> std::io::Result<()> {
    loop {
        let mut record = vec![0; 5];
        client.read_exact(&mut record).await?;
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(5 + length, 0);
        client.read_exact(&mut record[5..]).await?;
        assert!(record.len() <= SEGMENT, "{} bytes", record.len());
        if record[0] == APPLICATION_DATA && record.len() == SEGMENT {
            long.fetch_add(1, Ordering::Relaxed);
        }
        hub.write_all(&record).await?;
    }
}

/// How many messages of a whole check of these protocols fill a segment.
async fn long_messages(protocols: &[Protocol]) -> usize {
    let mut fixture = Fixture::behaving(Behaviour::default()).await;
    let long = Arc::new(AtomicUsize::new(0));
    for protocol in protocols {
        let port = fixture.options.ports[protocol];
        let port = relay(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), long.clone()).await;
        fixture.options.ports.insert(*protocol, port);
    }
    fixture.only(protocols);
    let report = fixture.check().await;
    assert!(verdicts(&report).values().all(|verdict| *verdict == Verdict::Allowed), "{:#?}", report.diagnosis.findings);
    assert!(report.observations.experiments.is_empty());
    long.load(Ordering::Relaxed)
}

#[cfg_attr(not(target_os = "linux"), ignore = "Linux alone tells what becomes of it")]
#[tokio::test]
async fn one_message_of_a_check_fills_a_segment() {
    assert_eq!(long_messages(Protocol::ALL).await, 1);
    for protocol in [Protocol::Mqtt, Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs] {
        assert_eq!(long_messages(&[protocol]).await, 1, "{protocol}");
    }
    assert_eq!(long_messages(&[Protocol::Amqp]).await, 0, "nothing in AMQP may be so long before the login");
}

#[tokio::test]
async fn a_hub_that_takes_short_messages_alone_is_allowed() {
    for protocols in [Protocol::ALL, &[Protocol::Mqtt], &[Protocol::Https], &[Protocol::MqttWs]] {
        let mut fixture = Fixture::behaving(Behaviour { longest_message: Some(1000), ..Behaviour::default() }).await;
        fixture.only(protocols);
        let report = fixture.check().await;
        assert!(
            verdicts(&report).values().all(|verdict| *verdict == Verdict::Allowed),
            "{:#?}",
            report.diagnosis.findings
        );
        assert!(
            report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Info),
            "{:#?}",
            report.diagnosis.findings
        );
    }
}
