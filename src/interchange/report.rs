use std::fmt;

use ziyin_score::Tick;

/// What an import met and changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The encoding that texts were read in; `None` if they are all plain ASCII.
    pub encoding: Option<&'static str>,
    pub warnings: Vec<Warning>,
    /// Warnings beyond [`Report::LIMIT`], which are only counted.
    pub further: usize,
}

impl Report {
    /// Warnings that are kept: a hostile file could give millions.
    pub const LIMIT: usize = 200;
    /// Characters that are kept of one.
    const LONGEST: usize = 2000;

    pub(super) fn warn(
        &mut self,
        track: impl Into<Option<usize>>,
        tick: impl Into<Option<Tick>>,
        text: String,
    ) {
        if self.warnings.len() < Self::LIMIT {
            // It may quote a name of megabytes.
            let text = match text.char_indices().nth(Self::LONGEST) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            };
            self.warnings.push(Warning { track: track.into(), tick: tick.into(), text });
        } else {
            self.further += 1;
        }
    }
}

/// One thing that was broken, changed or left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// The track of the MIDI file, counted from 1.
    pub track: Option<usize>,
    /// In ticks of the song, 960 to the quarter.
    pub tick: Option<Tick>,
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match (self.track, self.tick) {
            (Some(track), Some(tick)) => write!(f, "track {track}, tick {tick}: {}", self.text),
            (Some(track), None) => write!(f, "track {track}: {}", self.text),
            (None, Some(tick)) => write!(f, "tick {tick}: {}", self.text),
            (None, None) => f.write_str(&self.text),
        }
    }
}
