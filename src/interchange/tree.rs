//! Reads JSON, and looks into it and into YAML, whatever is or is not there.

use std::borrow::Cow;
use std::fmt;
use ziyin_message::ToMessage;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Budget, Refusal, Resource};

/// The value under a key, or null.
pub fn at<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// The items under a key; none where there is no list.
pub fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    at(value, key).as_array().map_or(&[], Vec::as_slice)
}

/// The number under a key, which in YAML comes as text.
pub fn number(value: &Value, key: &str) -> Option<f64> {
    as_number(at(value, key))
}

pub fn as_number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// Characters that are taken of a text: what refers to it may do so a hundred thousand times.
const LONGEST_TEXT: usize = 4096;

/// The text under a key; a number is taken as it is written.
pub fn text(value: &Value, key: &str) -> String {
    match at(value, key) {
        Value::String(text) if text.len() > LONGEST_TEXT => text.chars().take(LONGEST_TEXT).collect(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

pub fn flag(value: &Value, key: &str) -> bool {
    match at(value, key) {
        Value::Bool(flag) => *flag,
        Value::String(text) => matches!(text.as_str(), "true" | "True" | "yes" | "on"),
        _ => false,
    }
}

/// # Errors
/// If it is no JSON, or holds far too many values. Zeros behind the end, which some programs
/// write, harm nobody.
pub fn parse_json(format: &'static str, bytes: &[u8], budget: &Budget) -> Result<Value, Refusal> {
    let bytes = &*unmarked(bytes);
    let end = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let mut parser = serde_json::Deserializer::from_slice(&bytes[..end]);
    let value = Counted(budget).deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    // Nothing more is spent; but what was too much before is so still.
    budget.spend(Resource::Nodes, 0)?;
    value.map_err(|error| Refusal::damaged(format, error.to_message()))
}

/// The bytes in UTF-8, whatever Unicode a mark at their beginning says.
pub fn unmarked(bytes: &[u8]) -> Cow<'_, [u8]> {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
            Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes())
        }
        Some((_, mark)) => Cow::Borrowed(&bytes[mark..]),
        None => Cow::Borrowed(bytes),
    }
}

/// Builds a [`Value`] as serde_json does, and counts what is in it.
#[derive(Clone, Copy)]
struct Counted<'a>(&'a Budget);

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.spend(Resource::Nodes, 1).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(key, entries.next_value_seed(self)?);
        }
        Ok(Value::Object(map))
    }
}
