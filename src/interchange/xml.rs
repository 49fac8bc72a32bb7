//! XML with limits, and short ways to its elements.

use std::collections::HashMap;
use ziyin_message::{Message, message};

use roxmltree::{Document, Node, ParsingOptions};

use super::encoding::detect;
use super::{Budget, BudgetError, Refusal, Resource};

/// Attributes of one element, and declarations of namespaces and of entities in a file: what
/// the parser searches from end to end for each name.
const MOST_ATTRIBUTES: usize = 4000;
const MOST_NAMESPACES: usize = 1000;
const MOST_ENTITIES: usize = 1000;

/// # Errors
/// If it is no well-formed XML, or holds far too much. Entities that are defined in terms of each
/// other are refused.
pub fn parse<'a>(format: &'static str, text: &'a str, budget: &Budget) -> Result<Document<'a>, Refusal> {
    let text = text.trim_start_matches('\u{feff}').trim_end_matches('\0');
    check(format, text, budget)?;
    let nodes_limit = u32::try_from(budget.left(Resource::Nodes)).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: true, nodes_limit, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => too_many(Resource::Nodes),
        error => Refusal::damaged(format, Message::foreign(error)),
    })?;
    budget.spend(Resource::Nodes, document.descendants().count() as u64)?;
    Ok(document)
}

fn too_many(resource: Resource) -> Refusal {
    BudgetError::TooLarge { resource, limit: resource.limit() }.into()
}

/// Looks over a text before the parser reserves memory for all that might be in it.
fn check(format: &'static str, text: &str, budget: &Budget) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    // Each element is opened and closed; each attribute has its sign.
    let signs = bytes.iter().filter(|&&byte| matches!(byte, b'<' | b'=')).count() as u64;
    if signs / 4 > budget.left(Resource::Nodes) {
        return Err(too_many(Resource::Nodes));
    }
    let crowded = || Refusal::damaged(format, message!("damage.many-attributes"));
    let (mut attributes, mut quote) = (0, None);
    for &byte in bytes {
        match (byte, quote) {
            (b'<', _) => (attributes, quote) = (0, None),
            (byte, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'>', None) => attributes = 0,
            (b'"' | b'\'', None) if attributes > 0 => quote = Some(byte),
            (b'=', None) => attributes += 1,
            _ => {}
        }
        if attributes > MOST_ATTRIBUTES {
            return Err(crowded());
        }
    }
    if text.matches("xmlns").nth(MOST_NAMESPACES).is_some() {
        return Err(crowded());
    }
    budget.spend(Resource::Entities, unfolded_entities(text)?)?;
    Ok(())
}

/// The bytes that all references to entities of a text unfold to, those within the entities
/// themselves included.
fn unfolded_entities(text: &str) -> Result<u64, Refusal> {
    if !text.contains("<!ENTITY") {
        return Ok(0);
    }
    let mut values: HashMap<&str, &str> = HashMap::new();
    for declaration in text.split("<!ENTITY").skip(1) {
        let Some((name, rest)) = declaration.trim_start().split_once(|c: char| c.is_whitespace()) else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let value = rest[1..].split(quote).next().unwrap_or_default();
        // Of several the longest: who counts too much errs on the right side.
        let known = values.entry(name).or_default();
        if value.len() > known.len() {
            *known = value;
        }
    }
    if values.len() > MOST_ENTITIES {
        return Err(too_many(Resource::Entities));
    }
    let mut sizes = HashMap::new();
    let in_text = references(text).map(|name| unfolded(name, &values, &mut sizes, 0));
    Ok(in_text.fold(0, u64::saturating_add))
}

fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split('&').skip(1).filter_map(|rest| {
        let end = rest.bytes().take(1000).position(|byte| byte == b';')?;
        Some(&rest[..end])
    })
}

/// The size of an entity with all that it refers to. The parser follows ten levels.
fn unfolded<'a>(
    name: &'a str,
    values: &HashMap<&'a str, &'a str>,
    sizes: &mut HashMap<&'a str, u64>,
    depth: usize,
) -> u64 {
    if let Some(&size) = sizes.get(name) {
        return size;
    }
    let Some(&value) = values.get(name).filter(|_| depth <= 10) else { return 0 };
    // One that refers to itself is counted as itself alone; the parser refuses it.
    sizes.insert(name, value.len() as u64);
    let inner = references(value).map(|name| unfolded(name, values, sizes, depth + 1));
    // A reference costs, whatever it stands for.
    let size = inner.fold(8 + value.len() as u64, u64::saturating_add);
    sizes.insert(name, size);
    size
}

/// The text of an XML file, in UTF-8, UTF-16 or what its first line names.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    // UTF-16 without a mark shows in the first two letters, such as `<?`, whatever a text says of
    // itself.
    match bytes {
        [b'<', 0, 1..=0xFF, 0, ..] => return encoding_rs::UTF_16LE.decode(bytes).0.into_owned(),
        [0, b'<', 0, 1..=0xFF, ..] => return encoding_rs::UTF_16BE.decode(bytes).0.into_owned(),
        _ => {}
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let named = head.split("encoding=").nth(1).and_then(|rest| {
        let quote = rest.chars().next().filter(|&c| c == '"' || c == '\'')?;
        encoding_rs::Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    });
    let eight_bits = |encoding: &&'static encoding_rs::Encoding| !encoding.name().starts_with("UTF-16");
    let named = named.filter(eight_bits).unwrap_or(encoding_rs::UTF_8);
    // Some say one encoding and write another: what can be read as UTF-8 is, but for what hides other
    // letters behind plain ones.
    match std::str::from_utf8(bytes) {
        Ok(text) if named != encoding_rs::ISO_2022_JP => text.into(),
        Err(_) if named == encoding_rs::UTF_8 => {
            let found = detect(std::iter::once(bytes)).unwrap_or(encoding_rs::UTF_8);
            found.decode_without_bom_handling(bytes).0.into_owned()
        }
        _ => named.decode_without_bom_handling(bytes).0.into_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_entities_are_counted_with_all_that_they_unfold_to() {
        let text = r#"<!DOCTYPE a [<!ENTITY b "12345678"><!ENTITY c '&b;&b;']><a>&c;&amp;&b;</a>"#;
        // `&c;` is its own ten bytes and twice `&b;`, which is also there alone and in `c`.
        assert_eq!(unfolded_entities(text), Ok((8 + 6 + 2 * 16) + 16 + 2 * 16));
        assert_eq!(unfolded_entities("<a>&amp;&b;</a>"), Ok(0));
    }

    #[test]
    fn a_text_that_is_utf_8_is_read_so_whatever_it_says() {
        for named in ["UTF-16", "Shift_JIS", "GBK", "windows-1252", "utf-8", "nonsense"] {
            let text = format!("<?xml version=\"1.0\" encoding=\"{named}\"?><a>山水花鸟</a>");
            assert_eq!(decode(text.as_bytes()), text);
        }
        let sjis = encoding_rs::SHIFT_JIS.encode("<?xml version='1.0' encoding='Shift_JIS'?><a>山</a>").0;
        assert!(decode(&sjis).contains('山'));
        let wide: Vec<u8> =
            "<?xml encoding='UTF-8'?><a>山</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(decode(&wide).contains('山'));
    }

    #[test]
    fn what_would_take_forever_is_refused() {
        let attributes: String = (0..100_000).map(|i| format!(" a{i}=''")).collect();
        let namespaces: String = (0..5000).map(|i| format!("<a xmlns:n{i}='u{i}'>")).collect();
        let empty = "<a/>".repeat(11_000_000);
        for text in [format!("<a{attributes}/>"), namespaces, format!("<a>{empty}</a>")] {
            assert!(parse("test", &text, &Budget::default()).is_err());
        }
    }
}
