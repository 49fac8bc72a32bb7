// Harmonics and the overlapping blocks of noise to samples. One workgroup for each step
// from frame to frame.

@compute @workgroup_size(128)
fn sum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) n: u32) {
    let i = group.x;
    // The block of a frame begins one hop before it; the oldest comes first, as on the
    // CPU.
    let overlap = NOISE_FFT / HOP;
    var noise = 0.0;
    for (var back = overlap; back > 0u; back--) {
        let frame = i + 2u;
        if frame >= back && frame - back < settings.frames {
            noise += blocks[(frame - back) * NOISE_FFT + (back - 1u) * HOP + n];
        }
    }
    samples[i * HOP + n] = noise + source[i * HOP + n].x;
}
