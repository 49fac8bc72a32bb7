//! What things are called in the language of the studio.

use std::path::Path;

use rust_i18n::t;
use ziyin_message::ToMessage;

use ziyin_lyrics::Language;
use ziyin_score::{HarmonyKind, Key, Manner, Project, Scale};

/// What a song is called: its title, else its file, else that it has no name.
pub fn title_of(project: &Project, path: Option<&Path>) -> String {
    let stem = path.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    match stem {
        Some(stem) if project.title.is_empty() => stem,
        None if project.title.is_empty() => t!("song.untitled").into_owned(),
        _ => project.title.clone(),
    }
}

/// The name of a step in the language of the studio, with how much it did.
pub fn step_name(step: &str) -> String {
    match step.split_once(':') {
        Some((kind, amount)) => format!("{} {amount}", t!(format!("step.{kind}"))),
        None => t!(format!("step.{step}")).into_owned(),
    }
}

/// A language in the language of the studio.
pub fn language_name(language: Language) -> String {
    let key = match language {
        Language::Mandarin => "language.mandarin",
        Language::Japanese => "language.japanese",
        Language::Korean => "language.korean",
        Language::English => "language.english",
    };
    t!(key).into_owned()
}

/// A manner in the language of the studio.
pub fn manner_name(manner: Option<Manner>) -> String {
    let key = match manner {
        None => "manner.usual",
        Some(Manner::Soft) => "manner.soft",
        Some(Manner::Normal) => "manner.normal",
        Some(Manner::Strong) => "manner.strong",
        Some(Manner::Whisper) => "manner.whisper",
        Some(Manner::Falsetto) => "manner.falsetto",
        Some(Manner::Growl) => "manner.growl",
    };
    t!(key).into_owned()
}

/// The word behind a number of beats.
pub fn beats_name(beats: f64) -> String {
    t!(if beats == 1.0 { "notes.beat" } else { "notes.beats" }).into_owned()
}

/// What a harmony is called.
pub fn harmony_name(kind: HarmonyKind) -> String {
    kind.to_message().said()
}

/// The tonics as their keys are written: with the fewest sharps or flats.
const MAJOR: [&str; 12] = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const MINOR: [&str; 12] = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B"];

/// `D major` in the language of the studio.
pub fn key_name(key: Key) -> String {
    let (text, tones) = match key.scale {
        Scale::Major => ("harmony.major", MAJOR),
        Scale::Minor => ("harmony.minor", MINOR),
    };
    t!(text, tone = tones[usize::from(key.tonic) % 12]).into_owned()
}
