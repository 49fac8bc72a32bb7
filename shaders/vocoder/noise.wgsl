// The raw noise through the filter of each frame.

const SIZE: u32 = NOISE_FFT;
const SIZE_BITS: u32 = 10u;
const STRIDE: u32 = FFT_SIZE / NOISE_FFT;
const EACH: u32 = SIZE / 256u;

// One workgroup for each frame.
@compute @workgroup_size(256)
fn shape(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let frame = group.x;
    for (var n = thread; n < SIZE; n += THREADS) {
        var x = 0.0;
        if n < 2u * HOP {
            let rise = 0.5 - 0.5 * circle[(n % HOP) * (FFT_SIZE / (2u * HOP))].x;
            if n < HOP {
                if frame > 0u {
                    x = rise * source[(frame - 1u) * HOP + n].y;
                }
            } else if frame + 1u < settings.frames {
                x = (1.0 - rise) * source[(frame - 1u) * HOP + n].y;
            }
        }
        data[reversed(n, SIZE_BITS)] = vec2f(x, 0.0);
    }
    transform(thread, SIZE_BITS);

    // Through the filter, and conjugated: the transform of the conjugate is the inverse.
    var filtered: array<vec2f, EACH>;
    for (var i = 0u; i < EACH; i++) {
        let n = thread + i * THREADS;
        let bin = min(n, SIZE - n) * STRIDE;
        let at = frame * BINS + bin;
        let hz = f32(bin) * BIN_HZ;
        let share = max(noise_share(frame, hz), 0.0);
        let amplitude = exp(envelope[at]) * sqrt(share) * noise_passed(frame, hz);
        let gain = select(0.0, amplitude / f32(SIZE), frames[frame].audible != 0u);
        let turn = turned(filter_phase[at] / TAU);
        let y = times(data[n], gain * vec2f(turn.x, select(-turn.y, turn.y, n <= SIZE / 2u)));
        filtered[i] = vec2f(y.x, -y.y);
    }
    workgroupBarrier();
    for (var i = 0u; i < EACH; i++) {
        data[reversed(thread + i * THREADS, SIZE_BITS)] = filtered[i];
    }
    transform(thread, SIZE_BITS);
    for (var n = thread; n < SIZE; n += THREADS) {
        blocks[frame * SIZE + n] = data[n].x;
    }
}
