//! From corpora to weights: batches, losses, loops, checkpoints, evaluation.

mod adversary;
mod batch;
mod checkpoint;
mod curves;
mod draw;
mod duration_training;
mod evaluation;
mod generator_training;
mod likenesses;
mod split;
mod spread;
mod voice_change;

pub use batch::Example;
pub use curves::draw_curves;
pub use duration_training::train_duration;
pub use evaluation::{Evaluation, evaluate};
pub use generator_training::{Ablation, GeneratorRun, TrainedGenerator, train_generator};
pub use split::{Split, split_tokens};
