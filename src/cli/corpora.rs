//! The corpora that training and evaluation are told to use.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;

use crate::corpus::{AnalysedToken, Voicebank, analyse_corpus};

/// Which corpora, and where their frames are kept.
#[derive(Args, Debug)]
pub struct CorpusArgs {
    /// Folder of a UTAU voicebank; may be given several times.
    #[arg(long, required = true)]
    pub voicebank: Vec<PathBuf>,
    /// Folder that analysed frames are kept in between runs.
    #[arg(long, default_value = "runs/frames")]
    pub cache: PathBuf,
}

/// The analysed tokens of several corpora, one after the other.
pub struct Corpora {
    pub tokens: Vec<AnalysedToken>,
    /// Index of the corpus, which is the index of the singer, of each token.
    pub singer_of: Vec<usize>,
    pub names: Vec<String>,
}

/// Opens and analyses corpora, telling on stderr what was kept and what was not, and why.
pub fn open_corpora(args: &CorpusArgs) -> Result<Corpora> {
    let mut corpora = Corpora { tokens: Vec::new(), singer_of: Vec::new(), names: Vec::new() };
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
        corpora.singer_of.extend(std::iter::repeat_n(index, tokens.len()));
        corpora.tokens.extend(tokens);
        corpora.names.push(bank.name);
    }
    Ok(corpora)
}
