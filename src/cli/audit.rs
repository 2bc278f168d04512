//! `fieldguard audit …`: what may be typed of the audit trail.

use clap::Subcommand;

use super::ListFormat;

/// What can be done with the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Audit {
    /// Print the newest rows, the newest last.
    Tail {
        /// How many rows.
        #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
        number: u32,
        /// Go on and print new rows as they come.
        #[arg(short, long)]
        follow: bool,
        /// How to print them; JSON that is followed is one object a line.
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: ListFormat,
    },
    /// Say whether a row was changed, removed, added or moved, and name the first. Exits with 1 then.
    ///
    /// A server may be running on the same database. Whoever can write to the database as the server does can write a whole
    /// new trail with new hashes. To find that too, keep the line that this prints elsewhere, and give it back with --expect.
    #[command(after_help = "Example:\n  fieldguard audit verify --expect 4711:9f86d081884c7d65…")]
    Verify {
        /// The number and the hash of a row that has to be there.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = Noted::parse)]
        expect: Option<Noted>,
    },
}

/// A row of the audit trail, as it was noted elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

impl Noted {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash)));
        let (number, hash) = parts.filter(|it| it.1.len() == 64).ok_or("expected NUMBER:HASH, as verify prints it")?;
        Ok(Self { number, hash: hash.to_owned() })
    }
}
