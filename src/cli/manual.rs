//! The command line as others need it: scripts for shells that complete it, and a page for `man`. Both come from the
//! definition that parses it, so they cannot say anything else.

use std::io;

use clap::{Arg, Command, CommandFactory, ValueEnum};
use clap_complete::aot;
use clap_mangen::Man;
use roff::{Roff, bold, italic, roman};

use super::Line;

pub(super) const COMPLETION_EXAMPLES: &str = "\
Examples:
  fieldguard completion bash > ~/.local/share/bash-completion/completions/fieldguard
  fieldguard completion zsh > ~/.zfunc/_fieldguard        with ~/.zfunc in fpath before compinit
  fieldguard completion fish > ~/.config/fish/completions/fieldguard.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  fieldguard man > ~/.local/share/man/man1/fieldguard.1
  fieldguard man | man -l -";

const NAME: &str = "fieldguard";

/// A shell that completes command lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash 4.4 or newer.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// The script that lets `shell` complete this command line.
#[must_use]
pub fn completion(shell: Shell) -> String {
    let mut script = Vec::new();
    let generator = match shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    aot::generate(generator, &mut Line::command(), NAME, &mut script);
    String::from_utf8(script).expect("the script is made of texts")
}

/// The manual page, in roff.
#[must_use]
pub fn page() -> String {
    let mut page = Vec::new();
    write_page(&mut page).expect("memory takes whatever is written");
    String::from_utf8(page).expect("the page is made of texts")
}

fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    // Fifty settings in the synopsis would hide the rest.
    let mut command = Line::command().override_usage("fieldguard [SETTINGS] [COMMAND]");
    command.build();
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    let mut commands = Roff::new();
    commands.control("SH", ["COMMANDS"]);
    for each in command.get_subcommands().filter(|it| it.get_name() != "help") {
        describe(&mut commands, each, NAME);
    }
    commands.to_writer(page)?;
    man.render_options_section(page)?;
    man.render_extra_section(page)?;
    man.render_version_section(page)
}

/// The command and those below it, each with what it takes. The settings, which all take, have a section of their own.
fn describe(page: &mut Roff, command: &Command, above: &str) {
    let line = format!("{above} {}", command.get_name());
    page.control("SS", [line.as_str()]);
    let about = command.get_long_about().or_else(|| command.get_about());
    paragraphs(page, &about.map(ToString::to_string).unwrap_or_default());
    for argument in command.get_arguments().filter(|it| is_its_own(it)) {
        let value = argument.get_value_names().into_iter().flatten().map(|it| it.as_str()).collect::<Vec<_>>().join(" ");
        let takes_value = argument.get_action().takes_values();
        page.control("TP", []);
        match argument.get_long() {
            Some(long) if takes_value => page.text([bold(format!("--{long}")), roman(" "), italic(value)]),
            Some(long) => page.text([bold(format!("--{long}"))]),
            None => page.text([italic(value)]),
        };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        page.text([roman(help + &possible_values(argument))]);
    }
    if let Some(examples) = command.get_after_help() {
        page.control("PP", []).control("nf", []);
        for line in examples.to_string().lines() {
            page.text([roman(line)]);
        }
        page.control("fi", []);
    }
    for each in command.get_subcommands().filter(|it| it.get_name() != "help") {
        describe(page, each, &line);
    }
}

fn is_its_own(argument: &Arg) -> bool {
    let is_setting = argument.is_global_set() && !matches!(argument.get_id().as_str(), "role" | "format");
    !is_setting && !argument.is_hide_set() && argument.get_id() != "help" && argument.get_id() != "version"
}

fn possible_values(argument: &Arg) -> String {
    let values = argument.get_possible_values();
    if values.is_empty() || !argument.get_action().takes_values() {
        return String::new();
    }
    format!(" One of {}.", values.iter().map(|it| it.get_name()).collect::<Vec<_>>().join(", "))
}

fn paragraphs(page: &mut Roff, text: &str) {
    for line in text.lines() {
        if line.trim().is_empty() {
            page.control("PP", []);
        } else {
            page.text([roman(line)]);
        }
    }
}
