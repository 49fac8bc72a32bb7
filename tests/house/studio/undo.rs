//! Whatever changes the song is a step with a name in both languages, and undo and redo give
//! back the very same songs.

use std::collections::BTreeSet;
use std::path::Path;

use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_score::*;
use ziyin_studio::action::{ACTIONS, Action, Menu};

use super::editing::draw;
use super::languages::texts;
use super::{CTRL, Desk, NONE, start};

/// A song that has something of everything.
fn song() -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    // Beside the grid, so that there is something to quantise.
    let note = |i: i64, pitch, lyric| Note::new(NoteId(i as u64 + 1), 970 * i + 1005, 960, pitch, lyric);
    track.notes = Notes::new(vec![
        Note {
            levels: Levels { attack_db: 3.0, ..Levels::default() },
            manner: Some(Manner::Soft),
            articulations: vec![Articulation { vowel_ms: Some(20.0), ..Articulation::default() }],
            vibrato: Some(Vibrato::new(40.0, 180.0, 0.4)),
            ..note(0, 64, "行")
        },
        note(1, 67, "花"),
        note(2, 62, "-"),
    ]);
    let points = [(900, 0.0), (1400, 6.0), (1800, -4.0), (2400, 0.0)];
    let points = points.map(|(tick, value)| CurvePoint { tick, value });
    track.curves.loudness = Curve::new(points.to_vec()).unwrap();
    let third = HarmonyKind::Interval { degrees: 2, tonic: 0, scale: Scale::Major };
    track.harmonies = vec![Harmony::new(third)];
    let backings = vec![Backing::new("gone.wav")];
    Project { tracks: vec![track, Track::new(TrackId(2), "below")], backings, ..Project::default() }
}

/// A studio with that song, and the names of the steps that were seen in it.
struct Trial {
    desk: Desk,
    seen: BTreeSet<String>,
    _home: tempfile::TempDir,
}

impl Trial {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("song.ziyin");
        song().save(&path).unwrap();
        let desk = Desk::open(start(home.path(), Some(path)));
        Self { desk, seen: BTreeSet::new(), _home: home }
    }

    /// Does something. If it changed the song it was a step or more: undone one by one they
    /// give back the song before, and done again the song after; then all is undone. Gives
    /// whether the song was changed.
    #[track_caller]
    fn holds(&mut self, what: &str, act: impl FnOnce(&mut Desk)) -> bool {
        // The first note is selected, whatever was before.
        self.desk.press(NONE, Key::Escape);
        self.desk.press(NONE, Key::Escape);
        self.desk.press(NONE, Key::ArrowRight);
        let before = self.desk.studio().project().clone();
        let steps = self.desk.studio().steps().undo_names().count();
        act(&mut self.desk);
        // Whatever was opened for it is closed.
        self.desk.press(NONE, Key::Escape);
        let after = self.desk.studio().project().clone();
        let names: Vec<String> = self.desk.studio().steps().undo_names().skip(steps).map(kind).collect();
        assert_eq!(before != after, !names.is_empty(), "{what}: {names:?}");
        for round in 0..2 {
            for (action, song) in [("Undo", &before), ("Redo", &after)] {
                // At the end the song is as it was.
                if round == 1 && action == "Redo" {
                    break;
                }
                for _ in &names {
                    self.desk.click(action);
                }
                assert!(self.desk.studio().project() == song, "{action} of {what}");
            }
        }
        self.seen.extend(names.iter().cloned());
        !names.is_empty()
    }

    /// Holds that something changes the song in one step of that name.
    #[track_caller]
    fn is_step(&mut self, step: &str, what: &str, act: impl FnOnce(&mut Desk)) {
        let seen = std::mem::take(&mut self.seen);
        assert!(self.holds(what, act), "{what} changes nothing");
        assert_eq!(self.seen.iter().collect::<Vec<_>>(), [step], "{what}");
        self.seen.extend(seen);
    }
}

/// A step without how much it did.
fn kind(step: &str) -> String {
    step.split(':').next().unwrap_or_default().into()
}

/// Does what the command palette finds first under a name.
fn command(desk: &mut Desk, name: &str) {
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text(name);
    desk.press(NONE, Key::Enter);
}

fn select_all(desk: &mut Desk) {
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::A);
}

fn title(action: Action) -> String {
    let (_, _, key, _) = ACTIONS.iter().find(|(other, ..)| *other == action).unwrap();
    texts("en")[*key].clone()
}

/// Holds that the history panel has a name for each step.
fn are_named(steps: &BTreeSet<String>) {
    for language in ["en", "zh-CN"] {
        let texts = texts(language);
        for step in steps {
            assert!(texts.contains_key(&format!("step.{step}")), "{step} in {language}");
        }
    }
}

#[test]
fn every_action_that_changes_the_song_can_be_undone() {
    let mut trial = Trial::begin();
    // These ask for something first, or are undo itself; a paste wants something to paste.
    let apart = [
        Action::Undo,
        Action::Redo,
        Action::Paste,
        Action::PasteNotes,
        Action::InsertTime,
        Action::DeleteTime,
        Action::AddBacking,
        Action::CloneSinger,
        Action::TypeLyric,
        Action::RecordAudio,
    ];
    let mut idle = Vec::new();
    for (action, menu, ..) in ACTIONS {
        if !matches!(menu, Menu::Edit | Menu::Notes | Menu::Tracks) || apart.contains(action) {
            continue;
        }
        let name = title(*action);
        let changed = trial.holds(&name, |desk| {
            select_all(desk);
            command(desk, &name);
        });
        if !changed {
            idle.push(*action);
        }
    }
    let only_look = [
        Action::Copy,
        Action::SelectAll,
        Action::SelectPhrase,
        Action::SelectNext,
        Action::SelectPrevious,
        Action::SelectNotes,
        Action::FindLyrics,
        Action::NextAnchor,
        Action::PreviousAnchor,
        Action::CopyCurve,
        // It lies where it was copied.
        Action::PasteCurve,
        // There is no take before the first.
        Action::PreviousTake,
        Action::Takes,
        // There is no track above the first.
        Action::TrackUp,
        // Nothing is hidden.
        Action::ShowAllTracks,
        Action::Hear,
        Action::Singers,
        Action::NextTrack,
        Action::PreviousTrack,
    ];
    assert_eq!(idle, only_look);
    are_named(&trial.seen);
}

#[test]
fn every_stroke_of_the_pointer_is_one_step_that_can_be_undone() {
    let mut trial = Trial::begin();
    let note = |desk: &Desk, lyric: &str| desk.harness.get_by_label_contains(&format!("{lyric} ")).rect();
    let drag = |desk: &mut Desk, from: Pos2, by: egui::Vec2| draw(desk, from, from + by);
    trial.is_step("move-notes", "a note that is dragged", |desk| {
        let at = note(desk, "花").center();
        drag(desk, at, vec2(96.0, 36.0));
    });
    trial.is_step("resize-notes", "a note whose end is dragged", |desk| {
        let at = note(desk, "花").right_center() - vec2(2.0, 0.0);
        drag(desk, at, vec2(96.0, 0.0));
    });
    for (tool, step, by) in [
        ("Draw notes", "draw-note", vec2(120.0, 0.0)),
        ("Draw pitch", "draw-curve", vec2(60.0, 20.0)),
        ("Erase notes", "erase-notes", vec2(60.0, 0.0)),
    ] {
        trial.desk.click(tool);
        trial.is_step(step, tool, |desk| {
            let beside = if step == "draw-note" { vec2(0.0, 54.0) } else { vec2(0.0, 0.0) };
            let at = note(desk, "花").center() + beside;
            drag(desk, at, by);
        });
    }
    trial.desk.click("Select");

    for (lane, name) in [("Loudness", "Loudness curve"), ("Levels", "Attack, body and release of the notes")]
    {
        trial.desk.click(lane);
        for pen in ["Draw", "Line", "Smooth", "Erase", "Anchors"] {
            trial.desk.click(pen);
            let step = match (lane, pen) {
                ("Levels", _) => "change-levels",
                (_, "Anchors") => "set-anchor",
                (_, "Smooth") => "smooth-curve",
                (_, "Erase") => "erase-curve",
                _ => "draw-curve",
            };
            trial.is_step(step, &format!("{pen} over {lane}"), |desk| {
                let rect = desk.harness.get_by_label(name).rect();
                let notes = note(desk, "行").left()..note(desk, "花").right();
                let from = egui::pos2(notes.start + 8.0, rect.top() + 20.0);
                drag(desk, from, vec2(notes.end - notes.start - 16.0, 30.0));
            });
        }
        let step = if lane == "Levels" { "reset-levels" } else { "reset-curve" };
        trial.is_step(step, &format!("a reset of {lane}"), |desk| command(desk, "Reset curve"));
    }

    trial.is_step("paste-notes", "a paste", |desk| {
        select_all(desk);
        command(desk, "Copy");
        command(desk, "Paste");
    });
    trial.is_step("paste-notes", "a paste without curves", |desk| {
        select_all(desk);
        command(desk, "Copy");
        command(desk, "Paste without curves");
    });
    trial.is_step("paste-curve", "a curve that is copied to another kind", |desk| {
        desk.click("Loudness");
        select_all(desk);
        command(desk, "Copy curve");
        desk.click("Tension");
        command(desk, "Paste curve");
    });
    for (name, confirm, step) in
        [("Insert time…", "Insert", "insert-time"), ("Delete time…", "Delete", "delete-time")]
    {
        trial.is_step(step, name, |desk| {
            desk.press(NONE, Key::Escape);
            command(desk, name);
            desk.click(confirm);
        });
    }
    trial.is_step("spread-lyrics", "a verse", |desk| {
        select_all(desk);
        desk.harness.event(egui::Event::Paste("小 星".into()));
        desk.settle();
    });
    trial.is_step("add-backing", "backing audio", |desk| {
        command(desk, "Add backing audio");
        let tone = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
        desk.choose(&tone);
    });
    are_named(&trial.seen);
}

/// A level that is drawn is heard on the thirds that the pen went over, and shown again.
#[test]
fn levels_are_drawn_under_their_notes() {
    let mut trial = Trial::begin();
    let desk = &mut trial.desk;
    let opened = desk.studio().project().clone();
    desk.click("Levels");
    let lane = desk.harness.get_by_label("Attack, body and release of the notes").rect();
    let note = desk.harness.get_by_label_contains("花 ").rect();
    // From the body of the note to beyond its end.
    let from = egui::pos2(note.center().x, lane.top() + 6.0);
    draw(desk, from, egui::pos2(note.right() + 3.0, lane.top() + 6.0));
    let levels = |desk: &Desk| desk.studio().project().tracks[0].notes[1].levels;
    let drawn = levels(desk);
    assert!(drawn.attack_db == 0.0 && drawn.body_db > 15.0 && drawn.release_db > 15.0, "{drawn:?}");
    assert_eq!(desk.studio().project().tracks[0].notes[0], song().tracks[0].notes[0]);
    command(desk, "Whisper");
    // Without a selected note there is nothing to do, and the palette stays.
    desk.press(NONE, Key::Escape);
    assert!(desk.studio().project().tracks[0].notes.iter().all(|note| note.manner != Some(Manner::Whisper)));
    desk.harness.get_by_label_contains("花 ").click();
    desk.settle();
    command(desk, "Whisper");
    let whispered = desk.harness.get_by_label_contains("花 ");
    assert!(whispered.accesskit_node().label().is_some_and(|label| label.ends_with("Whisper")));
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert!(desk.studio().project() == &opened);
}
