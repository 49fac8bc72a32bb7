//! The studio speaks two languages throughout.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of the studio in a language, by their keys.
pub(super) fn texts(language: &str) -> BTreeMap<String, String> {
    texts_of("studio", language)
}

/// Texts by their keys. The files are plain: two spaces a level, one key a line.
fn texts_of(folder: &str, language: &str) -> BTreeMap<String, String> {
    let file = fs::read_to_string(root().join(format!("locales/{folder}/{language}.yml"))).unwrap();
    let mut path: Vec<&str> = Vec::new();
    let mut all = BTreeMap::new();
    for line in file.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let (key, text) = line.trim().split_once(':').unwrap();
        path.truncate(depth);
        path.push(key.trim_matches('"'));
        let text = text.trim();
        if !text.is_empty() {
            let twice = all.insert(path.join("."), text.trim_matches('"').into());
            assert!(twice.is_none(), "{} stands twice in {language}", path.join("."));
        }
    }
    all
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split("%{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.split('|').next().unwrap_or(name))
        .collect()
}

fn has_chinese(text: &str) -> bool {
    text.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_places() {
    for (folder, least) in [("studio", 300), ("messages", 200), ("plugin", 20)] {
        compare(folder, least);
    }
}

fn compare(folder: &str, least: usize) {
    let (english, chinese) = (texts_of(folder, "en"), texts_of(folder, "zh-CN"));
    let keys = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<BTreeSet<_>>();
    let missing: Vec<_> = keys(&english).symmetric_difference(&keys(&chinese)).cloned().collect();
    assert!(missing.is_empty(), "in one language only: {missing:?}");
    for (key, text) in &english {
        let translation = &chinese[key];
        assert_eq!(places(text), places(translation), "{key}");
        // A name, a number or a unit may be the same in both.
        let words = text.split("%{").map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        let is_sentence = words.clone().any(|part| {
            part.split(' ').filter(|w| w.chars().all(|c| c.is_ascii_lowercase()) && w.len() > 2).count() > 1
        });
        assert!(!is_sentence || has_chinese(translation), "{key} is still English: {translation}");
    }
    assert!(english.len() > least, "{}", english.len());
}

/// The sources below a folder, without their tests.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_string();
            all.push((path, code));
        }
    }
    all
}

#[test]
fn every_key_that_the_studio_asks_for_exists() {
    let english = texts("en");
    let mut asked = 0;
    for (path, code) in ["studio", "session"].map(|room| sources(&root().join("src").join(room))).concat() {
        for (at, _) in code.match_indices("t!(\"") {
            // The end of another macro's name.
            if code[..at].ends_with(|c: char| c.is_alphanumeric()) {
                continue;
            }
            let key = code[at + 4..].split('"').next().unwrap();
            assert!(english.contains_key(key), "{key} in {}", path.display());
            asked += 1;
        }
        for call in [".begin(\"", ".perform(\"", ".change(\"", ".change_selected(\""] {
            for (at, _) in code.match_indices(call) {
                let step = format!("step.{}", code[at + call.len()..].split('"').next().unwrap());
                if !step.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c)) {
                    continue;
                }
                assert!(english.contains_key(&step), "{step} in {}", path.display());
            }
        }
    }
    assert!(asked > 150, "{asked}");
}

/// The arguments of a macro, without the bracket that opens them.
fn arguments(code: &str) -> Vec<String> {
    let (mut all, mut open, mut quoted) = (vec![String::new()], 0, false);
    let mut escaped = false;
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => open += 1,
            ')' | ']' | '}' if !quoted && open == 0 => break,
            ')' | ']' | '}' if !quoted => open -= 1,
            ',' if !quoted && open == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all.into_iter().map(|argument| argument.trim().to_string()).filter(|a| !a.is_empty()).collect()
}

/// Whatever an error or a warning of any room says has words, which have a place for each argument.
#[test]
fn every_message_has_words_for_what_it_tells() {
    let english = texts_of("messages", "en");
    // What the room itself makes.
    let mut told: BTreeSet<String> = ["between", "foreign"].map(String::from).into();
    for (path, code) in sources(&root().join("src")) {
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        for (at, call) in code.match_indices("message!(") {
            let all = arguments(&code[at + call.len()..]);
            let Some(id) = all.first().and_then(|id| id.strip_prefix('"')?.strip_suffix('"')) else {
                continue;
            };
            let given = all[1..].iter().map(|argument| argument.split('=').next().unwrap_or_default().trim());
            let text = english.get(id).unwrap_or_else(|| panic!("{id} in {} has no words", path.display()));
            assert_eq!(given.collect::<BTreeSet<_>>(), places(text), "{id} in {}", path.display());
            told.insert(id.into());
        }
    }
    let untold: Vec<_> = english.keys().filter(|id| !told.contains(*id)).collect();
    assert!(untold.is_empty(), "nothing says {untold:?}");
    assert!(told.len() > 200, "{}", told.len());
}
