//! How fast a song becomes a plan.

use divan::Bencher;
use ziyin::lyrics::{Language, LyricInput, read_lyrics, split_into_syllables};
use ziyin::score::{Levels, NoteId};
use ziyin::singing::Timing;
use ziyin::singing::draft::draft;
use ziyin::singing::known_voice::{Delivery, KnownVoice};
use ziyin::singing::melody::SungNote;

const VERSE: &str = "银行门前的长椅上坐着一个还在长大的孩子，慢慢地数着天上的星星，不知不觉睡着了。";

fn main() {
    divan::main();
}

fn notes(count: usize) -> Vec<SungNote> {
    (0..count)
        .map(|i| SungNote {
            id: NoteId(i as u64),
            onset: i as f64 * 0.4,
            end: i as f64 * 0.4 + if i % 16 == 15 { 0.2 } else { 0.4 },
            key: f64::from(57 + (i as u32 * 5) % 12),
            vibrato: None,
            levels: Levels::default(),
            manner: None,
        })
        .collect()
}

/// Reading lyrics, with the polyphones chosen from their phrases.
#[divan::bench(args = [500, 5000])]
fn lyrics(bencher: Bencher, count: usize) {
    let syllables: Vec<String> = split_into_syllables(VERSE).into_iter().cycle().take(count).collect();
    let inputs: Vec<LyricInput> =
        syllables.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
    // The dictionary is loaded once.
    read_lyrics(&inputs[..10], Language::Mandarin);
    bencher.bench(|| read_lyrics(&inputs, Language::Mandarin));
}

/// From notes and readings to characters and pitch curves.
#[divan::bench(args = [500, 5000])]
fn plan(bencher: Bencher, count: usize) {
    let notes = notes(count);
    let syllables: Vec<String> = split_into_syllables(VERSE).into_iter().cycle().take(count).collect();
    let inputs: Vec<LyricInput> =
        syllables.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
    let readings = read_lyrics(&inputs, Language::Mandarin);
    let timing = Timing { closure: 0.03, consonant: 0.06, coda: 0.1 };
    bencher.bench(|| {
        let draft = draft(&notes, &readings, Language::Mandarin);
        let timings = |inputs: &[_]| Ok(vec![timing; inputs.len()]);
        KnownVoice::default().follow(draft, Delivery::default(), timings)
    });
}
