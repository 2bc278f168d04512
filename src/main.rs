//! Parses the command line and runs the command.

use std::{process::ExitCode, time::Duration};

use fieldguard::{
    app::commands::{self, Program},
    cli, telemetry,
};
use fieldguard_guard::cause::chain;
use tokio::runtime::Runtime;

// Lists consist of many small values. This allocator is up to 1.4 times as fast for them as the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the process waits at exit for tasks that are still running. Everything that must finish has finished
/// before.
const LAST_TASKS: Duration = Duration::from_millis(200);

/// How long the process waits at exit for the last log lines. A reader that has stopped reading must not keep it alive.
const LAST_LINES: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let code = match Runtime::new() {
        Ok(runtime) => {
            let code = runtime.block_on(run());
            runtime.shutdown_timeout(LAST_TASKS);
            code
        }
        Err(error) => {
            telemetry::print_line(&format!("fieldguard: cannot start threads: {error}"));
            ExitCode::FAILURE
        }
    };
    telemetry::flush(LAST_LINES);
    code
}

async fn run() -> ExitCode {
    match Box::pin(commands::run(cli::parse(), &Program::builtin())).await {
        Ok(code) => code,
        Err(error) if error.is_closed_output() => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::print_line(&format!("fieldguard: {}", chain(&error)));
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}
