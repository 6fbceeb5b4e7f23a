//! AMQP 1.0's offer of SASL mechanisms against `serde_amqp` and `fe2o3-amqp-types`.

use fe2o3_amqp_types::sasl::SaslMechanisms;
use hubreach::wire::{
    Parsed,
    amqp::{self, SASL_HEADER},
};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_amqp::primitives::{Array, Symbol};

/// Header and frame around a body.
fn answer(body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + body.len()).expect("small");
    [&SASL_HEADER[..], &size.to_be_bytes(), &[2, 1, 0, 0], body].concat()
}

fn encoded(mechanisms: &[String]) -> Vec<u8> {
    let symbols: Vec<_> = mechanisms.iter().map(|name| Symbol::from(name.as_str())).collect();
    let offer = SaslMechanisms { sasl_server_mechanisms: Array::from(symbols) };
    serde_amqp::to_vec(&offer).expect("serde_amqp writes it")
}

/// `00 53 40`, a list of one, a lone symbol: what `serde_amqp` reads as an array of one too.
fn lone(symbol: &str) -> Vec<u8> {
    let symbol = serde_amqp::to_vec(&Symbol::from(symbol)).expect("serde_amqp writes it");
    let size = u8::try_from(symbol.len() + 1).expect("small");
    [&[0x00, 0x53, 0x40, 0xc0, size, 1], &symbol[..]].concat()
}

fn theirs(body: &[u8]) -> Option<Vec<String>> {
    let offer: SaslMechanisms = serde_amqp::from_slice(body).ok()?;
    Some(offer.sasl_server_mechanisms.into_inner().into_iter().map(|symbol| symbol.to_string()).collect())
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let known = prop::sample::select(vec!["EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"]).prop_map(str::to_owned);
    vec(prop_oneof![known, "[A-Z0-9_-]{1,20}", "[A-Z]{250,300}"], 1..8)
}

proptest! {
    #[test]
    fn we_read_their_offer_in_any_order(names in names()) {
        let bytes = answer(&encoded(&names));
        for length in 0..bytes.len() {
            prop_assert_eq!(amqp::mechanisms(&bytes[..length]), Parsed::Incomplete, "{} of {}", length, bytes.len());
        }
        prop_assert_eq!(amqp::mechanisms(&bytes), Parsed::Done(names));
    }

    #[test]
    fn we_read_a_lone_symbol(name in "[A-Z0-9_-]{1,20}") {
        let bytes = answer(&lone(&name));
        for length in 0..bytes.len() {
            prop_assert_eq!(amqp::mechanisms(&bytes[..length]), Parsed::Incomplete);
        }
        prop_assert_eq!(amqp::mechanisms(&bytes), Parsed::Done(vec![name]));
    }

    #[test]
    fn a_changed_byte_is_never_read_as_something_else(names in names(), at: Index, byte: u8) {
        let mut body = encoded(&names);
        let at = at.index(body.len());
        body[at] = byte;
        if let (Parsed::Done(ours), Some(theirs)) = (amqp::mechanisms(&answer(&body)), theirs(&body)) {
            prop_assert_eq!(ours, theirs, "{:02x?}", body);
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(right in 0usize..=19, rest in vec(any::<u8>(), 0..300)) {
        let mut bytes = [&SASL_HEADER[..], &[0, 0, 1, 0, 2, 1, 0, 0, 0x00, 0x53, 0x40]].concat();
        bytes.truncate(right);
        bytes.extend(rest);
        let _ = amqp::mechanisms(&bytes);
    }
}

#[test]
fn a_real_capture_is_read_alike() {
    let body = b"\x00\x53\x40\xc0\x32\x01\xe0\x2f\x04\xb3\x00\x00\x00\x08EXTERNAL\x00\x00\x00\x07MSSBCBS\x00\x00\x00\x09ANONYMOUS\x00\x00\x00\x05PLAIN";
    let expected = ["EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"].map(str::to_owned).to_vec();
    assert_eq!(theirs(body), Some(expected.clone()));
    assert_eq!(amqp::mechanisms(&answer(body)), Parsed::Done(expected));
}

#[test]
fn our_header_is_the_one_they_know() {
    let theirs = fe2o3_amqp_types::definitions::MAJOR;
    assert_eq!(SASL_HEADER, [b'A', b'M', b'Q', b'P', 3, theirs, 0, 0]);
}
