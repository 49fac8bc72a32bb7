//! Attack, body and release of a character: how loud its parts are.
//!
//! A generator is told levels as they are beside the middle of the vowel, which it always
//! gives at one loudness, and makes more or less of them than is asked for. What is asked for
//! in dB is therefore given here alone, along the character as it is sung: a long note has the
//! frames of a short one, stretched.

use super::character::Character;
use super::clock::Clock;
use super::drawn::freedom;
use super::plan::Phrase;
use super::run::seconds;
use super::shape::NEPERS;
use ziyin_score::Curve;
use ziyin_signal::{BINS, Frames};

/// Seconds on each side of an onset in which one character's level becomes the next one's.
const OVER: f64 = 0.01;

/// Makes frames of a phrase, from frame `first` of the song on, as much louder as the notes
/// ask for: by the whole amount in the middle of each third of a character, and in between
/// on the way from one to the next.
///
/// Upon that lies the singer's own level (`dynamics`), but where the user has drawn one.
pub(super) fn make_louder(frames: &mut Frames, first: u64, phrase: &Phrase, drawn: &Curve, clock: &Clock) {
    let all = &phrase.characters;
    for (frame, envelope) in (first..).zip(frames.envelope.chunks_mut(BINS)) {
        let t = seconds(frame);
        let next = all.partition_point(|character| character.onset <= t + OVER);
        let (Some(now), before) = (all.get(next.saturating_sub(1)), next.checked_sub(2)) else { continue };
        let mut decibels = decibels(now, t);
        if let Some(before) = before.filter(|_| t < now.onset + OVER) {
            let part = ((t - now.onset + OVER) / (2.0 * OVER)).clamp(0.0, 1.0) as f32;
            decibels = decibels * part + self::decibels(&all[before], t) * (1.0 - part);
        }
        let own = phrase.dynamics.at(t, &phrase.pitch);
        if own != 0.0 {
            decibels += (own * freedom(drawn, clock, t)) as f32;
        }
        if decibels != 0.0 {
            envelope.iter_mut().for_each(|value| *value += decibels * NEPERS);
        }
    }
}

/// How much louder a character is at a moment in seconds.
fn decibels(character: &Character, t: f64) -> f32 {
    let parts = character.levels.parts();
    let length = f64::from(character.sung.end).max(0.01);
    // From 0 in the middle of the first third to 2 in that of the last.
    let place = (3.0 * (t - character.onset) / length - 0.5).clamp(0.0, 2.0) as f32;
    let (before, part) = if place < 1.0 { (0, place) } else { (1, place - 1.0) };
    parts[before] + (parts[before + 1] - parts[before]) * part + strength(character, t)
}

/// How much louder the sound of a character is at a moment in seconds; from one of its sounds to the
/// next it changes within a moment around their boundary.
fn strength(character: &Character, t: f64) -> f32 {
    let strengths = character.strengths;
    if strengths == [0.0; 4] {
        return 0.0;
    }
    let edges = [character.sung.vowel, character.glide_end(), character.sung.nucleus_end];
    let mut strength = strengths[0];
    for (edge, change) in edges.into_iter().zip(strengths.windows(2).map(|pair| pair[1] - pair[0])) {
        let since = t - character.onset - f64::from(edge);
        strength += change * ((since + OVER) / (2.0 * OVER)).clamp(0.0, 1.0) as f32;
    }
    strength
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Landmarks;
    use crate::pitch::Stray;
    use crate::voice::{Timing, TimingInput};
    use crate::{draft::draft, known_voice::Delivery, known_voice::KnownVoice, melody::SungNote};
    use ziyin_lyrics::{Language, LyricInput, read_lyrics};
    use ziyin_score::{CurvePoint, Levels, NoteId};

    /// A phrase of one long note, sung with full expression.
    fn phrase() -> Phrase {
        let note = SungNote {
            id: NoteId(1),
            onset: 1.0,
            end: 4.0,
            key: 60.0,
            beat: 1.0,
            vibrato: None,
            transition: None,
            levels: Levels::default(),
            manner: None,
            articulations: Vec::new(),
            take: 0,
        };
        let readings = read_lyrics(&[LyricInput { lyric: "la", ..Default::default() }], Language::Mandarin);
        let delivery =
            Delivery { stray: Stray { expression: 1.0, ..Stray::default() }, ..Delivery::default() };
        let timings = |inputs: &[TimingInput]| Ok(vec![Timing::default(); inputs.len()]);
        let draft = draft(&[note], &readings, Language::Mandarin);
        KnownVoice::default().follow(draft, delivery, timings).unwrap().plan.phrases.remove(0)
    }

    /// dB that are added to each frame.
    fn added(phrase: &Phrase, drawn: &Curve) -> Vec<f32> {
        let count = (4.0 / seconds(1)) as usize;
        let mut frames = Frames { envelope: vec![0.0; count * BINS], ..Frames::default() };
        make_louder(&mut frames, 0, phrase, drawn, &Clock::default());
        frames.envelope.chunks(BINS).map(|row| row[7] / NEPERS).collect()
    }

    #[test]
    fn a_sound_is_as_strong_as_it_is_set_and_its_neighbours_are_not() {
        let mut phrase = phrase();
        let plain = added(&phrase, &Curve::default());
        let mut characters = phrase.characters.to_vec();
        characters[0].sung = Landmarks { burst: 0.0, vowel: 0.5, nucleus_end: 2.0, end: 3.0 };
        characters[0].strengths = [6.0, 0.0, -3.0, 4.0];
        phrase.characters = characters.into();
        let onset = phrase.characters[0].onset;
        for (frame, (plain, sung)) in (0..).zip(plain.iter().zip(added(&phrase, &Curve::default()))) {
            let since = seconds(frame) - onset;
            let expected = [(0.02..0.48, 6.0), (0.52..1.98, -3.0), (2.02..2.9, 4.0)];
            for (_, strength) in expected.iter().filter(|(range, _)| range.contains(&since)) {
                assert!((sung - plain - strength).abs() < 1e-4, "{since}: {sung} beside {plain}");
            }
        }
    }

    #[test]
    fn a_drawn_loudness_is_obeyed_to_the_letter() {
        let (phrase, clock) = (phrase(), Clock::default());
        let free = added(&phrase, &Curve::default());
        assert!(free.iter().any(|db| db.abs() > 1.0) && free.iter().all(|db| db.abs() < 9.0));
        let points = [(2.0, 0.0), (2.2, 4.0), (2.8, 4.0), (3.0, 0.0)];
        let point = |(t, value)| CurvePoint { tick: clock.tempo.tick(t), value };
        let drawn = Curve::new(points.map(point).to_vec()).unwrap();
        for (frame, (free, sung)) in (0..).zip(free.iter().zip(added(&phrase, &drawn))) {
            let t = seconds(frame);
            if (2.0..3.0).contains(&t) {
                assert_eq!(sung, 0.0, "at {t} s");
            } else if !(1.9..3.1).contains(&t) {
                assert_eq!(sung, *free, "at {t} s");
            }
        }
    }
}
