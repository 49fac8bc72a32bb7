//! A recogniser of twice the width that hears the same, to learn more than the narrow one had room for.

use super::draw::Draw;
use super::recogniser_gradient::{Dense, Layout, Separable};
use ziyin_model::recogniser::RecogniserConfig;

/// The weights of a recogniser that is twice as wide as the one of `config` and gives the same: each channel is
/// there twice, and what leads out of it is split between the two, by chance, so that they learn apart
/// (Net2Net, Chen and others 2016). Norms see the same mean and spread.
pub(super) fn widened(config: &RecogniserConfig, weights: &[f32], draw: &mut Draw) -> Vec<f32> {
    let wide_config = RecogniserConfig { channels: 2 * config.channels, ..config.clone() };
    let (narrow, wide) = (Layout::new(config), Layout::new(&wide_config));
    let mut widening = Widening { from: weights, to: vec![0.0; wide.count], draw };
    widening.separable(&narrow.opening, &wide.opening);
    for (one, other) in narrow.blocks.iter().zip(&wide.blocks) {
        widening.separable(&one.first, &other.first);
        widening.separable(&one.second, &other.second);
        widening.dense(&one.past, &other.past);
    }
    widening.separable(&narrow.closing, &wide.closing);
    for (one, other) in [
        (&narrow.wide, &wide.wide),
        (&narrow.sounds, &wide.sounds),
        (&narrow.path, &wide.path),
        (&narrow.begins, &wide.begins),
    ] {
        widening.dense(one, other);
    }
    widening.to
}

struct Widening<'a> {
    from: &'a [f32],
    to: Vec<f32>,
    draw: &'a mut Draw,
}

impl Widening<'_> {
    fn separable(&mut self, one: &Separable, other: &Separable) {
        self.copies([one.time, other.time], one.kernel * one.over.from, one.kernel * other.over.from);
        self.dense(&one.over, &other.over);
        self.copies([one.gamma, other.gamma], one.over.to, other.over.to);
        self.copies([one.beta, other.beta], one.over.to, other.over.to);
    }

    /// Numbers at two places, once or twice one after the other.
    fn copies(&mut self, [narrow, wide]: [usize; 2], count: usize, wide_count: usize) {
        let given = &self.from[narrow..narrow + count];
        self.to[wide..wide + wide_count].chunks_mut(count).for_each(|slots| slots.copy_from_slice(given));
    }

    fn dense(&mut self, one: &Dense, other: &Dense) {
        self.copies([one.bias, other.bias], one.to, other.to);
        for from in 0..one.from {
            for to in 0..other.to {
                let weight = self.from[one.weight + from * one.to + to % one.to];
                let mut give =
                    |from: usize, weight: f32| self.to[other.weight + from * other.to + to] = weight;
                if other.from == one.from {
                    give(from, weight);
                } else {
                    let share = self.draw.between(0.3, 0.7);
                    give(from, share * weight);
                    give(from + one.from, (1.0 - share) * weight);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_model::recogniser::STACKED;
    use ziyin_signal::MEL_BANDS;

    #[test]
    fn what_is_twice_as_wide_hears_the_same() {
        let config = RecogniserConfig { channels: 12, ..RecogniserConfig::default() };
        let mut draw = Draw::new(3);
        let narrow = Layout::new(&config);
        let weights: Vec<f32> = (0..narrow.count).map(|_| 0.3 * draw.normal()).collect();
        let wide = widened(&config, &weights, &mut draw);
        let layout = Layout::new(&RecogniserConfig { channels: 24, ..config });
        assert_eq!(wide.len(), layout.count);
        let mel: Vec<f32> = (0..40 * STACKED * MEL_BANDS).map(|_| draw.normal()).collect();
        let (one, other) = (narrow.forward(&weights, mel.clone()), layout.forward(&wide, mel));
        let off = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off(&one.sounds, &other.sounds) < 1e-3, "{}", off(&one.sounds, &other.sounds));
        assert!(off(&one.path, &other.path) < 1e-3 && off(&one.begins, &other.begins) < 1e-3);
        // The two halves of a layer are not alike, or they never would be anything else.
        let halves = &wide[layout.wide.weight..layout.wide.weight + 2 * 12 * 48];
        assert!(off(&halves[..12 * 48], &halves[12 * 48..]) > 0.01);
    }
}
