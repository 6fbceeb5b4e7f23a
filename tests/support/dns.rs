//! A small name server, over UDP and TCP, which answers as told: well, wrongly, or not at all.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde::Deserialize;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE, rdata};

/// What a server answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Zone {
    /// Names and what they stand for: addresses, or another name (CNAME). `ipv4only.arpa` is always known.
    pub records: BTreeMap<String, Vec<String>>,
    /// What any other name stands for, instead of NXDOMAIN.
    pub wildcard: Vec<IpAddr>,
    /// The domain that the wildcard is for; empty means every name, also those known otherwise.
    pub wildcard_below: String,
    /// Answer everything with this response code.
    pub rcode: Option<u16>,
    /// Answer questions for IPv6 addresses with this response code.
    pub rcode_v6: Option<u16>,
    /// Fail, as a server does that validates what is wrongly signed, unless asked not to (CD).
    pub bogus: bool,
    /// The number and words of an extended error that goes with every answer.
    pub extended_error: Option<(u16, String)>,
    /// What becomes of questions with EDNS.
    pub edns: Edns,
    /// Never answer questions for this record type (`A`, `AAAA`), or any (`all`).
    pub mute: Option<String>,
    /// Never answer for names below this domain.
    pub mute_below: Option<String>,
    /// Say over UDP that the answer does not fit.
    pub truncate: bool,
    /// The same, but only to questions that do not offer to take more (EDNS).
    pub truncate_plain: bool,
    /// Never answer over TCP.
    pub mute_tcp: bool,
    /// How long each answer takes, in milliseconds.
    pub delay_ms: u64,
    /// Answer over UDP from this address instead of the one that was asked.
    pub answer_from: Option<IpAddr>,
    /// Answer with names in capital letters.
    pub shout: bool,
    /// Send these bytes for an answer, after the question's id.
    pub raw: Option<Vec<u8>>,
    /// Answer over UDP with another id than the question's.
    pub wrong_id: bool,
}

/// What becomes of questions with EDNS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edns {
    /// They are answered with EDNS.
    #[default]
    Known,
    /// They are refused: FORMERR.
    Refused,
    /// They are dropped, as some firewalls do.
    Dropped,
}

impl Zone {
    /// Knows these names.
    pub fn of(records: &[(&str, &[&str])]) -> Self {
        let owned = |(name, values): &(&str, &[&str])| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        Self { records: records.iter().map(owned).collect(), ..Self::default() }
    }

    /// Never answers.
    pub fn mute() -> Self {
        Self { mute: Some("all".to_owned()), ..Self::default() }
    }

    fn answer(&self, question: &[u8], over_udp: bool) -> Option<Vec<u8>> {
        let packet = Packet::parse(question).ok()?;
        let asked = packet.questions.first()?;
        let v6 = asked.qtype == QTYPE::TYPE(TYPE::AAAA);
        let muted = self.mute.as_deref().is_some_and(|mute| mute == "all" || (mute == "AAAA") == v6);
        let has_edns = packet.opt().is_some();
        let name = asked.qname.to_string().to_ascii_lowercase();
        let is_below = |domain: &String| name.ends_with(&format!(".{domain}"));
        if muted
            || self.mute_below.as_ref().is_some_and(is_below)
            || (self.mute_tcp && !over_udp)
            || (self.edns == Edns::Dropped && has_edns)
        {
            return None;
        }
        if let Some(raw) = &self.raw {
            return Some(question.get(..2)?.iter().chain(raw).copied().collect());
        }
        let id = if self.wrong_id && over_udp { packet.id() ^ 1 } else { packet.id() };
        let mut reply = Packet::new_reply(id);
        reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
        if has_edns && self.edns == Edns::Refused {
            *reply.rcode_mut() = RCODE::FormatError;
            return reply.build_bytes_vec().ok();
        }
        reply.questions = packet.questions.clone();
        let unchecked = packet.has_flags(PacketFlag::CHECKING_DISABLED);
        let rcode = match () {
            () if self.bogus && !unchecked => Some(2),
            () if v6 => self.rcode_v6.or(self.rcode),
            () => self.rcode,
        };
        if over_udp && (self.truncate || (self.truncate_plain && !has_edns)) {
            reply.set_flags(PacketFlag::TRUNCATION);
        } else if let Some(rcode) = rcode {
            *reply.rcode_mut() = RCODE::from(rcode);
        } else {
            self.fill(&mut reply, &name, v6);
        }
        if has_edns {
            *reply.opt_mut() = Some(self.opt());
        }
        reply.build_bytes_vec().ok()
    }

    fn opt(&self) -> rdata::OPT<'static> {
        let error = self.extended_error.iter().map(|(code, text)| rdata::OPTCode {
            code: 15,
            data: [&code.to_be_bytes(), text.as_bytes()].concat().into(),
        });
        rdata::OPT { opt_codes: error.collect(), udp_packet_size: 1232, version: 0 }
    }

    fn fill(&self, reply: &mut Packet<'_>, name: &str, v6: bool) {
        let mut at = name.to_owned();
        for _ in 0..8 {
            let Some(values) = self.values(&at) else {
                *reply.rcode_mut() = RCODE::NameError;
                let soa = rdata::SOA {
                    mname: Name::new_unchecked("ns.test"),
                    rname: Name::new_unchecked("root.test"),
                    serial: 1,
                    refresh: 1,
                    retry: 1,
                    expire: 1,
                    minimum: 1,
                };
                let zone = at.split_once('.').map_or(at.as_str(), |(_, zone)| zone);
                reply.name_servers.push(record(zone, rdata::RData::SOA(soa)));
                return;
            };
            let owner = if self.shout { at.to_ascii_uppercase() } else { at.clone() };
            let alias = values.iter().find(|value| value.parse::<IpAddr>().is_err());
            let Some(alias) = alias else {
                for address in values.iter().filter_map(|value| value.parse().ok()) {
                    match address {
                        IpAddr::V4(ip) if !v6 => {
                            reply.answers.push(record(&owner, rdata::RData::A(rdata::A { address: ip.into() })));
                        }
                        IpAddr::V6(ip) if v6 => {
                            reply.answers.push(record(&owner, rdata::RData::AAAA(rdata::AAAA { address: ip.into() })));
                        }
                        _ => {}
                    }
                }
                return;
            };
            let cname = rdata::CNAME(Name::new(alias).expect("a name").into_owned());
            reply.answers.push(record(&owner, rdata::RData::CNAME(cname)));
            at.clone_from(alias);
        }
    }

    fn values(&self, name: &str) -> Option<Vec<String>> {
        let wildcard = || self.wildcard.iter().map(ToString::to_string).collect::<Vec<_>>();
        let below = name.ends_with(&format!(".{}", self.wildcard_below));
        match self.records.get(name) {
            Some(values) => Some(values.clone()),
            None if !self.wildcard.is_empty() && (self.wildcard_below.is_empty() || below) => Some(wildcard()),
            None if name == "ipv4only.arpa" => Some(vec!["192.0.0.170".to_owned(), "192.0.0.171".to_owned()]),
            None => None,
        }
    }
}

fn record<'a>(name: &str, rdata: rdata::RData<'a>) -> ResourceRecord<'a> {
    ResourceRecord::new(Name::new(name).expect("a name").into_owned(), CLASS::IN, 60, rdata)
}

/// A running server; it goes when dropped.
#[derive(Debug)]
pub struct NameServer {
    address: SocketAddr,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl NameServer {
    /// Serves `zone` at `at`, in the network namespace of the calling thread.
    pub fn start(at: SocketAddr, zone: Zone) -> io::Result<Self> {
        let stream = TcpListener::bind(at)?;
        let address = stream.local_addr()?;
        let datagrams = UdpSocket::bind(address)?;
        datagrams.set_read_timeout(Some(Duration::from_millis(50)))?;
        let answers = match zone.answer_from {
            Some(other) => UdpSocket::bind((other, address.port()))?,
            None => datagrams.try_clone()?,
        };
        stream.set_nonblocking(true)?;
        let ends = Arc::new(AtomicBool::new(false));
        let (zone, over) = (Arc::new(zone), ends.clone());
        let udp = {
            let (zone, ends) = (zone.clone(), over.clone());
            thread::spawn(move || serve_udp(&datagrams, &answers, &zone, &ends))
        };
        let tcp = thread::spawn(move || serve_tcp(&stream, &zone, &over));
        Ok(Self { address, ends, threads: vec![udp, tcp] })
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve_udp(socket: &UdpSocket, answers: &UdpSocket, zone: &Zone, ends: &AtomicBool) {
    let mut buffer = [0; 1500];
    while !ends.load(Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        let Some(answer) = zone.answer(&buffer[..length], true) else { continue };
        if zone.delay_ms == 0 {
            let _ = answers.send_to(&answer, from);
        } else if let Ok(answers) = answers.try_clone() {
            let delay = Duration::from_millis(zone.delay_ms);
            thread::spawn(move || {
                thread::sleep(delay);
                let _ = answers.send_to(&answer, from);
            });
        }
    }
}

fn serve_tcp(listener: &TcpListener, zone: &Arc<Zone>, ends: &AtomicBool) {
    while !ends.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => {
                let zone = zone.clone();
                thread::spawn(move || answer_all(stream, &zone));
            }
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// One question after the other, as long as they come (RFC 7766, section 6.2.1).
fn answer_all(mut stream: TcpStream, zone: &Zone) -> Option<()> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(3))).ok()?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).ok()?;
        let Some(answer) = zone.answer(&question, false) else { continue };
        thread::sleep(Duration::from_millis(zone.delay_ms));
        let length = u16::try_from(answer.len()).ok()?.to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).ok()?;
    }
}
