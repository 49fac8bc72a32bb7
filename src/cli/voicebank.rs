//! Corpora from ordinary recordings: each character a WAV of its own, or a song as several sang it, with an
//! index that says where the parts of each character lie.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use atomic_write_file::AtomicWriteFile;

use ziyin_corpus::speech::INDEX;
use ziyin_listening::Interval;
use ziyin_lyrics::Language;
use ziyin_session::hearing::HeardSong;
use ziyin_session::renditions::Renditions;
use ziyin_signal::SAMPLE_RATE;

/// Seconds before and after a character that its file holds, so that it is heard to begin and to end.
const MARGIN: f64 = 0.05;
/// Shorter characters, in seconds, teach nothing.
const SHORTEST: f64 = 0.06;

/// Writes the characters of a recording into a folder; gives how many.
///
/// # Errors
/// If a file is there or cannot be written.
pub fn save_characters(heard: &HeardSong, recording: &Path, folder: &Path, force: bool) -> Result<usize> {
    let index = folder.join(INDEX);
    ensure!(force || !index.exists(), "{} exists already; --force overwrites it", index.display());
    fs::create_dir_all(folder)?;
    let singer = recording.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let language = heard.language.unwrap_or(Language::Mandarin);
    let length = heard.samples.len() as f64 / f64::from(SAMPLE_RATE);
    let mut lines = String::new();
    let mut count = 0;
    for (number, character) in heard.characters.iter().enumerate() {
        let place = character.place;
        if place.end - place.vowel < SHORTEST {
            continue;
        }
        let (from, to) = ((place.start - MARGIN).max(0.0), (place.end + MARGIN).min(length));
        let sample = |seconds: f64| ((seconds * f64::from(SAMPLE_RATE)) as usize).min(heard.samples.len());
        let file = format!("{number:04}-{}.wav", character.said);
        write_wav(&folder.join(&file), &heard.samples[sample(from)..sample(to)])?;
        lines.push_str(&line(&file, &singer, language, vec![placed(&character.said, &place, from)]));
        count += 1;
    }
    write_index(&index, &lines)?;
    Ok(count)
}

/// Between characters that are further apart, in seconds, nobody sings.
const REST: f64 = 0.12;

/// Writes the index of a folder that holds a WAV of each recording of a song, named as `audio` has them.
///
/// # Errors
/// If the file cannot be written.
pub fn index_renditions(song: &Renditions, audio: &[String], folder: &Path) -> Result<()> {
    let mut lines = String::new();
    for (recording, file) in song.recordings.iter().zip(audio) {
        let mut characters = Vec::new();
        let mut ended = f64::NEG_INFINITY;
        for (character, place) in song.characters.iter().zip(&recording.places) {
            let Some(place) = place.filter(|place| place.end - place.vowel >= SHORTEST) else { continue };
            if place.start - ended > REST {
                characters.push(serde_json::Value::Null);
            }
            characters.push(placed(&character.said, &place, 0.0));
            ended = place.end;
        }
        characters.push(serde_json::Value::Null);
        lines.push_str(&line(file, file.trim_end_matches(".wav"), song.language, characters));
    }
    write_index(&folder.join(INDEX), &lines)
}

/// The line of an index for a recording of somebody who sings these characters, as [`placed`] has them, and
/// `null` where nobody does.
pub fn line(audio: &str, singer: &str, language: Language, characters: Vec<serde_json::Value>) -> String {
    let line = serde_json::json!({
        "audio": audio,
        "singer": singer,
        "language": language,
        "sung": true,
        "characters": characters,
    });
    format!("{line}\n")
}

/// A character as the index has it, in seconds from a moment of the recording.
pub fn placed(said: &str, place: &Interval, from: f64) -> serde_json::Value {
    let within = |seconds: f64| ((seconds - from).max(0.0) * 1e4).round() / 1e4;
    serde_json::json!({
        "said": said,
        "start": within(place.start),
        "vowel": within(place.vowel),
        "coda": within(place.coda),
        "end": within(place.end),
    })
}

/// Writes an index of such lines.
///
/// # Errors
/// If the file cannot be written.
pub fn write_index(index: &Path, lines: &str) -> Result<()> {
    let mut file = AtomicWriteFile::open(index)?;
    file.write_all(lines.as_bytes())?;
    Ok(file.commit()?)
}

/// Writes a voice at the rate of the house.
///
/// # Errors
/// If the file cannot be written.
pub fn write_wav(path: &Path, samples: &[f32]) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let write = || -> Result<(), hound::Error> {
        let mut writer = hound::WavWriter::create(path, spec)?;
        for sample in samples {
            writer.write_sample((sample.clamp(-1.0, 1.0) * 8_388_607.0) as i32)?;
        }
        writer.finalize()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
