//! Score to sound.
//!
//! ```text
//! notes ── melody, harmony ──> notes of one voice in seconds
//!       ── draft, plan ──────> phrases of characters, a pitch curve, a level
//!       ── known voice, run ─> runs, of which an edit touches few
//!       ── voice, cache ─────> blocks of frames
//!       ── join, shape ──────> frames on an even grid
//!       ── vocoder, stream ──> samples of one voice
//!       ── mix, stems ───────> WAV files
//!       ── live ─────────────> pieces for the studio, nearest to the play head first
//! ```

pub mod backing;
pub mod cache;
pub mod character;
pub mod choir;
pub mod clock;
pub mod draft;
pub mod excerpt;
pub mod harmony;
pub mod hint;
pub mod join;
pub mod knots;
pub mod known_lyrics;
pub mod known_voice;
pub mod live;
pub mod loudness_meter;
pub mod melody;
pub mod mix;
pub mod pitch;
pub mod plan;
pub mod render;
pub mod run;
pub mod score_voices;
pub mod shape;
pub mod stems;
pub mod stream;
pub mod vocoder;
pub mod voice;

mod breath;
mod drawn;
mod dynamics;
mod flac;
mod glide;
mod growl;
mod inflection;
mod loudness;
mod manner;
mod mixture;
mod network;
mod pitch_note;
mod reverb;
mod sample_line;
mod stem_mix;
mod timbre;
mod vibrato;
mod vowel;
mod written_pitch;

pub use character::{Block, Character, Landmarks};
pub use live::{LiveEvent, LiveSinger};
pub use render::{RenderError, RenderOptions, Rendered, render};
pub use sample_line::sing_line;
pub use score_voices::Unsung;
pub use voice::{Timing, TimingInput, Voice, VoiceFailure};
pub use vowel::{sing_alone, sing_vowel};
pub use written_pitch::WrittenPitch;
