//! XML with limits, and short ways to its elements.

use roxmltree::{Document, Node, ParsingOptions};

use super::Refusal;

/// Elements, texts and attributes that a file may hold.
const MOST_NODES: u32 = 20_000_000;

/// # Errors
/// If it is no well-formed XML. Entities that are defined in terms of each other are refused.
pub fn parse<'a>(format: &'static str, text: &'a str) -> Result<Document<'a>, Refusal> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let text = text.trim_start_matches('\u{feff}').trim_end_matches('\0');
    Document::parse_with_options(text, options).map_err(|error| Refusal::damaged(format, error))
}

/// The text of an XML file, in UTF-8, UTF-16 or what its first line names.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let named = head.split("encoding=").nth(1).and_then(|rest| {
        let quote = rest.chars().next().filter(|&c| c == '"' || c == '\'')?;
        encoding_rs::Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    });
    named.unwrap_or(encoding_rs::UTF_8).decode(bytes).0.into_owned()
}

/// The children of that name, in order.
pub fn children<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

pub fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The text in the first child of that name, trimmed; empty without.
pub fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).and_then(|child| child.text()).unwrap_or_default().trim()
}

/// The number in the first child of that name.
pub fn number(node: Node, name: &str) -> Option<f64> {
    text(node, name).parse().ok().filter(|number: &f64| number.is_finite())
}

/// The number in an attribute.
pub fn attribute(node: Node, name: &str) -> Option<f64> {
    node.attribute(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
