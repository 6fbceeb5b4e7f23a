//! One connection, from the TCP handshake to the protocol.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::{
    AfterHandshake, Behaviour, PortBehaviour, PortMode, Session, WsPath,
    carrier::Carrier,
    misbehave, proxy_header,
    stream::{Stream, drain, within},
    web,
};

/// What a connection is served with.
pub(super) struct Context {
    pub(super) tls: TlsAcceptor,
    pub(super) port: PortBehaviour,
    pub(super) behaviour: Arc<Behaviour>,
    pub(super) speaks: Service,
    pub(super) ws_path: WsPath,
    pub(super) idle: Duration,
}

/// What a listener speaks inside TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Mqtt,
    Amqp,
    Web,
}

/// Serves one connection to its end.
pub(super) async fn serve(mut tcp: TcpStream, context: &Context) -> io::Result<()> {
    match &context.port.mode {
        // The last two never accept.
        PortMode::Open | PortMode::Closed | PortMode::SynDrop => {}
        PortMode::Clear => return converse(Carrier::Clear(tcp), context).await,
        PortMode::ProxyHeader => {
            if !proxy_header::take(&mut tcp, context.idle).await? {
                return tcp.set_zero_linger();
            }
        }
        PortMode::Silent => return wait_silently(tcp, context.idle).await,
        PortMode::Close => return end(tcp).await,
        PortMode::Reset => return tcp.set_zero_linger(),
        PortMode::Plain(bytes) => {
            within(context.idle, tcp.write_all(bytes)).await?;
            return end(tcp).await;
        }
        PortMode::Drip => return misbehave::drip_tcp(tcp).await,
        PortMode::Flood => return misbehave::flood_tcp(tcp, context.idle).await,
    }
    let handshake = context.tls.accept(tcp).into_fallible();
    let tls = match timeout(context.idle, handshake).await {
        Ok(Ok(tls)) => tls,
        Ok(Err((error, tcp))) => {
            // The alert is on its way; a RST would overtake it.
            end(tcp).await?;
            return Err(error);
        }
        Err(_) => return Err(io::ErrorKind::TimedOut.into()),
    };
    let tls = Carrier::Tls(Box::new(tls));
    match context.port.tls.after_handshake {
        AfterHandshake::GoOn => {}
        AfterHandshake::Close => {
            Stream::new(tls, context.idle).close().await;
            return Ok(());
        }
        AfterHandshake::Reset => {
            Stream::new(tls, context.idle).reset();
            return Ok(());
        }
    }
    converse(tls, context).await
}

async fn converse(carrier: Carrier, context: &Context) -> io::Result<()> {
    let stream = Stream::new(carrier, context.idle);
    match context.speaks {
        Service::Mqtt => {
            misbehave::converse(stream, Session::mqtt(), &context.behaviour.mqtt, &context.behaviour).await
        }
        Service::Amqp => {
            misbehave::converse(stream, Session::amqp(), &context.behaviour.amqp, &context.behaviour).await
        }
        Service::Web => web::serve(stream, &context.behaviour, &context.ws_path).await,
    }
}

async fn end(mut tcp: TcpStream) -> io::Result<()> {
    tcp.shutdown().await?;
    drain(&mut tcp).await;
    Ok(())
}

async fn wait_silently(mut tcp: TcpStream, idle: Duration) -> io::Result<()> {
    let mut chunk = [0; 4096];
    let _ = timeout(idle, async { while let Ok(1..) = tcp.read(&mut chunk).await {} }).await;
    Ok(())
}
