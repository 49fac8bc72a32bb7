//! What a host keeps of an instance in its project: the text of a `.ziyin` file, and in front of it a line
//! of what else there is, if there is anything.

use std::io::{BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use super::host_time::Time;
use super::shaping::{Kept, Shaping};
use super::status::Reason;
use super::strips::{STRIPS, Strip};
use ziyin_message::ToMessage;
use ziyin_score::{MeterMap, Project, TempoChange, TempoMap, TimeSignatureChange};

/// The newest version of the line. What an older plug-in would lose or misread needs a new one.
///
/// 1. tempo, bypass, track that is recorded to, strips
/// 2. formant, breathiness and tension of strips, and what was learnt of them
const VERSION: u32 = 2;
/// How the line begins.
const BEGINNING: &[u8] = b"{\"ziyin-plugin\":";
/// Bytes that the line has at most.
const LONGEST: u64 = 64 << 20;

/// All that a host keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub song: Project,
    /// Whether the song goes by the host's tempo, and the time that it had before.
    pub follows: bool,
    pub own: Option<Time>,
    pub bypass: bool,
    /// The place in the song of the track that takes what the host records.
    pub recorded_track: usize,
    pub strips: [Strip; STRIPS],
    /// What was learnt of how the host turns what shapes a voice.
    pub shaping: Shaping,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "ziyin-plugin")]
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "ziyin-plugin")]
    version: u32,
    #[serde(default)]
    follows_tempo: bool,
    #[serde(default)]
    own_time: Option<OwnTime>,
    #[serde(default)]
    bypass: bool,
    #[serde(default)]
    recorded_track: usize,
    #[serde(default)]
    strips: Vec<Strip>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    shaping: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnTime {
    tempo: Vec<TempoChange>,
    meter: Vec<TimeSignatureChange>,
}

impl State {
    /// # Errors
    /// One sentence that says why it is none.
    pub fn read(source: impl Read) -> Result<Self, Reason> {
        let mut source = BufReader::new(source);
        let mut start = Vec::with_capacity(BEGINNING.len());
        let mut beginning = source.by_ref().take(BEGINNING.len() as u64);
        beginning.read_to_end(&mut start).map_err(|error| Reason::Told(error.to_message()))?;
        let mut state = Self::default();
        if start == BEGINNING {
            let mut line = std::mem::take(&mut start);
            let mut rest = source.by_ref().take(LONGEST);
            rest.read_until(b'\n', &mut line).map_err(|error| Reason::Told(error.to_message()))?;
            state = Self::of_line(&line)?;
        }
        state.song =
            Project::read(start.as_slice().chain(source)).map_err(|error| Reason::Told(error.in_full()))?;
        Ok(state)
    }

    fn of_line(line: &[u8]) -> Result<Self, Reason> {
        let damaged = |_| Reason::NO_STATE;
        let Version { version } = serde_json::from_slice(line).map_err(damaged)?;
        if version > VERSION {
            return Err(Reason::NEWER);
        }
        let line: Line = serde_json::from_slice(line).map_err(damaged)?;
        let own = line.own_time.map(|own| {
            let (tempo, meter) = (TempoMap::new(own.tempo), MeterMap::new(own.meter));
            Ok::<_, ziyin_score::InvalidScore>(Time { tempo: tempo?, meter: meter? })
        });
        let own = own.transpose().map_err(|error| Reason::Told(error.to_message()))?;
        let mut strips = [Strip::default(); STRIPS];
        for (place, &strip) in strips.iter_mut().zip(&line.strips) {
            *place = strip.bounded();
        }
        let shaping = Shaping::of(line.shaping).ok_or(Reason::NO_STATE)?;
        let Line { follows_tempo: follows, bypass, recorded_track, .. } = line;
        Ok(Self { song: Project::default(), follows, own, bypass, recorded_track, strips, shaping })
    }

    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let usual = Strip::default();
        let strips = self.strips.iter().rposition(|strip| *strip != usual).map_or(0, |last| last + 1);
        // A song alone is a `.ziyin` file, for whoever reads those.
        let shaping = self.shaping.kept();
        let shapes = !shaping.is_empty() || self.strips.iter().any(|strip| strip.shape() != [0.0; 3]);
        if strips > 0 || shapes || self.follows || self.bypass || self.recorded_track > 0 {
            let own_time = self.own.as_ref().map(|own| OwnTime {
                tempo: own.tempo.changes().to_vec(),
                meter: own.meter.changes().to_vec(),
            });
            let line = Line {
                // An older plug-in takes what it can hold.
                version: if shapes { VERSION } else { 1 },
                follows_tempo: self.follows,
                own_time,
                bypass: self.bypass,
                recorded_track: self.recorded_track,
                strips: self.strips[..strips].to_vec(),
                shaping,
            };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
        self.song.write_json(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(state: &State) -> Vec<u8> {
        let mut text = Vec::new();
        state.write(&mut text).unwrap();
        text
    }

    #[test]
    fn a_state_comes_back_and_a_song_alone_is_a_song() {
        let song = Project { title: "a song".into(), ..Project::default() };
        let alone = State { song: song.clone(), ..State::default() };
        assert_eq!(Project::read(written(&alone).as_slice()).unwrap(), song);
        assert_eq!(State::read(written(&alone).as_slice()).unwrap(), alone);
        let own = Some(Time::of(&song));
        let mut full = State { follows: true, own, bypass: true, recorded_track: 2, ..alone };
        full.strips[3] = Strip { gain_db: -6.5, pan: 0.25, solo: true, ..Strip::default() };
        assert_eq!(State::read(written(&full).as_slice()).unwrap(), full);
        assert!(written(&full).starts_with(b"{\"ziyin-plugin\":1,"), "an older plug-in can hold it");
        full.strips[5].tension = -0.5;
        full.shaping = Shaping::of(
            serde_json::from_str(r#"[{"track":5,"kind":"tension","steps":{"changes":[[960,-0.5]]}}]"#)
                .unwrap(),
        )
        .unwrap();
        assert_eq!(State::read(written(&full).as_slice()).unwrap(), full);
        assert!(written(&full).starts_with(b"{\"ziyin-plugin\":2,"), "an older plug-in would lose it");
    }

    #[test]
    fn what_is_damaged_or_newer_is_refused_and_what_is_out_of_bounds_brought_within() {
        let song = String::from_utf8(written(&State::default())).unwrap();
        let read = |line: &str| State::read(format!("{line}\n{song}").as_bytes());
        assert!(read(r#"{"ziyin-plugin":3,"new":1}"#).unwrap_err().to_string().contains("newer"));
        for damaged in [
            r#"{"ziyin-plugin":1"#,
            r#"{"ziyin-plugin":1,"unknown":true}"#,
            r#"{"ziyin-plugin":1,"strips":7}"#,
            r#"{"ziyin-plugin":2,"shaping":[{"track":99,"kind":"tension","steps":{}}]}"#,
            r#"{"ziyin-plugin":1,"own_time":{"tempo":[],"meter":[]}}"#,
        ] {
            assert!(read(damaged).is_err(), "{damaged}");
        }
        assert!(State::read(b"{\"ziyin-plugin\":1}".as_slice()).is_err());
        let many: Vec<&str> = vec![r#"{"gain_db":1e30,"pan":-9}"#; 40];
        let state = read(&format!(r#"{{"ziyin-plugin":1,"strips":[{}]}}"#, many.join(","))).unwrap();
        assert_eq!((state.strips[15].gain_db, state.strips[15].pan), (12.0, -1.0));
    }
}
