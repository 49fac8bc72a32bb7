//! VOCALOID 3 and 4: VSQX, which is XML. Version 4 has shorter names for the same things.

use std::collections::HashMap;
use ziyin_message::message;

use roxmltree::Node;

use crate::recording::Recording;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature};
use crate::vocaloid::{Control, QUARTER, add_bend, add_steps, language, note_velocity, swing};
use crate::xml::{child, children, decode, number, parse, text};
use crate::{Budget, BudgetError, Refusal, Report, Resource};

pub const FORMAT: &str = "VSQX";

/// Names of elements in VOCALOID 3 and 4.
struct Names {
    track_number: &'static str,
    part: &'static str,
    tick: &'static str,
    duration: &'static str,
    key: &'static str,
    lyric: &'static str,
    velocity: &'static str,
    fixed_phonemes: &'static str,
    control: &'static str,
    value: &'static str,
    style: &'static str,
    bend: &'static str,
    bend_range: &'static str,
    signature: [&'static str; 3],
    tempo: &'static str,
    bank: &'static str,
    programme: &'static str,
    voice_name: &'static str,
    mute: &'static str,
    solo: &'static str,
    volume: &'static str,
    pan: &'static str,
    name: &'static str,
}

const THREE: Names = Names {
    track_number: "vsTrackNo",
    part: "musicalPart",
    tick: "posTick",
    duration: "durTick",
    key: "noteNum",
    lyric: "lyric",
    velocity: "velocity",
    fixed_phonemes: "phnms",
    control: "mCtrl",
    value: "attr",
    style: "noteStyle",
    bend: "PIT",
    bend_range: "PBS",
    signature: ["posMes", "nume", "denomi"],
    tempo: "bpm",
    bank: "vBS",
    programme: "vPC",
    voice_name: "vVoiceName",
    mute: "mute",
    solo: "solo",
    volume: "vol",
    pan: "pan",
    name: "trackName",
};

const FOUR: Names = Names {
    track_number: "tNo",
    part: "vsPart",
    tick: "t",
    duration: "dur",
    key: "n",
    lyric: "y",
    velocity: "v",
    fixed_phonemes: "p",
    control: "cc",
    value: "v",
    style: "nStyle",
    bend: "P",
    bend_range: "S",
    signature: ["m", "nu", "de"],
    tempo: "v",
    bank: "bs",
    programme: "pc",
    voice_name: "name",
    mute: "m",
    solo: "s",
    volume: "vol",
    pan: "pan",
    name: "name",
};

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let source = decode(bytes);
    let document = parse(FORMAT, &source, budget)?;
    let root = document.root_element();
    let names = if root.tag_name().name() == "vsq3" { THREE } else { FOUR };
    let master = child(root, "masterTrack")
        .ok_or_else(|| Refusal::damaged(FORMAT, message!("damage.no-master-track")))?;
    let mut sheet = Sheet { title: text(master, "seqName").into(), ..Sheet::default() };
    for tempo in children(master, "tempo") {
        if let Some((tick, hundredths)) = number(tempo, names.tick).zip(number(tempo, names.tempo)) {
            sheet.tempo(ticks(tick, QUARTER), hundredths / 100.0, report);
        }
    }
    let [bar, beats, unit] = names.signature;
    let signatures = children(master, "timeSig").filter_map(|signature| {
        let counted = time_signature(number(signature, beats)?, number(signature, unit)?)?;
        Some((number(signature, bar)? as i64, counted))
    });
    sheet.meters = at_bars(signatures.collect());
    // Of several of one number the first.
    let voices: Vec<Node> =
        child(root, "vVoiceTable").iter().flat_map(|&table| children(table, "vVoice")).collect();
    let voices = voices.into_iter().rev().map(|voice| (voice_place(voice, &names), voice)).collect();
    let units: Vec<Node> = child(root, "mixer").iter().flat_map(|&mixer| children(mixer, "vsUnit")).collect();
    let units = units.into_iter().rev().map(|unit| (text(unit, names.track_number), unit)).collect();
    for track in children(root, "vsTrack") {
        let mut part = part(track, &names, budget)?;
        find_voice(&voices, track, &names, &mut part);
        mix(&units, track, &names, &mut part);
        sheet.add(part, budget)?;
    }
    for audio in root.descendants().filter(|node| node.tag_name().name() == "wavPart") {
        budget.spend(Resource::Nodes, 16)?;
        sheet.recordings.push(recording(root, audio, &names));
    }
    let bars = number(master, "preMeasure").unwrap_or(0.0).clamp(0.0, 64.0) as i64;
    sheet.drop_bars(bars);
    Ok(sheet)
}

/// Recorded audio, of which the file lies elsewhere.
fn recording(root: Node, audio: Node, names: &Names) -> Recording {
    let track = audio.parent().map(|track| track.tag_name().name()).unwrap_or_default();
    // What mixes `monoTrack` is called `monoUnit`.
    let unit = track.strip_suffix("Track").map(|track| format!("{track}Unit"));
    let unit = child(root, "mixer").zip(unit).and_then(|(mixer, name)| child(mixer, &name));
    let of_unit = |name| unit.and_then(|unit| number(unit, name));
    Recording {
        path: text(audio, "filePath").into(),
        tick: ticks(number(audio, names.tick).unwrap_or(0.0), QUARTER),
        skipped_ms: 0.0,
        gain_db: of_unit(names.volume).unwrap_or(0.0) / 10.0,
        pan: of_unit(names.pan).map_or(0.0, |pan| (pan - 64.0) / 64.0),
        mute: of_unit(names.mute) == Some(1.0),
    }
}

fn part(track: Node, names: &Names, budget: &Budget) -> Result<Part, BudgetError> {
    let mut part = Part { name: text(track, names.name).into(), ..Part::default() };
    for section in children(track, names.part) {
        let position = number(section, names.tick).unwrap_or(0.0);
        for note in children(section, "note") {
            let onset = position + number(note, names.tick).unwrap_or(-1e9);
            let fixed = child(note, names.fixed_phonemes).and_then(|node| node.attribute("lock"));
            if fixed == Some("1") {
                part.left_out.count(message!("left-out.typed-phonemes"));
            }
            let style = child(note, names.style);
            let length = style.and_then(|style| value(style, names, "vibLen")).unwrap_or(0.0);
            let note = PartNote {
                onset: ticks(onset, QUARTER),
                end: ticks(onset + number(note, names.duration).unwrap_or(0.0), QUARTER),
                pitch: number(note, names.key).map_or(-1, |key| key as i64),
                lyric: text(note, names.lyric).into(),
                pronunciation: None,
                language: None,
                vibrato: swing(length / 100.0, &mut part.left_out),
                articulation: note_velocity(number(note, names.velocity)),
                muted: false,
            };
            part.note(note, budget)?;
        }
        let length = number(section, "playTime").unwrap_or(0.0);
        let end = ticks(position + length, QUARTER);
        let (mut bends, mut ranges) = (Vec::new(), Vec::new());
        let mut drawn = Control::ALL.map(|control| (control, Vec::new()));
        for control in children(section, names.control) {
            let Some(tick) = number(control, names.tick) else { continue };
            let Some(entry) = children(control, names.value).next() else { continue };
            let Some(value) = entry.text().and_then(|text| text.trim().parse::<f64>().ok()) else { continue };
            let point = (ticks(position + tick, QUARTER), value);
            match entry.attribute("id").unwrap_or_default() {
                id if id == names.bend => bends.push(point),
                id if id == names.bend_range => ranges.push(point),
                id => match drawn.iter_mut().find(|(control, _)| control.names().contains(&id)) {
                    Some((control, steps)) => steps.push((point.0, control.value(value))),
                    None => part.left_out.count(message!(
                        "left-out.named-curve-points",
                        name = id.chars().take(8).collect::<String>()
                    )),
                },
            }
        }
        for (control, steps) in drawn {
            add_steps(&mut part, control.kind(), steps, end, budget)?;
        }
        add_bend(&mut part, &mut bends, &mut ranges, end, budget)?;
    }
    Ok(part)
}

fn value(style: Node, names: &Names, id: &str) -> Option<f64> {
    let entry = children(style, names.value).find(|entry| entry.attribute("id") == Some(id))?;
    entry.text()?.trim().parse().ok()
}

/// Bank and programme that a voice of the table is called by.
fn voice_place<'a>(voice: Node<'a, '_>, names: &Names) -> [&'a str; 2] {
    [text(voice, names.bank), text(voice, names.programme)]
}

/// The singer of the first part: its bank is the language.
fn find_voice(voices: &HashMap<[&str; 2], Node>, track: Node, names: &Names, part: &mut Part) {
    let singer = children(track, names.part).find_map(|section| child(section, "singer"));
    let Some(singer) = singer else { return };
    let named = |name, otherwise| {
        Some(text(singer, name)).filter(|text| !text.is_empty()).unwrap_or(text(singer, otherwise))
    };
    let wanted = [named(names.bank, "vBS"), named(names.programme, "vPC")];
    part.language = wanted[0].parse().ok().and_then(language);
    let voice = voices.get(&wanted);
    part.singer = voice.map(|&voice| text(voice, names.voice_name).into()).unwrap_or_default();
}

fn mix(units: &HashMap<&str, Node>, track: Node, names: &Names, part: &mut Part) {
    let Some(&unit) = units.get(text(track, names.track_number)) else { return };
    part.mute = number(unit, names.mute) == Some(1.0);
    part.solo = number(unit, names.solo) == Some(1.0);
    // Tenths of a decibel; 64 is the middle.
    part.gain_db = number(unit, names.volume).unwrap_or(0.0) / 10.0;
    part.pan = (number(unit, names.pan).unwrap_or(64.0) - 64.0) / 64.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_is_where_it_was_behind_the_bars_before_the_song() {
        for (root, tick, measure) in [("vsq4", "t", "m"), ("vsq3", "posTick", "posMes")] {
            let song = format!(
                "<{root}><mixer><monoUnit><m>1</m><s>0</s><mute>1</mute><pan>32</pan><vol>-60</vol></monoUnit>\
                </mixer><masterTrack><preMeasure>1</preMeasure><timeSig><{measure}>0</{measure}><nu>4</nu><de>4</de>\
                </timeSig></masterTrack><monoTrack><wavPart><{tick}>2880</{tick}><filePath>C:\\a.wav</filePath>\
                </wavPart></monoTrack></{root}>"
            );
            let sheet = read(song.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
            let expected = Recording {
                path: "C:\\a.wav".into(),
                tick: 1920,
                skipped_ms: 0.0,
                gain_db: -6.0,
                pan: -0.5,
                mute: true,
            };
            assert_eq!(sheet.recordings, [expected]);
        }
    }

    #[test]
    fn dynamics_are_loudness_in_both_versions() {
        let control = |version: u8, tick: i32, id: &str, value: i32| match version {
            3 => format!("<mCtrl><posTick>{tick}</posTick><attr id=\"{id}\">{value}</attr></mCtrl>"),
            _ => format!("<cc><t>{tick}</t><v id=\"{id}\">{value}</v></cc>"),
        };
        for (version, part, time, ids) in
            [(3, "musicalPart", "posTick", ["DYN", "BRE"]), (4, "vsPart", "t", ["D", "B"])]
        {
            let song = format!(
                "<vsq{version}><masterTrack/><vsTrack><{part}><{time}>0</{time}><playTime>1920</playTime>{}{}\
                </{part}></vsTrack></vsq{version}>",
                control(version, 480, ids[0], 127),
                control(version, 960, ids[1], 127)
            );
            let sheet = read(song.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
            let part = &sheet.parts[0];
            assert_eq!(part.curves["loudness"][1..3], [(960, 12.0), (3839, 12.0)]);
            assert_eq!(part.curves["breathiness"][1..3], [(1920, 1.0), (3839, 1.0)]);
            assert!(part.left_out.list().is_empty());
        }
    }
}
