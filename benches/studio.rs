//! The studio's frame without the GPU: what the CPU does for one picture of a song of
//! 10,000 notes, and from such a file to the first picture.

use std::path::{Path, PathBuf};
use ziyin_message::Message;

use divan::Bencher;
use egui::{Context, RawInput, Rect, pos2};
use ziyin_score::{Curve, CurveKind, CurvePoint, Note, NoteId, Project, Track, TrackId};
use ziyin_session::settings::Settings;
use ziyin_studio::{Start, Studio, theme};

const NOTES: i64 = 10_000;

fn main() {
    divan::main();
}

/// Quarter notes with hanzi, and a curve point for each eighth in all curves.
fn song() -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    let lyrics: Vec<char> = "好一朵美丽的茉莉花芬芳美丽满枝桠又香又白人人夸".chars().collect();
    track.notes = (0..NOTES)
        .map(|i| {
            let (pitch, lyric) = (60 + (i * 7 % 17) as u8, lyrics[i as usize % lyrics.len()]);
            Note::new(NoteId(i as u64 + 1), i * 480, 480, pitch, lyric)
        })
        .collect();
    for kind in CurveKind::ALL {
        let points = (0..NOTES).map(|i| CurvePoint { tick: i * 480, value: (i as f32 * 0.7).sin() });
        *track.curves.get_mut(kind) = Curve::new(points.collect()).unwrap();
    }
    Project { tracks: vec![track], ..Project::default() }
}

struct Desk {
    ctx: Context,
    studio: Studio,
    time: f64,
}

impl Desk {
    fn open(home: &Path, song: PathBuf) -> Self {
        let ctx = Context::default();
        theme::install(&ctx);
        let voice: ziyin_session::engine::VoiceLoader =
            Box::new(|| Err(Message::foreign("no voice is timed here")));
        let start = Start {
            home: home.into(),
            song: Some(song),
            demo: None,
            voice: Some(voice),
            attach: None,
            midi: None,
            microphone: None,
        };
        let studio = Studio::new(&ctx, start);
        let mut desk = Self { ctx, studio, time: 0.0 };
        desk.frame(&[]);
        while desk.studio.is_busy() {
            std::thread::yield_now();
            desk.frame(&[]);
        }
        desk
    }

    /// A frame of 1920 by 1080 points, as far as the triangles for the GPU.
    fn frame(&mut self, events: &[egui::Event]) -> usize {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_max(pos2(0.0, 0.0), pos2(1920.0, 1080.0))),
            time: Some(self.time),
            events: events.to_vec(),
            focused: true,
            ..RawInput::default()
        };
        let studio = &mut self.studio;
        let mut output = self.ctx.run_ui(input, |ui| studio.show(ui));
        // There is no GPU that wants them.
        output.textures_delta.clear();
        self.ctx.tessellate(output.shapes, output.pixels_per_point).len()
    }
}

fn pressed(key: egui::Key, modifiers: egui::Modifiers) -> egui::Event {
    egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
}

fn home_with_song() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    Settings { toured: true, ..Settings::default() }.save(home.path()).unwrap();
    let path = home.path().join("long.ziyin");
    song().save(&path).unwrap();
    (home, path)
}

/// At the zoom that a song is edited at.
#[divan::bench(sample_count = 200)]
fn frame_of_10_000_notes(bencher: Bencher) {
    let (home, path) = home_with_song();
    let mut desk = Desk::open(home.path(), path);
    for _ in 0..30 {
        desk.frame(&[]);
    }
    bencher.bench_local(|| desk.frame(&[]));
}

/// The whole song on the screen at once: every note and point is in sight.
#[divan::bench(sample_count = 50)]
fn frame_of_10_000_notes_all_in_sight(bencher: Bencher) {
    let (home, path) = home_with_song();
    let mut desk = Desk::open(home.path(), path);
    desk.frame(&[pressed(egui::Key::Num0, egui::Modifiers::COMMAND)]);
    for _ in 0..120 {
        desk.frame(&[]);
    }
    bencher.bench_local(|| desk.frame(&[]));
}

/// The arrangement of thirty tracks over the roll, with phonemes and curves open: 10,000 notes in 2,500 phrases,
/// all of them in sight.
#[divan::bench(sample_count = 100)]
fn frame_of_the_arrangement(bencher: Bencher) {
    let home = tempfile::tempdir().unwrap();
    let settings = Settings { toured: true, show_arrangement: true, ..Settings::default() };
    settings.save(home.path()).unwrap();
    let whole = song();
    let mut tracks: Vec<Track> = (0..30).map(|i| Track::new(TrackId(i + 1), format!("voice {i}"))).collect();
    for (i, track) in tracks.iter_mut().enumerate() {
        // Every thirtieth group of four, with a rest behind it.
        let own = whole.tracks[0].notes.chunks(4).skip(i).step_by(30).flatten();
        track.notes = own.cloned().collect();
        track.curves = whole.tracks[0].curves.clone();
    }
    let path = home.path().join("many.ziyin");
    Project { tracks, ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(home.path(), path);
    desk.frame(&[pressed(egui::Key::H, egui::Modifiers::NONE)]);
    for _ in 0..30 {
        desk.frame(&[]);
    }
    bencher.bench_local(|| desk.frame(&[]));
}

/// From the file to the first picture.
#[divan::bench(sample_count = 10)]
fn open_10_000_notes(bencher: Bencher) {
    let (home, path) = home_with_song();
    bencher.bench_local(|| Desk::open(home.path(), path.clone()));
}
