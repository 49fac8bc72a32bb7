// Samples to the levels of their spectrum: one workgroup for each column of the picture.
//
// The window of 4096 samples is real, so it goes through a transform of half the length,
// two samples to a complex number, and is taken apart afterwards.

const WINDOW: u32 = 4096u;
const HALF: u32 = WINDOW / 2u;
const HALF_BITS: u32 = 11u;
const BINS: u32 = HALF + 1u;
const THREADS: u32 = 256u;
const TAU: f32 = 6.283185307179586;

@group(0) @binding(0) var<storage, read> samples: array<f32>;
// For each column the place of the first sample of its window.
@group(0) @binding(1) var<storage, read> starts: array<u32>;
// Levels in dB, 0 for a sine of full scale, `[columns × BINS]`.
@group(0) @binding(2) var<storage, read_write> levels: array<f32>;

var<workgroup> data: array<vec2f, HALF>;

fn times(a: vec2f, b: vec2f) -> vec2f {
    return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn point(turns: f32) -> vec2f {
    return vec2f(cos(TAU * turns), sin(TAU * turns));
}

// The Hann window.
fn weighted(start: u32, i: u32) -> f32 {
    return samples[start + i] * (0.5 - 0.5 * cos(TAU * f32(i) / f32(WINDOW)));
}

@compute @workgroup_size(256)
fn spectrum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let start = starts[group.x];
    for (var n = thread; n < HALF; n += THREADS) {
        let place = reverseBits(n) >> (32u - HALF_BITS);
        data[place] = vec2f(weighted(start, 2u * n), weighted(start, 2u * n + 1u));
    }
    for (var stage = 0u; stage < HALF_BITS; stage++) {
        workgroupBarrier();
        let span = 1u << stage;
        for (var b = thread; b < HALF / 2u; b += THREADS) {
            let j = b & (span - 1u);
            let low = ((b >> stage) << (stage + 1u)) | j;
            let x = data[low];
            let y = times(data[low + span], point(-f32(j) / f32(2u * span)));
            data[low] = x + y;
            data[low + span] = x - y;
        }
    }
    workgroupBarrier();
    for (var bin = thread; bin < BINS; bin += THREADS) {
        let a = data[bin % HALF];
        let mirrored = data[(HALF - bin) % HALF];
        let b = vec2f(mirrored.x, -mirrored.y);
        let even = 0.5 * (a + b);
        let odd = times(vec2f(0.0, -0.5), a - b);
        let x = even + times(odd, point(-f32(bin) / f32(WINDOW)));
        // A sine of full scale has the height WINDOW / 4.
        let amplitude = length(x) * 4.0 / f32(WINDOW);
        levels[group.x * BINS + bin] = 20.0 * log(max(amplitude, 1e-6)) / log(10.0);
    }
}
