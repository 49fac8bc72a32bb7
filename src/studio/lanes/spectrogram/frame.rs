//! A spectrogram in the picture of a frame.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use egui::PaintCallbackInfo;
use egui_wgpu::{CallbackResources, CallbackTrait, ScreenDescriptor};

use super::columns::Columns;
use super::layout::layout;
use super::spectrum::Spectrum;

/// `Picture` of the shader.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(super) struct Picture {
    pub colour: [f32; 4],
    pub top: f32,
    pub keys: f32,
    pub columns: u32,
    pub floor: f32,
    pub full: f32,
    pub unused: [u32; 3],
}

/// One frame's spectrogram.
pub(super) struct Frame {
    pub format: wgpu::TextureFormat,
    pub picture: Picture,
    pub columns: Arc<Columns>,
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
            source: wgpu::ShaderSource::Wgsl(
                include_str!("../../../../shaders/spectrogram/paint.wgsl").into(),
            ),
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
