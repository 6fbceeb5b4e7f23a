//! How a connection ended, and the names of TLS alerts.

use std::io;

use super::recording_stream::Flood;
use crate::observation::Ending;

/// rustls tells a `close_notify` (a clean end) from a bare FIN (an unexpected one).
pub(crate) fn ending(error: &io::Error) -> Ending {
    if let Some(Flood(bytes_received)) = Flood::of(error) {
        return Ending::Flood { bytes_received: *bytes_received, messages: 0 };
    }
    if let Some(rustls::Error::AlertReceived(alert)) =
        error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return Ending::Alert { code: u8::from(*alert), name: alert_name(*alert) };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Ending::Fin,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Ending::Reset,
        _ => Ending::Other { message: error.to_string() },
    }
}

/// The alert's name as the RFC writes it: `handshake_failure`.
pub(crate) fn alert_name(alert: rustls::AlertDescription) -> String {
    let camel = format!("{alert:?}");
    let mut snake = String::new();
    let mut last_was_lower = false;
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && last_was_lower {
            snake.push('_');
        }
        last_was_lower = letter.is_ascii_lowercase();
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn alerts_are_named_as_in_the_rfc() {
        assert_eq!(alert_name(AlertDescription::HandshakeFailure), "handshake_failure");
        assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown_ca");
        assert_eq!(alert_name(AlertDescription::CertificateRequired), "certificate_required");
    }
}
