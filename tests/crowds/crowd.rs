//! What makes connections fail for others' sake, by chance.

use std::{fmt, time::Duration};

use super::tun::Quality;

/// What becomes of a SYN that is one too many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    Dropped,
    Reset,
    Rejected,
}

/// One network.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// Connections at a time.
    limit: Option<(u32, Fate)>,
    /// New connections a second, and at once.
    rate: Option<(u32, u32, Fate)>,
    /// Each way.
    bits_per_second: Option<u64>,
    /// Of a thousand packets, each way.
    lost_per_mille: u32,
    round_trip_ms: u64,
    pub seed: u64,
}

impl Crowd {
    /// The same for the same seed, everywhere: one thing or two of what a site has, not all that there is.
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let (has_limit, has_rate, is_slow, loses) = match chance.within(0, 9) {
            0 | 1 => (true, false, false, false),
            2 => (false, true, false, false),
            3 => (false, false, true, false),
            4 => (false, false, false, true),
            5 => (true, true, false, false),
            6 => (true, false, true, false),
            7 => (true, false, false, true),
            8 => (false, true, false, true),
            _ => (false, true, true, false),
        };
        Self {
            limit: has_limit.then(|| (chance.within(2, 20), chance.fate())),
            rate: has_rate.then(|| (chance.within(1, 30), chance.within(2, 10), chance.fate())),
            bits_per_second: is_slow.then(|| chance.one_of([9_600, 14_400, 19_200, 32_000, 64_000, 128_000])),
            lost_per_mille: if loses { chance.within(10, 200) } else { 0 },
            round_trip_ms: chance.one_of([10, 40, 120, 300, 600]),
            seed,
        }
    }

    pub fn quality(&self) -> Quality {
        Quality {
            round_trip: Duration::from_millis(self.round_trip_ms),
            lost_per_mille: self.lost_per_mille,
            seed: self.seed,
            bits_per_second: self.bits_per_second,
        }
    }

    /// What the hub's side of the link lets in.
    pub fn rules(&self) -> Option<String> {
        const SYN: &str = "tcp flags & (syn | ack) == syn";
        let limit = self.limit.map(|(most, fate)| format!("{SYN} ct count over {most} {fate}\n"));
        let rate = self
            .rate
            .map(|(most, burst, fate)| format!("{SYN} limit rate over {most}/second burst {burst} packets {fate}\n"));
        if limit.is_none() && rate.is_none() {
            return None;
        }
        let rules = [limit, rate].into_iter().flatten().collect::<String>();
        Some(format!("table inet site {{\n chain site {{\n type filter hook input priority filter;\n {rules} }}\n}}\n"))
    }

    /// Slow ones take longest.
    pub fn bits_per_second(&self) -> u64 {
        self.bits_per_second.unwrap_or(u64::MAX)
    }
}

/// SplitMix64: the numbers of a seed.
struct Chance(u64);

impl Chance {
    fn within(&mut self, least: u32, most: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        least + u32::try_from(mixed % u64::from(most - least + 1)).expect("no more than most")
    }

    fn one_of<const N: usize>(&mut self, among: [u64; N]) -> u64 {
        among[self.within(0, u32::try_from(N).expect("few") - 1) as usize]
    }

    fn fate(&mut self) -> Fate {
        [Fate::Dropped, Fate::Reset, Fate::Rejected][self.within(0, 2) as usize]
    }
}

/// As nftables says it.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "drop",
            Self::Reset => "reject with tcp reset",
            Self::Rejected => "reject with icmpx type admin-prohibited",
        })
    }
}

impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {} ms", self.seed, self.round_trip_ms)?;
        if let Some((most, fate)) = self.limit {
            write!(f, ", {most} connections ({fate})")?;
        }
        if let Some((most, burst, fate)) = self.rate {
            write!(f, ", {most} a second and {burst} at once ({fate})")?;
        }
        if let Some(rate) = self.bits_per_second {
            write!(f, ", {rate} bit/s")?;
        }
        write!(f, ", {} of 1000 lost", self.lost_per_mille)
    }
}
