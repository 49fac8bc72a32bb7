//! Songs by chance, sung by our own singers and mixtures of them: a corpus whose every moment is known, for the
//! recogniser to learn from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;

use ziyin_cli::tell;
use ziyin_cli::train::style;
use ziyin_cli::voicebank::{line, placed, write_index, write_wav};
use ziyin_corpus::speech::INDEX;
use ziyin_listening::{Interval, lyrics_by_chance};
use ziyin_lyrics::Language;
use ziyin_model::VoiceModel;
use ziyin_model::cloned_singer::Share;
use ziyin_model::device::Compute;
use ziyin_model::installed::{models_folder, readable_voices};
use ziyin_model::mixture::mix;
use ziyin_score::{Note, NoteId, Notes, Project, TICKS_PER_QUARTER, Tick, Track, TrackId};
use ziyin_signal::SAMPLE_RATE;
use ziyin_singing::choir::Choir;
use ziyin_singing::sing_alone;
use ziyin_singing::stream::VocoderDevice;
use ziyin_training::Draw;

/// Sing songs of words and tunes by chance, and say where each character lies
#[derive(Args, Debug)]
pub struct Arguments {
    /// Folder to write the corpus into.
    out: PathBuf,
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// How many mixtures of two or three singers sing beside those that there are.
    #[arg(long, default_value_t = 40)]
    mixtures: usize,
    /// Name of a singer who is not to be heard; may be given any number of times.
    #[arg(long, value_name = "NAME")]
    keep_back: Vec<String>,
    /// The share of songs that are Japanese; the others are Mandarin.
    #[arg(long, default_value_t = 0.2)]
    japanese: f32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Characters in a second, from slow songs to quick talk.
const PACES: [f32; 2] = [1.3, 6.5];
/// Characters of a song, and of a phrase.
const CHARACTERS: usize = 32;
const PHRASE: [usize; 2] = [4, 11];
/// At the tempo that a song has by itself, 120 quarter notes a minute.
const TICKS_PER_SECOND: f64 = 2.0 * TICKS_PER_QUARTER as f64;
/// Semitones around the middle of a singer's range.
const SCALE: [i32; 8] = [-7, -5, -3, 0, 2, 4, 7, 9];
/// Songs that are sung at once.
const AT_ONCE: usize = 32;

/// Somebody who sings, with the range in which they are at home.
struct Singer {
    name: String,
    range: [u8; 2],
}

/// Sings until there are as many minutes as are wanted.
///
/// # Errors
/// If there is no voice, or a file cannot be written.
pub fn run(args: &Arguments) -> Result<()> {
    let models = models_folder(None)?;
    let mut choir = Choir::open(&models, &Compute::cpu().tensors)?;
    let read = |folder: &Path| VoiceModel::read_config(folder).map_err(anyhow::Error::from);
    let voices = readable_voices(&models, read)?;
    let (_, config) = voices.into_iter().next().context("there is no voice")?;
    let mut singers: Vec<Singer> = config
        .singers
        .iter()
        .filter(|singer| !args.keep_back.contains(&singer.name))
        .map(|singer| Singer { name: singer.name.clone(), range: singer.range })
        .collect();
    ensure!(singers.len() > 2, "nobody is left to sing");
    let mut draw = Draw::new(args.seed);
    let trained = singers.len();
    for number in 0..args.mixtures {
        let mut shares: Vec<Share> = Vec::new();
        while shares.len() < 2 + number % 2 {
            let name = &singers[draw.place(trained)].name;
            if !shares.iter().any(|share| share.name == *name) {
                shares.push(Share { name: name.clone(), weight: draw.between(0.2, 1.0) });
            }
        }
        let mixed = mix(&format!("Mixture {number}"), &shares, &models, &[])?;
        singers.push(Singer { name: mixed.name.clone(), range: mixed.range });
        choir.add(mixed)?;
    }
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let bar = ProgressBar::new((args.minutes * 60.0) as u64).with_style(style("singing"));
    let (mut lines, mut seconds, mut number) = (Vec::new(), 0.0, 0usize);
    while seconds < 60.0 * args.minutes {
        let seeds: Vec<(usize, u64)> =
            (number..number + AT_ONCE).map(|number| (number, draw.bits())).collect();
        number += AT_ONCE;
        let sung: Vec<(String, f64)> = seeds
            .into_par_iter()
            .map(|(number, seed)| {
                let mut draw = Draw::new(seed);
                let singer = &singers[draw.place(singers.len())];
                sing(args, &choir, singer, number, &mut draw)
            })
            .collect::<Result<_>>()?;
        for (line, length) in sung {
            lines.push(line);
            seconds += length;
        }
        bar.set_position(seconds as u64);
    }
    bar.finish_and_clear();
    write_index(&args.out.join(INDEX), &lines.concat())?;
    tell!("{}: {number} songs, {:.0} minutes, {} singers", args.out.display(), seconds / 60.0, singers.len());
    Ok(())
}

/// Sings one song; gives its line of the index and its seconds.
fn sing(
    args: &Arguments,
    choir: &Choir,
    singer: &Singer,
    number: usize,
    draw: &mut Draw,
) -> Result<(String, f64)> {
    let language = if draw.unit() < args.japanese { Language::Japanese } else { Language::Mandarin };
    let lyrics = lyrics_by_chance(language, CHARACTERS, &mut || draw.unit());
    let project = song(&lyrics, language, singer, draw);
    let said: HashMap<NoteId, &str> =
        project.tracks[0].notes.iter().map(|note| (note.id, note.lyric.as_str())).collect();
    let (plan, samples) = sing_alone(&project, choir, &VocoderDevice::Cpu)?;
    let file = format!("{number:05}.wav");
    write_wav(&args.out.join(&file), &samples)?;
    let mut characters = Vec::new();
    for phrase in &plan.phrases {
        characters.push(serde_json::Value::Null);
        for one in phrase.characters.iter() {
            let place = Interval {
                start: one.onset,
                vowel: one.vowel_at(),
                coda: one.onset + f64::from(one.sung.nucleus_end),
                end: one.end(),
            };
            characters.push(placed(said.get(&one.note).copied().unwrap_or_default(), &place, 0.0));
        }
    }
    characters.push(serde_json::Value::Null);
    let line = line(&file, &singer.name, language, characters);
    Ok((line, samples.len() as f64 / f64::from(SAMPLE_RATE)))
}

/// A tune by chance for lyrics, where a singer is at home.
fn song(lyrics: &[String], language: Language, singer: &Singer, draw: &mut Draw) -> Project {
    let middle = (i32::from(singer.range[0]) + i32::from(singer.range[1])) / 2;
    let key = middle + (6.0 * draw.unit()) as i32 - 3;
    let pace = draw.between(PACES[0].ln(), PACES[1].ln()).exp();
    let ticks = |seconds: f32| (f64::from(seconds) * TICKS_PER_SECOND) as Tick;
    let (mut now, mut place, mut left) = (ticks(0.4), SCALE.len() / 2, 0);
    let mut notes = Vec::with_capacity(lyrics.len());
    for (i, lyric) in lyrics.iter().enumerate() {
        if left == 0 {
            left = PHRASE[0] + draw.place(PHRASE[1] - PHRASE[0] + 1);
            now += if i == 0 { 0 } else { ticks(draw.between(0.15, 0.6)) };
        }
        left -= 1;
        place = (place + draw.place(4)).saturating_sub(draw.place(4)).min(SCALE.len() - 1);
        let longer = if left == 0 { 2.0 } else { 1.0 };
        let length = ticks(longer * draw.between(0.7, 1.4) / pace).max(100);
        let pitch = (key + SCALE[place]).clamp(0, 127) as u8;
        notes.push(Note::new(NoteId(i as u64 + 1), now, length, pitch, lyric.as_str()));
        now += length;
    }
    let mut track = Track::new(TrackId(1 + draw.bits() % 1_000_000), &singer.name);
    (track.singer, track.language) = (Some(singer.name.clone()), Some(language));
    track.notes = Notes::new(notes);
    Project { tracks: vec![track], ..Project::default() }
}
