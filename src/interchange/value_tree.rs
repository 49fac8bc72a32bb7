//! The binary form of JUCE's value trees: a name, properties, children.

use super::{Budget, Refusal, Resource};
use ziyin_message::message;

/// Levels that are read.
const DEEPEST: usize = 64;

#[derive(Debug, Default)]
pub struct Tree {
    pub name: String,
    pub properties: Vec<(String, Value)>,
    pub children: Vec<Tree>,
}

#[derive(Debug)]
pub enum Value {
    Number(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Tree {
    pub fn property(&self, name: &str) -> Option<&Value> {
        self.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The node itself or the first below it of that name.
    pub fn find(&self, name: &str) -> Option<&Tree> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// # Errors
/// If the bytes end too early or lead nowhere, or there are far too many nodes.
pub fn read(format: &'static str, bytes: &[u8], budget: &Budget) -> Result<Tree, Refusal> {
    let tree = Reader { bytes, budget }.tree(0);
    budget.spend(Resource::Nodes, 0)?;
    tree.ok_or_else(|| Refusal::damaged(format, message!("damage.breaks-off")))
}

struct Reader<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    /// Text up to a zero.
    fn name(&mut self) -> Option<String> {
        let length = self.bytes.iter().position(|&byte| byte == 0)?;
        let name = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Some(name)
    }

    /// A count: how many bytes it takes, then those, the lowest first.
    fn count(&mut self) -> Option<usize> {
        let length = usize::from(self.take(1)?[0]);
        // The highest bit means a negative number, which no count is.
        let bytes = self.take(Some(length).filter(|&length| length <= 4)?)?;
        Some(bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
    }

    fn tree(&mut self, depth: usize) -> Option<Tree> {
        if depth > DEEPEST {
            return None;
        }
        self.budget.spend(Resource::Nodes, 1).ok()?;
        let mut tree = Tree { name: self.name()?, ..Tree::default() };
        for _ in 0..self.count()? {
            self.budget.spend(Resource::Nodes, 1).ok()?;
            let name = self.name()?;
            let length = self.count()?;
            let value = self.take(length)?;
            if let Some(value) = read_value(value) {
                tree.properties.push((name, value));
            }
        }
        for _ in 0..self.count()? {
            tree.children.push(self.tree(depth + 1)?);
        }
        Some(tree)
    }
}

/// A value begins with its type.
fn read_value(bytes: &[u8]) -> Option<Value> {
    let (kind, rest) = bytes.split_first()?;
    Some(match kind {
        1 => Value::Number(i32::from_le_bytes(rest.try_into().ok()?).into()),
        2 => Value::Number(1.0),
        3 => Value::Number(0.0),
        4 => Value::Number(f64::from_le_bytes(rest.try_into().ok()?)),
        5 => Value::Text(String::from_utf8_lossy(rest).trim_end_matches('\0').into()),
        6 => Value::Number(i64::from_le_bytes(rest.try_into().ok()?) as f64),
        8 => Value::Bytes(rest.to_vec()),
        _ => return None,
    })
}
