//! How fast a target is asked: a token bucket, and its own wish in `Retry-After`.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::exchange::{Answer, Exchange};

/// At most so many requests a second; none at all when the rate is zero.
pub struct Bucket {
    gap: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Bucket {
    /// A bucket of this rate.
    pub fn new(rate: u32) -> Self {
        Self { gap: (rate > 0).then(|| Duration::from_secs(1) / rate), next: Mutex::new(None) }
    }

    /// Waits for its turn.
    pub async fn take(&self) {
        let Some(gap) = self.gap else { return };
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let start = next.filter(|next| *next > now).unwrap_or(now);
        *next = Some(start + gap);
        drop(next);
        tokio::time::sleep(start - now).await;
    }
}

/// The longest pause that a target is granted before its refusal is taken as the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a 429 or 503 asks to wait, if it does and it is not too long.
pub fn asked_to_wait(exchange: &Exchange) -> Option<Duration> {
    let Answer::Response(response) = &exchange.answer else {
        return None;
    };
    let seconds = response.retry_after().filter(|_| response.puts_off())?;
    Some(Duration::from_secs(seconds)).filter(|pause| *pause <= PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Request, Response};

    fn wish(status: u16, seconds: &str) -> Option<Duration> {
        let headers = vec![("retry-after".into(), seconds.into())];
        let response = Response { status, headers, body: Vec::new() };
        asked_to_wait(&Exchange::of(Request::default(), Answer::Response(response)))
    }

    #[test]
    fn only_a_short_and_clear_wish_is_granted() {
        assert_eq!(wish(429, "2"), Some(Duration::from_secs(2)));
        assert_eq!(wish(503, " 5 "), Some(Duration::from_secs(5)));
        for (status, seconds) in [(429, "6"), (503, "soon"), (400, "1"), (200, "1")] {
            assert_eq!(wish(status, seconds), None, "{status} {seconds}");
        }
    }
}
