//! Songs as other programs' files, read back by the reader of each: what both formats hold comes
//! back as it was.

use std::path::{Path, PathBuf};

use proptest::{collection::vec, prelude::*};
use ziyin_interchange::*;
use ziyin_lyrics::{Language, LyricInput, Reading, read_lyrics};
use ziyin_score::*;

use crate::cases;

fn export(song: &Project, kind: SongKind) -> Exported {
    export_song(song, kind, ExportOptions::default()).unwrap()
}

fn read(bytes: &[u8], kind: SongKind) -> Imported {
    let name = PathBuf::from(format!("song.{}", kind.extensions()[0]));
    assert_eq!(SongKind::recognise(bytes, &name).unwrap(), Some(kind));
    import_song(bytes, &name, &ImportOptions::default(), &Budget::default()).unwrap()
}

/// Formats that count 480 ticks to the quarter.
fn is_coarse(kind: SongKind) -> bool {
    matches!(kind, SongKind::Ustx | SongKind::Ust | SongKind::Vsqx | SongKind::Vpr | SongKind::VoiceVox)
}

/// A track or a harmony as it comes back.
struct Sung {
    track: Track,
    is_harmony: bool,
}

/// What the tracks of a file are made of. The notes of the song do not overlap.
fn sung(song: &Project) -> Vec<Sung> {
    let mut all = Vec::new();
    for track in &song.tracks {
        all.push(Sung { track: track.clone(), is_harmony: false });
        for harmony in &track.harmonies {
            let at_pitch =
                |note: &Note| Some(Note { pitch: harmony.kind.pitch(note.pitch)?, ..note.clone() });
            let mut line = track.clone();
            line.name = format!("{} ({})", track.name, harmony.kind.name());
            line.notes = track.notes.iter().filter_map(at_pitch).collect();
            line.gain_db += harmony.gain_db;
            line.pan = harmony.pan;
            line.mute |= harmony.mute;
            all.push(Sung { track: line, is_harmony: true });
        }
    }
    all
}

fn lyric() -> impl Strategy<Value = String> {
    let words = [
        "花",
        "好",
        "mo4",
        "ど",
        "キャ",
        "a ka",
        "나",
        "-",
        "+",
        "br",
        "no",
        "1",
        "~",
        "a&b<c>\"d\"",
        "{x: 1}",
        "",
    ];
    prop::sample::select(words.to_vec()).prop_map(String::from)
}

fn vibrato() -> impl Strategy<Value = Option<Vibrato>> {
    let swing = (5.0f32..200.0, 20.0f32..500.0, 0.0f32..0.95);
    prop::option::of(swing.prop_map(|(depth, period, onset)| Vibrato::new(depth, period, onset)))
}

/// Notes with gaps, at even ticks.
fn melody() -> impl Strategy<Value = Vec<Note>> {
    let note = (0i64..900, 1i64..2000, 24u8..100, lyric(), vibrato());
    vec(note, 0..12).prop_map(|notes| {
        let mut now = 0;
        let mut melody = Vec::with_capacity(notes.len());
        for ((gap, length, pitch, lyric, vibrato), id) in notes.into_iter().zip(1..) {
            let onset = now + if gap < 450 { 0 } else { 2 * (gap - 450) };
            let note = Note { vibrato, ..Note::new(NoteId(id), onset, 2 * length, pitch, lyric) };
            now = note.end();
            melody.push(note);
        }
        melody
    })
}

fn curve(low: f32, high: f32) -> impl Strategy<Value = Curve> {
    vec((1i64..3000, low..high), 0..6).prop_map(|points| {
        let mut tick = 0;
        let points = points.into_iter().map(|(gap, value)| {
            tick += gap;
            CurvePoint { tick, value }
        });
        Curve::new(points.collect()).unwrap()
    })
}

fn track(id: u64) -> impl Strategy<Value = Track> {
    let curves =
        (curve(-1200.0, 1200.0), curve(-24.0, 12.0), curve(-1.0, 1.0), curve(-1.0, 1.0), curve(-12.0, 12.0));
    let language = prop::sample::select(vec![
        None,
        Some(Language::Mandarin),
        Some(Language::Japanese),
        Some(Language::Korean),
        Some(Language::English),
    ]);
    let harmony = prop::option::of((prop::bool::ANY, -12.0f32..0.0, -1.0f32..1.0));
    let mix = (-10.0f32..6.0, -1.0f32..1.0, any::<bool>(), any::<bool>());
    let name = prop::sample::select(vec!["lead", "声部", "a: b #c", "<x>", "'"]);
    (melody(), curves, language, harmony, mix, name).prop_map(
        move |(notes, curves, language, harmony, mix, name)| {
            let mut track = Track::new(TrackId(id), format!("{name} {id}"));
            track.notes = Notes::new(notes);
            let (pitch, loudness, breathiness, tension, formant) = curves;
            track.curves = Curves { pitch, loudness, breathiness, tension, formant, ..Curves::default() };
            track.language = language;
            (track.gain_db, track.pan, track.mute, track.solo) = mix;
            track.harmonies = harmony
                .into_iter()
                .map(|(up, gain_db, pan)| {
                    let kind = if up { HarmonyKind::OctaveUp } else { HarmonyKind::OctaveDown };
                    Harmony { gain_db, pan, humanise: 0.0, ..Harmony::new(kind) }
                })
                .collect();
            track
        },
    )
}

fn song() -> impl Strategy<Value = Project> {
    let tempos = prop::collection::btree_map(1i64..12_000, 150_000u32..3_000_000, 0..4);
    let meters = prop::collection::btree_map(1i64..300, (1u8..9, 2u32..5), 0..4);
    let tracks = (track(1), track(2), 1usize..3);
    (tracks, 150_000u32..3_000_000, tempos, meters, "[a-z花:#]{0,6}").prop_map(
        |(tracks, first, tempos, meters, title)| {
            let tempo =
                |(tick, micros)| TempoChange { tick: 2 * tick, tempo: Tempo::from_micros(micros).unwrap() };
            // A bar that is cut short is so many 64ths.
            let meter = |(at, (beats, exponent))| TimeSignatureChange {
                tick: 60 * at,
                signature: TimeSignature { beats, unit: 1u8 << exponent },
            };
            let tempos = std::iter::once((0, first)).chain(tempos).map(tempo);
            let meters = std::iter::once((0, (4, 2))).chain(meters).map(meter);
            let (one, two, count) = tracks;
            Project {
                title: format!("t{title}"),
                tempo: TempoMap::new(tempos.collect()).unwrap(),
                meter: MeterMap::new(meters.collect()).unwrap(),
                tracks: [one, two].into_iter().take(count).collect(),
                ..Project::default()
            }
        },
    )
}

/// What VOICEVOX sings without words.
const SOL_FA: [&str; 12] = ["ド", "ド", "レ", "レ", "ミ", "ファ", "ファ", "ソ", "ソ", "ラ", "ラ", "シ"];

/// The lyric as it comes back: what is held has one sign, and what is silent is in some formats
/// sung or left out.
fn lyric_back(kind: SongKind, note: &Note, follows: bool, has_words: bool) -> String {
    match (kind, note.lyric.as_str()) {
        (SongKind::Svp, "") => "la".into(),
        // The name of the tone.
        (SongKind::VoiceVox, "") => SOL_FA[usize::from(note.pitch) % 12].into(),
        (SongKind::Ust, "") if !has_words => "あ".into(),
        (SongKind::MusicXml | SongKind::Mxl, "") if follows && has_words => "R".into(),
        (_, lyric) => lyric.into(),
    }
}

fn same_notes(kind: SongKind, before: &Track, after: &Track) -> Result<(), TestCaseError> {
    let has_words = before.notes.iter().any(|note| !note.lyric.is_empty());
    let mut end = -1;
    let mut expected = Vec::new();
    for note in before.notes.iter() {
        let follows = std::mem::replace(&mut end, note.end()) == note.onset;
        let lyric = lyric_back(kind, note, follows, has_words);
        if kind != SongKind::Ust || !lyric.is_empty() {
            expected.push((note.onset, note.length, note.pitch, lyric));
        }
    }
    let found: Vec<_> = after.notes.iter().map(|n| (n.onset, n.length, n.pitch, n.lyric.clone())).collect();
    prop_assert_eq!(found, expected, "{:?}", kind);
    Ok(())
}

fn same_vibrato(kind: SongKind, before: &Track, after: &Track) -> Result<(), TestCaseError> {
    let has_words = before.notes.iter().any(|note| !note.lyric.is_empty());
    let is_kept = |note: &&Note| kind != SongKind::Ust || !has_words || !note.lyric.is_empty();
    let sung = before.notes.iter().filter(is_kept);
    for (a, b) in sung.zip(after.notes.iter()) {
        let onset = match kind {
            SongKind::Vsqx => 0.0051,
            SongKind::Vpr => 1.1 / a.length as f32,
            _ => 1e-3,
        };
        // Seconds say nothing of where in a note of a millisecond something begins.
        if kind == SongKind::Svp && a.length < 64 {
            continue;
        }
        match (a.vibrato, b.vibrato) {
            (None, None) => {}
            // The last bit of a note does not swing where lengths are whole numbers.
            (Some(a), None) => prop_assert!(a.onset + onset >= 1.0, "{kind:?} {a:?}"),
            (None, Some(b)) => prop_assert!(false, "{kind:?} {b:?}"),
            (Some(a), Some(b)) => {
                prop_assert!((a.onset - b.onset).abs() <= onset, "{kind:?} {a:?} {b:?}");
                if !matches!(kind, SongKind::Vsqx | SongKind::Vpr) {
                    prop_assert!((a.depth_cents - b.depth_cents).abs() < 0.01, "{a:?} {b:?}");
                    prop_assert!((a.period_ms - b.period_ms).abs() < 0.1, "{a:?} {b:?}");
                }
            }
        }
    }
    Ok(())
}

/// The curves of a format, each with how coarse its values are.
fn curves_of(kind: SongKind) -> Vec<(CurveKind, f32)> {
    use CurveKind::*;
    match kind {
        SongKind::Ustx => {
            let fine = [(Loudness, 0.051), (Breathiness, 0.0051), (Tension, 0.0051), (Formant, 0.061)];
            [(Pitch, 0.51)].into_iter().chain(fine).collect()
        }
        SongKind::Svp => vec![(Pitch, 0.01), (Loudness, 0.001), (Breathiness, 1e-4), (Tension, 1e-4)],
        SongKind::Vsqx | SongKind::Vpr => vec![(Pitch, 0.2), (Loudness, 0.4), (Breathiness, 0.01)],
        SongKind::Midi => vec![(Pitch, 0.2)],
        _ => Vec::new(),
    }
}

fn same_curves(kind: SongKind, before: &Track, after: &Track) -> Result<(), TestCaseError> {
    let end = before.end();
    for (of, coarse) in curves_of(kind) {
        let (a, b) = (before.curves.get(of), after.curves.get(of));
        let is_vocaloid = matches!(kind, SongKind::Vsqx | SongKind::Vpr);
        for tick in (0..end).step_by(10) {
            // VOCALOID has no breath below none.
            let lowest = if of == CurveKind::Breathiness && is_vocaloid { 0.0 } else { f32::MIN };
            let at = |tick: Tick| a.at(tick as f64).max(lowest);
            // Bends are steps: on a slope they are off by what it goes in one.
            let step = |by: Tick| (at(tick + by) - at(tick)).abs();
            let bent = is_vocaloid || kind == SongKind::Midi;
            let steps = [-12, -6, 6, 12].map(step);
            let slope = if bent { steps.into_iter().fold(0.5, f32::max) } else { 0.0 };
            let off = (at(tick) - b.at(tick as f64)).abs();
            prop_assert!(
                off <= coarse + slope,
                "{kind:?} {of:?} at {tick} of {end}: {} {}",
                at(tick),
                b.at(tick as f64)
            );
        }
    }
    Ok(())
}

fn same_mix(kind: SongKind, before: &Track, after: &Track) -> Result<(), TestCaseError> {
    let (gain, pan) = match kind {
        SongKind::Ustx | SongKind::Svp => (1e-4, 1e-4),
        SongKind::Vsqx | SongKind::Vpr => (0.051, 1.0 / 60.0),
        _ => return Ok(()),
    };
    prop_assert!((before.gain_db - after.gain_db).abs() <= gain, "{} {}", before.gain_db, after.gain_db);
    prop_assert!((before.pan - after.pan).abs() <= pan, "{} {}", before.pan, after.pan);
    prop_assert_eq!((before.mute, before.solo), (after.mute, after.solo));
    // A track without notes has no part that says it.
    if before.language.is_some() && !before.notes.is_empty() || matches!(kind, SongKind::Ustx | SongKind::Svp)
    {
        prop_assert_eq!(before.language, after.language);
    }
    Ok(())
}

fn same_times(kind: SongKind, before: &Project, after: &Project) -> Result<(), TestCaseError> {
    // Nothing is written of what comes behind the last note.
    let end = before.end();
    let tempos = |song: &Project| -> Vec<TempoChange> {
        song.tempo.changes().iter().filter(|change| change.tick == 0 || change.tick < end).copied().collect()
    };
    let (a, b) = (tempos(before), tempos(after));
    match kind {
        // It changes where notes begin.
        SongKind::Ust => prop_assert_eq!(a[0], b[0]),
        SongKind::Vsqx | SongKind::Vpr => {
            prop_assert_eq!(a.len(), b.len());
            for (a, b) in a.iter().zip(&b) {
                prop_assert_eq!(a.tick, b.tick);
                prop_assert!((a.tempo.bpm() - b.tempo.bpm()).abs() < 0.006, "{a:?} {b:?}");
            }
        }
        _ => prop_assert_eq!(a, b, "{:?}", kind),
    }
    let bars = |song: &Project| -> Vec<Tick> {
        (song.meter.first_bar()..)
            .map(|bar| song.meter.bar_start(bar))
            .take_while(|&start| start < end)
            .collect()
    };
    prop_assert_eq!(bars(before), bars(after), "{:?}", kind);
    for bar in bars(before) {
        let (a, b) = (before.meter.at(bar), after.meter.at(bar));
        let cut =
            before.meter.changes().iter().any(|change| change.tick > bar && change.tick < bar + a.bar());
        prop_assert!(a == b || cut, "{kind:?}: the bar at {bar} is {a:?} and comes back as {b:?}");
    }
    Ok(())
}

fn comes_back(song: &Project, kind: SongKind) -> Result<(), TestCaseError> {
    let exported = export(song, kind);
    // Without a note it is what VOICEVOX speaks, and no song.
    if kind == SongKind::VoiceVox && song.tracks.iter().all(|track| track.notes.is_empty()) {
        return Ok(());
    }
    let after = read(&exported.bytes, kind).project;
    if !matches!(kind, SongKind::Svp | SongKind::VoiceVox) {
        prop_assert_eq!(&after.title, &song.title);
    }
    same_times(kind, song, &after)?;
    let mut before = sung(song);
    match kind {
        // One line: the first that is sung.
        SongKind::Ust => {
            let is_sung = |line: &Sung| line.track.notes.iter().any(|note| !note.lyric.is_empty());
            let lead = before.iter().position(|line| !line.track.mute && is_sung(line));
            let lead = lead.or(before.iter().position(|line| !line.track.notes.is_empty())).unwrap_or(0);
            before = vec![before.swap_remove(lead)];
        }
        // A part of nothing but rests has no voice.
        SongKind::MusicXml | SongKind::Mxl | SongKind::Midi => {
            before.retain(|line| !line.track.notes.is_empty())
        }
        _ => {}
    }
    prop_assert_eq!(after.tracks.len(), before.len(), "{:?}", kind);
    for (line, after) in before.iter().zip(&after.tracks) {
        let before = &line.track;
        if kind != SongKind::Ust {
            prop_assert_eq!(&before.name, &after.name);
        }
        same_notes(kind, before, after)?;
        same_curves(kind, before, after)?;
        if matches!(kind, SongKind::Ustx | SongKind::Ust | SongKind::Svp | SongKind::Vsqx | SongKind::Vpr) {
            same_vibrato(kind, before, after)?;
        }
        // Whatever the lead, a harmony has its own place in the mix.
        same_mix(kind, before, after)?;
        prop_assert!(line.is_harmony || !before.harmonies.iter().any(|_| after.harmonies.len() > 1));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_song_comes_back_from_ustx(song in song()) { comes_back(&song, SongKind::Ustx)?; }

    #[test]
    fn a_song_comes_back_from_ust(song in song()) { comes_back(&song, SongKind::Ust)?; }

    #[test]
    fn a_song_comes_back_from_svp(song in song()) { comes_back(&song, SongKind::Svp)?; }

    #[test]
    fn a_song_comes_back_from_vpr(song in song()) { comes_back(&song, SongKind::Vpr)?; }

    #[test]
    fn a_song_comes_back_from_vsqx(song in song()) { comes_back(&song, SongKind::Vsqx)?; }

    #[test]
    fn a_song_comes_back_from_music_xml(song in song()) { comes_back(&song, SongKind::MusicXml)?; }

    #[test]
    fn a_song_comes_back_from_mxl(song in song()) { comes_back(&song, SongKind::Mxl)?; }

    #[test]
    fn a_song_comes_back_from_vvproj(song in song()) { comes_back(&song, SongKind::VoiceVox)?; }

    #[test]
    fn a_song_comes_back_from_midi(song in song()) { comes_back(&song, SongKind::Midi)?; }
}

/// The demo song, the small songs of every kind, and those of the world where they are.
fn songs() -> Vec<(PathBuf, Project)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("assets/molihua.ziyin")];
    files.extend(std::fs::read_dir(root.join("tests/songs")).unwrap().map(|entry| entry.unwrap().path()));
    for folder in ["songs/projects", "songs/midi-classical", "songs/midi-names", "faults/songs"] {
        files.extend(cases::more(folder).into_iter().map(|(path, _)| path));
    }
    files.sort();
    let open = |path: PathBuf| {
        let opened = open_song(&path, &ImportOptions::default(), &Budget::default()).ok()?;
        Some((path, opened.project))
    };
    files.into_iter().filter_map(open).collect()
}

#[test]
fn songs_of_the_world_come_back() {
    let songs = songs();
    assert!(songs.len() > 10);
    for (path, mut song) in songs {
        // A harmony that lags is a test of its own.
        song.tracks.iter_mut().flat_map(|track| &mut track.harmonies).for_each(|harmony| harmony.delay = 0.0);
        for kind in SongKind::WRITTEN {
            let is_empty = song.tracks.iter().all(|track| track.notes.is_empty());
            if kind == SongKind::VoiceVox && is_empty {
                continue;
            }
            let after = read(&export(&song, kind).bytes, kind).project;
            assert_eq!(after.check(), Ok(()));
            let mut before: Vec<Track> = sung(&song).into_iter().map(|line| line.track).collect();
            before.retain(|track| !track.notes.is_empty());
            let after: Vec<&Track> = after.tracks.iter().filter(|track| !track.notes.is_empty()).collect();
            let name = format!("{} as {}", path.display(), kind.name());
            if kind == SongKind::Ust {
                assert_eq!(after.len(), 1.min(before.len()), "{name}");
                continue;
            }
            assert_eq!(after.len(), before.len(), "{name}");
            for (before, after) in before.iter().zip(after) {
                let keys = |track: &Track| track.notes.iter().map(|note| note.pitch).collect::<Vec<_>>();
                assert_eq!(keys(before), keys(after), "{name}");
                let most = if is_coarse(kind) { 2 } else { 0 };
                for (a, b) in before.notes.iter().zip(after.notes.iter()) {
                    let off = (a.onset - b.onset).abs().max((a.end() - b.end()).abs());
                    assert!(off <= most, "{name}: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn lyrics_are_written_as_singers_of_other_programs_want_them() {
    let forms = |lyrics: &[&str], language, kind, form| {
        let mut track = Track::new(TrackId(1), "lead");
        track.language = Some(language);
        let note = |(i, lyric): (i64, &&str)| Note::new(NoteId(i as u64 + 1), 960 * i, 960, 60, *lyric);
        track.notes = (0..).zip(lyrics).map(note).collect();
        let song = Project { tracks: vec![track], ..Project::default() };
        let exported = export_song(&song, kind, ExportOptions { lyrics: form }).unwrap();
        let back = read(&exported.bytes, kind).project;
        let written: Vec<String> = back.tracks[0].notes.iter().map(|note| note.lyric.clone()).collect();
        (written, exported.report.warnings.iter().map(|warning| warning.what.to_string()).collect::<Vec<_>>())
    };
    let mandarin =
        |form| forms(&["银", "行", "-", "女儿", "br", "ど"], Language::Mandarin, SongKind::Ustx, form);
    assert_eq!(mandarin(LyricForm::AsWritten).0, ["银", "行", "-", "女儿", "br", "ど"]);
    let (written, told) = mandarin(LyricForm::Pinyin);
    assert_eq!(written, ["yin", "hang", "-", "nv er", "br", "ど"]);
    assert_eq!(told, ["not carried over: lyrics that are not written in pinyin (1)"]);
    let japanese = |kind, form| forms(&["キャ", "らん", "-", "shi"], Language::Japanese, kind, form).0;
    assert_eq!(japanese(SongKind::Svp, LyricForm::Kana), ["きゃ", "らん", "-", "し"]);
    assert_eq!(japanese(SongKind::Svp, LyricForm::Romaji), ["kya", "ran", "-", "shi"]);
    // A voicebank of UTAU holds a vowel by its own sound.
    assert_eq!(japanese(SongKind::Ust, LyricForm::Kana), ["きゃ", "らん", "あ", "し"]);
    assert_eq!(japanese(SongKind::Ust, LyricForm::Romaji), ["kya", "ran", "a", "shi"]);
}

#[test]
fn what_does_not_go_is_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/songs/small.ziyin");
    let mut song = Project::load(&path).unwrap();
    song.tracks[0].curves.formant = Curve::new(vec![CurvePoint { tick: 0, value: 1.0 }]).unwrap();
    let told = |kind| {
        let exported = export(&song, kind);
        exported.report.warnings.iter().map(|warning| format!("{warning}\n")).collect::<String>()
    };
    for kind in SongKind::WRITTEN {
        let told = told(kind);
        assert!(told.contains("1 audio part was left out"), "{kind:?}: {told}");
        // The curve of the lead and that of its harmony.
        let own = ["formant curve points (2)", "levels of notes (1)", "manners of notes (1)"];
        let of_tracks = match kind {
            SongKind::Ust => &["formant curve points (1)"][..],
            SongKind::Ustx => &own[1..],
            _ => &own,
        };
        assert!(of_tracks.iter().all(|what| told.contains(what)), "{kind:?}: {told}");
    }
    assert!(told(SongKind::Ust).contains("2 further tracks"), "{}", told(SongKind::Ust));
    assert!(told(SongKind::MusicXml).contains("pitch curve points"));
    let refused = export_song(&song, SongKind::DeepVocal, ExportOptions::default()).unwrap_err();
    assert_eq!(refused, ExportError::NotWritten(SongKind::DeepVocal));
}

#[test]
fn pronunciations_go_where_a_format_has_a_place_for_them() {
    let songs = [
        (Language::Mandarin, "重", "chong2", vec![SongKind::Ustx]),
        (Language::Japanese, "は", "わ", vec![SongKind::Ustx, SongKind::Svp]),
        (Language::English, "read", "R EH D", vec![SongKind::Ustx, SongKind::Svp]),
    ];
    for (language, lyric, said, kinds) in songs {
        let mut track = Track::new(TrackId(1), "lead");
        track.language = Some(language);
        let note = Note { pronunciation: Some(said.into()), ..Note::new(NoteId(1), 0, 960, 60, lyric) };
        track.notes = Notes::new(vec![note]);
        let song = Project { tracks: vec![track], ..Project::default() };
        for kind in SongKind::WRITTEN {
            let exported = export(&song, kind);
            let told: String = exported.report.warnings.iter().map(|warning| warning.to_string()).collect();
            let after = read(&exported.bytes, kind).project;
            let back = &after.tracks[0].notes[0];
            let goes = kinds.contains(&kind);
            if goes {
                assert_eq!(back.lyric, lyric, "{kind:?}");
                let sung = |pronunciation: &str| {
                    let note = LyricInput { lyric, pronunciation, after_rest: true, language: None };
                    let syllables = match read_lyrics(&[note], language).remove(0) {
                        Reading::Sung(syllables) => syllables,
                        other => panic!("{other:?}"),
                    };
                    syllables.iter().map(|sung| sung.syllable).collect::<Vec<_>>()
                };
                assert_eq!(sung(back.pronunciation.as_deref().unwrap_or_default()), sung(said), "{kind:?}");
            }
            // VOCALOID's notes hold what is sung, and no word of what was meant.
            let is_vocaloid = matches!(kind, SongKind::Vpr | SongKind::Vsqx);
            assert_eq!(told.contains("pronunciations (1)"), !goes && !is_vocaloid, "{kind:?}: {told}");
        }
    }
}

#[test]
fn the_language_of_a_note_goes_where_a_format_has_a_place_for_it() {
    let mut track = Track::new(TrackId(1), "lead");
    track.language = Some(Language::Mandarin);
    let kanji = Note { language: Some(Language::Japanese), ..Note::new(NoteId(2), 960, 960, 60, "花") };
    track.notes = Notes::new(vec![Note::new(NoteId(1), 0, 960, 60, "花"), kanji]);
    let song = Project { tracks: vec![track], ..Project::default() };
    for kind in SongKind::WRITTEN {
        let exported = export(&song, kind);
        let told: String = exported.report.warnings.iter().map(|warning| warning.to_string()).collect();
        let after = read(&exported.bytes, kind).project;
        let languages: Vec<_> = after.tracks[0].notes.iter().map(|note| note.language).collect();
        let goes = matches!(kind, SongKind::Svp | SongKind::Vpr);
        assert_eq!(languages, [None, goes.then_some(Language::Japanese)], "{kind:?}");
        assert_eq!(told.contains("languages of single notes (1)"), !goes, "{kind:?}: {told}");
    }
}

#[test]
fn muted_notes_go_to_synthesizer_v_and_are_left_out_elsewhere() {
    let mut track = Track::new(TrackId(1), "lead");
    let muted = Note { muted: true, ..Note::new(NoteId(2), 480, 960, 64, "花") };
    track.notes = Notes::new(vec![Note::new(NoteId(1), 0, 960, 60, "花"), muted]);
    track.harmonies = vec![Harmony::new(HarmonyKind::OctaveUp)];
    let song = Project { tracks: vec![track], ..Project::default() };
    for kind in SongKind::WRITTEN {
        let exported = export(&song, kind);
        let told: String = exported.report.warnings.iter().map(|warning| warning.to_string()).collect();
        let after = read(&exported.bytes, kind).project;
        let notes: Vec<_> = after.tracks[0].notes.iter().map(|note| (note.length, note.muted)).collect();
        // What is muted ends no other note.
        match kind {
            SongKind::Svp => assert_eq!(notes, [(960, false), (960, true)]),
            _ => assert_eq!(notes, [(960, false)], "{kind:?}"),
        }
        assert_eq!(told.contains("muted notes (1)"), kind != SongKind::Svp, "{kind:?}: {told}");
    }
}

#[test]
fn a_harmony_that_lags_is_written_later() {
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "a")]);
    track.harmonies = vec![Harmony { delay: 0.25, ..Harmony::new(HarmonyKind::OctaveUp) }];
    let song = Project { tracks: vec![track], ..Project::default() };
    let back = read(&export(&song, SongKind::Svp).bytes, SongKind::Svp).project;
    let note = &back.tracks[1].notes[0];
    // A quarter of a second is half a quarter note at 120.
    assert_eq!((note.onset, note.length, note.pitch), (960 + 480, 960, 72));
}
