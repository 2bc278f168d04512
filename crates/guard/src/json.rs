//! Answers as JSON. Values that are already written as JSON are embedded in async-graphql's value tree as they are.

use std::sync::LazyLock;

use async_graphql::{Name, Request, Response, Value};

/// Marks a request whose answer is only encoded as JSON by [`encode`], so that its values may contain written JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenAsJson;

/// A request whose answer is only read by [`encode`]. Objects are then written as JSON at once, without a tree of values.
#[must_use]
pub fn written(request: Request) -> Request {
    request.data(WrittenAsJson)
}

/// Starts a list whose second item is written JSON. No enum has a value of this name (GraphQL specification, "Names").
static MARK: LazyLock<Name> = LazyLock::new(|| Name::new("\0"));

/// Written JSON as a value.
pub(crate) fn embed(json: Vec<u8>) -> Value {
    Value::List(vec![Value::Enum(MARK.clone()), Value::Binary(json.into())])
}

/// The written JSON in a value.
fn embedded(list: &[Value]) -> Option<&[u8]> {
    match list {
        [Value::Enum(mark), Value::Binary(json)] if *mark == *MARK => Some(json),
        _ => None,
    }
}

/// An answer as JSON (GraphQL specification, section 7.2.2), with its errors first, if there are any.
///
/// # Panics
///
/// Never: the keys of an answer are strings.
#[must_use]
pub fn encode(response: &Response) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.push(b'{');
    if !response.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        write_serialized(&response.errors, &mut out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"data\":");
    write_value(&response.data, &mut out);
    if !response.extensions.is_empty() {
        out.extend_from_slice(b",\"extensions\":");
        write_serialized(&response.extensions, &mut out);
    }
    out.push(b'}');
    out
}

/// Writes a value, in which embedded JSON stays as it is.
pub(crate) fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            write_sequence(fields, *b"{}", out, |(key, value), out| {
                write_text(key, out);
                out.push(b':');
                write_value(value, out);
            });
        }
        Value::List(items) => match embedded(items) {
            Some(json) => out.extend_from_slice(json),
            None => write_sequence(items, *b"[]", out, write_value),
        },
        Value::String(text) => write_text(text, out),
        Value::Enum(name) => write_text(name, out),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::Binary(_) => write_serialized(value, out),
    }
}

/// Writes items between two brackets, separated by commas.
pub(crate) fn write_sequence<T>(
    items: impl IntoIterator<Item = T>,
    [open, close]: [u8; 2],
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(close);
}

/// Writes a response key and a colon. A key is a name of the document, which has nothing to escape (GraphQL specification,
/// section 2.1.9).
pub(crate) fn write_key(key: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a JSON string (RFC 8259, section 7).
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_serialized(text, out);
}

/// Writes anything whose keys are strings.
pub(crate) fn write_serialized<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("the keys of an answer are strings, and a vector takes every byte");
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, value};

    use super::*;

    #[test]
    fn values_are_written_as_the_library_writes_them() {
        let values = [
            value!({"a": [1, 2.5, -3, true, null, [], {}], "b\"c": "line\nbreak \u{1f600} \u{7f} \u{0}"}),
            Value::Enum(Name::new("RED")),
            Value::Binary(vec![1, 2].into()),
            Value::List(vec![Value::Enum(Name::new("RED")), Value::Binary(vec![1].into())]),
        ];
        for value in values {
            let mut out = Vec::new();
            write_value(&value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&value).unwrap());
        }
    }

    #[test]
    fn embedded_json_stays_as_it_is() {
        let mut out = Vec::new();
        write_value(&Value::List(vec![embed(b"{\"a\":1}".to_vec()), Value::Null]), &mut out);
        assert_eq!(out, b"[{\"a\":1},null]");
    }

    #[test]
    fn errors_come_first() {
        let mut response = Response::new(value!({"a": null}));
        assert_eq!(encode(&response), br#"{"data":{"a":null}}"#);
        response.errors.push(ServerError::new("no", None));
        response.extensions.insert("cost".to_owned(), Value::from(1));
        let expected = r#"{"errors":[{"message":"no"}],"data":{"a":null},"extensions":{"cost":1}}"#;
        assert_eq!(String::from_utf8(encode(&response)).unwrap(), expected);
    }
}
