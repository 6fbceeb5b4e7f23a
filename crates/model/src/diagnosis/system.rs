//! The operating system of the machine that was tested: who runs it needs the words of that system.

use crate::observation::Observations;

/// As far as advice differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum System {
    /// Linux, and whatever is like it.
    #[default]
    Unix,
    Windows,
    MacOs,
}

impl System {
    pub(super) fn of(run: &Observations) -> Self {
        match run.vantage.os.as_str() {
            "windows" => Self::Windows,
            "macos" => Self::MacOs,
            _ => Self::Unix,
        }
    }

    /// What may stop outbound packets here, and how to see it.
    pub(super) fn firewalls(self) -> &'static str {
        match self {
            Self::Unix => "its firewall, `ip route` prohibitions, container or service sandbox",
            Self::Windows => {
                "Windows Defender Firewall, Outbound Rules, which `netsh advfirewall firewall show rule name=all dir=out` \
                 lists; or another security program's firewall"
            }
            Self::MacOs => {
                "`sudo pfctl -s rules` lists its packet filter's; or a security program's filter, under System Settings, \
                 Network, Filters"
            }
        }
    }

    /// How to see the table of routes.
    pub(super) fn routes(self) -> &'static str {
        match self {
            Self::Unix => "`ip rule`, `ip route show table all`",
            Self::Windows => "`route print`",
            Self::MacOs => "`netstat -rn`",
        }
    }

    /// What decides where the system's resolver looks.
    pub(super) fn resolver(self) -> &'static str {
        match self {
            Self::Unix => "nsswitch.conf, its caches",
            Self::Windows => "`Get-DnsClientNrptPolicy` in PowerShell, and its cache: `ipconfig /displaydns`",
            Self::MacOs => "`scutil --dns`, and its cache",
        }
    }

    /// How to empty the caches of names.
    pub(super) fn flush(self) -> &'static str {
        match self {
            Self::Unix => "nscd, a local forwarder",
            Self::Windows => "`ipconfig /flushdns`",
            Self::MacOs => "`sudo dscacheutil -flushcache`, `sudo killall -HUP mDNSResponder`",
        }
    }
}
