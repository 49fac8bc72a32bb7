//! The studio of a plug-in: what is edited in it goes to the other end of a socket, and what comes from there
//! is shown.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use egui::Key;
use ziyin_score::{Project, Tempo, TempoMap, Track, TrackId};
use ziyin_session::attachment::{Attachment, Place, Said};

use super::killed_window::{Screen, rescued};
use super::{CTRL, Desk, NONE, start};

fn song() -> Project {
    Project {
        title: "Held by a DAW".into(),
        tracks: vec![Track::new(TrackId(1), "voice")],
        ..Project::default()
    }
}

fn tell(plugin: &mut UnixStream, number: u64, song: &Project) {
    Said::Song { number, song: Box::new(song.clone()) }.write(plugin).unwrap();
}

/// What the studio says next.
fn heard(plugin: &mut UnixStream) -> (u64, Project) {
    match Said::read(plugin).unwrap() {
        Some(Said::Song { number, song }) => (number, *song),
        said => panic!("{said:?}"),
    }
}

/// A studio with the plug-in that it belongs to.
fn attached(home: &Path) -> (Desk, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let source = theirs.try_clone().unwrap();
    let attach = move |wake| Attachment::begin(source, theirs, wake);
    (Desk::open(ziyin_studio::Start { attach: Some(Box::new(attach)), ..start(home, None) }), ours)
}

fn wait_until(desk: &mut Desk, is_so: impl Fn(&Desk) -> bool) {
    let began = Instant::now();
    while !is_so(desk) {
        assert!(began.elapsed() < Duration::from_secs(60), "it did not come");
        desk.settle();
    }
}

#[test]
fn the_song_of_a_plug_in_is_edited_and_followed_and_stays_when_the_plug_in_goes() {
    let home = tempfile::tempdir().unwrap();
    let (mut desk, mut plugin) = attached(home.path());
    tell(&mut plugin, 4, &song());
    wait_until(&mut desk, |desk| *desk.studio().project() == song());
    // An edit reaches the plug-in, and is nothing that could be lost.
    desk.press(CTRL, Key::T);
    let (number, edited) = heard(&mut plugin);
    assert_eq!((number, edited.tracks.len()), (4, 2));
    assert_eq!(*desk.studio().project(), edited);
    desk.press(CTRL, Key::Q);
    assert!(!desk.shows("Unsaved changes"));
    // The play head is the DAW's.
    Said::Place(Place { seconds: 83.0, playing: false }).write(&mut plugin).unwrap();
    wait_until(&mut desk, |desk| desk.shows("01:23.00"));
    desk.press(NONE, Key::Space);
    assert!(desk.shows("Play and stop in the DAW") && desk.shows("01:23.00"));
    // What the plug-in changes is a step, and what it has not seen is no longer sent.
    let slow = Project { tempo: TempoMap::constant(Tempo::from_bpm(70.0).unwrap()), ..edited.clone() };
    tell(&mut plugin, 5, &slow);
    wait_until(&mut desk, |desk| *desk.studio().project() == slow);
    assert_eq!(desk.studio().steps().undo_name(), Some("follow-plug-in"));
    desk.press(CTRL, Key::Z);
    assert_eq!(heard(&mut plugin), (5, edited.clone()));
    // Without it the song is the studio's.
    drop(plugin);
    wait_until(&mut desk, |desk| desk.shows("The plug-in has gone"));
    assert_eq!(*desk.studio().project(), edited);
    desk.press(CTRL, Key::Q);
    assert!(desk.shows("Unsaved changes"));
}

#[test]
fn a_studio_that_nobody_sees_hears_its_plug_in_and_keeps_the_song_when_it_goes() {
    let home = tempfile::tempdir().unwrap();
    let (mut desk, mut plugin) = attached(home.path());
    tell(&mut plugin, 1, &song());
    wait_until(&mut desk, |desk| *desk.studio().project() == song());
    desk.press(CTRL, Key::T);
    let (_, edited) = heard(&mut plugin);
    let comes = |is_there: &mut dyn FnMut() -> bool| {
        let began = Instant::now();
        while !is_there() {
            assert!(began.elapsed() < Duration::from_secs(60), "it did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // Who asks for the window gets it.
    Said::Show.write(&mut plugin).unwrap();
    comes(&mut || desk.go_on_unseen(Vec::new()).contains(&egui::ViewportCommand::Focus));
    // What the plug-in changes is there, and the play head is the DAW's, when it is to be seen again.
    let renamed = Project { title: "Recorded".into(), ..edited.clone() };
    tell(&mut plugin, 2, &renamed);
    comes(&mut || {
        desk.go_on_unseen(Vec::new());
        *desk.studio().project() == renamed
    });
    // The copy is written though the window is not even asked.
    assert_eq!(rescued(home.path()), None);
    drop(plugin);
    comes(&mut || rescued(home.path()).as_ref() == Some(&renamed));
    comes(&mut || desk.go_on_unseen(Vec::new()).iter().any(|asked| title(asked).starts_with("• Recorded")));
    assert_eq!(rescued(home.path()).as_ref(), Some(&renamed));
    desk.settle();
    assert!(desk.shows("The plug-in has gone"));
    // The user gives it up.
    desk.press(CTRL, Key::Q);
    desk.click("Don't save");
    drop(desk);
    assert_eq!(rescued(home.path()), None);
}

fn title(asked: &egui::ViewportCommand) -> &str {
    match asked {
        egui::ViewportCommand::Title(title) => title,
        _ => "",
    }
}

#[test]
fn words_are_written_ahead_in_the_lyric_lane_and_wait_in_the_plug_in() {
    let home = tempfile::tempdir().unwrap();
    let (mut desk, mut plugin) = attached(home.path());
    tell(&mut plugin, 1, &song());
    wait_until(&mut desk, |desk| *desk.studio().project() == song());
    desk.click("Words for notes to come: ");
    desk.text("好一朵");
    desk.press(NONE, Key::Enter);
    let (_, edited) = heard(&mut plugin);
    assert_eq!(edited.tracks[0].words, ["好", "一", "朵"]);
    assert_eq!(desk.studio().steps().undo_name(), Some("words-to-come"));
    // Escape leaves them as they are, and a note that is drawn takes the first.
    desk.click("Words for notes to come: 好一朵");
    desk.text("花");
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::Insert);
    let (_, edited) = heard(&mut plugin);
    let track = &edited.tracks[0];
    assert_eq!((track.notes[0].lyric.as_str(), track.words.join(" ").as_str()), ("好", "一 朵"));
    // One that the DAW has recorded took the next.
    let mut recorded = edited.clone();
    let words = recorded.tracks[0].words.split_off(1);
    recorded.tracks[0].words = words;
    tell(&mut plugin, 2, &recorded);
    wait_until(&mut desk, |desk| *desk.studio().project() == recorded);
    desk.click("Words for notes to come: 朵");
}

#[test]
fn the_program_opens_on_the_song_of_the_plug_in_that_started_it() {
    let Some(screen) = Screen::start() else {
        return println!("skipped: Xvfb or xdotool is not installed (scripts/setup tests)");
    };
    let home = tempfile::tempdir().unwrap();
    // The settings of somebody who has seen the tour.
    drop(Desk::open(start(home.path(), None)));
    let (mut plugin, theirs) = UnixStream::pair().unwrap();
    plugin.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut program = screen.program(home.path());
    let mut studio = program.arg("--attached").stdin(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    drop(program);
    tell(&mut plugin, 1, &song());
    let window = screen.window(&mut studio, "Held by a DAW");
    // Keys that come before the window listens are lost.
    let began = Instant::now();
    let (number, edited) = loop {
        assert!(began.elapsed() < Duration::from_secs(120), "no edit came");
        screen.xdotool(&["windowfocus", &window]);
        screen.xdotool(&["key", "--clearmodifiers", "ctrl+t"]);
        if let Ok(Some(Said::Song { number, song })) = Said::read(&mut plugin) {
            break (number, *song);
        }
    };
    assert_eq!((number, edited.title.as_str()), (1, "Held by a DAW"));
    assert!(edited.tracks.len() > 1);
    studio.kill().unwrap();
    studio.wait().unwrap();
}
