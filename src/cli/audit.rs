//! `fieldguard audit …`: the arguments for the audit log.

use clap::Subcommand;

use super::ListFormat;

/// Commands for the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Audit {
    /// Print the newest audit events, the newest last.
    Tail {
        /// How many events.
        #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
        number: u32,
        /// Keep printing new events as they are written.
        #[arg(short, long)]
        follow: bool,
        /// The output format. With --follow, JSON has one object per line.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Check whether an audit event was changed, removed, added or moved, and name the first one. Exits with 1 if so.
    ///
    /// A server may be running on the same database. Anyone with the server's access to the database can write a whole
    /// new audit log with new hashes. To detect that too, store the line that this command prints elsewhere, and pass
    /// it with --expect.
    #[command(after_help = "Example:\n  fieldguard audit verify --expect 4711:9f86d081884c7d65…")]
    Verify {
        /// The number and the hash of an event that must exist.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = AuditCheckpoint::parse)]
        expect: Option<AuditCheckpoint>,
    },
}

/// An audit event, as noted elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheckpoint {
    /// Its sequence number.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

impl AuditCheckpoint {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash)));
        let (number, hash) =
            parts.filter(|(_, hash)| hash.len() == 64).ok_or("expected NUMBER:HASH, as `audit verify` prints it")?;
        Ok(Self { number, hash: hash.to_owned() })
    }
}
