//! From a score to WAV files, sung by a voice without networks.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use ziyin_message::Message;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_score::{
    Harmony, HarmonyKind, Note, NoteId, Notes, Project, TICKS_PER_QUARTER, Tick, Track, TrackId,
};
use ziyin_signal::{AP_BANDS, BINS, Frames, track_pitch};
use ziyin_singing::Unsung;
use ziyin_singing::backing::BackingTrack;
use ziyin_singing::cache::BlockCache;
use ziyin_singing::loudness_meter::Meter;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::render::Level;
use ziyin_singing::render::Progress;
use ziyin_singing::score_voices::{VoiceKey, Which, score_voices};
use ziyin_singing::stems::Container;
use ziyin_singing::stream::{VocoderDevice, provide};
use ziyin_singing::{
    Block, Character, RenderError, RenderOptions, Rendered, Timing, TimingInput, Voice, VoiceFailure, render,
    sing_vowel,
};

/// A voice that hums every vowel and hisses every consonant.
#[derive(Default)]
pub struct Hum {
    pub generated: AtomicUsize,
    pub fails: bool,
}

impl Voice for Hum {
    fn fingerprint(&self) -> u64 {
        1
    }

    fn singer(&self, name: &str) -> Option<usize> {
        (name == "hum").then_some(0)
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        Ok(vec![Timing { closure: 0.03, consonant: 0.06, coda: 0.1 }; inputs.len()])
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        if self.fails {
            return Err(VoiceFailure(Message::foreign("out of breath")));
        }
        self.generated.fetch_add(characters.len(), Ordering::Relaxed);
        Ok(characters.iter().map(|character| hum(character)).collect())
    }
}

fn hum(character: &Character) -> Block {
    let times = character.times();
    let mut frames = Frames::default();
    // Every vowel has its own colour, so that a change of lyric is heard.
    let colour = f32::from(character.syllable.nucleus as u8) / 10.0;
    for &t in &times {
        let vowel = ((t - character.block.vowel) / 0.02).clamp(0.0, 1.0);
        frames
            .envelope
            .extend((0..BINS).map(|bin| -1.0 - bin as f32 / (60.0 + colour) - 3.0 * (1.0 - vowel)));
        frames.aperiodicity.extend([1.0 - 0.95 * vowel; AP_BANDS]);
        frames.voicing.push(vowel);
    }
    Block { times, frames }
}

/// A song at 120 bpm of notes with onset and length in quarters.
pub fn song(notes: &[(f64, f64, u8, &str)]) -> Project {
    let ticks = |quarters: f64| (quarters * TICKS_PER_QUARTER as f64).round() as Tick;
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(
        (1..)
            .zip(notes)
            .map(|(id, &(onset, length, pitch, lyric))| {
                Note::new(NoteId(id), ticks(onset), ticks(length), pitch, lyric)
            })
            .collect(),
    );
    Project { tracks: vec![track], ..Default::default() }
}

pub fn verse() -> Project {
    let mut project = song(&[
        (1.0, 1.0, 64, "好"),
        (2.0, 1.0, 67, "一"),
        (3.0, 2.0, 69, "朵"),
        (5.0, 1.0, 67, "-"),
        (7.0, 1.0, 60, "茉"),
        (8.0, 0.5, 62, "莉"),
        (8.5, 3.5, 64, "花"),
    ]);
    project.tracks[0].harmonies = vec![
        Harmony::new(HarmonyKind::OctaveUp),
        Harmony { pan: 0.5, ..Harmony::new(HarmonyKind::OctaveDown) },
    ];
    project
}

fn options(out: &Path, format: SampleFormat) -> RenderOptions {
    RenderOptions { format, ..RenderOptions::new(out.to_path_buf(), VocoderDevice::Cpu) }
}

fn sing(project: &Project, options: &RenderOptions) -> Result<Rendered, RenderError> {
    render(project, &Hum::default(), options, &mut |_: Progress| true)
}

/// Both sides of a WAV, in steps of its format.
fn samples(path: &Path) -> Vec<i64> {
    let mut reader = hound::WavReader::open(path).unwrap();
    reader.samples::<i32>().map(|sample| i64::from(sample.unwrap())).collect()
}

fn left(path: &Path, format: SampleFormat) -> Vec<f32> {
    let full = format.steps().unwrap() as f32;
    samples(path).iter().step_by(2).map(|&sample| sample as f32 / full).collect()
}

#[test]
fn a_range_is_cut_out_of_the_whole_and_only_wanted_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, part) = (folder.path().join("whole"), folder.path().join("part"));
    let mut song = verse();
    song.tracks[0].gain_db = -12.0;
    sing(&song, &options(&whole, SampleFormat::S24)).unwrap();
    let lead = VoiceKey { track: song.tracks[0].id, harmony: None };
    let wanted = RenderOptions {
        voices: Some(vec![lead]),
        mix: false,
        range: Some(1.0..2.5),
        ..options(&part, SampleFormat::S24)
    };
    let rendered = sing(&song, &wanted).unwrap();
    assert_eq!((rendered.files.len(), rendered.seconds), (1, 1.5));
    let (all, cut) = (samples(&whole.join("lead.wav")), samples(&part.join("lead.wav")));
    assert_eq!(cut, all[2 * 44_100..5 * 44_100]);

    let loud = folder.path().join("loud");
    sing(&song, &RenderOptions { level: Level::Full, stems: false, ..options(&loud, SampleFormat::S24) })
        .unwrap();
    assert_eq!(std::fs::read_dir(&loud).unwrap().count(), 1);
    let peak = samples(&loud.join("mix.wav")).into_iter().map(i64::abs).max().unwrap() as f32;
    assert!((20.0 * (peak / 8_388_608.0).log10() + 1.0).abs() < 0.05, "{peak}");
}

#[test]
fn a_flac_holds_the_samples_of_the_wav() {
    for format in [SampleFormat::S16, SampleFormat::S24] {
        let folder = tempfile::tempdir().unwrap();
        let wav = options(folder.path(), format);
        let flac = RenderOptions { container: Container::Flac, ..wav.clone() };
        sing(&verse(), &wav).unwrap();
        let rendered = sing(&verse(), &flac).unwrap();
        assert_eq!(rendered.files.len(), 4);
        for file in &rendered.files {
            let steps = format.steps().unwrap();
            let whole = |sample: &f32| (f64::from(*sample) * steps).round() as i64;
            let [left, right] = read_audio(&file.path, &Budget::default()).unwrap().sides;
            let found: Vec<i64> = left.iter().zip(&right).flat_map(|(l, r)| [whole(l), whole(r)]).collect();
            assert!(found == samples(&file.path.with_extension("wav")), "{}", file.path.display());
        }
        let size = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(size("mix.flac") < size("mix.wav"));
    }
    let folder = tempfile::tempdir().unwrap();
    let floating = RenderOptions { container: Container::Flac, ..options(folder.path(), SampleFormat::F32) };
    assert!(matches!(sing(&verse(), &floating), Err(RenderError::FloatingFlac)));
}

#[test]
fn a_mix_is_brought_to_a_loudness() {
    let heard = |path: &Path| {
        let audio = read_audio(path, &Budget::default()).unwrap();
        let mut meter = Meter::new(audio.rate).unwrap();
        meter.hear(&audio.sides[0], &audio.sides[1]).unwrap();
        meter.loudness()
    };
    for (rate, lufs) in [(44_100, -30.0), (48_000, -23.0)] {
        let folder = tempfile::tempdir().unwrap();
        let wanted =
            RenderOptions { rate, level: Level::Loudness(lufs), ..options(folder.path(), SampleFormat::S24) };
        let rendered = sing(&verse(), &wanted).unwrap();
        let (told, found) = (rendered.loudness, heard(&folder.path().join("mix.wav")));
        assert!((told.lufs.unwrap() - lufs).abs() < 0.01, "{told:?}");
        assert!((found.lufs.unwrap() - lufs).abs() < 0.1, "{found:?}");
        assert!((found.true_peak.unwrap() - told.true_peak.unwrap()).abs() < 0.2, "{told:?} {found:?}");
        assert!(rendered.warnings.is_empty(), "{:?}", rendered.warnings);
    }
    // As loud as no mix can be without going above full scale.
    let folder = tempfile::tempdir().unwrap();
    let wanted = RenderOptions { level: Level::Loudness(0.0), ..options(folder.path(), SampleFormat::S24) };
    let rendered = sing(&verse(), &wanted).unwrap();
    let found = heard(&folder.path().join("mix.wav"));
    assert!((-2.5..=-1.0).contains(&found.true_peak.unwrap()), "{found:?}");
    assert!(rendered.warnings[0].to_string().contains("stays below 0 LUFS"), "{:?}", rendered.warnings);
}

#[test]
fn stems_add_up_to_the_mix() {
    for format in [SampleFormat::S16, SampleFormat::S24] {
        for rate in [44_100, 48_000] {
            let folder = tempfile::tempdir().unwrap();
            let options = RenderOptions { rate, ..options(folder.path(), format) };
            let rendered = sing(&verse(), &options).unwrap();
            let names: Vec<String> =
                rendered.files.iter().map(|f| f.path.file_name().unwrap().to_string_lossy().into()).collect();
            assert_eq!(names, ["lead.wav", "lead – Octave above.wav", "lead – Octave below.wav", "mix.wav"]);
            let all: Vec<Vec<i64>> = rendered.files.iter().map(|f| samples(&f.path)).collect();
            assert_eq!(all[3].len(), 2 * (rendered.seconds * f64::from(rate)).round() as usize);
            for (i, &mix) in all[3].iter().enumerate() {
                assert_eq!(all[0][i] + all[1][i] + all[2][i], mix, "sample {i}");
            }
            let loudest = all[3].iter().map(|s| s.abs()).max().unwrap() as f64 / format.steps().unwrap();
            assert!((0.01..0.9).contains(&loudest), "{loudest}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
        }
    }
}

#[test]
fn backing_audio_is_a_part_of_the_mix_and_a_stem_of_its_own() {
    // Two seconds that are not alike on both sides, from sample 30,000 of the song on, and
    // its end: the song is as long as what sounds last.
    let recording: Vec<f32> = (0..2 * 2 * 44_100)
        .map(|i| (f64::from(i / 2) * if i % 2 == 0 { 0.05 } else { 0.031 }).sin() as f32 * 0.25)
        .collect();
    let (start, skip) = (30_000, 500);
    let track = BackingTrack {
        start,
        skip,
        cut: [0; 2],
        fades: [0; 2],
        samples: recording.clone().into(),
        gains: [0.5; 2],
        room: 0.0,
    };
    let late = BackingTrack { start: 400_000, ..track.clone() };
    let format = SampleFormat::S24;
    for rate in [44_100, 48_000] {
        let folder = tempfile::tempdir().unwrap();
        let options = RenderOptions {
            rate,
            backings: vec![track.clone(), late.clone()],
            ..options(folder.path(), format)
        };
        let rendered = sing(&verse(), &options).unwrap();
        let kinds: Vec<&str> = rendered.files.iter().map(|file| file.kind.as_str()).collect();
        assert_eq!(kinds, ["lead", "octave-up", "octave-down", "backing", "backing", "mix"]);
        let all: Vec<Vec<i64>> = rendered.files.iter().map(|f| samples(&f.path)).collect();
        let length = 2 * (late.end() as f64 / 44_100.0 * f64::from(rate)).round() as usize;
        assert!(all.iter().all(|file| file.len() == length), "{length}");
        for (i, &mix) in all[5].iter().enumerate() {
            assert_eq!((0..5).map(|file| all[file][i]).sum::<i64>(), mix, "sample {i} at {rate} Hz");
        }
        assert_eq!(rendered.turned_down_db, 0.0);
        if rate == 44_100 {
            let stem = samples(&folder.path().join("backing.wav"));
            let expected: Vec<i64> = (recording[2 * skip as usize..].iter())
                .map(|sample| (f64::from(sample * 0.5) * format.steps().unwrap()).round() as i64)
                .collect();
            let from = 2 * start as usize;
            assert_eq!(stem[from..from + expected.len()], expected);
            assert!(stem[..from].iter().chain(&stem[from + expected.len()..]).all(|&sample| sample == 0));
        }
    }
    // What it adds to the loudness of the mix is heard when the headroom is chosen.
    let folder = tempfile::tempdir().unwrap();
    let loud = BackingTrack { gains: [8.0; 2], ..track };
    let options = RenderOptions { backings: vec![loud], stems: false, ..options(folder.path(), format) };
    let rendered = sing(&verse(), &options).unwrap();
    assert!(rendered.turned_down_db < -5.0, "{}", rendered.turned_down_db);
    let peak = samples(&folder.path().join("mix.wav")).into_iter().map(i64::abs).max().unwrap() as f32;
    assert!((20.0 * (peak / 8_388_608.0).log10() + 1.0).abs() < 0.05, "{peak}");
}

#[test]
fn every_voice_is_in_tune() {
    let folder = tempfile::tempdir().unwrap();
    let project = verse();
    let rendered = sing(&project, &options(folder.path(), SampleFormat::S24)).unwrap();
    for (file, shift) in rendered.files.iter().zip([0.0, 12.0, -12.0]) {
        let pitch = {
            let times = f64::exp2(shift / 12.0) as f32;
            track_pitch(&left(&file.path, SampleFormat::S24), 235.0 * times, 600.0 * times, 128)
        };
        let mut medians = Vec::new();
        for note in project.tracks[0].notes.iter() {
            let seconds = |tick| project.tempo.seconds(tick);
            let (onset, end) = (seconds(note.onset), seconds(note.end()));
            let length = end - onset;
            let (from, to) = (onset + f64::min(0.12, length * 0.4), end - f64::min(0.08, length * 0.2));
            let mut cents: Vec<f64> = (0..200)
                .map(|i| from + (to - from) * f64::from(i) / 200.0)
                .map(|t| f64::from(pitch.bridged_at(t).unwrap_or(0.0)))
                .filter(|&hertz| hertz > 0.0)
                .map(|hertz| 1200.0 * (hertz / 440.0).log2() - 100.0 * (f64::from(note.pitch) + shift - 69.0))
                .collect();
            cents.sort_by(f64::total_cmp);
            let median = cents[cents.len() / 2];
            assert!(median.abs() < 8.0, "{} at {onset} s is {median:.1} cents off", file.kind);
            medians.push(median.abs());
        }
        medians.sort_by(f64::total_cmp);
        assert!(medians[medians.len() / 2] < 3.0, "{}: {medians:?}", file.kind);
    }
}

#[test]
fn a_voice_sung_in_pieces_is_the_voice_sung_at_once() {
    let project = verse();
    let voice = Hum::default();
    let whole = |pieces: &[usize]| {
        let (voices, _) = score_voices(&project, &voice, Which::Heard).unwrap();
        let mut streams: Vec<_> = voices.into_iter().map(|v| v.stream).collect();
        let mut cache = BlockCache::default();
        let mut all = Vec::new();
        for &piece in pieces.iter().cycle() {
            provide(&mut streams, piece, &voice, &mut cache).unwrap();
            let mut out = vec![0.0; piece];
            streams[1].sing(&mut out).unwrap();
            all.extend(out);
            if all.len() > 250_000 {
                break;
            }
        }
        all.truncate(250_000);
        all
    };
    assert!(whole(&[250_001]) == whole(&[777, 4096, 31]));
}

#[test]
fn notes_of_any_length_and_pitch_are_sung_without_a_click() {
    let folder = tempfile::tempdir().unwrap();
    let mut notes = vec![(0.0, 40.0, 60, "啊")];
    for i in 0..50 {
        notes.push((40.0 + 0.08 * f64::from(i), 0.08, 36 + i as u8, "ta"));
    }
    let rendered = sing(&song(&notes), &options(folder.path(), SampleFormat::S24)).unwrap();
    let sound = left(&rendered.files[0].path, SampleFormat::S24);
    // Energy of the second difference in 2 ms against its surroundings, as ears hear clicks.
    let rough: Vec<f32> = sound
        .chunks(88)
        .map(|c| (c.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).powi(2)).sum::<f32>() / 86.0).sqrt())
        .collect();
    for i in 30..rough.len() - 30 {
        let mut around = rough[i - 30..i + 30].to_vec();
        around.sort_by(f32::total_cmp);
        assert!(
            rough[i] < 0.0032 || rough[i] / (around[30] + 1e-5) < 12.0,
            "a click at {} s",
            i as f32 * 0.002
        );
    }
    assert!(sound[44_100 * 10..44_100 * 10 + 4410].iter().any(|s| s.abs() > 0.01));
}

#[test]
fn a_chorus_is_generated_once() {
    let voice = Hum::default();
    let line = [(1.0, 1.0, 60, "好"), (2.0, 1.0, 62, "花")];
    let twice: Vec<_> = line.iter().copied().chain(line.map(|(t, l, p, s)| (t + 8.0, l, p, s))).collect();
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), SampleFormat::S16);
    render(&song(&twice), &voice, &options, &mut |_| true).unwrap();
    assert_eq!(voice.generated.load(Ordering::Relaxed), 2);
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written_stays() {
    let folder = tempfile::tempdir().unwrap();
    let opts = options(folder.path(), SampleFormat::S16);
    std::fs::write(folder.path().join("mix.wav"), "mine").unwrap();
    assert!(matches!(sing(&verse(), &opts), Err(RenderError::Exists(_))));
    assert_eq!(std::fs::read(folder.path().join("mix.wav")).unwrap(), b"mine");
    let forced = RenderOptions { force: true, ..opts };
    let failing = Hum { fails: true, ..Default::default() };
    assert!(matches!(render(&verse(), &failing, &forced, &mut |_| true), Err(RenderError::Voice(_))));
    assert!(matches!(
        render(&verse(), &Hum::default(), &forced, &mut |_| false),
        Err(RenderError::Cancelled)
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    sing(&verse(), &forced).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn a_song_without_lyrics_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let silent = song(&[(0.0, 1.0, 60, "")]);
    assert!(matches!(
        sing(&silent, &options(folder.path(), SampleFormat::S16)),
        Err(RenderError::Unsung(Unsung::NothingToSing))
    ));
}

#[test]
fn a_key_is_a_vowel_at_its_pitch_that_begins_at_once() {
    for key in [48u8, 69, 84] {
        let sound = sing_vowel(&Hum::default(), &VocoderDevice::Cpu, Some("hum"), key).unwrap();
        let hertz = 440.0 * f32::exp2((f32::from(key) - 69.0) / 12.0);
        let pitch = track_pitch(&sound[..44_100], 0.7 * hertz, 1.4 * hertz, 128);
        let cents: Vec<f32> = (20..60)
            .filter_map(|i| Some(1200.0 * (pitch.bridged_at(f64::from(i) * 0.005)? / hertz).log2()))
            .collect();
        assert!(cents.len() == 40 && cents.iter().all(|cents| cents.abs() < 30.0), "key {key}: {cents:?}");
        // It is there within 50 ms of the click.
        assert!(sound[..2205].iter().any(|x| x.abs() > 0.01), "key {key}");
    }
    assert!(matches!(
        sing_vowel(&Hum::default(), &VocoderDevice::Cpu, Some("nobody"), 60),
        Err(RenderError::Unsung(Unsung::UnknownSinger(_)))
    ));
}
