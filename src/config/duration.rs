//! Durations in the configuration: a whole number and a unit, such as `500ms`, `10s`, `15m`, `12h`, `14d`.

use std::time::Duration;

/// Units from the greatest to the smallest, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Parses a duration.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(factor).map(Duration::from_millis)
}

/// The shortest spelling of `duration`, with millisecond precision.
pub(super) fn show(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let divides = |factor: u64| milliseconds > 0 && milliseconds.is_multiple_of(u128::from(factor));
    let whole = UNITS.into_iter().find(|(_, factor)| divides(*factor));
    let (unit, factor) = whole.unwrap_or(("s", 1_000));
    format!("{}{unit}", milliseconds / u128::from(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_round_trip() {
        for text in ["0s", "500ms", "1500ms", "10s", "90s", "15m", "36h", "14d"] {
            assert_eq!(show(parse(text).unwrap()), text);
        }
        assert_eq!(show(parse("60s").unwrap()), "1m");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in
            ["", "10", "s", "-1s", "1.5h", "10 s", "10S", "1h30m", "٣s", "99999999999999999999s", "999999999999999d"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
