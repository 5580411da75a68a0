//! The command line as a whole: one subcommand is parsed and executed, and its result becomes an exit code.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use clap::{Parser, Subcommand};

use super::exit::{Done, Exit, HELP};
use super::{bench, coverage, explain, fuzz, lint, list, model, output, prove, report, run, serve, target};

/// Tests OAuth 2.0 authorization servers: replays scenario files and gives a verdict on each rule
#[derive(Parser)]
#[command(name = "grantcheck", version, after_help = HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run checks against a server, or against the provider in the process
    #[command(after_help = HELP)]
    Run(run::Run),
    /// Send edited requests and look for what no server may do
    Fuzz(fuzz::Fuzz),
    /// List checks: their ids and titles
    List(list::List),
    /// Explain one check: its rule, why it matters, what it does, how to mend a server
    Explain(explain::Explain),
    /// Look for mistakes in scenario files
    Lint(lint::Lint),
    /// Show how much of each specification the checks cover
    Coverage(coverage::Coverage),
    /// Play random histories of clients and users, and say what none of them may lead to
    #[command(after_help = HELP)]
    Model(model::Model),
    /// Prove the checks: each fails under its defects and bears every liberty
    Prove(prove::Prove),
    /// Convert, merge and compare saved runs
    Report(report::Report),
    /// Make a target file, or say what one is good for
    Target(target::Target),
    /// Put a load on a server and say how fast it is, and whether it stays right
    #[command(after_help = HELP)]
    Bench(bench::Bench),
    /// Serve the reference provider
    Serve(serve::Serve),
}

/// Runs the program.
pub fn main() -> Exit {
    panic::set_hook(Box::new(report_fault));
    let arguments = Arguments::parse();
    let done = panic::catch_unwind(AssertUnwindSafe(|| execute(arguments.command)));
    match done {
        Ok(Ok(exit)) => exit,
        Ok(Err(stop)) => {
            output::complain(&stop.message);
            stop.exit
        }
        Err(_) => Exit::Internal,
    }
}

fn execute(command: Command) -> Done {
    match command {
        Command::Run(run) => run.execute(),
        Command::Fuzz(fuzz) => fuzz.execute(),
        Command::List(list) => list.execute(),
        Command::Explain(explain) => explain.execute(),
        Command::Lint(lint) => lint.execute(),
        Command::Coverage(coverage) => coverage.execute(),
        Command::Model(model) => model.execute(),
        Command::Prove(prove) => prove.execute(),
        Command::Report(report) => report.execute(),
        Command::Target(target) => target.execute(),
        Command::Bench(bench) => bench.execute(),
        Command::Serve(serve) => serve.execute(),
    }
}

/// What a target or a user does never ends here, so a panic is a fault of ours.
fn report_fault(fault: &PanicHookInfo<'_>) {
    let payload = fault.payload();
    let text = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
    let place = fault.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    output::complain(&format!(
        "this is a fault of grantcheck {}, not of the target: {}{place}\n\
         Please report it with the command line: {}/issues",
        env!("CARGO_PKG_VERSION"),
        text.unwrap_or("unknown"),
        env!("CARGO_PKG_REPOSITORY")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
