//! The provider as a command.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use reference_server::http::{self, Listening};
use reference_server::{Conduct, Config, Defect, Liberty};

/// A strict OAuth 2.0 provider in memory, whose promises can be broken by name
#[derive(Debug, Parser)]
#[command(name = "reference-server", version, about)]
struct Arguments {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 8181)]
    port: u16,
    /// The address
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Clients, users, scopes and lifetimes in place of the built-in ones
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Speak TLS with a certificate made now; the certificate of its authority is written here, for clients to trust
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
    /// Another port, without TLS, that turns away what should have come with it; 0 takes a free one
    #[arg(long, value_name = "PORT", requires = "tls")]
    cleartext_port: Option<u16>,
    /// Room for so many access tokens that live at the same time, and as many refresh tokens
    #[arg(long, value_name = "N")]
    room: Option<usize>,
    /// Break a promise (repeatable)
    #[arg(long, value_name = "NAME")]
    defect: Vec<String>,
    /// Take a liberty (repeatable)
    #[arg(long, value_name = "NAME")]
    liberty: Vec<String>,
    /// List every defect and every liberty, and end
    #[arg(long)]
    list_conduct: bool,
    /// Open /__admin to this machine: move the clock, script faults, read the requests
    #[arg(long)]
    admin: bool,
    /// Threads that answer; as a rule half as many as there are cores, since whoever asks needs the others
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_conduct {
        Defect::ALL.iter().for_each(|defect| println!("defect   {:56} {}", defect.name(), defect.what()));
        Liberty::ALL.iter().for_each(|liberty| println!("liberty  {:56} {}", liberty.name(), liberty.what()));
        return ExitCode::SUCCESS;
    }
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), String> {
    let (config, conduct) = (config(arguments)?, conduct(arguments)?);
    let (host, port) = (&arguments.host, arguments.port);
    let listening = match arguments.tls {
        Some(_) => Listening::bind_tls(host, port, arguments.cleartext_port, config, conduct),
        None => Listening::bind(host, port, config, conduct),
    };
    let listening = listening.map_err(|error| format!("{host}:{port}: {error}"))?;
    if let (Some(path), Some(authority)) = (&arguments.tls, listening.authority()) {
        std::fs::write(path, authority).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("reference-server ready: issuer {}", listening.issuer());
    let listening = if arguments.admin { listening.at(Arc::default(), true) } else { listening };
    http::run(listening, arguments.threads.unwrap_or_else(http::usual_threads)).map_err(|error| error.to_string())
}

fn config(arguments: &Arguments) -> Result<Config, String> {
    let mut config = match &arguments.config {
        None => Config::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Config::from_toml(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    config.room = arguments.room.unwrap_or(config.room);
    Ok(config)
}

fn conduct(arguments: &Arguments) -> Result<Conduct, String> {
    let unknown = |what: &str, name: &str| format!("there is no {what} `{name}`; --list-conduct lists all");
    let mut conduct = Conduct::default();
    for name in &arguments.defect {
        conduct = conduct.with_defect(Defect::find(name).ok_or_else(|| unknown("defect", name))?);
    }
    for name in &arguments.liberty {
        conduct = conduct.with_liberty(Liberty::find(name).ok_or_else(|| unknown("liberty", name))?);
    }
    Ok(conduct)
}
