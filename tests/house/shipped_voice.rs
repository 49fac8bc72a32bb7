//! The weights that ship: they load, and what they sing are the sounds asked for.

use std::path::Path;

use burn::tensor::Device;
use ziyin::lyrics::{Phoneme, pinyin_to_syllable};
use ziyin::model::{Block, CharacterInput, TimingInput, VoiceModel};
use ziyin::signal::{BINS, SAMPLE_RATE};

fn voice() -> VoiceModel {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/kumi");
    VoiceModel::load(&folder, &Device::flex()).unwrap()
}

/// A syllable of half a second at A4 after silence, its vowel at 0.12 s.
fn character(pinyin: &str) -> CharacterInput {
    let mut character = CharacterInput {
        syllable: pinyin_to_syllable(pinyin, 0).unwrap(),
        previous: [Phoneme::Rest; 2],
        next: [Phoneme::Rest; 2],
        singer: 0,
        condition: 0,
        levels: None,
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
    // Aspiration is what tells p from b.
    assert!(pa.consonant > 2.0 * ba.consonant, "{pa:?} {ba:?}");
    assert!(sha.consonant > 0.06 && sha.closure == 0.0, "{sha:?}");
    assert!(ba.closure > 0.01 && a.consonant == 0.0, "{ba:?} {a:?}");
}
