//! SOCKS5, by which a proxy opens a tunnel (RFC 1928), and its login by user name and password (RFC 1929).

use std::net::IpAddr;

use super::Parsed;

/// The version that every message begins with (RFC 1928, section 3).
const VERSION: u8 = 5;
/// The version of the login (RFC 1929, section 2).
const LOGIN_VERSION: u8 = 1;

/// Methods (RFC 1928, section 3).
const NO_LOGIN: u8 = 0x00;
const USER_PASSWORD: u8 = 0x02;
const NONE_ACCEPTABLE: u8 = 0xff;

/// The command CONNECT (RFC 1928, section 4).
const CONNECT: u8 = 1;

/// Types of address (RFC 1928, section 5).
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// How the proxy wants its client to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Not at all.
    NoLogin,
    /// By user name and password.
    UserPassword,
    /// In none of the ways that were offered: it closes the connection.
    NoneAcceptable,
    /// In a way that was not offered.
    Other(u8),
}

impl Method {
    /// Its number.
    pub fn code(self) -> u8 {
        match self {
            Self::NoLogin => NO_LOGIN,
            Self::UserPassword => USER_PASSWORD,
            Self::NoneAcceptable => NONE_ACCEPTABLE,
            Self::Other(code) => code,
        }
    }
}

/// Where the tunnel leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'n> {
    /// A name, which the proxy resolves (`socks5h`).
    Name(&'n str),
    /// An address, which this device resolved (`socks5`).
    Ip(IpAddr),
}

/// What the proxy says to [`connect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The tunnel is open.
    Granted {
        /// The length of the reply: the bytes after it belong to the tunnel.
        length: usize,
    },
    /// There is no tunnel, for the reason of this code (RFC 1928, section 6). The rest of the reply is not waited for, as
    /// some proxies close instead.
    Refused(u8),
}

/// A text that SOCKS5 cannot carry. It does not say which text, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongLength {
    /// Of the user name.
    #[error("the proxy's user name must have 1 to 255 bytes for SOCKS5")]
    User,
    /// Of the password.
    #[error("the proxy's password must have 1 to 255 bytes for SOCKS5")]
    Password,
    /// Of the target's name.
    #[error("a host name must have 1 to 255 bytes for SOCKS5")]
    Name,
}

/// The first message (RFC 1928, section 3). With `login`, the proxy may choose to do without it.
pub fn greeting(login: bool) -> Vec<u8> {
    if login { vec![VERSION, 2, NO_LOGIN, USER_PASSWORD] } else { vec![VERSION, 1, NO_LOGIN] }
}

/// Reads the method that answers the greeting, which has two bytes (RFC 1928, section 3).
pub fn method(bytes: &[u8]) -> Parsed<Method> {
    match bytes {
        [] | [VERSION] => Parsed::Incomplete,
        [VERSION, method, ..] => Parsed::Done(match *method {
            NO_LOGIN => Method::NoLogin,
            USER_PASSWORD => Method::UserPassword,
            NONE_ACCEPTABLE => Method::NoneAcceptable,
            other => Method::Other(other),
        }),
        _ => Parsed::Mismatch,
    }
}

/// The login (RFC 1929, section 2).
pub fn login(user: &[u8], password: &[u8]) -> Result<Vec<u8>, WrongLength> {
    let mut message = vec![LOGIN_VERSION];
    push_text(&mut message, user).ok_or(WrongLength::User)?;
    push_text(&mut message, password).ok_or(WrongLength::Password)?;
    Ok(message)
}

/// Reads whether the login was accepted, from two bytes (RFC 1929, section 2). Some proxies answer with SOCKS's version
/// instead of the login's; curl reads neither.
pub fn login_answer(bytes: &[u8]) -> Parsed<bool> {
    match bytes {
        [] | [LOGIN_VERSION | VERSION] => Parsed::Incomplete,
        [LOGIN_VERSION | VERSION, status, ..] => Parsed::Done(*status == 0),
        _ => Parsed::Mismatch,
    }
}

/// The request for a tunnel to `target` (RFC 1928, section 4).
pub fn connect(target: Target<'_>, port: u16) -> Result<Vec<u8>, WrongLength> {
    let mut message = vec![VERSION, CONNECT, 0];
    match target {
        Target::Name(name) => {
            message.push(NAME);
            push_text(&mut message, name.as_bytes()).ok_or(WrongLength::Name)?;
        }
        Target::Ip(IpAddr::V4(ip)) => {
            message.push(IPV4);
            message.extend(ip.octets());
        }
        Target::Ip(IpAddr::V6(ip)) => {
            message.push(IPV6);
            message.extend(ip.octets());
        }
    }
    message.extend(port.to_be_bytes());
    Ok(message)
}

/// Reads the reply to [`connect`] (RFC 1928, section 6). The address that the proxy connects from is passed over:
/// proxies write zeros, an address or a name there.
pub fn reply(bytes: &[u8]) -> Parsed<Reply> {
    let length = match bytes {
        [] | [VERSION] => return Parsed::Incomplete,
        [VERSION, code @ 1..=u8::MAX, ..] => return Parsed::Done(Reply::Refused(*code)),
        [VERSION, _, _, IPV4, ..] => 4 + 4 + 2,
        [VERSION, _, _, IPV6, ..] => 4 + 16 + 2,
        [VERSION, _, _, NAME, name, ..] => 5 + usize::from(*name) + 2,
        [VERSION, _] | [VERSION, _, _] | [VERSION, _, _, NAME] => return Parsed::Incomplete,
        _ => return Parsed::Mismatch,
    };
    if bytes.len() < length { Parsed::Incomplete } else { Parsed::Done(Reply::Granted { length }) }
}

/// Appends a text of 1 to 255 bytes with its length.
fn push_text(out: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length > 0)?;
    out.push(length);
    out.extend(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_method_is_two_bytes() {
        assert_eq!(greeting(false), [5, 1, 0]);
        assert_eq!(greeting(true), [5, 2, 0, 2]);
        assert_eq!((method(&[]), method(&[5])), (Parsed::Incomplete, Parsed::Incomplete));
        for (byte, meant) in
            [(0, Method::NoLogin), (2, Method::UserPassword), (0xff, Method::NoneAcceptable), (1, Method::Other(1))]
        {
            assert_eq!(method(&[5, byte]), Parsed::Done(meant));
        }
    }

    #[test]
    fn a_login_has_both_lengths() {
        assert_eq!(login(b"us", b"pas"), Ok(b"\x01\x02us\x03pas".to_vec()));
        assert_eq!(login(b"", b"p"), Err(WrongLength::User));
        assert_eq!(login(b"u", b""), Err(WrongLength::Password));
        assert_eq!(login(&[b'u'; 256], b"p"), Err(WrongLength::User));
        assert_eq!(login(b"u", &[b'p'; 255]).map(|message| message.len()), Ok(259));
        assert_eq!(login_answer(&[1]), Parsed::Incomplete);
        assert_eq!((login_answer(&[1, 0]), login_answer(&[1, 1])), (Parsed::Done(true), Parsed::Done(false)));
        assert_eq!(login_answer(&[5, 0]), Parsed::Done(true));
    }

    #[test]
    fn a_target_is_a_name_or_an_address() {
        assert_eq!(connect(Target::Name("hub"), 8883), Ok(b"\x05\x01\x00\x03\x03hub\x22\xb3".to_vec()));
        let v4 = Target::Ip(IpAddr::from([192, 0, 2, 7]));
        assert_eq!(connect(v4, 443), Ok(vec![5, 1, 0, 1, 192, 0, 2, 7, 1, 0xbb]));
        let v6 = connect(Target::Ip("2001:db8::7".parse().expect("an address")), 443).expect("an address fits");
        assert_eq!((v6.len(), &v6[..6], &v6[19..]), (22, &[5, 1, 0, 4, 0x20, 0x01][..], &[7, 1, 0xbb][..]));
        assert_eq!(connect(Target::Name(&"n".repeat(256)), 1), Err(WrongLength::Name));
        assert_eq!(connect(Target::Name(""), 1), Err(WrongLength::Name));
    }

    #[test]
    fn a_granted_tunnel_begins_after_an_address_of_any_type() {
        for (address, length) in
            [(&[1, 0, 0, 0, 0, 0, 0][..], 10), (b"\x03\x03hub\x00\x50", 10), (b"\x03\x00\x00\x50", 7), (&[4; 19], 22)]
        {
            let mut bytes = vec![5, 0, 0];
            bytes.extend(address);
            assert_eq!(reply(&bytes), Parsed::Done(Reply::Granted { length }));
            for cut in 0..length {
                assert_eq!(reply(&bytes[..cut]), Parsed::Incomplete, "{cut} of {bytes:?}");
            }
            bytes.extend(b"tunnel");
            assert_eq!(reply(&bytes), Parsed::Done(Reply::Granted { length }));
        }
        assert_eq!(reply(&[5, 0, 0, 2]), Parsed::Mismatch);
    }

    #[test]
    fn a_refusal_may_be_short() {
        assert_eq!(reply(&[5, 2]), Parsed::Done(Reply::Refused(2)));
        assert_eq!(reply(&[5, 0x91, 0, 1, 0, 0, 0, 0, 0, 0]), Parsed::Done(Reply::Refused(0x91)));
    }

    #[test]
    fn another_protocol_is_noticed_at_its_first_byte() {
        // HTTP, SOCKS4 and TLS.
        for wrong in [&b"HTTP/1.1 400 Bad Request"[..], &[0, 0x5a], &[0x15, 3, 3]] {
            for length in 1..=wrong.len() {
                let wrong = &wrong[..length];
                assert_eq!((method(wrong), reply(wrong)), (Parsed::Mismatch, Parsed::Mismatch));
                assert_eq!(login_answer(wrong), Parsed::Mismatch);
            }
        }
    }

    proptest! {
        #[test]
        fn more_bytes_take_nothing_back(
            mut bytes in prop::collection::vec(any::<u8>(), 0..300),
            is_socks in any::<bool>(),
        ) {
            if let (true, Some(first)) = (is_socks, bytes.first_mut()) {
                *first = VERSION;
            }
            for length in 0..bytes.len() {
                let part = &bytes[..length];
                prop_assert!(method(part) == Parsed::Incomplete || method(part) == method(&bytes));
                prop_assert!(login_answer(part) == Parsed::Incomplete || login_answer(part) == login_answer(&bytes));
                prop_assert!(reply(part) == Parsed::Incomplete || reply(part) == reply(&bytes));
            }
            if let Parsed::Done(Reply::Granted { length }) = reply(&bytes) {
                prop_assert!(length <= bytes.len());
            }
        }
    }
}
