//! Serves the library, or prints its access table.

use std::{env, error::Error, net::SocketAddr};

use fieldguard_http::settings::Settings;
use tokio::{signal, sync::watch};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("access") {
        print!("{}", guard_only::access_table());
        return Ok(());
    }
    let address: SocketAddr = env::args().nth(2).as_deref().unwrap_or("127.0.0.1:4001").parse()?;
    let settings = Settings::default();
    let limits = settings.listener();
    let router = guard_only::router(settings).map_err(|faults| format!("the schema has faults: {faults:?}"))?;
    let listener = fieldguard_listener::bind(address)?;
    println!("listening on http://{}/graphql", listener.local_addr()?);
    let (stop, stopped) = watch::channel(false);
    let serving = fieldguard_listener::accept(listener, router, &limits, stopped);
    let (open, told) = tokio::join!(serving, async {
        let signal = signal::ctrl_c().await;
        let _ = stop.send(true);
        signal
    });
    open.finish(std::time::Duration::from_secs(10)).await;
    Ok(told?)
}
