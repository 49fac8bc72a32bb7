// The voiced part, and the raw noise beside it.

// The complex amplitudes of a frame's harmonics. One workgroup for each frame.
@compute @workgroup_size(64)
fn amplitudes(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let i = group.x;
    let pitch = frames[i].pitch;
    let sung = frames[i].audible != 0u && pitch > 0.0 && frames[i].voicing > 0.0;
    let level = 2.0 * sqrt(pitch / SAMPLE_RATE);
    for (var k = thread; k < frames[i].partials; k += 64u) {
        var partial = vec2f(0.0);
        if sung {
            let hz = f32(k + 1u) * pitch;
            let bin = min(hz / BIN_HZ, f32(BINS - 1u));
            let low = min(u32(bin), BINS - 2u);
            let t = bin - f32(low);
            let at = i * BINS + low;
            let log_amplitude = envelope[at] + (envelope[at + 1u] - envelope[at]) * t;
            let phase = filter_phase[at] + (filter_phase[at + 1u] - filter_phase[at]) * t;
            let share = max(1.0 - noise_share(i, hz), 0.0);
            partial = level * exp(log_amplitude) * sqrt(share) * turned(phase / TAU);
        }
        partials[frames[i].partials_at + k] = partial;
    }
}

fn scramble(value: u32) -> u32 {
    var x = value;
    x ^= x >> 16u;
    x *= 0x7feb352du;
    x ^= x >> 15u;
    x *= 0x846ca68bu;
    return x ^ (x >> 16u);
}

fn white(seed: u32, index: u32) -> f32 {
    let a = scramble(index ^ scramble(seed));
    let b = scramble(a ^ 0x9e3779b9u);
    let sum = (a & 0xffffu) + (a >> 16u) + (b & 0xffffu) + (b >> 16u);
    return f32(i32(sum) - 131070) / 37837.227;
}

// The harmonics and the raw noise of one sample. One workgroup for each step from frame
// to frame.
@compute @workgroup_size(128)
fn sing(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) n: u32) {
    let i = group.x;
    let here = frames[i];
    let t = f32(n) / f32(HOP);
    let hz = here.from_hz + (here.to_hz - here.from_hz) * t;
    let turns = here.phase + (here.from_hz + (here.to_hz - here.from_hz) * 0.5 * t) * f32(n) / SAMPLE_RATE;
    let turn = turned(turns);

    // The oscillator of harmonic k is that of harmonic k - 1, turned once more.
    var oscillator = turn;
    var before = 0.0;
    var after = 0.0;
    for (var k = 0u; k < here.harmonics; k++) {
        var gain = 1.0;
        if k >= here.whole {
            let room = clamp((TOP - f32(k + 1u) * hz) / FADE, 0.0, 1.0);
            gain = room * room * (3.0 - 2.0 * room);
        }
        let b = partials[here.partials_at + k];
        let a = partials[frames[i + 1u].partials_at + k];
        before += gain * (b.x * oscillator.x - b.y * oscillator.y);
        after += gain * (a.x * oscillator.x - a.y * oscillator.y);
        oscillator = times(oscillator, turn);
    }

    let voicing = here.voicing + (frames[i + 1u].voicing - here.voicing) * t;
    let depth = settings.breath_pulse * voicing;
    let cosine = select(1.0, turn.x, here.from_hz > 0.0);
    let breath = (1.0 + depth * cosine) / sqrt(1.0 + 0.5 * depth * depth);
    let raw = breath * white(settings.seed, settings.first_sample + i * HOP + n);
    source[i * HOP + n] = vec2f(before + (after - before) * t, raw);
}
