//! The vocoder on the GPU: the passes of `shaders/vocoder`, with the meaning of
//! [`CpuVocoder`](super::CpuVocoder).
//!
//! A window of frames goes through the passes at once. A sample depends on the frames
//! from `FRAMES_BEFORE` before its hop to `FRAMES_AFTER` after, so windows overlap by
//! these, and how the input is cut changes nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ziyin_message::{Message, message};

use bytemuck::{Pod, Zeroable};

use super::course::{LOWEST_PITCH, PhaseStep, TOP, sung_pitch};
use super::noise::NOISE_FFT;
use super::settings::{VocoderError, VocoderSettings, check_shape};
use super::spectrum::{tidy_envelope, tidy_share};
use ziyin_signal::{AP_BANDS, BINS, FFT_SIZE, Frames, HOP};

/// Frames before a hop whose noise still rings in it, and the one before these, whose
/// pitch swells the oldest noise.
const FRAMES_BEFORE: usize = NOISE_FFT / HOP - 1;
/// Frames after the first of a hop that it depends on.
const FRAMES_AFTER: usize = 2;
/// Frames in a window at most (1.5 s).
const WINDOW: usize = 512;
/// The most harmonics that a frame can have.
const MOST_HARMONICS: usize = (TOP / LOWEST_PITCH) as usize;
/// Vocoders whose buffers are kept: as many as sing at once in a large song.
const MOST_SPARE: usize = 8;
/// How long the GPU may take for one window before it is given up. A software
/// rasteriser on a slow machine takes a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// `Settings` of the shader.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct WindowRow {
    frames: u32,
    first_sample: u32,
    seed: u32,
    breath_pulse: f32,
}

/// `Frame` of the shader.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct FrameRow {
    pitch: f32,
    voicing: f32,
    audible: u32,
    partials_at: u32,
    partials: u32,
    phase: f32,
    from_hz: f32,
    to_hz: f32,
    harmonics: u32,
    whole: u32,
    aperiodicity: [f32; AP_BANDS],
}

/// The compiled passes. One for a process; every voice shares it.
pub struct VocoderShaders {
    device: wgpu::Device,
    queue: wgpu::Queue,
    layout: wgpu::BindGroupLayout,
    spectrum: wgpu::ComputePipeline,
    amplitudes: wgpu::ComputePipeline,
    sing: wgpu::ComputePipeline,
    shape: wgpu::ComputePipeline,
    sum: wgpu::ComputePipeline,
    /// Buffers of vocoders that are done, for the next: a song is sung in many runs.
    spare: Mutex<Vec<Buffers>>,
}

const FRAME: &str = include_str!("../../../shaders/vocoder/frame.wgsl");
const FOURIER: &str = include_str!("../../../shaders/vocoder/fourier.wgsl");

impl VocoderShaders {
    /// Compiles the passes for a device.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Gpu`] if the device does not take them.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Arc<Self>, VocoderError> {
        let guard = ErrorScopes::open(device);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("vocoder"),
            entries: &std::array::from_fn::<_, 9, _>(|i| wgpu::BindGroupLayoutEntry {
                binding: i as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: match i {
                        0 => wgpu::BufferBindingType::Uniform,
                        _ => wgpu::BufferBindingType::Storage { read_only: i < 4 },
                    },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("vocoder"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let module = |name: &str, parts: &[&str]| {
            device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(name),
                source: wgpu::ShaderSource::Wgsl(parts.concat().into()),
            })
        };
        let pass = |module: &wgpu::ShaderModule, name: &str| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: Some(&pipeline_layout),
                module,
                entry_point: Some(name),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let spectrum =
            module("spectrum", &[FRAME, include_str!("../../../shaders/vocoder/spectrum.wgsl"), FOURIER]);
        let harmonics =
            module("harmonics", &[FRAME, include_str!("../../../shaders/vocoder/harmonics.wgsl")]);
        let noise = module("noise", &[FRAME, include_str!("../../../shaders/vocoder/noise.wgsl"), FOURIER]);
        let sum = module("sum", &[FRAME, include_str!("../../../shaders/vocoder/sum.wgsl")]);
        let shaders = Self {
            spectrum: pass(&spectrum, "spectrum"),
            amplitudes: pass(&harmonics, "amplitudes"),
            sing: pass(&harmonics, "sing"),
            shape: pass(&noise, "shape"),
            sum: pass(&sum, "sum"),
            device: device.clone(),
            queue: queue.clone(),
            layout,
            spare: Mutex::default(),
        };
        guard.close()?;
        Ok(Arc::new(shaders))
    }
}

/// Sings frames as they come; see [`CpuVocoder`](super::CpuVocoder), which this equals to
/// within the rounding of single precision.
pub struct GpuVocoder {
    settings: VocoderSettings,
    shaders: Arc<VocoderShaders>,
    /// `None` once the GPU has failed.
    buffers: Option<Buffers>,
    /// Frames that are still needed.
    envelope: Vec<f32>,
    rows: Vec<FrameRow>,
    /// Phase in turns at the last frame.
    phase: f64,
    /// Index in the song of the first frame that is kept.
    first: u64,
    /// How many of the frames that are kept have been sung.
    sung: usize,
}

struct Buffers {
    window: wgpu::Buffer,
    rows: wgpu::Buffer,
    envelope: wgpu::Buffer,
    samples: wgpu::Buffer,
    readback: wgpu::Buffer,
    group: wgpu::BindGroup,
}

impl Buffers {
    fn new(shaders: &VocoderShaders) -> Self {
        let device = &shaders.device;
        let buffer = |name: &str, numbers: usize, usage: wgpu::BufferUsages| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(name),
                size: (numbers * size_of::<f32>()) as u64,
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let storage = wgpu::BufferUsages::STORAGE;
        let window = buffer("window", size_of::<WindowRow>() / 4, wgpu::BufferUsages::UNIFORM);
        let rows = buffer("frames", WINDOW * size_of::<FrameRow>() / 4, storage);
        let envelope = buffer("envelope", WINDOW * BINS, storage);
        let circle = buffer("circle", 2 * FFT_SIZE, storage);
        let filter_phase = buffer("filter phase", WINDOW * BINS, storage);
        let partials = buffer("partials", 2 * WINDOW * MOST_HARMONICS, storage);
        let source = buffer("source", 2 * WINDOW * HOP, storage);
        let blocks = buffer("blocks", WINDOW * NOISE_FFT, storage);
        let samples = buffer("samples", WINDOW * HOP, storage | wgpu::BufferUsages::COPY_SRC);
        let readback = buffer("readback", WINDOW * HOP, wgpu::BufferUsages::MAP_READ);
        let points: Vec<[f32; 2]> = (0..FFT_SIZE)
            .map(|i| (std::f64::consts::TAU * i as f64 / FFT_SIZE as f64).sin_cos())
            .map(|(sin, cos)| [cos as f32, sin as f32])
            .collect();
        shaders.queue.write_buffer(&circle, 0, bytemuck::cast_slice(&points));
        let bound =
            [&window, &rows, &envelope, &circle, &filter_phase, &partials, &source, &blocks, &samples];
        let entries: Vec<wgpu::BindGroupEntry> = bound
            .iter()
            .enumerate()
            .map(|(i, buffer)| wgpu::BindGroupEntry {
                binding: i as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("vocoder"),
            layout: &shaders.layout,
            entries: &entries,
        });
        Self { window, rows, envelope, samples, readback, group }
    }
}

impl GpuVocoder {
    /// A vocoder that has sung nothing yet.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Gpu`] if the GPU has no room for its buffers (some 20 MB).
    pub fn new(settings: VocoderSettings, shaders: &Arc<VocoderShaders>) -> Result<Self, VocoderError> {
        let spare = shaders.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let buffers = match spare {
            Some(buffers) => buffers,
            None => {
                let guard = ErrorScopes::open(&shaders.device);
                let buffers = Buffers::new(shaders);
                guard.close()?;
                buffers
            }
        };
        Ok(Self {
            settings,
            shaders: shaders.clone(),
            buffers: Some(buffers),
            envelope: Vec::new(),
            rows: Vec::new(),
            phase: settings.phase,
            first: settings.first_frame,
            sung: 0,
        })
    }

    /// Sings `frames` at `pitch` (Hz for each frame, 0 for none) and appends to `out` the
    /// samples that are complete.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Shape`] if the arrays do not have the same number of frames, and
    /// [`VocoderError::Gpu`] if the GPU fails.
    pub fn push(&mut self, frames: &Frames, pitch: &[f32], out: &mut Vec<f32>) -> Result<(), VocoderError> {
        check_shape(frames, pitch)?;
        for (i, &pitch) in pitch.iter().enumerate() {
            let start = self.envelope.len();
            self.envelope.resize(start + BINS, 0.0);
            let audible = tidy_envelope(frames.envelope_at(i), &mut self.envelope[start..]);
            let pitch = sung_pitch(pitch);
            let mut row = FrameRow {
                pitch,
                voicing: if pitch > 0.0 { tidy_share(frames.voicing[i], 0.0) } else { 0.0 },
                audible: audible.into(),
                ..FrameRow::zeroed()
            };
            for (to, &from) in row.aperiodicity.iter_mut().zip(frames.aperiodicity_at(i)) {
                *to = tidy_share(from, 1.0);
            }
            self.append(row);
            if self.rows.len() == WINDOW {
                self.sing_window(out)?;
            }
        }
        self.sing_window(out)
    }

    /// Appends to `out` the samples that were held back. The vocoder then begins anew.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Gpu`] if the GPU fails.
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), VocoderError> {
        let mut sung = Ok(());
        if let Some(&last) = self.rows.last() {
            for _ in 0..FRAMES_AFTER {
                if self.rows.len() == WINDOW {
                    sung = sung.and_then(|()| self.sing_window(out));
                }
                let start = self.envelope.len() - BINS;
                self.envelope.extend_from_within(start..);
                self.append(last);
            }
            sung = sung.and_then(|()| self.sing_window(out));
        }
        self.envelope.clear();
        self.rows.clear();
        self.phase = self.settings.phase;
        self.first = self.settings.first_frame;
        self.sung = 0;
        sung
    }

    /// Takes in the next frame, and completes the step that leads to it.
    fn append(&mut self, row: FrameRow) {
        if let Some(last) = self.rows.last_mut() {
            let step = PhaseStep::new(self.phase, last.pitch, row.pitch);
            last.phase = step.phase as f32;
            last.from_hz = step.from as f32;
            last.to_hz = step.to as f32;
            last.harmonics = step.harmonics() as u32;
            last.whole = step.whole_harmonics() as u32;
            self.phase = step.end_phase();
        }
        self.rows.push(FrameRow { harmonics: 0, ..row });
    }

    /// Sings what can be sung of the frames that are kept, and drops those that are not
    /// needed any more.
    fn sing_window(&mut self, out: &mut Vec<f32>) -> Result<(), VocoderError> {
        let complete = self.rows.len().saturating_sub(FRAMES_AFTER);
        if complete <= self.sung {
            return Ok(());
        }
        // A frame has the harmonics that either step beside it sings.
        let (mut partials_at, mut harmonics_before) = (0, 0);
        for row in &mut self.rows {
            row.partials_at = partials_at;
            row.partials = row.harmonics.max(harmonics_before);
            partials_at += row.partials;
            harmonics_before = row.harmonics;
        }
        let range = self.sung * HOP..complete * HOP;
        if let Err(error) = self.run(range, out) {
            self.buffers = None;
            return Err(error);
        }
        self.sung = complete;
        let spent = self.sung.saturating_sub(FRAMES_BEFORE);
        self.rows.drain(..spent);
        self.envelope.drain(..spent * BINS);
        self.first = self.first.wrapping_add(spent as u64);
        self.sung -= spent;
        Ok(())
    }

    /// Runs the passes over the frames that are kept and appends the samples of `range`,
    /// counted from the first of them.
    fn run(&self, range: std::ops::Range<usize>, out: &mut Vec<f32>) -> Result<(), VocoderError> {
        let VocoderShaders { device, queue, .. } = &*self.shaders;
        let Some(buffers) = &self.buffers else {
            return Err(VocoderError::Gpu(message!("gpu.given-up")));
        };
        let guard = ErrorScopes::open(device);
        let window = WindowRow {
            frames: self.rows.len() as u32,
            first_sample: (self.first as u32).wrapping_mul(HOP as u32),
            seed: self.settings.seed,
            breath_pulse: self.settings.breath_pulse,
        };
        queue.write_buffer(&buffers.window, 0, bytemuck::bytes_of(&window));
        queue.write_buffer(&buffers.rows, 0, bytemuck::cast_slice(&self.rows));
        queue.write_buffer(&buffers.envelope, 0, bytemuck::cast_slice(&self.envelope));

        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("vocoder") });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_bind_group(0, &buffers.group, &[]);
            let (frames, steps) = (self.rows.len() as u32, self.rows.len() as u32 - 1);
            for (pipeline, groups) in [
                (&self.shaders.spectrum, frames),
                (&self.shaders.amplitudes, frames),
                (&self.shaders.sing, steps),
                (&self.shaders.shape, frames),
                (&self.shaders.sum, steps),
            ] {
                pass.set_pipeline(pipeline);
                pass.dispatch_workgroups(groups, 1, 1);
            }
        }
        let bytes = (range.len() * size_of::<f32>()) as u64;
        let offset = (range.start * size_of::<f32>()) as u64;
        encoder.copy_buffer_to_buffer(&buffers.samples, offset, &buffers.readback, 0, bytes);
        let submission = queue.submit([encoder.finish()]);

        let (told, answer) = std::sync::mpsc::channel();
        buffers.readback.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            // Nobody listens any more only if the GPU was given up already.
            let _ = told.send(result);
        });
        let waited =
            device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(PATIENCE) });
        guard.close()?;
        waited.map_err(|e| VocoderError::Gpu(Message::foreign(e)))?;
        match answer.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {}
            Ok(Err(e)) => return Err(VocoderError::Gpu(Message::foreign(e))),
            Err(_) => return Err(VocoderError::Gpu(message!("gpu.no-answer"))),
        }
        let read = buffers
            .readback
            .get_mapped_range(..bytes)
            .map(|view| out.extend_from_slice(bytemuck::cast_slice(&view)))
            .map_err(|e| VocoderError::Gpu(Message::foreign(e)));
        buffers.readback.unmap();
        read
    }
}

impl Drop for GpuVocoder {
    fn drop(&mut self) {
        if let Some(buffers) = self.buffers.take() {
            let mut spare = self.shaders.spare.lock().unwrap_or_else(PoisonError::into_inner);
            if spare.len() < MOST_SPARE {
                spare.push(buffers);
            }
        }
    }
}

/// Catches what wgpu would otherwise panic about.
struct ErrorScopes(Vec<wgpu::ErrorScopeGuard>);

impl ErrorScopes {
    fn open(device: &wgpu::Device) -> Self {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        Self([Validation, OutOfMemory, Internal].map(|filter| device.push_error_scope(filter)).into())
    }

    /// The first error since the scopes were opened.
    fn close(self) -> Result<(), VocoderError> {
        let mut result = Ok(());
        for scope in self.0.into_iter().rev() {
            if let Some(error) = pollster::block_on(scope.pop()) {
                result = result.and(Err(VocoderError::Gpu(Message::foreign(error))));
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::phrase;
    use super::*;
    use crate::vocoder::CpuVocoder;
    use ziyin_model::device::{Compute, DeviceChoice};

    #[test]
    fn gpu_and_cpu_sing_the_same() {
        let gpu = match Compute::choose(DeviceChoice::Gpu) {
            Ok(Compute { gpu: Some(gpu), description, .. }) => {
                println!("sung on {description}");
                gpu
            }
            Ok(_) => panic!("a GPU was promised"),
            Err(e) => {
                println!("skipped: {e}");
                return;
            }
        };
        // More than one window, with a cut that falls nowhere near its end.
        let count = 700;
        let (frames, pitch) = phrase(count);
        let settings = VocoderSettings { seed: 5, first_frame: 1000, phase: 0.3, ..Default::default() };

        let mut cpu = Vec::new();
        let mut vocoder = CpuVocoder::new(settings);
        vocoder.push(&frames, &pitch, &mut cpu).unwrap();
        vocoder.finish(&mut cpu);

        let shaders = VocoderShaders::new(&gpu.device, &gpu.queue).unwrap();
        // What is left in its buffers by another voice must not be heard.
        let other = VocoderSettings { seed: 9, ..settings };
        let mut vocoder = GpuVocoder::new(other, &shaders).unwrap();
        vocoder.push(&frames, &vec![330.0; count], &mut Vec::new()).unwrap();
        drop(vocoder);
        let mut vocoder = GpuVocoder::new(settings, &shaders).unwrap();
        let mut whole = Vec::new();
        let start = std::time::Instant::now();
        vocoder.push(&frames, &pitch, &mut whole).unwrap();
        vocoder.finish(&mut whole).unwrap();
        println!("{} frames in {:?}", count, start.elapsed());
        assert_eq!(whole.len(), cpu.len());

        let power = |x: &mut dyn Iterator<Item = f32>| x.map(|x| f64::from(x).powi(2)).sum::<f64>();
        let apart = power(&mut whole.iter().zip(&cpu).map(|(a, b)| a - b)) / power(&mut cpu.iter().copied());
        let apart = 10.0 * apart.log10();
        println!("{apart:.1} dB apart");
        assert!(apart < -60.0, "{apart} dB apart");

        let mut pieces = Vec::new();
        for (from, to) in [(0, 9), (9, 300), (300, count)] {
            let piece = Frames {
                envelope: frames.envelope[from * BINS..to * BINS].to_vec(),
                aperiodicity: frames.aperiodicity[from * AP_BANDS..to * AP_BANDS].to_vec(),
                voicing: frames.voicing[from..to].to_vec(),
            };
            vocoder.push(&piece, &pitch[from..to], &mut pieces).unwrap();
        }
        vocoder.finish(&mut pieces).unwrap();
        assert!(pieces == whole, "cut in pieces it is the same");
    }
}
