use serde::{Deserialize, Serialize};

use super::{CurveKind, Curves, GAINS_DB, Harmony, InvalidScore, Notes, Tick, TrackId};
use ziyin_lyrics::Language;

/// Red, green and blue, as the eye's screen takes them (sRGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Colour(pub [u8; 3]);

impl Default for Colour {
    fn default() -> Self {
        Self::PALETTE[0]
    }
}

impl Colour {
    /// Colours that new tracks take in turn.
    pub const PALETTE: [Colour; 6] = [
        Colour([0x5B, 0x9B, 0xD5]),
        Colour([0xE0, 0x7A, 0x5F]),
        Colour([0x81, 0xB2, 0x9A]),
        Colour([0xF2, 0xCC, 0x8F]),
        Colour([0xA0, 0x84, 0xCA]),
        Colour([0xD4, 0x88, 0xA8]),
    ];
}

/// One voice: its notes, how it is sung, and how it stands in the mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    pub id: TrackId,
    pub name: String,
    /// The name of the singer; `None` for the one that ships.
    #[serde(default)]
    pub singer: Option<String>,
    /// The name of the singer of whom the curve of mixture says how much sings.
    #[serde(default)]
    pub second: Option<String>,
    /// The language that lyrics are read in; `None` to tell it from each lyric.
    #[serde(default)]
    pub language: Option<Language>,
    /// How far the pitch leans with the tones of Mandarin where a syllable begins and ends: 1 as
    /// a singer does who is to be understood, 0 not at all, at most 2.
    #[serde(default = "usual")]
    pub inflection: f32,
    /// How much a singer does beyond what is written, in pitch and level: 1 as singers do, 0
    /// nothing, at most 2.
    #[serde(default = "usual")]
    pub expression: f32,
    /// Gain in dB.
    #[serde(default)]
    pub gain_db: f32,
    /// -1 is left, 1 is right.
    #[serde(default)]
    pub pan: f32,
    /// How much of it is sent into the room: 0 nothing, at most 1, which comes back as loud as it is itself.
    #[serde(default)]
    pub room: f32,
    #[serde(default)]
    pub mute: bool,
    #[serde(default)]
    pub solo: bool,
    /// Whether lists and lanes leave it out; it is heard all the same.
    #[serde(default)]
    pub hidden: bool,
    /// The name of the folder that it lies in, if it lies in one.
    #[serde(default)]
    pub folder: Option<String>,
    /// Whether its folder is shut, so that lists and lanes have one row for all that lies in it.
    #[serde(default)]
    pub folded: bool,
    /// The gain of its folder in dB, which all that lies in one have in common; it is added to that of the track.
    #[serde(default)]
    pub folder_gain_db: f32,
    #[serde(default)]
    pub colour: Colour,
    pub notes: Notes,
    /// The lyrics that wait for notes, in order: the next note that is drawn or recorded gets the first.
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub curves: Curves,
    #[serde(default)]
    pub harmonies: Vec<Harmony>,
}

/// Of inflection and expression.
fn usual() -> f32 {
    1.0
}

impl Track {
    /// Whether its pitch leans with the tones as far as that of a new track.
    pub fn is_inflected_as_usual(&self) -> bool {
        self.inflection == usual()
    }

    /// Whether it is sung with the expression of a new track.
    pub fn is_expressive_as_usual(&self) -> bool {
        self.expression == usual()
    }

    /// The second singer, if there is one and the curve of mixture has them sing.
    pub fn mixed_with(&self) -> Option<&str> {
        self.second.as_deref().filter(|_| self.curves.mixture.iter().any(|point| point.value != 0.0))
    }

    /// The singers who are named and sing: the track's own, and the second where the curve has them sing.
    pub fn named_singers(&self) -> impl Iterator<Item = &str> {
        self.singer.as_deref().into_iter().chain(self.mixed_with())
    }

    /// An empty track at 0 dB in the middle.
    pub fn new(id: TrackId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            singer: None,
            second: None,
            language: None,
            inflection: usual(),
            expression: usual(),
            gain_db: 0.0,
            pan: 0.0,
            room: 0.0,
            mute: false,
            solo: false,
            hidden: false,
            folder: None,
            folded: false,
            folder_gain_db: 0.0,
            colour: Colour::PALETTE[(id.0 % 6) as usize],
            notes: Notes::default(),
            words: Vec::new(),
            curves: Curves::default(),
            harmonies: Vec::new(),
        }
    }

    /// The tick at which the last note has ended.
    pub fn end(&self) -> Tick {
        self.notes.iter().map(|note| note.end()).max().unwrap_or(0)
    }

    /// How loud it is in the mix, in dB: by its own gain and that of its folder.
    pub fn level_db(&self) -> f32 {
        self.gain_db + self.folder_gain_db
    }

    /// Whether mute and solo leave it to be heard; `alone` if anything in the song has its solo on.
    pub fn is_heard(&self, alone: bool) -> bool {
        !self.mute && (self.solo || !alone)
    }

    pub(super) fn check(&self) -> Result<(), InvalidScore> {
        let mut ids = std::collections::HashSet::with_capacity(self.notes.len());
        for note in self.notes.iter() {
            note.check()?;
            if !ids.insert(note.id) {
                return Err(InvalidScore::NoteTwice { id: note.id });
            }
        }
        let mix = [self.gain_db, self.folder_gain_db].iter().all(|gain| GAINS_DB.contains(gain));
        let mix = mix && (-1.0..=1.0).contains(&self.pan);
        let mix = mix && (0.0..=1.0).contains(&self.room);
        let mix = mix && [self.inflection, self.expression].iter().all(|part| (0.0..=2.0).contains(part));
        let drawn = |kind: CurveKind| {
            let bounds = kind.bounds();
            self.curves.get(kind).iter().all(|point| bounds.contains(&point.value))
        };
        if !CurveKind::ALL.into_iter().all(drawn) {
            return Err(InvalidScore::Curve);
        }
        if mix && self.harmonies.iter().all(Harmony::is_valid) {
            Ok(())
        } else {
            Err(InvalidScore::Mix { track: self.id })
        }
    }
}
