//! No file of a room imports another in a circle.
//!
//! What counts is the text: `use` and paths, each followed through re-exports to the file that
//! defines what is named. A re-export counts where the file uses the name itself. Tests of a
//! room may look wherever they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn no_file_imports_another_in_a_circle() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut circles = Vec::new();
    let mut files = 0;
    for entry in fs::read_dir(&sources).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("lib.rs").is_file() {
            let room = Room::read(&folder);
            files += room.files.len();
            let imports = room.imports();
            let name = |module: &Module| {
                room.files[module].name.strip_prefix(&sources).unwrap().display().to_string()
            };
            circles.extend(
                circles_of(&imports)
                    .iter()
                    .map(|circle| circle.iter().map(name).collect::<Vec<_>>().join(" ")),
            );
        }
    }
    assert!(files > 200, "only {files} files were found");
    assert!(circles.is_empty(), "these files import each other in a circle:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found_through_the_names_that_parents_hand_on() {
    let room = Room::of(&[
        ("", "mod a; mod b; mod c; pub use a::first; pub use b::Second;"),
        ("a", "use crate::{c::third, Second}; pub fn first() {}"),
        ("b", "/* use super::c; */ pub struct Second; fn x() { super::first() }"),
        ("c", "pub fn third() {} #[cfg(test)] mod tests { use super::super::first; }"),
    ]);
    assert_eq!(circles_of(&room.imports()), [[vec!["a".to_string()], vec!["b".to_string()]]]);
}

/// The path of a module from the root of its crate.
type Module = Vec<String>;

struct File {
    name: PathBuf,
    /// Names that it hands on, with what they mean.
    handed_on: Vec<(String, Module)>,
    /// Absolute paths of what it names.
    named: BTreeSet<Module>,
}

struct Room {
    files: BTreeMap<Module, File>,
}

impl Room {
    fn read(folder: &Path) -> Self {
        let mut texts = Vec::new();
        gather(folder, &Vec::new(), &mut texts);
        Self::parse(texts)
    }

    fn of(texts: &[(&str, &str)]) -> Self {
        let module =
            |path: &str| path.split("::").filter(|part| !part.is_empty()).map(String::from).collect();
        Self::parse(
            texts.iter().map(|(path, text)| (module(path), PathBuf::from(path), text.to_string())).collect(),
        )
    }

    fn parse(texts: Vec<(Module, PathBuf, String)>) -> Self {
        let tokens: Vec<_> =
            texts.iter().map(|(module, _, text)| (module, without_tests(tokens(text)))).collect();
        // Files that are declared for tests alone are nobody's modules.
        let mut modules = BTreeSet::from([Vec::new()]);
        for (module, tokens) in &tokens {
            for pair in tokens.windows(3).filter(|part| part[0] == "mod" && part[2] == ";") {
                modules.insert(joined(module, &pair[1..2]));
            }
        }
        let files = texts.iter().zip(&tokens).filter(|((module, ..), _)| modules.contains(module));
        let files = files.map(|((module, name, _), (_, tokens))| {
            (module.clone(), Reader { modules: &modules, tokens, at: 0 }.file(module, name))
        });
        Self { files: files.collect() }
    }

    /// The files that each file imports from.
    fn imports(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let of = |(module, file): (&Module, &File)| {
            let all = file.named.iter().map(|path| self.defined_in(path, 0));
            (module.clone(), all.filter(|other| other != module).collect())
        };
        self.files.iter().map(of).collect()
    }

    /// The module of the file that defines what a path names.
    fn defined_in(&self, path: &[String], depth: usize) -> Module {
        let length =
            (0..=path.len()).rev().find(|&length| self.files.contains_key(&path[..length])).unwrap_or(0);
        let module = &path[..length];
        let Some(name) = path.get(length).filter(|_| depth < 8) else { return module.to_vec() };
        let handed_on = &self.files[module].handed_on;
        if let Some((_, meant)) = handed_on.iter().find(|(handed, _)| handed == name) {
            return self.defined_in(&joined(meant, &path[length + 1..]), depth + 1);
        }
        module.to_vec()
    }
}

fn joined(module: &[String], more: &[String]) -> Module {
    module.iter().chain(more).cloned().collect()
}

fn gather(folder: &Path, module: &Module, texts: &mut Vec<(Module, PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inner = joined(module, std::slice::from_ref(&stem));
        if path.is_dir() {
            gather(&path, &inner, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let own =
                if stem == "mod" || (stem == "lib" && module.is_empty()) { module.clone() } else { inner };
            texts.push((own, path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Identifiers and signs of a source, without comments and what is quoted; `::` is one sign.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            // A letter in quotes, or a lifetime.
            let mut letters = rest.char_indices().skip(1);
            match (letters.next(), letters.next()) {
                (Some((_, '\\')), _) => 3 + rest[3..].find('\'').map_or(0, |end| end + 1),
                (Some(_), Some((end, '\''))) => end + 1,
                _ => 1,
            }
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        let raw = matches!(token, "r" | "br") && after.starts_with(['"', '#']);
        if raw && let Some(start) = after.find('"') {
            let end = format!("\"{}", &after[..start]);
            rest = after[start + 1..].split_once(&end).map_or("", |(_, after)| after);
            continue;
        }
        rest = after;
        let plain = first.is_alphanumeric() || first == '_' || "{}();,:*#[]=<>.!&".contains(first);
        if plain && !first.is_numeric() {
            tokens.push(token.to_string());
        }
    }
    tokens
}

/// Bytes of a string in quotes at the start of a text.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// Leaves out every item that is compiled for tests alone.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut left = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().zip(TEST).filter(|(token, mark)| token == mark).count() < TEST.len() {
            left.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += TEST.len();
        let mut depth = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 && (token == ";" || token == "}") {
                break;
            }
        }
    }
    left
}

struct Reader<'a> {
    modules: &'a BTreeSet<Module>,
    tokens: &'a [String],
    at: usize,
}

impl Reader<'_> {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", String::as_str)
    }

    fn file(mut self, module: &Module, name: &Path) -> File {
        let mut file = File { name: name.into(), handed_on: Vec::new(), named: BTreeSet::new() };
        // Modules within the file, each with the depth of braces that it ends at.
        let mut inner: Vec<(String, usize)> = Vec::new();
        let mut depth = 0;
        let mut public = false;
        let mut names = Vec::new();
        while self.at < self.tokens.len() {
            let here: Module =
                joined(module, &inner.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
            match self.token(0) {
                "use" if self.token(1) != "<" => {
                    self.at += 1;
                    let mut uses = Vec::new();
                    self.tree(&[], &mut uses);
                    for (name, path) in uses {
                        let Some(path) = self.absolute(&here, &path) else { continue };
                        if public {
                            file.handed_on.push((name, path))
                        } else {
                            file.named.insert(path);
                        }
                    }
                    public = false;
                    continue;
                }
                "mod" if self.token(2) == "{" => {
                    inner.push((self.token(1).into(), depth));
                    depth += 1;
                    self.at += 3;
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    inner.pop_if(|(_, ends)| *ends == depth);
                }
                "pub" => {
                    public = true;
                    if self.token(1) == "(" {
                        while self.token(0) != ")" {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    continue;
                }
                _ if self.token(1) == "::" => {
                    let mut path = vec![self.token(0).to_string()];
                    while self.token(1) == "::"
                        && self.token(2).starts_with(|c: char| c.is_alphabetic() || c == '_')
                    {
                        self.at += 2;
                        path.push(self.token(0).into());
                    }
                    names.push(path[0].clone());
                    file.named.extend(self.absolute(&here, &path));
                }
                token => names.push(token.into()),
            }
            public = false;
            self.at += 1;
        }
        let used =
            file.handed_on.iter().filter(|(name, _)| names.contains(name)).map(|(_, path)| path.clone());
        file.named.extend(used.collect::<Vec<_>>());
        file
    }

    /// Reads what stands behind `use`, up to where it ends.
    fn tree(&mut self, before: &[String], uses: &mut Vec<(String, Vec<String>)>) {
        let mut path = before.to_vec();
        loop {
            match self.token(0) {
                "{" => {
                    self.at += 1;
                    while self.token(0) != "}" && self.at < self.tokens.len() {
                        self.tree(&path, uses);
                        if self.token(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" => self.at += 1,
                "as" => {
                    self.at += 1;
                    uses.push((self.token(0).into(), path));
                    self.at += 1;
                    return;
                }
                "," | ";" | "}" | "" => {
                    let name = path.last().cloned().unwrap_or_default();
                    uses.push((name, path));
                    return;
                }
                "self" if !path.is_empty() => self.at += 1,
                part => {
                    path.push(part.into());
                    self.at += 1;
                }
            }
        }
    }

    /// A path from the root of the crate; `None` for what lies in another crate.
    fn absolute(&self, here: &Module, path: &[String]) -> Option<Module> {
        let mut base = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => here.clone(),
            child if self.modules.contains(&joined(here, &[child.into()])) => {
                return Some(joined(here, path));
            }
            _ => return None,
        };
        let mut rest = path;
        while let Some(first) =
            rest.first().filter(|part| ["crate", "self", "super"].contains(&part.as_str()))
        {
            if first == "super" {
                base.pop();
            }
            rest = &rest[1..];
        }
        Some(joined(&base, rest))
    }
}

/// The groups of files of which each reaches each.
fn circles_of(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let mut reached: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for from in imports.keys() {
        let after = reached.entry(from).or_default();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            open.extend(imports.get(module).into_iter().flatten().filter(|next| after.insert(next)));
        }
    }
    let mut circles: Vec<Vec<Module>> = Vec::new();
    for (module, after) in &reached {
        let circle: Vec<Module> = after
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|back| back.contains(module)))
            .map(|m| (*m).clone())
            .collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}
