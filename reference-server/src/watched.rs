//! A provider that a desk acts on: what goes wrong by script, and the log, around each request. Sockets are in `http.rs`.

use std::sync::Arc;

use crate::desk::{Desk, Harm};
use crate::{Provider, Request, Response, admin};

/// Who acts on a provider from outside.
#[derive(Clone)]
pub struct Watched {
    pub desk: Arc<Desk>,
    /// Whether the desk is open to this machine over HTTP.
    pub admin: bool,
}

/// The connection is closed without an answer, as a test asked for.
#[derive(Debug, thiserror::Error)]
#[error("dropped")]
pub struct Dropped;

impl Watched {
    /// Answers a request at this moment (Unix milliseconds); `here` is whether it came from this machine.
    pub async fn answer(
        &self,
        provider: &Provider,
        request: Request,
        now: u64,
        here: bool,
    ) -> Result<Response, Dropped> {
        if self.admin && here && request.path().starts_with(admin::PATH) {
            return Ok(admin::handle(&self.desk, &request));
        }
        let harm = self.desk.harm(&request);
        if let Some(Harm::Delay(pause)) = harm {
            tokio::time::sleep(pause).await;
        }
        if harm == Some(Harm::Drop) {
            self.desk.note(request, None);
            return Err(Dropped);
        }
        let answer = || provider.handle(&request, now + self.desk.ahead_ms());
        let response = harm.and_then(|harm| harm.answer()).unwrap_or_else(answer);
        self.desk.note(request, Some(response.status));
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conduct, Config, Random};

    #[tokio::test]
    async fn the_desk_is_open_to_this_machine_alone() {
        let provider = Provider::new(Config::default(), Conduct::default(), Random::seeded(1));
        let watched = Watched { desk: Arc::default(), admin: true };
        for (here, status) in [(true, 200), (false, 404)] {
            let answer = watched.answer(&provider, Request::get("/__admin/requests"), 0, here).await;
            assert_eq!(answer.map(|response| response.status).ok(), Some(status), "here: {here}");
        }
    }
}
