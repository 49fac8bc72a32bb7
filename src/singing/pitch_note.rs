use ziyin_score::{Transition, Vibrato};

/// A stretch of one pitch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PitchNote {
    /// Seconds from the start of the song at which the pitch is reached, and left.
    pub onset: f64,
    pub end: f64,
    /// MIDI pitch.
    pub key: f64,
    pub vibrato: Option<Vibrato>,
    /// How it is reached from the note before, where the user has set that.
    pub transition: Option<Transition>,
    /// Tells the note from others: no two vibratos of a singer are quite alike.
    pub id: u64,
    /// Whether the pitch is drawn anew in it, as another take has it.
    pub anew: bool,
}
