//! The studio speaks two languages throughout.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ziyin_studio::words::in_chinese;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of a language by their keys. The files are plain: two spaces a level, one
/// key a line.
pub(super) fn texts(language: &str) -> BTreeMap<String, String> {
    let file = fs::read_to_string(root().join(format!("locales/{language}.yml"))).unwrap();
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
    text.split("%{").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn has_chinese(text: &str) -> bool {
    text.contains(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_places() {
    let (english, chinese) = (texts("en"), texts("zh-CN"));
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
    assert!(english.len() > 300, "{}", english.len());
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

/// The string literals of a piece of code, each with the code right before it.
fn literals(code: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        let mut rest = line;
        while let Some(open) = rest.find('"') {
            // A character, or a part of a longer text.
            if rest[..open].ends_with('\'') {
                rest = &rest[open + 1..];
                continue;
            }
            let Some(length) = rest[open + 1..].find('"') else { break };
            let text = &rest[open + 1..open + 1 + length];
            let from = number.saturating_sub(3);
            let before: String = code.lines().skip(from).take(number - from).collect::<Vec<_>>().join("\n");
            all.push((text.to_string(), before + &rest[..open]));
            rest = &rest[open + 2 + length..];
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
        for call in [".begin(\"", ".perform(\"", ".change(\""] {
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

/// Whatever an error or an import says is said in Chinese too.
#[test]
fn every_sentence_of_the_other_rooms_is_translated() {
    let mut untranslated = Vec::new();
    let mut looked_at = 0;
    for room in
        ["interchange", "listening", "score", "lyrics", "model", "singing", "playback", "session", "studio"]
    {
        for (path, code) in sources(&root().join("src").join(room)) {
            // What belongs to training and to the command line alone is not shown here.
            for (text, before) in literals(&code) {
                let is_error = before.trim_end().ends_with("#[error(");
                let warns = before.contains(".warn(")
                    || before.contains("warnings.push(")
                    || before.contains("let text =");
                let is_sentence = text.split(' ').filter(|word| word.len() > 1).count() > 2;
                if !(is_error && text.contains(' ') || warns && is_sentence && room == "interchange") {
                    continue;
                }
                looked_at += 1;
                // Some stand behind a count.
                let ways = [filled(&text), format!("7 {}", filled(&text))];
                if !ways.iter().any(|way| has_chinese(&in_chinese(way))) {
                    untranslated.push(format!("{}: {text}", path.display()));
                }
            }
        }
    }
    assert!(untranslated.is_empty(), "{untranslated:#?}");
    assert!(looked_at > 90, "{looked_at}");
}

/// A sentence with something in each of its places.
fn filled(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push('7');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled + rest
}
