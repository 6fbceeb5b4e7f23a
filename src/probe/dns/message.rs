//! One DNS message each way (RFC 1035, section 4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, rdata::RData};

use crate::observation::{DnsAnswer, DnsRecord};

/// The longest chain of aliases that is followed within one answer.
const LONGEST_CHAIN: usize = 16;
/// More addresses than any real answer holds.
const MOST_ADDRESSES: usize = 64;

/// A question, with recursion desired; `None` where the name cannot be asked for.
pub(super) fn question(id: u16, name: &str, record: DnsRecord) -> Option<Vec<u8>> {
    let kind = match record {
        DnsRecord::A => TYPE::A,
        DnsRecord::Aaaa => TYPE::AAAA,
    };
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let question = Question::new(Name::new(name).ok()?, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false);
    packet.questions.push(question);
    packet.build_bytes_vec().ok()
}

/// What `bytes` say to that question; `None` where they are not an answer to it at all, such as a late one to another.
pub(super) fn answer(bytes: &[u8], id: u16, name: &str, record: DnsRecord) -> Option<DnsAnswer> {
    let has_id = bytes.get(..2) == Some(&id.to_be_bytes());
    let Ok(packet) = Packet::parse(bytes) else {
        return has_id.then_some(DnsAnswer::Malformed);
    };
    let asked = packet.questions.first().is_none_or(|question| same(&question.qname.to_string(), name));
    if !has_id || !packet.has_flags(PacketFlag::RESPONSE) || !asked {
        return None;
    }
    let (mut at, mut cname, mut ttl_s) = (name.to_owned(), Vec::new(), None::<u32>);
    let mut seen_ttl = |ttl: u32| ttl_s = Some(ttl_s.map_or(ttl, |least| least.min(ttl)));
    while cname.len() < LONGEST_CHAIN {
        let alias = packet.answers.iter().find_map(|found| match &found.rdata {
            RData::CNAME(alias) if same(&found.name.to_string(), &at) => Some((alias.0.to_string(), found.ttl)),
            _ => None,
        });
        let Some((alias, ttl)) = alias else { break };
        seen_ttl(ttl);
        at.clone_from(&alias);
        cname.push(alias);
    }
    let mut addresses = Vec::new();
    for found in packet.answers.iter().filter(|found| same(&found.name.to_string(), &at)).take(MOST_ADDRESSES) {
        let address = match (&found.rdata, record) {
            (RData::A(a), DnsRecord::A) => IpAddr::from(Ipv4Addr::from(a.address)),
            (RData::AAAA(aaaa), DnsRecord::Aaaa) => IpAddr::from(Ipv6Addr::from(aaaa.address)),
            _ => continue,
        };
        seen_ttl(found.ttl);
        addresses.push(address);
    }
    let zone = packet.name_servers.iter().find_map(|record| match &record.rdata {
        RData::SOA(_) => Some(record.name.to_string()),
        _ => None,
    });
    Some(DnsAnswer::Answered {
        rcode: name_of(packet.rcode()),
        truncated: packet.has_flags(PacketFlag::TRUNCATION),
        cname,
        addresses,
        ttl_s,
        zone,
    })
}

fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// The IANA name of a response code.
fn name_of(rcode: RCODE) -> String {
    match rcode {
        RCODE::NoError => "NOERROR".to_owned(),
        RCODE::FormatError => "FORMERR".to_owned(),
        RCODE::ServerFailure => "SERVFAIL".to_owned(),
        RCODE::NameError => "NXDOMAIN".to_owned(),
        RCODE::NotImplemented => "NOTIMP".to_owned(),
        RCODE::Refused => "REFUSED".to_owned(),
        other => format!("{other:?}").to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use simple_dns::{ResourceRecord, rdata};

    use super::*;

    const HUB: &str = "contoso.azure-devices.net";

    fn reply(id: u16, change: impl FnOnce(&mut Packet<'_>)) -> Vec<u8> {
        let mut packet = Packet::new_reply(id);
        change(&mut packet);
        packet.build_bytes_vec().expect("a message")
    }

    fn record<'a>(name: &'a str, rdata: RData<'a>) -> ResourceRecord<'a> {
        ResourceRecord::new(Name::new_unchecked(name), CLASS::IN, 60, rdata)
    }

    #[test]
    fn aliases_are_followed_to_their_addresses() {
        let bytes = reply(7, |packet| {
            let alias = rdata::CNAME(Name::new_unchecked("gateway.example"));
            packet.answers.push(record(HUB, RData::CNAME(alias)));
            packet.answers.push(record("gateway.example", RData::A(rdata::A { address: 0x0a00_0001 })));
            packet.answers.push(record("stranger.example", RData::A(rdata::A { address: 0x0a00_0002 })));
        });
        let Some(DnsAnswer::Answered { rcode, cname, addresses, ttl_s, .. }) = answer(&bytes, 7, HUB, DnsRecord::A)
        else {
            panic!("an answer")
        };
        assert_eq!((rcode.as_str(), ttl_s), ("NOERROR", Some(60)));
        assert_eq!(cname, ["gateway.example"]);
        assert_eq!(addresses, [IpAddr::from([10, 0, 0, 1])]);
    }

    #[test]
    fn aliases_in_a_circle_come_to_an_end() {
        let bytes = reply(7, |packet| {
            packet.answers.push(record(HUB, RData::CNAME(rdata::CNAME(Name::new_unchecked(HUB)))));
        });
        let Some(DnsAnswer::Answered { addresses, .. }) = answer(&bytes, 7, HUB, DnsRecord::A) else {
            panic!("an answer")
        };
        assert!(addresses.is_empty());
    }

    #[test]
    fn what_answers_another_question_is_passed_over() {
        let bytes = reply(8, |_| ());
        assert_eq!(answer(&bytes, 7, HUB, DnsRecord::A), None);
        let query = question(7, HUB, DnsRecord::A).expect("a question");
        assert_eq!(answer(&query, 7, HUB, DnsRecord::A), None, "a question is no answer");
        assert_eq!(answer(b"\0\x07rubbish", 7, HUB, DnsRecord::A), Some(DnsAnswer::Malformed));
        assert_eq!(answer(b"", 7, HUB, DnsRecord::A), None);
    }
}
