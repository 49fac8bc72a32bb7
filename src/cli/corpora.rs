//! The corpora that training and evaluation are told to use.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use atomic_write_file::AtomicWriteFile;
use burn::tensor::Device;
use clap::Args;
use indicatif::ProgressBar;

use super::output::tell;
use ziyin_corpus::{
    AnalysedToken, Content, Corpus, Manner, Token, analyse_tokens, open_corpus, settle_folder_pitches,
};
use ziyin_listening::alignment::{Spoken, align};
use ziyin_lyrics::Language;
use ziyin_model::VoiceModel;
use ziyin_model::installed::{cloning_voice, models_folder};
use ziyin_signal::note_name;
use ziyin_training::{Split, split_tokens};

/// Counts up when alignment changes, so that no stale places are read.
const ALIGNMENT_VERSION: u32 = 1;

/// Which corpora, and where their frames are kept.
#[derive(Args, Debug)]
pub struct CorpusArgs {
    /// Folder of a corpus, of any kind that Ziyin knows: a UTAU voicebank, a folder of
    /// syllables, a speech corpus. May be given any number of times.
    #[arg(long, required = true, value_name = "FOLDER", alias = "voicebank")]
    pub corpus: Vec<PathBuf>,
    /// Name and credits of the singer of each corpus, in their order: `NAME: CREDITS`.
    /// Corpora with the same name are one singer; in a corpus of several singers the name
    /// stands before that of each, and `: CREDITS` leaves them their own.
    #[arg(long)]
    pub singer: Vec<String>,
    /// The recording condition of each corpus, in their order. The voice sings with the
    /// first: name the cleanest first.
    #[arg(long)]
    pub condition: Vec<String>,
    /// How often an epoch shows each token of each corpus, in their order: 2 twice, 0.5
    /// every other time. 1 where none is given.
    #[arg(long)]
    pub weight: Vec<f32>,
    /// Folder that analysed frames are kept in between runs.
    #[arg(long, default_value = "runs/frames")]
    pub cache: PathBuf,
    /// Folder of the voice by which recordings with a transcript alone are aligned; else the
    /// first that singers can be cloned with.
    #[arg(long, value_name = "VOICE")]
    pub align_with: Option<PathBuf>,
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
    /// How often an epoch shows each token.
    pub weight_of: Vec<f32>,
    pub singers: Vec<Singer>,
    pub conditions: Vec<String>,
    /// Each singer of a corpus is split alone, so that what is kept back does not depend
    /// on what else is there.
    pub split: Split,
    /// The recordings with all that is known to be in them.
    pub strings: Vec<RecordedString>,
}

/// What is sung in one recording, in order.
pub struct RecordedString {
    pub tokens: Vec<Token>,
    pub singer: usize,
    pub condition: usize,
}

/// What there is of one singer of a corpus, before it is analysed.
struct SingerClips {
    singer: String,
    languages: Vec<Language>,
    tokens: Vec<Token>,
    /// Recordings of which only the text is known.
    spoken: Vec<Spoken>,
    /// Which alignment the tokens are from, if any: frames are cached beside it.
    aligned: Option<String>,
}

/// Opens and analyses corpora, telling on stderr what was kept and what was not, and why.
///
/// # Errors
/// If a folder holds no corpus that is known, or one that does not say where a single
/// character lies.
pub fn open_corpora(args: &CorpusArgs) -> Result<Corpora> {
    for (name, given) in
        [("singer", args.singer.len()), ("condition", args.condition.len()), ("weight", args.weight.len())]
    {
        let corpora = args.corpus.len();
        ensure!(given <= corpora, "there are more --{name} than corpora: {given} for {corpora}");
    }
    if let Some(weight) = args.weight.iter().find(|&&weight| !(weight > 0.0 && weight.is_finite())) {
        bail!("--weight {weight}: a corpus that is never shown need not be given");
    }
    let mut corpora = Corpora::default();
    for (index, folder) in args.corpus.iter().enumerate() {
        let corpus = open_corpus(folder, &args.cache.join("unpacked"))?;
        let given = args.singer.get(index).map(String::as_str);
        let frames = args.cache.join(folder.file_name().unwrap_or_default());
        let mut parts = parts(corpus.as_ref(), given);
        for part in &mut parts {
            part.align(args.align_with.as_deref(), &frames)?;
        }
        parts.retain(|part| !part.tokens.is_empty());
        if parts.is_empty() {
            bail!(
                "{}: {} tells neither what is heard nor where each character lies, so nothing can be learned from it",
                folder.display(),
                corpus.name()
            );
        }
        for (reason, count) in corpus.left_out() {
            tell!("{}: {count} {reason}", corpus.name());
        }
        let condition = args.condition.get(index).map_or(corpus.name(), String::as_str);
        let weight = args.weight.get(index).copied().unwrap_or(1.0);
        let credits =
            args.singer.get(index).and_then(|given| given.split_once(':')).map_or("", |(_, c)| c.trim());
        for mut part in parts {
            for folder in settle_folder_pitches(&mut part.tokens) {
                let (said, heard) = (note_name(folder.said), note_name(folder.heard));
                tell!("{}: sung at {heard}, though labelled {said}", folder.folder.display());
            }
            let singer = corpora.singer(&part.singer, credits, &part.languages);
            for tokens in part.tokens.chunk_by(|a, b| a.wav == b.wav) {
                let condition = corpora.condition(condition, tokens[0].manner);
                corpora.strings.push(RecordedString { tokens: tokens.to_vec(), singer, condition });
            }
            let tokens = analyse(part, folder, &frames)?;
            corpora.add(tokens, singer, condition, weight);
        }
    }
    ensure!(!corpora.tokens.is_empty(), "no character of these corpora can be learned from");
    Ok(corpora)
}

/// What is sung in each recording of the corpora that say where it lies, by singer. Nothing
/// is analysed.
///
/// # Errors
/// If a folder holds no corpus that is known.
pub fn open_strings(args: &CorpusArgs) -> Result<Vec<(String, Vec<Vec<Token>>)>> {
    let mut all = Vec::new();
    for (index, folder) in args.corpus.iter().enumerate() {
        let corpus = open_corpus(folder, &args.cache.join("unpacked"))?;
        for mut part in parts(corpus.as_ref(), args.singer.get(index).map(String::as_str)) {
            settle_folder_pitches(&mut part.tokens);
            let strings = part.tokens.chunk_by(|a, b| a.wav == b.wav).map(<[Token]>::to_vec).collect();
            all.push((part.singer, strings));
        }
    }
    Ok(all)
}

/// Every singer of a corpus, under the name that it gets in the voice.
fn parts(corpus: &dyn Corpus, given: Option<&str>) -> Vec<SingerClips> {
    let given = given.map(|given| given.split_once(':').map_or(given, |(name, _)| name).trim());
    let singers = corpus.singers();
    let alone = singers.len() == 1;
    let mut parts: Vec<SingerClips> = singers
        .into_iter()
        .map(|singer| SingerClips {
            singer: match given {
                Some(name) if alone => name.to_string(),
                None if alone => singer,
                name => format!("{} {singer}", name.unwrap_or(corpus.name())).trim().to_string(),
            },
            languages: Vec::new(),
            tokens: Vec::new(),
            spoken: Vec::new(),
            aligned: None,
        })
        .collect();
    for clip in corpus.clips() {
        let Some(part) = parts.get_mut(clip.singer) else { continue };
        match clip.content {
            Content::Tokens(tokens) => part.tokens.extend(tokens),
            Content::Text { syllables, .. } => part.spoken.push(Spoken { audio: clip.audio, syllables }),
            Content::Voice => continue,
        }
        if !part.languages.contains(&clip.language) {
            part.languages.push(clip.language);
        }
    }
    parts
}

impl SingerClips {
    /// Finds where the characters of the recordings with a text lie. `frames` is where frames
    /// of the corpus are kept; what was aligned before is read from there.
    fn align(&mut self, voice: Option<&Path>, frames: &Path) -> Result<()> {
        if self.spoken.is_empty() {
            return Ok(());
        }
        let folder = match voice {
            Some(folder) => folder.to_path_buf(),
            // It has heard most: speech of other languages and voices goes along with it best.
            None => cloning_voice(&models_folder(None)?)?,
        };
        let voice = VoiceModel::load(&folder, &Device::flex())?;
        let mut key = std::hash::DefaultHasher::new();
        (ALIGNMENT_VERSION, voice.fingerprint).hash(&mut key);
        for clip in &self.spoken {
            (&clip.audio, &clip.syllables).hash(&mut key);
        }
        let aligned = format!("aligned-{:016x}", key.finish());
        let kept = frames.join(&aligned).join("tokens.json");
        let known = std::fs::read(&kept).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let (tokens, refused) = match known {
            Some(known) => known,
            None => {
                let bar = ProgressBar::new(self.spoken.len() as u64);
                let found = align(&voice, &self.spoken, &|| bar.inc(1))?;
                bar.finish_and_clear();
                let mut tokens: Vec<Token> = Vec::new();
                let mut refused: BTreeMap<String, usize> = BTreeMap::new();
                for character in found.into_iter().flatten() {
                    match character {
                        Ok(token) => tokens.push(token),
                        Err(misfit) => *refused.entry(misfit.to_string()).or_default() += 1,
                    }
                }
                std::fs::create_dir_all(frames.join(&aligned))
                    .with_context(|| format!("cannot create {}", frames.display()))?;
                let write = || -> Result<()> {
                    let mut file = AtomicWriteFile::open(&kept)?;
                    file.write_all(&serde_json::to_vec(&(&tokens, &refused))?)?;
                    Ok(file.commit()?)
                };
                write().with_context(|| format!("cannot write {}", kept.display()))?;
                (tokens, refused)
            }
        };
        tell!("{}: {} recordings aligned by {}", self.singer, self.spoken.len(), voice.config.name);
        for (reason, count) in refused {
            tell!("  {count} left out: {reason}");
        }
        self.tokens.extend(tokens);
        self.aligned = Some(aligned);
        Ok(())
    }
}

fn analyse(part: SingerClips, folder: &Path, frames: &Path) -> Result<Vec<AnalysedToken>> {
    let bar = ProgressBar::new(0);
    let cache = part.aligned.map_or(frames.to_path_buf(), |aligned| frames.join(aligned));
    let (tokens, census) = analyse_tokens(part.tokens, &cache, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .with_context(|| format!("cannot analyse {}", folder.display()))?;
    bar.finish_and_clear();
    tell!("{}: {} tokens kept", part.singer, census.kept);
    for (reason, count) in census.rejected {
        tell!("  {count} left out: {reason}");
    }
    Ok(tokens)
}

impl Corpora {
    fn add(&mut self, tokens: Vec<AnalysedToken>, singer: usize, condition: &str, weight: f32) {
        let split = split_tokens(&tokens);
        let first = self.tokens.len();
        let from = |places: Vec<usize>| places.into_iter().map(move |i| first + i);
        self.split.training.extend(from(split.training));
        self.split.random.extend(from(split.random));
        self.split.between.extend(from(split.between));
        for token in &tokens {
            let condition = self.condition(condition, token.manner);
            self.condition_of.push(condition);
        }
        self.singer_of.extend(std::iter::repeat_n(singer, tokens.len()));
        self.weight_of.extend(std::iter::repeat_n(weight, tokens.len()));
        self.tokens.extend(tokens);
    }

    fn singer(&mut self, name: &str, credits: &str, sung: &[Language]) -> usize {
        let known = self.singers.iter().position(|singer| singer.name == name);
        let index = known.unwrap_or_else(|| {
            let (name, credits) = (name.to_string(), credits.to_string());
            self.singers.push(Singer { name, credits, languages: Vec::new() });
            self.singers.len() - 1
        });
        let languages = &mut self.singers[index].languages;
        for language in sung {
            if !languages.contains(language) {
                languages.push(*language);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn args(folders: &[&Path], cache: &Path) -> CorpusArgs {
        CorpusArgs {
            corpus: folders.iter().map(|folder| folder.to_path_buf()).collect(),
            singer: Vec::new(),
            condition: Vec::new(),
            weight: Vec::new(),
            cache: cache.to_path_buf(),
            align_with: None,
        }
    }

    /// A second of a sawtooth of 220 Hz between two stretches of hiss.
    fn hum(path: &Path, hz: f32) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 44_100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        let mut noise = 1u32;
        for i in 0..66_150 {
            let seconds = i as f32 / 44_100.0;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = (noise >> 16) as f32 / 65_536.0 - 0.5;
            let voice = if (0.3..1.2).contains(&seconds) { (seconds * hz).fract() - 0.5 } else { 0.0 };
            writer.write_sample((voice * 12_000.0 + hiss * 4.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn corpora_of_several_kinds_are_mixed_by_weight() {
        let root = tempfile::tempdir().unwrap();
        let syllables = root.path().join("Yue Tan");
        hum(&syllables.join("a1.wav"), 220.0);
        hum(&syllables.join("あ.wav"), 220.0);
        let bank = root.path().join("bank");
        hum(&bank.join("_A3/a.wav"), 220.0);
        std::fs::write(bank.join("_A3/oto.ini"), "a.wav=- a,250,200,-900,50,10\n").unwrap();
        let mut args = args(&[&syllables, &bank], &root.path().join("cache"));
        args.weight = vec![0.5];
        args.singer = vec!["Tan: CC BY-SA".into()];
        let corpora = open_corpora(&args).unwrap();
        let singers: Vec<_> = corpora
            .singers
            .iter()
            .map(|s| (s.name.as_str(), s.credits.as_str(), s.languages.as_slice()))
            .collect();
        let both = [Language::Mandarin, Language::Japanese];
        assert_eq!(singers, [("Tan", "CC BY-SA", &both[..]), ("bank", "", &both[..1])]);
        assert_eq!(corpora.singer_of, [0, 0, 1]);
        assert_eq!(corpora.weight_of, [0.5, 0.5, 1.0]);
        assert_eq!(corpora.conditions, ["Yue Tan", "bank"]);
        args.weight = vec![0.0];
        assert!(open_corpora(&args).err().unwrap().to_string().contains("--weight 0"));
    }

    #[test]
    fn a_folder_labelled_with_another_pitch_gets_that_which_it_is_sung_at() {
        let root = tempfile::tempdir().unwrap();
        let bank = root.path().join("bank");
        for name in ["a", "o", "e"] {
            hum(&bank.join(format!("_D5/{name}.wav")), 440.0);
            hum(&bank.join(format!("_A3/{name}.wav")), 220.0);
        }
        let oto: Vec<String> =
            ["a", "o", "e"].iter().map(|n| format!("{n}.wav=- {n},250,200,-900,50,10\n")).collect();
        std::fs::write(bank.join("_D5/oto.ini"), oto.concat()).unwrap();
        std::fs::write(bank.join("_A3/oto.ini"), oto.concat()).unwrap();
        let args = args(&[&bank], &root.path().join("cache"));
        for _ in 0..2 {
            let mut keys: Vec<u8> = open_corpora(&args).unwrap().tokens.iter().map(|t| t.key).collect();
            keys.sort_unstable();
            assert_eq!(keys, [57, 57, 57, 69, 69, 69]);
        }
    }
}
