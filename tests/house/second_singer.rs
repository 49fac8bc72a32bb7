//! A second singer, mixed in along a curve: the two alone to the last bit, and what lies between.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use ziyin_interchange::{ExportOptions, SongKind, export_song};
use ziyin_score::{
    Command, Curve, CurveCommand, CurveKind, CurvePoint, Harmony, HarmonyKind, InvalidScore, Note, NoteId,
    Notes, Project, Tick, Track, TrackCommand, TrackField, TrackId,
};
use ziyin_signal::Frames;
use ziyin_singing::choir::Choir;
use ziyin_singing::mix::{SampleFormat, pan_gains};
use ziyin_singing::render::Progress;
use ziyin_singing::score_voices::{VoiceKey, Which, score_voices};
use ziyin_singing::stream::VocoderDevice;
use ziyin_singing::{Block, Character, RenderOptions, Timing, TimingInput, Voice, VoiceFailure, render};

use super::live::{LEAD, Listener};
use super::singing::{Hum, song};

const HARMONY: VoiceKey = VoiceKey { harmony: Some(0), ..LEAD };

/// The voice that hums, as two who differ in consonants and in colour.
#[derive(Default)]
struct Two(Hum);

impl Voice for Two {
    fn fingerprint(&self) -> u64 {
        2
    }

    fn singer(&self, name: &str) -> Option<usize> {
        ["hum", "bright"].iter().position(|known| *known == name)
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let timing = |input: &TimingInput| Timing {
            closure: 0.03,
            consonant: 0.06 + 0.04 * input.singer as f32,
            coda: 0.1,
        };
        Ok(inputs.iter().map(timing).collect())
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        let mut blocks = self.0.generate(characters)?;
        for (block, _) in blocks.iter_mut().zip(characters).filter(|(_, c)| c.singer == 1) {
            let Frames { envelope, .. } = &mut block.frames;
            let bins = envelope.len() / block.times.len().max(1);
            let louder = |bin: usize| 0.8 - bin as f32 / 900.0;
            envelope.iter_mut().enumerate().for_each(|(i, value)| *value += louder(i % bins));
        }
        Ok(blocks)
    }
}

fn phrase() -> Project {
    let words = ["ni", "ta", "ma", "sha", "lan", "pao", "yi", "chu", "wen", "kan", "ren", "si"];
    let notes: Vec<_> =
        (0..).zip(words).map(|(i, word)| (1.0 + f64::from(i), 1.0, 60 + (i % 5) as u8, word)).collect();
    let mut project = song(&notes);
    project.tracks[0].harmonies = vec![Harmony::new(HarmonyKind::OctaveDown)];
    project
}

fn points(points: &[(Tick, f32)]) -> Vec<CurvePoint> {
    points.iter().map(|&(tick, value)| CurvePoint { tick, value }).collect()
}

/// The phrase by one singer, with another along a curve.
fn sung_by(mut project: Project, singer: &str, second: Option<&str>, curve: &[(Tick, f32)]) -> Project {
    let track = &mut project.tracks[0];
    (track.singer, track.second) = (Some(singer.into()), second.map(String::from));
    track.curves.mixture = Curve::new(points(curve)).unwrap();
    project
}

fn heard(voice: &Arc<Two>, project: &Project) -> HashMap<VoiceKey, Vec<f32>> {
    Listener::new(voice.clone()).sing(project)
}

#[test]
fn where_one_sings_alone_the_samples_are_theirs() {
    let voice = Arc::new(Two::default());
    let alone = |singer| heard(&voice, &sung_by(phrase(), singer, None, &[]));
    let (first, second) = (alone("hum"), alone("bright"));
    assert!(first[&LEAD] != second[&LEAD] && first[&HARMONY] != second[&HARMONY]);
    let with = |curve: &[(Tick, f32)]| heard(&voice, &sung_by(phrase(), "hum", Some("bright"), curve));
    assert!(with(&[]) == first, "nothing is drawn");
    assert!(with(&[(0, 0.0), (4000, 0.0)]) == first, "0 is drawn");
    assert!(with(&[(0, 1.0)]) == second, "1 is drawn");
    // A curve without a second singer says nothing.
    assert!(heard(&voice, &sung_by(phrase(), "hum", None, &[(0, 1.0)])) == first);
    // From one to the other between two notes: each sings their part alone, harmonies as the lead.
    let both = with(&[(5 * 960, 0.0), (7 * 960, 1.0)]);
    for key in [LEAD, HARMONY] {
        let at = |beat: usize| beat * 22_050;
        assert!(both[&key][..at(4)] == first[&key][..at(4)], "{key:?} begins with the first");
        let end = both[&key].len();
        assert_eq!(end, second[&key].len());
        assert!(both[&key][at(9)..] == second[&key][at(9)..], "{key:?} ends with the second");
        assert!(both[&key] != first[&key] && both[&key] != second[&key]);
    }
    // Half of each lies between them.
    let half = with(&[(0, 0.5)]);
    let power = |samples: &[f32]| samples.iter().map(|x| f64::from(x * x)).sum::<f64>();
    let [low, mid, high] = [&first, &half, &second].map(|sung| power(&sung[&LEAD]));
    assert!(low < 0.9 * mid && mid < 0.9 * high, "{low} {mid} {high}");
}

#[test]
fn an_edit_of_the_mixture_leaves_all_other_samples_as_they_were_and_a_file_has_the_same() {
    let voice = Arc::new(Two::default());
    let mut project = sung_by(phrase(), "hum", Some("bright"), &[(960, 0.3), (4000, 0.8)]);
    let mut listener = Listener::new(voice.clone());
    let before = listener.sing(&project);
    let draw = Command::Curve(CurveCommand::Draw {
        track: TrackId(1),
        kind: CurveKind::Mixture,
        from: 9 * 960,
        to: 12 * 960,
        points: points(&[(9 * 960, 0.8), (10 * 960, 0.1), (11 * 960, 0.0)]),
    });
    let undo = draw.apply(&mut project).unwrap();
    let after = listener.sing(&project);
    let parted = after[&LEAD].iter().zip(&before[&LEAD]).position(|(a, b)| a != b).unwrap();
    // In the note before, where its vowel ends for the consonant that has become another.
    assert!(parted > 8 * 22_050, "{parted}");
    assert!(after == heard(&voice, &project), "as if it had been sung from nothing");
    let folder = tempfile::tempdir().unwrap();
    let options = RenderOptions {
        format: SampleFormat::F32,
        ..RenderOptions::new(folder.path().into(), VocoderDevice::Cpu)
    };
    render(&project, &*voice, &options, &mut |_: Progress| true).unwrap();
    let wav = hound::WavReader::open(folder.path().join("lead.wav")).unwrap();
    let written: Vec<f32> = wav.into_samples::<f32>().step_by(2).map(Result::unwrap).collect();
    let [side, _] = pan_gains(0.0);
    assert!(written.iter().zip(&after[&LEAD]).all(|(written, live)| *written == side * live));
    undo.apply(&mut project).unwrap();
    assert!(listener.sing(&project) == before);
}

#[test]
fn a_second_singer_who_is_missing_is_told_as_any_other() {
    let voice = Two::default();
    let missing = sung_by(phrase(), "hum", Some("Nobody"), &[(0, 0.5)]);
    let refused = score_voices(&missing, &voice, Which::Heard).err().unwrap();
    assert!(refused.to_string().contains("Nobody"), "{refused}");
    let (voices, hints) = score_voices(&missing, &voice, Which::All).unwrap();
    assert!(voices.is_empty() && hints[0].to_string().contains("Nobody"));
    // Nobody misses who does not sing.
    let idle = sung_by(phrase(), "hum", Some("Nobody"), &[(0, 0.0)]);
    assert_eq!(score_voices(&idle, &voice, Which::Heard).unwrap().0.len(), 2);
}

#[test]
fn a_second_singer_and_their_curve_are_kept_in_a_song_and_undone() {
    let json = |project: &Project| {
        let mut text = Vec::new();
        project.write_json(&mut text).unwrap();
        text
    };
    let mut project = phrase();
    let plain = json(&project);
    let track = TrackId(1);
    let draw = |points| {
        Command::Curve(CurveCommand::Draw { track, kind: CurveKind::Mixture, from: 0, to: 9600, points })
    };
    let choose = Command::Track(TrackCommand::Set { track, field: TrackField::Second(Some("Yuki".into())) });
    for (step, kept) in
        [(choose, "\"second\": \"Yuki\""), (draw(points(&[(960, 0.25), (1920, 1.0)])), "\"mixture\": [")]
    {
        let undo = step.apply(&mut project).unwrap();
        let text = json(&project);
        assert!(text.starts_with(b"{\n  \"ziyin\": 18,"), "an older reader would lose it");
        assert!(String::from_utf8_lossy(&text).contains(kept), "{kept}");
        assert_eq!(Project::from_json(&text).unwrap(), project);
        undo.apply(&mut project).unwrap();
        assert_eq!(json(&project), plain);
    }
    for wrong in [-0.01, 1.01] {
        assert_eq!(draw(points(&[(960, wrong)])).apply(&mut project), Err(InvalidScore::Curve.into()));
    }
}

#[test]
fn other_programs_are_told_what_they_cannot_hold() {
    let project = sung_by(phrase(), "hum", Some("bright"), &[(960, 0.3), (4000, 0.8), (5000, 0.0)]);
    for kind in [
        SongKind::Ustx,
        SongKind::Ust,
        SongKind::Svp,
        SongKind::Vsqx,
        SongKind::Vpr,
        SongKind::Midi,
        SongKind::MusicXml,
    ] {
        let exported = export_song(&project, kind, ExportOptions::default()).unwrap();
        let told: Vec<String> = exported.report.warnings.iter().map(|warning| warning.to_string()).collect();
        // Three of the lead and, where a harmony is a track, as many of that.
        let counted = ["mixture curve points (3)", "mixture curve points (6)"];
        let is_told = |told: &String| counted.iter().any(|counted| told.contains(counted));
        assert!(told.iter().any(is_told), "{kind:?}: {told:?}");
    }
}

fn real(singer: &str, second: Option<&str>, curve: &[(Tick, f32)]) -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    let notes = (1..).zip(["你", "好", "love", "吗"]);
    let notes = notes.map(|(i, lyric)| Note::new(NoteId(i), 960 * i as i64, 960, 50 + 2 * i as u8, lyric));
    track.notes = Notes::new(notes.collect());
    sung_by(Project { tracks: vec![track], ..Project::default() }, singer, second, curve)
}

#[test]
fn the_singers_who_ship_are_mixed_by_their_vectors() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let choir = Arc::new(Choir::open(&models, &Device::flex()).unwrap());
    let mut listener = Listener::new(choir);
    let mut sing = |project: Project| listener.sing(&project).remove(&LEAD).unwrap();
    let (first, second) = (sing(real("Qinglan", None, &[])), sing(real("Boran", None, &[])));
    assert!(first.iter().any(|sample| sample.abs() > 0.01));
    let mut with = |curve: &[(Tick, f32)]| sing(real("Qinglan", Some("Boran"), curve));
    assert!(with(&[(0, 0.0)]) == first, "at 0 it is the first, to the last bit");
    assert!(with(&[(0, 1.0)]) == second, "at 1 it is the second, to the last bit");
    let half = with(&[(0, 0.5)]);
    assert!(half != first && half != second && half.iter().all(|sample| sample.is_finite()));
    let along = with(&[(2 * 960, 0.0), (4 * 960, 1.0)]);
    let begun = along.iter().zip(&first).position(|(a, b)| a != b).unwrap();
    assert!(begun > 22_050 && begun < 2 * 22_050 + 11_025, "{begun}");
    // Nothing leaps on the way: no step is larger than those of the two.
    let steepest =
        |samples: &[f32]| samples.windows(2).fold(0.0f32, |most, pair| most.max((pair[1] - pair[0]).abs()));
    assert!(steepest(&along) < 1.3 * steepest(&first).max(steepest(&second)));
}
