//! Writes XML, an element a line.

use std::fmt::{Display, Write};

/// A document that grows; see [`XmlWriter::finish`].
pub struct XmlWriter {
    text: String,
    /// Elements that have begun and not ended.
    open: usize,
}

/// Attributes by name; their values are escaped.
pub type Attributes<'a> = &'a [(&'static str, &'a dyn Display)];

impl XmlWriter {
    /// Begins with the declaration and what stands before the first element.
    pub fn new(head: &str) -> Self {
        Self {
            text: format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n{head}"),
            open: 0,
        }
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: Attributes) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// An element that holds a text.
    pub fn text(&mut self, name: &str, content: impl Display) {
        self.text_with(name, &[], content);
    }

    pub fn text_with(&mut self, name: &str, attributes: Attributes, content: impl Display) {
        self.start(name, attributes);
        self.text.push('>');
        escape(&mut self.text, &content.to_string());
        // What is written into a string cannot fail.
        let _ = writeln!(self.text, "</{name}>");
    }

    /// An element that holds what `content` writes.
    pub fn element(&mut self, name: &str, attributes: Attributes, content: impl FnOnce(&mut Self)) {
        self.start(name, attributes);
        self.text.push_str(">\n");
        self.open += 1;
        content(self);
        self.open -= 1;
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn start(&mut self, name: &str, attributes: Attributes) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (attribute, value) in attributes {
            let _ = write!(self.text, " {attribute}=\"");
            escape(&mut self.text, &value.to_string());
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n(' ', self.open));
    }
}

/// What means something to XML becomes a reference; what it cannot hold is left out.
fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "<a & \"b\">\u{1}\u{ffff}花";
        let mut xml = XmlWriter::new("");
        xml.element("root", &[("name", &text)], |xml| xml.text("word", text));
        let written = String::from_utf8(xml.finish()).unwrap();
        let document = roxmltree::Document::parse(&written).unwrap();
        let root = document.root_element();
        let word = root.children().find(|node| node.has_tag_name("word")).unwrap();
        assert_eq!((root.attribute("name"), word.text()), (Some("<a & \"b\">花"), Some("<a & \"b\">花")));
    }
}
