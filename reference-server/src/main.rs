//! The provider as a command.

use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Threads that answer
    #[arg(long, default_value_t = 2)]
    threads: usize,
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
    let listening = Listening::bind(&arguments.host, arguments.port, config, conduct)
        .map_err(|error| format!("{}:{}: {error}", arguments.host, arguments.port))?;
    println!("reference-server ready: issuer {}", listening.issuer());
    http::run(listening, arguments.threads).map_err(|error| error.to_string())
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
