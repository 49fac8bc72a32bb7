//! From samples to levels, on the graphics device.

use super::columns::{Columns, WINDOW};
use super::layout::layout;

/// Levels of a column.
pub(super) const BINS: usize = WINDOW / 2 + 1;

/// The pass from samples to levels, with buffers that grow as they must.
pub(super) struct Spectrum {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    samples: Option<wgpu::Buffer>,
    starts: Option<wgpu::Buffer>,
    levels: Option<wgpu::Buffer>,
}

impl Spectrum {
    pub fn new(device: &wgpu::Device) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("spectrum"),
            source: wgpu::ShaderSource::Wgsl(
                include_str!("../../../../shaders/spectrogram/spectrum.wgsl").into(),
            ),
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
    pub fn compute(
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

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use ziyin_model::device::{Compute, DeviceChoice};
    use ziyin_signal::SAMPLE_RATE;

    /// Two sines, and their sound from a sample of the song on.
    fn sound(from: u64, out: &mut [f32]) {
        for (i, sample) in (from..).zip(out) {
            let t = i as f32 / SAMPLE_RATE as f32;
            *sample = 0.5 * (TAU * 440.0 * t).sin() + 0.05 * (TAU * 3000.0 * t).sin();
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
