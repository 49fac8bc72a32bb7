//! Looks into parsed JSON and YAML, whatever is or is not there.

use granit_parser::{Event, Parser};
use serde_json::{Map, Value};

use super::{Refusal, Report};

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

/// The text under a key; a number is taken as it is written.
pub fn text(value: &Value, key: &str) -> String {
    match at(value, key) {
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
/// If it is no JSON. Zeros behind the end, which some programs write, harm nobody.
pub fn parse_json(format: &'static str, bytes: &[u8]) -> Result<Value, Refusal> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    serde_json::from_slice(&bytes[..end]).map_err(|error| Refusal::damaged(format, error))
}

/// Nesting and values that are read of a YAML file.
const DEEPEST: usize = 64;
const MOST_VALUES: usize = 20_000_000;

/// Reads the first document of a YAML text. All scalars come as strings, so that a lyric
/// `no` or `1.0` stays what it is. A text that breaks off gives what came before, with a
/// warning.
///
/// # Errors
/// If nothing can be read of it, or it is built to take all memory.
pub fn parse_yaml(format: &'static str, text: &str, report: &mut Report) -> Result<Value, Refusal> {
    let mut open: Vec<Open> = Vec::new();
    let mut done = None;
    let mut values = 0;
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let event = match event {
            Ok((event, _)) => event,
            Err(error) if !open.is_empty() => {
                let line = error.marker().line();
                report.warn(None, None, format!("the file cannot be read from line {line} on"));
                break;
            }
            Err(error) => return Err(Refusal::damaged(format, error.info())),
        };
        values += 1;
        if open.len() > DEEPEST || values > MOST_VALUES {
            return Err(Refusal::damaged(format, "it is nested too deeply or far too large"));
        }
        match event {
            Event::SequenceStart(..) => open.push(Open::List(Vec::new())),
            Event::MappingStart(..) => open.push(Open::Map(Map::new(), None)),
            Event::Scalar(text, ..) => put(&mut open, &mut done, Value::String(text.into_owned())),
            // Programs that write songs use none.
            Event::Alias(..) => put(&mut open, &mut done, Value::Null),
            Event::SequenceEnd | Event::MappingEnd => close(&mut open, &mut done),
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut done);
    }
    done.ok_or_else(|| Refusal::damaged(format, "it is empty"))
}

/// A list or a map that is being read; a map with the key whose value comes next.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

fn put(open: &mut [Open], done: &mut Option<Value>, value: Value) {
    match open.last_mut() {
        None => *done = Some(value),
        Some(Open::List(list)) => list.push(value),
        Some(Open::Map(map, key)) => match key.take() {
            Some(key) => drop(map.insert(key, value)),
            None => *key = Some(if let Value::String(text) = value { text } else { String::new() }),
        },
    }
}

fn close(open: &mut Vec<Open>, done: &mut Option<Value>) {
    let value = match open.pop() {
        Some(Open::List(list)) => Value::Array(list),
        Some(Open::Map(map, _)) => Value::Object(map),
        None => return,
    };
    put(open, done, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_keeps_texts_as_they_are_written() {
        let text = "a: no\nb: [1.0, {x: -40, y: 0}]\nc:\n- 'it''s'\n- \"\\u3042\"\n";
        let value = parse_yaml("test", text, &mut Report::default()).unwrap();
        assert_eq!(super::text(&value, "a"), "no");
        assert_eq!(number(&items(&value, "b")[1], "x"), Some(-40.0));
        assert_eq!(number(&items(&value, "b")[1], "y"), Some(0.0));
        assert_eq!(items(&value, "c"), [Value::from("it's"), Value::from("あ")]);
    }

    #[test]
    fn yaml_that_breaks_off_gives_what_came_before() {
        let mut report = Report::default();
        let value =
            parse_yaml("test", "notes:\n- lyric: a\n- lyric: b\n  pitch: {x: 1, \"", &mut report).unwrap();
        assert_eq!(text(&items(&value, "notes")[1], "lyric"), "b");
        assert_eq!(report.warnings.len(), 1);
        assert!(parse_yaml("test", &"[".repeat(10_000), &mut Report::default()).is_err());
        assert!(parse_yaml("test", "", &mut Report::default()).is_err());
    }
}
