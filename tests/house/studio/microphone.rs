//! A take from the microphone, laid behind the song where it was sung.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_playback::{PlaybackError, Recorder};
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};
use ziyin_session::attachment::Place;
use ziyin_session::{Microphone, News, Session};

use super::super::null_sink::hum;
use super::{CTRL, Desk, NONE, start};

const RATE: u32 = 48_000;

/// A microphone that has heard so many samples; how many says who holds the other end.
fn microphone() -> (Rc<Cell<u64>>, Microphone) {
    let heard = Rc::new(Cell::new(0));
    let ear = heard.clone();
    let microphone = move || -> Result<Recorder, PlaybackError> {
        let (ear, mut taken) = (ear.clone(), 0);
        Ok(Recorder::of(
            move || {
                (taken < ear.get()).then(|| {
                    taken += 1;
                    (taken as f32 * 0.05).sin() * 0.5
                })
            },
            RATE,
        ))
    };
    (heard, Box::new(microphone))
}

fn song(path: &Path) -> Project {
    let track = Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 0, 9600, 60, "la")]),
        ..Track::new(TrackId(1), "lead")
    };
    let song = Project { tracks: vec![track], ..Project::default() };
    song.save(path).unwrap();
    song
}

#[test]
fn a_take_lies_where_it_was_sung() {
    let home = tempfile::tempdir().unwrap();
    let (heard, microphone) = microphone();
    let mut session = Session::begin(home.path().into(), Some(hum()), None, Arc::new(|| ()));
    session.listen_by(microphone);
    // As if a device played: a DAW says where the song is.
    let at = |session: &mut Session, seconds: f64, playing: bool| {
        session.engine.follow_host(Some(Place { seconds, playing }));
        session.listen_in();
    };
    let before = session.editor.project().clone();
    at(&mut session, 2.0, true);
    session.record_audio().unwrap();
    assert!(session.recorded_level().is_some());
    // A tenth of a second was heard before the song moved on, and what comes in is late by up to 20 ms.
    for (position, samples) in [(2.0, 4800), (2.1, 8640), (2.2, 14_400), (2.3, 18_720), (5.0, 148_800)] {
        heard.set(samples);
        at(&mut session, position, true);
    }
    assert!(session.recorded_level().unwrap() > 0.3);
    at(&mut session, 5.0, false);
    assert!(session.recorded_level().is_none(), "it ends with playing");
    let mut news = Vec::new();
    while session.is_searching() {
        news.extend(session.news());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    news.extend(session.news());
    let recorded = news.into_iter().find_map(|news| match news {
        News::Recorded(kept) => Some(kept.unwrap()),
        _ => None,
    });
    let path = recorded.expect("the take was kept");
    assert!(path.starts_with(home.path().join("takes")), "a song without a file has its takes elsewhere");
    let backing = session.editor.project().backings[0].clone();
    // At 2.2 s it had 0.3 s.
    let (offset, before_song) = (backing.offset_us as f64 / 1e6, backing.trim_us[0] as f64 / 1e6);
    assert!((offset - 1.9).abs() < 0.02 && (before_song - 0.1).abs() < 0.02, "{offset} {before_song}");
    let kept = ziyin_session::recording::read_recording(&path, &Default::default()).unwrap();
    assert_eq!(kept.samples.len() as f64 / 88_200.0, 3.1);
    assert_eq!(session.editor.history().undo_name(), Some("record-audio"));
    session.editor.undo().unwrap();
    assert_eq!(session.editor.project(), &before);
}

#[test]
fn a_take_is_asked_for_by_name_and_without_playing_there_is_none() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    song(&path);
    let (heard, microphone) = microphone();
    let begin = start(home.path(), Some(path));
    let mut desk = Desk::open(ziyin_studio::Start { microphone: Some(microphone), ..begin });
    assert!(!desk.shows("Level of the microphone"));
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("Record from the microphone");
    desk.press(NONE, Key::Enter);
    // Without a device nothing plays, and so there is nothing to sing to.
    heard.set(u64::from(RATE));
    desk.settle();
    assert!(desk.studio().project().backings.is_empty() || desk.shows("Level of the microphone"));
    if desk.shows("Level of the microphone") {
        desk.press(Modifiers::SHIFT, Key::R);
    }
    assert!(!desk.shows("Level of the microphone"));
}

#[test]
fn without_a_microphone_it_is_said() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    song(&path);
    let none: Microphone = Box::new(|| Err(PlaybackError::NoMicrophone));
    let begin = start(home.path(), Some(path));
    let mut desk = Desk::open(ziyin_studio::Start { microphone: Some(none), ..begin });
    desk.press(Modifiers::SHIFT, Key::R);
    assert!(desk.shows("there is no microphone"));
    assert!(desk.harness.query_by_label("Level of the microphone").is_none());
}
