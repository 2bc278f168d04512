//! Parses the command line and runs it; decides nothing itself.

use std::{process::ExitCode, time::Duration};

use fieldguard::{
    app::commands::{self, Program},
    cli, telemetry,
};
use fieldguard_guard::cause::chain;
use tokio::runtime::Runtime;

// Lists are made of many small values: this allocator gives them out at up to 1.4 times the speed of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long tasks that are still running keep the process from ending. What had to finish has finished before.
const LAST_TASKS: Duration = Duration::from_millis(200);

/// How long the last lines of the log may take. A reader that has stopped reading keeps no process alive.
const LAST_LINES: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let code = match Runtime::new() {
        Ok(runtime) => {
            let code = runtime.block_on(run());
            runtime.shutdown_timeout(LAST_TASKS);
            code
        }
        Err(error) => {
            telemetry::tell(&format!("fieldguard: cannot start threads: {error}"));
            ExitCode::FAILURE
        }
    };
    telemetry::flush(LAST_LINES);
    code
}

async fn run() -> ExitCode {
    match Box::pin(commands::run(cli::parse(), &Program::builtin())).await {
        Ok(code) => code,
        Err(error) if error.is_unheard() => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::tell(&format!("fieldguard: {}", chain(&error)));
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}
