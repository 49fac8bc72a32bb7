//! The laboratory: what was tried beside the voice that songs are sung with, and how all of it
//! is measured. The program is `ziyin-lab`; `docs/notebook.md` says what came out.
//!
//! ```text
//! train            the usual training with parts left out, or against a critic
//! listener         the recogniser hears what a generator makes, and it should be what was to be sung
//! critic, adversary  a network that tells generated blocks from recorded ones, and its training
//! tacotron2        the rival: frame after frame, with attention
//! passages, tacotron_training, train_rival   what it learns from, and how
//! train_recogniser  the network that hears which sound is sung when; sing_corpus  songs by chance to learn from
//! train_separator  the network that takes the vocals out of music
//! evaluate         distances on tokens that a voice never heard, and what follows from its flags:
//!   evaluation, spread, sung_anew  by token     evaluate_alignment  places of characters found again
//!   evaluate_rival, rival_evaluation, attention  beside the rival
//!   evaluate_phrases            whole strings   evaluate_song, recorded_voice   whole songs
//! evaluate_recogniser  what is heard in recordings that nothing was learned from; strings  what is in them
//! try_recipes      how it learns from lyrics alone; edits  how much of a line is wrong
//! ```

mod adversary;
mod attention;
mod critic;
mod edits;
mod evaluate;
mod evaluate_alignment;
mod evaluate_phrases;
mod evaluate_recogniser;
mod evaluate_rival;
mod evaluate_song;
mod evaluation;
mod listener;
mod passages;
mod recorded_voice;
mod rival_evaluation;
mod sing_corpus;
mod spread;
mod strings;
mod sung_anew;
mod tacotron2;
mod tacotron_training;
mod train;
mod train_recogniser;
mod train_rival;
mod train_separator;
mod try_recipes;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Ziyin's laboratory: other ways to train, and measures of what came out.
#[derive(Parser)]
#[command(name = "ziyin-lab", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(Box<train::Arguments>),
    TrainRival(train_rival::Arguments),
    TrainRecogniser(train_recogniser::Arguments),
    TrainSeparator(train_separator::Arguments),
    SingCorpus(sing_corpus::Arguments),
    Evaluate(evaluate::Arguments),
    EvaluateRecogniser(evaluate_recogniser::Arguments),
    TryRecipes(try_recipes::Arguments),
}

/// Reads the arguments, runs what they ask for, and says how it went:
/// 0 done, 1 failed with one clear sentence, 2 wrong usage.
pub fn run() -> ExitCode {
    ziyin_cli::told(match CommandLine::parse().command {
        Command::Train(arguments) => train::run(&arguments),
        Command::TrainRival(arguments) => train_rival::run(&arguments),
        Command::TrainRecogniser(arguments) => train_recogniser::run(&arguments),
        Command::TrainSeparator(arguments) => train_separator::run(&arguments),
        Command::SingCorpus(arguments) => sing_corpus::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::EvaluateRecogniser(arguments) => evaluate_recogniser::run(&arguments),
        Command::TryRecipes(arguments) => try_recipes::run(&arguments),
    })
}
