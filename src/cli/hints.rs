//! The library's errors, and which option fixes each.

use hubreach::{
    SettingsError, SetupError,
    audit::{PlanError, TargetFault},
    hub::{HostError, TargetOptionsError, TypedError},
};

/// Why a run could not be made.
pub fn setup(error: &SetupError) -> String {
    match error {
        SetupError::RootsLate => format!("{error}; give --ca and --hub-ca files that can be read at once"),
        SetupError::Unsupported(_) => format!("{error}; `hubreach check` works here too"),
        SetupError::Settings(error) => settings(error),
        _ => error.to_string(),
    }
}

/// Why settings do not go together.
pub fn settings(error: &SettingsError) -> String {
    match error {
        SettingsError::NoAddressOfFamily => {
            "one address family alone (-4 or -6) leaves none of the addresses given; leave one of the two out"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

/// Why the arguments are not a target.
pub fn typed(error: &TypedError) -> String {
    match error {
        TypedError::Host(error) => host(error),
        TypedError::Choice(error) => choice(error),
        TypedError::Protocol(scheme) => {
            format!("{scheme}:// does not go with --protocol; leave one of them out")
        }
        TypedError::SecretPath => {
            format!("{error}; type the URL without it, and what is tested as --ws-path or --https-path")
        }
        TypedError::NearMiss { .. } => format!("{error} (a hub of another name needs --kind)"),
        _ => error.to_string(),
    }
}

/// Why a hub does not offer what was chosen.
fn choice(error: &TargetOptionsError) -> String {
    match error {
        TargetOptionsError::PortZero(protocol) => {
            format!("a port is a number from 1 to 65535, for example --port {protocol}=18883")
        }
        TargetOptionsError::BadWsPath => format!("{error}, for example --ws-path /mqtt"),
        TargetOptionsError::BadHttpsPath => format!("{error}, for example --https-path /mqtt"),
        _ => error.to_string(),
    }
}

fn host(error: &HostError) -> String {
    match error {
        HostError::Empty => {
            format!("{error}; type its hostname, for example: hubreach contoso.azure-devices.net")
        }
        HostError::BadPort => {
            format!("{error}; type the hostname alone, and another port as --port mqtt=8884")
        }
        _ => format!("{error}; type the hub's hostname, for example: hubreach contoso.azure-devices.net"),
    }
}

/// What is wrong with a plan, without its line.
pub fn plan(error: &PlanError) -> String {
    match &error.fault {
        Some(TargetFault::Hub(error)) => typed(error),
        Some(TargetFault::Settings(error)) => settings(error),
        _ => error.message.clone(),
    }
}
