//! Which vowel each frame of a recording is, though somebody else sings the vowels that it is
//! compared with.
//!
//! Two voices differ by the length of their vocal tracts, which moves all formants together, and
//! by a colour that all their sounds share. Both are found along with the vowels: of some warps of
//! the frequency axis the one under which the frames are nearest (vocal tract length
//! normalisation, Lee and Rose 1996), and the mean of what is left between frames and vowels
//! (bias removal, Rahim and Juang 1996). Without them an *a* of a longer tract is taken for an *o*.

use ziyin_signal::between_places;

/// Bins that are compared, evenly spaced on the mel scale, where a recording reaches to the top.
pub(super) const COMPARED: usize = 128;
/// By how much frequencies are stretched from the vowels to the recording, to be tried.
const WARPS: [f32; 9] = [1.0, 0.96, 0.92, 0.88, 0.84, 1.04, 1.08, 1.12, 1.16];
/// How often vowels and colour are found from one another.
const ROUNDS: usize = 3;
/// The part of what is left that counts as colour: with all of it a recording of a single vowel
/// could be any.
const COLOUR: f32 = 0.7;

/// A frame of the recording.
pub(super) struct Frame {
    /// Log amplitude at each place that is compared, the mean level taken off.
    pub envelope: Vec<f32>,
    pub aperiodicity: Vec<f32>,
    /// In MIDI numbers.
    pub pitch: f32,
}

/// What the frames are.
pub(super) struct Match {
    /// The vowel of each frame.
    pub vowels: Vec<usize>,
    /// How far the frames are from their vowels as these are: the mean distance of log amplitude.
    pub distance: f32,
}

/// Finds the vowel of each frame among `templates` (`[count × places]`), of those that were sung
/// nearest to its pitch. `places` are the bins that are compared.
pub(super) fn match_vowels(frames: &[Frame], templates: &[f32], pitches: &[f32], places: &[usize]) -> Match {
    let candidates: Vec<Vec<usize>> = frames.iter().map(|frame| at_pitch(frame.pitch, pitches)).collect();
    let mut best: Option<(f32, Vec<usize>)> = None;
    let width = places.len().max(1);
    for warp in WARPS {
        let warped: Vec<f32> =
            templates.chunks_exact(width).flat_map(|template| warped(template, places, warp)).collect();
        let mut colour = vec![0.0f32; width];
        let (mut vowels, mut distance) = (Vec::new(), 0.0);
        for _ in 0..ROUNDS {
            let mut off = vec![0.0f32; width];
            (vowels, distance) = (Vec::with_capacity(frames.len()), 0.0);
            for (frame, candidates) in frames.iter().zip(&candidates) {
                let plain: Vec<f32> = frame.envelope.iter().zip(&colour).map(|(e, c)| e - c).collect();
                let each = candidates.iter().map(|&i| (i, between(&plain, of(&warped, i, width))));
                let Some((vowel, least)) = each.min_by(|(_, a), (_, b)| a.total_cmp(b)) else { continue };
                let left = frame.envelope.iter().zip(of(&warped, vowel, width)).map(|(e, t)| e - t);
                off.iter_mut().zip(left).for_each(|(off, left)| *off += left);
                vowels.push(vowel);
                distance += least;
            }
            colour = off.into_iter().map(|off| COLOUR * off / frames.len().max(1) as f32).collect();
        }
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, vowels));
        }
    }
    let vowels = best.map(|(_, vowels)| vowels).unwrap_or_default();
    let each =
        frames.iter().zip(&vowels).map(|(frame, &i)| between(&frame.envelope, of(templates, i, width)));
    let distance = each.sum::<f32>() / frames.len().max(1) as f32;
    Match { vowels, distance }
}

fn of(templates: &[f32], i: usize, width: usize) -> &[f32] {
    &templates[i * width..(i + 1) * width]
}

fn between(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / COMPARED as f32
}

/// The vowels that were sung nearest to a pitch.
fn at_pitch(pitch: f32, pitches: &[f32]) -> Vec<usize> {
    let off = |i: usize| (pitches[i] - pitch).abs();
    let nearest = (0..pitches.len()).map(off).fold(f32::MAX, f32::min);
    (0..pitches.len()).filter(|&i| off(i) <= nearest + 1e-3).collect()
}

/// An envelope whose frequencies are `warp` times as high; what came from above the top is as at
/// the top.
fn warped<'a>(template: &'a [f32], places: &'a [usize], warp: f32) -> impl Iterator<Item = f32> + 'a {
    places.iter().map(move |&bin| {
        let (below, above, part) = between_places(places, bin as f32 / warp);
        template[below] + part * (template[above] - template[below])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_signal::mel_places;

    /// A vowel with formants at these bins.
    fn vowel(formants: [f32; 3], places: &[usize]) -> Vec<f32> {
        let peak = |bin: usize, at: f32| 3.0 * (-((bin as f32 - at) / (0.12 * at)).powi(2)).exp();
        let log: Vec<f32> =
            places.iter().map(|&bin| formants.iter().map(|&at| peak(bin, at)).sum()).collect();
        let mean = log.iter().sum::<f32>() / COMPARED as f32;
        log.into_iter().map(|e| e - mean).collect()
    }

    #[test]
    fn vowels_of_a_longer_tract_and_another_colour_are_known() {
        let places = mel_places(COMPARED, 0.5);
        // Some vowels lie between others: what is lowered by a seventh is taken for its neighbour.
        let vowels: [[f32; 3]; 6] = [
            [36.0, 56.0, 120.0],
            [31.0, 48.0, 122.0],
            [25.0, 88.0, 126.0],
            [21.0, 100.0, 140.0],
            [15.0, 106.0, 145.0],
            [17.0, 35.0, 118.0],
        ];
        let templates: Vec<f32> = vowels.iter().flat_map(|&v| vowel(v, &places)).collect();
        let frames: Vec<Frame> = (0..600)
            .map(|i| {
                let lowered = vowels[i % 6].map(|at| 0.87 * at);
                let mut envelope = vowel(lowered, &places);
                let tilt = |k: usize| 0.8 - 0.0125 * k as f32;
                envelope
                    .iter_mut()
                    .enumerate()
                    .for_each(|(k, e)| *e += tilt(k) + 0.1 * ((i + k) as f32).sin());
                Frame { envelope, aperiodicity: Vec::new(), pitch: 60.0 }
            })
            .collect();
        let known =
            |vowels: &[usize]| vowels.iter().enumerate().filter(|(i, vowel)| i % 6 == **vowel).count();
        let as_they_are: Vec<usize> = frames
            .iter()
            .map(|frame| {
                let far = |i: &usize| between(&frame.envelope, of(&templates, *i, COMPARED));
                (0..6).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap()
            })
            .collect();
        assert!(known(&as_they_are) < 500, "{}", known(&as_they_are));
        let found = match_vowels(&frames, &templates, &[60.0; 6], &places);
        assert_eq!(known(&found.vowels), 600);
        assert!(found.distance > 0.1);
    }

    #[test]
    fn a_recording_of_one_vowel_is_that_vowel() {
        let places = mel_places(COMPARED, 0.5);
        let all = [[36.0, 56.0, 120.0], [15.0, 106.0, 145.0], [17.0, 35.0, 118.0]];
        let templates: Vec<f32> = all.iter().flat_map(|&v| vowel(v, &places)).collect();
        let frame =
            || Frame { envelope: vowel([35.0, 57.0, 121.0], &places), aperiodicity: Vec::new(), pitch: 50.0 };
        let frames: Vec<Frame> = (0..50).map(|_| frame()).collect();
        assert_eq!(match_vowels(&frames, &templates, &[50.0; 3], &places).vowels, [0; 50]);
        assert!(match_vowels(&[], &templates, &[50.0; 3], &places).vowels.is_empty());
    }
}
