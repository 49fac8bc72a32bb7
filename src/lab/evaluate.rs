use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::evaluation::evaluate;
use super::sung_anew::spreads_as_heard;
use super::{evaluate_alignment, evaluate_phrases, evaluate_rival, evaluate_song};
use ziyin_cli::answer;
use ziyin_cli::corpora::{Corpora, CorpusArgs, Singer, open_corpora};
use ziyin_model::VoiceModel;
use ziyin_model::cloned_singer::SINGER_EXTENSION;
use ziyin_model::installed::read_singer;
use ziyin_training::Example;

/// Measure a voice on the tokens that it was not trained on, beside two baselines.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    corpora: CorpusArgs,
    /// Folder of the voice.
    #[arg(long)]
    voice: PathBuf,
    /// Folder of a trained rival (`ziyin-lab train-rival`) to compare with the
    /// voice.
    #[arg(long, group = "heard")]
    rival: Option<PathBuf>,
    /// Sing this song with the voice, with the frames of the recordings, and with the
    /// consonants of one and the vowels of the other, and splice it from the recordings, to
    /// hear what is lost where. Each has a folder in the one that `--listen` names.
    #[arg(long, group = "heard", requires = "listen")]
    song: Option<PathBuf>,
    /// Folder to write into what was sung, and pictures of the rival's attention.
    #[arg(long, requires = "heard")]
    listen: Option<PathBuf>,
    /// Sing whole recorded strings instead, joined as in a song, and compare them with the
    /// recordings.
    #[arg(long)]
    phrases: bool,
    /// Hide where the characters lie, align them by the voice, and say how far off they are.
    #[arg(long)]
    alignment: bool,
    /// Sing the tokens as this singer instead of their own, and say how far that is: somebody
    /// of the voice, or a `.singer` file. May be given any number of times; `everybody` is all
    /// that the voice was trained on.
    #[arg(long = "as", value_name = "NAME|FILE")]
    sung_as: Vec<String>,
    /// Also print tables by phoneme.
    #[arg(long)]
    phonemes: bool,
}

/// Prints distances on random tokens, and on tokens at a pitch between those heard, for
/// each singer.
pub fn run(args: &Arguments) -> Result<()> {
    let sung = VoiceModel::load(&args.voice, &burn::tensor::Device::flex())?;
    let mut voice = sung.unsharpened();
    if args.alignment {
        return evaluate_alignment::evaluate(&voice, &args.corpora);
    }
    let asked = sung_as(&mut voice, &args.sung_as)?;
    let corpora = open_corpora(&args.corpora)?;
    if !asked.is_empty() {
        return compare(&voice, &corpora, &asked);
    }
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
        if let (Some(song), Some(out)) = (&args.song, &args.listen) {
            evaluate_song::evaluate(&voice, &corpora, singer, song, &out.join(name))?;
            continue;
        }
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
                answer!("{name}, {kind}")?;
                evaluate_rival::evaluate(rival, &voice, &held_out, &training, args.listen.as_deref())?;
                continue;
            }
            let seen = evaluate(&voice, &held_out, &training)?;
            answer!("{name}, {kind} ({} tokens)\n{seen}", held_out.len())?;
            let [made, recorded] = spreads_as_heard(&sung, &held_out)?;
            answer!(
                "variance as it is heard, sung and analysed anew:\n  {made}\n  recorded frames: {recorded}"
            )?;
            if args.phonemes {
                answer!("{}", seen.by_phoneme())?;
            }
        }
    }
    Ok(())
}

/// The singers that were asked for, by index; those in files are added to the voice.
fn sung_as(voice: &mut VoiceModel, names: &[String]) -> Result<Vec<usize>> {
    let trained = voice.config.singers.len();
    let mut singers = Vec::new();
    for name in names {
        let path = Path::new(name);
        if name == "everybody" {
            singers.extend(0..trained);
        } else if path.extension().is_some_and(|extension| extension == SINGER_EXTENSION) {
            let mut singer = read_singer(path)?;
            // Several clones of one person are told apart by their files.
            singer.name = name.clone();
            singers.push(voice.add_singer(singer)?);
        } else {
            let known = voice.config.singers.iter().position(|singer| singer.name == *name);
            singers.push(known.with_context(|| format!("the voice knows no singer \"{name}\""))?);
        }
    }
    Ok(singers)
}

/// Prints how far each singer is from what somebody else recorded.
fn compare(voice: &VoiceModel, corpora: &Corpora, singers: &[usize]) -> Result<()> {
    let tokens: Vec<usize> = corpora.split.random.iter().chain(&corpora.split.between).copied().collect();
    answer!("{} tokens{:32} {:>8} {:>12} {:>12}", tokens.len(), "", "MCD dB", "consonants", "voicing %")?;
    for &singer in singers {
        let example = |&i: &usize| Example { token: &corpora.tokens[i], singer, condition: 0, weight: 1.0 };
        let held_out: Vec<Example> = tokens.iter().map(example).collect();
        let seen = evaluate(voice, &held_out, &[])?.network;
        let name = &voice.config.singers[singer].name;
        answer!(
            "{name:40} {:8.2} {:12.2} {:12.2}",
            seen.distortion(),
            seen.in_consonants(),
            seen.voicing_error()
        )?;
    }
    Ok(())
}
