// The levels of a spectrum as a picture whose rows are keys, like those of the roll.

const BINS: u32 = 2049u;
const BIN_HZ: f32 = 44100.0 / 4096.0;

struct Picture {
    // The colour of full level, not multiplied by anything.
    colour: vec4f,
    // MIDI pitch at the upper edge and how many keys the picture is high.
    top: f32,
    keys: f32,
    columns: u32,
    // Levels in dB from which on there is colour, and where it is full.
    floor: f32,
    full: f32,
    unused_a: u32,
    unused_b: u32,
    unused_c: u32,
}

@group(0) @binding(0) var<uniform> picture: Picture;
@group(0) @binding(1) var<storage, read> levels: array<f32>;

struct Corner {
    @builtin(position) position: vec4f,
    // From the upper left corner (0, 0) to the lower right one (1, 1).
    @location(0) place: vec2f,
}

@vertex
fn corner(@builtin(vertex_index) i: u32) -> Corner {
    // One triangle that covers everything.
    let place = vec2f(f32((i << 1u) & 2u), f32(i & 2u));
    return Corner(vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0), place);
}

fn level(column: u32, bin: f32) -> f32 {
    let below = u32(clamp(bin, 0.0, f32(BINS - 2u)));
    let at = min(column, picture.columns - 1u) * BINS + below;
    return mix(levels[at], levels[at + 1u], clamp(bin - f32(below), 0.0, 1.0));
}

@fragment
fn paint(corner: Corner) -> @location(0) vec4f {
    let pitch = picture.top - corner.place.y * picture.keys;
    let bin = 440.0 * exp2((pitch - 69.0) / 12.0) / BIN_HZ;
    let x = max(corner.place.x * f32(picture.columns) - 0.5, 0.0);
    let found = mix(level(u32(x), bin), level(u32(x) + 1u, bin), fract(x));
    let strength = clamp((found - picture.floor) / (picture.full - picture.floor), 0.0, 1.0);
    // egui blends colours that are multiplied by their alpha.
    let alpha = picture.colour.a * strength * strength;
    return vec4f(picture.colour.rgb * alpha, alpha);
}
