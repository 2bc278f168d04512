//! Brings the playground into the build: installs the packages of `playground/package-lock.json` into `OUT_DIR` and packs
//! them. Writes `OUT_DIR/playground.rs`, which `src/http/playground.rs` includes.
//!
//! A machine without npm or without network builds all the same, a server whose page says how to get the playground.
//! Without the feature `playground` none of this is tried.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const SOURCE: &str = "playground";
const NONE: &str = "static PLAYGROUND: Option<Playground> = None;\n";

/// A registry that does not answer must not hold the build up for longer.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCE}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder to write to"));
    let wanted = env::var_os("CARGO_FEATURE_PLAYGROUND").is_some();
    let packed = if wanted { install(&out).and_then(|packages| pack(&packages, &out)) } else { Ok(()) };
    if let Err(reason) = &packed {
        println!("cargo::warning=the page at / is built without the playground: {reason}");
        println!("cargo::warning=for the playground, have Node.js with npm, `touch build.rs` and build again");
    }
    if !wanted || packed.is_err() {
        fs::write(out.join("playground.rs"), NONE).expect("OUT_DIR can be written to");
    }
}

/// Installs the packages, unless an earlier build has; returns the folder they are in.
fn install(out: &Path) -> Result<PathBuf, String> {
    let packages = out.join("npm");
    let installed = packages.join("installed-lock.json");
    let lock = fs::read(Path::new(SOURCE).join("package-lock.json")).map_err(|error| error.to_string())?;
    if fs::read(&installed).is_ok_and(|it| it == lock) {
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
    // Written last: an installation that was interrupted is made anew.
    fs::write(installed, lock).map_err(|error| error.to_string())?;
    Ok(packages)
}

fn pack(packages: &Path, out: &Path) -> Result<(), String> {
    run(Command::new("node").arg(Path::new(SOURCE).join("build.mjs")).arg(packages).arg(out))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    // What a build script writes to standard output are instructions to cargo.
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let status = child.and_then(wait).map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    let end = Instant::now() + PATIENCE;
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
