//! Whatever comes, in whatever pieces, is survived and answered alike.

use hubreach::{
    responder::Session,
    wire::{amqp::SASL_HEADER, mqtt},
};
use proptest::{collection::vec, prelude::*};

/// What is sent in answer, byte for byte, and whether it ends.
fn answer<'a>(mut session: Session, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, bool) {
    let mut sent = Vec::new();
    for piece in pieces {
        let reply = session.receive(piece);
        sent.extend(reply.bytes);
        if reply.done {
            return (sent, true);
        }
    }
    (sent, false)
}

/// Right beginnings that go on with anything.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let init = b"\x00\x00\x00\x19\x02\x01\x00\x00\x00\x53\x41\xc0\x0c\x01\xa3\x09ANONYMOUS".to_vec();
    let start = prop_oneof![
        Just(Vec::new()),
        Just(mqtt::connect("device", None)),
        Just(vec![0x10]),
        Just(SASL_HEADER.to_vec()),
        Just([&SASL_HEADER[..], &init, b"AMQP\x00\x01\x00\x00"].concat()),
    ];
    (start, vec(any::<u8>(), 0..200)).prop_map(|(start, rest)| [start, rest].concat())
}

proptest! {
    #[test]
    fn pieces_do_not_matter(words in words(), size in 1_usize..50) {
        for new in [Session::mqtt, Session::amqp, || Session::mqtt().with_connack_code(0)] {
            let whole = answer(new(), std::iter::once(words.as_slice()));
            prop_assert_eq!(answer(new(), words.chunks(size)), whole);
        }
    }
}
