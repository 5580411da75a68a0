//! Second tries. A set-up that a target over the network does not let through may have met a limit of the moment: a
//! server that answers 500 to two tokens of one second, a login that is slowed down. It is tried once more after a
//! pause, until that has proven useless; how often it helped is told. What is judged is never tried until it pleases.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::access::Access;
use super::verdict::Judged;
use crate::exchange::{Answer, Exchange};
use crate::outcome::Verdict;
use crate::target::Target;

/// So many second tries in vain, one after the other, and there are no more.
const IN_VAIN: u32 = 5;

/// How a run deals with set-ups that do not get through.
#[derive(Default)]
pub struct Patience {
    pause: Duration,
    helped: AtomicU32,
    in_vain: AtomicU32,
}

impl Patience {
    /// As the target file's `pace.retry_ms` says; the provider in the process has no second tries.
    pub fn with(target: &Target, access: &Access) -> Self {
        let pause = if access.is_embedded() { 0 } else { target.pace.retry_ms };
        Self { pause: Duration::from_millis(pause), ..Self::default() }
    }

    /// Whether there is a second try, after the pause.
    pub async fn tries_again(&self, judged: &Judged) -> bool {
        let hopeless = self.in_vain.load(Ordering::Relaxed) >= IN_VAIN;
        if judged.verdict != Verdict::Blocked || hopeless || self.pause.is_zero() {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        true
    }

    /// Counts what came of a second try.
    pub fn learns(&self, helped: bool) {
        if helped {
            self.helped.fetch_add(1, Ordering::Relaxed);
            self.in_vain.store(0, Ordering::Relaxed);
        } else {
            self.in_vain.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A failure that ends in a server error is confirmed after the pause: it may be of the moment, too.
    pub async fn waits_after(&self, exchanges: &[Exchange]) {
        let broke = |answer: &Answer| matches!(answer, Answer::Response(response) if response.status >= 500);
        if exchanges.iter().any(|exchange| broke(&exchange.answer)) {
            tokio::time::sleep(self.pause).await;
        }
    }

    /// What the reader of the report should know.
    pub fn note(&self) -> Option<String> {
        let helped = self.helped.load(Ordering::Relaxed);
        (helped > 0).then(|| format!("set-ups that got through only when tried a second time: {helped}"))
    }
}
