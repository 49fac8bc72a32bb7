use std::fmt;

use ziyin_message::{Message, ToMessage, message};
use ziyin_score::{BarBeat, MeterMap, Tick};

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

    pub(super) fn warn(
        &mut self,
        track: impl Into<Option<usize>>,
        tick: impl Into<Option<Tick>>,
        what: Message,
    ) {
        if self.warnings.len() < Self::LIMIT {
            let (track, tick) = (track.into(), tick.into());
            self.warnings.push(Warning { track, tick, place: None, what });
        } else {
            self.further += 1;
        }
    }

    /// Says of all that it tells in which bar it is, once the bars are known.
    pub(super) fn count_bars(&mut self, meter: &MeterMap) {
        for warning in &mut self.warnings {
            warning.place = warning.tick.map(|tick| meter.bar_beat(tick));
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
    /// The same as musicians count it.
    pub place: Option<BarBeat>,
    pub what: Message,
}

impl ToMessage for Warning {
    fn to_message(&self) -> Message {
        let what = &self.what;
        match (self.track, self.place) {
            (Some(track), Some(BarBeat { bar, beat, .. })) => {
                message!("warning.at-track-and-bar", track, bar, beat, what)
            }
            (Some(track), None) => message!("warning.at-track", track, what),
            (None, Some(BarBeat { bar, beat, .. })) => message!("warning.at-bar", bar, beat, what),
            (None, None) => what.clone(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.to_message().fmt(f)
    }
}
