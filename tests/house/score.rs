//! The document: undo is exact, time is exact, files are exact.

use proptest::{collection::vec, option, prelude::*};
use ziyin_score::*;

fn note() -> impl Strategy<Value = Note> {
    let fade = || prop_oneof![Just(Vibrato::USUAL_FADE_MS), 0f32..10_000.0];
    let vibrato = (0f32..200.0, 50f32..500.0, 0f32..=1.0, fade(), fade()).prop_map(
        |(depth, period, onset, fade_in_ms, fade_out_ms)| Vibrato {
            fade_in_ms,
            fade_out_ms,
            ..Vibrato::new(depth, period, onset)
        },
    );
    let transition = (-600f32..500.0, -500f32..600.0, -1f32..=1.0, 0f32..=4.0).prop_map(
        |(begin_ms, end_ms, shape, overshoot)| Transition { begin_ms, end_ms, shape, overshoot }.bounded(),
    );
    let lyric = prop::sample::select(vec!["", "-", "好", "一朵", "xing2", "br", "\"\\\n"]);
    let levels = prop_oneof![
        2 => Just(Levels::default()),
        1 => [-18f32..18.0, -18f32..18.0, -18f32..18.0].prop_map(|[attack_db, body_db, release_db]| Levels {
            attack_db,
            body_db,
            release_db
        }),
    ];
    let sung = (
        option::of("[a-z]{1,6}[1-5]"),
        (option::of(vibrato), option::of(transition)),
        levels,
        option::of(prop::sample::select(&Manner::ALL)),
        vec(articulation(), 0..3),
        (prop_oneof![3 => Just(0), 1 => any::<u32>()], timbre(), any::<bool>()),
    );
    (0u64..40, 0..20_000i64, 1..4000i64, 0u8..=127, lyric, sung).prop_map(
        |(id, onset, length, pitch, lyric, (pronunciation, ways, levels, manner, articulations, last))| {
            let ((vibrato, transition), (take, timbre, muted)) = (ways, last);
            Note {
                pronunciation,
                vibrato,
                transition,
                levels,
                timbre,
                manner,
                articulations,
                take,
                muted,
                ..Note::new(NoteId(id), onset, length, pitch, lyric)
            }
        },
    )
}

fn timbre() -> impl Strategy<Value = Timbre> {
    prop_oneof![
        2 => Just(Timbre::default()),
        1 => [-1f32..=1.0, -1f32..=1.0, -24f32..=24.0].prop_map(|[breathiness, tension, formant]| Timbre {
            breathiness,
            tension,
            formant
        }),
    ]
}

fn articulation() -> impl Strategy<Value = Articulation> {
    let sound = || option::of(prop::sample::select(ziyin_lyrics::Phoneme::ALL).prop_map(Sound));
    let ms = || option::of(-1100f32..1100.0);
    let strengths_db = prop_oneof![Just([0f32; 4]), [-18f32..18.0, -18f32..18.0, -18f32..18.0, -18f32..18.0]];
    let consonant = prop_oneof![Just(1f32), 0.2f32..4.0];
    ([ms(), ms(), ms(), ms(), ms()], consonant, strengths_db, [sound(), sound(), sound(), sound()]).prop_map(
        |([onset_ms, burst_ms, vowel_ms, coda_ms, release_ms], consonant, strengths_db, sounds)| {
            Articulation {
                onset_ms,
                burst_ms,
                vowel_ms,
                coda_ms,
                release_ms,
                consonant,
                strengths_db,
                sounds,
            }
        },
    )
}

fn harmony() -> impl Strategy<Value = Harmony> {
    let kind = prop_oneof![
        Just(HarmonyKind::OctaveUp),
        Just(HarmonyKind::OctaveDown),
        (-9i8..9, 0u8..12).prop_map(|(degrees, tonic)| HarmonyKind::Interval {
            degrees,
            tonic,
            scale: Scale::Minor
        }),
    ];
    let delay = prop_oneof![Just(0f32), -0.25f32..=0.25];
    (kind, -30f32..6.0, -1f32..=1.0, any::<bool>(), 0f32..=1.0, delay, any::<bool>()).prop_map(
        |(kind, gain_db, pan, mute, humanise, delay, pinned)| Harmony {
            kind,
            gain_db,
            pan,
            mute,
            humanise,
            delay,
            pinned,
        },
    )
}

fn points() -> impl Strategy<Value = Vec<CurvePoint>> {
    prop::collection::btree_map(0..20_000i64, -100f32..60.0, 0..8)
        .prop_map(|points| points.into_iter().map(|(tick, value)| CurvePoint { tick, value }).collect())
}

fn track() -> impl Strategy<Value = Track> {
    (track_id(), "[a-z]{0,5}", vec(note(), 0..12), points(), vec(harmony(), 0..3)).prop_map(
        |(id, name, mut notes, points, harmonies)| {
            notes.sort_by_key(|note| note.id);
            notes.dedup_by_key(|note| note.id);
            for note in &mut notes {
                // Commands bring such as are refused; what is open holds none.
                note.articulations.retain(|own| {
                    let alone = Note { articulations: vec![*own], ..note_of_nothing() };
                    let track = Track { notes: Notes::new(vec![alone]), ..Track::new(TrackId(0), "") };
                    Project { tracks: vec![track], ..Project::default() }.check().is_ok()
                });
            }
            let mut track = Track::new(id, name);
            track.notes = Notes::new(notes);
            track.curves.loudness = Curve::new(points).unwrap();
            track.harmonies = harmonies;
            track
        },
    )
}

fn note_of_nothing() -> Note {
    Note::new(NoteId(0), 0, 1, 60, "")
}

fn track_id() -> impl Strategy<Value = TrackId> {
    (0u64..4).prop_map(TrackId)
}

fn note_ids() -> impl Strategy<Value = Vec<NoteId>> {
    vec((0u64..40).prop_map(NoteId), 1..4)
}

fn note_command() -> impl Strategy<Value = NoteCommand> {
    prop_oneof![
        (track_id(), vec(note(), 0..4)).prop_map(|(track, notes)| NoteCommand::Insert { track, notes }),
        (track_id(), note_ids()).prop_map(|(track, notes)| NoteCommand::Remove { track, notes }),
        (track_id(), note_ids(), -3000..3000i64, -30i16..30).prop_map(|(track, notes, ticks, semitones)| {
            NoteCommand::Move { track, notes, ticks, semitones }
        }),
        (track_id(), vec(((0u64..40).prop_map(NoteId), "[a-z]{0,3}"), 0..3))
            .prop_map(|(track, lyrics)| NoteCommand::Sing { track, lyrics }),
        (track_id(), vec(note(), 0..3)).prop_map(|(track, notes)| NoteCommand::Change { track, notes }),
    ]
}

fn track_command() -> impl Strategy<Value = TrackCommand> {
    let field = prop_oneof![
        "[a-z]{0,4}".prop_map(TrackField::Name),
        option::of("[a-z]{1,4}").prop_map(TrackField::Singer),
        prop_oneof![Just(f32::NAN), -20f32..20.0].prop_map(TrackField::Gain),
        (-1.5f32..1.5).prop_map(TrackField::Pan),
        (-0.5f32..1.5).prop_map(TrackField::Room),
        any::<bool>().prop_map(TrackField::Hidden),
        option::of("[a-z]{1,4}").prop_map(TrackField::Folder),
        any::<bool>().prop_map(TrackField::Folded),
        (-0.5f32..2.5).prop_map(TrackField::Inflection),
        (-0.5f32..2.5).prop_map(TrackField::Expression),
        any::<bool>().prop_map(TrackField::Mute),
        any::<bool>().prop_map(TrackField::Solo),
        option::of(Just(ziyin_lyrics::Language::Japanese)).prop_map(TrackField::Language),
        any::<[u8; 3]>().prop_map(|rgb| TrackField::Colour(Colour(rgb))),
        vec("[a-z]{1,4}", 0..3).prop_map(TrackField::Words),
    ];
    prop_oneof![
        (0usize..5, track())
            .prop_map(|(index, track)| TrackCommand::Insert { index, track: Box::new(track) }),
        track_id().prop_map(|track| TrackCommand::Remove { track }),
        (track_id(), 0usize..5).prop_map(|(track, index)| TrackCommand::Reorder { track, index }),
        (track_id(), field).prop_map(|(track, field)| TrackCommand::Set { track, field }),
    ]
}

fn song_command() -> impl Strategy<Value = SongCommand> {
    let tick = || prop_oneof![Just(0i64), 0..20_000i64, Just(MAX_TICK + 1), -5..0i64];
    prop_oneof![
        "[a-z]{0,4}".prop_map(SongCommand::Title),
        option::of((tick(), tick())).prop_map(SongCommand::Loop),
        prop_oneof![Just(f32::NAN), -70f32..70.0].prop_map(SongCommand::MixGain),
        prop_oneof![Just(f32::NAN), 0f32..5.0].prop_map(SongCommand::Room),
        vec((tick(), "[a-z]{0,4}"), 0..3).prop_map(|markers| SongCommand::Markers(
            markers.into_iter().map(|(tick, name)| Marker { tick, name }).collect()
        )),
        option::of((0u8..14, any::<bool>())).prop_map(|key| SongCommand::Key(
            key.map(|(tonic, major)| Key { tonic, scale: if major { Scale::Major } else { Scale::Minor } })
        )),
        (tick(), option::of(100_000u32..900_000)).prop_map(|(tick, micros)| SongCommand::Tempo {
            tick,
            tempo: micros.and_then(Tempo::from_micros)
        }),
        (tick(), option::of((0u8..9, 0u8..9))).prop_map(|(tick, signature)| SongCommand::Meter {
            tick,
            signature: signature.map(|(beats, unit)| TimeSignature { beats, unit }),
        }),
        vec((tick(), 100_000u32..900_000), 0..4).prop_map(|changes| SongCommand::Tempos(
            changes
                .into_iter()
                .filter_map(|(tick, micros)| Some(TempoChange { tick, tempo: Tempo::from_micros(micros)? }))
                .collect()
        )),
        vec((tick(), 1u8..9), 0..4).prop_map(|changes| SongCommand::Meters(
            changes
                .into_iter()
                .map(|(tick, beats)| TimeSignatureChange {
                    tick,
                    signature: TimeSignature { beats, unit: 4 }
                })
                .collect()
        )),
    ]
}

fn backing_command() -> impl Strategy<Value = BackingCommand> {
    let backing = || {
        let cut = || prop_oneof![Just([0i64; 2]), [-5..5_000_000i64, 0..5_000_000i64]];
        let sides = (-1.2f32..1.2, prop_oneof![Just(0f32), -0.1f32..1.1]);
        ("[a-z]{1,4}", -30f32..6.0, sides, -5_000_000..5_000_000i64, cut(), cut(), any::<[bool; 2]>())
            .prop_map(|(path, gain_db, (pan, room), offset_us, trim_us, fade_us, [mute, solo])| Backing {
                path,
                gain_db,
                pan,
                room,
                offset_us,
                trim_us,
                fade_us,
                mute,
                solo,
            })
    };
    prop_oneof![
        2 => (0usize..3, backing()).prop_map(|(index, backing)| BackingCommand::Insert { index, backing }),
        1 => (0usize..3, backing()).prop_map(|(index, backing)| BackingCommand::Change { index, backing }),
        1 => (0usize..3).prop_map(|index| BackingCommand::Remove { index }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let kind = prop::sample::select(CurveKind::ALL.to_vec());
    let single = prop_oneof![
        4 => note_command().prop_map(Command::Note),
        2 => (track_id(), kind, 0..20_000i64, 0..20_000i64, points()).prop_map(|(track, kind, a, b, mut points)| {
            let (from, to) = (a.min(b), a.max(b));
            points.retain(|point| (from..to).contains(&point.tick));
            Command::Curve(CurveCommand::Draw { track, kind, from, to, points })
        }),
        1 => (track_id(), 0usize..3, harmony())
            .prop_map(|(track, index, harmony)| Command::Harmony(HarmonyCommand::Insert { track, index, harmony })),
        1 => (track_id(), 0usize..3, harmony())
            .prop_map(|(track, index, harmony)| Command::Harmony(HarmonyCommand::Change { track, index, harmony })),
        1 => (track_id(), 0usize..3)
            .prop_map(|(track, index)| Command::Harmony(HarmonyCommand::Remove { track, index })),
        2 => backing_command().prop_map(Command::Backing),
        3 => track_command().prop_map(Command::Track),
        2 => song_command().prop_map(Command::Song),
    ];
    single.prop_recursive(2, 8, 3, |inner| vec(inner, 0..3).prop_map(Command::All))
}

fn project() -> impl Strategy<Value = Project> {
    (vec(track(), 0..4), tempo_map(), "[^\u{0}]{0,6}").prop_map(|(mut tracks, tempo, title)| {
        for (index, track) in tracks.iter_mut().enumerate() {
            track.id = TrackId(index as u64);
        }
        Project { title, tempo, tracks, ..Project::default() }
    })
}

fn tempo_map() -> impl Strategy<Value = TempoMap> {
    let tempo = Tempo::FASTEST.micros()..=Tempo::SLOWEST.micros();
    prop::collection::btree_map(prop_oneof![1..50_000i64, 1..=MAX_TICK], tempo.clone(), 0..6).prop_flat_map(
        move |changes| {
            tempo.clone().prop_map(move |first| {
                let all = std::iter::once((0, first)).chain(changes.clone());
                let change =
                    |(tick, micros)| TempoChange { tick, tempo: Tempo::from_micros(micros).unwrap() };
                TempoMap::new(all.map(change).collect()).unwrap()
            })
        },
    )
}

fn json(project: &Project) -> Vec<u8> {
    let mut text = Vec::new();
    project.write_json(&mut text).unwrap();
    text
}

proptest! {
    #[test]
    fn undone_in_reverse_any_commands_give_the_identical_document(
        start in project(), commands in vec(command(), 0..30)
    ) {
        let mut project = start.clone();
        let (mut inverses, mut states) = (Vec::new(), Vec::new());
        for command in commands {
            let before = project.clone();
            let text = serde_json::to_string(&command).unwrap();
            match command.clone().apply(&mut project) {
                Ok(inverse) => {
                    // What is applied is also what is written down.
                    prop_assert_eq!(&serde_json::from_str::<Command>(&text).unwrap(), &command);
                    prop_assert_eq!(project.check(), Ok(()));
                    inverses.push(inverse);
                    states.push(before);
                }
                Err(_) => prop_assert_eq!(&project, &before, "a refused edit changes nothing"),
            }
        }
        while let (Some(inverse), Some(state)) = (inverses.pop(), states.pop()) {
            inverse.apply(&mut project).unwrap();
            prop_assert_eq!(&project, &state);
        }
        prop_assert_eq!(project, start);
    }

    #[test]
    fn history_walks_back_and_forth_through_the_same_documents(
        start in project(), groups in vec(vec(command(), 1..5), 0..8)
    ) {
        let mut project = start.clone();
        let mut history = History::default();
        let mut states = vec![start];
        for group in groups {
            history.begin("drag");
            for command in group {
                let before = project.clone();
                let changed = history.perform(&mut project, "inner", command).unwrap_or(false);
                prop_assert_eq!(changed, project != before);
            }
            history.end();
            // A group that goes back to where it began is no step.
            if states.last() != Some(&project) {
                states.push(project.clone());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert_eq!(history.undo(&mut project).unwrap(), Some("drag".to_string()));
            prop_assert_eq!(&project, state);
        }
        prop_assert_eq!(history.undo(&mut project).unwrap(), None);
        for state in &states[1..] {
            history.redo(&mut project).unwrap();
            prop_assert_eq!(&project, state);
        }
        prop_assert_eq!(history.redo(&mut project).unwrap(), None);
    }

    #[test]
    fn seconds_of_a_tick_give_back_the_tick(
        map in tempo_map(), ticks in vec(prop_oneof![0..100_000i64, 0..=MAX_TICK], 1..40)
    ) {
        for tick in ticks {
            let seconds = map.seconds(tick);
            prop_assert_eq!(map.tick(seconds), tick);
            prop_assert!(map.seconds(tick + 1) > seconds);
            prop_assert!((map.seconds_between(tick as f64) - seconds).abs() <= 1e-15 * seconds);
        }
    }

    #[test]
    fn a_file_gives_back_the_same_project(project in project()) {
        let text = json(&project);
        let loaded = Project::from_json(&text).unwrap();
        prop_assert_eq!(&loaded, &project);
        prop_assert_eq!(json(&loaded), text);
    }
}

fn song(notes: u64) -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    let note = |i: u64| Note::new(NoteId(i + 1), i as i64 * 480, 470, 60 + (i % 12) as u8, "花");
    track.notes = (0..notes).map(note).collect();
    Project { title: "a song".into(), tracks: vec![track], ..Project::default() }
}

#[test]
fn one_changed_note_is_one_changed_line() {
    let mut project = song(20);
    let before = String::from_utf8(json(&project)).unwrap();
    let sing = NoteCommand::Sing { track: TrackId(1), lyrics: vec![(NoteId(7), "香".into())] };
    Command::Note(sing).apply(&mut project).unwrap();
    let after = String::from_utf8(json(&project)).unwrap();
    let changed = before.lines().zip(after.lines()).filter(|(a, b)| a != b).count();
    assert_eq!((changed, before.lines().count()), (1, after.lines().count()));
}

#[test]
fn saving_keeps_the_version_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("歌.ziyin");
    for notes in [1, 2, 3] {
        song(notes).save(&path).unwrap();
    }
    assert_eq!(Project::load(&path).unwrap(), song(3));
    assert_eq!(Project::load(&backup_path(&path)).unwrap(), song(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left lying about");
}

#[test]
fn a_newer_song_is_refused_in_so_many_words() {
    let next = FORMAT_VERSION + 1;
    let song = format!(r#"{{"ziyin": {next}, "of the future": []}}"#);
    let error = Project::from_json(song.as_bytes()).unwrap_err();
    assert!(matches!(error, LoadError::Newer { found } if found == next));
    assert!(error.to_string().contains("newer Ziyin"), "{error}");
}

#[test]
fn levels_and_manner_are_edited_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    let levels = Levels { attack_db: 6.0, body_db: 0.0, release_db: -3.5 };
    let quiet = Note { levels, manner: Some(Manner::Whisper), ..project.tracks[0].notes[1].clone() };
    let change = |note: &Note| NoteCommand::Change { track: TrackId(1), notes: vec![note.clone()] };
    let undo = Command::Note(change(&quiet)).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 4,"), "an older reader would lose them");
    assert_eq!(Project::from_json(&text).unwrap(), project);
    assert_eq!(project.tracks[0].notes[1], quiet);
    let loud = Levels { body_db: Levels::MOST_DB + 0.1, ..levels };
    let refused = Command::Note(change(&Note { levels: loud, ..quiet })).apply(&mut project).unwrap_err();
    assert_eq!(refused, EditError::Invalid(InvalidScore::Levels { id: NoteId(2) }));
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain, "without them it is a song of the first format again");
}

#[test]
fn how_a_character_is_sung_is_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    let own = Articulation {
        onset_ms: Some(-120.0),
        consonant: 1.5,
        strengths_db: [6.0, 0.0, 0.0, -3.0],
        sounds: [Some(Sound(ziyin_lyrics::Phoneme::F)), None, None, Some(Sound(ziyin_lyrics::Phoneme::None))],
        ..Articulation::default()
    };
    let note = project.tracks[0].notes[1].clone();
    let change = |note: Note| Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![note] });
    let undo = change(note.clone().with_articulation(1, own)).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 9,"), "an older reader would lose it");
    let line = r#""articulations":[{},{"onset_ms":-120.0,"consonant":1.5,"strengths_db":[6.0,0.0,0.0,-3.0],"sounds":["f",null,null,""]}]"#;
    assert!(String::from_utf8_lossy(&text).contains(line), "{}", String::from_utf8_lossy(&text));
    assert_eq!(Project::from_json(&text).unwrap(), project);
    let silent = Articulation { sounds: [None, None, Some(Sound(ziyin_lyrics::Phoneme::None)), None], ..own };
    for wrong in
        [silent, Articulation { vowel_ms: Some(f32::NAN), ..own }, Articulation { consonant: 0.0, ..own }]
    {
        let refused = change(note.clone().with_articulation(0, wrong)).apply(&mut project);
        assert_eq!(refused, Err(InvalidScore::Articulation { id: NoteId(2) }.into()));
    }
    // One that is as usual is none.
    assert_eq!(note.clone().with_articulation(1, own).with_articulation(1, Articulation::default()), note);
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain);
}

#[test]
fn a_harmony_is_moved_in_time_kept_and_undone() {
    let mut project = song(2);
    project.tracks[0].harmonies = vec![Harmony::new(HarmonyKind::OctaveUp)];
    let plain = json(&project);
    assert!(plain.starts_with(b"{\n  \"ziyin\": 1,"), "one that is not moved is known to older readers");
    assert!(!String::from_utf8_lossy(&plain).contains("delay"));
    let change = |delay| {
        let harmony = Harmony { delay, ..Harmony::new(HarmonyKind::OctaveUp) };
        Command::Harmony(HarmonyCommand::Change { track: TrackId(1), index: 0, harmony })
    };
    let undo = change(-0.25).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 6,"), "an older reader would lose the delay");
    assert_eq!(Project::from_json(&text).unwrap(), project);
    for wrong in [0.2501, f32::NAN] {
        assert_eq!(change(wrong).apply(&mut project), Err(InvalidScore::Mix { track: TrackId(1) }.into()));
    }
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain);
}

#[test]
fn the_expression_of_a_track_is_set_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    assert!(
        plain.starts_with(b"{\n  \"ziyin\": 1,") && !String::from_utf8_lossy(&plain).contains("expression")
    );
    // A song that knows nothing of it is sung as a new one is.
    assert_eq!(Project::from_json(&plain).unwrap().tracks[0].expression, 1.0);
    let set = |expression| {
        let field = TrackField::Expression(expression);
        Command::Track(TrackCommand::Set { track: TrackId(1), field })
    };
    let undo = set(0.25).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 7,"), "an older reader would lose it");
    assert_eq!(Project::from_json(&text).unwrap(), project);
    for wrong in [-0.01, 2.01, f32::NAN] {
        assert_eq!(set(wrong).apply(&mut project), Err(InvalidScore::Mix { track: TrackId(1) }.into()));
    }
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain);
}

#[test]
fn folders_timbres_falsetto_and_growl_are_set_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    let set = |field| Command::Track(TrackCommand::Set { track: TrackId(1), field });
    let first = project.tracks[0].notes[0].clone();
    let change = |note: Note| Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![note] });
    let timbre = Timbre { breathiness: 0.25, tension: -0.5, formant: 2.0 };
    for (step, kept) in [
        (set(TrackField::Folder(Some("choir".into()))), "\"folder\": \"choir\""),
        (set(TrackField::Folded(true)), "\"folded\": true"),
        (change(Note { timbre, ..first.clone() }), "\"breathiness\":0.25"),
        (change(Note { manner: Some(Manner::Falsetto), ..first.clone() }), "\"manner\":\"falsetto\""),
        (change(Note { manner: Some(Manner::Growl), ..first.clone() }), "\"manner\":\"growl\""),
    ] {
        let undo = step.apply(&mut project).unwrap();
        let text = json(&project);
        assert!(text.starts_with(b"{\n  \"ziyin\": 19,"), "an older reader would lose it");
        assert!(String::from_utf8_lossy(&text).contains(kept), "{kept}");
        assert_eq!(Project::from_json(&text).unwrap(), project);
        undo.apply(&mut project).unwrap();
        assert_eq!(json(&project), plain);
    }
    for wrong in [1.01, f32::NAN] {
        let wrong = Timbre { breathiness: wrong, ..timbre };
        let refused = change(Note { timbre: wrong, ..first.clone() }).apply(&mut project);
        assert_eq!(refused, Err(InvalidScore::Timbre { id: first.id }.into()));
    }
    // What a file says beyond the bounds is brought to them.
    let far = change(Note { timbre: Timbre { formant: 24.0, ..timbre }, ..first }).apply(&mut project);
    far.unwrap();
    let text = String::from_utf8(json(&project)).unwrap().replace("\"formant\":24.0", "\"formant\":99.0");
    assert_eq!(Project::from_json(text.as_bytes()).unwrap(), project);
}

#[test]
fn notes_are_muted_kept_and_sung_again() {
    let mut project = song(2);
    let plain = json(&project);
    let muted = Note { muted: true, ..project.tracks[0].notes[0].clone() };
    let mute = Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![muted] });
    let undo = mute.apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 20,"), "an older reader would sing it");
    assert!(String::from_utf8_lossy(&text).contains("\"muted\":true"));
    assert_eq!(Project::from_json(&text).unwrap(), project);
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain);
}

#[test]
fn the_room_and_hidden_tracks_are_set_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    let set = |field| Command::Track(TrackCommand::Set { track: TrackId(1), field });
    let room = |seconds| Command::Song(SongCommand::Room(seconds));
    for (step, kept) in [
        (set(TrackField::Room(0.25)), "\"room\": 0.25"),
        (set(TrackField::Hidden(true)), "\"hidden\": true"),
        (room(2.5), "\"room_s\": 2.5"),
    ] {
        let undo = step.apply(&mut project).unwrap();
        let text = json(&project);
        assert!(text.starts_with(b"{\n  \"ziyin\": 17,"), "an older reader would lose it");
        assert!(String::from_utf8_lossy(&text).contains(kept), "{kept}");
        assert_eq!(Project::from_json(&text).unwrap(), project);
        undo.apply(&mut project).unwrap();
        assert_eq!(json(&project), plain);
    }
    for wrong in [-0.01, 1.01, f32::NAN] {
        let refused = set(TrackField::Room(wrong)).apply(&mut project);
        assert_eq!(refused, Err(InvalidScore::Mix { track: TrackId(1) }.into()));
    }
    // Backing audio in the room came later.
    project.backings = vec![Backing { room: 0.5, ..Backing::new("a.wav") }];
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 18,"), "an older reader would lose it");
    assert_eq!(Project::from_json(&text).unwrap(), project);
    for wrong in [0.0, 4.1, f32::NAN] {
        assert_eq!(room(wrong).apply(&mut project), Err(InvalidScore::Room.into()));
    }
    // What lies beyond what there is is brought to it as a song is read.
    let far = String::from_utf8(plain).unwrap().replacen("\"mute\"", "\"room\": 7.0, \"mute\"", 1);
    assert_eq!(Project::from_json(far.as_bytes()).unwrap().tracks[0].room, 1.0);
}

#[test]
fn words_that_wait_for_notes_are_set_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    let field = TrackField::Words(vec!["好".into(), "+".into(), "mo4".into()]);
    let set = Command::Track(TrackCommand::Set { track: TrackId(1), field });
    let undo = set.apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 15,"), "an older reader would lose them");
    let read = Project::from_json(&text).unwrap();
    assert_eq!((&read, read.tracks[0].words.len()), (&project, 3));
    undo.apply(&mut project).unwrap();
    assert_eq!(json(&project), plain);
}

#[test]
fn backing_audio_is_edited_kept_and_undone() {
    let mut project = song(2);
    let plain = json(&project);
    assert!(plain.starts_with(b"{\n  \"ziyin\": 1,"), "a song without it is still one for older readers");
    let backing = Backing { gain_db: -3.5, offset_us: -1_250_001, ..Backing::new("audio/伴奏.flac") };
    let moved = Backing { mute: true, offset_us: 7, ..backing.clone() };
    let steps = [
        BackingCommand::Insert { index: 0, backing: backing.clone() },
        BackingCommand::Insert { index: 0, backing: Backing::new("b.wav") },
        BackingCommand::Change { index: 1, backing: moved.clone() },
        BackingCommand::Remove { index: 0 },
    ];
    let mut undo = Vec::new();
    for step in steps {
        let before = project.clone();
        let inverse = Command::Backing(step).apply(&mut project).unwrap();
        undo.push((inverse, before));
    }
    assert_eq!(project.backings, [moved]);
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 2,"));
    assert_eq!(Project::from_json(&text).unwrap(), project);
    for (inverse, before) in undo.into_iter().rev() {
        inverse.apply(&mut project).unwrap();
        assert_eq!(project, before);
    }
    assert_eq!(json(&project), plain);

    let placed = Backing { pan: -0.25, ..backing.clone() };
    Command::Backing(BackingCommand::Insert { index: 0, backing: placed }).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 5,"), "an older reader would lose the pan");
    assert_eq!(Project::from_json(&text).unwrap(), project);

    let alone = Backing { solo: true, ..backing.clone() };
    Command::Backing(BackingCommand::Change { index: 0, backing: alone }).apply(&mut project).unwrap();
    let text = json(&project);
    assert!(text.starts_with(b"{\n  \"ziyin\": 13,") && project.has_solo());
    assert_eq!(Project::from_json(&text).unwrap(), project);

    for wrong in [Backing { gain_db: f32::NAN, ..backing.clone() }, Backing { pan: 1.01, ..backing }] {
        let insert = BackingCommand::Insert { index: 0, backing: wrong };
        let refused = Command::Backing(insert).apply(&mut project);
        assert!(matches!(refused, Err(EditError::Invalid(_))));
    }
    let nowhere = Command::Backing(BackingCommand::Remove { index: 1 }).apply(&mut project);
    assert_eq!(nowhere, Err(EditError::NoBacking(1)));
}

#[test]
fn a_broken_song_is_refused() {
    assert!(matches!(Project::from_json(b"{\"ziyin\": 1"), Err(LoadError::NotASong(_))));
    assert!(matches!(Project::from_json(b"[1, 2]"), Err(LoadError::NotASong(_))));
    let text = String::from_utf8(json(&song(2))).unwrap();
    for (from, to) in [
        ("\"id\":2", "\"id\":1"),
        ("\"pitch\":61", "\"pitch\":200"),
        ("\"onset\":480", "\"onset\":-1"),
        ("\"length\":470", "\"length\":9999999999"),
    ] {
        assert!(text.contains(from));
        let broken = text.replace(from, to);
        assert!(matches!(Project::from_json(broken.as_bytes()), Err(LoadError::Invalid(_))), "{to}");
    }
}

/// What no musician writes, but a file can hold.
#[test]
fn numbers_beyond_all_bounds_are_brought_within_them() {
    let mut text = String::from_utf8(json(&song(2))).unwrap();
    let most = u64::MAX.to_string();
    for (from, to) in [
        ("\"id\":2", format!("\"id\":{most}")),
        ("\"gain_db\": 0.0", "\"gain_db\": 1000".into()),
        (
            "\"harmonies\": []",
            format!("\"harmonies\": [{}]", r#"{"kind":"octave-up","gain_db":1e30,"pan":0,"humanise":0}"#),
        ),
        (
            "\"curves\": {}",
            r#""curves": {"loudness":[{"tick":0,"value":3e38}],"tension":[{"tick":5,"value":-7}]}"#.into(),
        ),
        ("\"pitch\":61", r#""vibrato":{"depth_cents":1e30,"period_ms":1e-30,"onset":0.5},"pitch":61"#.into()),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replacen(from, &to, 1);
    }
    let mut project = Project::from_json(text.as_bytes()).unwrap();
    assert_eq!(project.check(), Ok(()));
    let track = &project.tracks[0];
    assert_eq!((track.gain_db, track.harmonies[0].gain_db), (60.0, 60.0));
    assert_eq!((track.curves.loudness.at(0.0), track.curves.tension.at(5.0)), (60.0, -1.0));
    assert_eq!(track.notes[1].vibrato.map(|own| own.period_ms), Some(10.0));
    // The last note is duplicated, as the studio does it.
    let copy = Note { id: track.notes.next_id(), onset: 5000, ..track.notes[1].clone() };
    assert!(copy.id.0 < u64::MAX / 2 && track.notes.iter().all(|note| note.id != copy.id));
    let insert = NoteCommand::Insert { track: track.id, notes: vec![copy] };
    Command::Note(insert).apply(&mut project).unwrap();
    assert_eq!(project.tracks[0].notes.len(), 3);

    let endless = text.replacen("1000", "1e39", 1);
    assert!(matches!(
        Project::from_json(endless.as_bytes()).map(|project| project.tracks[0].gain_db),
        Ok(60.0) | Err(_)
    ));
    let far = TrackCommand::Set { track: TrackId(1), field: TrackField::Gain(61.0) };
    assert!(Command::Track(far).apply(&mut project).is_err());
}

#[test]
fn a_song_of_a_hundred_thousand_tracks_or_signatures_is_told_soon() {
    let third =
        r#"{"kind":{"interval":{"degrees":2,"tonic":0,"scale":"major"}},"gain_db":-6,"pan":0,"humanise":0}"#;
    let tracks: Vec<String> = (1..100_000)
        .map(|id| format!(r#"{{"id":{id},"name":"","notes":[],"harmonies":[{third}]}}"#))
        .collect();
    let meter: Vec<String> =
        (0..100_000).map(|i| format!(r#"{{"tick":{},"beats":{},"unit":4}}"#, i * 3840, 3 + i % 2)).collect();
    let text = format!(
        r#"{{"ziyin":1,"title":"","tempo":[{{"tick":0,"micros_per_quarter":500000}}],"meter":[{}],"tracks":[{}]}}"#,
        meter.join(","),
        tracks.join(",")
    );
    let project = Project::from_json(text.as_bytes()).unwrap();
    let last = project.meter.bar_beat(400_000_000).bar;
    for bar in last - 100_000..last {
        assert_eq!(project.meter.bar_beat(project.meter.bar_start(bar)).bar, bar);
    }
    assert_eq!(Project::from_json(&json(&project)).unwrap(), project);
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_no_song() {
    assert!(matches!(Project::load(std::path::Path::new("/dev/zero")), Err(LoadError::Io(_))));
}

#[test]
fn a_drag_can_be_cancelled() {
    let mut project = song(3);
    let mut history = History::default();
    history.begin("move");
    for _ in 0..5 {
        let step = NoteCommand::Move { track: TrackId(1), notes: vec![NoteId(2)], ticks: 7, semitones: 1 };
        history.perform(&mut project, "move", Command::Note(step)).unwrap();
    }
    assert!(history.cancel(&mut project).unwrap());
    assert_eq!((&project, history.undo_name()), (&song(3), None));
    // One in which nothing was done yet is no step.
    history.begin("move");
    assert_eq!((history.undo_name(), history.undo_names().count()), (None, 0));
}

#[test]
fn what_changes_nothing_is_no_step_and_keeps_what_can_be_done_again() {
    let mut project = song(3);
    let mut history = History::default();
    let by = |ticks| {
        Command::Note(NoteCommand::Move { track: TrackId(1), notes: vec![NoteId(2)], ticks, semitones: 0 })
    };
    assert!(history.perform(&mut project, "move", by(7)).unwrap());
    history.undo(&mut project).unwrap();
    for idle in [by(0), Command::All(vec![by(0), by(0)]), Command::All(vec![by(7), by(-7)])] {
        assert!(!history.perform(&mut project, "move", idle).unwrap());
        assert_eq!((history.undo_name(), history.redo_name()), (None, Some("move")));
    }
}

#[test]
fn curves_are_straight_between_their_points() {
    let point = |tick, value| CurvePoint { tick, value };
    let curve = Curve::new(vec![point(100, 0.0), point(200, 10.0)]).unwrap();
    assert_eq!([0.0, 100.0, 150.0, 200.0, 900.0].map(|tick| curve.at(tick)), [0.0, 0.0, 5.0, 10.0, 10.0]);
    assert_eq!(Curve::default().at(5.0), 0.0);
}
