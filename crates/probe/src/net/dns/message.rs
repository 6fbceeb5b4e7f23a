//! One DNS message each way (RFC 1035, section 4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, RCODE, TYPE, header_buffer,
    rdata::{OPT, RData},
};

use crate::observation::{DnsAnswer, DnsRecord, DnsReply, ExtendedError};

/// The longest chain of aliases that is followed within one answer.
const MAX_CHAIN_LEN: usize = 16;
/// More addresses than any real answer holds.
const MAX_ADDRESSES: usize = 64;
/// More extended errors than any real answer holds.
const MAX_EXTENDED_ERRORS: usize = 4;
/// How much of a server's own words is kept, in characters.
const MAX_TEXT_LEN: usize = 120;
/// The datagram that is offered to be taken: the largest that passes nearly everywhere in one piece.
const UDP_PAYLOAD: u16 = 1232;
/// The option that carries an extended error (RFC 8914, section 2).
const EXTENDED_ERROR: u16 = 15;

/// What is asked for, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) record: DnsRecord,
    pub(crate) form: Form,
}

/// What a question carries besides the name and the record type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Nothing, as most systems' resolvers ask.
    Plain,
    /// EDNS (RFC 6891): larger datagrams, extended errors.
    Edns,
    /// EDNS, and the wish that the server does not validate.
    CheckingDisabled,
}

impl Form {
    pub(super) fn has_edns(self) -> bool {
        self != Self::Plain
    }

    pub(super) fn disables_checking(self) -> bool {
        self == Self::CheckingDisabled
    }
}

impl Question {
    /// The question in bytes, with recursion desired; `None` where the name cannot be asked for.
    pub(super) fn to_bytes(&self, id: u16) -> Option<Vec<u8>> {
        let kind = match self.record {
            DnsRecord::A => TYPE::A,
            DnsRecord::Aaaa => TYPE::AAAA,
        };
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        if self.form.has_edns() {
            *packet.opt_mut() = Some(OPT { opt_codes: Vec::new(), udp_packet_size: UDP_PAYLOAD, version: 0 });
            // Asks whether the answer is validated (RFC 6840, section 5.7).
            packet.set_flags(PacketFlag::AUTHENTIC_DATA);
        }
        if self.form.disables_checking() {
            packet.set_flags(PacketFlag::CHECKING_DISABLED);
        }
        let name = Name::new(&self.name).ok()?;
        packet.questions.push(simple_dns::Question::new(name, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false));
        packet.build_bytes_vec().ok()
    }

    /// What `bytes` say to this question; `None` where they are not an answer to it at all, such as a late one to another.
    pub(super) fn answer(&self, id: u16, bytes: &[u8]) -> Option<DnsAnswer> {
        if bytes.get(..2) != Some(&id.to_be_bytes()) {
            return None;
        }
        let Ok(packet) = Packet::parse(bytes) else {
            return Some(cut_off(bytes));
        };
        let is_ours = packet.questions.first().is_none_or(|question| same(&question.qname.to_string(), &self.name));
        (packet.has_flags(PacketFlag::RESPONSE) && is_ours).then(|| DnsAnswer::Answered(self.reply(&packet)))
    }

    fn reply(&self, packet: &Packet<'_>) -> DnsReply {
        let (mut at, mut cname, mut ttl_s) = (self.name.clone(), Vec::new(), None::<u32>);
        let mut seen_ttl = |ttl: u32| ttl_s = Some(ttl_s.map_or(ttl, |least| least.min(ttl)));
        while cname.len() < MAX_CHAIN_LEN {
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
        for found in packet.answers.iter().filter(|found| same(&found.name.to_string(), &at)).take(MAX_ADDRESSES) {
            let address = match (&found.rdata, self.record) {
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
        DnsReply {
            rcode: name_of(packet.rcode()),
            truncated: packet.has_flags(PacketFlag::TRUNCATION),
            authentic: packet.has_flags(PacketFlag::AUTHENTIC_DATA),
            extended_errors: packet.opt().map(extended_errors).unwrap_or_default(),
            cname,
            addresses,
            ttl_s,
            zone,
        }
    }
}

/// A message that breaks off: some servers cut what does not fit anywhere, and say so in the header (TC).
fn cut_off(bytes: &[u8]) -> DnsAnswer {
    let flags = header_buffer::has_flags(bytes, PacketFlag::RESPONSE | PacketFlag::TRUNCATION).unwrap_or_default();
    match header_buffer::rcode(bytes) {
        Ok(rcode) if flags => {
            DnsAnswer::Answered(DnsReply { rcode: name_of(rcode), truncated: true, ..DnsReply::default() })
        }
        _ => DnsAnswer::Malformed,
    }
}

fn extended_errors(opt: &OPT<'_>) -> Vec<ExtendedError> {
    let options = opt.opt_codes.iter().filter(|option| option.code == EXTENDED_ERROR);
    let errors = options.filter_map(|option| {
        let (code, text) = option.data.split_first_chunk()?;
        let text = String::from_utf8_lossy(text);
        // The text may end in a null (RFC 8914, section 2).
        let text = text.trim_end_matches('\0').chars().take(MAX_TEXT_LEN).collect();
        Some(ExtendedError { code: u16::from_be_bytes(*code), text })
    });
    errors.take(MAX_EXTENDED_ERRORS).collect()
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

    fn asks(record: DnsRecord, form: Form) -> Question {
        Question { name: HUB.to_owned(), record, form }
    }

    #[track_caller]
    fn answered(bytes: &[u8]) -> DnsReply {
        match asks(DnsRecord::A, Form::Edns).answer(7, bytes) {
            Some(DnsAnswer::Answered(reply)) => reply,
            other => panic!("no answer but {other:?}"),
        }
    }

    #[test]
    fn aliases_are_followed_to_their_addresses() {
        let reply = answered(&reply(7, |packet| {
            let alias = rdata::CNAME(Name::new_unchecked("gateway.example"));
            packet.answers.push(record(HUB, RData::CNAME(alias)));
            packet.answers.push(record("Gateway.EXAMPLE", RData::A(rdata::A { address: 0x0a00_0001 })));
            packet.answers.push(record("stranger.example", RData::A(rdata::A { address: 0x0a00_0002 })));
        }));
        assert_eq!((reply.rcode.as_str(), reply.ttl_s), ("NOERROR", Some(60)));
        assert_eq!(reply.cname, ["gateway.example"]);
        assert_eq!(reply.addresses, [IpAddr::from([10, 0, 0, 1])]);
    }

    #[test]
    fn aliases_of_a_denial_are_told_too() {
        let reply = answered(&reply(7, |packet| {
            let alias = rdata::CNAME(Name::new_unchecked("contoso.privatelink.azure-devices.net"));
            packet.answers.push(record(HUB, RData::CNAME(alias)));
            *packet.rcode_mut() = RCODE::NameError;
        }));
        assert_eq!(reply.rcode, "NXDOMAIN");
        assert_eq!(reply.cname, ["contoso.privatelink.azure-devices.net"]);
    }

    #[test]
    fn aliases_in_a_circle_come_to_an_end() {
        let reply = answered(&reply(7, |packet| {
            packet.answers.push(record(HUB, RData::CNAME(rdata::CNAME(Name::new_unchecked(HUB)))));
        }));
        assert!(reply.addresses.is_empty());
    }

    #[test]
    fn extended_errors_are_read_and_bounded() {
        let reply = answered(&reply(7, |packet| {
            *packet.rcode_mut() = RCODE::ServerFailure;
            let option = |code, data: &[u8]| rdata::OPTCode { code, data: data.to_vec().into() };
            let mut opt_codes = vec![
                option(EXTENDED_ERROR, b"\x00\x09no DNSKEY\0"),
                option(10, b"cookie12"),
                option(EXTENDED_ERROR, b"\x00"),
            ];
            opt_codes.extend((0..9).map(|_| option(EXTENDED_ERROR, &[&[0, 6][..], &[b'x'; 900]].concat())));
            *packet.opt_mut() = Some(OPT { opt_codes, udp_packet_size: 1232, version: 0 });
        }));
        assert_eq!(reply.rcode, "SERVFAIL");
        assert_eq!(reply.extended_errors[0], ExtendedError { code: 9, text: "no DNSKEY".to_owned() });
        assert_eq!(reply.extended_errors.len(), MAX_EXTENDED_ERRORS);
        assert_eq!(reply.extended_errors[1].text.len(), MAX_TEXT_LEN);
    }

    #[test]
    fn a_message_that_is_cut_off_is_truncated_where_it_says_so() {
        let whole = reply(7, |packet| {
            packet.set_flags(PacketFlag::TRUNCATION);
            packet.answers.push(record(HUB, RData::A(rdata::A { address: 0x0a00_0001 })));
        });
        assert!(answered(&whole).truncated);
        let cut = answered(&whole[..whole.len() - 3]);
        assert!(cut.truncated && cut.addresses.is_empty());
        let unsaid = reply(7, |packet| {
            packet.answers.push(record(HUB, RData::A(rdata::A { address: 0x0a00_0001 })));
        });
        let cut = asks(DnsRecord::A, Form::Edns).answer(7, &unsaid[..unsaid.len() - 3]);
        assert_eq!(cut, Some(DnsAnswer::Malformed));
    }

    #[test]
    fn questions_say_what_they_offer() {
        let sent = |form| asks(DnsRecord::Aaaa, form).to_bytes(7).expect("a question");
        let (plain, edns, unchecked) = (sent(Form::Plain), sent(Form::Edns), sent(Form::CheckingDisabled));
        assert!(Packet::parse(&plain).expect("a message").opt().is_none());
        let query = Packet::parse(&edns).expect("a message");
        assert_eq!(query.opt().map(|opt| opt.udp_packet_size), Some(1232));
        assert!(query.has_flags(PacketFlag::RECURSION_DESIRED) && !query.has_flags(PacketFlag::CHECKING_DISABLED));
        assert!(Packet::parse(&unchecked).expect("a message").has_flags(PacketFlag::CHECKING_DISABLED));
        let unaskable = Question { name: "x".repeat(64), ..asks(DnsRecord::A, Form::Plain) };
        assert_eq!(unaskable.to_bytes(7), None);
    }

    #[test]
    fn what_answers_another_question_is_passed_over() {
        let bytes = reply(8, |_| ());
        let question = asks(DnsRecord::A, Form::Plain);
        assert_eq!(question.answer(7, &bytes), None);
        let query = question.to_bytes(7).expect("a question");
        assert_eq!(question.answer(7, &query), None, "a question is no answer");
        assert_eq!(question.answer(7, b"\0\x07rubbish"), Some(DnsAnswer::Malformed));
        assert_eq!(question.answer(7, b""), None);
    }
}
