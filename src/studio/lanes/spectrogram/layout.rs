//! What a shader is given.

/// A layout of buffers, in the order of their bindings.
pub(super) fn layout(
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
