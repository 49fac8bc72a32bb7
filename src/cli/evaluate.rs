use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::corpora::{CorpusArgs, Singer, open_corpora};
use super::{evaluate_phrases, evaluate_rival};
use crate::model::VoiceModel;
use crate::training::{Example, evaluate};

/// Measure a voice on the tokens that it was not trained on, beside two baselines.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    corpora: CorpusArgs,
    /// Folder of the voice.
    #[arg(long)]
    voice: PathBuf,
    /// Folder of a trained rival (`ziyin train --network tacotron2`) to compare with the
    /// voice.
    #[arg(long)]
    rival: Option<PathBuf>,
    /// Folder to write into what both sang, and pictures of the rival's attention.
    #[arg(long, requires = "rival")]
    listen: Option<PathBuf>,
    /// Sing whole recorded strings instead, joined as in a song, and compare them with the
    /// recordings.
    #[arg(long)]
    phrases: bool,
    /// Also print tables by phoneme.
    #[arg(long)]
    phonemes: bool,
}

/// Prints distances on random tokens, and on tokens at a pitch between those heard, for
/// each singer.
pub fn run(args: &Arguments) -> Result<()> {
    let voice = VoiceModel::load(&args.voice, &burn::tensor::Device::flex())?;
    let corpora = open_corpora(&args.corpora)?;
    let place = |names: Vec<&str>, name: &str, kind: &str| {
        let found = names.iter().position(|known| *known == name);
        found.with_context(|| format!("the voice knows no {kind} \"{name}\", but {}", names.join(" and ")))
    };
    let known =
        |s: &Singer| place(voice.config.singers.iter().map(|s| s.name.as_str()).collect(), &s.name, "singer");
    let singers: Vec<usize> = corpora.singers.iter().map(known).collect::<Result<_>>()?;
    let known =
        |c: &String| place(voice.config.conditions.iter().map(String::as_str).collect(), c, "condition");
    let conditions: Vec<usize> = corpora.conditions.iter().map(known).collect::<Result<_>>()?;
    let examples = |indices: &[usize], singer: usize| -> Vec<Example> {
        let of_singer = indices.iter().filter(|&&i| corpora.singer_of[i] == singer);
        let example = |&i: &usize| Example {
            token: &corpora.tokens[i],
            singer: singers[singer],
            condition: conditions[corpora.condition_of[i]],
            weight: corpora.weight_of[i],
        };
        of_singer.map(example).collect()
    };
    let split = &corpora.split;
    for (singer, Singer { name, .. }) in corpora.singers.iter().enumerate() {
        if args.phrases {
            evaluate_phrases::evaluate(&voice, &corpora, singer, singers[singer], &conditions)?;
            continue;
        }
        let training = examples(&split.training, singer);
        for (kind, indices) in [("random tokens", &split.random), ("D4 of 40 syllables", &split.between)] {
            let held_out = examples(indices, singer);
            if held_out.is_empty() {
                continue;
            }
            if let Some(rival) = &args.rival {
                println!("{name}, {kind}");
                evaluate_rival::evaluate(rival, &voice, &held_out, &training, args.listen.as_deref())?;
                continue;
            }
            let seen = evaluate(&voice, &held_out, &training)?;
            println!("{name}, {kind} ({} tokens)\n{seen}", held_out.len());
            if args.phonemes {
                println!("{}", seen.by_phoneme());
            }
        }
    }
    Ok(())
}
