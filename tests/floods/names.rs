//! Name servers that keep sending.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use super::program::run;

/// Longer than a question waits for its answer.
const FOR: Duration = Duration::from_secs(3);

/// A name server that answers every question with datagrams that answer something else, and in a stream with a message that
/// never ends.
fn start() -> String {
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = udp.local_addr().expect("bound");
    // The same number is free for TCP too, nearly always; where it is not, streams are refused.
    let tcp = TcpListener::bind(address);
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut question) {
            let Ok(socket) = udp.try_clone() else { return };
            let mut stranger = question[..length].to_vec();
            stranger[0] ^= 0xff;
            stranger.resize(1400, 0);
            thread::spawn(move || {
                let began = Instant::now();
                while began.elapsed() < FOR && socket.send_to(&stranger, from).is_ok() {}
            });
        }
    });
    thread::spawn(move || {
        let Ok(tcp) = tcp else { return };
        while let Ok((mut stream, _)) = tcp.accept() {
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 512]);
                while stream.write_all(&[0xff; 4096]).is_ok() {}
            });
        }
    });
    address.to_string()
}

#[test]
fn a_name_server_that_floods_is_no_name_server() {
    let server = start();
    let args = ["check", "hub.test", "--kind", "mqtt-broker", "--resolver", &server, "--timeout", "3s", "-q"];
    let ended = run(&args);
    ended.is_bounded("names", Duration::from_secs(3));
    assert!(ended.status == Some(1) && ended.stdout.contains("name server"), "{ended:?}");
}
