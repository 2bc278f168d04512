//! Looks a receiver's name up for each connection, and leaves only addresses that it may have. So a name that gets another
//! address later is refused, too.

use std::{error::Error, io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::addresses::AddressRule;

/// The name has only addresses that the rule does not allow.
#[derive(Debug, thiserror::Error)]
#[error("the receiver has no address that the configuration allows")]
pub(super) struct BlockedAddress;

/// Resolves names with the resolver of the system.
pub(super) struct Resolver(pub(super) AddressRule);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0;
        Box::pin(async move {
            let found: Vec<_> = lookup_host((name.as_str(), 0)).await?.collect();
            allowed(rule, found)
        })
    }
}

/// Those of the addresses that the rule allows.
fn allowed(rule: AddressRule, found: Vec<SocketAddr>) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    if found.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    let allowed: Vec<_> = found.into_iter().filter(|address| rule.allows(address.ip())).collect();
    if allowed.is_empty() { Err(BlockedAddress.into()) } else { Ok(Box::new(allowed.into_iter())) }
}

/// Whether the failure of a request is a refused address.
pub(super) fn is_blocked(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<BlockedAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}
