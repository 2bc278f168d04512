//! Adds the playground to the build: installs the packages of `playground/package-lock.json` into `OUT_DIR` and bundles
//! them. Writes `OUT_DIR/playground.rs`, which `src/http/playground.rs` includes.
//!
//! Without npm or network access the build succeeds, and the server's page explains how to get the playground. Without
//! the feature `playground` nothing is installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const SOURCE: &str = "playground";
const NO_PLAYGROUND: &str = "static PLAYGROUND: Option<Playground> = None;\n";

/// How long to wait for a command, such as npm with a registry that does not answer.
const TIMEOUT: Duration = Duration::from_mins(2);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCE}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder to write to"));
    let wanted = env::var_os("CARGO_FEATURE_PLAYGROUND").is_some();
    let packed = if wanted { install(&out).and_then(|packages| pack(&packages, &out)) } else { Ok(()) };
    if let Err(reason) = &packed {
        println!("cargo::warning=the server is built without the playground: {reason}");
        println!("cargo::warning=to include it, install Node.js with npm, run `touch build.rs`, and build again");
    }
    if !wanted || packed.is_err() {
        fs::write(out.join("playground.rs"), NO_PLAYGROUND).expect("OUT_DIR can be written to");
    }
}

/// Installs the packages unless an earlier build did. Returns their folder.
fn install(out: &Path) -> Result<PathBuf, String> {
    let packages = out.join("npm");
    let installed = packages.join("installed-lock.json");
    let lock = fs::read(Path::new(SOURCE).join("package-lock.json")).map_err(|error| error.to_string())?;
    if fs::read(&installed).is_ok_and(|content| content == lock) {
        return Ok(packages);
    }
    fs::create_dir_all(&packages).map_err(|error| error.to_string())?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(Path::new(SOURCE).join(file), packages.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    command.args(["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]);
    run(command.current_dir(&packages))?;
    // Written last, so that an interrupted installation is repeated.
    fs::write(installed, lock).map_err(|error| error.to_string())?;
    Ok(packages)
}

fn pack(packages: &Path, out: &Path) -> Result<(), String> {
    run(Command::new("node").arg(Path::new(SOURCE).join("build.mjs")).arg(packages).arg(out))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    // Cargo reads the standard output of a build script as instructions.
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let status = child.and_then(wait).map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    let end = Instant::now() + TIMEOUT;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > end {
            child.kill()?;
        }
        sleep(Duration::from_millis(50));
    }
}
