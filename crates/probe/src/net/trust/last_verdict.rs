//! The last chain that a store vouched for: a hub shows the same one on each of its ports, and so do a provider's hubs.

use std::sync::{Mutex, PoisonError};

use rustls::pki_types::{CertificateDer, UnixTime};

use crate::observation::StoreVerdict;

/// No honest chain is longer, in bytes, and a longer one is not kept in memory.
const MAX_LEN: usize = 32 * 1024;

/// What was said of it, and when: at another second it is judged anew.
#[derive(Debug, Default)]
pub(super) struct LastVerdict(Mutex<Option<KnownVerdict>>);

#[derive(Debug)]
struct KnownVerdict {
    chain: Vec<CertificateDer<'static>>,
    at: UnixTime,
    verdict: StoreVerdict,
}

impl LastVerdict {
    pub(super) fn verdict(&self, chain: &[CertificateDer<'_>], at: UnixTime) -> Option<StoreVerdict> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = last.as_ref().filter(|last| last.at == at && last.chain.as_slice() == chain);
        same.map(|last| last.verdict.clone())
    }

    pub(super) fn keep(&self, chain: &[CertificateDer<'_>], at: UnixTime, verdict: &StoreVerdict) {
        if chain.iter().map(|certificate| certificate.len()).sum::<usize>() > MAX_LEN {
            return;
        }
        let chain = chain.iter().map(|certificate| certificate.clone().into_owned()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(KnownVerdict { chain, at, verdict: verdict.clone() });
    }
}
