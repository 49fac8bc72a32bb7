//! The spectrogram of the lanes of the roll.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use egui::{Color32, Rect, Ui};

use super::columns::{Columns, WINDOW};
use super::frame::{Frame, Picture};
use crate::lanes::view::View;
use ziyin_score::{TempoMap, TrackId};
use ziyin_session::engine::Engine;
use ziyin_signal::SAMPLE_RATE;

/// Columns at most.
const COLUMNS: usize = 1024;
/// Levels in dB at which colour begins and is full.
const FLOOR_DB: f32 = -78.0;
const FULL_DB: f32 = -22.0;

/// Paints spectrograms.
pub struct Spectrogram {
    format: wgpu::TextureFormat,
    columns: RefCell<Arc<Columns>>,
}

impl Spectrogram {
    /// For a window whose pictures have that format
    /// (`egui_wgpu::RenderState::target_format`); `None` if its graphics device cannot
    /// compute.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Option<Self> {
        let limits = device.limits();
        let able = limits.max_compute_invocations_per_workgroup >= 256
            && limits.max_compute_workgroup_storage_size >= (WINDOW / 2 * size_of::<[f32; 2]>()) as u32
            && limits.max_storage_buffers_per_shader_stage >= 3
            && limits.max_compute_workgroups_per_dimension >= COLUMNS as u32;
        able.then(|| Self { format, columns: RefCell::default() })
    }

    /// Paints what the lead of a track sings into the lanes of the roll.
    pub fn paint(&self, ui: &Ui, lanes: Rect, view: &View, engine: &Engine, track: TrackId, colour: Color32) {
        let count = ((lanes.width() * ui.pixels_per_point()) as usize / 2).clamp(1, COLUMNS);
        let mut key = DefaultHasher::new();
        (engine.generation(), track, view.left.to_bits(), view.scale.to_bits(), count).hash(&mut key);
        let key = key.finish();
        if self.columns.borrow().key != key {
            let middles = middles(lanes.width(), view, engine.tempo(), count);
            let read = |from: u64, out: &mut [f32]| engine.samples(track, from, out);
            self.columns.replace(Arc::new(Columns::read(key, &middles, read)));
        }
        let [r, g, b, a] = colour.to_srgba_unmultiplied().map(|part| f32::from(part) / 255.0);
        let picture = Picture {
            colour: [r, g, b, a],
            // The upper edge of the roll is the lower edge of the row above it.
            top: view.top() + 0.5,
            keys: lanes.height() / view.key_height,
            columns: count as u32,
            floor: FLOOR_DB,
            full: FULL_DB,
            unused: [0; 3],
        };
        let columns = self.columns.borrow().clone();
        let frame = Frame { format: self.format, picture, columns };
        ui.painter().add(egui_wgpu::Callback::new_paint_callback(lanes, frame));
    }
}

/// The sample of the song in the middle of each column.
fn middles(width: f32, view: &View, tempo: &TempoMap, count: usize) -> Vec<u64> {
    let middle = |i: usize| {
        let x = (i as f32 + 0.5) / count as f32 * width;
        (tempo.seconds_between(view.tick(x).max(0.0)) * f64::from(SAMPLE_RATE)) as u64
    };
    (0..count).map(middle).collect()
}
