//! The weights that ship: they load, and what they sing are the sounds asked for.

use std::path::Path;

use burn::tensor::Device;
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, Syllable, pinyin_to_syllable, read_lyrics};
use ziyin_model::{Block, CharacterInput, TimingInput, VoiceModel};
use ziyin_score::{Command, Levels, Manner, Note, NoteCommand, TrackId};
use ziyin_signal::{BINS, SAMPLE_RATE, track_pitch};
use ziyin_singing::cache::BlockCache;
use ziyin_singing::score_voices::{Which, score_voices};
use ziyin_singing::stream::provide;

use super::singing::song;

fn voice() -> VoiceModel {
    shipped("models/ziyin")
}

fn shipped(folder: &str) -> VoiceModel {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    VoiceModel::load(&folder, &Device::flex()).unwrap()
}

/// A syllable of half a second at A4 after silence, its vowel at 0.12 s.
fn character(pinyin: &str) -> CharacterInput {
    character_of(pinyin_to_syllable(pinyin, 0).unwrap())
}

fn character_of(syllable: Syllable) -> CharacterInput {
    let mut character = CharacterInput {
        syllable,
        previous: [Phoneme::Rest; 2],
        next: [Phoneme::Rest; 2],
        singer: 0,
        condition: 0,
        levels: None,
        take: None,
        burst: 0.0,
        vowel: 0.12,
        nucleus_end: 0.5,
        end: 0.6,
        pitch: Vec::new(),
    };
    character.pitch = vec![69.0; character.times().len()];
    character
}

/// Mean level in dB between two frequencies, in the frame nearest to a time.
fn level(block: &Block, seconds: f32, low: f32, high: f32) -> f32 {
    let frame = block.times.partition_point(|&t| t < seconds);
    let bin = |hz: f32| (hz / (SAMPLE_RATE as f32 / 2.0) * (BINS - 1) as f32) as usize;
    let part = &block.frames.envelope_at(frame)[bin(low)..bin(high)];
    8.686 * part.iter().sum::<f32>() / part.len() as f32
}

fn voicing(block: &Block, seconds: f32) -> f32 {
    block.frames.voicing[block.times.partition_point(|&t| t < seconds)]
}

#[test]
fn vowels_have_their_formants_and_fricatives_their_hiss() {
    let blocks = voice().generate(&[character("ma"), character("mi"), character("sa")]).unwrap();
    let [ma, mi, sa] = &blocks[..] else { panic!("three characters give three blocks") };
    // [a] is open: strong about 1 kHz where [i] has a gap, weak about 3 kHz where [i] is strong.
    let openness = |block| level(block, 0.35, 900.0, 1400.0) - level(block, 0.35, 2600.0, 3600.0);
    assert!(openness(ma) > openness(mi) + 15.0, "{} {}", openness(ma), openness(mi));
    // [s] is noise, and lies high; [m] is voiced, and lies low.
    let height = |block| level(block, 0.07, 6000.0, 10000.0) - level(block, 0.07, 250.0, 800.0);
    assert!(height(sa) > height(ma) + 25.0, "{} {}", height(sa), height(ma));
    assert!(voicing(sa, 0.06) < 0.2 && voicing(ma, 0.08) > 0.8 && voicing(sa, 0.35) > 0.8);
}

/// What closes a syllable of English sounds there, by every singer, and behind its consonant nothing is
/// left of it.
#[test]
fn what_closes_an_english_word_is_heard() {
    let voice = shipped("models/ziyin-english");
    let word = |word: &str, singer: usize| {
        let note = LyricInput { lyric: word, pronunciation: "", after_rest: true, language: None };
        let read = read_lyrics(&[note], Language::English);
        let [Reading::Sung(sung)] = &read[..] else { panic!("{word} is not read: {read:?}") };
        let mut character = character_of(sung[0].syllable);
        character.singer = singer;
        character.nucleus_end = if sung[0].syllable.is_open() { 0.6 } else { 0.42 };
        character
    };
    for singer in 0..voice.config.singers.len() {
        let name = &voice.config.singers[singer].name;
        let blocks = voice.generate(&["kiss", "key", "keen"].map(|text| word(text, singer))).unwrap();
        let [kiss, key, keen] = &blocks[..] else { panic!("three words give three blocks") };
        let height = |block| level(block, 0.5, 5000.0, 9000.0) - level(block, 0.5, 250.0, 800.0);
        assert!(height(kiss) > height(key) + 15.0, "{name}: {} {}", height(kiss), height(key));
        assert!(voicing(kiss, 0.5) < 0.3, "{name}: {}", voicing(kiss, 0.5));
        assert!(voicing(key, 0.5) > 0.7 && voicing(keen, 0.5) > 0.7, "{name}");
    }
}

/// Another take is another way to sing the same syllable, and the same each time.
#[test]
fn takes_differ_and_are_the_same_each_time() {
    let voice = voice();
    let takes = |syllable: &str| -> Vec<CharacterInput> {
        [None, Some(1), Some(2), Some(1)].map(|take| CharacterInput { take, ..character(syllable) }).into()
    };
    for syllable in ["sha", "ta", "ni"] {
        let sung = voice.generate(&takes(syllable)).unwrap();
        let apart = |a: usize, b: usize| {
            let both = sung[a].frames.envelope.iter().zip(&sung[b].frames.envelope);
            8.686 * both.map(|(a, b)| (a - b).abs()).sum::<f32>() / sung[a].frames.envelope.len() as f32
        };
        println!("{syllable}: {:.2} dB from the mean, {:.2} dB from each other", apart(0, 1), apart(1, 2));
        assert_eq!(apart(1, 3), 0.0);
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            assert!(
                (0.05..6.0).contains(&apart(a, b)),
                "{syllable}: takes {a} and {b} are {} dB apart",
                apart(a, b)
            );
        }
    }
}

#[test]
fn far_above_and_below_what_was_heard_the_last_sounds_are_sung_that_were() {
    let at = |pitch: f32| {
        let mut character = character("ma");
        character.pitch.fill(pitch);
        character
    };
    let blocks = voice().generate(&[at(20.0), at(30.0), at(62.0), at(80.0), at(95.0)]).unwrap();
    let [lowest, low, middle, high, highest] = [0, 1, 2, 3, 4].map(|i| &blocks[i].frames.envelope);
    assert!(lowest == low && high == highest && low != middle && middle != high);
}

#[test]
fn consonants_take_the_time_that_singers_give_them() {
    let timing = |pinyin: &str| TimingInput {
        syllable: pinyin_to_syllable(pinyin, 0).unwrap(),
        previous: [Phoneme::A, Phoneme::None],
        next: [Phoneme::Rest; 2],
        singer: 0,
        pitch: 66.0,
        length: 0.5,
    };
    let timings = voice().timings(&["ba", "pa", "sha", "a"].map(timing)).unwrap();
    let [ba, pa, sha, a] = timings[..] else { panic!("four characters give four timings") };
    // Aspiration is what tells p from b; Kumi's lasts 17 ms against 8 in the median, 33
    // against 18 where it is long.
    assert!(pa.consonant > 1.5 * ba.consonant, "{pa:?} {ba:?}");
    assert!(sha.consonant > 0.06 && sha.closure == 0.0, "{sha:?}");
    assert!(ba.closure > 0.01 && a.consonant == 0.0, "{ba:?} {a:?}");
}

/// A note at A4 of a second and a half, sung by the voice with those levels in that manner.
fn sung(levels: Levels, manner: Option<Manner>) -> Vec<f32> {
    let mut project = song(&[(1.0, 3.0, 69, "ma")]);
    let note = Note { levels, manner, ..project.tracks[0].notes[0].clone() };
    let change = NoteCommand::Change { track: TrackId(1), notes: vec![note] };
    Command::Note(change).apply(&mut project).unwrap();
    let voice = voice();
    let (voices, _) = score_voices(&project, &voice, Which::All).unwrap();
    let mut streams: Vec<_> = voices.into_iter().map(|voice| voice.stream).collect();
    let mut samples = vec![0.0; 2 * 44_100 + 22_050];
    provide(&mut streams, samples.len(), &voice, &mut BlockCache::default()).unwrap();
    streams[0].sing(&mut samples).unwrap();
    samples
}

/// Level in dB around a moment in seconds.
fn loudness(sound: &[f32], seconds: f64) -> f32 {
    let at = (seconds * 44_100.0) as usize;
    let part = &sound[at - 3000..at + 3000];
    10.0 * (part.iter().map(|x| x * x).sum::<f32>() / part.len() as f32).log10()
}

/// The middles of the thirds of that note.
const THIRDS: [f64; 3] = [0.7, 1.2, 1.75];

/// Attack, body and release, each by itself, in the samples: as much louder as is asked for,
/// where it is asked for.
#[test]
fn levels_are_sung_where_they_are_asked_for() {
    let usual = sung(Levels::default(), None);
    for part in 0..3 {
        for asked in [6.0, -9.0] {
            let mut parts = [0.0; 3];
            parts[part] = asked;
            let [attack_db, body_db, release_db] = parts;
            let other = sung(Levels { attack_db, body_db, release_db }, None);
            let moved = THIRDS.map(|t| loudness(&other, t) - loudness(&usual, t));
            println!("{parts:?}: {moved:?}");
            let most = moved.iter().fold(0.0f32, |most, x| if x.abs() > most.abs() { *x } else { most });
            assert!(moved[part] == most && (moved[part] / asked - 1.0).abs() < 0.45, "{parts:?}: {moved:?}");
        }
    }
}

/// Soft is dull, strong is bright, and a whisper has no pitch.
#[test]
fn each_manner_is_heard() {
    // Per cent of the frames of half a second.
    let pitched = |sound: &[f32]| {
        let pitch = track_pitch(&sound[44_100..66_150], 200.0, 900.0, 128);
        100 * pitch.hz.iter().filter(|&&hz| hz > 0.0).count() / pitch.hz.len()
    };
    // Of a difference signal the high sounds are louder.
    let brightness = |sound: &[f32]| {
        let high: Vec<f32> = sound.windows(2).map(|w| w[1] - w[0]).collect();
        loudness(&high, 1.2) - loudness(sound, 1.2)
    };
    let [soft, normal, strong, whisper, falsetto, growl] =
        Manner::ALL.map(|manner| sung(Levels::default(), Some(manner)));
    let bright = [&soft, &normal, &strong].map(|sound| brightness(sound));
    println!("{bright:?} {:?}", [&soft, &normal, &strong, &whisper].map(|sound| pitched(sound)));
    assert!(bright[0] < bright[1] && bright[1] < bright[2], "{bright:?}");
    assert!(pitched(&normal) > 90 && pitched(&strong) > 90 && pitched(&soft) > 90);
    assert!(pitched(&whisper) < 20, "{}", pitched(&whisper));
    assert!(loudness(&whisper, 1.2) > loudness(&normal, 1.2) - 30.0, "but it is heard");
    // At A4 the second and third harmonic of a falsetto are softer beside the first, and a growl stands at a
    // fourth of the pitch, which is as it was.
    let decibels = |power: f64| 10.0 * power.log10();
    let near = |sound: &[f32], hertz: f64| Spectrum::at(sound, 1.2).between(hertz - 12.0, hertz + 12.0);
    let falls = |sound: &[f32], harmonic: f64| decibels(near(sound, 440.0) / near(sound, 440.0 * harmonic));
    let more = [2.0, 3.0].map(|harmonic| falls(&falsetto, harmonic) - falls(&normal, harmonic));
    let rough = |sound: &[f32]| decibels(near(sound, 880.0) / near(sound, 880.0 + 110.0));
    println!("falsetto {more:?} dB, growl {:.1} dB, else {:.1} dB", rough(&growl), rough(&normal));
    assert!(more[0] > 5.0 && more[1] > 8.0, "{more:?}");
    assert!(rough(&growl) < 14.0 && rough(&normal) > 30.0, "{} {}", rough(&growl), rough(&normal));
    assert!(pitched(&falsetto) > 90 && pitched(&growl) > 90, "{} {}", pitched(&falsetto), pitched(&growl));
    for other in [&falsetto, &growl] {
        assert!((loudness(other, 1.2) - loudness(&normal, 1.2)).abs() < 9.0);
    }
}

/// Power of a windowed stretch of sound at some frequencies.
struct Spectrum {
    power: Vec<f64>,
    hertz: f64,
}

impl Spectrum {
    /// 0.37 s about a moment, under a Blackman-Harris window (sidelobes at -92 dB).
    fn at(sound: &[f32], seconds: f64) -> Self {
        let size = 16_384;
        let first = (seconds * 44_100.0) as usize - size / 2;
        let mut wave: Vec<f64> = sound[first..first + size]
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                let turn = std::f64::consts::TAU * i as f64 / size as f64;
                let [a, b, c] = [turn.cos(), (2.0 * turn).cos(), (3.0 * turn).cos()];
                f64::from(x) * (0.35875 - 0.48829 * a + 0.14128 * b - 0.01168 * c)
            })
            .collect();
        let plan = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(size);
        let mut bins = plan.make_output_vec();
        plan.process(&mut wave, &mut bins).unwrap();
        Self { power: bins.iter().map(|b| b.norm_sqr()).collect(), hertz: 44_100.0 / size as f64 }
    }

    /// Mean power per bin between two frequencies.
    fn between(&self, low: f64, high: f64) -> f64 {
        let part = &self.power[(low / self.hertz).ceil() as usize..=(high / self.hertz) as usize];
        part.iter().sum::<f64>() / part.len() as f64
    }
}

/// The demo song's long notes: nothing rumbles below them, and nothing hisses between their lower
/// harmonics.
#[test]
fn nothing_is_sung_below_a_note_and_little_between_its_harmonics() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/molihua.ziyin");
    let project =
        ziyin_interchange::open_song(&path, &Default::default(), &Default::default()).unwrap().project;
    let voice = voice();
    let (voices, _) = score_voices(&project, &voice, Which::All).unwrap();
    let mut streams: Vec<_> = voices.into_iter().map(|voice| voice.stream).collect();
    let mut sound = vec![0.0; 44_100 * 44];
    provide(&mut streams[..1], sound.len(), &voice, &mut BlockCache::default()).unwrap();
    streams[0].sing(&mut sound).unwrap();

    let (mut below, mut between, mut heard) = (0.0, 0.0, 0.0);
    let seconds_of_tick = 60.0 / 84.0 / ziyin_score::TICKS_PER_QUARTER as f64;
    for note in project.tracks[0].notes.iter() {
        let (onset, length) = (note.onset as f64 * seconds_of_tick, note.length as f64 * seconds_of_tick);
        if length < 0.6 || onset + length > 43.0 {
            continue;
        }
        let spectrum = Spectrum::at(&sound, onset + 0.55 * length);
        let pitch = 440.0 * ((f64::from(note.pitch) - 69.0) / 12.0).exp2();
        let decibels = |ratio: f64| 10.0 * ratio.log10();
        below += decibels(spectrum.between(60.0, 120.0) / spectrum.between(800.0, 1500.0));
        let harmonics = (1500.0 / pitch) as usize;
        let peaks = (1..=harmonics).map(|k| k as f64 * pitch);
        let peak: f64 = peaks.clone().map(|hz| spectrum.between(hz * 0.97, hz * 1.03)).sum();
        let gap: f64 = peaks.map(|hz| spectrum.between(hz - 0.55 * pitch, hz - 0.45 * pitch)).sum();
        between += decibels(peak / gap);
        heard += 1.0;
    }
    let (below, between) = (below / heard, between / heard);
    println!("{heard} notes: {below:.1} dB below, {between:.1} dB between harmonics");
    assert!(heard > 8.0 && below < -32.0 && between > 45.0, "{below} dB below, {between} dB between");
}
