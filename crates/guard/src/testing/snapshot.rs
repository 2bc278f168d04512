//! Compares output with a file in the repository. A test never writes the file: its failure names the command that
//! does.

use std::path::Path;

/// Fails the test if the content of the file is not `actual`. The message shows the differing lines and the command
/// that updates the file.
///
/// # Panics
///
/// If they differ.
#[track_caller]
pub fn compare(file: &Path, actual: &str, renew: &str) {
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let difference = difference(&kept, actual);
    assert!(
        kept == actual,
        "{} is out of date:\n{difference}\nIf the change is intended, run: {renew}",
        file.display()
    );
}

/// The lines that only one of the texts has, in order, with a sign.
fn difference(before: &str, after: &str) -> String {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[same..], &after[same..]);
    let same = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[..before.len() - same], &after[..after.len() - same]);
    let only = |lines: &[&str], others: &[&str], sign| {
        let lines = lines.iter().filter(|line| !others.contains(line));
        lines.map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    let changed = [only(before, after, '-'), only(after, before, '+')].concat();
    if changed.is_empty() { "  (the same lines in a different order or number)".to_owned() } else { changed.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_lists_lines_of_only_one_text() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n"), "- b\n+ x\n+ e");
        assert_eq!(difference("a\nb\n", "b\na\n"), "  (the same lines in a different order or number)");
    }
}
