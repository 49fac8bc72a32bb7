use serde::{Deserialize, Serialize};
use ziyin_message::{Message, ToMessage, message};

use super::GAINS_DB;

/// A voice that follows every edit of its track at another pitch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Harmony {
    pub kind: HarmonyKind,
    /// Gain in dB.
    pub gain_db: f32,
    /// -1 is left, 1 is right.
    pub pan: f32,
    #[serde(default)]
    pub mute: bool,
    /// How far it strays from the lead in time and pitch: 0 not at all, 1 as much as a
    /// second take of a careful singer.
    pub humanise: f32,
    /// Seconds by which it sings after the lead; below 0 before it.
    #[serde(default, skip_serializing_if = "is_together")]
    pub delay: f32,
    /// Whether an interval keeps its key, whatever key the song is in; else it goes along with that.
    #[serde(default, skip_serializing_if = "is_loose")]
    pub pinned: bool,
}

fn is_loose(pinned: &bool) -> bool {
    !*pinned
}

fn is_together(delay: &f32) -> bool {
    *delay == 0.0
}

impl Harmony {
    /// The longest delay, and the longest lead, in seconds.
    pub const MOST_DELAY: f32 = 0.25;

    /// A harmony that sits behind its lead: -6 dB, in the middle, slightly humanised.
    pub fn new(kind: HarmonyKind) -> Self {
        Self { kind, gain_db: -6.0, pan: 0.0, mute: false, humanise: 0.3, delay: 0.0, pinned: false }
    }

    pub(super) fn is_valid(&self) -> bool {
        let tonic = match self.kind {
            HarmonyKind::Interval { tonic, .. } => tonic < 12,
            _ => true,
        };
        tonic
            && GAINS_DB.contains(&self.gain_db)
            && (-1.0..=1.0).contains(&self.pan)
            && (0.0..=1.0).contains(&self.humanise)
            && (-Self::MOST_DELAY..=Self::MOST_DELAY).contains(&self.delay)
    }
}

/// Which pitch a harmony sings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HarmonyKind {
    OctaveUp,
    OctaveDown,
    /// So many steps of a scale away: 2 is a third above, -3 a fourth below.
    Interval {
        degrees: i8,
        /// Pitch class of the scale's first degree: 0 is C, 11 is B.
        tonic: u8,
        scale: Scale,
    },
}

/// A scale that an interval is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    Major,
    Minor,
}

impl HarmonyKind {
    /// The key to sing where the lead sings `lead` (a MIDI key), or `None` if it lies
    /// outside 0 to 127. A lead note beside the scale keeps its distance from the degree below.
    pub fn pitch(self, lead: u8) -> Option<u8> {
        let lead = i32::from(lead);
        let pitch = match self {
            HarmonyKind::OctaveUp => lead + 12,
            HarmonyKind::OctaveDown => lead - 12,
            HarmonyKind::Interval { degrees, tonic, scale } => {
                let steps: [i32; 7] = match scale {
                    Scale::Major => [0, 2, 4, 5, 7, 9, 11],
                    Scale::Minor => [0, 2, 3, 5, 7, 8, 10],
                };
                let above_tonic = lead - i32::from(tonic);
                let (octave, class) = (above_tonic.div_euclid(12), above_tonic.rem_euclid(12));
                let degree = steps.iter().rposition(|&step| step <= class).unwrap_or(0);
                let target = degree as i32 + i32::from(degrees);
                let step = steps[target.rem_euclid(7) as usize];
                let raised = class - steps[degree];
                i32::from(tonic) + 12 * (octave + target.div_euclid(7)) + step + raised
            }
        };
        u8::try_from(pitch).ok().filter(|&pitch| pitch <= 127)
    }

    /// The word that names it in files and on the command line.
    pub fn name(self) -> String {
        match self {
            HarmonyKind::OctaveUp => "octave-up".into(),
            HarmonyKind::OctaveDown => "octave-down".into(),
            HarmonyKind::Interval { degrees, .. } => format!("interval{degrees:+}"),
        }
    }
}

/// As musicians call it.
impl ToMessage for HarmonyKind {
    fn to_message(&self) -> Message {
        match *self {
            HarmonyKind::OctaveUp => message!("harmony.octave-up"),
            HarmonyKind::OctaveDown => message!("harmony.octave-down"),
            HarmonyKind::Interval { degrees, .. } => {
                let interval = match degrees.unsigned_abs() {
                    0 => message!("harmony.unison"),
                    1 => message!("harmony.second"),
                    2 => message!("harmony.third"),
                    3 => message!("harmony.fourth"),
                    4 => message!("harmony.fifth"),
                    5 => message!("harmony.sixth"),
                    6 => message!("harmony.seventh"),
                    7 => message!("harmony.octave"),
                    further => message!("harmony.further", degree = u32::from(further) + 1),
                };
                match degrees {
                    0 => interval,
                    1.. => message!("harmony.above", interval),
                    _ => message!("harmony.below", interval),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_above_stays_in_the_scale() {
        let third = HarmonyKind::Interval { degrees: 2, tonic: 0, scale: Scale::Major };
        let sung: Vec<_> = [60, 62, 64, 65, 67, 69, 71, 72].iter().map(|&lead| third.pitch(lead)).collect();
        assert_eq!(sung, [64, 65, 67, 69, 71, 72, 74, 76].map(Some));
        let fourth_below = HarmonyKind::Interval { degrees: -3, tonic: 0, scale: Scale::Major };
        assert_eq!(fourth_below.pitch(60), Some(55));
    }

    #[test]
    fn what_no_key_can_name_is_not_sung() {
        assert_eq!(HarmonyKind::OctaveUp.pitch(120), None);
        assert_eq!(HarmonyKind::OctaveDown.pitch(5), None);
    }
}
