// What every pass of the vocoder sees. The meaning is that of src/singing/vocoder: each
// function here has its twin of the same name there.

const SAMPLE_RATE: f32 = 44100.0;
const HOP: u32 = 128u;
const BINS: u32 = 1025u;
const FFT_SIZE: u32 = 2048u;
const NOISE_FFT: u32 = 1024u;
const BANDS: u32 = 6u;
const BIN_HZ: f32 = SAMPLE_RATE / f32(FFT_SIZE);
const TOP: f32 = 22000.0;
const FADE: f32 = 1000.0;
// Natural logarithm of the aperiodicity at 0 Hz.
const AP_AT_ZERO: f32 = -13.815511;
// What is less is nothing.
const AP_LEAST: f32 = 1e-12;
// Below this part of the pitch there is no noise.
const NOISE_FROM: f32 = 0.8;
const TAU: f32 = 6.283185307179586;
const PI: f32 = 3.141592653589793;

struct Settings {
    // Frames in the window.
    frames: u32,
    // Index in the song of the first frame's sample, modulo 2^32.
    first_sample: u32,
    seed: u32,
    breath_pulse: f32,
}

struct Frame {
    pitch: f32,
    voicing: f32,
    audible: u32,
    // Where the frame's harmonics stand in `partials`, and how many.
    partials_at: u32,
    partials: u32,
    // The step from this frame to the next: phase in turns, pitch at both ends, and how
    // many harmonics are sung in it.
    phase: f32,
    from_hz: f32,
    to_hz: f32,
    harmonics: u32,
    whole: u32,
    aperiodicity: array<f32, BANDS>,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> frames: array<Frame>;
// Natural logarithm of the amplitude, [frames × BINS].
@group(0) @binding(2) var<storage, read> envelope: array<f32>;
// Cosine and sine of i / 2048 turns.
@group(0) @binding(3) var<storage, read> circle: array<vec2f>;
// Phase of the minimum-phase filter in radians, [frames × BINS].
@group(0) @binding(4) var<storage, read_write> filter_phase: array<f32>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec2f>;
// Harmonics and raw noise of each sample, [frames × HOP].
@group(0) @binding(6) var<storage, read_write> source: array<vec2f>;
// Shaped noise of each frame, [frames × NOISE_FFT].
@group(0) @binding(7) var<storage, read_write> blocks: array<f32>;
@group(0) @binding(8) var<storage, read_write> samples: array<f32>;

fn times(a: vec2f, b: vec2f) -> vec2f {
    return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

// Cosine and sine of `turns`. The built-in ones may be off by 2^-11, which is audible;
// this is exact to the last bits: the nearest point of the circle, turned by the rest.
fn turned(turns: f32) -> vec2f {
    let within = fract(turns) * f32(FFT_SIZE);
    let nearest = round(within);
    let rest = (within - nearest) * (TAU / f32(FFT_SIZE));
    let small = vec2f(1.0 - 0.5 * rest * rest, rest - rest * rest * rest / 6.0);
    return times(circle[u32(nearest) % FFT_SIZE], small);
}

fn aperiodicity_at(frame: u32, hz: f32) -> f32 {
    let centres = array<f32, BANDS>(3000.0, 5000.0, 7500.0, 10500.0, 14000.0, 18000.0);
    var above = 0u;
    while above < BANDS && centres[above] <= hz {
        above++;
    }
    if above == BANDS {
        return frames[frame].aperiodicity[BANDS - 1u];
    }
    let high = log(max(frames[frame].aperiodicity[above], AP_LEAST));
    var low_hz = 0.0;
    var low = min(AP_AT_ZERO, high);
    if above > 0u {
        low_hz = centres[above - 1u];
        low = log(max(frames[frame].aperiodicity[above - 1u], AP_LEAST));
    }
    return exp(low + (high - low) * ((hz - low_hz) / (centres[above] - low_hz)));
}

fn noise_passed(frame: u32, hz: f32) -> f32 {
    let pitch = frames[frame].pitch;
    if pitch <= 0.0 {
        return 1.0;
    }
    return clamp((hz / pitch - NOISE_FROM) / (1.0 - NOISE_FROM), 0.0, 1.0);
}

fn noise_share(frame: u32, hz: f32) -> f32 {
    return 1.0 - frames[frame].voicing * (1.0 - aperiodicity_at(frame, hz));
}
