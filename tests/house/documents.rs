//! The documents: what they point to is there, and their lines are short enough to be read beside code.

use std::fs;
use std::path::{Path, PathBuf};

/// No line of Markdown has so many characters.
const WIDTH: usize = 110;

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files of the project, without what is built or sung.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !["target", "runs", "stems"].contains(&name.as_str()) {
            found.extend(documents(&path));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found
}

/// What keeps a document from being read: lines that are too long, and files that are not there.
fn faults(path: &Path, text: &str) -> Vec<String> {
    let folder = path.parent().unwrap();
    let shown = path.strip_prefix(house()).unwrap().display();
    let mut faults = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let mut fault = |what: String| faults.push(format!("{shown}:{}: {what}", i + 1));
        let length = line.chars().count();
        if length >= WIDTH {
            fault(format!("{length} characters"));
        }
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap_or_default();
            if !folder.join(file).exists() {
                fault(format!("a link to {link}, which is not there"));
            }
        }
        // Files of the project, named as such: with a folder of it in front, and nothing left open.
        for code in line.split('`').skip(1).step_by(2).filter(|code| !code.contains([' ', '*', '<'])) {
            let first = code.split('/').next().unwrap_or_default();
            let ours = ["assets", "benches", "docs", "locales", "scripts", "shaders", "src", "tests"];
            if code.contains('/') && ours.contains(&first) && !house().join(code).exists() {
                fault(format!("{code} is not there"));
            }
        }
    }
    faults
}

#[test]
fn lines_of_documents_are_short_and_what_they_point_to_is_there() {
    let documents = documents(house());
    assert!(documents.iter().any(|path| path.ends_with("docs/guide.md")), "{documents:?}");
    let faults: Vec<String> =
        documents.iter().flat_map(|path| faults(path, &fs::read_to_string(path).unwrap())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_long_line_a_dead_link_and_a_file_that_is_gone_are_told() {
    let path = house().join("docs/guide.md");
    let text =
        format!("{}\n[it](nowhere.md)\n`src/nowhere.rs` and [the paper](voice.md#words)", "字".repeat(WIDTH));
    let told = faults(&path, &text);
    assert_eq!(told.len(), 3, "{told:?}");
}
