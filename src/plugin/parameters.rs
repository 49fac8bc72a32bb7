//! What a host shows of an instance without a window of ours, and what it can automate.

use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

use super::shared::Shared;
use super::status::{ENGLISH, Status};
use super::strips::{GAIN_DB, RANGES, STRIPS, Strip};
use ziyin_model::user_folders::data_folder;
use ziyin_session::settings::Settings;

/// The songs of the studio that can be chosen, at most.
pub const SONGS: u32 = 10;
/// The id of the first parameter of the first track; each track has room for ten.
const FIRST_OF_TRACKS: u32 = 100;
const IDS_OF_TRACK: u32 = 10;

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// 0 for the song of the project, else the place of a song among those that were last open in the
    /// studio: to choose one takes it into the project.
    Song,
    /// How much is sung, from 0 to 1, and in words what hinders it; the host can only read it.
    Status,
    /// 1 silences everything.
    Bypass,
    /// 0 for the tempo and the bars of the song, 1 for those of the host.
    Tempo,
    /// To set it to 1 opens the studio; it is always 0.
    Studio,
    /// The place in the song of the track that takes the notes that the host records.
    RecordTo,
    /// 0 to take notes while the host records, 1 whenever it plays: not every host tells that it records.
    Record,
    /// What is done to a track, by its place in the song, on top of what the song says.
    Track(usize, Control),
}

/// What can be done to a track; see [`Strip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Gain,
    Pan,
    Mute,
    Solo,
    Formant,
    Breathiness,
    Tension,
}

impl Control {
    const ALL: [Self; 7] =
        [Self::Gain, Self::Pan, Self::Mute, Self::Solo, Self::Formant, Self::Breathiness, Self::Tension];
}

/// How a host may use a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// One of a list is chosen.
    Chosen,
    /// It is only read.
    Read,
    /// It is a button.
    Pressed,
    /// It takes the plug-in out of the way, and can be automated.
    Bypass,
    Automated,
    /// It is on or off, and can be automated.
    Switched,
}

impl Parameter {
    const OF_ALL: [Self; 6] =
        [Self::Song, Self::Status, Self::Bypass, Self::Tempo, Self::Studio, Self::RecordTo];
    const LATER: [Self; 1] = [Self::Record];

    /// Some hosts know a parameter by its place in here: what is new comes last.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_track = |place| Control::ALL.map(move |control| Self::Track(place, control));
        Self::OF_ALL.into_iter().chain((0..STRIPS).flat_map(of_track)).chain(Self::LATER)
    }

    pub fn count() -> usize {
        Self::all().count()
    }

    /// By which projects of hosts know it; never to be changed.
    pub fn id(self) -> u32 {
        match self {
            Self::Song => 1,
            Self::Status => 2,
            Self::Bypass => 3,
            Self::Tempo => 4,
            Self::Studio => 5,
            Self::RecordTo => 6,
            Self::Record => 7,
            Self::Track(place, control) => FIRST_OF_TRACKS + IDS_OF_TRACK * place as u32 + control as u32,
        }
    }

    pub fn from_id(id: u32) -> Option<Self> {
        Self::all().find(|parameter| parameter.id() == id)
    }

    /// Its name; those of a track have the name of the track.
    pub fn name(self, shared: &Shared) -> String {
        match self {
            Self::Song => "Song".into(),
            Self::Status => "Status".into(),
            Self::Bypass => "Bypass".into(),
            Self::Tempo => "Tempo".into(),
            Self::Studio => "Open in Ziyin".into(),
            Self::RecordTo => "Record to".into(),
            Self::Record => "Record".into(),
            Self::Track(place, control) => {
                let control = match control {
                    Control::Gain => "gain",
                    Control::Pan => "pan",
                    Control::Mute => "mute",
                    Control::Solo => "solo",
                    Control::Formant => "formant",
                    Control::Breathiness => "breathiness",
                    Control::Tension => "tension",
                };
                let name = shared.track_name(place).filter(|name| !name.trim().is_empty());
                let number = place + 1;
                match name {
                    Some(name) => format!("{number} {name}: {control}"),
                    None => format!("{number}: {control}"),
                }
            }
        }
    }

    pub fn used(self) -> Use {
        match self {
            Self::Song | Self::Tempo | Self::RecordTo | Self::Record => Use::Chosen,
            Self::Status => Use::Read,
            Self::Studio => Use::Pressed,
            Self::Bypass => Use::Bypass,
            Self::Track(_, Control::Mute | Control::Solo) => Use::Switched,
            Self::Track(..) => Use::Automated,
        }
    }

    /// The least and the greatest value.
    pub fn range(self) -> [f64; 2] {
        match self {
            Self::Song => [0.0, SONGS.into()],
            Self::RecordTo => [0.0, (STRIPS - 1) as f64],
            Self::Track(_, Control::Gain) => GAIN_DB.map(f64::from),
            Self::Track(_, Control::Pan) => [-1.0, 1.0],
            Self::Track(_, Control::Formant) => RANGES[0].map(f64::from),
            Self::Track(_, Control::Breathiness) => RANGES[1].map(f64::from),
            Self::Track(_, Control::Tension) => RANGES[2].map(f64::from),
            Self::Status | Self::Bypass | Self::Tempo | Self::Studio | Self::Record | Self::Track(..) => {
                [0.0, 1.0]
            }
        }
    }

    /// The value of the part from 0 to 1 of its range, and back.
    pub fn plain(self, part: f64) -> f64 {
        let [least, most] = self.range();
        least + part * (most - least)
    }

    pub fn part(self, plain: f64) -> f64 {
        let [least, most] = self.range();
        (plain - least) / (most - least)
    }

    pub fn value(self, shared: &Shared) -> f64 {
        let switch = |on: bool| f64::from(u8::from(on));
        match self {
            Self::Song => shared.chosen.load(Relaxed).into(),
            Self::Status => match shared.status() {
                Status::Singing { done, .. } => done.into(),
                Status::Empty | Status::Preparing | Status::Failed(_) => 0.0,
            },
            Self::Bypass => switch(shared.is_bypassed()),
            Self::Tempo => switch(shared.follows_tempo()),
            Self::Studio => 0.0,
            Self::RecordTo => shared.recorded_track() as f64,
            Self::Record => switch(shared.records_what_plays()),
            Self::Track(place, control) => {
                let strip = shared.strips.get(place);
                match control {
                    Control::Gain => strip.gain_db.into(),
                    Control::Pan => strip.pan.into(),
                    Control::Mute => switch(strip.mute),
                    Control::Solo => switch(strip.solo),
                    Control::Formant => strip.formant.into(),
                    Control::Breathiness => strip.breathiness.into(),
                    Control::Tension => strip.tension.into(),
                }
            }
        }
    }

    /// Takes a value from the host. May be called on the audio thread.
    pub fn set(self, shared: &Shared, value: f64) {
        let [least, most] = self.range();
        if !value.is_finite() {
            return;
        }
        let (value, on) = (value.clamp(least, most), value >= 0.5);
        match self {
            Self::Song => shared.chosen.store(value.round() as u32, Relaxed),
            Self::Status => {}
            Self::Bypass => shared.set_bypass(on),
            Self::Tempo => shared.set_follows_tempo(on),
            Self::Studio if on => shared.ask_for_studio(),
            Self::Studio => {}
            Self::RecordTo => shared.set_recorded_track(value.round() as usize),
            Self::Record => shared.set_records_what_plays(on),
            Self::Track(place, control) => {
                let strip = shared.strips.get(place);
                let strip = match control {
                    Control::Gain => Strip { gain_db: value as f32, ..strip },
                    Control::Pan => Strip { pan: value as f32, ..strip },
                    Control::Mute => Strip { mute: on, ..strip },
                    Control::Solo => Strip { solo: on, ..strip },
                    Control::Formant => Strip { formant: value as f32, ..strip },
                    Control::Breathiness => Strip { breathiness: value as f32, ..strip },
                    Control::Tension => Strip { tension: value as f32, ..strip },
                };
                shared.strips.set(place, strip);
            }
        }
    }

    /// A value in words.
    pub fn text(self, shared: &Shared, value: f64) -> String {
        let switch = |off: &str, on: &str| if value >= 0.5 { on.into() } else { off.into() };
        match self {
            Self::Song => {
                let chosen = value.round().clamp(0.0, SONGS.into()) as u32;
                let name = || Some(song_at(chosen)?.file_stem()?.to_string_lossy().into_owned());
                if chosen == 0 { "in the project".into() } else { name().unwrap_or_else(|| "none".into()) }
            }
            Self::Status => shared.in_words(ENGLISH),
            Self::RecordTo => {
                let place = value.round().clamp(0.0, STRIPS as f64) as usize;
                let name = shared.track_name(place).unwrap_or_default();
                format!("{} {name}", place + 1).trim().into()
            }
            Self::Tempo => switch("of the song", "of the host"),
            Self::Record => switch("when the host records", "when the host plays"),
            Self::Track(_, Control::Gain) if value <= f64::from(GAIN_DB[0]) => "silent".into(),
            Self::Track(_, Control::Gain) => format!("{value:+.1} dB"),
            Self::Track(_, Control::Formant) => format!("{value:+.2} semitones"),
            Self::Track(_, Control::Pan | Control::Breathiness | Control::Tension) => {
                format!("{:+.0} %", 100.0 * value)
            }
            Self::Bypass | Self::Studio | Self::Track(..) => switch("off", "on"),
        }
    }

    /// The value that words stand for, as [`Parameter::text`] gives them or as a user types them.
    pub fn value_of(self, text: &str) -> Option<f64> {
        let text = text.trim();
        let number = || text.trim_end_matches(|c: char| !c.is_ascii_digit()).trim().parse::<f64>().ok();
        match self {
            Self::Song | Self::Status => None,
            Self::RecordTo => Some(text.split(' ').next()?.parse::<f64>().ok()? - 1.0),
            Self::Tempo => match text {
                "of the song" => Some(0.0),
                "of the host" => Some(1.0),
                _ => None,
            },
            Self::Record => match text {
                "when the host records" => Some(0.0),
                "when the host plays" => Some(1.0),
                _ => None,
            },
            Self::Track(_, Control::Gain) if text == "silent" => Some(GAIN_DB[0].into()),
            Self::Track(_, Control::Gain | Control::Formant) => number(),
            Self::Track(_, Control::Pan | Control::Breathiness | Control::Tension) => Some(number()? / 100.0),
            Self::Bypass | Self::Studio | Self::Track(..) => match text {
                "off" => Some(0.0),
                "on" => Some(1.0),
                _ => None,
            },
        }
    }
}

/// The song of the studio at a place from 1 on, the one that was open last first.
pub fn song_at(place: u32) -> Option<PathBuf> {
    let settings = Settings::load(&data_folder()?);
    settings.recent.into_iter().nth(place.checked_sub(1)? as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_parameter_has_an_id_of_its_own_and_keeps_what_it_is_given() {
        let shared = Shared::default();
        let all: Vec<Parameter> = Parameter::all().collect();
        assert_eq!(all.len(), Parameter::count());
        assert_eq!(all.iter().map(|parameter| parameter.id()).collect::<HashSet<_>>().len(), all.len());
        for &parameter in &all {
            assert_eq!(Parameter::from_id(parameter.id()), Some(parameter));
            if matches!(parameter.used(), Use::Read | Use::Pressed) {
                continue;
            }
            for part in [0.0, 1.0, 0.0] {
                parameter.set(&shared, parameter.plain(part));
                assert_eq!(parameter.part(parameter.value(&shared)), part, "{parameter:?}");
            }
            parameter.set(&shared, f64::NAN);
            parameter.set(&shared, 1e300);
            assert_eq!(parameter.value(&shared), parameter.range()[1]);
        }
        assert_eq!(Parameter::from_id(0), None);
        assert_eq!(Parameter::from_id(FIRST_OF_TRACKS + 7), None);
        assert_eq!(Parameter::from_id(FIRST_OF_TRACKS + IDS_OF_TRACK * STRIPS as u32), None);
    }

    #[test]
    fn words_lead_back_to_the_value() {
        let shared = Shared::default();
        for parameter in Parameter::all().filter(|p| !matches!(p, Parameter::Song | Parameter::Status)) {
            for part in [0.0, 0.25, 1.0] {
                let text = parameter.text(&shared, parameter.plain(part));
                let value = parameter.value_of(&text).unwrap();
                assert_eq!(parameter.text(&shared, value), text, "{parameter:?}");
            }
        }
        assert_eq!(Parameter::Track(0, Control::Gain).value_of(" -3.5dB"), Some(-3.5));
        assert_eq!(Parameter::Track(0, Control::Gain).value_of("loud"), None);
    }
}
