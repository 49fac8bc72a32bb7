//! The corpora that training and evaluation are told to use.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;

use crate::corpus::{AnalysedToken, Manner, Voicebank, analyse_corpus};
use crate::lyrics::Language;
use crate::training::{Split, split_tokens};

/// Which corpora, and where their frames are kept.
#[derive(Args, Debug)]
pub struct CorpusArgs {
    /// Folder of a UTAU voicebank; may be given several times.
    #[arg(long, required = true)]
    pub voicebank: Vec<PathBuf>,
    /// Name and credits of the singer of each voicebank, in their order: `NAME: CREDITS`.
    /// Banks with the same name are one singer.
    #[arg(long)]
    pub singer: Vec<String>,
    /// The recording condition of each voicebank, in their order. The voice sings with
    /// the first: name the cleanest first.
    #[arg(long)]
    pub condition: Vec<String>,
    /// Folder that analysed frames are kept in between runs.
    #[arg(long, default_value = "runs/frames")]
    pub cache: PathBuf,
}

/// Somebody who is heard in the corpora.
pub struct Singer {
    pub name: String,
    pub credits: String,
    pub languages: Vec<Language>,
}

/// The analysed tokens of several corpora, one after the other.
#[derive(Default)]
pub struct Corpora {
    pub tokens: Vec<AnalysedToken>,
    /// Index of the singer of each token.
    pub singer_of: Vec<usize>,
    /// Index of the condition of each token: how it was recorded, and in which manner it
    /// was sung.
    pub condition_of: Vec<usize>,
    pub singers: Vec<Singer>,
    pub conditions: Vec<String>,
    /// Each corpus is split by itself, so that what is kept back does not depend on the
    /// others.
    pub split: Split,
}

/// Opens and analyses corpora, telling on stderr what was kept and what was not, and why.
pub fn open_corpora(args: &CorpusArgs) -> Result<Corpora> {
    let mut corpora = Corpora::default();
    for (index, folder) in args.voicebank.iter().enumerate() {
        let bank = Voicebank::open(folder)?;
        let bar = ProgressBar::new(0);
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (tokens, census) = analyse_corpus(&bank, &args.cache.join(name), &|done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })
        .with_context(|| format!("cannot analyse {}", folder.display()))?;
        bar.finish_and_clear();
        eprintln!("{}: {} tokens kept", bank.name, census.kept);
        for (reason, count) in census.rejected {
            eprintln!("  {count} left out: {reason}");
        }
        let given = args.singer.get(index).unwrap_or(&bank.name);
        let (name, credits) = given.split_once(':').unwrap_or((given, ""));
        let singer = corpora.singer(name.trim(), credits.trim(), bank.language);
        let condition = args.condition.get(index).unwrap_or(&bank.name);
        let split = split_tokens(&tokens);
        let first = corpora.tokens.len();
        let from = |places: Vec<usize>| places.into_iter().map(move |i| first + i);
        corpora.split.training.extend(from(split.training));
        corpora.split.random.extend(from(split.random));
        corpora.split.between.extend(from(split.between));
        for token in &tokens {
            let condition = corpora.condition(condition, token.manner);
            corpora.condition_of.push(condition);
        }
        corpora.singer_of.extend(std::iter::repeat_n(singer, tokens.len()));
        corpora.tokens.extend(tokens);
    }
    Ok(corpora)
}

impl Corpora {
    fn singer(&mut self, name: &str, credits: &str, language: Language) -> usize {
        let known = self.singers.iter().position(|singer| singer.name == name);
        let index = known.unwrap_or_else(|| {
            let (name, credits) = (name.to_string(), credits.to_string());
            self.singers.push(Singer { name, credits, languages: Vec::new() });
            self.singers.len() - 1
        });
        let languages = &mut self.singers[index].languages;
        if !languages.contains(&language) {
            languages.push(language);
        }
        index
    }

    fn condition(&mut self, recorded: &str, manner: Manner) -> usize {
        let name = match manner {
            Manner::Plain => recorded.to_string(),
            Manner::Soft => format!("{recorded}, soft"),
            Manner::Strong => format!("{recorded}, strong"),
            Manner::Whisper => format!("{recorded}, whisper"),
        };
        self.conditions.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.conditions.push(name);
            self.conditions.len() - 1
        })
    }
}
