use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use super::output;
use super::output::{answer, tell};
use super::voicebank::save_characters;
use ziyin_lyrics::Language;
use ziyin_message::Message;
use ziyin_score::{TICKS_PER_QUARTER, Tick};
use ziyin_session::hearing::{HearingOrder, hear};

/// Turn a recording of a voice into a song: its notes, its bends, and its lyrics
///
/// With lyrics given, each character is found in the recording; without, Mandarin and Japanese are guessed
/// as pinyin and kana. The recording plays along with the song.
#[derive(Args)]
pub struct Arguments {
    /// The recording: WAV, FLAC, MP3, Ogg Vorbis, Opus, AIFF, CAF or M4A
    recording: PathBuf,
    /// Where to save the song, a .ziyin file
    #[arg(short, long, value_name = "SONG", required_unless_present = "save")]
    output: Option<PathBuf>,
    /// The recording is a mix: separate its vocals, and listen to these
    #[arg(long)]
    mix: bool,
    /// Write what goes with the vocals into this WAV, which then plays along in place of the mix
    #[arg(long, value_name = "WAV", requires = "mix")]
    accompaniment: Option<PathBuf>,
    /// A text file with what is sung, in its order
    #[arg(long, value_name = "FILE")]
    lyrics: Option<PathBuf>,
    /// The language that is sung, such as mandarin, japanese or english; told from the lyrics or from the
    /// recording if not given
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Write Mandarin that is guessed in hanzi, as far as words are found, not in pinyin
    #[arg(long, conflicts_with = "lyrics")]
    hanzi: bool,
    /// Bring notes to parts of a whole note, such as 1/8 or 1/16; if not given they stay where they were sung
    #[arg(long, value_name = "PART", value_parser = grid)]
    grid: Option<Tick>,
    /// The tempo in quarter notes per minute, if it is known
    #[arg(long, value_parser = tempo)]
    tempo: Option<f64>,
    /// Save each character as a WAV of its own into this folder, a corpus that `ziyin train` reads
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Overwrite what exists
    #[arg(long)]
    force: bool,
    /// Print what was heard as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn language(text: &str) -> Result<Language, String> {
    serde_json::from_value(serde_json::Value::from(text.to_lowercase())).map_err(|_| {
        "there is no language of that name; it may be mandarin, japanese, korean or english".into()
    })
}

fn grid(text: &str) -> Result<Tick, String> {
    let part = text.strip_prefix("1/").and_then(|part| part.parse::<Tick>().ok());
    let whole = 4 * TICKS_PER_QUARTER;
    let fits = part.filter(|part| (1..=64).contains(part) && whole % part == 0);
    fits.map(|part| whole / part).ok_or_else(|| "a grid is 1/4, 1/8, 1/12, 1/16 or the like".into())
}

fn tempo(text: &str) -> Result<f64, String> {
    let bpm = text.parse().ok().filter(|bpm| (20.0..=400.0).contains(bpm));
    bpm.ok_or_else(|| "the tempo lies between 20 and 400 quarter notes per minute".into())
}

/// Largest file of lyrics that is read.
const MOST_BYTES: u64 = 1 << 20;

pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(song) = &arguments.output {
        output::check_free(song, arguments.force)?;
    }
    if let Some(accompaniment) = &arguments.accompaniment {
        output::check_free(accompaniment, arguments.force)?;
        let place = |path: &Path| path.canonicalize().ok();
        let recording = place(&arguments.recording);
        ensure!(
            recording.is_none() || place(accompaniment) != recording,
            "{} is the recording itself",
            accompaniment.display()
        );
    }
    let order = HearingOrder {
        recording: arguments.recording.clone(),
        lyrics: arguments.lyrics.as_deref().map(read_text).transpose()?,
        language: arguments.language,
        hanzi: arguments.hanzi,
        grid: arguments.grid,
        bpm: arguments.tempo,
        mix: arguments.mix,
        accompaniment: arguments.accompaniment.clone(),
        vocals: None,
    };
    let bar = output::part_bar("listening");
    let heard = hear(&order, &mut output::shown_on(&bar));
    bar.finish_and_clear();
    let said = |why: Message| anyhow!("{why}");
    let heard = heard.map_err(said)?.context("listening was stopped")?;
    for warning in &heard.warnings {
        tell!("warning: {warning}");
    }
    if let Some(song) = &arguments.output {
        heard.save(song).with_context(|| format!("{} cannot be saved", song.display()))?;
    }
    if let Some(folder) = &arguments.save {
        ensure!(!heard.characters.is_empty(), "no characters were heard that could be saved");
        let count = save_characters(&heard, &arguments.recording, folder, arguments.force)
            .with_context(|| format!("cannot save characters into {}", folder.display()))?;
        tell!("{}: {count} characters, each a WAV; `ziyin train --corpus` reads them", folder.display());
    }
    let track = &heard.project.tracks[0];
    if arguments.json {
        let characters: Vec<_> = heard
            .characters
            .iter()
            .map(|one| {
                let place = one.place;
                serde_json::json!({ "lyric": one.lyric, "said": one.said, "start": place.start,
                    "vowel": place.vowel, "coda": place.coda, "end": place.end })
            })
            .collect();
        let warnings: Vec<String> = heard.warnings.iter().map(Message::to_string).collect();
        answer!(
            "{}",
            serde_json::json!({
                "song": arguments.output,
                "language": heard.language.map(Language::name),
                "bpm": heard.bpm,
                "notes": track.notes.len(),
                "characters": characters,
                "warnings": warnings,
            })
        )?;
    } else {
        let lyrics: Vec<&str> = heard.characters.iter().map(|one| one.lyric.as_str()).collect();
        let language = heard.language.map_or("no words", Language::name);
        let song = arguments.output.as_ref().map(|song| format!("{}: ", song.display())).unwrap_or_default();
        answer!("{song}{} notes at {:.1} bpm, {language}", track.notes.len(), heard.bpm)?;
        if !lyrics.is_empty() && arguments.lyrics.is_none() {
            answer!("{}", lyrics.join(" "))?;
        }
    }
    Ok(())
}

/// Reads a file of lyrics.
pub fn read_text(path: &Path) -> Result<String> {
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(size <= MOST_BYTES, "{} is too large for lyrics", path.display());
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{} is no text in UTF-8", path.display()))
}
