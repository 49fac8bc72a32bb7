//! The plan of a song that is edited again and again is, to the last bit, the plan of the
//! song as it is.

use std::sync::Arc;
use ziyin_message::Message;

use proptest::{collection::vec, option, prelude::*};
use ziyin_lyrics::{Language, Phoneme};
use ziyin_score::*;
use ziyin_singing::plan::{Phrase, Plan};
use ziyin_singing::score_voices::{Planner, ScoreVoice, Which, score_voices};
use ziyin_singing::{Block, Character, Timing, TimingInput, Voice, VoiceFailure};

/// A voice whose consonants are as long as sound, neighbours, pitch and length say.
struct Uneven;

impl Voice for Uneven {
    fn fingerprint(&self) -> u64 {
        7
    }

    fn singer(&self, name: &str) -> Option<usize> {
        ["one", "two"].iter().position(|known| *known == name)
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let timing = |input: &TimingInput| {
            let sound = |phoneme: Phoneme| phoneme as u8 as f32 / 100.0;
            let length = input.length.clamp(0.0, 1.0) * (0.1 + 0.1 * input.singer as f32);
            Timing {
                closure: 0.1 * sound(input.previous[0]),
                consonant: 0.2 * sound(input.syllable.initial) + length + input.pitch / 2000.0,
                coda: 0.1 + 0.1 * sound(input.next[0]),
            }
        };
        Ok(inputs.iter().map(timing).collect())
    }

    fn generate(&self, _: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        Err(VoiceFailure(Message::foreign("nothing is sung here")))
    }
}

fn tracks() -> Vec<Track> {
    let lyrics = "好一朵美丽的茉莉花芬芳满枝桠又香白人夸银行长大了";
    (1..=2)
        .map(|id| {
            let mut track = Track::new(TrackId(id), format!("track {id}"));
            // Phrases of eight notes, and some rests that are too short to part words.
            let onset = |i: i64| i * 480 + i / 8 * 960 + i / 3 % 2 * 120;
            let notes = lyrics.chars().cycle().skip(id as usize).take(60).zip(0i64..).map(|(lyric, i)| {
                Note::new(NoteId(i as u64 + 1), onset(i), 360 + i % 4 * 40, 55 + (i * 5 % 17) as u8, lyric)
            });
            track.notes = notes.collect();
            track
        })
        .collect()
}

fn song() -> Project {
    let mut project = Project { tracks: tracks(), ..Project::default() };
    let third = HarmonyKind::Interval { degrees: 2, tonic: 0, scale: Scale::Major };
    let late = Harmony { delay: 0.19, ..Harmony::new(third) };
    project.tracks[0].harmonies = vec![Harmony::new(HarmonyKind::OctaveUp), late];
    project.tracks[1].language = Some(Language::Mandarin);
    project
}

fn note_id() -> impl Strategy<Value = NoteId> {
    (1u64..64).prop_map(NoteId)
}

const LYRICS: [&str; 18] = [
    "",
    "-",
    "+",
    "br",
    "R",
    "花",
    "长",
    "行",
    "银行",
    "女儿",
    "xing2",
    "love",
    "さん",
    "っ",
    "ー",
    "strengths",
    "hap-",
    "py",
];

fn lyric() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(&LYRICS).prop_map(String::from),
        1 => prop::sample::select(&["꽃", "이", "か", "la", "茉莉花", "a k", "ni"]).prop_map(String::from),
    ]
}

fn points() -> impl Strategy<Value = Vec<CurvePoint>> {
    prop::collection::btree_map(0..36_000i64, -60f32..60.0, 0..4)
        .prop_map(|points| points.into_iter().map(|(tick, value)| CurvePoint { tick, value }).collect())
}

fn articulation() -> impl Strategy<Value = Articulation> {
    let ms = || option::of(-400f32..400.0);
    let sound = option::of(prop::sample::select(vec![Phoneme::None, Phoneme::F, Phoneme::Ph, Phoneme::Ng]));
    (ms(), ms(), ms(), ms(), ms(), 0.5f32..2.0, sound.clone(), sound).prop_map(
        |(onset_ms, burst_ms, vowel_ms, coda_ms, release_ms, consonant, initial, coda)| Articulation {
            onset_ms,
            burst_ms,
            vowel_ms,
            coda_ms,
            release_ms,
            consonant,
            strengths_db: [consonant, 0.0, 1.0 - consonant, 3.0],
            sounds: [initial.map(Sound), None, None, coda.map(Sound)],
        },
    )
}

fn delay() -> impl Strategy<Value = f32> {
    prop_oneof![Just(0f32), Just(-0.25), -0.25f32..=0.25]
}

/// An edit of a song, made for the song that it is applied to.
fn edit() -> impl Strategy<Value = Edit> {
    let track = || (1u64..3).prop_map(TrackId);
    let kind = prop::sample::select(CurveKind::ALL.to_vec());
    let move_ = (track(), vec(note_id(), 1..3), prop_oneof![Just(0i64), -900..900i64], -9i16..9);
    prop_oneof![
        6 => move_.prop_map(|(track, notes, ticks, semitones)| Edit::Command(Command::Note(NoteCommand::Move {
            track, notes, ticks, semitones
        }))),
        5 => (track(), note_id(), lyric()).prop_map(|(track, note, lyric)| {
            Edit::Command(Command::Note(NoteCommand::Sing { track, lyrics: vec![(note, lyric)] }))
        }),
        2 => (track(), note_id()).prop_map(|(track, note)| {
            Edit::Command(Command::Note(NoteCommand::Remove { track, notes: vec![note] }))
        }),
        2 => (track(), note_id(), 0..36_000i64, 1..900i64, lyric()).prop_map(|(track, id, onset, length, lyric)| {
            let notes = vec![Note::new(id, onset, length, 60, lyric)];
            Edit::Command(Command::Note(NoteCommand::Insert { track, notes }))
        }),
        2 => (track(), note_id(), 1..1500i64, option::of(prop::sample::select(&Manner::ALL)), -6f32..6.0)
            .prop_map(|(track, note, length, manner, attack_db)| {
                let levels = Levels { attack_db, ..Levels::default() };
                Edit::Note(track, note, length, manner, levels)
            }),
        3 => (track(), note_id(), 0usize..2, articulation()).prop_map(|(track, note, character, own)| {
            Edit::Articulate(track, note, character, own)
        }),
        2 => (track(), note_id(), 0u32..4).prop_map(|(track, note, take)| Edit::Take(track, note, take)),
        3 => (track(), kind, 0..36_000i64, 0..9000i64, points()).prop_map(|(track, kind, from, length, mut points)| {
            let to = from + length;
            points.retain(|point| (from..to).contains(&point.tick));
            Edit::Command(Command::Curve(CurveCommand::Draw { track, kind, from, to, points }))
        }),
        1 => (1..9i64, 200_000u32..900_000).prop_map(|(tick, micros)| {
            let tempo = Tempo::from_micros(micros);
            Edit::Command(Command::Song(SongCommand::Tempo { tick: (tick - 1) * 4000, tempo }))
        }),
        1 => (track(), prop::sample::select(vec![None, Some("one"), Some("two"), Some("nobody")]))
            .prop_map(|(track, singer)| {
                let field = TrackField::Singer(singer.map(String::from));
                Edit::Command(Command::Track(TrackCommand::Set { track, field }))
            }),
        1 => (track(), prop::sample::select(vec![None, Some("one"), Some("two"), Some("nobody")]))
            .prop_map(|(track, second)| {
                let field = TrackField::Second(second.map(String::from));
                Edit::Command(Command::Track(TrackCommand::Set { track, field }))
            }),
        2 => (track(), 0..36_000i64, 1..9000i64, 0f32..=1.0).prop_map(|(track, from, length, value)| {
            let points = vec![CurvePoint { tick: from, value }];
            let (kind, to) = (CurveKind::Mixture, from + length);
            Edit::Command(Command::Curve(CurveCommand::Draw { track, kind, from, to, points }))
        }),
        1 => (track(), prop::sample::select(vec![None, Some(Language::Mandarin), Some(Language::English)]))
            .prop_map(|(track, language)| {
                let field = TrackField::Language(language);
                Edit::Command(Command::Track(TrackCommand::Set { track, field }))
            }),
        1 => (track(), 0f32..=2.0).prop_map(|(track, expression)| {
            let field = TrackField::Expression(expression);
            Edit::Command(Command::Track(TrackCommand::Set { track, field }))
        }),
        1 => (1..7u8, 0..3i64).prop_map(|(beats, bar)| {
            let signature = Some(TimeSignature { beats, unit: 4 });
            Edit::Command(Command::Song(SongCommand::Meter { tick: bar * 3840, signature }))
        }),
        2 => (0usize..3, 0f32..1.0, delay()).prop_map(|(index, humanise, delay)| {
            let harmony = Harmony { humanise, delay, ..Harmony::new(HarmonyKind::OctaveDown) };
            Edit::Command(Command::Harmony(HarmonyCommand::Change { track: TrackId(1), index, harmony }))
        }),
        2 => Just(Edit::Undo),
    ]
}

#[derive(Clone, Debug)]
enum Edit {
    Command(Command),
    Note(TrackId, NoteId, Tick, Option<Manner>, Levels),
    Articulate(TrackId, NoteId, usize, Articulation),
    Take(TrackId, NoteId, u32),
    Undo,
}

fn apply(edit: Edit, project: &mut Project, undo: &mut Vec<Command>) {
    let command = match edit {
        Edit::Command(command) => command,
        Edit::Undo => {
            if let Some(command) = undo.pop() {
                command.apply(project).unwrap();
            }
            return;
        }
        Edit::Articulate(track, id, character, own) => {
            let found = project.track(track).and_then(|track| track.notes.get(id)).cloned();
            let Some(note) = found else { return };
            let notes = vec![note.with_articulation(character, own)];
            Command::Note(NoteCommand::Change { track, notes })
        }
        Edit::Take(track, id, take) => {
            let found = project.track(track).and_then(|track| track.notes.get(id)).cloned();
            let Some(note) = found else { return };
            Command::Note(NoteCommand::Change { track, notes: vec![Note { take, ..note }] })
        }
        Edit::Note(track, id, length, manner, levels) => {
            let found = project.track(track).and_then(|track| track.notes.get(id)).cloned();
            let Some(note) = found else { return };
            let notes = vec![Note { length, manner, levels, ..note }];
            Command::Note(NoteCommand::Change { track, notes })
        }
    };
    // What a song refuses leaves it as it was.
    undo.extend(command.apply(project).ok());
}

fn assert_alike(known: &[ScoreVoice], anew: &[ScoreVoice]) {
    assert_eq!(known.len(), anew.len());
    for (a, b) in known.iter().zip(anew) {
        assert_eq!((a.key, &a.file, &a.kind, a.gain_db, a.pan), (b.key, &b.file, &b.kind, b.gain_db, b.pan));
        let (a, b) = (&a.stream, &b.stream);
        assert_eq!(a.plan().unread, b.plan().unread);
        assert_eq!(a.plan().phrases.len(), b.plan().phrases.len());
        for (a, b) in a.plan().phrases.iter().zip(&b.plan().phrases) {
            assert_eq!(a, b);
            assert_eq!(bits(a), bits(b));
        }
        assert_eq!(a.runs(), b.runs());
        assert_eq!(a.keys(), b.keys());
        assert_eq!(a.notes(), b.notes());
    }
}

/// The times, landmarks and pitches of a phrase, to the last bit.
fn bits(phrase: &Phrase) -> Vec<u64> {
    let numbers = phrase.characters.iter().flat_map(|c| {
        let times = [c.onset, c.sung.end.into(), c.sung.vowel.into(), phrase.pitch.at(c.onset + 0.05)];
        times.into_iter().chain(c.pitch.iter().map(|&pitch| f64::from(pitch)))
    });
    numbers.map(f64::to_bits).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_plan_that_follows_edits_is_the_plan_of_the_song(edits in vec((edit(), any::<bool>()), 1..25)) {
        let (mut project, mut undo, mut planner) = (song(), Vec::new(), Planner::default());
        for (edit, planned) in edits {
            apply(edit, &mut project, &mut undo);
            if !planned {
                continue;
            }
            match (planner.plan(&project, &Uneven, Which::All), score_voices(&project, &Uneven, Which::All)) {
                (Ok((known, told)), Ok((anew, warned))) => {
                    assert_alike(&known, &anew);
                    prop_assert_eq!(told, warned);
                }
                (known, anew) => prop_assert!(false, "{:?}, not {:?}", known.map(drop), anew.map(drop)),
            }
        }
    }
}

/// An edit of one phrase leaves the characters of all others where they are in memory: they
/// were not laid out again.
#[test]
fn an_edit_lays_out_its_own_phrase_only() {
    let (mut project, mut planner) = (song(), Planner::default());
    let mut plan = |project: &Project| -> Vec<Arc<Plan>> {
        let (voices, _) = planner.plan(project, &Uneven, Which::All).unwrap();
        voices.iter().map(|voice| voice.stream.plan().clone()).collect()
    };
    let before = plan(&project);
    let step = NoteCommand::Move { track: TrackId(1), notes: vec![NoteId(20)], ticks: 0, semitones: 2 };
    Command::Note(step).apply(&mut project).unwrap();
    let after = plan(&project);
    let is_new = |(a, b): &(&Phrase, &Phrase)| !Arc::ptr_eq(&a.characters, &b.characters);
    let anew: Vec<usize> = (before.iter().zip(&after))
        .map(|(a, b)| a.phrases.iter().zip(&b.phrases).filter(is_new).count())
        .collect();
    assert_eq!(anew, [1, 1, 1, 0], "the lead, its two harmonies, and the other track");
}
