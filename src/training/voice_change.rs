use super::draw::Draw;
use ziyin_corpus::{AnalysedToken, QUIETEST};
use ziyin_signal::{BIN_HZ, BINS, SAMPLE_RATE, between_places, mel_places};

/// What makes another voice of a recording: a few singers become many, so that the singer
/// encoder learns what differs between vocal tracts and not which of a handful it hears. Or what
/// makes one singer's recording another's, where a language is lent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct VoiceChange {
    /// Factor of all frequencies of the envelope below [`KNEE_HZ`]: formants of a shorter
    /// vocal tract lie higher.
    pub warp: f32,
    /// dB per octave, about 1 kHz.
    pub tilt: f32,
    /// What is added to the log amplitude at [`colour_places`], a straight line between them.
    pub colour: [f32; COLOURS],
    /// What is added to the log-odds of noise against harmonics.
    pub breath: f32,
    /// Semitones by which the pitch that the networks are told lies above the recorded one: the
    /// envelope of a longer vocal tract belongs to lower notes than those it was recorded at.
    pub transposed: f32,
}

/// Places of a colour.
pub(super) const COLOURS: usize = 40;

/// The bins that a colour is given at, evenly spaced on the mel scale.
pub(super) fn colour_places() -> Vec<usize> {
    mel_places(COLOURS, 0.5)
}

/// Where the warp's source begins to bend towards half the sample rate, which stays.
const KNEE_HZ: f32 = 9000.0;
/// Semitones by which the pitch goes with the tract: voices whose formants lie a sixth lower sing
/// about seven lower.
const WITH_TRACT: f32 = 40.0;
/// Semitones by which it strays from that, either way.
const ASTRAY: f32 = 4.0;

/// Where one bin of a changed envelope comes from: a bin, the share of the next one, and
/// what is added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    bin: usize,
    share: f32,
    added: f32,
}

impl Source {
    /// The changed value of the bin, given how to read a bin of the recorded envelope.
    pub(super) fn of(self, recorded: impl Fn(usize) -> f32) -> f32 {
        let low = recorded(self.bin);
        let value = if self.share == 0.0 { low } else { low + (recorded(self.bin + 1) - low) * self.share };
        (value + self.added).max(QUIETEST)
    }

    /// Whether the recording of a token reaches to where the bin comes from.
    pub(super) fn heard_in(self, token: &AnalysedToken) -> bool {
        token.hears(if self.share == 0.0 { self.bin } else { self.bin + 1 })
    }
}

/// Semitones by which a voice whose formants lie `warp` times as high sings higher.
pub(super) fn transposed_with(warp: f32) -> f32 {
    WITH_TRACT * warp.ln()
}

impl VoiceChange {
    pub(super) const NONE: Self =
        Self { warp: 1.0, tilt: 0.0, colour: [0.0; COLOURS], breath: 0.0, transposed: 0.0 };

    pub(super) fn drawn(draw: &mut Draw) -> Self {
        let warp = draw.between(0.82f32.ln(), 1.2f32.ln()).exp();
        Self {
            warp,
            tilt: draw.between(-2.0, 2.0),
            colour: [0.0; COLOURS],
            breath: draw.between(-1.2, 1.2),
            transposed: transposed_with(warp) + draw.between(-ASTRAY, ASTRAY),
        }
    }

    /// Where the frequency `hz` of a changed envelope lies in the recorded one.
    fn recorded_hz(&self, hz: f32) -> f32 {
        let top = SAMPLE_RATE as f32 / 2.0;
        let knee = KNEE_HZ * self.warp;
        if hz <= knee { hz / self.warp } else { KNEE_HZ + (hz - knee) / (top - knee) * (top - KNEE_HZ) }
    }

    /// Where each of `bins` comes from.
    pub(super) fn sources(&self, bins: &[usize]) -> Vec<Source> {
        if *self == Self::NONE {
            return bins.iter().map(|&bin| Source { bin, share: 0.0, added: 0.0 }).collect();
        }
        let places = colour_places();
        let source = |&bin: &usize| {
            let hz = bin as f32 * BIN_HZ;
            let place = (self.recorded_hz(hz) / BIN_HZ).min((BINS - 1) as f32);
            let low = (place as usize).min(BINS - 2);
            let octaves = (hz.max(60.0) / 1000.0).log2();
            let added = self.tilt * octaves * std::f32::consts::LN_10 / 20.0 + self.coloured(bin, &places);
            Source { bin: low, share: place - low as f32, added }
        };
        bins.iter().map(source).collect()
    }

    /// The colour at a bin, its `places` at hand.
    fn coloured(&self, bin: usize, places: &[usize]) -> f32 {
        let (below, above, share) = between_places(places, bin as f32);
        self.colour[below] + (self.colour[above] - self.colour[below]) * share
    }

    /// The aperiodicity of a changed voice. What is all noise stays so.
    pub(super) fn aperiodicity(&self, share: f32) -> f32 {
        if self.breath == 0.0 || share >= 0.999 {
            return share;
        }
        let share = share.max(1e-4);
        let odds = share / (1.0 - share) * self.breath.exp();
        odds / (1.0 + odds)
    }

    /// What has to be added to the changed envelopes of a token for its nucleus to be as
    /// loud as it was.
    pub(super) fn gain(&self, token: &AnalysedToken) -> f32 {
        if *self == Self::NONE {
            return 0.0;
        }
        // Every eighth bin of every fourth frame knows the loudness to a tenth of a dB.
        let bins: Vec<usize> = (0..BINS).step_by(8).collect();
        let sources = self.sources(&bins);
        let nucleus = token.landmarks.vowel as f32..token.landmarks.nucleus_end as f32;
        let (mut before, mut after) = (1e-9f32, 1e-9f32);
        for (frame, _) in token
            .envelope
            .chunks(BINS)
            .zip(&token.times)
            .filter(|(_, time)| nucleus.contains(time))
            .step_by(4)
        {
            for (&bin, source) in bins.iter().zip(&sources) {
                before += (2.0 * frame[bin].to_f32()).exp();
                after += (2.0 * source.of(|bin| frame[bin].to_f32())).exp();
            }
        }
        0.5 * (before / after).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(change: VoiceChange, formant_hz: f32) -> f32 {
        let recorded = |bin: usize| -((bin as f32 * BIN_HZ - formant_hz) / 150.0).powi(2);
        let bins: Vec<usize> = (0..BINS).collect();
        let changed = change.sources(&bins).into_iter().map(|source| source.of(recorded));
        let highest = changed.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        highest.map_or(0.0, |(bin, _)| bin as f32 * BIN_HZ)
    }

    #[test]
    fn a_formant_moves_by_the_warp_and_the_top_stays() {
        for (warp, formant) in [(0.85, 2000.0), (1.18, 700.0), (1.1, 3500.0)] {
            let change = VoiceChange { warp, ..VoiceChange::NONE };
            assert!((peak(change, formant) - warp * formant).abs() < BIN_HZ, "{warp}, {formant}");
            assert!((change.recorded_hz(22_050.0) - 22_050.0).abs() < 1.0);
        }
        assert!((peak(VoiceChange::NONE, 1200.0) - 1200.0).abs() < BIN_HZ);
    }

    #[test]
    fn a_tilt_is_so_many_decibels_an_octave() {
        let change = VoiceChange { tilt: 2.0, ..VoiceChange::NONE };
        let [low, high] = [1000.0, 4000.0].map(|hz| change.sources(&[(hz / BIN_HZ) as usize])[0].of(|_| 0.0));
        assert!(((high - low) * 20.0 / std::f32::consts::LN_10 - 4.0).abs() < 0.1);
    }

    #[test]
    fn a_colour_is_a_line_between_its_places() {
        let places = colour_places();
        let line: Vec<f32> = places.iter().map(|&place| place as f32 / 100.0).collect();
        let change = VoiceChange { colour: std::array::from_fn(|i| line[i]), ..VoiceChange::NONE };
        let bins = [places[0], places[7], (places[20] + places[21]) / 2, places[39]];
        for (source, bin) in change.sources(&bins).into_iter().zip(bins) {
            assert!((source.of(|_| 0.0) - bin as f32 / 100.0).abs() < 1e-4, "{bin}");
        }
    }

    #[test]
    fn breath_keeps_noise_noise_and_moves_the_rest() {
        let change = VoiceChange { breath: 1.0, ..VoiceChange::NONE };
        assert_eq!(change.aperiodicity(1.0), 1.0);
        assert!(change.aperiodicity(0.2) > 0.35 && change.aperiodicity(0.2) < 0.45);
        let less = VoiceChange { breath: -1.0, ..VoiceChange::NONE };
        assert!((less.aperiodicity(change.aperiodicity(0.2)) - 0.2).abs() < 1e-5);
    }
}
