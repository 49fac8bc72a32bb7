//! Looks into parsed JSON and YAML, whatever is or is not there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use ziyin_message::{Message, ToMessage, message};

use granit_parser::{Event, Parser, ScalarStyle};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Budget, BudgetError, Refusal, Report, Resource, plain_yaml};

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
fn unmarked(bytes: &[u8]) -> Cow<'_, [u8]> {
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

/// Nesting that is read of a YAML file.
pub const DEEPEST: usize = 64;

/// Reads the first document of a YAML text. Scalars come as strings, so that a lyric `no` or `1.0`
/// stays what it is, but for whole numbers, which are written in one way alone. A text that breaks off
/// gives what came before, with a warning.
///
/// # Errors
/// If nothing can be read of it, or it is built to take all memory.
pub fn parse_yaml(
    format: &'static str,
    bytes: &[u8],
    report: &mut Report,
    budget: &Budget,
) -> Result<Value, Refusal> {
    let bytes = unmarked(bytes);
    let text = String::from_utf8_lossy(&bytes);
    match plain_yaml::read(&text, budget)? {
        Some(value) => Ok(value),
        None => parse_any_yaml(format, &text, report, budget),
    }
}

/// The value of a scalar without quotes.
pub fn plain_scalar(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // As it would be written again, and no longer than fits.
    let whole = match digits.as_bytes() {
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        _ => text == "0",
    };
    match text.parse::<i64>() {
        Ok(number) if whole => number.into(),
        // What stands for nothing, and for a value that is not there.
        _ if matches!(text, "" | "~") => Value::Null,
        _ => text.into(),
    }
}

/// As [`parse_yaml`], whatever of YAML the text uses.
pub fn parse_any_yaml(
    format: &'static str,
    text: &str,
    report: &mut Report,
    budget: &Budget,
) -> Result<Value, Refusal> {
    let mut reader = YamlReader::new(budget);
    for event in Parser::new_from_str(text) {
        let event = match event {
            Ok((event, _)) => event,
            Err(error) if !reader.open.is_empty() => {
                let line = error.marker().line();
                report.warn(None, None, message!("damage.from-line", line));
                break;
            }
            Err(error) => return Err(Refusal::damaged(format, Message::foreign(error.info()))),
        };
        budget.spend(Resource::Nodes, 1)?;
        if reader.open.len() > DEEPEST {
            return Err(Refusal::damaged(format, message!("damage.too-deep")));
        }
        match event {
            Event::SequenceStart(_, anchor, _) => reader.open.push((anchor, Open::List(Vec::new()))),
            Event::MappingStart(_, anchor, _) => reader.open.push((anchor, Open::Map(Map::new(), None))),
            Event::Scalar(text, ScalarStyle::Plain, anchor, _) => reader.put(anchor, plain_scalar(&text))?,
            Event::Scalar(text, _, anchor, _) => reader.put(anchor, Value::String(text.into_owned()))?,
            Event::Alias(anchor) => reader.repeat(anchor)?,
            Event::SequenceEnd | Event::MappingEnd => reader.close()?,
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    while !reader.open.is_empty() {
        reader.close()?;
    }
    reader.done.ok_or_else(|| Refusal::damaged(format, message!("damage.empty")))
}

/// A list or a map that is being read; a map with the key whose value comes next.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

struct YamlReader<'a> {
    budget: &'a Budget,
    /// What has begun and not ended, the innermost last, each with its anchor or 0.
    open: Vec<(usize, Open)>,
    /// What an alias may name, by anchor.
    anchored: HashMap<usize, Value>,
    done: Option<Value>,
}

impl<'a> YamlReader<'a> {
    fn new(budget: &'a Budget) -> Self {
        Self { budget, open: Vec::new(), anchored: HashMap::new(), done: None }
    }

    fn put(&mut self, anchor: usize, value: Value) -> Result<(), BudgetError> {
        if anchor > 0 {
            // As costly as if it stood there twice.
            self.budget.spend(Resource::Nodes, size(&value))?;
            self.anchored.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some((_, Open::List(list))) => list.push(value),
            Some((_, Open::Map(map, key))) => match key.take() {
                // `<<` stands for all that the map behind it has and this one has not.
                Some(key) if key == "<<" => {
                    let maps = if let Value::Array(maps) = value { maps } else { vec![value] };
                    for (key, value) in maps.into_iter().filter_map(into_map).flatten() {
                        map.entry(key).or_insert(value);
                    }
                }
                Some(key) => drop(map.insert(key, value)),
                None => *key = Some(as_key(value)),
            },
        }
        Ok(())
    }

    /// What an alias names, once more.
    fn repeat(&mut self, anchor: usize) -> Result<(), BudgetError> {
        let Some(named) = self.anchored.get(&anchor) else { return self.put(0, Value::Null) };
        self.budget.spend(Resource::Nodes, size(named))?;
        let named = named.clone();
        self.put(0, named)
    }

    fn close(&mut self) -> Result<(), BudgetError> {
        match self.open.pop() {
            Some((anchor, Open::List(list))) => self.put(anchor, Value::Array(list)),
            Some((anchor, Open::Map(map, _))) => self.put(anchor, Value::Object(map)),
            None => Ok(()),
        }
    }
}

fn as_key(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn into_map(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(map) = value { Some(map) } else { None }
}

/// Values in a value, a long text being as many as would take its place.
fn size(value: &Value) -> u64 {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<u64>(),
        Value::Object(map) => {
            1 + map.iter().map(|(key, value)| 1 + key.len() as u64 / 32 + size(value)).sum::<u64>()
        }
        Value::String(text) => 1 + text.len() as u64 / 32,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_keeps_texts_as_they_are_written() {
        let text = "a: no\nb: [1.0, {x: -40, y: 0}]\nc:\n- 'it''s'\n- \"\\u3042\"\n";
        let value = parse_yaml("test", text.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        assert_eq!(super::text(&value, "a"), "no");
        assert_eq!(number(&items(&value, "b")[1], "x"), Some(-40.0));
        assert_eq!(number(&items(&value, "b")[1], "y"), Some(0.0));
        assert_eq!(items(&value, "c"), [Value::from("it's"), Value::from("あ")]);
    }

    #[test]
    fn yaml_that_breaks_off_gives_what_came_before() {
        let mut report = Report::default();
        let broken = "notes:\n- lyric: a\n- lyric: b\n  pitch: {x: 1, \"";
        let value = parse_yaml("test", broken.as_bytes(), &mut report, &Budget::default()).unwrap();
        assert_eq!(text(&items(&value, "notes")[1], "lyric"), "b");
        assert_eq!(report.warnings.len(), 1);
        for text in [&"[".repeat(10_000), ""] {
            assert!(parse_yaml("test", text.as_bytes(), &mut Report::default(), &Budget::default()).is_err());
        }
    }

    #[test]
    fn yaml_aliases_are_what_they_name_and_do_not_explode() {
        let text = "a: &x {depth: 20}\nb: *x\nc: &y la\nd: [*y, *y]\n";
        let value = parse_yaml("test", text.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        assert_eq!(number(at(&value, "b"), "depth"), Some(20.0));
        assert_eq!(items(&value, "d"), [Value::from("la"), Value::from("la")]);
        let text = "a: &x {depth: 20, rate: 5}\nb:\n  <<: *x\n  depth: 30\nc: {depth: 40, <<: [*x]}\n";
        let value = parse_yaml("test", text.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        for (key, depth) in [("b", 30.0), ("c", 40.0)] {
            let found = at(&value, key);
            assert_eq!((number(found, "depth"), number(found, "rate")), (Some(depth), Some(5.0)));
        }
        let laughs: String = (1..20)
            .map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", ")))
            .collect();
        let bomb = format!("a0: &a0 ha\n{laughs}");
        let refused = parse_yaml("test", bomb.as_bytes(), &mut Report::default(), &Budget::default());
        assert!(matches!(refused, Err(Refusal::Budget(BudgetError::TooLarge { .. }))));
    }
}
