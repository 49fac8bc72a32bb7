use super::{BIN_HZ, BINS, CepstralTransform, FFT_SIZE, Frames, SAMPLE_RATE};

/// How much larger formants are made where nobody has measured what a singer wants.
pub const USUAL_SHARPNESS: f32 = 0.6;
/// Quefrencies in seconds up to which formants are enlarged, and where it has faded out: finer than this an
/// envelope holds no formant.
const FORMANTS_UP_TO: f32 = 0.0025;
const FORMANTS_FADED: f32 = 0.005;
/// How much larger than a network makes it what passes within a character is made.
const MOVEMENT: f32 = 0.5;
/// Time constant in seconds of the mean that movement is counted from, looking both ways.
const SETTLED: f32 = 0.028;
/// Nepers by which movement is at most enlarged: a beginning after silence is no movement.
const MOST_MOVEMENT: f32 = 0.6;
/// Where the slope of a brighter voice changes, in Hz, and over how many octaves below and above it is tilted.
const TILTED_ABOUT: f32 = 1000.0;
const TILTED_OCTAVES: [f32; 2] = [-2.0, 3.0];
/// How much steeper it is below, and where it is as loud as it was, in octaves: there vowels have most.
const STEEPER_BELOW: f32 = 2.5;
const AS_LOUD: f32 = -1.0;
const DB_PER_NEPER: f32 = 8.685_89;

/// Gives frames that a network made back what regression takes: whoever is asked for the
/// likeliest frame gives a mean of many, with flatter formants and softer beginnings than any
/// of them had.
///
/// Over frequency the cepstrum of each frame is enlarged but for its level and its slope, over
/// time the way of each bin about its own mean of some 40 ms; the power of a frame stays as it was.
/// It is the post-filter of statistical speech synthesis (Yoshimura et al. 2005; in time that of
/// Takamichi et al. 2014, with one gain for all modulations).
pub struct Sharpener {
    transform: CepstralTransform,
    /// How far each quefrency is enlarged, 0 to 1.
    formants: Vec<f32>,
    mean: Vec<f32>,
    /// Nepers of each bin in a voice that is brighter by 1 dB an octave.
    tilt: Vec<f32>,
}

impl Default for Sharpener {
    fn default() -> Self {
        let formant = |n: usize| {
            let quefrency = n.min(FFT_SIZE - n) as f32 / SAMPLE_RATE as f32;
            let fade = (FORMANTS_FADED - quefrency) / (FORMANTS_FADED - FORMANTS_UP_TO);
            if n.min(FFT_SIZE - n) < 2 { 0.0 } else { fade.clamp(0.0, 1.0) }
        };
        Self {
            transform: CepstralTransform::default(),
            formants: (0..FFT_SIZE).map(formant).collect(),
            mean: Vec::new(),
            tilt: (0..BINS).map(tilt).collect(),
        }
    }
}

impl Sharpener {
    /// Sharpens the envelopes of `frames` that stand at `times` (seconds, rising), making formants
    /// larger by `sharpness` (0 not at all, 1 twice as large), and the voice brighter by `brightness` dB an
    /// octave above 1 kHz and by 2.5 times as many below. Vowels stay about as loud as they were by it, and what
    /// hisses gets louder.
    pub fn sharpen(&mut self, frames: &mut Frames, times: &[f32], sharpness: f32, brightness: f32) {
        self.enlarge_movement(&mut frames.envelope, times);
        for envelope in frames.envelope.chunks_exact_mut(BINS) {
            envelope.iter_mut().zip(&self.tilt).for_each(|(e, tilt)| *e += brightness * tilt);
            self.enlarge_formants(envelope, sharpness);
        }
    }

    /// What has to be added to frames (`BINS` of log amplitude) whose mean is `mean`, so that their mean is that
    /// when they are sharpened: what differs from frame to frame grows, and the colour of the voice stays.
    pub fn forestalled(&mut self, mean: &[f32], sharpness: f32) -> Vec<f32> {
        let changed = self.transform.changed(mean, |cepstrum| {
            for (c, formant) in cepstrum.iter_mut().zip(&self.formants) {
                *c *= 1.0 / ((1.0 + sharpness * formant) * FFT_SIZE as f32);
            }
        });
        match changed {
            Some(bins) => bins.iter().zip(mean).map(|(bin, e)| bin.re - e).collect(),
            None => vec![0.0; mean.len()],
        }
    }

    /// One frame (`BINS` of log amplitude).
    fn enlarge_formants(&mut self, envelope: &mut [f32], sharpness: f32) {
        let before = power(envelope);
        let changed = self.transform.changed(envelope, |cepstrum| {
            for (c, formant) in cepstrum.iter_mut().zip(&self.formants) {
                *c *= (1.0 + sharpness * formant) / FFT_SIZE as f32;
            }
        });
        let Some(bins) = changed else { return };
        envelope.iter_mut().zip(bins).for_each(|(e, bin)| *e = bin.re);
        let louder = 0.5 * (power(envelope) / before).ln();
        if louder.is_finite() {
            envelope.iter_mut().for_each(|e| *e -= louder);
        }
    }

    /// `[frames × BINS]` of log amplitude.
    fn enlarge_movement(&mut self, envelope: &mut [f32], times: &[f32]) {
        // The mean from before and the mean from after, each a filter of one pole on the uneven grid.
        self.mean.clear();
        self.mean.extend_from_slice(envelope);
        let kept = |from: f32, to: f32| (-(to - from).abs() / SETTLED).exp();
        for (t, pair) in times.windows(2).enumerate() {
            let kept = kept(pair[0], pair[1]);
            let (before, here) = self.mean[t * BINS..(t + 2) * BINS].split_at_mut(BINS);
            here.iter_mut().zip(before).for_each(|(x, mean)| *x += (*mean - *x) * kept);
        }
        for (t, pair) in times.windows(2).enumerate().rev() {
            let kept = kept(pair[0], pair[1]);
            let (here, after) = self.mean[t * BINS..(t + 2) * BINS].split_at_mut(BINS);
            here.iter_mut().zip(after).for_each(|(x, mean)| *x += (*mean - *x) * kept);
        }
        for (e, mean) in envelope.iter_mut().zip(&self.mean) {
            *e += (MOVEMENT * (*e - mean)).clamp(-MOST_MOVEMENT, MOST_MOVEMENT);
        }
    }
}

/// Nepers of a bin in a voice that is brighter by 1 dB an octave.
fn tilt(bin: usize) -> f32 {
    let [lowest, highest] = TILTED_OCTAVES;
    let octaves = (bin.max(1) as f32 * BIN_HZ / TILTED_ABOUT).log2().clamp(lowest, highest);
    let slope = if octaves < 0.0 { STEEPER_BELOW } else { 1.0 };
    (octaves * slope - AS_LOUD * STEEPER_BELOW) / DB_PER_NEPER
}

fn power(envelope: &[f32]) -> f32 {
    envelope.iter().map(|e| (2.0 * e).exp()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(formant: f32) -> Vec<f32> {
        let peak = |bin: f32| formant * (-(bin - 40.0).powi(2) / 200.0).exp();
        (0..BINS).map(|bin| -4.0 - bin as f32 / 300.0 + peak(bin as f32)).collect()
    }

    #[test]
    fn formants_stand_higher_and_the_power_stays() {
        let mut frames = Frames { envelope: frame(1.0), ..Frames::default() };
        Sharpener::default().sharpen(&mut frames, &[0.0], 0.3, 0.0);
        let height = |e: &[f32]| e[40] - 0.5 * (e[15] + e[65]);
        let (before, after) = (height(&frame(1.0)), height(&frames.envelope));
        assert!(after > 1.15 * before && after < 1.4 * before, "{before} {after}");
        assert!((power(&frames.envelope) / power(&frame(1.0)) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_brighter_voice_has_more_above_and_less_below() {
        let mut frames = Frames { envelope: frame(1.0), ..Frames::default() };
        Sharpener::default().sharpen(&mut frames, &[0.0], 0.0, 1.0);
        let more = |hz: f32| {
            let bin = (hz / BIN_HZ) as usize;
            DB_PER_NEPER * (frames.envelope[bin] - frame(1.0)[bin])
        };
        assert!((more(4000.0) - more(2000.0) - 1.0).abs() < 0.05);
        assert!((more(1000.0) - more(500.0) - 2.5).abs() < 0.1);
        assert!((more(250.0) - more(100.0)).abs() < 0.1 && (more(8000.0) - more(16_000.0)).abs() < 0.05);
        assert!(more(500.0).abs() < 0.1 && more(250.0) < -2.0);
    }

    #[test]
    fn what_is_forestalled_keeps_its_colour_when_it_is_sharpened() {
        let mut sharpener = Sharpener::default();
        let added = sharpener.forestalled(&frame(1.0), 0.4);
        let envelope: Vec<f32> = frame(1.0).iter().zip(&added).map(|(e, more)| e + more).collect();
        let mut frames = Frames { envelope, ..Frames::default() };
        sharpener.sharpen(&mut frames, &[0.0], 0.4, 0.0);
        let level = frames.envelope[500] - frame(1.0)[500];
        let off = frames.envelope.iter().zip(frame(1.0)).map(|(a, b)| (a - b - level).abs());
        assert!(off.fold(0.0, f32::max) < 0.05);
        assert!(added.iter().any(|more| *more < -0.1));
    }

    #[test]
    fn what_stays_as_it_is_has_no_movement_and_what_moves_has_more() {
        let times: Vec<f32> = (0..40).map(|t| 0.01 * t as f32).collect();
        let sharpened = |envelope: Vec<f32>| {
            let mut envelope = envelope;
            Sharpener::default().enlarge_movement(&mut envelope, &times);
            envelope
        };
        let still: Vec<f32> = times.iter().flat_map(|_| frame(1.0)).collect();
        assert!(sharpened(still.clone()).iter().zip(&still).all(|(a, b)| (a - b).abs() < 1e-4));
        let formant = |t: usize| if (15..20).contains(&t) { 1.0 } else { 0.0 };
        let moving: Vec<f32> = (0..times.len()).flat_map(|t| frame(formant(t))).collect();
        let more = sharpened(moving);
        let at = |t: usize| more[t * BINS + 40];
        assert!(at(17) - at(0) > 1.1, "{}", at(17) - at(0));
        // A step from silence is not thrown up.
        let loud = |t: usize| if t < 20 { -16.0 } else { -2.0 };
        let step = sharpened((0..times.len()).flat_map(|t| vec![loud(t); BINS]).collect());
        assert!(step.iter().all(|e| *e <= -2.0 + MOST_MOVEMENT + 1e-4));
    }
}
