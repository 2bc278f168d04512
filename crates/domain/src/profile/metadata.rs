//! Metadata: a small JSON object that an application keeps with a user. This server does not interpret it, except that
//! access tokens can carry single members (see [`crate::claims`]).

use serde_json::{Map, Value};

use crate::invalid::{Invalid, Reason};

/// Maximum size, in bytes of JSON without spaces.
pub const MAX_BYTES: usize = 4_096;
/// Maximum nesting of objects and lists, including the outermost object.
const MAX_DEPTH: usize = 8;

/// A JSON object of bounded size and depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(Map<String, Value>);

impl Metadata {
    /// Checks that `value` is an object within the bounds. `field` is the input field.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on `field`.
    pub fn parse(field: &'static str, value: Value) -> Result<Self, Invalid> {
        let invalid = |reason, problem: &str| Err(Invalid::new(field, reason, format!("`{field}` must {problem}.")));
        if depth(&value) > MAX_DEPTH {
            return invalid(Reason::InvalidFormat, &format!("have at most {MAX_DEPTH} levels of objects and lists"));
        }
        let Value::Object(members) = value else {
            return invalid(Reason::InvalidType, "be a JSON object, such as `{\"plan\": \"pro\"}`");
        };
        let metadata = Self(members);
        if metadata.to_text().len() > MAX_BYTES {
            return invalid(Reason::TooLong, &format!("have at most {MAX_BYTES} bytes as JSON"));
        }
        Ok(metadata)
    }

    /// Builds metadata from stored text. `None` if it is not a JSON object.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The JSON text to store.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The object.
    #[must_use]
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
    }

    #[test]
    fn metadata_is_an_object_of_bounded_size_and_depth() {
        for good in [json!({}), json!({ "plan": "pro", "seats": [1, 2.5, null, true] }), nested(MAX_DEPTH)] {
            let metadata = Metadata::parse("metadata", good.clone()).unwrap();
            assert_eq!(Metadata::from_stored(&metadata.to_text()), Some(metadata.clone()));
            assert_eq!(metadata.into_json(), good);
        }
        // `{"a":"…"}` has eight bytes besides the text.
        Metadata::parse("metadata", json!({ "a": "x".repeat(MAX_BYTES - 8) })).unwrap();
        for (bad, reason) in [
            (json!({ "a": "x".repeat(MAX_BYTES - 7) }), Reason::TooLong),
            (json!({ "a": "\0".repeat(MAX_BYTES / 6) }), Reason::TooLong),
            (nested(MAX_DEPTH + 1), Reason::InvalidFormat),
            (json!([1]), Reason::InvalidType),
            (json!("text"), Reason::InvalidType),
            (json!(null), Reason::InvalidType),
        ] {
            let invalid = Metadata::parse("adminMetadata", bad).unwrap_err();
            assert_eq!((&*invalid.field, invalid.reason), ("adminMetadata", reason));
        }
    }
}
