use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::file_names::{FileNames, composed};
use super::oto::decode;
use super::{
    Clip, Content, Corpus, MandarinAlias, Manner, OtoEntry, Token, TokenPlace, read_japanese_alias,
    read_mandarin_alias, read_oto,
};
use ziyin_lyrics::{Language, Phoneme};
use ziyin_signal::semitones_of;

/// Why a folder could not be opened as a voicebank.
#[derive(Debug, Error)]
pub enum VoicebankError {
    #[error("{0} holds no oto.ini, so it is no UTAU voicebank")]
    NoOto(PathBuf),
    #[error("cannot read {path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
}

/// A UTAU voicebank: recordings at one or more pitches, with exact intervals.
#[derive(Clone, Debug)]
pub struct Voicebank {
    pub name: String,
    /// The language of its aliases: Mandarin or Japanese.
    pub language: Language,
    pub folders: Vec<PitchFolder>,
}

/// The recordings of one `oto.ini`.
#[derive(Clone, Debug)]
pub struct PitchFolder {
    pub path: PathBuf,
    /// What `prefix.map` appends to an alias for this folder, for example `_A3`.
    pub suffix: String,
    /// MIDI pitch that the folder was sung at, where its name tells.
    pub pitch: Option<u8>,
    /// How it is sung, where the folder's name tells.
    pub manner: Manner,
    pub entries: Vec<OtoEntry>,
    /// Lines of the `oto.ini` that could not be read.
    pub skipped: usize,
}

impl Voicebank {
    /// Opens the voicebank in `root`.
    pub fn open(root: &Path) -> Result<Self, VoicebankError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| VoicebankError::Io { path: path.to_path_buf(), source })
        };
        let mut otos = Vec::new();
        find_otos(root, 0, &mut otos)
            .map_err(|source| VoicebankError::Io { path: root.to_path_buf(), source })?;
        if otos.is_empty() {
            return Err(VoicebankError::NoOto(root.to_path_buf()));
        }
        let own = BankFiles::of(root);
        let mut suffixes: Vec<String> = if let Some(map) = own.find("prefix.map") {
            decode(&read(&map)?)
                .lines()
                .filter_map(|l| l.split('\t').nth(2).map(|s| s.trim().to_string()))
                .collect()
        } else {
            Vec::new()
        };
        suffixes.sort_by_key(|s| std::cmp::Reverse(s.len()));
        suffixes.dedup();
        let mut folders = Vec::new();
        for oto in otos {
            let (mut entries, skipped) = read_oto(&read(&oto)?);
            let path = oto.parent().unwrap_or(root).to_path_buf();
            let names = FileNames::of(&path);
            for entry in &mut entries {
                if let Some(name) = names.find(&entry.file) {
                    entry.file = name.into();
                }
            }
            let ends = |s: &&String| {
                !s.is_empty() && entries.iter().filter(|e| e.alias.ends_with(*s)).count() * 2 > entries.len()
            };
            let suffix = suffixes.iter().find(ends).cloned().unwrap_or_default();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let pitch = note_in(&suffix).or_else(|| note_in(&name));
            let manner = manner_in(&name);
            folders.push(PitchFolder { path, suffix, pitch, manner, entries, skipped });
        }
        let language = language_of(&own, &folders);
        Ok(Self { name: name_of(&own), language, folders })
    }
}

impl PitchFolder {
    /// Entries that name a character or the end of one, in the language of the bank.
    pub fn understood(&self, language: Language) -> usize {
        let reads = |entry: &&OtoEntry| match language {
            Language::Mandarin => read_mandarin_alias(self.plain(entry)).is_some(),
            _ => read_japanese_alias(self.plain(entry)).is_some(),
        };
        self.entries.iter().filter(reads).count()
    }

    fn tokens(&self, language: Language) -> Vec<Token> {
        match language {
            Language::Mandarin => self.mandarin_tokens(),
            _ => self.japanese_tokens(),
        }
    }

    /// The alias without the suffix of the folder.
    pub(super) fn plain<'a>(&self, entry: &'a OtoEntry) -> &'a str {
        entry.alias.strip_suffix(self.suffix.as_str()).unwrap_or(&entry.alias)
    }
}

impl Corpus for Voicebank {
    fn name(&self) -> &str {
        &self.name
    }

    fn singers(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn clips(&self) -> Vec<Clip> {
        let mut clips: Vec<Clip> = Vec::new();
        for token in self.folders.iter().flat_map(|folder| folder.tokens(self.language)) {
            match clips.last_mut() {
                Some(Clip { audio, content: Content::Tokens(tokens), .. }) if *audio == token.wav => {
                    tokens.push(token);
                }
                _ => clips.push(Clip {
                    audio: token.wav.clone(),
                    singer: 0,
                    language: self.language,
                    content: Content::Tokens(vec![token]),
                }),
            }
        }
        clips
    }

    fn left_out(&self) -> BTreeMap<String, usize> {
        let mut reasons = BTreeMap::new();
        let mut count = |reason: &str, times: usize| {
            if times > 0 {
                *reasons.entry(reason.to_string()).or_default() += times;
            }
        };
        for folder in &self.folders {
            count("lines of oto.ini that are no entry", folder.skipped);
            let understood = folder.understood(self.language);
            count("aliases that name no character", folder.entries.len() - understood);
        }
        reasons
    }
}

impl PitchFolder {
    /// The tokens of a Mandarin bank: the characters that its aliases name, and the
    /// vowels of its transition files with their real neighbours.
    pub fn mandarin_tokens(&self) -> Vec<Token> {
        use MandarinAlias::*;
        let read = |e: &OtoEntry| read_mandarin_alias(self.plain(e));
        let mut files: Vec<&str> = self.entries.iter().map(|e| e.file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        let mut tokens = Vec::new();
        for file in files {
            let aliases: Vec<(&OtoEntry, MandarinAlias)> =
                self.entries.iter().filter(|e| e.file == file).filter_map(|e| Some((e, read(e)?))).collect();
            let find = |wanted: &dyn Fn(&MandarinAlias) -> bool| {
                aliases.iter().find(|(_, a)| wanted(a)).map(|(e, a)| (*e, *a))
            };
            let place = |vowel: &OtoEntry| TokenPlace {
                vowel: Some(vowel.vowel()),
                nucleus_end: Some(vowel.end(f64::MAX)).filter(|_| vowel.cutoff < 0.0),
                start: Some(vowel.offset / 1000.0),
                end: Option::None,
            };
            let token = |syllable, previous, next, place| Token {
                wav: self.path.join(file),
                folder_pitch: self.pitch,
                syllable,
                previous,
                next,
                place,
                manner: self.manner,
            };
            let rest = [Phoneme::Rest; 2];
            let first = find(&|a| matches!(a, First(_)));
            let second = find(&|a| matches!(a, Second(_))).or_else(|| find(&|a| matches!(a, SecondLong(_))));
            match (first, second) {
                (Some((one, First(syllable))), Some((two, Second(again) | SecondLong(again))))
                    if syllable == again =>
                {
                    let end =
                        if syllable.initial == Phoneme::None { two.vowel() } else { two.offset / 1000.0 };
                    tokens.push(token(
                        syllable,
                        rest,
                        syllable.opening(),
                        TokenPlace { end: Some(end), ..place(one) },
                    ));
                    let mut last = place(two);
                    last.start = Some(end);
                    if let Some((long, _)) = find(&|a| matches!(a, SecondLong(_))) {
                        last.end = Some(long.end(f64::MAX)).filter(|_| long.cutoff < 0.0);
                    }
                    tokens.push(token(syllable, syllable.closing(), rest, last));
                }
                (Some((one, First(syllable))), _) => tokens.push(token(syllable, rest, rest, place(one))),
                (_, Some((two, Second(syllable)))) => tokens.push(token(syllable, rest, rest, place(two))),
                _ => {}
            }
            match find(&|a| matches!(a, VowelConsonant(..) | VowelVowel(..))) {
                // A file that also names whole characters repeats one of them.
                Some(_) if first.is_some() || second.is_some() => {}
                Some((entry, VowelConsonant(vowel, next))) => tokens.push(token(
                    vowel,
                    rest,
                    [next, Phoneme::None],
                    TokenPlace { end: Some(entry.vowel()), ..TokenPlace::default() },
                )),
                Some((entry, VowelVowel(vowel, next))) => {
                    let turn = entry.vowel();
                    tokens.push(token(
                        vowel,
                        rest,
                        next.opening(),
                        TokenPlace { end: Some(turn), ..TokenPlace::default() },
                    ));
                    let place = TokenPlace { start: Some(turn), end: Option::None, ..place(entry) };
                    tokens.push(token(next, vowel.closing(), rest, place));
                }
                _ => {}
            }
        }
        tokens
    }
}

/// The name in `character.txt` or `character.yaml`, else that of the folder.
fn name_of(own: &BankFiles) -> String {
    own.field("character.txt", "name=")
        .or_else(|| own.field("character.yaml", "name:"))
        .or_else(|| own.root.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_default()
}

/// The files that tell of a bank, in its uppermost folder.
struct BankFiles<'a> {
    root: &'a Path,
    names: FileNames,
}

impl<'a> BankFiles<'a> {
    fn of(root: &'a Path) -> Self {
        Self { root, names: FileNames::of(root) }
    }

    /// A file, however its name is written on this disk.
    fn find(&self, name: &str) -> Option<PathBuf> {
        self.names.find(name).map(|name| self.root.join(name)).filter(|path| path.is_file())
    }

    /// What stands behind a key at the beginning of a line of a file.
    fn field(&self, file: &str, key: &str) -> Option<String> {
        let text = decode(&std::fs::read(self.find(file)?).ok()?);
        let value = text.lines().find_map(|line| line.trim_start_matches('\u{feff}').strip_prefix(key))?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_string())
    }
}

/// The language that `character.yaml` names a phonemizer of, else that in which more
/// aliases can be read.
fn language_of(own: &BankFiles, folders: &[PitchFolder]) -> Language {
    let phonemizer = own.field("character.yaml", "default_phonemizer:").unwrap_or_default();
    if phonemizer.contains("Japanese") {
        return Language::Japanese;
    }
    if phonemizer.contains("Chinese") {
        return Language::Mandarin;
    }
    let kana = |entry: &&OtoEntry| entry.alias.contains(|c: char| ('ぁ'..='ヺ').contains(&c));
    let all = || folders.iter().flat_map(|folder| &folder.entries);
    if 2 * all().filter(kana).count() > all().count() { Language::Japanese } else { Language::Mandarin }
}

/// How a folder is sung, by its name.
fn manner_in(folder: &str) -> Manner {
    let name = composed(folder).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["whisper", "ウィスパー", "囁"]) {
        Manner::Whisper
    } else if has(&["strong", "power", "強"]) {
        Manner::Strong
    } else if has(&["soft", "weak", "弱"]) {
        Manner::Soft
    } else {
        Manner::Plain
    }
}

/// Every `oto.ini` below a folder, three levels deep at most.
fn find_otos(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut children: Vec<PathBuf> =
        std::fs::read_dir(folder)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
    children.sort();
    for child in children {
        if child.is_dir() && depth < 3 {
            find_otos(&child, depth + 1, found)?;
        } else if child.file_name().is_some_and(|n| n.eq_ignore_ascii_case("oto.ini")) {
            found.push(child);
        }
    }
    Ok(())
}

/// The MIDI pitch of a note name at the end of a text, such as `_A3` or `Core_D#5`.
fn note_in(text: &str) -> Option<u8> {
    let octave = text.chars().last()?.to_digit(10)?;
    let name = text[..text.len() - 1].trim_end_matches('#');
    let sharp = text[..text.len() - 1].ends_with('#');
    let step = u32::from(semitones_of(name.chars().last()?)?);
    u8::try_from(12 * (octave + 1) + step + u32::from(sharp)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_from_folder_names() {
        assert_eq!(note_in("_A3"), Some(57));
        assert_eq!(note_in("_Core_D#5"), Some(75));
        assert_eq!(note_in("Whisper_High"), None);
    }
}
