// The envelope of a frame to the phase of its minimum-phase filter. One workgroup for
// each frame.

const SIZE: u32 = FFT_SIZE;
const SIZE_BITS: u32 = 11u;
const EACH: u32 = SIZE / 256u;

@compute @workgroup_size(256)
fn spectrum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let frame = group.x;
    for (var n = thread; n < SIZE; n += THREADS) {
        let bin = min(n, SIZE - n);
        data[reversed(n, SIZE_BITS)] = vec2f(envelope[frame * BINS + bin], 0.0);
    }
    transform(thread, SIZE_BITS);

    // Only the odd part of the folded cepstrum makes phase.
    var folded: array<f32, EACH>;
    for (var i = 0u; i < EACH; i++) {
        let n = thread + i * THREADS;
        let c = data[n].x / f32(SIZE);
        folded[i] = select(select(-c, c, n < SIZE / 2u), 0.0, n == 0u || n == SIZE / 2u);
    }
    workgroupBarrier();
    for (var i = 0u; i < EACH; i++) {
        data[reversed(thread + i * THREADS, SIZE_BITS)] = vec2f(folded[i], 0.0);
    }
    transform(thread, SIZE_BITS);
    for (var bin = thread; bin < BINS; bin += THREADS) {
        filter_phase[frame * BINS + bin] = data[bin].y;
    }
}
