//! Adds a flag for every setting. `config` defines the settings and checks the values.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, ValueHint, value_parser};
use zeroize::Zeroizing;

use crate::config::{Config, Flags, Key, keys};

const FILE: &str = "config-file";
const PORT: &str = "port";
const HEADING: &str = "Settings";

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let defaults = Config::default();
        let file = Arg::new(FILE)
            .long("config")
            .global(true)
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .value_parser(value_parser!(PathBuf))
            .help("The configuration file [env: FIELDGUARD_CONFIG] [default: fieldguard.toml, if it exists]");
        let port = Arg::new(PORT)
            .long("port")
            .global(true)
            .hide_short_help(true)
            .help_heading(HEADING)
            .value_name("PORT")
            .value_parser(value_parser!(u16))
            .conflicts_with("listen")
            .help("The port of `listen`, whose addresses stay as they are");
        command.arg(file).arg(port).args(keys().iter().map(|key| flag(key, &defaults)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The same command line, with the settings hidden from the help of subcommands.
pub(super) fn without_settings_in_commands(mut command: Command) -> Command {
    // Global arguments are in the subcommands only after this call.
    command.build();
    command.mut_subcommands(hide_settings)
}

fn hide_settings(command: Command) -> Command {
    let hidden = command.mut_args(|argument| {
        if argument.get_id().as_str() == FILE {
            let help =
                "The configuration file. `fieldguard --help` lists the settings, which are also flags of this command";
            return argument.help(help);
        }
        let is_setting = argument.get_help_heading() == Some(HEADING);
        argument.hide(is_setting)
    });
    hidden.mut_subcommands(hide_settings)
}

/// Hidden from `-h`, which fifty settings would make unreadable.
fn flag(key: &'static Key, defaults: &Config) -> Arg {
    let default = key.show(defaults).map(|text| format!(" [default: {text}]")).unwrap_or_default();
    let file = key.secret_variable().map(|name| format!(" or {name}")).unwrap_or_default();
    Arg::new(key.path())
        .long(key.flag())
        .global(true)
        .hide_short_help(true)
        .help_heading(HEADING)
        .value_name(key.placeholder())
        .help(format!("{}\n[env: {}{file}]{default}", key.help(), key.variable()))
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.file = matches.get_one::<PathBuf>(FILE).cloned();
        self.port = matches.get_one::<u16>(PORT).copied();
        let given = |key: &'static Key| Some((key, Zeroizing::new(matches.get_one::<String>(key.path())?.clone())));
        self.values = keys().iter().filter_map(given).collect();
        Ok(())
    }
}
