//! A voicebank from an ordinary recording: each character a WAV of its own, and an index that says where
//! in it its parts lie.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use atomic_write_file::AtomicWriteFile;

use ziyin_corpus::speech::INDEX;
use ziyin_lyrics::Language;
use ziyin_session::hearing::HeardSong;
use ziyin_signal::SAMPLE_RATE;

/// Seconds before and after a character that its file holds, so that it is heard to begin and to end.
const MARGIN: f64 = 0.05;
/// Shorter characters, in seconds, teach nothing.
const SHORTEST: f64 = 0.06;

/// Writes the characters of a recording into a folder; gives how many.
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
        let within = |seconds: f64| ((seconds - from).max(0.0) * 1e4).round() / 1e4;
        let line = serde_json::json!({
            "audio": file,
            "singer": singer,
            "language": language,
            "sung": true,
            "characters": [{
                "said": character.said,
                "start": within(place.start),
                "vowel": within(place.vowel),
                "coda": within(place.coda),
                "end": within(place.end),
            }],
        });
        lines.push_str(&format!("{line}\n"));
        count += 1;
    }
    let mut file = AtomicWriteFile::open(&index)?;
    file.write_all(lines.as_bytes())?;
    file.commit()?;
    Ok(count)
}

fn write_wav(path: &Path, samples: &[f32]) -> Result<()> {
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
