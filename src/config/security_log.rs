//! The setting `log.security`.

use std::path::{Path, PathBuf};

use super::value::{Kind, Value, without_control_characters};

/// Where security events are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SecurityLog {
    /// Nowhere.
    #[default]
    Off,
    /// To standard error, between the lines of the log.
    Stderr,
    /// To the syslog of this machine.
    Syslog,
    /// To the end of this file.
    File(PathBuf),
}

impl Value for SecurityLog {
    const PLACEHOLDER: &'static str = "off|stderr|syslog|file:PATH";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "stderr" => Ok(Self::Stderr),
            "syslog" => Ok(Self::Syslog),
            _ => {
                let path = text.strip_prefix("file:").filter(|path| !path.is_empty());
                let path = path.ok_or("must be `off`, `stderr`, `syslog`, or `file:` and a path")?;
                without_control_characters(path).map(|path| Self::File(path.into()))
            }
        }
    }

    fn show(&self) -> Option<String> {
        Some(match self {
            Self::Off => "off".to_owned(),
            Self::Stderr => "stderr".to_owned(),
            Self::Syslog => "syslog".to_owned(),
            Self::File(path) => format!("file:{}", Path::display(path)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_destination_is_read_and_shown() {
        for text in ["off", "stderr", "syslog", "file:/var/log/fieldguard.jsonl"] {
            assert_eq!(SecurityLog::parse(text).unwrap().show().as_deref(), Some(text));
        }
        for bad in ["", "on", "file:", "/var/log/x", "file:a\nb"] {
            assert!(SecurityLog::parse(bad).is_err(), "{bad:?}");
        }
    }
}
