use realfft::RealFftPlanner;

use super::SAMPLE_RATE;

/// Pitch of a recording on a regular grid.
#[derive(Clone, Debug)]
pub struct PitchTrack {
    /// Seconds from one value to the next; value `i` stands at `i · step`.
    pub step: f64,
    /// Hz, 0 where no pitch was found.
    pub hz: Vec<f32>,
}

impl PitchTrack {
    /// The pitch at a time in Hz, bridged by a straight line over places without one,
    /// or `None` where the whole track has none.
    pub fn bridged_at(&self, seconds: f64) -> Option<f32> {
        let at = (seconds / self.step).clamp(0.0, self.hz.len().saturating_sub(1) as f64);
        let before = self.hz[..(at.floor() as usize + 1).min(self.hz.len())].iter().rposition(|&f| f > 0.0);
        let from = (at.ceil() as usize).min(self.hz.len());
        let after = self.hz[from..].iter().position(|&f| f > 0.0).map(|i| i + from);
        match (before, after) {
            (Some(a), Some(b)) if b > a => {
                let mix = ((at - a as f64) / (b - a) as f64) as f32;
                Some(self.hz[a] * (1.0 - mix) + self.hz[b] * mix)
            }
            (Some(a), _) => Some(self.hz[a]),
            (None, Some(b)) => Some(self.hz[b]),
            (None, None) => None,
        }
    }
}

/// The MIDI pitch of a frequency in Hz.
pub fn midi_pitch(hz: f32) -> f32 {
    12.0 * (hz / 440.0).log2() + 69.0
}

/// The frequency of a MIDI pitch, in Hz.
pub fn pitch_hz(midi: f32) -> f32 {
    440.0 * ((midi - 69.0) / 12.0).exp2()
}

/// Hz between which the pitch of a voice may lie.
pub const VOICE_HZ: [f32; 2] = [65.0, 1100.0];

/// The median pitch in Hz of where a recording has one between `low` and `high` Hz, at a
/// glance; `None` where it nowhere has one.
pub fn median_pitch(samples: &[f32], low: f32, high: f32) -> Option<f32> {
    let mut hz = track_pitch(samples, low, high, 1024).hz;
    hz.retain(|&hz| hz > 0.0);
    hz.sort_by(f32::total_cmp);
    hz.get(hz.len() / 2).copied()
}

/// Hz between which to look for the pitch of a voice whose median pitch is `middle` Hz: near
/// where it is fewer octaves are wrong than over all of [`VOICE_HZ`].
pub fn near_voice(middle: f32) -> (f32, f32) {
    ((middle * 0.4).max(VOICE_HZ[0]), (middle * 2.5).min(VOICE_HZ[1]))
}

/// Samples of the halved rate in one difference window (46 ms).
const WINDOW: usize = 1024;
/// Candidates kept per frame.
const CANDIDATES: usize = 4;

/// The pitch between `low` and `high` Hz every `hop` samples of a recording at
/// [`SAMPLE_RATE`]. Source: YIN's cumulative mean normalised difference (de Cheveigné and
/// Kawahara 2002), its minima joined to a path by Viterbi, as in pYIN (Mauch and Dixon
/// 2014). Computed at half the rate: no singer's pitch needs more.
pub fn track_pitch(samples: &[f32], low: f32, high: f32, hop: usize) -> PitchTrack {
    let rate = SAMPLE_RATE as f32 / 2.0;
    let halved: Vec<f32> = samples.chunks(2).map(|c| c.iter().sum::<f32>() / c.len() as f32).collect();
    let longest = (rate / low).ceil() as usize + 2;
    let shortest = ((rate / high).floor() as usize).max(2);
    let frames = samples.len() / hop + 1;
    let span = WINDOW + longest;
    let mut planner = RealFftPlanner::<f32>::new();
    let size = (span + WINDOW).next_power_of_two();
    let forward = planner.plan_fft_forward(size);
    let inverse = planner.plan_fft_inverse(size);
    let (mut head, mut whole) = (forward.make_input_vec(), forward.make_input_vec());
    let (mut head_bins, mut whole_bins) = (forward.make_output_vec(), forward.make_output_vec());
    let mut correlation = inverse.make_output_vec();

    let mut candidates: Vec<Vec<(f32, f32)>> = Vec::with_capacity(frames);
    let mut difference = vec![0.0f32; longest + 1];
    for frame in 0..frames {
        let start = (frame * hop / 2) as isize - (span / 2) as isize;
        whole.fill(0.0);
        for (i, slot) in whole[..span].iter_mut().enumerate() {
            *slot = usize::try_from(start + i as isize)
                .ok()
                .and_then(|at| halved.get(at))
                .copied()
                .unwrap_or(0.0);
        }
        head.fill(0.0);
        head[..WINDOW].copy_from_slice(&whole[..WINDOW]);
        let mut energy = vec![0.0f64; span + 1];
        for i in 0..span {
            energy[i + 1] = energy[i] + f64::from(whole[i]).powi(2);
        }
        if energy[span] < 1e-9
            || forward.process(&mut head, &mut head_bins).is_err()
            || forward.process(&mut whole, &mut whole_bins).is_err()
        {
            candidates.push(Vec::new());
            continue;
        }
        for (w, h) in whole_bins.iter_mut().zip(&head_bins) {
            *w *= h.conj();
        }
        // The bins at 0 and at half the rate are real but for rounding.
        whole_bins[0].im = 0.0;
        whole_bins[size / 2].im = 0.0;
        if inverse.process(&mut whole_bins, &mut correlation).is_err() {
            candidates.push(Vec::new());
            continue;
        }
        let mut sum = 0.0f64;
        difference[0] = 1.0;
        for lag in 1..=longest {
            let d = energy[WINDOW] + energy[WINDOW + lag]
                - energy[lag]
                - 2.0 * f64::from(correlation[lag]) / size as f64;
            sum += d.max(0.0);
            difference[lag] = if sum > 0.0 { (d.max(0.0) * lag as f64 / sum) as f32 } else { 1.0 };
        }
        let mut found: Vec<(f32, f32)> = (shortest.max(1)..longest)
            .filter(|&t| difference[t] < difference[t - 1] && difference[t] <= difference[t + 1])
            .map(|t| {
                let (a, b, c) = (difference[t - 1], difference[t], difference[t + 1]);
                let curve = a - 2.0 * b + c;
                let shift = if curve.abs() > 1e-9 { (0.5 * (a - c) / curve).clamp(-0.5, 0.5) } else { 0.0 };
                (rate / (t as f32 + shift), b)
            })
            .filter(|&(hz, d)| d < 0.6 && hz >= low && hz <= high)
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        found.truncate(CANDIDATES);
        candidates.push(found);
    }
    PitchTrack { step: hop as f64 / f64::from(SAMPLE_RATE), hz: cheapest_path(&candidates) }
}

/// One candidate per frame, or none (0 Hz), such that weak periodicity, leaps and
/// changes of voicing together cost least.
fn cheapest_path(candidates: &[Vec<(f32, f32)>]) -> Vec<f32> {
    const UNVOICED: f32 = 0.3;
    const SWITCH: f32 = 0.25;
    const LEAP_PER_OCTAVE: f32 = 3.0;
    let states = |frame: &Vec<(f32, f32)>| -> Vec<(f32, f32)> {
        let mut all = frame.clone();
        all.push((0.0, UNVOICED));
        all
    };
    let Some(first) = candidates.first() else { return Vec::new() };
    let mut costs: Vec<f32> = states(first).iter().map(|s| s.1).collect();
    let mut back: Vec<Vec<usize>> = vec![vec![0; costs.len()]];
    for pair in candidates.windows(2) {
        let (from, to) = (states(&pair[0]), states(&pair[1]));
        let mut next = Vec::with_capacity(to.len());
        let mut origin = Vec::with_capacity(to.len());
        for &(hz, cost) in &to {
            let (best, price) = from
                .iter()
                .zip(&costs)
                .map(|(&(was, _), &sofar)| match (was > 0.0, hz > 0.0) {
                    (true, true) => sofar + LEAP_PER_OCTAVE * (hz / was).log2().abs(),
                    (false, false) => sofar,
                    _ => sofar + SWITCH,
                })
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((0, 0.0));
            next.push(price + cost);
            origin.push(best);
        }
        costs = next;
        back.push(origin);
    }
    let mut state = costs.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i);
    let mut path = vec![0.0; candidates.len()];
    for frame in (0..candidates.len()).rev() {
        path[frame] = candidates[frame].get(state).map_or(0.0, |c| c.0);
        state = back[frame][state];
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_tone_to_the_cent_and_silence_as_none() {
        let rate = SAMPLE_RATE as f32;
        for hz in [110.0f32, 220.5, 440.0, 880.0] {
            let mut samples: Vec<f32> = (0..44_100)
                .map(|i| {
                    (1..6)
                        .map(|k| (std::f32::consts::TAU * hz * k as f32 * i as f32 / rate).sin() / k as f32)
                        .sum()
                })
                .collect();
            samples[33_000..].fill(0.0);
            let track = track_pitch(&samples, 70.0, 1200.0, 256);
            let cents = 1200.0 * (track.hz[60] / hz).log2();
            assert!(cents.abs() < 4.0, "{hz} Hz heard {cents} cents off");
            assert_eq!(track.hz[160], 0.0);
        }
    }
}
