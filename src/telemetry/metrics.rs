//! Metrics as values, which [`text`] writes for Prometheus and [`super::otlp`] for OpenTelemetry.
//!
//! Most values are read where they are kept, and no recording looks a label up by its text. So these are no copies in a
//! registry of a library, and are made only when they are asked for.

use std::{borrow::Cow, fmt::Write as _, time::Duration};

use crate::domain::measure::{BOUNDS, Snapshot};

/// The prefix of all names.
pub const PREFIX: &str = "fieldguard_";

/// Metrics of one name.
#[derive(Debug)]
pub struct Family {
    /// The name, without the prefix.
    pub name: &'static str,
    /// What the numbers say.
    pub kind: Kind,
    /// What is measured.
    pub help: &'static str,
    /// The label that distinguishes the samples, if there is more than one.
    pub label: Option<&'static str>,
    /// The values.
    pub samples: Vec<Sample>,
}

/// What the numbers of a family say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number that only increases, from the start of the process.
    Counter,
    /// A number that can decrease.
    Gauge,
    /// Durations by bucket.
    Histogram,
}

/// One value.
#[derive(Debug)]
pub struct Sample {
    /// The value of the family's label; empty if the family has none. No value has a character that must be escaped: all
    /// are fixed, or names of the schema.
    pub of: Cow<'static, str>,
    /// The value.
    pub value: Value,
}

/// The value of a sample.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// Of a counter or gauge.
    Number(u64),
    /// Of a histogram.
    Durations(Snapshot),
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The metrics in the text format of Prometheus, version 0.0.4.
#[must_use]
pub fn text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        let Family { name, kind, help, .. } = family;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {}", kind.as_str());
        for sample in &family.samples {
            write_sample(&mut text, family, sample);
        }
    }
    text
}

fn write_sample(text: &mut String, family: &Family, sample: &Sample) {
    let name = family.name;
    let label = family.label.map(|label| format!("{label}=\"{}\"", sample.of)).unwrap_or_default();
    let braces = if label.is_empty() { String::new() } else { format!("{{{label}}}") };
    match sample.value {
        Value::Number(number) => {
            let _ = writeln!(text, "{PREFIX}{name}{braces} {number}");
        }
        Value::Durations(Snapshot { cumulative, microseconds }) => {
            let separator = if label.is_empty() { "" } else { "," };
            let bounds = BOUNDS.iter().map(|bound| in_seconds(*bound).to_string()).chain(["+Inf".to_owned()]);
            for (bound, count) in bounds.zip(cumulative) {
                let _ = writeln!(text, "{PREFIX}{name}_bucket{{{label}{separator}le=\"{bound}\"}} {count}");
            }
            let (sum, count) = (in_seconds(microseconds), cumulative[BOUNDS.len()]);
            let _ = writeln!(text, "{PREFIX}{name}_sum{braces} {sum}\n{PREFIX}{name}_count{braces} {count}");
        }
    }
}

/// Microseconds in seconds.
pub(super) fn in_seconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::Histogram;

    #[test]
    fn the_text_has_a_help_a_type_and_every_sample() {
        let durations = Histogram::default();
        durations.record(Duration::from_micros(300));
        let samples = vec![Sample { of: "a".into(), value: Value::Number(7) }];
        let counter = Family { name: "c_total", kind: Kind::Counter, help: "A.", label: Some("l"), samples };
        let samples = vec![Sample { of: "".into(), value: Value::Durations(durations.snapshot()) }];
        let histogram = Family { name: "h_seconds", kind: Kind::Histogram, help: "B.", label: None, samples };
        let text = text(&[counter, histogram]);
        assert!(text.starts_with("# HELP fieldguard_c_total A.\n# TYPE fieldguard_c_total counter\n"), "{text}");
        assert!(text.contains("\nfieldguard_c_total{l=\"a\"} 7\n# HELP fieldguard_h_seconds B.\n"), "{text}");
        assert!(text.contains("\nfieldguard_h_seconds_bucket{le=\"0.00025\"} 0\n"), "{text}");
        assert!(text.contains("\nfieldguard_h_seconds_bucket{le=\"0.0005\"} 1\n"), "{text}");
        let end = "_bucket{le=\"+Inf\"} 1\nfieldguard_h_seconds_sum 0.0003\nfieldguard_h_seconds_count 1\n";
        assert!(text.ends_with(end), "{text}");
    }
}
