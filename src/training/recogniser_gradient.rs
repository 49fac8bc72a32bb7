//! The recogniser on plain numbers, and its gradient.
//!
//! Burn takes the gradient apart op by op, each with tensors of its own, and goes through the convolutions
//! over time channel by channel. Here a piece of a recording goes forth and back in one go, matrix products and
//! loops over plain numbers: several times as many steps in the same time (docs/notebook.md). Tests hold it
//! against Burn's.

use gemm::{Parallelism, gemm};

use ziyin_model::recogniser::{CLOSING, KERNELS, OPENING, RecogniserConfig, STACKED};
use ziyin_signal::MEL_BANDS;

/// Where the weights of the network lie in the list of all, which has the order of its fields.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub opening: Separable,
    pub blocks: Vec<Block>,
    pub closing: Separable,
    pub wide: Dense,
    pub sounds: Dense,
    pub path: Dense,
    pub begins: Dense,
    /// How many weights there are.
    pub count: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Block {
    pub first: Separable,
    pub second: Separable,
    pub past: Dense,
}

/// A convolution over time of each channel, a layer over the channels, and a norm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Separable {
    pub kernel: usize,
    /// `[channels, kernel]`.
    pub time: usize,
    pub over: Dense,
    pub gamma: usize,
    pub beta: usize,
}

/// A layer: `[from, to]` weights and `[to]` biases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dense {
    pub from: usize,
    pub to: usize,
    pub weight: usize,
    pub bias: usize,
}

/// What was heard in a piece, and what the way back needs.
pub(super) struct Heard {
    opening: Kept,
    blocks: Vec<(Kept, Kept)>,
    closing: Kept,
    closed: Vec<f32>,
    wide: Vec<f32>,
    /// `[steps × sounds]`, as in [`ziyin_model::recogniser::Recognised`].
    pub sounds: Vec<f32>,
    /// `[steps × (sounds + 1)]`.
    pub path: Vec<f32>,
    /// `[steps]`.
    pub begins: Vec<f32>,
}

/// What the way back through a convolution needs.
struct Kept {
    /// What went in, and what came of it over time.
    x: Vec<f32>,
    y: Vec<f32>,
    /// What came out before it was scaled, and by what each step had been divided, upside down.
    normed: Vec<f32>,
    spread: Vec<f32>,
}

/// What the norm adds to a variance, as Burn does.
const EPSILON: f32 = 1e-5;

impl Layout {
    pub fn new(config: &RecogniserConfig) -> Self {
        let (c, mut count) = (config.channels, 0);
        let mut take = |numbers: usize| {
            count += numbers;
            count - numbers
        };
        let dense = |take: &mut dyn FnMut(usize) -> usize, from: usize, to: usize| Dense {
            from,
            to,
            weight: take(from * to),
            bias: take(to),
        };
        let separable = |take: &mut dyn FnMut(usize) -> usize, from: usize, kernel: usize| Separable {
            kernel,
            time: take(from * kernel),
            over: dense(take, from, c),
            gamma: take(c),
            beta: take(c),
        };
        let opening = separable(&mut take, STACKED * MEL_BANDS, OPENING);
        let block = |&kernel: &usize| Block {
            first: separable(&mut take, c, kernel),
            second: separable(&mut take, c, kernel),
            past: dense(&mut take, c, c),
        };
        let blocks = KERNELS.iter().map(block).collect();
        let closing = separable(&mut take, c, CLOSING);
        let wide = dense(&mut take, c, 2 * c);
        let sounds = dense(&mut take, 2 * c, config.sounds.len());
        let path = dense(&mut take, 2 * c, config.sounds.len() + 1);
        let begins = dense(&mut take, 2 * c, 1);
        Self { opening, blocks, closing, wide, sounds, path, begins, count }
    }

    /// Listens to a piece: `mel` is `[steps × (STACKED · MEL_BANDS)]`.
    pub fn forward(&self, weights: &[f32], mel: Vec<f32>) -> Heard {
        let (mut x, opening) = self.opening.forward(weights, mel);
        relu(&mut x);
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let (mut y, first) = block.first.forward(weights, x);
            relu(&mut y);
            let (mut z, second) = block.second.forward(weights, y);
            block.past.add(weights, &first.x, &mut z);
            relu(&mut z);
            x = z;
            blocks.push((first, second));
        }
        let (mut closed, closing) = self.closing.forward(weights, x);
        relu(&mut closed);
        let of = |layer: &Dense, x: &[f32]| {
            let mut out = vec![0.0; x.len() / layer.from * layer.to];
            layer.add(weights, x, &mut out);
            out
        };
        let mut wide = of(&self.wide, &closed);
        relu(&mut wide);
        let [sounds, path, begins] = [&self.sounds, &self.path, &self.begins].map(|layer| of(layer, &wide));
        Heard { opening, blocks, closing, closed, wide, sounds, path, begins }
    }

    /// Adds the gradient by the weights to `gradient`, given that by what was heard: sounds, path, beginnings.
    pub fn backward(&self, weights: &[f32], heard: &Heard, given: [&[f32]; 3], gradient: &mut [f32]) {
        let mut by_wide = vec![0.0; heard.wide.len()];
        for (layer, given) in [&self.sounds, &self.path, &self.begins].into_iter().zip(given) {
            layer.backward(weights, &heard.wide, given, &mut by_wide, gradient);
        }
        relu_backward(&mut by_wide, &heard.wide);
        let mut by_closed = vec![0.0; heard.closed.len()];
        self.wide.backward(weights, &heard.closed, &by_wide, &mut by_closed, gradient);
        relu_backward(&mut by_closed, &heard.closed);
        let mut given = self.closing.backward(weights, &heard.closing, by_closed, gradient);
        // What came out of a block went into what is after it.
        let mut out = &heard.closing.x;
        for (block, (first, second)) in self.blocks.iter().zip(&heard.blocks).rev() {
            relu_backward(&mut given, out);
            let mut past = vec![0.0; first.x.len()];
            block.past.backward(weights, &first.x, &given, &mut past, gradient);
            let mut by_y = block.second.backward(weights, second, given, gradient);
            relu_backward(&mut by_y, &second.x);
            given = block.first.backward(weights, first, by_y, gradient);
            add(&mut given, &past);
            out = &first.x;
        }
        relu_backward(&mut given, out);
        self.opening.backward(weights, &heard.opening, given, gradient);
    }
}

impl Separable {
    fn forward(&self, weights: &[f32], x: Vec<f32>) -> (Vec<f32>, Kept) {
        let Dense { from, to, .. } = self.over;
        let y = over_time(&self.by_step(weights), self.kernel, &x, from, false);
        let steps = x.len() / from;
        let mut normed = vec![0.0; steps * to];
        self.over.add(weights, &y, &mut normed);
        let (gamma, beta) = (&weights[self.gamma..self.gamma + to], &weights[self.beta..self.beta + to]);
        let mut out = vec![0.0; steps * to];
        let mut spread = Vec::with_capacity(steps);
        for (row, out) in normed.chunks_mut(to).zip(out.chunks_mut(to)) {
            let mean = row.iter().sum::<f32>() / to as f32;
            let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / to as f32;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for (((x, out), gamma), beta) in row.iter_mut().zip(out).zip(gamma).zip(beta) {
                *x = (*x - mean) * scale;
                *out = *x * gamma + beta;
            }
            spread.push(scale);
        }
        (out, Kept { x, y, normed, spread })
    }

    /// Gives the gradient by what went in.
    fn backward(&self, weights: &[f32], kept: &Kept, mut given: Vec<f32>, gradient: &mut [f32]) -> Vec<f32> {
        let Dense { from, to, .. } = self.over;
        let gamma = &weights[self.gamma..self.gamma + to];
        let (mut by_gamma, mut by_beta) = (vec![0.0f32; to], vec![0.0f32; to]);
        for ((row, normed), spread) in given.chunks_mut(to).zip(kept.normed.chunks(to)).zip(&kept.spread) {
            for (i, (given, x)) in row.iter_mut().zip(normed).enumerate() {
                by_gamma[i] += *given * x;
                by_beta[i] += *given;
                *given *= gamma[i];
            }
            let mean = row.iter().sum::<f32>() / to as f32;
            let along = row.iter().zip(normed).map(|(given, x)| given * x).sum::<f32>() / to as f32;
            for (given, x) in row.iter_mut().zip(normed) {
                *given = (*given - mean - x * along) * spread;
            }
        }
        add(&mut gradient[self.gamma..self.gamma + to], &by_gamma);
        add(&mut gradient[self.beta..self.beta + to], &by_beta);
        let mut by_y = vec![0.0; kept.y.len()];
        self.over.backward(weights, &kept.y, &given, &mut by_y, gradient);
        let steps = kept.spread.len();
        let mut by_time = vec![0.0f32; from * self.kernel];
        for (step, row) in by_y.chunks(from).enumerate() {
            for (k, by_time) in by_time.chunks_mut(from).enumerate() {
                let seen = (step + k).checked_sub(self.kernel / 2).filter(|seen| *seen < steps);
                let Some(x) = seen.map(|seen| &kept.x[seen * from..(seen + 1) * from]) else { continue };
                by_time.iter_mut().zip(x).zip(row).for_each(|((sum, x), given)| *sum += x * given);
            }
        }
        let slots = gradient[self.time..self.time + from * self.kernel].chunks_mut(self.kernel);
        for (channel, slots) in slots.enumerate() {
            let column = by_time[channel..].iter().step_by(from);
            slots.iter_mut().zip(column).for_each(|(slot, value)| *slot += value);
        }
        over_time(&self.by_step(weights), self.kernel, &by_y, from, true)
    }

    /// The kernel step by step, `[kernel × channels]`, so that loops go over channels.
    fn by_step(&self, weights: &[f32]) -> Vec<f32> {
        let given = &weights[self.time..self.time + self.over.from * self.kernel];
        (0..self.kernel).flat_map(|k| given[k..].iter().step_by(self.kernel).copied()).collect()
    }
}

impl Dense {
    /// Adds what comes of `x`, `[steps × from]`, to `out`, `[steps × to]`.
    fn add(&self, weights: &[f32], x: &[f32], out: &mut [f32]) {
        let bias = &weights[self.bias..self.bias + self.to];
        out.chunks_mut(self.to).for_each(|row| add(row, bias));
        let weight = &weights[self.weight..self.weight + self.from * self.to];
        let steps = x.len() / self.from;
        add_product(out, Factor::rows(x), Factor::rows(weight), [steps, self.from, self.to]);
    }

    /// Adds the gradients by `x`, and by the weights.
    fn backward(&self, weights: &[f32], x: &[f32], given: &[f32], by_x: &mut [f32], gradient: &mut [f32]) {
        let steps = x.len() / self.from;
        let numbers = self.from * self.to;
        let by_weight = &mut gradient[self.weight..self.weight + numbers];
        add_product(by_weight, Factor::columns(x), Factor::rows(given), [self.from, steps, self.to]);
        let by_bias = &mut gradient[self.bias..self.bias + self.to];
        given.chunks(self.to).for_each(|row| add(by_bias, row));
        let weight = &weights[self.weight..self.weight + numbers];
        add_product(by_x, Factor::rows(given), Factor::columns(weight), [steps, self.to, self.from]);
    }
}

/// Sees each channel of `x`, `[steps × channels]`, over time; the way back looks into the other direction.
fn over_time(by_step: &[f32], kernel: usize, x: &[f32], channels: usize, back: bool) -> Vec<f32> {
    let (steps, half) = (x.len() / channels, kernel / 2);
    let mut y = vec![0.0f32; x.len()];
    for (step, out) in y.chunks_mut(channels).enumerate() {
        for (k, weight) in by_step.chunks(channels).enumerate() {
            let seen = if back { (step + half).checked_sub(k) } else { (step + k).checked_sub(half) };
            let Some(seen) = seen.filter(|seen| *seen < steps) else { continue };
            let row = &x[seen * channels..(seen + 1) * channels];
            out.iter_mut().zip(row).zip(weight).for_each(|((out, x), weight)| *out += x * weight);
        }
    }
    y
}

fn add(to: &mut [f32], more: &[f32]) {
    to.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

fn relu(x: &mut [f32]) {
    x.iter_mut().for_each(|x| *x = x.max(0.0));
}

fn relu_backward(given: &mut [f32], out: &[f32]) {
    given.iter_mut().zip(out).filter(|(_, out)| **out <= 0.0).for_each(|(given, _)| *given = 0.0);
}

/// A matrix, and whether its numbers lie row by row or column by column.
#[derive(Clone, Copy)]
struct Factor<'a> {
    numbers: &'a [f32],
    by_columns: bool,
}

impl<'a> Factor<'a> {
    fn rows(numbers: &'a [f32]) -> Self {
        Self { numbers, by_columns: false }
    }

    fn columns(numbers: &'a [f32]) -> Self {
        Self { numbers, by_columns: true }
    }

    /// From one column to the next, and from one row to the next.
    fn strides(&self, rows: usize, columns: usize) -> (isize, isize) {
        if self.by_columns { (rows as isize, 1) } else { (1, columns as isize) }
    }
}

/// Adds the product of a matrix of `m` rows and `k` columns and one of `k` rows and `n` columns to `out`.
#[expect(unsafe_code, reason = "the products of matrices are given pointers")]
fn add_product(out: &mut [f32], left: Factor, right: Factor, [m, k, n]: [usize; 3]) {
    assert!(out.len() == m * n && left.numbers.len() == m * k && right.numbers.len() == k * n);
    let ((left_column, left_row), (right_column, right_row)) = (left.strides(m, k), right.strides(k, n));
    // SAFETY: each matrix has as many numbers as its rows and columns, strides stay among them, and what
    // is written is borrowed alone.
    unsafe {
        gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            true,
            left.numbers.as_ptr(),
            left_column,
            left_row,
            right.numbers.as_ptr(),
            right_column,
            right_row,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
