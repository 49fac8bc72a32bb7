//! From corpora to weights: batches, losses, loops, checkpoints.

mod batch;
mod checkpoint;
mod cross_entropy;
mod ctc;
mod curves;
mod devices;
mod draw;
mod duration_training;
mod generator_step;
mod generator_training;
mod labelled;
mod lending;
mod likenesses;
mod mel_change;
mod opponent;
mod recogniser_gradient;
mod recogniser_training;
mod split;
mod tally;
mod trained_generator;
mod voice_change;

pub use batch::{CepstralTarget, Example, GeneratorInput, Target};
pub use checkpoint::{Progress, load_checkpoint, save_checkpoint};
pub use cross_entropy::cross_entropy;
pub use curves::draw_curves;
pub use devices::{drawn_on_cpu, sum_gradients};
pub use draw::Draw;
pub use duration_training::train_duration;
pub use generator_training::{Ablation, GeneratorRun, mean_envelope, train_generator};
pub use labelled::LabelledRecording;
pub use lending::Lending;
pub use opponent::{BeginOpponent, Judgement, MadeBlocks, Opponent};
pub use recogniser_training::{RecogniserRun, train_recogniser};
pub use split::{Split, sounds, split_tokens};
pub use tally::{Tally, character_of, measure};
pub use trained_generator::TrainedGenerator;
