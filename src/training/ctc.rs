//! The loss by which a recogniser learns what is sung without being told where: that of all ways in
//! which labels in their order can be laid over the steps, with a blank between them and a label for
//! as long as it likes (connectionist temporal classification; Graves and others, 2006).
//!
//! Burn has the loss, and our tests hold ours against it. On the CPU it goes through every step with
//! tensors of a few numbers and takes the gradient apart op by op; here both passes are loops over
//! plain numbers, and what they find is the gradient.

/// What is found of one line of labels.
pub(super) struct Ways {
    /// The negative logarithm of how likely all ways together are.
    pub loss: f64,
    /// `[steps × labels]`: how likely the ways have each label at each step. With a minus it is the
    /// gradient of the loss by the logarithms that were given.
    pub shares: Vec<f32>,
}

impl Ways {
    /// The gradient of so much of the loss by what stands before the softmax, given the logarithms behind it.
    pub fn slopes(&self, log: &[f32], share: f32) -> Vec<f32> {
        log.iter().zip(&self.shares).map(|(likely, way)| share * (likely.exp() - way)).collect()
    }
}

/// Goes all ways of `line` over `log`, `[steps × labels]` logarithms of how likely each label is at each
/// step. `None` where there are not enough steps.
pub(super) fn all_ways(log: &[f32], labels: usize, line: &[usize], blank: usize) -> Option<Ways> {
    let steps = log.len() / labels;
    // Blank, first label, blank, second, … blank.
    let states = 2 * line.len() + 1;
    let label = |state: usize| if state.is_multiple_of(2) { blank } else { line[state / 2] };
    let at = |step: usize, state: usize| f64::from(log[step * labels + label(state)]);
    // From one label to another that differs no blank is needed.
    let leaps = |state: usize| state >= 3 && !state.is_multiple_of(2) && label(state) != label(state - 2);
    let never = f64::NEG_INFINITY;
    if steps == 0 {
        return None;
    }
    let mut from_start = vec![never; steps * states];
    for (state, way) in from_start.iter_mut().enumerate().take(states.min(2)) {
        *way = at(0, state);
    }
    for step in 1..steps {
        let (before, now) = from_start.split_at_mut(step * states);
        let before = &before[(step - 1) * states..];
        for (state, way) in now.iter_mut().enumerate().take(states) {
            let mut sum = before[state];
            if state >= 1 {
                sum = together(sum, before[state - 1]);
            }
            if leaps(state) {
                sum = together(sum, before[state - 2]);
            }
            *way = sum + at(step, state);
        }
    }
    let mut to_end = vec![never; steps * states];
    let last = (steps - 1) * states;
    for state in states.saturating_sub(2)..states {
        to_end[last + state] = 0.0;
    }
    for step in (0..steps - 1).rev() {
        let (now, after) = to_end.split_at_mut((step + 1) * states);
        let now = &mut now[step * states..];
        for (state, way) in now.iter_mut().enumerate() {
            let go = |to: usize| after[to] + at(step + 1, to);
            let mut sum = go(state);
            if state + 1 < states {
                sum = together(sum, go(state + 1));
            }
            if state + 2 < states && leaps(state + 2) {
                sum = together(sum, go(state + 2));
            }
            *way = sum;
        }
    }
    let ends = from_start[last..].iter().rev().take(2);
    let whole = ends.fold(never, |sum, &end| together(sum, end));
    if whole == never {
        return None;
    }
    let mut shares = vec![0.0f32; steps * labels];
    for step in 0..steps {
        for state in 0..states {
            let way = from_start[step * states + state] + to_end[step * states + state] - whole;
            shares[step * labels + label(state)] += way.exp() as f32;
        }
    }
    Some(Ways { loss: -whole, shares })
}

/// The logarithm of the sum of two numbers whose logarithms are given.
fn together(a: f64, b: f64) -> f64 {
    let (more, less) = if a > b { (a, b) } else { (b, a) };
    if less == f64::NEG_INFINITY { more } else { more + (less - more).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use burn::nn::loss::CTCLossConfig;
    use burn::tensor::activation::log_softmax;
    use burn::tensor::{Device, Int, Tensor, TensorData};

    use super::*;
    use crate::draw::Draw;

    fn logs(steps: usize, labels: usize, seed: u64) -> Vec<f32> {
        let mut draw = Draw::new(seed);
        let mut all = Vec::new();
        for _ in 0..steps {
            let row: Vec<f32> = (0..labels).map(|_| 2.0 * draw.normal()).collect();
            let sum = row.iter().map(|x| x.exp()).sum::<f32>().ln();
            all.extend(row.iter().map(|x| x - sum));
        }
        all
    }

    /// The sum over every way there is, one by one.
    fn by_force(log: &[f32], labels: usize, line: &[usize], blank: usize) -> f64 {
        let steps = log.len() / labels;
        let ways = (0..labels.pow(steps as u32)).filter_map(|way| {
            let said: Vec<usize> = (0..steps as u32).map(|t| way / labels.pow(t) % labels).collect();
            let mut heard = said.clone();
            heard.dedup();
            heard.retain(|&label| label != blank);
            let likely = said.iter().enumerate().map(|(t, &label)| f64::from(log[t * labels + label]));
            (heard == line).then(|| likely.sum::<f64>().exp())
        });
        -ways.sum::<f64>().ln()
    }

    const LINES: [(usize, &[usize]); 6] =
        [(5, &[0, 1]), (5, &[1, 1]), (4, &[]), (5, &[2, 0, 2]), (3, &[0, 0]), (1, &[1])];

    #[test]
    fn it_is_the_sum_over_all_ways_and_its_gradient() {
        for (seed, (steps, line)) in LINES.into_iter().enumerate() {
            let log = logs(steps, 4, seed as u64 + 1);
            let found = all_ways(&log, 4, line, 3).unwrap();
            let wanted = by_force(&log, 4, line, 3);
            assert!((found.loss - wanted).abs() < 1e-5, "{line:?}: {} for {wanted}", found.loss);
            for place in 0..log.len() {
                let moved = |by: f32| {
                    let mut log = log.clone();
                    log[place] += by;
                    by_force(&log, 4, line, 3)
                };
                let slope = (moved(0.02) - moved(-0.02)) / 0.04;
                assert!((slope + f64::from(found.shares[place])).abs() < 2e-3, "{line:?} at {place}");
            }
        }
        assert!(all_ways(&logs(2, 4, 1), 4, &[0, 0], 3).is_none());
        assert!(all_ways(&[], 4, &[0], 3).is_none());
    }

    #[test]
    fn it_is_what_burn_gives() {
        let device = Device::flex().autodiff();
        let (steps, labels, line) = (40, 6, [0usize, 1, 1, 4, 2]);
        // The way to a loss can be gone back once.
        let forward = || {
            let numbers = TensorData::new(logs(steps, labels, 9), [steps, 1, labels]);
            let given = Tensor::<3>::from_data(numbers, &device).require_grad();
            (given.clone(), log_softmax(given, 2))
        };
        let (given, log) = forward();
        let targets: Vec<i32> = line.iter().map(|&label| label as i32).collect();
        let loss = CTCLossConfig::new().with_blank(5).init().forward(
            log.clone(),
            Tensor::<2, Int>::from_data(TensorData::new(targets, [1, line.len()]), &device),
            Tensor::<1, Int>::from_data([steps as i32], &device),
            Tensor::<1, Int>::from_data([line.len() as i32], &device),
        );
        let wanted = loss.clone().into_scalar::<f32>();
        let slopes = given.grad(&loss.sum().backward()).unwrap();
        let slopes: Vec<f32> = slopes.into_data().try_into_vec::<f32>().unwrap();
        let (given, log) = forward();
        let values: Vec<f32> = log.clone().into_data().try_into_vec::<f32>().unwrap();
        let found = all_ways(&values, labels, &line, 5).unwrap();
        assert!((found.loss - f64::from(wanted)).abs() < 1e-3);
        let shares = Tensor::<3>::from_data(TensorData::new(found.shares, [steps, 1, labels]), &device);
        let ours = given.grad(&(log * shares).sum().neg().backward()).unwrap();
        let ours: Vec<f32> = ours.into_data().try_into_vec::<f32>().unwrap();
        assert!(ours.iter().zip(&slopes).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}
