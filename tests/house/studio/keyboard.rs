//! A MIDI keyboard: chosen, heard, gone and found again; its keys become notes.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_playback::{MidiEar, MidiKey, MidiPort, MidiPorts};
use ziyin_score::{Note, Project};
use ziyin_session::Session;
use ziyin_session::attachment::Place;
use ziyin_session::midi_keyboard::{FindMidi, MidiKeyboard};

use super::super::null_sink::hum;
use super::{CTRL, Desk, NONE, start};

/// Keyboards of a machine that is none.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<Plugged>>);

#[derive(Default)]
struct Plugged {
    there: Vec<MidiPort>,
    ear: Option<MidiEar>,
}

/// Takes the ear away when nobody listens any more.
struct Listening(Keys);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().ear = None;
    }
}

impl MidiPorts for Keys {
    fn find(&mut self) -> Vec<MidiPort> {
        self.0.lock().unwrap().there.clone()
    }

    fn listen(&mut self, port: &MidiPort, ear: MidiEar) -> Option<Box<dyn Any>> {
        let mut plugged = self.0.lock().unwrap();
        plugged.there.contains(port).then_some(())?;
        plugged.ear = Some(ear);
        Some(Box::new(Listening(self.clone())))
    }
}

impl Keys {
    fn finder(&self) -> FindMidi {
        let keys = self.clone();
        Arc::new(move || Box::new(keys.clone()) as Box<dyn MidiPorts>)
    }

    fn plug(&self, place: &str) {
        let port = MidiPort { name: "Keys 49".into(), place: place.into() };
        self.0.lock().unwrap().there = vec![port];
    }

    fn unplug(&self) {
        self.0.lock().unwrap().there.clear();
    }

    /// Whether anybody heard it.
    fn send(&self, message: &[u8]) -> bool {
        let mut plugged = self.0.lock().unwrap();
        plugged.ear.as_mut().map(|ear| ear(message)).is_some()
    }

    fn press(&self, key: u8) -> bool {
        self.send(&[0x90, key, 100])
    }

    fn release(&self, key: u8) -> bool {
        self.send(&[0x80, key, 0])
    }
}

#[track_caller]
fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_keyboard_that_goes_away_is_found_again_and_holds_no_key() {
    let keys = Keys::default();
    let mut keyboard = MidiKeyboard::new(keys.finder(), Arc::new(|| ()));
    keyboard.choose(Some("Keys 49"));
    keys.plug("Keys 49 20:0");
    let moved = |keyboard: &mut MidiKeyboard| -> Vec<MidiKey> {
        keyboard.moved().into_iter().map(|moved| moved.key).collect()
    };
    wait("it is there", || moved(&mut keyboard).is_empty() && keyboard.is_there());
    assert!(keys.press(60) && keys.send(&[0xf8]));
    wait("the key is heard", || moved(&mut keyboard) == [MidiKey::Pressed(60)]);
    keys.unplug();
    let mut last = Vec::new();
    wait("it is gone", || {
        last.extend(moved(&mut keyboard));
        !keyboard.is_there()
    });
    assert_eq!(last, [MidiKey::AllReleased]);
    assert!(!keys.press(61));
    // Elsewhere on the bus, and without anybody who asks for it.
    keys.plug("Keys 49 24:0");
    wait("it is there again", || {
        moved(&mut keyboard);
        keyboard.is_there()
    });
    assert!(keys.press(62));
    wait("the key is heard", || moved(&mut keyboard) == [MidiKey::Pressed(62)]);
    keyboard.choose(None);
    wait("nobody listens", || !keys.press(63));
    assert!(moved(&mut keyboard).is_empty() && !keyboard.is_there());
}

#[test]
fn what_is_played_while_the_song_goes_by_becomes_notes() {
    let home = tempfile::tempdir().unwrap();
    let keys = Keys::default();
    keys.plug("Keys 49 20:0");
    let mut session = Session::begin(home.path().into(), Some(hum()), Some(keys.finder()), Arc::new(|| ()));
    session.choose_keyboard(Some("Keys 49".into()));
    wait("it is there", || {
        session.play_in().unwrap();
        session.keyboard.is_there()
    });
    session.editor.let_words_wait("好花").unwrap();
    let before = session.editor.project().clone();
    // As if a device played: a DAW says where the song is.
    let at = |session: &mut Session, seconds: f64| {
        session.engine.follow_host(Some(Place { seconds, playing: true }));
    };
    at(&mut session, 2.0);
    assert!(keys.press(59));
    wait("the key is heard", || session.play_in().unwrap() == [59]);
    assert_eq!(session.editor.project(), &before, "nothing is recorded yet");
    session.record();
    assert!(session.is_recording());
    keys.press(60);
    at(&mut session, 2.0);
    assert!(session.play_in().unwrap().is_empty());
    at(&mut session, 2.5);
    keys.press(64);
    session.play_in().unwrap();
    at(&mut session, 3.0);
    keys.release(64);
    session.play_in().unwrap();
    keys.press(67);
    session.play_in().unwrap();
    at(&mut session, 3.5);
    // What is held when the song stops ends there.
    session.engine.follow_host(Some(Place { seconds: 3.5, playing: false }));
    session.play_in().unwrap();
    assert!(!session.is_recording());
    let notes: Vec<Note> = session.editor.notes().iter().cloned().collect();
    let played: Vec<(u8, &str)> = notes.iter().map(|note| (note.pitch, note.lyric.as_str())).collect();
    assert_eq!(played, [(60, "好"), (64, "花"), (67, "la")]);
    // 120 bpm: half a second is a quarter. Threads take their time.
    for (note, seconds) in notes.iter().zip([2.0, 2.5, 3.0]) {
        let late = session.editor.project().tempo.seconds(note.onset) - seconds;
        assert!((-0.1..0.25).contains(&late), "{late} s");
    }
    assert_eq!(session.editor.history().undo_name(), Some("record-notes:3"));
    session.editor.undo().unwrap();
    assert_eq!(session.editor.project(), &before);
}

#[test]
fn a_keyboard_is_chosen_in_the_preferences_and_writes_step_by_step() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    Project::default().save(&path).unwrap();
    let keys = Keys::default();
    keys.plug("Keys 49 20:0");
    let begin = |keys: &Keys| {
        Desk::open(ziyin_studio::Start {
            midi: Some(keys.finder()),
            ..start(home.path(), Some(path.clone()))
        })
    };
    let mut desk = begin(&keys);
    desk.press(NONE, Key::I);
    assert!(desk.shows("Choose a MIDI keyboard"));
    assert!(!desk.shows("Record from the MIDI keyboard"));
    desk.press(CTRL, Key::Comma);
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "MIDI keyboard").click();
    desk.wait("they are listed", |desk| desk.shows("Keys 49"));
    desk.click("Keys 49");
    desk.press(NONE, Key::Escape);
    desk.wait("it is heard", |_| keys.release(1));
    assert!(desk.shows("Record from the MIDI keyboard"), "there is a button for it");
    keys.press(60);
    keys.release(60);
    desk.settle();
    assert!(desk.studio().project().tracks.is_empty(), "a key alone is only heard");
    desk.press(NONE, Key::I);
    for key in [60, 64, 67] {
        assert!(keys.press(key) && keys.release(key));
    }
    desk.wait("they are written", |desk| {
        desk.studio().project().tracks.first().is_some_and(|track| track.notes.len() == 3)
    });
    let written: Vec<(i64, i64, u8)> = desk.studio().project().tracks[0]
        .notes
        .iter()
        .map(|note| (note.onset, note.length, note.pitch))
        .collect();
    assert_eq!(written, [(0, 240, 60), (240, 240, 64), (480, 240, 67)]);
    for _ in 0..4 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project().tracks.is_empty());
    // Under a dialog a key is heard and writes nothing.
    desk.press(CTRL, Key::Comma);
    keys.press(72);
    keys.release(72);
    desk.settle();
    desk.press(NONE, Key::Escape);
    assert!(desk.studio().project().tracks.is_empty());
    // Without a sound device there is nothing to play along with.
    desk.press(NONE, Key::R);
    desk.settle();
    drop(desk);
    // It is chosen at the next start, whether it is there or not.
    keys.unplug();
    let mut desk = begin(&keys);
    desk.press(CTRL, Key::Comma);
    let shown = desk.harness.get_by_role_and_label(egui::Role::ComboBox, "MIDI keyboard");
    assert_eq!(shown.accesskit_node().value().as_deref(), Some("Keys 49 (not there)"));
}
