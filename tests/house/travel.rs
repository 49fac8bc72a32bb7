//! Curves travel with their notes, and time can be put into a song and taken out of it.

use std::ops::Range;

use proptest::{collection::vec, prelude::*};
use ziyin_score::*;
use ziyin_session::editor::{Editor, SHORTEST, TimeChange};

/// How far beyond a note its curves may belong to it.
const REACH: Tick = TICKS_PER_QUARTER / 4;
/// Within this time of what stays, what was left behind has come to rest.
const BLEND: Tick = TICKS_PER_QUARTER / 6;

/// A melody of one voice, with rests and without.
fn melody() -> impl Strategy<Value = Vec<Note>> {
    vec((prop_oneof![Just(0i64), 1..1500i64], 60..1500i64, 48u8..72), 1..10).prop_map(|notes| {
        let mut end = 2000;
        let mut place = |(id, (rest, length, pitch)): (u64, (Tick, Tick, u8))| {
            let onset = end + rest;
            end = onset + length;
            Note::new(NoteId(id), onset, length, pitch, "la")
        };
        (1..).zip(notes).map(&mut place).collect()
    })
}

fn curves() -> impl Strategy<Value = Curves> {
    let curve = || {
        let value = prop_oneof![2 => Just(0f32), 3 => -1f32..1.0];
        prop::collection::btree_map(0..20_000i64, value, 0..40).prop_map(|points| {
            let point = |(tick, value)| CurvePoint { tick, value };
            Curve::new(points.into_iter().map(point).collect()).unwrap()
        })
    };
    [curve(), curve(), curve(), curve(), curve(), curve()].prop_map(
        |[pitch, loudness, breathiness, formant, tension, mixture]| {
            let shares = mixture.iter().map(|point| CurvePoint { value: point.value.abs(), ..*point });
            let mixture = Curve::new(shares.collect()).unwrap();
            Curves { pitch, loudness, breathiness, formant, tension, mixture }
        },
    )
}

/// A song with one voice, some of whose notes are selected.
fn song() -> impl Strategy<Value = (Project, Vec<NoteId>)> {
    (melody(), curves(), vec(any::<bool>(), 10)).prop_map(|(notes, curves, chosen)| {
        let mut selected: Vec<NoteId> =
            notes.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(note, _)| note.id).collect();
        if selected.is_empty() {
            selected.push(notes[0].id);
        }
        let mut track = Track::new(TrackId(1), "lead");
        (track.notes, track.curves) = (Notes::new(notes), curves);
        (Project { tracks: vec![track], ..Project::default() }, selected)
    })
}

fn editor(song: &Project, selected: &[NoteId]) -> Editor {
    let mut editor = Editor::new(song.clone());
    editor.select(selected.iter().copied());
    editor
}

fn notes_of(song: &Project, ids: &[NoteId]) -> Vec<Note> {
    song.tracks[0].notes.iter().filter(|note| ids.contains(&note.id)).cloned().collect()
}

/// Where notes and what belongs to them may lie: with the rests between those that have no other between
/// them.
fn zones(song: &Project, selected: &[NoteId], shift: Tick) -> Vec<Range<Tick>> {
    let mut zones: Vec<Range<Tick>> = Vec::new();
    let mut together = false;
    for note in song.tracks[0].notes.iter() {
        let chosen = selected.contains(&note.id);
        if chosen {
            let zone = note.onset + shift - REACH..note.end() + shift + REACH;
            match zones.last_mut() {
                Some(last) if together => last.end = zone.end,
                _ => zones.push(zone),
            }
        }
        together = chosen;
    }
    zones
}

fn is_near(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-4
}

/// Ticks of a span that are looked at: its edges and some between.
fn looked_at(span: Range<Tick>) -> impl Iterator<Item = Tick> {
    let (from, to) = (span.start, span.end);
    let between = (0..40).map(move |i| from + (to - from) * i / 40);
    between.chain([to - 1]).filter(move |tick| (from..to).contains(tick) && *tick >= 0)
}

/// What holds of curves once the selected notes have moved by `shift`, their source emptied or not.
fn check_carried(
    before: &Project,
    after: &Curves,
    selected: &[NoteId],
    shift: Tick,
    leaves: bool,
) -> Result<(), TestCaseError> {
    let (moved, track) = (notes_of(before, selected), &before.tracks[0]);
    let (sources, targets) = (zones(before, selected, 0), zones(before, selected, shift));
    let inside = |zones: &[Range<Tick>], tick: Tick| zones.iter().any(|zone| zone.contains(&tick));
    for kind in CurveKind::ALL {
        let (old, new) = (track.curves.get(kind), after.get(kind));
        let (was, is) = (|tick: Tick| old.at(tick as f64), |tick: Tick| new.at(tick as f64));
        for note in &moved {
            for tick in looked_at(note.onset..note.end()) {
                let (here, there) = (was(tick), is(tick + shift));
                prop_assert!(is_near(here, there), "{kind:?} at {tick}: {here} became {there}");
                let left = tick >= note.onset + BLEND && tick < note.end() - BLEND;
                if leaves && left && !inside(&targets, tick) {
                    prop_assert_eq!(is(tick), 0.0, "{:?} is left behind at {}", kind, tick);
                }
            }
        }
        // What lies elsewhere is the same, and has its corners.
        let elsewhere = |tick: &Tick| !(inside(&targets, *tick) || leaves && inside(&sources, *tick));
        for tick in looked_at(0..20_000).chain((0..20_000).step_by(37)).filter(elsewhere) {
            prop_assert!(
                is_near(was(tick), is(tick)),
                "{kind:?} at {tick}: {} became {}",
                was(tick),
                is(tick)
            );
        }
        // A curve of which nothing is left has no point at all.
        let kept = |point: &&CurvePoint| new.iter().any(|other| other == *point);
        let corners: Vec<&CurvePoint> = old.iter().filter(|point| elsewhere(&point.tick)).collect();
        prop_assert!(new.is_empty() || corners.iter().all(kept), "{kind:?}");
        // What belongs to notes that stay is theirs.
        for note in track.notes.iter().filter(|note| !selected.contains(&note.id)) {
            for tick in looked_at(note.onset..note.end()) {
                let free =
                    moved.iter().all(|other| !(other.onset + shift..other.end() + shift).contains(&tick))
                        && !targets.iter().any(|zone| {
                            // A rest between notes that move together comes with them.
                            (zone.start + REACH..zone.end - REACH).contains(&tick)
                        });
                prop_assert!(!free || is_near(was(tick), is(tick)), "{kind:?} at {tick} was another note's");
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn notes_take_their_curves_along_and_leave_nothing_behind(
        (song, selected) in song(), shift in -2000..8000i64, semitones in -5i16..5
    ) {
        let mut editor = editor(&song, &selected);
        editor.move_selected("move-notes", shift, semitones).unwrap();
        let after = editor.project().clone();
        if shift == 0 {
            prop_assert_eq!(&after.tracks[0].curves, &song.tracks[0].curves, "a transposed note keeps them");
        }
        check_carried(&song, &after.tracks[0].curves, &selected, shift, shift != 0)?;
        // Undone, it is the very same song; done again, the same as it was then.
        editor.undo().unwrap();
        prop_assert_eq!(editor.project(), &song);
        editor.redo().unwrap();
        prop_assert_eq!(editor.project(), &after);
    }

    #[test]
    fn a_drag_over_others_leaves_them_as_they_were(
        (song, selected) in song(), ways in vec(-300..900i64, 1..8)
    ) {
        let mut direct = editor(&song, &selected);
        let mut dragged = editor(&song, &selected);
        dragged.begin("move-notes");
        let mut shift = 0;
        for way in ways {
            if dragged.move_selected("move-notes", way, 0).is_ok() {
                shift += way;
            }
        }
        direct.move_selected("move-notes", shift, 0).unwrap();
        prop_assert_eq!(dragged.project(), direct.project());
        dragged.move_selected("move-notes", -shift, 0).unwrap();
        prop_assert_eq!(dragged.project(), &song);
        dragged.end();
        prop_assert_eq!(dragged.history().undo_names().count(), 0);
    }

    #[test]
    fn copies_bring_copies_of_the_curves((song, selected) in song(), at in 0..12_000i64) {
        let first = notes_of(&song, &selected)[0].onset;
        let mut pasted = editor(&song, &selected);
        pasted.copy();
        pasted.paste(at).unwrap();
        check_carried(&song, &pasted.project().tracks[0].curves, &selected, at - first, false)?;
        let notes = pasted.project().tracks[0].notes.clone();
        pasted.undo().unwrap();
        prop_assert_eq!(pasted.project(), &song);
        // Without curves there are the same notes.
        pasted.paste_notes_alone(at).unwrap();
        prop_assert_eq!(&pasted.project().tracks[0].notes, &notes);
        prop_assert_eq!(&pasted.project().tracks[0].curves, &song.tracks[0].curves);
        // Dragged with the key that copies, they come to the same place.
        let mut dragged = editor(&song, &selected);
        dragged.begin("duplicate-notes");
        dragged.copy_in_place(selected[0]).unwrap();
        prop_assert_eq!(&dragged.project().tracks[0].curves, &song.tracks[0].curves);
        for part in [(at - first) / 2, (at - first) - (at - first) / 2] {
            dragged.move_selected("duplicate-notes", part, 0).unwrap();
        }
        dragged.end();
        check_carried(&song, &dragged.project().tracks[0].curves, &selected, at - first, false)?;
        prop_assert!(dragged.history().undo_names().count() <= 1);
    }

    #[test]
    fn removed_notes_take_their_curves_with_them((song, selected) in song()) {
        let mut editor = editor(&song, &selected);
        editor.cut().unwrap();
        let sources = zones(&song, &selected, 0);
        for kind in CurveKind::ALL {
            let (old, new) = (song.tracks[0].curves.get(kind), editor.project().tracks[0].curves.get(kind));
            for note in notes_of(&song, &selected) {
                for tick in looked_at(note.onset + BLEND..note.end() - BLEND) {
                    prop_assert_eq!(new.at(tick as f64), 0.0);
                }
            }
            for tick in (0..20_000).filter(|tick| !sources.iter().any(|zone| zone.contains(tick))) {
                prop_assert!(is_near(old.at(tick as f64), new.at(tick as f64)));
            }
        }
        editor.undo().unwrap();
        prop_assert_eq!(editor.project(), &song);
    }

    #[test]
    fn a_longer_note_is_drawn_as_it_was_over_its_new_length(
        (song, selected) in song(), by in -400..1500i64
    ) {
        let one = &selected[..1];
        let mut editor = editor(&song, one);
        editor.resize_selected(0, by).unwrap();
        let (old, new) = (notes_of(&song, one).remove(0), notes_of(editor.project(), one).remove(0));
        prop_assert_eq!(new.length, (old.length + by).max(SHORTEST));
        for kind in CurveKind::ALL {
            let at = |song: &Project, tick: Tick| song.tracks[0].curves.get(kind).at(tick as f64);
            prop_assert!(is_near(at(&song, old.onset), at(editor.project(), new.onset)));
            prop_assert!(is_near(at(&song, old.end() - 1), at(editor.project(), new.end() - 1)));
            // Corners are where they were, as a part of the note.
            let corners: Vec<CurvePoint> = (song.tracks[0].curves.get(kind).iter())
                .filter(|point| (old.onset..old.end()).contains(&point.tick))
                .copied()
                .collect();
            if by > 0 {
                for point in corners {
                    let part = (point.tick - old.onset) as f64 / (old.length - 1) as f64;
                    let there = new.onset + (part * (new.length - 1) as f64).round() as Tick;
                    let near = [there - 1, there, there + 1].map(|tick| at(editor.project(), tick));
                    prop_assert!(near.into_iter().any(|value| is_near(value, point.value)), "{kind:?}");
                }
            }
        }
        editor.undo().unwrap();
        prop_assert_eq!(editor.project(), &song);
    }

    #[test]
    fn time_that_was_put_in_can_be_taken_out_again(
        (song, _) in song(),
        other in melody(),
        changes in prop::collection::btree_map(1..20_000i64, (300_000..900_000u32, 2u8..8), 0..6),
        offset in -2_000_000..20_000_000i64,
        (from, length) in (0..20_000i64, 1..9000i64),
    ) {
        let mut song = song;
        let mut second = Track::new(TrackId(2), "second");
        second.notes = Notes::new(other);
        song.tracks.push(second);
        let tempo = |(&tick, &(micros, _)): (&Tick, &(u32, u8))| {
            TempoChange { tick, tempo: Tempo::from_micros(micros).unwrap() }
        };
        let first = TempoChange { tick: 0, tempo: Tempo::BPM_120 };
        song.tempo = TempoMap::new([first].into_iter().chain(changes.iter().map(tempo)).collect()).unwrap();
        let meter = |(&tick, &(_, beats)): (&Tick, &(u32, u8))| {
            TimeSignatureChange { tick, signature: TimeSignature { beats, unit: 4 } }
        };
        let first = TimeSignatureChange { tick: 0, signature: TimeSignature::COMMON };
        song.meter = MeterMap::new([first].into_iter().chain(changes.iter().map(meter)).collect()).unwrap();
        song.backings = vec![Backing { offset_us: offset, ..Backing::new("a.wav") }];

        let mut editor = Editor::new(song.clone());
        let staying = editor.change_time(TimeChange::Insert, from, length).unwrap();
        let longer = editor.project().clone();
        prop_assert_eq!(longer.check(), Ok(()));
        for (old, new) in song.tracks.iter().zip(&longer.tracks) {
            for (old, new) in old.notes.iter().zip(new.notes.iter()) {
                let later = if old.onset >= from { length } else { 0 };
                prop_assert_eq!(new, &Note { onset: old.onset + later, ..old.clone() });
            }
        }
        // What comes later is heard as much later as that takes, by tempo and by recording.
        let time = longer.tempo.seconds(from + length) - longer.tempo.seconds(from);
        for tick in [from, from + 1, from + 5000] {
            let (old, new) = (song.tempo.seconds(tick), longer.tempo.seconds(tick + length));
            prop_assert!((new - old - time).abs() < 1e-6);
        }
        let moved = (longer.backings[0].offset_us - offset) as f64 * 1e-6;
        let expected = if staying.is_empty() { time } else { 0.0 };
        prop_assert!((moved - expected).abs() < 2e-6);
        prop_assert_eq!(staying.is_empty(), from == 0 || offset as f64 >= song.tempo.seconds(from) * 1e6 - 1.0);

        editor.change_time(TimeChange::Delete, from, length).unwrap();
        let again = editor.project().clone();
        prop_assert_eq!(again.check(), Ok(()));
        // A note that sounded on into the time that was put in is cut where it is taken out.
        let sounds_on = |note: &Note| note.onset < from && note.end() > from;
        for (old, new) in song.tracks.iter().zip(&again.tracks) {
            for old in old.notes.iter().filter(|note| !sounds_on(note)) {
                prop_assert_eq!(new.notes.get(old.id), Some(old));
            }
            for kind in CurveKind::ALL {
                if !song.tracks.iter().any(|track| track.notes.iter().any(sounds_on)) {
                    let at = |track: &Track, tick: Tick| track.curves.get(kind).at(tick as f64);
                    prop_assert!((0..20_000).step_by(13).all(|tick| is_near(at(old, tick), at(new, tick))));
                }
            }
        }
        let sounding = |song: &Project| {
            (0..25_000).step_by(50).map(|tick| (song.tempo.tempo_at(tick), song.meter.at(tick))).collect::<Vec<_>>()
        };
        prop_assert_eq!(sounding(&again), sounding(&song));
        prop_assert!((again.backings[0].offset_us - offset).abs() <= 1);
        // Time behind all that there is changes nothing, and is no step of its own.
        for (before, after) in [(&longer, &again), (&song, &longer)] {
            if before != after {
                editor.undo().unwrap();
            }
            prop_assert_eq!(editor.project(), before);
        }
    }
}

fn point(tick: Tick, value: f32) -> CurvePoint {
    CurvePoint { tick, value }
}

#[test]
fn what_is_deleted_takes_its_notes_along_and_cuts_those_that_reach_into_it() {
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![
        Note::new(NoteId(1), 0, 1200, 60, "a"),
        Note::new(NoteId(2), 1200, 300, 62, "b"),
        Note::new(NoteId(3), 1800, 1200, 64, "c"),
        Note::new(NoteId(4), 3000, 960, 65, "d"),
    ]);
    track.curves.loudness = Curve::new(vec![point(2000, 0.0), point(3000, 6.0), point(3960, 0.0)]).unwrap();
    let mut editor = Editor::new(Project { tracks: vec![track], ..Project::default() });
    editor.change_time(TimeChange::Delete, 960, 960).unwrap();
    let track = &editor.project().tracks[0];
    let places: Vec<_> = track.notes.iter().map(|note| (note.id.0, note.onset, note.length)).collect();
    assert_eq!(places, [(1, 0, 960), (3, 960, 1080), (4, 2040, 960)]);
    let loudness = &track.curves.loudness;
    assert_eq!([959.0, 1040.0, 2040.0, 3000.0].map(|tick| loudness.at(tick)), [0.0, 0.0, 6.0, 0.0]);
    assert_eq!(editor.history().undo_names().collect::<Vec<_>>(), ["delete-time"]);
}

#[test]
fn the_loop_keeps_its_bars_when_time_is_put_in_or_taken_out() {
    const BAR: Tick = 3840;
    let bars = |(from, to): (Tick, Tick)| (from * BAR, to * BAR);
    for (change, (from, to), after) in [
        (TimeChange::Insert, (0, 1), Some((5, 9))),
        (TimeChange::Insert, (4, 6), Some((6, 10))),
        (TimeChange::Insert, (6, 7), Some((4, 9))),
        (TimeChange::Insert, (8, 9), Some((4, 8))),
        (TimeChange::Delete, (0, 2), Some((2, 6))),
        (TimeChange::Delete, (2, 6), Some((2, 4))),
        (TimeChange::Delete, (5, 6), Some((4, 7))),
        (TimeChange::Delete, (8, 9), Some((4, 8))),
        (TimeChange::Delete, (3, 9), None),
    ] {
        let song = Project { looped: Some(bars((4, 8))), ..Project::default() };
        let mut editor = Editor::new(song.clone());
        editor.change_time(change, from * BAR, (to - from) * BAR).unwrap();
        assert_eq!(editor.project().looped, after.map(bars), "{change:?} {from} {to}");
        editor.undo().unwrap();
        assert_eq!(editor.project(), &song);
    }
}

#[test]
fn a_curve_is_copied_alone_to_another_place_and_kind() {
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "a")]);
    track.curves.loudness =
        Curve::new(vec![point(960, 0.0), point(1200, 12.0), point(1600, -24.0), point(1919, 0.0)]).unwrap();
    let song = Project { tracks: vec![track], ..Project::default() };
    let mut editor = Editor::new(song.clone());
    editor.copy_curve(CurveKind::Loudness, 960, 1920);
    editor.paste_curve(CurveKind::Tension, 960).unwrap();
    editor.paste_curve(CurveKind::Loudness, 4800).unwrap();
    let curves = &editor.project().tracks[0].curves;
    assert_eq!([960.0, 1200.0, 1600.0, 1919.0].map(|tick| curves.tension.at(tick)), [0.0, 1.0, -1.0, 0.0]);
    assert_eq!([1200.0, 5040.0, 5440.0].map(|tick| curves.loudness.at(tick)), [12.0, 12.0, -24.0]);
    assert_eq!(editor.project().tracks[0].notes, song.tracks[0].notes);
    editor.undo().unwrap();
    editor.undo().unwrap();
    assert_eq!(editor.project(), &song);
}

#[test]
fn curves_go_from_track_to_track_with_their_notes() {
    let mut lead = Track::new(TrackId(1), "lead");
    lead.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "a")]);
    lead.curves.pitch = Curve::new(vec![point(900, 0.0), point(1200, 80.0), point(2000, 0.0)]).unwrap();
    let mut below = Track::new(TrackId(2), "below");
    below.curves.loudness = Curve::new(vec![point(0, -6.0)]).unwrap();
    let mut editor = Editor::new(Project { tracks: vec![lead, below], ..Project::default() });
    editor.select([NoteId(1)]);
    editor.copy();
    editor.set_active_track(TrackId(2));
    editor.paste(9600).unwrap();
    let curves = &editor.project().tracks[1].curves;
    // With the way to rest on both sides, and the loudness that the note had.
    assert_eq!([9540.0, 9840.0, 10_640.0].map(|tick| curves.pitch.at(tick)), [0.0, 80.0, 0.0]);
    assert_eq!(
        [9000.0, 9600.0, 10_559.0, 10_560.0].map(|tick| curves.loudness.at(tick)),
        [-6.0, 0.0, 0.0, -6.0]
    );
}
