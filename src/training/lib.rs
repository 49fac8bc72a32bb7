//! From corpora to weights: batches, losses, loops, checkpoints, evaluation.

mod adversary;
mod batch;
mod checkpoint;
mod cross_entropy;
mod curves;
mod devices;
mod draw;
mod duration_training;
mod evaluation;
mod generator_step;
mod generator_training;
mod lending;
mod likenesses;
mod passages;
mod rival_evaluation;
mod split;
mod spread;
mod tacotron_training;
mod trained_generator;
mod voice_change;

pub use batch::Example;
pub use curves::{draw_attention, draw_curves};
pub use duration_training::train_duration;
pub use evaluation::{Evaluation, evaluate};
pub use generator_training::{Ablation, GeneratorRun, mean_envelope, train_generator};
pub use lending::Lending;
pub use passages::{Score, full_frames, passages};
pub use rival_evaluation::match_rival;
pub use split::{Split, split_tokens};
pub use tacotron_training::{TacotronRun, train_tacotron2};
pub use trained_generator::TrainedGenerator;
