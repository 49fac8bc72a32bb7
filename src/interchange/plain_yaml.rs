//! The YAML that programs write of themselves: one line, one value. A song of ten tracks has a million
//! values, and a reader of the whole language takes nine times as long for them. Whatever is not as plain
//! as that (anchors, comments, texts of several lines, a fault) is left to such a reader.

use std::str::Split;

use serde_json::{Map, Value};

use super::{Budget, BudgetError, Resource};

/// Nesting that is read of a YAML file.
pub const DEEPEST: usize = 64;

/// Reads a text, if it is plain from its beginning to its end, and gives what `parse_yaml` would give. It
/// takes values from the budget only then.
///
/// # Errors
/// If it holds far too many values.
pub fn read(text: &str, budget: &Budget) -> Result<Option<Value>, BudgetError> {
    let mut reader = Lines {
        lines: text.split('\n'),
        here: None,
        odd: false,
        values: 0,
        most: budget.left(Resource::Nodes),
    };
    reader.next();
    let value = match reader.here {
        Some(Line { indent: 0, .. }) => reader.block(0, 0),
        _ => None,
    };
    let value = value.filter(|_| reader.here.is_none() && !reader.odd);
    if value.is_some() || reader.values > reader.most {
        budget.spend(Resource::Nodes, reader.values)?;
    }
    Ok(value)
}

/// A line, or what of it comes behind the dash of a list.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// Bytes from where the line begins.
    indent: usize,
    /// Without what is blank around it; never empty.
    text: &'a str,
}

struct Lines<'a> {
    lines: Split<'a, char>,
    /// The line that is read next; none at the end, or before a line that holds odd characters.
    here: Option<Line<'a>>,
    odd: bool,
    /// What has been read so far, as a budget counts it, and what may be.
    values: u64,
    most: u64,
}

impl<'a> Lines<'a> {
    /// Goes on to the next line that holds anything.
    fn next(&mut self) {
        self.here = self.lines.find_map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let text = line.trim_start_matches(' ');
            let indent = line.len() - text.len();
            let text = text.trim_end_matches(' ');
            (!text.is_empty()).then_some(Line { indent, text })
        });
        if self.here.is_some_and(|line| is_odd(line.text)) {
            (self.here, self.odd) = (None, true);
        }
    }

    fn count(&mut self, values: u64) -> Option<()> {
        self.values += values;
        (self.values <= self.most).then_some(())
    }

    /// A list or a map whose lines begin at `indent`.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Value> {
        // One event where it begins and one where it ends.
        self.count(2)?;
        if depth >= DEEPEST {
            return None;
        }
        if is_item(self.here?.text) { self.list(indent, depth) } else { self.map(indent, depth) }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        while let Some(line) = self.here.filter(|line| line.indent == indent && is_item(line.text)) {
            let rest = line.text[1..].trim_start_matches(' ');
            if rest.is_empty() || is_item(rest) {
                return None;
            }
            let inner = Line { indent: indent + line.text.len() - rest.len(), text: rest };
            let item = if key_of(rest).is_some() {
                self.here = Some(inner);
                self.block(inner.indent, depth + 1)?
            } else {
                self.next();
                self.inline(rest, indent, depth + 1)?
            };
            items.push(item);
        }
        Some(Value::Array(items))
    }

    fn map(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut map = Map::new();
        while let Some(line) = self.here.filter(|line| line.indent == indent && !is_item(line.text)) {
            let (key, rest) = key_of(line.text)?;
            self.count(1)?;
            self.next();
            let value = if rest.is_empty() {
                self.below(indent, depth)?
            } else {
                self.inline(rest, indent, depth + 1)?
            };
            map.insert(key.to_string(), value);
        }
        Some(Value::Object(map))
    }

    /// What stands in the lines below a key: a list may begin where the key does.
    fn below(&mut self, indent: usize, depth: usize) -> Option<Value> {
        match self.here {
            Some(line) if line.indent > indent || line.indent == indent && is_item(line.text) => {
                self.block(line.indent, depth + 1)
            }
            _ => {
                self.count(1)?;
                Some(Value::Null)
            }
        }
    }

    /// A value that ends with its line: the next one lies no deeper than the line it is in.
    fn inline(&mut self, text: &str, indent: usize, depth: usize) -> Option<Value> {
        if self.here.is_some_and(|next| next.indent > indent) {
            return None;
        }
        let mut flow = Flow { text, most: self.most.saturating_sub(self.values), values: 0 };
        let value = flow.value(depth, false);
        self.count(flow.values)?;
        value.filter(|_| flow.text.is_empty())
    }
}

/// Whether characters in it may mean something to YAML, or nothing at all.
fn is_odd(text: &str) -> bool {
    // All bytes are looked at, which is quicker than to stop at one.
    let controls = text.bytes().fold(false, |any, byte| any | (byte < b' ') | (byte == 0x7f));
    let odd =
        |c| matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    controls || !text.is_ascii() && text.contains(odd)
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// Bytes of a key; YAML has a limit, too.
const LONGEST_KEY: usize = 256;

/// A key of letters, digits, `_` and `+`, and what comes behind its colon. Some stand in quotes, as `'y'`, which
/// would be a yes.
fn key_of(text: &str) -> Option<(&str, &str)> {
    let quoted = text.strip_prefix('\'');
    let text = quoted.unwrap_or(text);
    let end = text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || b"_+".contains(&byte)))?;
    let (key, rest) = text.split_at(end);
    let rest = if quoted.is_some() { rest.strip_prefix('\'')? } else { rest };
    let rest = rest.strip_prefix(':').filter(|_| (1..LONGEST_KEY).contains(&end))?;
    let value = rest.trim_start_matches(' ');
    (rest.is_empty() || value.len() < rest.len()).then_some((key, value))
}

/// What is left of a line: scalars, and lists and maps in brackets.
struct Flow<'a> {
    text: &'a str,
    values: u64,
    most: u64,
}

impl<'a> Flow<'a> {
    fn value(&mut self, depth: usize, inside: bool) -> Option<Value> {
        self.values += 1;
        if self.values > self.most || depth > DEEPEST {
            return None;
        }
        match self.text.as_bytes().first()? {
            b'[' => self.list(depth),
            b'{' => self.map(depth),
            b'\'' => self.single().map(Value::String),
            b'"' => self.double().map(Value::String),
            _ => self.plain(inside),
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let rest = self.text.as_bytes().first() == Some(&byte);
        if rest {
            self.text = &self.text[1..];
        }
        rest
    }

    fn blanks(&mut self) {
        self.text = self.text.trim_start_matches(' ');
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.items(b']', |flow| {
            items.push(flow.value(depth + 1, true)?);
            Some(())
        })?;
        Some(Value::Array(items))
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        let mut map = Map::new();
        self.items(b'}', |flow| {
            let (key, rest) = key_of(flow.text)?;
            flow.text = rest;
            flow.values += 1;
            map.insert(key.to_string(), flow.value(depth + 1, true)?);
            Some(())
        })?;
        Some(Value::Object(map))
    }

    /// What stands in brackets with commas between; `one` reads an item.
    fn items(&mut self, closing: u8, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.values += 1;
        // The bracket itself.
        self.text = &self.text[1..];
        self.blanks();
        if self.skip(closing) {
            return Some(());
        }
        loop {
            self.blanks();
            one(self)?;
            self.blanks();
            if self.skip(closing) {
                return Some(());
            }
            if !self.skip(b',') {
                return None;
            }
        }
    }

    /// A text without quotes; inside of brackets it ends where something of theirs stands.
    fn plain(&mut self, inside: bool) -> Option<Value> {
        let bytes = self.text.as_bytes();
        let ends = |byte: &u8| inside && matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
        let end = bytes.iter().position(ends).unwrap_or(bytes.len());
        let text = self.text[..end].trim_end_matches(' ');
        // What could mean something: the marks of the language, a key, a remark.
        let first = *text.as_bytes().first()?;
        if b"&*!|>%@`#?:,[]{}.".contains(&first)
            || first == b'-' && !text.as_bytes().get(1)?.is_ascii_digit()
            || inside && text.contains([':', '#'])
            || text.ends_with(':')
            || text.contains(": ")
            || text.contains(" #")
        {
            return None;
        }
        self.text = &self.text[end..];
        Some(plain_scalar(text))
    }

    fn single(&mut self) -> Option<String> {
        let mut text = String::new();
        self.skip(b'\'');
        loop {
            let end = self.text.find('\'')?;
            text.push_str(&self.text[..end]);
            self.text = &self.text[end + 1..];
            if !self.skip(b'\'') {
                return self.ended().then_some(text);
            }
            text.push('\'');
        }
    }

    fn double(&mut self) -> Option<String> {
        let mut text = String::new();
        self.skip(b'"');
        loop {
            let end = self.text.find(['"', '\\'])?;
            text.push_str(&self.text[..end]);
            let is_end = self.text.as_bytes()[end] == b'"';
            self.text = &self.text[end + 1..];
            if is_end {
                return self.ended().then_some(text);
            }
            let escaped = self.text.chars().next()?;
            self.text = &self.text[escaped.len_utf8()..];
            text.push(match escaped {
                '"' | '\\' | '/' => escaped,
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let number = u32::from_str_radix(self.text.get(..4)?, 16).ok()?;
                    self.text = &self.text[4..];
                    char::from_u32(number)?
                }
                _ => return None,
            });
        }
    }

    /// Whether a text in quotes is followed by nothing but what may follow a value.
    fn ended(&self) -> bool {
        matches!(self.text.trim_start_matches(' ').as_bytes().first(), None | Some(b',' | b']' | b'}'))
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
