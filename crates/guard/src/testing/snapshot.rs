//! What is kept in the repository and compared. A test never writes there: it says which command does.

use std::path::Path;

/// Fails the test where the file holds something else than `actual`, with the lines that differ and the command that renews it.
///
/// # Panics
///
/// Where they differ.
#[track_caller]
pub fn compare(file: &Path, actual: &str, renew: &str) {
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let difference = difference(&kept, actual);
    assert!(kept == actual, "{} is out of date:\n{difference}\nIf that is right: {renew}", file.display());
}

/// The lines that only one of the texts has, in order, each with its sign.
fn difference(before: &str, after: &str) -> String {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[same..], &after[same..]);
    let same = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[..before.len() - same], &after[..after.len() - same]);
    let only = |lines: &[&str], others: &[&str], sign| {
        let lines = lines.iter().filter(|it| !others.contains(it));
        lines.map(|it| format!("{sign} {it}")).collect::<Vec<_>>()
    };
    let changed = [only(before, after, '-'), only(after, before, '+')].concat();
    if changed.is_empty() { "  (the same lines, in another order or number)".to_owned() } else { changed.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_what_only_one_has() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n"), "- b\n+ x\n+ e");
        assert_eq!(difference("a\nb\n", "b\na\n"), "  (the same lines, in another order or number)");
    }
}
