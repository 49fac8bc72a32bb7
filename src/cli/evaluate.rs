use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::corpora::{CorpusArgs, open_corpora};
use crate::model::VoiceModel;
use crate::training::{Example, evaluate, split_tokens};

/// Measure a voice on the tokens that it was not trained on, beside two baselines.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    corpora: CorpusArgs,
    /// Folder of the voice.
    #[arg(long)]
    voice: PathBuf,
    /// Also print tables by phoneme.
    #[arg(long)]
    phonemes: bool,
}

/// Prints distances on random tokens, and on tokens at a pitch between those heard.
pub fn run(args: &Arguments) -> Result<()> {
    let voice = VoiceModel::load(&args.voice, &burn::tensor::Device::flex())?;
    let corpora = open_corpora(&args.corpora)?;
    let split = split_tokens(&corpora.tokens);
    let examples = |indices: &[usize]| -> Vec<Example> {
        let example = |&i: &usize| Example {
            token: &corpora.tokens[i],
            singer: corpora.singer_of[i],
            condition: corpora.singer_of[i],
        };
        indices.iter().map(example).collect()
    };
    let training = examples(&split.training);
    for (name, indices) in [("random tokens", &split.random), ("D4 of 40 syllables", &split.between)] {
        let seen = evaluate(&voice, &examples(indices), &training)?;
        println!("{name} ({} tokens)\n{seen}", indices.len());
        if args.phonemes {
            println!("{}", seen.by_phoneme());
        }
    }
    Ok(())
}
