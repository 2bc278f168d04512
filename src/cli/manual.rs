//! Shell completion scripts and the manual page. Both are generated from the definition that parses the command line.

use std::io;

use clap::{
    Arg, Command, CommandFactory, ValueEnum,
    builder::{PossibleValue, Str},
};
use clap_complete::aot;
use clap_mangen::Man;
use roff::{Roff, bold, italic, roman};

use super::Arguments;

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

/// A shell with completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash 4.4 or newer.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// The completion script for `shell`.
#[must_use]
pub fn completion(shell: Shell) -> String {
    let mut script = Vec::new();
    let generator = match shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    aot::generate(generator, &mut Arguments::command(), NAME, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page, in roff.
///
/// # Errors
///
/// Writing to memory does not fail in practice.
pub fn page() -> io::Result<String> {
    let mut page = Vec::new();
    write_page(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    // The synopsis leaves the fifty settings out, which would hide the rest.
    let mut command = Arguments::command().override_usage("fieldguard [SETTINGS] [COMMAND]");
    command.build();
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    let mut rest = Roff::new();
    rest.control("SH", ["COMMANDS"]);
    for each in below(&command) {
        describe(&mut rest, each, NAME);
    }
    rest.control("SH", ["SETTINGS"]);
    for each in command.get_arguments().filter(|argument| argument.is_global_set()) {
        argument(&mut rest, each);
    }
    rest.control("SH", ["NOTES"]);
    examples(&mut rest, &command);
    rest.to_writer(page)?;
    man.render_version_section(page)
}

/// Describes the command and its subcommands with their own arguments. The settings, which all commands accept, have
/// their own section.
fn describe(page: &mut Roff, command: &Command, above: &str) {
    let line = format!("{above} {}", command.get_name());
    page.control("SS", [line.as_str()]);
    let about = command.get_long_about().or_else(|| command.get_about());
    for paragraph in about.map(ToString::to_string).unwrap_or_default().split("\n\n") {
        page.control("PP", []).text([roman(sentence(paragraph))]);
    }
    for each in command.get_arguments().filter(|argument| is_its_own(argument)) {
        argument(page, each);
    }
    examples(page, command);
    for each in below(command) {
        describe(page, each, &line);
    }
}

fn below(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help")
}

fn is_its_own(argument: &Arg) -> bool {
    let is_setting = argument.is_global_set() && !matches!(argument.get_id().as_str(), "role" | "format");
    !is_setting && !argument.is_hide_set() && argument.get_id() != "help" && argument.get_id() != "version"
}

fn argument(page: &mut Roff, argument: &Arg) {
    let takes_value = argument.get_action().takes_values();
    let value = argument.get_value_names().unwrap_or_default().iter().map(Str::as_str).collect::<Vec<_>>().join(" ");
    page.control("TP", []);
    match argument.get_long() {
        Some(long) if takes_value => page.text([bold(format!("--{long}")), roman(" "), italic(value)]),
        Some(long) => page.text([bold(format!("--{long}"))]),
        None => page.text([italic(value)]),
    };
    let mut help = sentence(&argument.get_help().map(ToString::to_string).unwrap_or_default());
    let possible = argument.get_possible_values();
    if takes_value && !possible.is_empty() {
        let names = possible.iter().map(PossibleValue::get_name).collect::<Vec<_>>().join(", ");
        help = format!("{help} One of {names}.");
    }
    page.text([roman(help)]);
}

fn examples(page: &mut Roff, command: &Command) {
    let Some(text) = command.get_after_help() else { return };
    page.control("PP", []).control("nf", []);
    for line in text.to_string().lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}

/// The text on one line, with the full stop that `--help` leaves out.
fn sentence(text: &str) -> String {
    let text = text.split('\n').collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.ends_with(['.', ']']) { text } else { text + "." }
}
