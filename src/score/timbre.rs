use serde::{Deserialize, Serialize};

use super::CurveKind;

/// How a note sounds beside what is drawn of its track: each part is added to the curve of its kind, from
/// the beginning of the note to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timbre {
    /// From -1 (pressed) to 1 (all breath).
    pub breathiness: f32,
    /// From -1 (lax) to 1 (tense).
    pub tension: f32,
    /// Shift of the spectral envelope, in semitones, -24 to 24; below 0 is a larger singer.
    pub formant: f32,
}

impl Timbre {
    /// The curves that it is added to.
    pub const KINDS: [CurveKind; 3] = [CurveKind::Breathiness, CurveKind::Tension, CurveKind::Formant];

    /// What is added to the curves of [`Timbre::KINDS`], in their order.
    pub fn parts(self) -> [f32; 3] {
        [self.breathiness, self.tension, self.formant]
    }

    /// Whether it changes nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The nearest that is possible.
    pub(super) fn bounded(self) -> Self {
        let within = |part: f32, kind: CurveKind| part.clamp(*kind.bounds().start(), *kind.bounds().end());
        Self {
            breathiness: within(self.breathiness, CurveKind::Breathiness),
            tension: within(self.tension, CurveKind::Tension),
            formant: within(self.formant, CurveKind::Formant),
        }
    }

    pub(super) fn is_valid(self) -> bool {
        Self::KINDS.into_iter().zip(self.parts()).all(|(kind, part)| kind.bounds().contains(&part))
    }
}
