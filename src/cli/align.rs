use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use tempfile::TempDir;

use super::listen::{language, read_text};
use super::output;
use super::output::{answer, check_free, tell};
use super::voicebank::{index_renditions, write_wav};
use ziyin_corpus::speech::INDEX;
use ziyin_lyrics::Language;
use ziyin_message::Message;
use ziyin_session::renditions::{Rendition, RenditionsOrder, hear_renditions};

/// Find each character of one song in several recordings of it
///
/// The recordings may be of any singers, in any key, at any tempo. Without lyrics those are taken that are
/// guessed from one of them and fit best to all.
#[derive(Args)]
pub struct Arguments {
    /// The recordings: WAV, FLAC, MP3, Ogg Vorbis, Opus, AIFF, CAF or M4A
    #[arg(required = true, num_args = 2..)]
    recordings: Vec<PathBuf>,
    /// The recordings are mixes: separate their vocals, and listen to these
    #[arg(long)]
    mix: bool,
    /// A text file with what is sung, in its order
    #[arg(long, value_name = "FILE")]
    lyrics: Option<PathBuf>,
    /// The language that is sung, such as mandarin, japanese or english; told from the lyrics or from the
    /// recordings if not given
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Save the voices of all recordings into this folder, a corpus with a singer for each that `ziyin train`
    /// reads
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Overwrite what exists
    #[arg(long)]
    force: bool,
    /// Print where each character lies as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let order = RenditionsOrder {
        recordings: arguments.recordings.clone(),
        lyrics: arguments.lyrics.as_deref().map(read_text).transpose()?,
        language: arguments.language,
        mix: arguments.mix,
    };
    let names = names(&arguments.recordings);
    if let Some(folder) = &arguments.save {
        check_free(&folder.join(INDEX), arguments.force)?;
        for name in &names {
            check_free(&folder.join(name), arguments.force)?;
        }
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let bar = output::part_bar("listening");
    let voices = arguments.save.as_deref().map(Voices::new).transpose()?;
    let mut save = |number: usize, voice: &[f32]| -> Result<(), Message> {
        let Some(voices) = &voices else { return Ok(()) };
        write_wav(&voices.0.path().join(&names[number]), voice).map_err(Message::foreign)
    };
    let song = hear_renditions(&order, &mut save, &mut output::shown_on(&bar));
    bar.finish_and_clear();
    let said = |why: Message| anyhow!("{why}");
    let song = song.map_err(said)?.context("listening was stopped")?;
    for warning in &song.warnings {
        tell!("warning: {warning}");
    }
    for one in &song.recordings {
        for warning in &one.warnings {
            tell!("warning: {}: {warning}", one.recording.display());
        }
    }
    if let (Some(folder), Some(voices)) = (&arguments.save, voices) {
        voices.publish(&names, folder)?;
        index_renditions(&song, &names, folder)
            .with_context(|| format!("cannot write into {}", folder.display()))?;
        tell!("{}: {} singers; `ziyin train --corpus` reads them", folder.display(), names.len());
    }
    let found = |one: &Rendition| one.places.iter().flatten().count();
    if arguments.json {
        let characters: Vec<_> = song
            .characters
            .iter()
            .enumerate()
            .map(|(i, character)| {
                let place = |one: &Rendition| {
                    one.places[i].map(|place| {
                        serde_json::json!({ "start": place.start, "vowel": place.vowel, "coda": place.coda,
                            "end": place.end })
                    })
                };
                let places: Vec<_> = song.recordings.iter().map(place).collect();
                serde_json::json!({ "lyric": character.lyric, "said": character.said, "places": places })
            })
            .collect();
        let recordings: Vec<_> = song
            .recordings
            .iter()
            .map(|one| {
                let warnings: Vec<String> = one.warnings.iter().map(Message::to_string).collect();
                serde_json::json!({ "recording": one.recording, "found": found(one), "warnings": warnings })
            })
            .collect();
        let warnings: Vec<String> = song.warnings.iter().map(Message::to_string).collect();
        answer!(
            "{}",
            serde_json::json!({
                "language": song.language.name(),
                "recordings": recordings,
                "characters": characters,
                "warnings": warnings,
            })
        )?;
    } else {
        for one in &song.recordings {
            let of = song.characters.len();
            answer!(
                "{}: {} of {of} characters, {}",
                one.recording.display(),
                found(one),
                song.language.name()
            )?;
        }
        for (i, character) in song.characters.iter().enumerate() {
            let vowel =
                |one: &Rendition| one.places[i].map_or("       –".into(), |p| format!("{:8.3}", p.vowel));
            let vowels: Vec<String> = song.recordings.iter().map(vowel).collect();
            answer!("{:8} {}", character.said, vowels.join(" "))?;
        }
    }
    Ok(())
}

/// The voices of recordings in a place of their own, until all of them are there. If it comes to nothing they go.
struct Voices(TempDir);

impl Voices {
    /// Beside where they are to lie.
    fn new(folder: &Path) -> Result<Self> {
        let place = tempfile::Builder::new().prefix(".ziyin-").tempdir_in(folder);
        Ok(Self(place.with_context(|| format!("cannot write into {}", folder.display()))?))
    }

    /// Gives them their names in the folder.
    fn publish(self, names: &[String], folder: &Path) -> Result<()> {
        for name in names {
            let path = folder.join(name);
            std::fs::rename(self.0.path().join(name), &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// What the voices of recordings are saved as: the names of the files, told apart where they are alike.
fn names(recordings: &[PathBuf]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |path: &PathBuf| {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let further = (2..).map(|number| format!("{stem} {number}.wav"));
        output::free_name(&mut taken, std::iter::once(format!("{stem}.wav")).chain(further))
    };
    recordings.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_in_the_folder_all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let count = || std::fs::read_dir(folder.path()).unwrap().count();
        let names = ["a.wav", "b.wav"].map(String::from);
        let voices = |kept: &[String]| {
            let voices = Voices::new(folder.path()).unwrap();
            kept.iter().for_each(|name| write_wav(&voices.0.path().join(name), &[0.5]).unwrap());
            voices
        };
        drop(voices(&names[..1]));
        assert_eq!(count(), 0);
        voices(&names).publish(&names, folder.path()).unwrap();
        assert_eq!(count(), 2);
    }

    #[test]
    fn files_of_one_name_are_told_apart() {
        let paths = ["a/x.flac", "b/x.mp3", "X 2.wav", "y.wav"].map(PathBuf::from);
        assert_eq!(names(&paths), ["x.wav", "x 2.wav", "X 2 2.wav", "y.wav"]);
    }
}
