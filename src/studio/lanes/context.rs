//! What the lanes draw but do not own, and what all of them draw alike.

use std::collections::HashMap;

use egui::{Painter, Pos2, Rect, Stroke, Ui};

use super::view::View;
use crate::widgets::Palette;
use ziyin_lyrics::Reading;
use ziyin_score::{NoteId, TrackId};
use ziyin_session::engine::{NoteState, SungCharacter};

/// Paints the spectrogram of what is sung into the lanes.
pub type PaintSpectrogram<'a> = dyn Fn(&Ui, Rect, &View) + 'a;

/// What the lanes draw but do not own.
pub struct LaneContext<'a> {
    /// Where the play head is, in ticks.
    pub play_head: f64,
    pub playing: bool,
    pub states: &'a HashMap<(TrackId, NoteId), NoteState>,
    /// How each note of the active track is read, in the order of its notes.
    pub readings: &'a [Reading],
    /// The characters in sight as they are sung.
    pub characters: &'a [SungCharacter],
    /// The curve that is sung: runs of tick and key.
    pub pitch: &'a [Vec<(f64, f32)>],
    /// The same as it is written, which is what a drawn curve is laid upon.
    pub written: &'a [Vec<(f64, f32)>],
    /// The rendered voice: tick, loudest sample around it (0 to 1).
    pub waveform: &'a [(f64, f32)],
    /// Paints the spectrogram of what is sung behind the notes.
    pub spectrogram: Option<&'a PaintSpectrogram<'a>>,
    /// Lowest and highest key at which the singer of the active track is at home.
    pub range: Option<[u8; 2]>,
    /// The backing audio, as [`LaneContext::waveform`].
    pub backing: &'a [(f64, f32)],
}

/// The line of the play head through a lane.
pub fn paint_play_head(painter: &Painter, lane: Rect, view: &View, context: &LaneContext, palette: &Palette) {
    let x = view.x(context.play_head);
    if (-1.0..=lane.width() + 1.0).contains(&x) {
        painter.vline(lane.left() + x, lane.y_range(), Stroke::new(1.5, palette.play_head));
    }
}

/// Every place that the pointer went through since the last frame, up to where it is now:
/// a quick stroke keeps its course on a slow machine.
pub fn way_of_pointer(ui: &Ui, now: Pos2) -> Vec<Pos2> {
    let mut way: Vec<Pos2> = ui.input(|input| {
        let moved = |event: &egui::Event| match event {
            egui::Event::PointerMoved(at) => Some(*at),
            _ => None,
        };
        input.events.iter().filter_map(moved).collect()
    });
    if way.last() != Some(&now) {
        way.push(now);
    }
    way
}
