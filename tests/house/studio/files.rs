//! A song and its file: two studios on one song, a file that others write, one that is damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Key;
use egui_kittest::kittest::Queryable;
use ziyin_score::{Backing, Note, NoteId, Notes, Project, Track, TrackId, backup_path};

use super::{CTRL, Desk, NONE, start};

fn song(title: &str, notes: u64) -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    let note = |i: u64| Note::new(NoteId(i + 1), 960 * i as i64, 960, 60, "好");
    track.notes = Notes::new((0..notes).map(note).collect());
    Project { title: title.into(), tracks: vec![track], ..Project::default() }
}

/// A folder with a song in it, and a home for each studio.
struct Folder {
    root: tempfile::TempDir,
    song: PathBuf,
}

impl Folder {
    fn with(project: &Project) -> Self {
        let root = tempfile::tempdir().unwrap();
        let song = root.path().join("song.ziyin");
        project.save(&song).unwrap();
        Self { root, song }
    }

    fn open(&self, home: &str) -> Desk {
        Desk::open(start(&self.root.path().join(home), Some(self.song.clone())))
    }
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

pub(super) fn drop_on(desk: &mut Desk, path: &Path) {
    desk.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.into())));
    desk.settle();
}

#[test]
fn the_second_studio_on_a_song_is_told_and_never_writes_over_the_first() {
    let folder = Folder::with(&song("one", 1));
    let mut first = folder.open("a");
    assert!(!first.shows("open already"));
    let mut second = folder.open("b");
    assert!(second.shows("The song is open already"));
    // To be looked at: a save asks for another name.
    second.click("Open without saving into it");
    second.press(CTRL, Key::T);
    second.press(CTRL, Key::S);
    assert!(second.shows("Save the song"));
    // That of the song itself is refused as long as the first has it.
    second.choose(&folder.song);
    // Who is quicker than the disk is asked once more.
    if second.shows("Replace") {
        second.click("Replace");
    }
    assert!(second.shows("another window of Ziyin has it open"));
    assert_eq!(Project::load(&folder.song).unwrap(), song("one", 1));
    let mut third = folder.open("c");
    third.click("Open as a copy");
    assert_eq!(third.studio().path(), None);
    assert_eq!(third.studio().project(), &song("one", 1));

    first.press(CTRL, Key::T);
    first.press(CTRL, Key::S);
    assert_eq!(Project::load(&folder.song).unwrap().tracks.len(), 2);
    drop(first);
    // Nobody has it any more.
    let last = folder.open("d");
    assert!(!last.shows("open already"));
}

#[test]
fn a_file_that_another_program_has_written_is_not_written_over_unasked() {
    let folder = Folder::with(&song("one", 1));
    let mut desk = folder.open("a");
    desk.press(CTRL, Key::T);
    let theirs = song("theirs", 3);
    theirs.save(&folder.song).unwrap();
    desk.press(CTRL, Key::S);
    assert!(desk.shows("The file has changed on the disk"));
    desk.click("Cancel");
    assert_eq!(Project::load(&folder.song).unwrap(), theirs);

    desk.press(CTRL, Key::S);
    desk.click("Save as…");
    let mine = folder.root.path().join("mine.ziyin");
    desk.choose(&mine);
    assert_eq!(desk.studio().path(), Some(mine.as_path()));
    assert_eq!(Project::load(&folder.song).unwrap(), theirs);
    assert_eq!(Project::load(&mine).unwrap().tracks.len(), 2);

    // Saved once, it is known as it lies there now.
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::S);
    assert!(!desk.shows("changed on the disk"));
    theirs.save(&mine).unwrap();
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::S);
    desk.click("Overwrite it");
    assert_eq!(Project::load(&mine).unwrap(), *desk.studio().project());

    theirs.save(&mine).unwrap();
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::S);
    desk.click("Reload, and give up what was done here");
    assert_eq!(desk.studio().project(), &theirs);
    desk.press(CTRL, Key::N);
    assert!(!desk.shows("Unsaved changes"));
}

#[test]
fn work_that_is_to_be_kept_on_the_way_out_is_not_lost_to_a_changed_file() {
    let folder = Folder::with(&song("one", 1));
    let mut desk = folder.open("a");
    desk.press(CTRL, Key::T);
    song("theirs", 3).save(&folder.song).unwrap();
    desk.press(CTRL, Key::N);
    desk.click("Save");
    assert!(desk.shows("The file has changed on the disk"));
    assert_eq!(desk.studio().project().title, "one", "the new song waits");
    desk.click("Overwrite it");
    assert_eq!(desk.studio().project().title, "");
    assert_eq!(Project::load(&folder.song).unwrap().title, "one");
}

#[test]
fn a_damaged_song_offers_the_version_before() {
    let folder = Folder::with(&song("before", 2));
    song("after", 3).save(&folder.song).unwrap();
    for damage in ["{\"ziyin\": 1, \"title\": \"aft", ""] {
        fs::write(&folder.song, damage).unwrap();
        let mut desk = folder.open("a");
        assert!(desk.shows("The song cannot be read") && desk.shows("Tracks: 1, notes: 2"));
        desk.click("Cancel");
        assert_eq!(desk.studio().path(), None);
        desk.press(CTRL, Key::O);
        desk.choose(&folder.song);
        desk.click("Open the version before");
        assert_eq!(desk.studio().project(), &song("before", 2));
        // What lies there is damaged still.
        desk.press(CTRL, Key::N);
        assert!(desk.shows("Unsaved changes"));
    }
    let mut desk = folder.open("a");
    desk.click("Open the version before");
    desk.press(CTRL, Key::S);
    assert_eq!(Project::load(&folder.song).unwrap(), song("before", 2));
    // Without such a version it is told as ever.
    fs::remove_file(backup_path(&folder.song)).unwrap();
    fs::write(&folder.song, "nothing").unwrap();
    let desk = folder.open("b");
    assert!(desk.shows("cannot be opened"));
}

#[test]
fn a_dropped_file_asks_about_unsaved_work_only_once_it_is_a_song() {
    let folder = Folder::with(&song("dropped", 2));
    let home = folder.root.path().join("a");
    let mut desk = Desk::open(start(&home, None));
    desk.press(CTRL, Key::T);
    let text = folder.root.path().join("letter.ziyin");
    fs::write(&text, "Dear friend").unwrap();
    drop_on(&mut desk, &text);
    assert!(!desk.shows("Unsaved changes") && desk.shows("cannot be opened"));
    assert_eq!(desk.studio().project().tracks.len(), 2);
    drop_on(&mut desk, &folder.song);
    assert!(desk.shows("Unsaved changes"));
    desk.click("Cancel");
    assert_eq!(desk.studio().project().tracks.len(), 2);
    drop_on(&mut desk, &folder.song);
    desk.click("Don't save");
    assert_eq!(desk.studio().project(), &song("dropped", 2));
}

#[test]
fn a_recording_that_has_moved_is_found_again_with_all_that_was_set_of_it() {
    let mut project = song("backed", 1);
    let gone = Backing { gain_db: -3.5, pan: 0.25, offset_us: 250_000, ..Backing::new("gone.flac") };
    project.backings = vec![gone.clone()];
    let folder = Folder::with(&project);
    let mut desk = folder.open("a");
    let began = std::time::Instant::now();
    while !desk.shows("Find gone.flac") {
        assert!(began.elapsed().as_secs() < 60);
        desk.settle();
    }
    desk.click("Find gone.flac");
    let tone = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
    desk.choose(&tone);
    let found = Backing { path: tone.display().to_string(), ..gone };
    assert_eq!(desk.studio().project().backings, [found]);
    while desk.shows("Find tone.flac") || desk.shows("Reading…") {
        assert!(began.elapsed().as_secs() < 60);
        desk.settle();
    }
    desk.press(CTRL, Key::Z);
    assert!(desk.studio().project().backings[0].path.ends_with("gone.flac"));
    desk.press(NONE, Key::Escape);
}

#[test]
fn the_folder_for_exports_is_that_of_an_export_that_was_written() {
    let folder = Folder::with(&song("one", 1));
    let mut desk = folder.open("a");
    desk.press(CTRL, Key::E);
    desk.click("Choose…");
    let out = folder.root.path().join("out");
    fs::create_dir(&out).unwrap();
    desk.choose(&out);
    assert!(desk.harness.query_all_by_value(&out.display().to_string()).next().is_some());
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::Comma);
    assert!(!desk.shows("out") && desk.shows("Home folder"));
}
