//! MQTT 3.1.1 against `rumqttc`.

use bytes::BytesMut;
use hubreach::wire::{Parsed, mqtt};
use proptest::{collection::vec, option, prelude::*};
use rumqttc::mqttbytes::{
    Protocol,
    v4::{ConnAck, ConnectReturnCode, Packet},
};

const CODES: [ConnectReturnCode; 6] = [
    ConnectReturnCode::Success,
    ConnectReturnCode::RefusedProtocolVersion,
    ConnectReturnCode::BadClientId,
    ConnectReturnCode::ServiceUnavailable,
    ConnectReturnCode::BadUserNamePassword,
    ConnectReturnCode::NotAuthorized,
];

fn theirs(bytes: &[u8]) -> (Packet, usize) {
    let mut stream = BytesMut::from(bytes);
    let packet = Packet::read(&mut stream, 1 << 20).expect("rumqttc reads it");
    (packet, stream.len())
}

proptest! {
    #[test]
    fn they_read_our_connect(client_id in "[a-zA-Z0-9._-]{1,64}", user in option::of("[ -~]{1,600}")) {
        let bytes = mqtt::connect(&client_id, user.as_deref());
        let (packet, left) = theirs(&bytes);
        prop_assert_eq!(left, 0);
        let Packet::Connect(connect) = packet else { panic!("{packet:?}") };
        prop_assert_eq!(connect.protocol, Protocol::V4);
        prop_assert_eq!(connect.client_id, client_id);
        prop_assert!(connect.clean_session && connect.last_will.is_none() && connect.keep_alive > 0);
        match (connect.login, user) {
            (None, None) => {}
            (Some(login), Some(user)) => {
                prop_assert_eq!(login.username, user);
                prop_assert_eq!(login.password, "");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn we_read_their_connack(code in 0..CODES.len(), session_present: bool, rest in vec(any::<u8>(), 0..8)) {
        let mut bytes = BytesMut::new();
        ConnAck::new(CODES[code], session_present).write(&mut bytes).expect("rumqttc writes it");
        for length in 0..bytes.len() {
            prop_assert_eq!(mqtt::connack(&bytes[..length]), Parsed::Incomplete);
        }
        let expected = mqtt::Connack { session_present, return_code: code as u8 };
        prop_assert_eq!(mqtt::connack(&bytes), Parsed::Done(expected));
        bytes.extend_from_slice(&rest);
        prop_assert_eq!(mqtt::connack(&bytes), Parsed::Done(expected));
    }

    #[test]
    fn any_bytes_are_judged_alike(start in 0usize..4, rest in vec(any::<u8>(), 0..64)) {
        let mut bytes = [0x20, 0x02, 0x00][..start.min(3)].to_vec();
        bytes.extend(rest);
        if let Parsed::Done(ours) = mqtt::connack(&bytes) {
            let mut stream = BytesMut::from(&bytes[..]);
            match Packet::read(&mut stream, 1 << 20) {
                Ok(Packet::ConnAck(theirs)) => {
                    prop_assert_eq!(theirs.session_present, ours.session_present);
                    prop_assert_eq!(theirs.code as u8, ours.return_code);
                }
                // Codes of later versions are kept as they came.
                Err(_) => prop_assert!(ours.return_code > 5),
                Ok(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn they_read_our_disconnect() {
    assert_eq!(theirs(&mqtt::DISCONNECT), (Packet::Disconnect, 0));
}
