use serde::{Deserialize, Serialize};
use ziyin_lyrics::Language;

use super::levels::Levels;
use super::{Articulation, InvalidScore, MAX_TICK, NoteId, Tick, Timbre, Transition};

/// One note and what is sung on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub id: NoteId,
    /// Where the note begins, in ticks from the start of the song.
    pub onset: Tick,
    /// How long it lasts, in ticks, at least 1.
    pub length: Tick,
    /// MIDI key, 0 to 127; 60 is C4.
    pub pitch: u8,
    /// What the user typed: a character, pinyin, kana, `-` to hold the vowel of the note
    /// before, `br` for a breath, or nothing.
    #[serde(default)]
    pub lyric: String,
    /// Overrides how the lyric is read, where it would be read wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pronunciation: Option<String>,
    /// The language that the lyric is read in, where it is not the one of the track or told from the lyrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Overrides the vibrato that the singer would choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vibrato: Option<Vibrato>,
    /// Overrides how the pitch comes to it from the note before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
    /// How much louder than usual its parts are sung.
    #[serde(default, skip_serializing_if = "Levels::is_usual")]
    pub levels: Levels,
    /// How it sounds beside what the curves of its track say.
    #[serde(default, skip_serializing_if = "Timbre::is_usual")]
    pub timbre: Timbre,
    /// How it is sung; `None` as the singer usually does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manner: Option<Manner>,
    /// How its characters are sung, in order, where that is not left to the singer; those that are not
    /// there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articulations: Vec<Articulation>,
    /// Which take of it is sung, counted from 0: each draws anew what a singer leaves to chance.
    #[serde(default, skip_serializing_if = "is_first")]
    pub take: u32,
    /// Whether it stands there and is not sung.
    #[serde(default, skip_serializing_if = "is_sung")]
    pub muted: bool,
}

fn is_sung(muted: &bool) -> bool {
    !muted
}

fn is_first(take: &u32) -> bool {
    *take == 0
}

impl Note {
    /// The most characters of a note that are sung in a way of their own.
    pub const MOST_CHARACTERS: usize = 256;

    /// A note that is sung as the singer usually does.
    pub fn new(id: NoteId, onset: Tick, length: Tick, pitch: u8, lyric: impl Into<String>) -> Self {
        Self {
            id,
            onset,
            length,
            pitch,
            lyric: lyric.into(),
            pronunciation: None,
            language: None,
            vibrato: None,
            transition: None,
            levels: Levels::default(),
            timbre: Timbre::default(),
            manner: None,
            articulations: Vec::new(),
            take: 0,
            muted: false,
        }
    }

    /// The tick at which the note has ended.
    pub fn end(&self) -> Tick {
        self.onset + self.length
    }

    /// Whether the note only holds the vowel of the one before.
    pub fn is_hold(&self) -> bool {
        matches!(self.lyric.as_str(), "-" | "ー" | "—" | "－")
    }

    /// How a character of the note is sung, counted from 0.
    pub fn articulation(&self, character: usize) -> Articulation {
        self.articulations.get(character).copied().unwrap_or_default()
    }

    /// The same note with a character sung in another way. One of so many that nobody sings is refused
    /// where the note is checked.
    pub fn with_articulation(mut self, character: usize, articulation: Articulation) -> Self {
        if character >= self.articulations.len() {
            self.articulations.resize(character + 1, Articulation::default());
        }
        self.articulations[character] = articulation;
        while self.articulations.last().is_some_and(Articulation::is_usual) {
            self.articulations.pop();
        }
        self
    }

    pub(super) fn check(&self) -> Result<(), InvalidScore> {
        let length = 1..=MAX_TICK;
        let in_time = length.contains(&self.length) && (0..=MAX_TICK - self.length).contains(&self.onset);
        if !in_time {
            return Err(InvalidScore::NoteTime { id: self.id, onset: self.onset, length: self.length });
        }
        if self.pitch > 127 {
            return Err(InvalidScore::NotePitch { id: self.id, pitch: self.pitch.into() });
        }
        if !self.vibrato.is_none_or(|vibrato| vibrato.is_valid()) {
            return Err(InvalidScore::Vibrato { id: self.id });
        }
        if !self.transition.is_none_or(|transition| transition.is_valid()) {
            return Err(InvalidScore::Transition { id: self.id });
        }
        let articulated = self.articulations.len() <= Self::MOST_CHARACTERS
            && self.articulations.iter().all(Articulation::is_valid);
        if !articulated {
            return Err(InvalidScore::Articulation { id: self.id });
        }
        if !self.timbre.is_valid() {
            return Err(InvalidScore::Timbre { id: self.id });
        }
        if self.levels.are_valid() { Ok(()) } else { Err(InvalidScore::Levels { id: self.id }) }
    }
}

/// A way of singing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    Soft,
    Normal,
    Strong,
    /// Without the vocal folds.
    Whisper,
    /// With their edges alone: hardly more than the first harmonic.
    Falsetto,
    /// Rough: the false folds swing along.
    Growl,
}

impl Manner {
    pub const ALL: [Manner; 6] =
        [Self::Soft, Self::Normal, Self::Strong, Self::Whisper, Self::Falsetto, Self::Growl];

    /// Whether songs before version 19 of the format know it.
    pub(super) fn is_old(self) -> bool {
        !matches!(self, Manner::Falsetto | Manner::Growl)
    }

    /// The word that names it in files, and behind the comma in the conditions of a voice.
    pub fn name(self) -> &'static str {
        match self {
            Manner::Soft => "soft",
            Manner::Normal => "normal",
            Manner::Strong => "strong",
            Manner::Whisper => "whisper",
            Manner::Falsetto => "falsetto",
            Manner::Growl => "growl",
        }
    }
}

/// A regular swing of the pitch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vibrato {
    /// How far the pitch swings to each side, in cents, up to 2400; 0 for none at all.
    pub depth_cents: f32,
    /// The length of one swing, in milliseconds, from 10 to 60 000.
    pub period_ms: f32,
    /// The part of the note that is sung straight before the swing sets in, 0 to 1.
    pub onset: f32,
    /// How long the swing takes to grow and to die away, in milliseconds, up to 10 000.
    #[serde(default = "usual_fade", skip_serializing_if = "is_usual_fade")]
    pub fade_in_ms: f32,
    #[serde(default = "usual_fade", skip_serializing_if = "is_usual_fade")]
    pub fade_out_ms: f32,
}

impl Vibrato {
    /// How long a swing takes to grow and to die away where nobody says so, in milliseconds.
    pub const USUAL_FADE_MS: f32 = 100.0;

    /// One that grows and dies away as usual.
    pub const fn new(depth_cents: f32, period_ms: f32, onset: f32) -> Self {
        let fade = Self::USUAL_FADE_MS;
        Self { depth_cents, period_ms, onset, fade_in_ms: fade, fade_out_ms: fade }
    }

    /// Whether it grows and dies away as usual.
    pub fn fades_as_usual(&self) -> bool {
        is_usual_fade(&self.fade_in_ms) && is_usual_fade(&self.fade_out_ms)
    }
}

fn usual_fade() -> f32 {
    Vibrato::USUAL_FADE_MS
}

fn is_usual_fade(ms: &f32) -> bool {
    *ms == Vibrato::USUAL_FADE_MS
}
