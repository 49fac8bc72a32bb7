//! MIDI in and out: files as they should be, as they are, and as they must not be.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS};
use proptest::{collection::vec, prelude::*};
use ziyin_interchange::*;
use ziyin_score::*;

use crate::cases;

fn export_midi(song: &Project) -> Vec<u8> {
    export_song(song, SongKind::Midi, ExportOptions::default()).unwrap().bytes
}

/// The bytes of an event with its delta.
type Event = (u32, Vec<u8>);

fn varlen(mut value: u32) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7F) as u8];
    while value > 0x7F {
        value >>= 7;
        bytes.insert(0, (value & 0x7F) as u8 | 0x80);
    }
    bytes
}

fn chunk(events: &[Event]) -> Vec<u8> {
    let mut body: Vec<u8> =
        events.iter().flat_map(|(delta, bytes)| [varlen(*delta), bytes.clone()].concat()).collect();
    body.extend([0, 0xFF, 0x2F, 0]);
    [b"MTrk".to_vec(), (body.len() as u32).to_be_bytes().to_vec(), body].concat()
}

fn file(format: u16, division: u16, tracks: &[Vec<Event>]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06".to_vec();
    for value in [format, tracks.len() as u16, division] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend(tracks.iter().flat_map(|track| chunk(track)));
    bytes
}

fn meta(delta: u32, kind: u8, bytes: &[u8]) -> Event {
    (delta, [vec![0xFF, kind], varlen(bytes.len() as u32), bytes.to_vec()].concat())
}

fn lyric(delta: u32, text: &str) -> Event {
    meta(delta, 5, text.as_bytes())
}

fn tempo(delta: u32, micros: u32) -> Event {
    meta(delta, 0x51, &micros.to_be_bytes()[1..])
}

fn on(delta: u32, channel: u8, key: u8) -> Event {
    (delta, vec![0x90 | channel, key, 100])
}

fn off(delta: u32, channel: u8, key: u8) -> Event {
    (delta, vec![0x80 | channel, key, 0])
}

/// Quarter notes after each other, at 480 ticks per quarter.
fn quarters(keys: &[u8]) -> Vec<Event> {
    keys.iter().flat_map(|&key| [on(0, 0, key), off(480, 0, key)]).collect()
}

fn import(bytes: &[u8]) -> Imported {
    let imported = import_midi(bytes, &ImportOptions::default(), &Budget::default()).unwrap();
    assert_eq!(imported.project.check(), Ok(()));
    imported
}

fn keys(track: &Track) -> Vec<u8> {
    track.notes.iter().map(|note| note.pitch).collect()
}

fn lyrics(track: &Track) -> Vec<&str> {
    track.notes.iter().map(|note| note.lyric.as_str()).collect()
}

fn times(track: &Track) -> Vec<(Tick, Tick)> {
    track.notes.iter().map(|note| (note.onset, note.length)).collect()
}

fn said(report: &Report) -> String {
    report.warnings.iter().map(|warning| format!("{warning}\n")).collect()
}

#[test]
fn type_0_splits_by_channel_and_leaves_drums_out() {
    let events =
        vec![on(0, 0, 60), on(0, 1, 72), on(0, 9, 36), off(480, 0, 60), off(0, 1, 72), off(0, 9, 36)];
    let imported = import(&file(0, 480, &[events]));
    let tracks = &imported.project.tracks;
    assert_eq!(tracks.iter().map(keys).collect::<Vec<_>>(), [[60], [72]]);
    assert!(said(&imported.report).contains("track 1: 1 drum note (channel 10) was left out"));
}

#[test]
fn type_1_merges_tempo_and_meter_from_all_tracks() {
    let conductor = vec![meta(0, 3, "歌".as_bytes()), tempo(480, 400_000), meta(0, 0x58, &[3, 2, 24, 8])];
    let mut melody = vec![tempo(960, 600_000)];
    melody.extend(quarters(&[60, 62]));
    let imported = import(&file(1, 480, &[conductor, melody])).project;
    assert_eq!(imported.title, "歌");
    let tempos: Vec<_> = imported.tempo.changes().iter().map(|c| (c.tick, c.tempo.micros())).collect();
    assert_eq!(tempos, [(0, 500_000), (960, 400_000), (1920, 600_000)]);
    assert_eq!(imported.meter.at(960), TimeSignature { beats: 3, unit: 4 });
    assert_eq!(times(&imported.tracks[0]), [(1920, 960), (2880, 960)]);
}

#[test]
fn type_2_plays_one_after_the_other() {
    let first: Vec<Event> = [vec![tempo(0, 400_000)], quarters(&[60, 62])].concat();
    let imported = import(&file(2, 480, &[first, quarters(&[64])])).project;
    assert_eq!(times(&imported.tracks[1]), [(1920, 960)]);
    assert_eq!(imported.tempo.tempo_at(1919).micros(), 400_000);
    assert_eq!(imported.tempo.tempo_at(1920), Tempo::BPM_120);
}

#[test]
fn smpte_time_is_seconds() {
    // 25 frames of 40 ticks: a tick is a millisecond.
    let imported =
        import(&file(0, 0xE728, &[vec![tempo(0, 250_000), on(1500, 0, 60), off(500, 0, 60)]])).project;
    let note = &imported.tracks[0].notes[0];
    assert_eq!((imported.tempo.seconds(note.onset), imported.tempo.seconds(note.end())), (1.5, 2.0));
}

#[test]
fn running_status_outlives_meta_events() {
    let events =
        vec![on(0, 0, 60), (480, vec![60, 0]), meta(0, 1, b"break"), (0, vec![62, 100]), (480, vec![62, 0])];
    let imported = import(&file(0, 480, &[events]));
    assert_eq!(keys(&imported.project.tracks[0]), [60, 62]);
    assert_eq!(imported.report.warnings, []);
}

#[test]
fn lyrics_of_the_same_track_or_another_or_a_little_off() {
    let same: Vec<Event> =
        ["好", "一", "朵"].iter().flat_map(|text| [lyric(0, text), on(0, 0, 60), off(480, 0, 60)]).collect();
    let other = vec![lyric(0, "好"), lyric(480, "一"), lyric(480, "朵")];
    let beside = vec![lyric(5, "好"), lyric(465, "一"), lyric(500, "朵")];
    let chords = [0u32; 6].iter().flat_map(|_| [on(0, 2, 40), off(240, 2, 40)]).collect::<Vec<_>>();
    for (tracks, voice) in [
        (vec![same], 0),
        (vec![other.clone(), quarters(&[60, 62, 64])], 0),
        (vec![chords, quarters(&[60, 62, 64]), other], 1),
        (vec![quarters(&[60, 62, 64]), beside], 0),
    ] {
        let imported = import(&file(1, 480, &tracks));
        assert_eq!(lyrics(&imported.project.tracks[voice]), ["好", "一", "朵"], "{}", said(&imported.report));
        for (index, track) in imported.project.tracks.iter().enumerate() {
            assert_eq!(track.mute, index != voice, "instruments beside a voice are muted");
        }
    }
}

#[test]
fn lyrics_go_where_they_fit_even_if_their_track_has_a_few_notes() {
    let cue = [vec![on(0, 0, 36), off(10, 0, 36)], vec![lyric(0, "好"), lyric(470, "一"), lyric(480, "朵")]]
        .concat();
    let imported = import(&file(1, 480, &[cue, quarters(&[60, 62, 64])])).project;
    assert_eq!(lyrics(&imported.tracks[1]), ["好", "一", "朵"]);
}

#[test]
fn karaoke_texts_are_lyrics_without_their_signs() {
    let words = vec![
        meta(0, 1, b"@KMIDI KARAOKE FILE"),
        meta(0, 1, "@T茉莉花".as_bytes()),
        meta(0, 1, "\\好".as_bytes()),
        meta(480, 1, "一 ".as_bytes()),
        meta(480, 1, "/朵".as_bytes()),
    ];
    let imported = import(&file(1, 480, &[words, quarters(&[60, 62, 64])])).project;
    assert_eq!((imported.title.as_str(), lyrics(&imported.tracks[0])), ("茉莉花", vec!["好", "一", "朵"]));
}

#[test]
fn texts_that_are_no_karaoke_are_no_lyrics() {
    let events = [vec![meta(0, 1, b"DM:0000:[Common]"), meta(0, 1, b"hello")], quarters(&[60])].concat();
    assert_eq!(lyrics(&import(&file(0, 480, &[events])).project.tracks[0]), [""]);
}

#[test]
fn encodings_are_told_from_the_whole_file_and_can_be_overridden() {
    let cases: [(&Encoding, &str); 4] = [
        (GB18030, "好一朵美丽的茉莉花"),
        (BIG5, "好一朵美麗的茉莉花"),
        (SHIFT_JIS, "さくらさくらやよいのそら"),
        (EUC_KR, "아리랑아리랑아라리요"),
    ];
    for (encoding, text) in cases {
        let count = text.chars().count();
        let words = text.chars().enumerate().map(|(i, c)| {
            meta(if i == 0 { 0 } else { 480 }, 5, &encoding.encode(c.encode_utf8(&mut [0; 4])).0)
        });
        let bytes = file(1, 480, &[words.collect(), quarters(&vec![60; count])]);
        let imported = import(&bytes);
        assert_eq!(imported.report.encoding, Some(encoding.name()));
        assert_eq!(lyrics(&imported.project.tracks[0]).concat(), text);
        let options = ImportOptions { encoding: Some("latin1".into()), ..ImportOptions::default() };
        let overridden = import_midi(&bytes, &options, &Budget::default()).unwrap();
        assert_eq!(overridden.report.encoding, Some("windows-1252"));
        assert_ne!(lyrics(&overridden.project.tracks[0]).concat(), text);
    }
    let unknown = ImportOptions { encoding: Some("klingon".into()), ..ImportOptions::default() };
    let error = import_midi(&file(0, 480, &[]), &unknown, &Budget::default()).unwrap_err();
    assert_eq!(error, ImportError::UnknownEncoding("klingon".into()));
}

#[test]
fn several_hanzi_run_over_the_notes_that_follow() {
    let words = vec![lyric(0, "好一朵"), lyric(3 * 480, "花"), lyric(480, "-"), lyric(480, "茉莉")];
    let imported = import(&file(1, 480, &[words, quarters(&[60; 6])]));
    let track = &imported.project.tracks[0];
    assert_eq!(lyrics(track), ["好", "一", "朵", "花", "-", "茉", "莉"]);
    assert_eq!(times(track)[5..], [(4800, 480), (5280, 480)]);
    let said = said(&imported.report);
    assert!(said.contains("one note has 2 characters, “茉莉”; it was divided"), "{said}");
    assert!(said.contains("spread over the notes"), "{said}");
}

#[test]
fn notes_that_sound_together_become_one_voice_or_several() {
    // A chord, then a note into which the next one runs.
    let events = vec![
        on(0, 0, 60),
        on(0, 0, 64),
        on(0, 0, 67),
        off(480, 0, 60),
        off(0, 0, 64),
        off(0, 0, 67),
        on(0, 0, 65),
        on(240, 0, 69),
        off(240, 0, 65),
        off(240, 0, 69),
    ];
    let bytes = file(0, 480, &[events]);
    let one = import(&bytes);
    assert_eq!(keys(&one.project.tracks[0]), [67, 65, 69]);
    assert_eq!(times(&one.project.tracks[0]), [(0, 960), (960, 480), (1440, 960)]);
    let said = said(&one.report);
    assert!(
        said.contains("track 1, bar 1, beat 1: 2 notes of") && said.contains("bar 1, beat 2: 1 note of"),
        "{said}"
    );

    let options = ImportOptions { split_voices: true, ..ImportOptions::default() };
    let split = import_midi(&bytes, &options, &Budget::default()).unwrap();
    let split: Vec<_> = split.project.tracks.iter().map(keys).collect();
    assert_eq!(split, [vec![67, 65], vec![64, 69], vec![60]]);
}

#[test]
fn what_is_no_midi_is_refused() {
    for bytes in [&b""[..], b"MThd", b"not a midi file", b"RIFF\0\0\0\0RMID", &[0; 4096]] {
        let error = import_midi(bytes, &ImportOptions::default(), &Budget::default()).unwrap_err();
        assert_eq!(error.to_string(), "this is not a MIDI file");
    }
}

#[test]
fn broken_files_give_what_they_hold() {
    let whole = file(1, 480, &[quarters(&[60, 62]), quarters(&[64, 65])]);
    // The length of the first track claims too little, or far too much.
    for length in [3u32, 0xFFFF_FFFF] {
        let mut broken = whole.clone();
        broken[18..22].copy_from_slice(&length.to_be_bytes());
        let imported = import(&broken);
        assert_eq!(imported.project.tracks.iter().map(keys).collect::<Vec<_>>(), [[60, 62], [64, 65]]);
        assert!(said(&imported.report).starts_with("track 1: its length in the file is wrong"));
    }
    // Cut off within the last note.
    let imported = import(&whole[..whole.len() - 8]);
    assert_eq!(imported.project.tracks[1].notes.len(), 1);
    assert!(said(&imported.report).contains("track 2, bar 1, beat 2: the track has no end"));
    // Noise between two notes, and a text that claims more than there is.
    for noise in [&[0xFF, 0xFF, 0xFF, 0xF4][..], &[0, 0xFF, 1, 0xFF, 0x7F, b'x']] {
        let events = [quarters(&[60]), vec![(0, noise.to_vec())], quarters(&[62])].concat();
        let imported = import(&file(0, 480, &[events]));
        assert_eq!(keys(&imported.project.tracks[0]), [60, 62], "{}", said(&imported.report));
        assert!(said(&imported.report).contains("track 1, bar 1, beat 2: "));
    }
}

#[test]
fn what_a_longer_file_left_behind_the_last_track_is_left_out() {
    let mut bytes = file(1, 480, &[quarters(&[60, 62]), quarters(&[64, 65])]);
    bytes.extend([0, 0xFF, 0x51, 3, 7, 0xA1, 0x20, 0x83, 0x60, 0xFF, 0x2F, 0]);
    bytes.extend(chunk(&quarters(&[66, 67])));
    let imported = import(&bytes);
    assert_eq!(imported.project.tracks.iter().map(keys).collect::<Vec<_>>(), [[60, 62], [64, 65]]);
    assert!(said(&imported.report).contains("bytes cannot be read"), "{}", said(&imported.report));
}

#[test]
fn a_note_without_end_ends_with_its_track() {
    let imported = import(&file(0, 480, &[vec![on(0, 0, 60), meta(960, 1, b"")]]));
    assert_eq!(times(&imported.project.tracks[0]), [(0, 1920)]);
    assert!(said(&imported.report).contains("track 1, bar 1, beat 1: note 60 is never ended"));
}

#[test]
fn an_end_that_was_lost_moves_no_other_note() {
    let events = [on(0, 0, 60), on(960, 0, 60), off(480, 0, 60), on(480, 0, 60), off(480, 0, 60)];
    let imported = import(&file(0, 480, &[events.into()]));
    assert_eq!(times(&imported.project.tracks[0]), [(0, 1920), (1920, 960), (3840, 960)]);
    // A key that nothing ends sounds until it is struck again.
    let imported = import(&file(0, 480, &[vec![on(0, 0, 60), on(960, 0, 60), meta(960, 1, b"")]]));
    assert_eq!(times(&imported.project.tracks[0]), [(0, 1920), (1920, 1920)]);
    let said = said(&imported.report);
    assert!(said.contains("where the key is struck again") && said.contains("ends with its track"), "{said}");
}

#[test]
fn hostile_files_end_soon() {
    let far: Vec<Event> = (0..2000).map(|_| meta(0x0FFF_FFFF, 1, b"")).chain(quarters(&[60])).collect();
    let far = import(&file(0, 1, &[far]));
    assert!(said(&far.report).contains("beyond the longest song"));
    // A million notes and more, in running status.
    let crowd: Vec<Event> = (0..1_000_001).flat_map(|_| [on(0, 0, 60), off(1, 0, 60)]).collect();
    let error =
        import_midi(&file(0, 480, &[crowd]), &ImportOptions::default(), &Budget::default()).unwrap_err();
    let too_large =
        matches!(error, ImportError::Budget(BudgetError::TooLarge { resource: Resource::Notes, .. }));
    assert!(too_large, "{error}");
    // Bytes that are all illegal, and tracks without end.
    let mut illegal = file(0, 480, &[]);
    illegal.extend(chunk(&[(0, [0xF4, 0].repeat(1_500_000))]));
    assert_eq!(import(&illegal).report.warnings.len(), Report::LIMIT);
    let mut tracks = file(1, 480, &[]);
    tracks.extend(b"MTrk\0\0\0\0".repeat(300_000));
    assert!(said(&import(&tracks).report).contains("only the first"));
    // A lyric of a million characters on a note of hours, a name of megabytes on many voices,
    // and words by the thousand where notes stand tick by tick.
    let endless = vec![lyric(0, &"花".repeat(1_000_000)), on(0, 0, 60), off(0x0FFF_FFFF, 0, 60)];
    assert_eq!(import(&file(0, 480, &[endless])).project.tracks[0].notes.len(), 1);
    let chord = (0..64).flat_map(|i| [on(0, i % 9, 60 + i / 9)]);
    let named =
        std::iter::once(meta(0, 3, &[b'x'; 5_000_000])).chain(chord).chain([meta(960, 1, b"")]).collect();
    let options = ImportOptions { split_voices: true, ..ImportOptions::default() };
    let named = import_midi(&file(0, 480, &[named]), &options, &Budget::default()).unwrap();
    assert_eq!(named.project.tracks.len(), 64);
    assert!(named.project.tracks.iter().all(|track| track.name.len() < 1100));
    let swarm = (0..20_000u32).flat_map(|i| [on(0, (i % 9) as u8, 60), off(1, (i % 9) as u8, 60)]).collect();
    let words = (0..60).map(|_| vec![lyric(9000, "a"); 1000]).collect();
    import(&file(1, 960, &[vec![swarm], words].concat()));
}

fn melody() -> impl Strategy<Value = Vec<Note>> {
    let lyric = prop::sample::select(vec!["", "-", "好", "一朵", " /x\\", "xing2", "@L", "さ くら", "사랑"]);
    vec((0i64..3000, 1i64..4000, 0u8..=127, lyric), 1..30).prop_map(|notes| {
        let (mut now, mut melody) = (0, Vec::new());
        for (index, (gap, length, pitch, lyric)) in notes.into_iter().enumerate() {
            let (id, onset) = (NoteId(index as u64 + 1), now + gap);
            let note = Note::new(id, onset, length, pitch, lyric);
            now = note.end();
            melody.push(note);
        }
        melody
    })
}

fn song() -> impl Strategy<Value = Project> {
    let tempos = prop::collection::btree_map(1..30_000i64, 10_000u32..=0xFF_FFFF, 0..5);
    let meters = prop::collection::btree_map(1..30_000i64, (1u8.., 0u32..8), 0..5);
    let tracks = vec((melody(), "[ a-z歌/]{0,6}"), 1..4);
    (tracks, tempos, meters, "[ a-z花@]{0,6}", 0i64..2).prop_map(|(tracks, tempos, meters, title, far)| {
        let tempos = std::iter::once((0, 500_000)).chain(tempos);
        let tempo = |(tick, micros)| TempoChange { tick, tempo: Tempo::from_micros(micros).unwrap() };
        let meters = std::iter::once((0, (4, 2))).chain(meters);
        let meter = |(tick, (beats, exponent))| TimeSignatureChange {
            tick,
            signature: TimeSignature { beats, unit: 1u8 << exponent },
        };
        let tracks = (1..).zip(tracks).map(|(id, (mut notes, name))| {
            // A rest longer than a delta of MIDI can say.
            notes.iter_mut().for_each(|note| note.onset += far * 1_900_000_000);
            // A track without a name is given one on the way in.
            let mut track = Track::new(TrackId(id), format!("t{name}"));
            track.notes = Notes::new(notes);
            track
        });
        Project {
            title,
            tempo: TempoMap::new(tempos.map(tempo).collect()).unwrap(),
            meter: MeterMap::new(meters.map(meter).collect()).unwrap(),
            tracks: tracks.collect(),
            ..Default::default()
        }
    })
}

proptest! {
    #[test]
    fn what_is_exported_imports_back_identically(song in song()) {
        let imported = import_midi(&export_midi(&song), &ImportOptions::default(), &Budget::default()).unwrap();
        prop_assert_eq!(imported.report.warnings, []);
        prop_assert_eq!(imported.project, song);
    }

    /// A short fuzz. More cases with `PROPTEST_CASES`.
    #[test]
    fn no_bytes_make_the_importer_panic(bytes in broken(), split in any::<bool>()) {
        let options = ImportOptions { split_voices: split, ..ImportOptions::default() };
        if let Ok(imported) = import_midi(&bytes, &options, &Budget::default()) {
            prop_assert_eq!(imported.project.check(), Ok(()));
            let again = import_midi(&export_midi(&imported.project), &options, &Budget::default()).unwrap();
            let sung = |project: &Project| project.tracks.iter().map(|track| track.notes.clone()).collect::<Vec<_>>();
            prop_assert_eq!(sung(&again.project), sung(&imported.project));
        }
    }
}

/// Valid files with bytes changed, taken out, put in and cut off; bytes of no meaning with and without header.
fn broken() -> impl Strategy<Value = Vec<u8>> {
    let seed = prop_oneof![
        song().prop_map(|song| export_midi(&song)),
        prop::sample::select(seeds()),
        (0u16..4, any::<u16>(), vec(any::<u8>(), 0..300)).prop_map(|(format, division, body)| {
            let mut bytes = file(format, division, &[]);
            bytes.extend(b"MTrk");
            bytes.extend((body.len() as u32).to_be_bytes());
            bytes.extend(body);
            bytes
        }),
        vec(any::<u8>(), 0..300),
    ];
    let status =
        prop_oneof![any::<u8>(), prop::sample::select(vec![0x00, 0x90, 0x80, 0xFF, 0xF0, 0xF7, 0x05, 0x01])];
    let change = (any::<prop::sample::Index>(), status, 0u8..4);
    (seed, vec(change, 0..20), prop::option::weighted(0.3, any::<prop::sample::Index>())).prop_map(
        |(mut bytes, changes, cut)| {
            for (at, byte, kind) in changes {
                let at = at.index(bytes.len() + 1);
                match kind {
                    0 => bytes.insert(at, byte),
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    _ if at < bytes.len() => bytes[at] = byte,
                    _ => {}
                }
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            bytes
        },
    )
}

/// Files of many kinds to start from: those above, and those of the world where they are.
fn seeds() -> Vec<Vec<u8>> {
    let words =
        vec![meta(0, 1, b"@KMIDI"), meta(0, 1, "/好一朵".as_bytes()), meta(1440, 1, &GB18030.encode("花").0)];
    let chord =
        vec![on(0, 0, 60), on(0, 1, 64), on(10, 0, 67), off(480, 0, 60), off(0, 1, 64), off(5, 0, 67)];
    let mut seeds = vec![
        file(1, 480, &[words.clone(), quarters(&[60, 62, 64, 65])]),
        file(0, 0xE728, std::slice::from_ref(&chord)),
        file(2, 7, &[chord, words]),
    ];
    seeds.extend(cases::more("songs/midi-edge").into_iter().map(|(_, bytes)| bytes));
    seeds
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn odd_files_of_the_world_are_read() {
    let folder = cases::folder("songs/midi-edge");
    let read = |name: &str| import(&std::fs::read(folder.join(format!("midi__test-{name}.mid"))).unwrap());
    // The length of the scale that each of these must give, and whether there is cause to complain.
    for (name, complaint) in [
        ("c-major-scale", None),
        ("corrupt-file-extra-byte", None),
        ("corrupt-file-missing-byte", Some("its length in the file is wrong")),
        ("illegal-message-all", Some("track 1, bar 1, beat 1: message F1")),
        ("illegal-message-f1-xx", Some("message F1")),
        ("illegal-message-f4", Some("message F4")),
        ("illegal-message-f8", Some("message F8")),
        ("non-midi-track", None),
        ("running-status-metaevent", None),
        ("running-status-sysex", None),
        ("smpte-offset", None),
        ("vlq-2-byte", None),
        ("vlq-3-byte", None),
        ("vlq-4-byte", None),
    ] {
        let imported = read(name);
        assert_eq!(imported.project.tracks.len(), 1, "{name}");
        assert_eq!(keys(&imported.project.tracks[0]), [60, 62, 64, 65, 67, 69, 71, 72], "{name}");
        let said = said(&imported.report);
        match complaint {
            Some(complaint) => assert!(said.contains(complaint), "{name}: {said}"),
            None => assert_eq!(said, "", "{name}"),
        }
    }
    assert_eq!(read("2-tracks-type-1").project.tracks.len(), 2);
    assert_eq!(read("2-tracks-type-2").project.tracks[1].notes[0].onset, 10 * 960);
    assert_eq!(read("empty").project.tracks.len(), 0);
    let karaoke = read("karaoke-kar").project;
    assert_eq!(karaoke.title, "Mary Was A Little Lame");
    assert_eq!(lyrics(&karaoke.tracks[0])[..7], ["Ma-", "ry", "was", "a", "lit-", "tle", "lame,"]);
    assert_eq!(lyrics(&karaoke.tracks[0])[24..26], ["was", "she!"]);
    for name in ["empty-file", "not-a-midi-file"] {
        let bytes = std::fs::read(folder.join(format!("midi__test-{name}.mid"))).unwrap();
        assert_eq!(
            import_midi(&bytes, &ImportOptions::default(), &Budget::default()).unwrap_err(),
            ImportError::NotMidi
        );
    }
}

/// What is exported of a song and imported again is the same, curves and mix aside.
fn comes_back(path: &std::path::Path, imported: &Imported) {
    let exported = export_midi(&imported.project);
    let again = import(&exported);
    assert_eq!(again.project.tracks.len(), imported.project.tracks.len(), "{}", path.display());
    for (a, b) in imported.project.tracks.iter().zip(&again.project.tracks) {
        assert_eq!((&a.name, &a.notes), (&b.name, &b.notes), "{}", path.display());
    }
    let (tempo, meter) = (&imported.project.tempo, &imported.project.meter);
    assert_eq!((&again.project.tempo, &again.project.meter), (tempo, meter), "{}", path.display());
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn every_file_of_the_world_is_read_and_comes_back() {
    let (mut refused, mut notes) = (Vec::new(), 0);
    for folder in ["midi-classical", "midi-edge", "midi-names", "projects"] {
        let files = cases::more(&format!("songs/{folder}"));
        assert!(!files.is_empty(), "{folder}");
        for (path, _) in files {
            match open_song(&path, &ImportOptions::default(), &Budget::default()) {
                Ok(mut imported) => {
                    assert_eq!(imported.project.check(), Ok(()), "{}", path.display());
                    notes += imported.project.tracks.iter().map(|track| track.notes.len()).sum::<usize>();
                    // A track without notes has no place in MIDI, nor has what only a score says of one.
                    imported.project.tracks.retain(|track| !track.notes.is_empty());
                    for track in &mut imported.project.tracks {
                        let plain = |n: &Note| Note::new(n.id, n.onset, n.length, n.pitch, n.lyric.clone());
                        track.notes = track.notes.iter().map(plain).collect();
                    }
                    comes_back(&path, &imported);
                }
                Err(_) => refused.extend(path.file_name().map(|name| name.to_string_lossy().into_owned())),
            }
        }
    }
    let no_songs = ["midi__test-empty-file.mid", "midi__test-not-a-midi-file.mid"];
    assert_eq!(refused, no_songs, "all others are read");
    assert!(notes > 1000, "{notes}");
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn vocal_software_exports_sing() {
    let folder = cases::folder("songs/projects");
    for name in ["testAssets__standard.mid", "testAssets__generated__standard.mid"] {
        let imported = open_song(&folder.join(name), &ImportOptions::default(), &Budget::default()).unwrap();
        let track = &imported.project.tracks[0];
        assert_eq!(lyrics(track), ["ど", "れ", "み", "ふぁ", "そ", "ら", "し", "ど"]);
        assert_eq!((keys(track), imported.report.warnings), (vec![60, 62, 64, 65, 67, 69, 71, 72], vec![]));
    }
}

#[test]
fn a_note_off_ends_the_note_that_began_first() {
    // Of two notes of one key the second begins before the first ends, at its tick and within it.
    for (first, second) in [(480, 480), (240, 720)] {
        let events =
            vec![on(0, 0, 60), on(first, 0, 60), off(480 - first, 0, 60), off(second - (480 - first), 0, 60)];
        let imported = import(&file(0, 480, &[events]));
        let expected: Vec<(Tick, Tick)> = vec![(0, 2 * i64::from(first)), (2 * i64::from(first), 960)];
        let found = times(&imported.project.tracks[0]);
        assert_eq!(found[..2].iter().map(|t| t.0).collect::<Vec<_>>(), [expected[0].0, expected[1].0]);
        assert!(!said(&imported.report).contains("without length"), "{}", said(&imported.report));
    }
    // A note whose end is missing ends where the next of its key begins.
    let events = vec![on(0, 0, 60), on(480, 0, 60), off(480, 0, 60), meta(960, 1, b"")];
    assert_eq!(times(&import(&file(0, 480, &[events])).project.tracks[0]), [(0, 960), (960, 960)]);
    // One without length stays none.
    let events = vec![on(0, 0, 60), off(0, 0, 60), on(480, 0, 60), off(480, 0, 60)];
    assert_eq!(times(&import(&file(0, 480, &[events])).project.tracks[0]), [(960, 960)]);
}

#[test]
fn data_bytes_above_127_keep_their_event_and_its_time() {
    let loud = (480, vec![0xB0, 7, 0xF8]);
    let wrong_key = vec![(240, vec![0x90, 0x80 | 62, 100]), off(480, 0, 62)];
    let events = [vec![loud], quarters(&[60]), wrong_key].concat();
    let imported = import(&file(0, 480, &[events]));
    assert_eq!(times(&imported.project.tracks[0]), [(960, 960), (2400, 960)]);
    assert_eq!(keys(&imported.project.tracks[0]), [60, 62]);
}

#[test]
fn a_data_byte_before_a_delta_is_no_meta_event() {
    // 255 and a delta of 1 look like the beginning of a text.
    let events = [quarters(&[60]), vec![(0, vec![0xB0, 0x6E, 0xFF]), on(1, 0, 62), off(479, 0, 62)]].concat();
    let imported = import(&file(0, 480, &[events]));
    assert_eq!(times(&imported.project.tracks[0]), [(0, 960), (962, 958)], "{}", said(&imported.report));
}

#[test]
fn a_track_goes_on_behind_an_end_within_it() {
    let end = |further: &[u8]| (0, [&[0xFF, 0x2F, 0], further].concat());
    let imported = import(&file(0, 480, &[[vec![end(&[])], quarters(&[60, 62])].concat()]));
    assert_eq!(keys(&imported.project.tracks[0]), [60, 62]);
    assert!(said(&imported.report).contains("behind its end"));
    // What is no event behind it is nothing.
    let imported = import(&file(0, 480, &[[quarters(&[60]), vec![end(&[0, 0, 0])]].concat()]));
    assert_eq!((keys(&imported.project.tracks[0]), said(&imported.report)), (vec![60], String::new()));
}

#[test]
fn words_go_to_the_voice_whose_notes_begin_with_them() {
    let word = ["山", "水", "花", "鸟", "风", "云", "雨", "雪"];
    let words: Vec<Event> = (0..).zip(word).map(|(i, w)| lyric(if i == 0 { 0 } else { 480 }, w)).collect();
    let held: Vec<Event> = (0..4).flat_map(|_| [on(0, 1, 40), off(960, 1, 40)]).collect();
    let running: Vec<Event> = (0..32).flat_map(|_| [on(0, 2, 72), off(120, 2, 72)]).collect();
    let imported = import(&file(1, 480, &[words, held, running, quarters(&[60; 9])]));
    let singing: Vec<usize> =
        (0..3).filter(|&i| lyrics(&imported.project.tracks[i]).iter().any(|l| !l.is_empty())).collect();
    assert_eq!(singing, [2], "{}", said(&imported.report));
    assert_eq!(lyrics(&imported.project.tracks[2])[..8], word);
}

#[test]
fn a_track_with_words_is_no_drum_track() {
    let sung: Vec<Event> =
        ["山", "水"].iter().flat_map(|w| [lyric(0, w), on(0, 9, 67), off(480, 9, 67)]).collect();
    let imported = import(&file(1, 480, &[sung, quarters(&[48, 50])]));
    assert_eq!(lyrics(&imported.project.tracks[0]), ["山", "水"]);
    // Beside other notes the channel of drums is one, whatever its notes meet.
    let mixed: Vec<Event> = ["山", "水"]
        .iter()
        .flat_map(|w| [lyric(0, w), on(0, 9, 36), on(0, 0, 67), off(480, 0, 67), off(0, 9, 36)])
        .collect();
    let imported = import(&file(0, 480, &[mixed]));
    assert_eq!((imported.project.tracks.len(), keys(&imported.project.tracks[0])), (1, vec![67, 67]));
}

#[test]
fn words_are_taken_once_without_marks_and_from_texts_at_the_notes() {
    let sing = |word: Vec<Event>| [word, quarters(&[60])].concat();
    let words = ["ら^", "<夢[ゆめ]", "/の", "山"];
    let twice: Vec<Event> = words.iter().flat_map(|w| sing(vec![lyric(0, w), lyric(0, w)])).collect();
    assert_eq!(lyrics(&import(&file(0, 480, &[twice])).project.tracks[0]), ["ら", "ゆめ", "の", "山"]);
    let texts = |words: [&str; 4]| -> Vec<Event> {
        words.iter().flat_map(|w| sing(vec![meta(0, 1, w.as_bytes())])).collect()
    };
    let sung = import(&file(0, 480, &[texts(["la", "li", "lu", "le"])]));
    assert_eq!(lyrics(&sung.project.tracks[0]), ["la", "li", "lu", "le"]);
    let chords = import(&file(0, 480, &[texts(["C", "Am", "F", "G7"])]));
    assert_eq!(lyrics(&chords.project.tracks[0]), [""; 4]);
}

#[test]
fn a_melody_over_rotating_channels_is_one_line() {
    let rotating: Vec<Event> = (0..6).flat_map(|i| [on(0, 1 + i, 60 + i), off(480, 1 + i, 60 + i)]).collect();
    let imported = import(&file(1, 480, &[rotating]));
    assert_eq!(imported.project.tracks.iter().map(keys).collect::<Vec<_>>(), [[60, 61, 62, 63, 64, 65]]);
}

#[test]
fn key_switches_and_phrase_marks_are_not_sung() {
    let sung: Vec<Event> = ["山", "水", "花"]
        .iter()
        .flat_map(|w| [on(400, 0, 12), off(40, 0, 12), lyric(40, w), on(0, 0, 67), off(480, 0, 67)])
        .collect();
    let imported = import(&file(0, 480, &[sung]));
    assert_eq!(keys(&imported.project.tracks[0]), [67, 67, 67]);
    assert!(said(&imported.report).contains("3 notes far outside"), "{}", said(&imported.report));
    let mut band = vec![meta(0, 3, b"PART VOCALS"), on(0, 0, 105)];
    band.extend(["la#", "+"].iter().flat_map(|w| [lyric(0, w), on(0, 0, 62), off(480, 0, 62)]));
    band.push(off(0, 0, 105));
    let imported = import(&file(1, 480, &[band]));
    assert_eq!(lyrics(&imported.project.tracks[0]), ["la", "-"]);
    // An instrument goes where it likes.
    assert_eq!(keys(&import(&file(0, 480, &[quarters(&[30, 60, 90])])).project.tracks[0]), [30, 60, 90]);
}

#[test]
fn pitch_bends_are_a_curve_in_their_range() {
    let range = vec![(0, vec![0xB0, 101, 0]), (0, vec![0xB0, 100, 0]), (0, vec![0xB0, 6, 12])];
    let bent = vec![on(0, 0, 60), (240, vec![0xE0, 0, 96]), (240, vec![0xE0, 0, 64]), off(0, 0, 60)];
    let pitch = |events: Vec<Event>| import(&file(0, 480, &[events])).project.tracks[0].curves.pitch.clone();
    let usual = pitch(bent.clone());
    assert_eq!([100.0, 700.0, 1000.0].map(|tick| usual.at(tick)), [0.0, 100.0, 0.0]);
    assert_eq!(pitch([range, bent].concat()).at(700.0), 600.0);
    assert!(pitch(quarters(&[60])).is_empty());
}

#[test]
fn a_tempo_that_cannot_be_played_is_left_out() {
    let imported = import(&file(0, 480, &[[vec![tempo(0, 0), tempo(480, 1)], quarters(&[60])].concat()]));
    assert_eq!(imported.project.tempo, TempoMap::constant(Tempo::BPM_120));
    assert!(said(&imported.report).contains("cannot be played"), "{}", said(&imported.report));
}

#[test]
fn a_line_over_all_channels_keeps_its_bends_and_the_notes_on_that_of_drums() {
    // Parameter 6 gives the notes fifteen channels: each is bent by up to four octaves.
    let zone = vec![(0, vec![0xB0, 101, 0]), (0, vec![0xB0, 100, 6]), (0, vec![0xB0, 6, 15])];
    let line = (6..12u8).flat_map(|i| {
        let bend = (0, vec![0xE0 | i, 0, 64 + (i - 6)]);
        [lyric(0, "la"), bend, on(0, i, 54 + i), off(480, i, 54 + i)]
    });
    let imported = import(&file(1, 480, &[zone.into_iter().chain(line).collect()]));
    let tracks = &imported.project.tracks;
    assert_eq!(tracks.iter().map(keys).collect::<Vec<_>>(), [[60, 61, 62, 63, 64, 65]]);
    let cents = |tick: f64| f64::from(tracks[0].curves.pitch.at(tick)).round();
    assert_eq!([500.0, 1500.0, 2500.0].map(cents), [0.0, 75.0, 150.0]);
}

#[test]
fn the_range_of_bends_has_a_fine_part_and_is_no_other_parameter() {
    let control = |number: u8, value: u8| (0, vec![0xB0, number, value]);
    let range = [control(101, 0), control(100, 0), control(6, 1), control(38, 50)];
    let makers_own = [control(99, 1), control(98, 8), control(6, 100)];
    let bent = vec![on(0, 0, 60), (240, vec![0xE0, 0, 96]), (240, vec![0xB0, 121, 0]), off(480, 0, 60)];
    let events = [range.to_vec(), makers_own.to_vec(), bent].concat();
    let pitch = import(&file(0, 480, &[events])).project.tracks[0].curves.pitch.clone();
    assert_eq!([700.0, 1200.0].map(|tick| pitch.at(tick)), [75.0, 0.0]);
}

#[test]
fn key_switches_at_the_tick_of_a_note_and_above_it_are_not_sung() {
    for key in [12, 108] {
        let sung = ["山", "水", "花"]
            .iter()
            .flat_map(|w| [lyric(0, w), on(2, 0, key), on(0, 0, 67), off(20, 0, key), off(460, 0, 67)]);
        let imported = import(&file(0, 480, &[sung.collect()]));
        assert_eq!(keys(&imported.project.tracks[0]), [67, 67, 67]);
        assert_eq!(lyrics(&imported.project.tracks[0]), ["山", "水", "花"]);
    }
}

#[test]
fn of_several_words_at_a_tick_the_first_is_sung() {
    let verses = ["山", "水"]
        .iter()
        .zip(["花", "鸟"])
        .flat_map(|(first, second)| [lyric(0, first), lyric(0, second), on(0, 0, 60), off(480, 0, 60)]);
    let imported = import(&file(0, 480, &[verses.collect()]));
    assert_eq!(lyrics(&imported.project.tracks[0]), ["山", "水"]);
    assert!(said(&imported.report).contains("2 further lyrics"), "{}", said(&imported.report));
}

#[test]
fn texts_at_the_notes_of_one_track_are_words_beside_lyrics_of_another() {
    let second = ["风", "云", "雨", "雪"]
        .iter()
        .flat_map(|w| [meta(0, 1, w.as_bytes()), on(0, 1, 72), off(480, 1, 72)]);
    let first = ["山", "水", "花", "鸟"].iter().flat_map(|w| [lyric(0, w), on(0, 0, 60), off(480, 0, 60)]);
    let imported = import(&file(1, 480, &[first.collect(), second.collect()]));
    let words: Vec<_> = imported.project.tracks.iter().map(lyrics).collect();
    assert_eq!(words, [["山", "水", "花", "鸟"], ["风", "云", "雨", "雪"]]);
}

#[test]
fn readings_over_several_notes_and_numbers_of_verses_are_understood() {
    let words = ["1. さ", "夢[ゆ", "め]", "の^", "空（"];
    let events = words.iter().flat_map(|w| [lyric(0, w), on(0, 0, 60), off(480, 0, 60)]).collect();
    let imported = import(&file(0, 480, &[events]));
    assert_eq!(lyrics(&imported.project.tracks[0])[..4], ["さ", "ゆ", "め", "の"]);
}

#[test]
fn a_chord_that_is_played_by_hand_is_one_note_with_its_word() {
    let strummed = vec![
        lyric(0, "山"),
        on(0, 0, 60),
        on(4, 0, 64),
        on(4, 0, 67),
        off(472, 0, 60),
        off(0, 0, 64),
        off(0, 0, 67),
    ];
    let imported = import(&file(0, 480, &[strummed]));
    assert_eq!(keys(&imported.project.tracks[0]), [67]);
    assert_eq!(lyrics(&imported.project.tracks[0]), ["山"]);
    assert_eq!(times(&imported.project.tracks[0]), [(0, 960)]);
}

#[test]
fn a_text_in_another_encoding_than_the_rest_spoils_nothing() {
    let (name, ..) = GB18030.encode("我们的歌");
    let mut events = vec![meta(0, 3, &name)];
    events.extend(
        ["さ", "く", "ら", "の", "花"].iter().flat_map(|w| [lyric(0, w), on(0, 0, 60), off(480, 0, 60)]),
    );
    let imported = import(&file(0, 480, &[events]));
    assert_eq!(lyrics(&imported.project.tracks[0]), ["さ", "く", "ら", "の", "花"]);
    assert_eq!(imported.project.tracks[0].name, "我们的歌");
}
