//! The bars of each part as they are written: part by part, or in timewise scores bar by bar.

use roxmltree::Node;

use super::super::xml::children;

/// What one part has in each bar.
pub struct WrittenPart<'a, 'i> {
    pub id: Option<&'a str>,
    /// `None` where the part has nothing in a bar of a timewise score.
    pub bars: Vec<Option<Node<'a, 'i>>>,
}

/// The parts of a score, in order.
pub fn parts<'a, 'i>(root: Node<'a, 'i>) -> Vec<WrittenPart<'a, 'i>> {
    if root.tag_name().name() != "score-timewise" {
        let part = |part: Node<'a, 'i>| WrittenPart {
            id: part.attribute("id"),
            bars: children(part, "measure").map(Some).collect(),
        };
        return children(root, "part").map(part).collect();
    }
    let mut parts: Vec<WrittenPart> = Vec::new();
    for (index, measure) in children(root, "measure").enumerate() {
        for (place, bar) in children(measure, "part").enumerate() {
            let id = bar.attribute("id");
            // They stand in the same order in each bar, but for those that are missing.
            let own = parts.get(place).is_some_and(|part| part.id == id);
            let known = if own { Some(place) } else { parts.iter().position(|part| part.id == id) };
            let place = known.unwrap_or_else(|| {
                parts.push(WrittenPart { id, bars: Vec::new() });
                parts.len() - 1
            });
            let bars = &mut parts[place].bars;
            bars.resize(index, None);
            bars.push(Some(bar));
        }
    }
    parts
}

/// What is said of a bar itself, which in a timewise score is around it.
pub fn said_of_bar<'a>(bar: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let measure = if bar.tag_name().name() == "part" { bar.parent()? } else { bar };
    measure.attribute(name)
}
