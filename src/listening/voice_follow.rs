//! Where characters lie that are known to be sung, by what a voice makes of them: slower than with a
//! recogniser, and for short recordings alone.

use std::path::Path;

use anyhow::Result;

use super::alignment::{Spoken, align};
use super::notes::Interval;
use ziyin_lyrics::Syllable;
use ziyin_model::VoiceModel;

/// Lays syllables along a WAV file: for each where it lies, `None` where what is heard does not sound like it.
///
/// # Errors
/// If the voice's device fails.
pub fn follow_by_voice(
    voice: &VoiceModel,
    wav: &Path,
    syllables: &[Syllable],
) -> Result<Vec<Option<Interval>>> {
    let spoken = Spoken { audio: wav.to_path_buf(), syllables: syllables.to_vec() };
    let found = align(voice, &[spoken], &|| {})?;
    let place = |token: ziyin_corpus::Token| {
        let (vowel, end) = (token.place.vowel?, token.place.end?);
        let start = token.place.start.unwrap_or(vowel);
        Some(Interval { start, vowel, coda: token.place.nucleus_end.unwrap_or(end), end })
    };
    Ok(found.into_iter().flatten().map(|token| place(token.ok()?)).collect())
}
