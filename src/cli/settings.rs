//! The settings of a check, from its options.

use hubreach::Settings;

use super::args::{JudgingArgs, ProbeArgs, Trust};

/// How it is to be tested.
pub fn settings(probe: &ProbeArgs, trust: &Trust, judgement: &JudgingArgs) -> Settings {
    let mut settings = trust.of(probe.addresses.settings());
    (settings.depth, settings.experiments) = (probe.depth, !probe.no_experiments);
    (settings.requirement, settings.role) = (judgement.require.clone(), judgement.role);
    settings
}
