//! Songs of other programs: real files, broken files, and files that mean harm.

use std::path::Path;

use encoding_rs::SHIFT_JIS;
use ziyin_interchange::*;
use ziyin_lyrics::Language;
use ziyin_score::*;

use crate::cases;

const DO_RE_MI: [&str; 8] = ["ど", "れ", "み", "ふぁ", "そ", "ら", "し", "ど"];
const C_MAJOR: [u8; 8] = [60, 62, 64, 65, 67, 69, 71, 72];

fn read(bytes: &[u8], name: &str) -> Imported {
    let imported =
        import_song(bytes, Path::new(name), &ImportOptions::default(), &Budget::default()).unwrap();
    assert_eq!(imported.project.check(), Ok(()));
    imported
}

fn refused(bytes: &[u8], name: &str) -> String {
    let error = import_song(bytes, Path::new(name), &ImportOptions::default(), &Budget::default())
        .unwrap_err()
        .to_string();
    assert!(error.lines().count() == 1 && error.len() < 400, "{error}");
    error
}

fn notes(track: &Track) -> Vec<(Tick, Tick, u8, &str)> {
    track.notes.iter().map(|n| (n.onset, n.length, n.pitch, n.lyric.as_str())).collect()
}

fn said(imported: &Imported) -> String {
    imported.report.warnings.iter().map(|w| format!("{w}\n")).collect()
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn the_scale_comes_in_from_every_program() {
    let folder = cases::folder("songs/projects");
    for (name, onset) in [
        ("generated__cevio.ccs", 0),
        ("generated__dv.dv", 0),
        ("generated__musicXml.musicxml", 0),
        ("generated__openutau.ustx", 0),
        ("generated__synthV.svp", 0),
        ("generated__utau.ust", 0),
        ("generated__vocaloid.mid", 0),
        ("generated__vpr.vpr", 0),
        ("generated__vsq.vsq", 0),
        ("openutau.ustx", 0),
        ("synthv.svp", 0),
        ("utau.ust", 0),
    ] {
        let path = folder.join(format!("testAssets__{name}"));
        let imported = open_song(&path, &ImportOptions::default(), &Budget::default()).unwrap();
        let project = &imported.project;
        assert_eq!(project.check(), Ok(()));
        assert_eq!(project.tracks.len(), 1, "{name}");
        let expected: Vec<_> = (0..)
            .zip(DO_RE_MI)
            .zip(C_MAJOR)
            .map(|((i, lyric), key)| (onset + i * 960, 960, key, lyric))
            .collect();
        assert_eq!(notes(&project.tracks[0]), expected, "{name}: {}", said(&imported));
        assert_eq!(project.tempo, TempoMap::constant(Tempo::BPM_120), "{name}");
        assert_eq!(project.meter, MeterMap::default(), "{name}");
    }
    // VoiSona writes katakana.
    let imported =
        open_song(&folder.join("testAssets__voisona.tssln"), &ImportOptions::default(), &Budget::default())
            .unwrap();
    let track = &imported.project.tracks[0];
    assert_eq!(notes(track)[0], (0, 960, 60, "ド"));
    assert_eq!(
        (notes(track).len(), track.language, track.name.as_str()),
        (8, Some(Language::Japanese), "Singer1")
    );
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn what_real_files_hold_beside_notes_is_carried_or_told() {
    let folder = cases::folder("songs/projects");
    let open = |name: &str| {
        open_song(&folder.join(format!("testAssets__{name}")), &ImportOptions::default(), &Budget::default())
            .unwrap()
    };
    // Eight notes at one place: a file that another converter spoilt.
    let spoilt = open("generated__vsqx.vsqx");
    assert_eq!(notes(&spoilt.project.tracks[0]), [(480, 960, 69, "ど")]);
    assert!(said(&spoilt).contains("7 notes that begin together"), "{}", said(&spoilt));
    assert!(said(&spoilt).contains("VY2V3"), "{}", said(&spoilt));
    let tracks = open("10tracks.svp").project.tracks;
    assert_eq!(
        tracks.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
    );
    assert_eq!(tracks[0].language, Some(Language::Japanese));
    let aliases = open("tsukuyomi_vcv.ust");
    assert_eq!(aliases.project.tracks[0].notes.len(), 8, "the rest at the end is no note");
    assert_eq!(aliases.project.tracks[0].notes[2].lyric, "e み_D#4");
    assert!(said(&aliases).contains("envelopes (8)"), "{}", said(&aliases));
    assert_eq!(aliases.report.encoding, Some("Shift_JIS"));
    assert_eq!(open("breath.ust").project.tracks[0].notes.len(), 4);
}

#[test]
fn a_ust_in_shift_jis_brings_tempo_changes_and_vibrato() {
    let text = "[#VERSION]\r\nUST Version1.2\r\n[#SETTING]\r\nTempo=90,00\r\nProjectName=さくら\r\nVoiceDir=%VOICE%音源\r\n\
        [#0000]\r\nLength=480\r\nLyric=R\r\nNoteNum=60\r\n\
        [#0001]\r\nLength=240\r\nLyric=さ\r\nNoteNum=69\r\nTempo=180\r\nVBR=65,180,35,20,20,0,0\r\nIntensity=80\r\n\
        [#0002]\r\nLength=240\r\nLyric=く\r\nNoteNum=200\r\n[#TRACKEND]\r\n";
    let imported = read(&SHIFT_JIS.encode(text).0, "a.ust");
    assert_eq!(imported.report.encoding, Some("Shift_JIS"));
    let project = &imported.project;
    assert_eq!(project.title, "さくら");
    let tempos: Vec<_> = project.tempo.changes().iter().map(|c| (c.tick, c.tempo.bpm().round())).collect();
    assert_eq!(tempos, [(0, 90.0), (960, 180.0)]);
    let track = &project.tracks[0];
    assert_eq!((notes(track), track.language), (vec![(960, 480, 69, "さ")], Some(Language::Japanese)));
    let vibrato = track.notes[0].vibrato.unwrap();
    assert_eq!((vibrato.depth_cents, vibrato.period_ms, vibrato.onset), (35.0, 180.0, 0.35));
    for told in ["intensities (1)", "1 note has no length", "音源"] {
        assert!(said(&imported).contains(told), "{}", said(&imported));
    }
}

const USTX: &str = r#"
name: Song
ustx_version: "0.6"
resolution: 480
time_signatures:
- {bar_position: 0, beat_per_bar: 3, beat_unit: 4}
- {bar_position: 2, beat_per_bar: 4, beat_unit: 4}
tempos:
- {position: 0, bpm: 100}
- {position: 1440, bpm: 150}
tracks:
- phonemizer: OpenUtau.Plugin.Builtin.ChineseCVVCPhonemizer
  track_name: 主唱
  volume: -3.5
  pan: 50
  mute: true
- phonemizer: OpenUtau.Plugin.Builtin.KoreanCVVCPhonemizer
voice_parts:
- name: part
  track_no: 0
  position: 480
  notes:
  - position: 0
    duration: 480
    tone: 60
    lyric: 好 [h ao]
    pitch: {data: [{x: -40, y: 0, shape: io}, {x: 0, y: 3, shape: io}, {x: 40, y: 0, shape: io}]}
    vibrato: {length: 50, period: 200, depth: 30, in: 10, out: 10, shift: 0, drift: 0}
  - {position: 480, duration: 240, tone: 62, lyric: no, vibrato: {length: 0}}
  curves:
  - {xs: [0, 5, 10], ys: [0, 100, 50], abbr: pitd}
  - {xs: [0, 480], ys: [-60, -60], abbr: dyn}
  - {xs: [0], ys: [5], abbr: shfc}
- track_no: 1
  position: 0
  notes: [{position: 0, duration: 480, tone: 60, lyric: 달}]
wave_parts:
- {file_path: backing.wav}
"#;

#[test]
fn ustx_brings_curves_mix_and_languages() {
    let imported = read(USTX.as_bytes(), "song.ustx");
    let project = &imported.project;
    let [lead, second] = &project.tracks[..] else { panic!("{project:?}") };
    assert_eq!(notes(lead), [(960, 960, 60, "好"), (1920, 480, 62, "no")]);
    assert_eq!((lead.name.as_str(), lead.gain_db, lead.pan, lead.mute), ("主唱", -3.5, 0.5, true));
    assert_eq!((lead.language, second.language), (Some(Language::Mandarin), Some(Language::Korean)));
    assert_eq!(lead.notes[0].vibrato, Some(Vibrato::new(30.0, 200.0, 0.5)));
    assert_eq!(
        (lead.notes[1].vibrato, lead.curves.pitch.at(970.0), lead.curves.pitch.at(990.0)),
        (None, 100.0, 0.0)
    );
    assert_eq!((lead.curves.loudness.at(1500.0), lead.curves.loudness.at(3000.0)), (-6.0, 0.0));
    assert_eq!(project.meter.at(2 * 2880), TimeSignature::COMMON);
    assert_eq!(project.tempo.tempo_at(2880).bpm(), 150.0);
    for told in ["drawn pitch bends (1)", "phonetic hints (1)", "“shfc” curves (1)", "1 audio part was"] {
        assert!(said(&imported).contains(told), "{}", said(&imported));
    }
}

#[test]
fn backing_audio_comes_along_where_the_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.wav"), "sound").unwrap();
    let ustx = USTX.replace(
        "- {file_path: backing.wav}",
        "- {relative_path: a.wav, track_no: 0, position: 480, skip_ms: 100}\n- {relative_path: b.wav}",
    );
    let svp = r#"{"time": {"meter": [], "tempo": [{"position": 0, "bpm": 100}]}, "library": [], "tracks": [{
        "name": "drums", "mixer": {"gainDecibel": -3.5, "pan": 0.5, "mute": true}, "mainGroup": {"notes": []},
        "mainRef": {"isInstrumental": true, "blickOffset": 705600000, "audio": {"filename": "a.wav"}}}]}"#;
    for (name, text, offset_us) in [("song.ustx", ustx.as_str(), 500_000), ("song.svp", svp, 600_000)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let imported = open_song(&path, &ImportOptions::default(), &Budget::default()).unwrap();
        let expected = Backing {
            gain_db: -3.5,
            pan: 0.5,
            offset_us,
            mute: true,
            ..Backing::new(folder.path().join("a.wav").to_string_lossy())
        };
        assert_eq!(imported.project.backings, [expected]);
        assert_eq!(said(&imported).contains("1 audio part was left out"), name == "song.ustx");
    }
}

#[test]
fn a_ustx_that_breaks_off_gives_what_came_before() {
    let end = USTX.find("  - {position: 480").unwrap() + 10;
    let imported = read(&USTX.as_bytes()[..end], "song.ustx");
    assert_eq!(imported.project.tracks[0].notes.len(), 1);
    assert!(said(&imported).contains("cannot be read from line"), "{}", said(&imported));
}

#[test]
fn svp_groups_stand_where_the_track_refers_to_them() {
    let blicks = 705_600_000u64;
    let note = |onset: u64, pitch: u8, lyric: &str| {
        format!(
            r#"{{"onset":{onset},"duration":{blicks},"lyrics":"{lyric}","pitch":{pitch},"attributes":{{"dF0Vbr":0.8,"fF0Vbr":5,"tF0VbrStart":0.25}},"detune":0}}"#
        )
    };
    let song = format!(
        r#"{{"version":113,"time":{{"meter":[{{"index":0,"numerator":3,"denominator":4}}],"tempo":[{{"position":0,"bpm":60}}]}},
        "library":[{{"uuid":"g","notes":[{}],"parameters":{{"pitchDelta":{{"mode":"linear","points":[0,0,{blicks},100]}},"gender":{{"points":[0,1]}}}}}}],
        "tracks":[{{"name":"t","dispColor":"ff102030","mixer":{{"gainDecibel":-6,"pan":-0.5,"mute":false,"solo":true}},
        "mainGroup":{{"notes":[{}]}},"mainRef":{{"database":{{"language":"mandarin","name":"X"}}}},
        "groups":[{{"groupID":"g","blickOffset":{},"pitchOffset":12}},{{"groupID":"lost"}}]}}]}}"#,
        note(0, 60, "好"),
        note(0, 65, "你"),
        4 * blicks
    );
    let imported = read(format!("{song}\0").as_bytes(), "a.json");
    let track = &imported.project.tracks[0];
    assert_eq!(notes(track), [(0, 960, 65, "你"), (3840, 960, 72, "好")]);
    assert_eq!(track.notes[0].vibrato, Some(Vibrato::new(40.0, 200.0, 0.25)));
    assert_eq!((track.curves.pitch.at(3840.0), track.curves.pitch.at(4320.0)), (0.0, 50.0));
    assert_eq!(
        (track.gain_db, track.pan, track.solo, track.colour),
        (-6.0, -0.5, true, Colour([16, 32, 48]))
    );
    assert_eq!(track.language, Some(Language::Mandarin));
    for told in ["“gender” curves (1)", "groups that the file does not hold (1)"] {
        assert!(said(&imported).contains(told), "{}", said(&imported));
    }
}

#[test]
fn vsqx_bends_and_bars_before_the_song_are_understood() {
    let song = |root: &str, names: [&str; 10]| {
        let [tick, part, duration, key, lyric, control, value, bend, range, signature] = names;
        format!(
            r#"<{root} xmlns="x"><masterTrack><preMeasure>1</preMeasure>{signature}
            <tempo><{tick}>0</{tick}>{}</tempo></masterTrack>
            <vsTrack><{part}><{tick}>1440</{tick}><playTime>4800</playTime>
            <note><{tick}>480</{tick}><{duration}>480</{duration}><{key}>60</{key}><{lyric}><![CDATA[か]]></{lyric}></note>
            <{control}><{tick}>480</{tick}><{value} id="{range}">12</{value}></{control}>
            <{control}><{tick}>600</{tick}><{value} id="{bend}">4096</{value}></{control}>
            <{control}><{tick}>720</{tick}><{value} id="{bend}">0</{value}></{control}>
            <{control}><{tick}>720</{tick}><{value} id="GEN">9</{value}></{control}>
            </{part}></vsTrack></{root}>"#,
            if root == "vsq3" { "<bpm>9000</bpm>" } else { "<v>9000</v>" },
        )
    };
    let three = song(
        "vsq3",
        [
            "posTick",
            "musicalPart",
            "durTick",
            "noteNum",
            "lyric",
            "mCtrl",
            "attr",
            "PIT",
            "PBS",
            "<timeSig><posMes>0</posMes><nume>3</nume><denomi>4</denomi></timeSig>",
        ],
    );
    let four = song(
        "vsq4",
        [
            "t",
            "vsPart",
            "dur",
            "n",
            "y",
            "cc",
            "v",
            "P",
            "S",
            "<timeSig><m>0</m><nu>3</nu><de>4</de></timeSig>",
        ],
    );
    for text in [three, four] {
        let imported = read(text.as_bytes(), "a.vsqx");
        let track = &imported.project.tracks[0];
        assert_eq!(notes(track), [(960, 960, 60, "か")], "{text}");
        assert_eq!(imported.project.tempo.tempo_at(0).bpm().round(), 90.0);
        assert_eq!(
            [1199.0, 1200.0, 1439.0, 1440.0].map(|t| track.curves.pitch.at(t)),
            [0.0, 600.0, 600.0, 0.0]
        );
        assert!(said(&imported).contains("“GEN” curve points (1)"), "{}", said(&imported));
    }
}

fn musicxml(notes: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
        <score-partwise><work><work-title>Air</work-title></work>
        <part-list><score-part id="P1"><part-name>Soprano</part-name></score-part></part-list>
        <part id="P1"><measure><attributes><divisions>2</divisions><time><beats>3</beats><beat-type>4</beat-type></time></attributes>
        <direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>60</per-minute></metronome></direction-type></direction>
        {notes}</measure></part></score-partwise>"#
    )
}

fn xml_note(step: &str, duration: u8, rest: &str) -> String {
    format!(
        "<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>{duration}</duration>{rest}</note>"
    )
}

#[test]
fn musicxml_ties_melismas_voices_and_verses() {
    let lyric =
        |text: &str| format!("<lyric><text>{text}</text></lyric><lyric number=\"2\"><text>x</text></lyric>");
    let score = musicxml(
        &[
            xml_note("C", 2, &format!("<tie type=\"start\"/>{}", lyric("好"))),
            xml_note("C", 1, "<tie type=\"stop\"/>"),
            xml_note("D", 1, ""),
            "<note><grace/><pitch><step>E</step><octave>4</octave></pitch></note>".into(),
            xml_note("E", 2, &lyric("美")),
            "<backup><duration>6</duration></backup>".into(),
            xml_note("G", 6, "<voice>2</voice>"),
            "</measure><measure><barline><repeat direction=\"backward\"/></barline>".into(),
            xml_note("F", 6, &lyric("丽")),
        ]
        .concat(),
    );
    let imported = read(score.as_bytes(), "a.xml");
    let project = &imported.project;
    assert_eq!((project.title.as_str(), project.tempo.tempo_at(0).bpm().round()), ("Air", 90.0));
    assert_eq!(
        notes(&project.tracks[0]),
        [
            (0, 1440, 60, "好"),
            (1440, 480, 62, "-"),
            (1920, 960, 64, "美"),
            (2880, 2880, 65, "丽"),
            // Repeated with the second verse.
            (5760, 1440, 60, "x"),
            (7200, 480, 62, "-"),
            (7680, 960, 64, "x"),
            (8640, 2880, 65, "x"),
        ]
    );
    assert_eq!(
        (project.tracks[1].name.as_str(), notes(&project.tracks[1])),
        ("Soprano voice 2", vec![(0, 2880, 67, ""), (5760, 2880, 67, "")])
    );
    for told in ["grace notes (2)", "repeats are unfolded: 2 bars become 4"] {
        assert!(said(&imported).contains(told), "{}", said(&imported));
    }
}

/// A zip archive with one file, deflated.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives_are_unpacked_and_bombs_refused() {
    let score = musicxml(&xml_note("C", 2, "<lyric><text>好</text></lyric>"));
    let packed = zip("score.musicxml", score.as_bytes());
    assert_eq!(notes(&read(&packed, "a.mxl").project.tracks[0]), [(0, 960, 60, "好")]);
    let bomb = zip("Project/sequence.json", &vec![b' '; 70 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert!(refused(&bomb, "a.vpr").contains("too large"));
    assert!(refused(&packed[..packed.len() - 30], "a.mxl").contains("no directory"));
}

#[test]
fn entities_that_explode_are_refused() {
    let laughs: String =
        (1..12).map(|i| format!("<!ENTITY l{i} \"{}\">", format!("&l{};", i - 1).repeat(10))).collect();
    let bomb = format!(
        "<!DOCTYPE score-partwise [<!ENTITY l0 \"ha\">{laughs}]><score-partwise><part><measure>&l11;</measure></part></score-partwise>"
    );
    refused(bomb.as_bytes(), "a.musicxml");
}

#[test]
fn what_is_not_read_is_named_in_a_sentence() {
    for (name, bytes, told) in [
        ("a.s5p", &b"{}"[..], "svp"),
        ("a.ppsf", b"PK", "Piapro"),
        ("a.mscz", b"PK\x03\x04", "MusicXML"),
        ("a.ustx", b"\xff\xfe\x00", "USTX"),
        ("a.svp", b"{\"tracks\":", "SVP"),
        ("a.vsqx", b"<vsq4>", "VSQX"),
        ("a.ccs", b"<Scenario/>", "CeVIO"),
        ("a.tssln", b"TSSolution\0\x04\xff\xff\xff\xff", "VoiSona"),
        ("a.dv", b"SHARPKEY", "DeepVocal"),
        ("a.ust", b"hello", "UST"),
        ("a.txt", b"hello", "no song"),
        ("a", b"", "no song"),
    ] {
        let error = refused(bytes, name);
        assert!(error.contains(told), "{name}: {error}");
    }
}

/// A score of several parts, each with its measures.
fn score(parts: &[(&str, &[&str])]) -> String {
    let list: String = (0..parts.len())
        .map(|i| format!(r#"<score-part id="P{i}"><part-name>{}</part-name></score-part>"#, parts[i].0))
        .collect();
    let music: String = parts
        .iter()
        .enumerate()
        .map(|(i, (_, measures))| {
            let measures: String = measures.iter().map(|m| format!("<measure>{m}</measure>")).collect();
            format!(r#"<part id="P{i}">{measures}</part>"#)
        })
        .collect();
    let score = format!("<score-partwise><part-list>{list}</part-list>{music}</score-partwise>");
    // A pickup says so of itself.
    score.replace("<measure><!--pickup-->", r#"<measure implicit="yes">"#)
}

const QUARTERS: &str =
    "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>";

fn word(text: &str) -> String {
    format!("<lyric><text>{text}</text></lyric>")
}

fn onsets(track: &Track) -> Vec<Tick> {
    track.notes.iter().map(|note| note.onset).collect()
}

#[test]
fn bars_of_all_parts_begin_together() {
    let rest = |duration: u8| format!("<note><rest/><duration>{duration}</duration></note>");
    let first = format!("{QUARTERS}{}{}", xml_note("C", 4, &word("山")), rest(4));
    let (last, plain) = (xml_note("D", 4, &word("水")), format!("{QUARTERS}{}", xml_note("C", 4, "")));
    let bar = xml_note("E", 4, "");
    let text = score(&[("Voice", &[&first, "", &last]), ("Piano", &[&plain, &bar, &bar])]);
    let imported = read(text.as_bytes(), "a.xml");
    assert_eq!(onsets(&imported.project.tracks[0]), [0, 7680]);
    assert_eq!(onsets(&imported.project.tracks[1]), [0, 3840, 7680]);
    // A bar that nobody writes into, and one that is longer than its signature.
    let long = format!("{QUARTERS}{}", xml_note("C", 5, ""));
    let text = score(&[("Voice", &[&long, "", &bar])]);
    let imported = read(text.as_bytes(), "a.xml");
    assert_eq!(onsets(&imported.project.tracks[0]), [0, 8640]);
    assert_eq!(imported.project.meter.bar_beat(4800).beat, 1);
}

#[test]
fn a_bar_begins_where_a_pickup_ends_and_durations_are_rounded_once() {
    let pickup = format!("<!--pickup-->{QUARTERS}{}", xml_note("G", 1, &word("石")));
    let bar = xml_note("C", 4, &word("木"));
    let imported = read(score(&[("Voice", &[&pickup, &bar])]).as_bytes(), "a.xml");
    assert_eq!(onsets(&imported.project.tracks[0]), [0, 960]);
    assert_eq!(imported.project.meter.bar_beat(960), BarBeat { bar: 1, beat: 1, tick: 0 });
    let sevenths = QUARTERS.replace("<divisions>1", "<divisions>7").replace("<beats>4", "<beats>3+2");
    let bars = vec![xml_note("C", 4, "").repeat(35 / 4 + 1); 20];
    let bars: Vec<String> =
        std::iter::once(format!("{sevenths}{}", bars[0])).chain(bars[1..].to_vec()).collect();
    let bars: Vec<&str> = bars.iter().map(String::as_str).collect();
    let imported = read(score(&[("Voice", &bars)]).as_bytes(), "a.xml");
    assert_eq!(imported.project.meter.at(0), TimeSignature { beats: 5, unit: 4 });
    for (i, onset) in (0..).zip(onsets(&imported.project.tracks[0])) {
        assert_eq!(onset, (f64::from(i * 4 * 960) / 7.0).round() as Tick);
    }
}

#[test]
fn words_belong_to_chords_graces_and_their_verse() {
    let chord = |step: &str, duration: u8| xml_note(step, duration, "").replace("<note>", "<note><chord/>");
    let verse = |number: u8, text: &str| format!("<lyric number=\"{number}\"><text>{text}</text></lyric>");
    let grace = xml_note("B", 0, &word("花")).replace("<note>", "<note><grace/>");
    let measure = [
        QUARTERS,
        &xml_note("C", 2, &verse(1, "1. 山")),
        &chord("E", 1),
        &xml_note("D", 1, &verse(2, "2.水")),
        &grace,
        &xml_note("F", 1, ""),
        &xml_note("G", 1, &format!("{}{}", verse(1, "鸟"), verse(2, "风"))),
        &xml_note("A", 1, &verse(2, "云")),
    ]
    .concat();
    let imported = read(score(&[("Voice", &[&measure])]).as_bytes(), "a.xml");
    let found = notes(&imported.project.tracks[0]);
    let sung: Vec<_> = found.iter().map(|&(onset, _, pitch, lyric)| (onset, pitch, lyric)).collect();
    let expected = [(0, 64, "山"), (1920, 62, "-"), (2880, 65, "花"), (3840, 67, "鸟"), (4800, 69, "云")];
    assert_eq!(sung, expected, "{}", said(&imported));
}

#[test]
fn parts_of_english_words_keep_together_in_scores() {
    let part = |syllabic: &str, text: &str| {
        format!("<lyric><syllabic>{syllabic}</syllabic><text>{text}</text></lyric>")
    };
    let sung = |words: [(&str, &str); 4]| {
        let notes = words.map(|(syllabic, text)| xml_note("C", 1, &part(syllabic, text))).concat();
        let imported = read(musicxml(&notes).as_bytes(), "a.xml");
        let track = &imported.project.tracks[0];
        track.notes.iter().map(|note| note.lyric.clone()).collect::<Vec<_>>()
    };
    let english = sung([("begin", "hap"), ("end", "py"), ("single", "birth"), ("single", "days")]);
    assert_eq!(english, ["hap-", "py", "birth", "days"]);
    let pinyin = sung([("begin", "mo"), ("middle", "li"), ("end", "hua"), ("single", "xiang")]);
    assert_eq!(pinyin, ["mo", "li", "hua", "xiang"]);
}

#[test]
fn voices_of_two_staves_are_two_unless_one_moves() {
    let on_staff =
        |step: &str, staff: u8| xml_note(step, 2, &format!("<voice>1</voice><staff>{staff}</staff>"));
    let back = "<backup><duration>2</duration></backup>";
    let both = format!("{QUARTERS}{}{back}{}", on_staff("C", 1), on_staff("E", 2));
    assert_eq!(read(score(&[("Piano", &[&both])]).as_bytes(), "a.xml").project.tracks.len(), 2);
    let moving = format!("{QUARTERS}{}{}", on_staff("C", 1), on_staff("E", 2));
    assert_eq!(read(score(&[("Piano", &[&moving])]).as_bytes(), "a.xml").project.tracks.len(), 1);
}

#[test]
fn marks_of_every_part_count_and_what_is_left_out_is_told_of_its_own() {
    let mark = |number: &str| {
        format!(
            "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>{number}</per-minute>\
             </metronome></direction-type></direction>"
        )
    };
    let words = "<direction><direction-type><words>Adagio (♩ = 50)</words></direction-type></direction>";
    let bar = xml_note("C", 4, "");
    let voice = format!("{QUARTERS}{bar}");
    let piano = [format!("{QUARTERS}{}{bar}", mark("c. 72")), format!("{words}{bar}")];
    let drums = format!("{QUARTERS}<note><unpitched/><duration>4</duration></note><sound dacapo=\"yes\"/>");
    let parts: [(&str, &[&str]); 3] =
        [("Voice", &[&voice, &bar]), ("Piano", &[&piano[0], &piano[1]]), ("Drums", &[&drums])];
    let imported = read(score(&parts).as_bytes(), "a.xml");
    let tempos: Vec<_> =
        imported.project.tempo.changes().iter().map(|c| (c.tick, c.tempo.bpm().round())).collect();
    // The first bar is played once more, before the music goes on.
    assert_eq!(tempos, [(0, 72.0), (7680, 50.0)]);
    let told = ["the part “Drums” has nothing to sing: notes without pitch (2)", "2 bars become 3"];
    assert!(told.iter().all(|told| said(&imported).contains(told)), "{}", said(&imported));
    let options = ImportOptions { no_repeats: true, ..ImportOptions::default() };
    let once = import_song(score(&parts).as_bytes(), Path::new("a.xml"), &options, &Budget::default());
    let once = once.unwrap();
    assert_eq!(once.project.tempo.changes()[1].tick, 3840);
    assert!(said(&once).contains("repeats are not unfolded"), "{}", said(&once));
}

#[test]
fn bytes_decide_whether_a_text_is_utf_16() {
    let head = r#"<?xml version="1.0" encoding="UTF-16"?>"#;
    let text =
        format!("{head}{}", score(&[("Voice", &[&format!("{QUARTERS}{}", xml_note("C", 4, &word("山")))])]));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), &wide] {
        assert_eq!(read(bytes, "a.musicxml").project.tracks[0].notes[0].lyric, "山");
    }
}

#[test]
fn ust_2_its_charset_and_the_ends_of_its_lines() {
    let lines = "[#VERSION]\nUST Version2.0\nCharset=GBK\n[#SETTING]\nTempo=500000\nTimeSignatures=(3/4/0),(4/4/2),\n\
        [#0000]\nLength=960\nDuration=480\nDelta=0\nLyric=石\nNoteNum=60\nTempo=150\n\
        [#0001]\nLength=480\nDuration=480\nDelta=1440\nLyric=木\nNoteNum=62\n[#TRACKEND]\n";
    for end in ["\n", "\r\n", "\r"] {
        let (bytes, ..) = encoding_rs::GBK.encode(lines);
        let text: Vec<u8> = bytes.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(end.as_bytes());
        let imported = read(&text, "a.ust");
        assert_eq!(notes(&imported.project.tracks[0]), [(0, 960, 60, "石"), (2880, 960, 62, "木")]);
        assert_eq!(imported.project.tempo.tempo_at(0).bpm(), 150.0);
        assert_eq!(imported.project.meter.at(2 * 2880), TimeSignature::COMMON);
    }
}

#[test]
fn ustx_tunings_slurs_and_aliases() {
    let text = USTX
        .replace("\"0.6\"", "\"0.4\"")
        .replace("lyric: no, vibrato: {length: 0}", "lyric: '...', tuning: -30, vibrato: *v")
        .replace("    vibrato: {length: 50", "    vibrato: &v {length: 50");
    let imported = read(text.as_bytes(), "a.ustx");
    let track = &imported.project.tracks[0];
    assert_eq!(track.notes[1].lyric, "-");
    assert_eq!(track.notes[1].vibrato, track.notes[0].vibrato);
    assert_eq!([1900.0, 1920.0, 2399.0, 2400.0].map(|t| track.curves.pitch.at(t)), [0.0, -30.0, -30.0, 0.0]);
}

#[test]
fn svp_groups_keep_their_curves_and_what_the_panel_adds_is_added() {
    let note = |onset: u64, lyric: &str| {
        format!(r#"{{"onset":{onset},"duration":705600000,"lyrics":"{lyric}","pitch":60}}"#)
    };
    let song = format!(
        r#"{{"time":{{"meter":[],"tempo":[{{"position":0,"bpm":60}}]}},
        "library":[{{"uuid":"g","notes":[{0}],"parameters":{{"pitchDelta":{{"mode":"linear","points":[0,-100]}}}}}}],
        "tracks":[{{"mainGroup":{{"notes":[{0},{1}],"parameters":{{"pitchDelta":{{"mode":"linear","points":[0,20]}}}}}},
        "mainRef":{{"voice":{{"paramLoudness":-6,"paramTension":0.5}}}},
        "groups":[{{"groupID":"g","blickOffset":2822400000,"voice":{{"paramTension":0.25}}}},{{"groupID":"g","mute":true}}]}}]}}"#,
        note(0, ""),
        note(5_644_800_000, "花")
    );
    let imported = read(song.as_bytes(), "a.svp");
    let track = &imported.project.tracks[0];
    assert_eq!(notes(track), [(0, 960, 60, "la"), (3840, 960, 60, "la"), (7680, 960, 60, "花")]);
    assert_eq!([0.0, 4000.0, 8000.0].map(|t| track.curves.pitch.at(t)), [20.0, -80.0, 20.0]);
    assert_eq!([0.0, 4000.0, 8000.0].map(|t| track.curves.tension.at(t)), [0.5, 0.25, 0.5]);
    assert_eq!(track.curves.loudness.at(4000.0), -6.0);
    assert!(said(&imported).contains("muted groups (1)"), "{}", said(&imported));
}

#[test]
fn a_timewise_score_is_the_same_song() {
    let bars = [format!("{QUARTERS}{}", xml_note("C", 4, &word("山"))), xml_note("D", 4, &word("水"))];
    let partwise = score(&[("Voice", &[&bars[0], &bars[1]])]);
    let timewise = "<score-timewise><part-list><score-part id='P0'><part-name>Voice</part-name></score-part>\
        </part-list>"
        .to_string()
        + &bars.map(|bar| format!("<measure><part id='P0'>{bar}</part></measure>")).concat()
        + "</score-timewise>";
    let [one, other] = [partwise, timewise].map(|text| read(text.as_bytes(), "a.xml").project);
    assert_eq!(one, other);
}

#[test]
fn pickups_without_a_mark_rounded_durations_and_ties_that_are_drawn() {
    // A bar 0 is a pickup though a part rests through it.
    let rest = r#"<note><rest measure="yes"/><duration>4</duration></note>"#;
    let bar = xml_note("C", 4, "");
    let text = score(&[
        ("Voice", &[&format!("{QUARTERS}{}", xml_note("C", 1, "")), &bar]),
        ("Piano", &[&format!("{QUARTERS}{rest}"), &bar]),
    ]);
    let text = text.replace("<measure>", "<measure number='0'>");
    let imported = read(text.as_bytes(), "a.xml");
    assert_eq!(onsets(&imported.project.tracks[0]), [0, 960]);
    // Seven notes of a bar of 96 units, rounded to tenths; then one that is tied by its drawing.
    let head = QUARTERS.replace("<divisions>1<", "<divisions>24<");
    let seven: String = (0..7).map(|_| xml_note("C", 14, &word("la"))).collect();
    let tied = xml_note("C", 96, "<notations><tied type='stop'/></notations>");
    let text = score(&[("Voice", &[&format!("{head}{seven}"), &tied])]);
    let track = read(text.replace(">14<", ">13.7<").as_bytes(), "a.xml").project.tracks.remove(0);
    assert_eq!(track.notes.len(), 7);
    assert_eq!(track.notes[6].end(), 7680);
}

#[test]
fn voices_without_a_number_graces_without_a_sign_and_quarter_tones() {
    let grace = xml_note("E", 0, &word("水"));
    let back = "<backup><duration>4</duration></backup>";
    let upper = xml_note("C", 3, &word("山"));
    let sharp = xml_note("D", 1, "").replace("</step>", "</step><alter>0.5</alter>");
    let text =
        score(&[("Voice", &[&format!("{QUARTERS}{upper}{grace}{sharp}{back}{}", xml_note("A", 4, ""))])]);
    let tracks = read(text.as_bytes(), "a.xml").project.tracks;
    assert_eq!(tracks.len(), 2);
    let lyrics: Vec<&str> = tracks[0].notes.iter().map(|note| note.lyric.as_str()).collect();
    assert_eq!(lyrics, ["山", "水"]);
    let key = f32::from(tracks[0].notes[1].pitch) + tracks[0].curves.pitch.at(3000.0) / 100.0;
    assert_eq!(key, f32::from(tracks[0].notes[0].pitch) + 2.5);
    assert_eq!(tracks[0].curves.pitch.at(100.0), 0.0);
}

#[test]
fn a_tempo_may_be_said_by_the_one_before() {
    let mark = |inside: &str| {
        format!("<direction><direction-type><metronome>{inside}</metronome></direction-type></direction>")
    };
    let first = mark("<beat-unit>quarter</beat-unit><per-minute>90</per-minute>");
    let then = mark("<beat-unit>quarter</beat-unit><beat-unit-dot/><beat-unit>quarter</beat-unit>");
    let bar = xml_note("C", 4, "");
    let text = score(&[("Voice", &[&format!("{QUARTERS}{first}{bar}"), &format!("{then}{bar}")])]);
    let tempo = read(text.as_bytes(), "a.xml").project.tempo;
    assert_eq!(tempo.tempo_at(3840).bpm().round(), 60.0);
}

#[test]
fn texts_that_say_another_encoding_than_theirs_are_read() {
    let body = score(&[("Voice", &[&format!("{QUARTERS}{}", xml_note("C", 4, &word("我的爱")))])]);
    let (gbk, ..) = encoding_rs::GBK.encode(&body);
    let told = [("UTF-8", gbk.into_owned()), ("ISO-8859-1", body.clone().into_bytes())];
    for (says, bytes) in told {
        let text = [format!("<?xml version=\"1.0\" encoding=\"{says}\"?>").into_bytes(), bytes].concat();
        assert_eq!(read(&text, "a.musicxml").project.tracks[0].notes[0].lyric, "我的爱", "{says}");
    }
    let ust =
        "[#SETTING]\r\nTempo=120\r\n[#0000]\r\nLength=480\r\nLyric=桜の\r\nNoteNum=60\r\n[#TRACKEND]\r\n";
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(ust.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (japanese, ..) = SHIFT_JIS.encode(ust);
    let lies = [b"[#VERSION]\r\nCharset=UTF-8\r\n", &*japanese].concat();
    for bytes in [wide, lies, japanese.into_owned()] {
        assert_eq!(read(&bytes, "a.ust").project.tracks[0].notes[0].lyric, "桜の");
    }
}

#[test]
fn what_is_drawn_beyond_a_part_of_a_ustx_is_not_heard() {
    let song = "ustx_version: \"0.6\"\ntracks: [{track_name: a}]\nvoice_parts:\n\
        - {track_no: 0, position: 0, duration: 480, notes: [{position: 0, duration: 480, tone: 60, lyric: a}],\n\
        \x20  curves: [{abbr: dyn, xs: [0, 960], ys: [-60, -60]}]}\n\
        - {track_no: 0, position: 480, duration: 480, notes: [{position: 0, duration: 480, tone: 60, lyric: a}]}\n";
    let track = read(format!("name: a\n{song}").as_bytes(), "a.ustx").project.tracks.remove(0);
    assert_eq!([480.0, 1200.0].map(|tick| track.curves.loudness.at(tick)), [-6.0, 0.0]);
}

#[test]
fn svp_groups_that_interleave_keep_their_curves_and_muted_notes_are_silent() {
    let note = |onset: u64, more: &str| {
        format!(r#"{{"onset":{},"duration":705600000,"lyrics":"a","pitch":60{more}}}"#, onset * 705_600_000)
    };
    let group = |name: &str, cents: i32, notes: &[String]| {
        format!(
            r#"{{"uuid":"{name}","notes":[{}],"parameters":{{"pitchDelta":{{"mode":"linear","points":[0,{cents}]}}}}}}"#,
            notes.join(",")
        )
    };
    let outer = group("outer", -100, &[note(0, ""), note(8, "")]);
    let inner = group("inner", 50, &[note(2, ""), note(3, r#","attributes":{"muted":true}"#)]);
    let main = note(5, r#","detune":25"#);
    let song = format!(
        r#"{{"time":{{"meter":[],"tempo":[]}},"library":[{outer},{inner}],"tracks":[{{"mainGroup":{{"notes":[{main}]}},
        "mainRef":{{"voice":{{"dF0Vbr":0.5,"fF0Vbr":5.0}}}},
        "groups":[{{"groupID":"outer"}},{{"groupID":"inner"}}]}}]}}"#
    );
    let imported = read(song.as_bytes(), "a.svp");
    let track = &imported.project.tracks[0];
    assert_eq!(onsets(track), [0, 1920, 2880, 4800, 7680]);
    assert!(track.notes.iter().map(|note| note.muted).eq([false, false, true, false, false]));
    let cents = [500.0, 2400.0, 5000.0, 8000.0].map(|tick| track.curves.pitch.at(tick));
    assert_eq!(cents, [-100.0, 50.0, 25.0, -100.0]);
    // The panel's vibrato is that of the notes which the track itself has.
    assert_eq!(track.notes[3].vibrato.map(|vibrato| vibrato.depth_cents), Some(25.0));
    assert!(!said(&imported).contains("muted notes"), "{}", said(&imported));
}
