//! YAML, whichever way it is written.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};
use ziyin_message::{Message, message};

use super::plain_yaml::{self, DEEPEST, plain_scalar};
use super::tree::unmarked;
use super::{Budget, BudgetError, Refusal, Report, Resource};

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

/// As [`parse_yaml`], whatever of YAML the text uses.
fn parse_any_yaml(
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
    use proptest::prelude::*;

    use super::*;
    use crate::tree::{self, at, items, number, text};

    #[test]
    fn yaml_keeps_texts_as_they_are_written() {
        let text = "a: no\nb: [1.0, {x: -40, y: 0}]\nc:\n- 'it''s'\n- \"\\u3042\"\n";
        let value = parse_yaml("test", text.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        assert_eq!(tree::text(&value, "a"), "no");
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

    /// What is read of a text as a plain one; it is checked that a reader of all YAML reads the same.
    fn plain(text: &str) -> Option<Value> {
        let (budget, other) = (Budget::default(), Budget::default());
        let read = plain_yaml::read(text, &budget).unwrap();
        if let Some(value) = &read {
            let mut report = Report::default();
            assert_eq!(parse_any_yaml("test", text, &mut report, &other).as_ref(), Ok(value), "{text:?}");
            assert!(report.warnings.is_empty(), "{text:?}");
            // It also counts where the stream and its documents begin.
            assert!(other.left(Resource::Nodes).abs_diff(budget.left(Resource::Nodes)) <= 4, "{text:?}");
        }
        read
    }

    const SONG: &str = "name: a song\r\nbpm: 120.5\nsinger:\ncomment: \"\"\nmod+: {n: 0, 'y': -1, z: []}\ntracks:\n\
        - name: \"\\u82b1\\n\"\n  mute: no\n\n- name: 'it''s'\nparts:\n  - notes:\n    - lyric: 花\n      at: [1, \
        -20, 007, 1.0]\n    - lyric: -\u{20}\n";

    #[test]
    fn what_programs_write_is_plain() {
        let value = plain(SONG.trim_end_matches("    - lyric: -\u{20}\n")).unwrap();
        assert_eq!(value["name"], "a song");
        assert_eq!(value["singer"], Value::Null);
        assert_eq!(value["mod+"]["y"], -1);
        assert_eq!(
            (&value["tracks"][0]["name"], &value["tracks"][1]["name"]),
            (&"花\n".into(), &"it's".into())
        );
        assert_eq!(value["parts"][0]["notes"][0]["at"], serde_json::json!([1, -20, "007", "1.0"]));
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for text in [
            "",
            "a",
            "- a\nb: 1",
            "a: &x 1",
            "a: *x",
            "a: |\n  text",
            "a: one\n  two",
            "a: [1,\n  2]",
            "a: 1 # remark",
            "# remark\na: 1",
            "a: {b: c: d}",
            "a: 'b' c",
            "a: [1] 2",
            "---\na: 1",
            "a: 1\n...\n",
            "a:\n\tb: 1",
            "a: \"\\x41\"",
            "a: \"one\ntwo\"",
            "a: [,]",
            "a: {b: }",
            "  a: 1\nb: 2",
            "<<: 1",
            "a:\n  b: 1\n c: 2",
            "- - a",
        ] {
            assert_eq!(plain(text), None, "{text:?}");
        }
        let deep = |count: usize| format!("a: {}{}", "[".repeat(count), "]".repeat(count));
        assert!(plain(&deep(20)).is_some() && plain(&deep(100)).is_none());
    }

    #[test]
    fn too_many_values_are_refused() {
        let budget = Budget::default();
        budget.spend(Resource::Nodes, budget.left(Resource::Nodes) - 10).unwrap();
        assert!(plain_yaml::read("a: [1, 2, 3, 4, 5, 6, 7, 8, 9]", &budget).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_read_as_plain_is_what_it_is(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "a: ", "b:", "'y': ", "- ", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "[", "]", "{", "}", ", ", "1", "-20",
                "007", "~", "'", "\"", "\\n", "\\u82b1", "花", "no", "x y", " #", "#", ":", ": ", "-", "?", "|", "&a", "*a",
                "!t", "%", "...", "---", "\r\n", "\r", "\t", ".5", "<<: ", "", " ", "+", "\u{85}", "\u{feff}",
            ]), 0..40),
        ) {
            plain(&pieces.concat());
        }

        #[test]
        fn a_song_with_a_fault_is_read_as_it_is(
            at in 0..SONG.len(), length in 0..20usize, piece in "[\\PC\\n:#,'\"{}\\[\\] -]{0,4}",
        ) {
            let mut song = SONG.to_string();
            let place = |at: usize| (0..=at.min(SONG.len())).rev().find(|&at| SONG.is_char_boundary(at)).unwrap();
            song.replace_range(place(at)..place(at + length), &piece);
            plain(&song);
        }
    }
}
