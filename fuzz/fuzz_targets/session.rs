//! Whatever a device sends to our responder in MQTT or AMQP: no panic, and pieces of any size are answered as the whole is.
#![no_main]

use hubreach::responder::Session;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for session in [Session::mqtt, Session::amqp, || Session::mqtt().with_connack_code(0)] {
        let whole = session().receive(bytes);
        let (mut in_pieces, mut sent, mut done) = (session(), Vec::new(), false);
        for piece in bytes.chunks(3) {
            let reply = in_pieces.receive(piece);
            sent.extend(reply.bytes);
            done = reply.done;
        }
        assert_eq!((sent, done), (whole.bytes, whole.done));
    }
});
