//! JSON as strictly as two readers need it to read the same: no object has a member twice, and nothing nests without end.
//! The library keeps the last of two members without a word, so that a reader of the first (a proxy, a log) saw another
//! request than the one that runs.
//!
//! This looks and builds nothing; what the JSON must hold is its reader's business.

use std::{cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep lists and objects may nest. The library has a limit of 127, beyond which it calls JSON malformed that is not.
pub const NESTING: usize = 120;

/// What is wrong with a text. Each comes with the place where it was noticed.
#[derive(Debug)]
pub enum Fault {
    /// An object has a member twice.
    Twice(serde_json::Error),
    /// It nests deeper than [`NESTING`].
    Deep(serde_json::Error),
    /// It is no JSON.
    Malformed(serde_json::Error),
}

/// Holds a text to be JSON, once.
///
/// # Errors
///
/// The first [`Fault`] of the text.
pub fn check(text: &[u8]) -> Result<(), Fault> {
    let fault = Cell::new(None);
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = Strict { room: NESTING, fault: &fault }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(fault.get().unwrap_or(Fault::Malformed))
}

type Kind = fn(serde_json::Error) -> Fault;

/// Reads one value, of which `room` lists and objects may nest.
#[derive(Clone, Copy)]
struct Strict<'a> {
    room: usize,
    /// Where the kind of a fault is left, since the library's error has no place for it.
    fault: &'a Cell<Option<Kind>>,
}

impl Strict<'_> {
    fn fails<E: serde::de::Error>(self, kind: Kind) -> E {
        self.fault.set(Some(kind));
        E::custom("")
    }

    fn within<E: serde::de::Error>(self) -> Result<Self, E> {
        let room = self.room.checked_sub(1).ok_or_else(|| self.fails(Fault::Deep))?;
        Ok(Self { room, ..self })
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

    /// Names are compared as they read: `"a"` and `"\u0061"` are one.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let within = self.within()?;
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !seen.insert(name) {
                return Err(self.fails(Fault::Twice));
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
    fn takes_json() {
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
    fn refuses_a_member_that_is_there_twice_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":{},"\u0061":2}"#,
            r#"[{"b":[1,{"c":{"a":null,"a":null}}]}]"#,
            r#"{"":1,"":2}"#,
        ] {
            assert!(matches!(check(text.as_bytes()), Err(Fault::Twice(_))), "{text}");
        }
    }

    #[test]
    fn refuses_what_nests_too_deep_as_that() {
        for depth in [NESTING + 1, 127, 128, 10_000] {
            for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
                let text = nested(depth, open, close);
                assert!(matches!(check(text.as_bytes()), Err(Fault::Deep(_))), "{depth} times {open}");
                assert!(matches!(check(open.repeat(depth).as_bytes()), Err(Fault::Deep(_))), "{depth} times {open}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_json() {
        for text in ["", "{", "{} {}", r#"{"a"}"#, "nul", "1e999", r#"{"a":1,}"#, "\"\u{1}\"", r#""\ud800""#] {
            assert!(matches!(check(text.as_bytes()), Err(Fault::Malformed(_))), "{text}");
        }
        assert!(matches!(check(b"\"\xff\""), Err(Fault::Malformed(_))));
    }
}
