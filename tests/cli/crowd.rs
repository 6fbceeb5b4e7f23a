//! `hubreach serve` while one client takes all it can get.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use super::{run, serve::Served};

/// More than are served or wait.
const CONNECTIONS: usize = 450;

/// Connections that never say a word.
fn crowd(from: Ipv4Addr, port: u16, many: usize) -> Vec<TcpStream> {
    let connect = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        std::io::Result::Ok(TcpStream::from(socket))
    };
    (0..many).map(|_| connect().expect("connects")).collect()
}

#[test]
fn one_client_does_not_keep_a_port_silent() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let ca = dir.path().join("ca.pem");
    let ca = ca.to_str().expect("UTF-8");
    // From another address, and from the checker's own.
    for (from, many, patience) in [(Ipv4Addr::new(127, 0, 0, 2), CONNECTIONS, 4), (Ipv4Addr::LOCALHOST, 250, 30)] {
        let served = Served::start(&["--port", "mqtt=0,amqp=0,https=0", "--ca-out", ca]);
        let check = served.suggestion();
        let port = served.said.split("mqtt=").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok());
        let _crowd = crowd(from, port.expect("a port of MQTT"), many);
        // Who stands there for so long without a word must go where somebody waits.
        sleep(Duration::from_millis(5200));
        let began = Instant::now();
        let (status, screen, stderr) = run(&[&check[..], &["-q"]].concat());
        assert_eq!((status, stderr.as_str()), (0, ""), "{from}: {screen}");
        assert!(began.elapsed() < Duration::from_secs(patience), "{from}: {:?}", began.elapsed());
    }
}
