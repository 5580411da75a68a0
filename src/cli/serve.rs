//! `serve`: the reference provider on a port, for other tools and for people.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use reference_server::Config;
use reference_server::http::{self, Listening};

use super::conduct::{self, Switches};
use super::exit::{Done, Exit, Stop};
use super::output;

/// The arguments.
#[derive(Args)]
pub struct Serve {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 8181)]
    port: u16,
    /// The address
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Clients, users, scopes and lifetimes in place of the built-in ones
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Open /__admin to this machine: move the clock, script faults, read the requests
    #[arg(long)]
    admin: bool,
    /// Speak TLS with a certificate made now; the certificate of its authority is written here, for clients to trust
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Another port, without TLS, that turns away what should have come with it; 0 takes a free one
    #[arg(long, value_name = "PORT", requires = "tls")]
    cleartext_port: Option<u16>,
    /// Threads that answer; as a rule half as many as there are cores, since whoever asks needs the others
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Room for so many access tokens that live at the same time, and as many refresh tokens
    #[arg(long, value_name = "N")]
    room: Option<usize>,
    /// List every defect and every liberty, and end
    #[arg(long)]
    list_conduct: bool,
    #[command(flatten)]
    switches: Switches,
}

impl Serve {
    /// Serves until the process ends.
    pub fn execute(self) -> Done {
        if self.list_conduct {
            return output::print(&conduct::table()).map(|()| Exit::Passed);
        }
        let (host, port) = (self.host.trim_matches(['[', ']']), self.port);
        let mut config = self.config()?;
        config.room = self.room.unwrap_or(config.room);
        let conduct = self.switches.conduct();
        let listening = match self.tls {
            Some(_) => Listening::bind_tls(host, port, self.cleartext_port, config, conduct),
            None => Listening::bind(host, port, config, conduct),
        };
        let listening = listening.map_err(|error| Stop::usage(format!("{host}:{port} cannot be served: {error}")))?;
        if let (Some(path), Some(authority)) = (&self.tls, listening.authority()) {
            std::fs::write(path, authority).map_err(|error| Stop::usage(format!("{}: {error}", path.display())))?;
        }
        output::print(&format!("reference-server ready: issuer {}\n", listening.issuer()))?;
        let listening = if self.admin { listening.at(Arc::default(), true) } else { listening };
        http::run(listening, self.threads.unwrap_or_else(http::usual_threads))
            .map_err(|error| Stop::internal(error.to_string()))?;
        Ok(Exit::Passed)
    }

    fn config(&self) -> Result<Config, Stop> {
        let Some(path) = &self.config else { return Ok(Config::default()) };
        let wrong = |error: &dyn std::fmt::Display| Stop::usage(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        Config::from_toml(&text).map_err(|error| wrong(&error))
    }
}
