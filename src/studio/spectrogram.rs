//! The spectrogram of what is sung, painted behind the notes: computed and drawn by the
//! graphics device of the window, in rows that are the keys of the roll.
//!
//! The spectrum of each column is computed by `shaders/spectrogram/spectrum.wgsl` when the
//! sound or the view has changed, and painted by `paint.wgsl` in every frame.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use egui::{Color32, PaintCallbackInfo, Rect, Ui};
use egui_wgpu::{CallbackResources, CallbackTrait, ScreenDescriptor};

use super::engine::Engine;
use super::view::View;
use crate::score::{TempoMap, TrackId};
use crate::signal::SAMPLE_RATE;

/// Samples that a column is computed from: 93 ms.
const WINDOW: usize = 4096;
/// Levels of a column.
const BINS: usize = WINDOW / 2 + 1;
/// Columns at most.
const COLUMNS: usize = 1024;
/// Samples that go to the graphics device at most: what lies between the windows of a view
/// from far away stays here.
const MOST_SAMPLES: u64 = 1 << 22;
/// Levels in dB at which colour begins and is full.
const FLOOR_DB: f32 = -78.0;
const FULL_DB: f32 = -22.0;

/// `Picture` of the shader.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
struct Picture {
    colour: [f32; 4],
    top: f32,
    keys: f32,
    columns: u32,
    floor: f32,
    full: f32,
    unused: [u32; 3],
}

/// What the columns are computed from.
#[derive(Debug, Default)]
struct Columns {
    /// Tells it from others.
    key: u64,
    samples: Vec<f32>,
    /// For each column the place in `samples` at which its window begins.
    starts: Vec<u32>,
}

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
            top: view.top + 0.5,
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

impl Columns {
    /// Reads the windows around some samples of the song; what comes before it is silent.
    fn read(key: u64, middles: &[u64], read: impl Fn(u64, &mut [f32])) -> Self {
        let half = WINDOW as u64 / 2;
        let mut columns = Self { key, ..Self::default() };
        let (Some(&first), Some(&last)) = (middles.first(), middles.last()) else { return columns };
        // The window around a sample may begin before the song.
        let fill = |middle: u64, out: &mut [f32]| {
            let before = half.saturating_sub(middle) as usize;
            read(middle.saturating_sub(half), &mut out[before..]);
        };
        if last - first <= MOST_SAMPLES {
            columns.samples.resize((last - first) as usize + WINDOW, 0.0);
            fill(first, &mut columns.samples);
            columns.starts = middles.iter().map(|&middle| (middle - first) as u32).collect();
        } else {
            for (i, &middle) in middles.iter().enumerate() {
                columns.samples.resize((i + 1) * WINDOW, 0.0);
                columns.starts.push((i * WINDOW) as u32);
                fill(middle, &mut columns.samples[i * WINDOW..]);
            }
        }
        columns
    }
}

/// One frame's spectrogram.
struct Frame {
    format: wgpu::TextureFormat,
    picture: Picture,
    columns: Arc<Columns>,
}

/// What stays on the graphics device from one frame to the next.
struct OnDevice {
    spectrum: Spectrum,
    format: wgpu::TextureFormat,
    painting: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    picture: wgpu::Buffer,
    group: Option<wgpu::BindGroup>,
    /// The columns that were computed last.
    key: Option<u64>,
}

impl CallbackTrait for Frame {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if resources.get::<OnDevice>().is_none_or(|there| there.format != self.format) {
            resources.insert(OnDevice::new(device, self.format));
        }
        let Some(there) = resources.get_mut::<OnDevice>() else { return Vec::new() };
        queue.write_buffer(&there.picture, 0, bytemuck::bytes_of(&self.picture));
        if there.key != Some(self.columns.key) {
            there.key = Some(self.columns.key);
            let levels = there.spectrum.compute(device, queue, encoder, &self.columns);
            there.group = levels.map(|levels| {
                device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("spectrogram"),
                    layout: &there.layout,
                    entries: &[
                        wgpu::BindGroupEntry { binding: 0, resource: there.picture.as_entire_binding() },
                        wgpu::BindGroupEntry { binding: 1, resource: levels.as_entire_binding() },
                    ],
                })
            });
        }
        Vec::new()
    }

    fn paint(
        &self,
        _: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        if let Some(there) = resources.get::<OnDevice>()
            && let Some(group) = &there.group
        {
            pass.set_pipeline(&there.painting);
            pass.set_bind_group(0, group, &[]);
            pass.draw(0..3, 0..1);
        }
    }
}

impl OnDevice {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("spectrogram"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/spectrogram/paint.wgsl").into()),
        });
        let visibility = wgpu::ShaderStages::FRAGMENT;
        let layout = layout(
            device,
            &[
                (visibility, wgpu::BufferBindingType::Uniform),
                (visibility, wgpu::BufferBindingType::Storage { read_only: true }),
            ],
        );
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("spectrogram"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let painting = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("spectrogram"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("corner"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("paint"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        let picture = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: size_of::<Picture>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { spectrum: Spectrum::new(device), format, painting, layout, picture, group: None, key: None }
    }
}

/// The pass from samples to levels, with buffers that grow as they must.
struct Spectrum {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    samples: Option<wgpu::Buffer>,
    starts: Option<wgpu::Buffer>,
    levels: Option<wgpu::Buffer>,
}

impl Spectrum {
    fn new(device: &wgpu::Device) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("spectrum"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/spectrogram/spectrum.wgsl").into()),
        });
        let visibility = wgpu::ShaderStages::COMPUTE;
        let layout = layout(
            device,
            &[
                (visibility, wgpu::BufferBindingType::Storage { read_only: true }),
                (visibility, wgpu::BufferBindingType::Storage { read_only: true }),
                (visibility, wgpu::BufferBindingType::Storage { read_only: false }),
            ],
        );
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("spectrum"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("spectrum"),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("spectrum"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Self { pipeline, layout, samples: None, starts: None, levels: None }
    }

    /// Computes the levels of columns; gives the buffer that will hold them,
    /// `[columns × BINS]`, or `None` if there is no column.
    fn compute(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        columns: &Columns,
    ) -> Option<&wgpu::Buffer> {
        let count = columns.starts.len();
        if count == 0 {
            return None;
        }
        let copied = wgpu::BufferUsages::COPY_DST;
        let samples = grown(&mut self.samples, device, columns.samples.len(), copied);
        queue.write_buffer(samples, 0, bytemuck::cast_slice(&columns.samples));
        let starts = grown(&mut self.starts, device, count, copied);
        queue.write_buffer(starts, 0, bytemuck::cast_slice(&columns.starts));
        let levels = grown(&mut self.levels, device, count * BINS, wgpu::BufferUsages::COPY_SRC);
        let entry = |binding, buffer: &wgpu::Buffer| (binding, buffer.clone());
        let bound = [entry(0, samples), entry(1, starts), entry(2, levels)];
        let entries: Vec<wgpu::BindGroupEntry> = bound
            .iter()
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: *binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("spectrum"),
            layout: &self.layout,
            entries: &entries,
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(count as u32, 1, 1);
        drop(pass);
        self.levels.as_ref()
    }
}

/// A storage buffer of at least so many numbers of four bytes.
fn grown<'a>(
    buffer: &'a mut Option<wgpu::Buffer>,
    device: &wgpu::Device,
    numbers: usize,
    usage: wgpu::BufferUsages,
) -> &'a wgpu::Buffer {
    let size = (numbers * 4) as u64;
    if buffer.as_ref().is_some_and(|buffer| buffer.size() < size) {
        *buffer = None;
    }
    buffer.get_or_insert_with(|| {
        device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("spectrum"),
            // Some room, so that a view that widens does not make a buffer for each frame.
            size: (size + size / 2).next_multiple_of(16),
            usage: usage | wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        })
    })
}

fn layout(
    device: &wgpu::Device,
    bindings: &[(wgpu::ShaderStages, wgpu::BufferBindingType)],
) -> wgpu::BindGroupLayout {
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..)
        .zip(bindings)
        .map(|(binding, &(visibility, ty))| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("spectrogram"),
        entries: &entries,
    })
}

#[cfg(all(test, feature = "voice"))]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::model::device::{Compute, DeviceChoice};

    /// Two sines, and their sound from a sample of the song on.
    fn sound(from: u64, out: &mut [f32]) {
        for (i, sample) in (from..).zip(out) {
            let t = i as f32 / SAMPLE_RATE as f32;
            *sample = 0.5 * (TAU * 440.0 * t).sin() + 0.05 * (TAU * 3000.0 * t).sin();
        }
    }

    #[test]
    fn windows_are_read_around_their_middles() {
        let ramp = |from: u64, out: &mut [f32]| {
            (from..).zip(out).for_each(|(i, sample)| *sample = i as f32);
        };
        for middles in [vec![0u64, 100, 5000], vec![10, 9_000_000]] {
            let columns = Columns::read(1, &middles, ramp);
            for (&middle, &start) in middles.iter().zip(&columns.starts) {
                let window = &columns.samples[start as usize..start as usize + WINDOW];
                assert_eq!(window[WINDOW / 2], middle as f32);
                assert_eq!(window[0], (middle as f32 - WINDOW as f32 / 2.0).max(0.0));
            }
        }
    }

    #[test]
    fn the_shader_finds_the_sines_that_are_there() {
        let Ok(Compute { gpu: Some(gpu), .. }) = Compute::choose(DeviceChoice::Gpu) else {
            return println!("skipped: there is no graphics adapter");
        };
        let columns = Columns::read(1, &[44_100, 60_000, 88_200], sound);
        let mut spectrum = Spectrum::new(&gpu.device);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let levels = spectrum.compute(&gpu.device, &gpu.queue, &mut encoder, &columns).unwrap().clone();
        let bytes = (3 * BINS * 4) as u64;
        let back = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        encoder.copy_buffer_to_buffer(&levels, 0, &back, 0, bytes);
        gpu.queue.submit([encoder.finish()]);
        back.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
        gpu.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        let view = back.get_mapped_range(..).unwrap();
        let levels: &[f32] = bytemuck::cast_slice(&view);
        // What the definition says, term by term.
        let defined = |column: usize, bin: usize| {
            let start = columns.starts[column] as usize;
            let (mut re, mut im) = (0.0f64, 0.0f64);
            for (i, &sample) in columns.samples[start..start + WINDOW].iter().enumerate() {
                let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / WINDOW as f64).cos();
                let turn = std::f64::consts::TAU * (i * bin % WINDOW) as f64 / WINDOW as f64;
                re += f64::from(sample) * window * turn.cos();
                im -= f64::from(sample) * window * turn.sin();
            }
            20.0 * (re.hypot(im) * 4.0 / WINDOW as f64).max(1e-6).log10()
        };
        for column in 0..3 {
            let row = &levels[column * BINS..(column + 1) * BINS];
            for bin in [0, 1, 40, 41, 42, 278, 279, 280, 1024, 2047, 2048] {
                let (found, expected) = (f64::from(row[bin]), defined(column, bin));
                let near = (found - expected).abs() < 0.1 || (found < -90.0 && expected < -90.0);
                assert!(near, "column {column}, bin {bin}: {found} dB, not {expected}");
            }
            let loudest = (0..BINS).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            assert_eq!(loudest, 41, "440 Hz");
        }
    }
}
