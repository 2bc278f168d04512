//! Checks JSON more strictly than `serde_json`: no duplicate members, and limited nesting. `serde_json` silently keeps
//! the last of two members, so a reader that keeps the first (a proxy, a log) would see a different request than the
//! one that runs.
//!
//! The check builds no values and does not check what the JSON contains.

use std::{cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The maximum nesting of lists and objects. `serde_json` has a limit of 127, above which it reports valid JSON as
/// malformed.
pub const NESTING: usize = 120;

/// A JSON error with its position.
#[derive(Debug)]
pub enum Fault {
    /// An object has a duplicate member.
    DuplicateMember(serde_json::Error),
    /// The JSON nests deeper than [`NESTING`].
    TooDeep(serde_json::Error),
    /// The text is not JSON.
    Malformed(serde_json::Error),
}

/// Checks a JSON text.
///
/// # Errors
///
/// The first [`Fault`] of the text.
pub fn check(text: &[u8]) -> Result<(), Fault> {
    let fault = Cell::new(None);
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = Strict { remaining: NESTING, fault: &fault }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(fault.get().unwrap_or(Fault::Malformed))
}

type Kind = fn(serde_json::Error) -> Fault;

/// Reads one value in which `remaining` levels of lists and objects may nest.
#[derive(Clone, Copy)]
struct Strict<'a> {
    remaining: usize,
    /// Passes the kind of a fault, because serde's error type can't.
    fault: &'a Cell<Option<Kind>>,
}

impl Strict<'_> {
    fn fails<E: serde::de::Error>(self, kind: Kind) -> E {
        self.fault.set(Some(kind));
        E::custom("")
    }

    fn within<E: serde::de::Error>(self) -> Result<Self, E> {
        let remaining = self.remaining.checked_sub(1).ok_or_else(|| self.fails(Fault::TooDeep))?;
        Ok(Self { remaining, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let within = self.within()?;
        while items.next_element_seed(within)?.is_some() {}
        Ok(())
    }

    /// Names are compared after unescaping: `"a"` and `"\u0061"` are equal.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let within = self.within()?;
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !seen.insert(name) {
                return Err(self.fails(Fault::DuplicateMember));
            }
            members.next_value_seed(within)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize, open: &str, close: &str) -> String {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    }

    #[test]
    fn valid_json_passes() {
        for text in [
            r#" {"a":[1,-1,1.5e3,"s",null,true,{"b":{"a":{}}}],"b":{"a":1}} "#,
            "1",
            &nested(NESTING, "[", "]"),
            &nested(NESTING, r#"{"a":"#, "}"),
        ] {
            assert!(check(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn duplicate_members_are_rejected_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":{},"\u0061":2}"#,
            r#"[{"b":[1,{"c":{"a":null,"a":null}}]}]"#,
            r#"{"":1,"":2}"#,
        ] {
            assert!(matches!(check(text.as_bytes()), Err(Fault::DuplicateMember(_))), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_reported_as_such() {
        for depth in [NESTING + 1, 127, 128, 10_000] {
            for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
                let text = nested(depth, open, close);
                assert!(matches!(check(text.as_bytes()), Err(Fault::TooDeep(_))), "{depth} times {open}");
                assert!(matches!(check(open.repeat(depth).as_bytes()), Err(Fault::TooDeep(_))), "{depth} times {open}");
            }
        }
    }

    #[test]
    fn malformed_json_is_rejected() {
        for text in ["", "{", "{} {}", r#"{"a"}"#, "nul", "1e999", r#"{"a":1,}"#, "\"\u{1}\"", r#""\ud800""#] {
            assert!(matches!(check(text.as_bytes()), Err(Fault::Malformed(_))), "{text}");
        }
        assert!(matches!(check(b"\"\xff\""), Err(Fault::Malformed(_))));
    }
}
