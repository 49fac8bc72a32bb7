//! A singer who is mixed of two or three others: what tells the networks who sings lies in one space for
//! all singers of a voice, so that between two of them lies a third.

use std::path::Path;
use ziyin_message::{Message, ToMessage, message};

use burn::tensor::Device;

use super::cloned_singer::{Adapter, ClonedSinger, Consent, Share, SingerCard};
use super::installed::{InstalledError, readable_voices};
use super::voice::{SingerConfig, VoiceConfig, VoiceError, VoiceModel, generator_print};

/// How many are mixed at least and at most.
pub const MIXED: std::ops::RangeInclusive<usize> = 2..=3;

/// Why singers cannot be mixed.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum MixtureError {
    /// There are not two or three of them, one is there twice, or a share is nothing.
    Shares,
    /// No voice that is installed holds them all.
    Apart,
    #[error(transparent)]
    Installed(#[from] InstalledError),
    #[error(transparent)]
    Voice(#[from] VoiceError),
}

impl ToMessage for MixtureError {
    fn to_message(&self) -> Message {
        match self {
            Self::Shares => message!("mixture.shares"),
            Self::Apart => message!("mixture.apart"),
            Self::Installed(inner) => inner.to_message(),
            Self::Voice(inner) => inner.to_message(),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Installed(inner) => inner.cause(),
            _ => None,
        }
    }
}

/// Somebody who is mixed into another.
struct Part {
    weight: f32,
    vector: Vec<f32>,
    adapter: Option<Adapter>,
    like: String,
    languages: Vec<String>,
    range: [u8; 2],
    credits: String,
    /// In what words the person whose voice it is agreed, if they were cloned.
    consent: Option<String>,
    seconds: f32,
    sharpness: f32,
    brightness: f32,
}

/// Mixes singers of the folder of voices `models` and of those who are `cloned`, in these shares, for the
/// first voice that holds them all. Shares need not add to 1; those of the mixture do.
///
/// # Errors
/// See [`MixtureError`].
pub fn mix(
    name: &str,
    shares: &[Share],
    models: &Path,
    cloned: &[ClonedSinger],
) -> Result<ClonedSinger, MixtureError> {
    let shares = even(shares).ok_or(MixtureError::Shares)?;
    let read = |folder: &Path| VoiceModel::read_config(folder).map_err(MixtureError::from);
    for (folder, config) in readable_voices(models, read)? {
        let print = generator_print(&folder)?;
        let clone = |name: &str| {
            cloned.iter().find(|clone| {
                clone.name.eq_ignore_ascii_case(name)
                    && clone.voice == config.name
                    && clone.generator == print
            })
        };
        if !shares.iter().all(|share| config.has_singer(&share.name) || clone(&share.name).is_some()) {
            continue;
        }
        // A few numbers are taken from it: no GPU is woken for them.
        let voice = VoiceModel::load(&folder, &Device::flex())?;
        let vectors = voice.trained_singers()?;
        let mut parts = Vec::with_capacity(shares.len());
        for share in &shares {
            let trained = config.singers.iter().zip(&vectors);
            let mut trained = trained.filter(|(singer, _)| singer.name.eq_ignore_ascii_case(&share.name));
            match (trained.next(), clone(&share.name)) {
                (Some((singer, vector)), _) => parts.push(part_of_trained(share.weight, singer, vector)),
                (None, Some(clone)) => parts.push(part_of_clone(share.weight, clone, &config)),
                (None, None) => return Err(MixtureError::Apart),
            }
        }
        let mut singer = blend(name, &parts);
        (singer.voice, singer.generator) = (config.name, print);
        singer.mixed = shares;
        return Ok(singer);
    }
    Err(MixtureError::Apart)
}

/// The shares so that they add to 1; `None` if nobody can be mixed in them.
fn even(shares: &[Share]) -> Option<Vec<Share>> {
    let sum: f32 = shares.iter().map(|share| share.weight).sum();
    let twice = |i: usize| shares[..i].iter().any(|other| other.name.eq_ignore_ascii_case(&shares[i].name));
    let good = MIXED.contains(&shares.len())
        && sum.is_finite()
        && shares.iter().all(|share| share.weight > 0.0)
        && !(0..shares.len()).any(twice);
    let even = |share: &Share| Share { name: share.name.clone(), weight: share.weight / sum };
    good.then(|| shares.iter().map(even).collect())
}

fn part_of_trained(weight: f32, singer: &SingerConfig, vector: &[f32]) -> Part {
    Part {
        weight,
        vector: vector.to_vec(),
        adapter: None,
        like: singer.name.clone(),
        languages: singer.languages.clone(),
        range: singer.range,
        credits: singer.credits.clone(),
        consent: None,
        seconds: 0.0,
        sharpness: singer.sharpness,
        brightness: singer.brightness,
    }
}

fn part_of_clone(weight: f32, clone: &ClonedSinger, config: &VoiceConfig) -> Part {
    let like = config.singers.iter().find(|singer| singer.name == clone.like).or(config.singers.first());
    Part {
        weight,
        vector: clone.vector.clone(),
        adapter: clone.adapter.clone(),
        like: clone.like.clone(),
        languages: clone.languages.clone(),
        range: clone.range,
        credits: clone.credits.clone(),
        consent: Some(format!("{}: {}", clone.name, clone.consent.text)),
        seconds: clone.seconds,
        sharpness: clone.sharpness.or(like.map(|singer| singer.sharpness)).unwrap_or_default(),
        brightness: clone.brightness.unwrap_or_default(),
    }
}

/// The singer of some parts, at least one; for which voice is still to be said.
fn blend(name: &str, parts: &[Part]) -> ClonedSinger {
    let mean = |of: &dyn Fn(&Part) -> f32| parts.iter().map(|part| part.weight * of(part)).sum::<f32>();
    let heaviest = parts.iter().reduce(|most, part| if part.weight > most.weight { part } else { most });
    let mut credits: Vec<&str> = Vec::new();
    for part in parts {
        if !part.credits.trim().is_empty() && !credits.contains(&part.credits.as_str()) {
            credits.push(&part.credits);
        }
    }
    let consents: Vec<&str> = parts.iter().filter_map(|part| part.consent.as_deref()).collect();
    let consent = match consents.is_empty() {
        true => "All of whom it is mixed came with Ziyin.".to_string(),
        false => consents.join(" "),
    };
    let card =
        SingerCard { name: name.into(), credits: credits.join("; "), consent: Consent::today(consent) };
    let mut singer = ClonedSinger::new(card, sum(parts, &|part| &part.vector));
    if let Some(heaviest) = heaviest {
        singer.like.clone_from(&heaviest.like);
        // What one of them was not taught is sung worse than by the others.
        let known = |language: &&String| parts.iter().all(|part| part.languages.contains(language));
        singer.languages = heaviest.languages.iter().filter(known).cloned().collect();
        if singer.languages.is_empty() {
            singer.languages.clone_from(&heaviest.languages);
        }
    }
    singer.range = [0, 1].map(|end| mean(&|part| f32::from(part.range[end])).round() as u8);
    singer.seconds = parts.iter().map(|part| part.seconds).sum();
    singer.sharpness = Some(mean(&|part| part.sharpness));
    singer.brightness = Some(mean(&|part| part.brightness)).filter(|brightness| *brightness != 0.0);
    if parts.iter().any(|part| part.adapter.is_some()) {
        const NOTHING: &[f32] = &[];
        let of = |field: fn(&Adapter) -> &Vec<f32>| {
            sum(parts, &|part| part.adapter.as_ref().map_or(NOTHING, |adapter| field(adapter)))
        };
        singer.adapter = Some(Adapter {
            told: of(|adapter| &adapter.told),
            envelope: of(|adapter| &adapter.envelope),
            source: of(|adapter| &adapter.source),
            layers: of(|adapter| &adapter.layers),
        });
    }
    singer
}

/// The sum of what parts have by their weights; one that has fewer numbers has 0 for the rest.
fn sum<'a>(parts: &'a [Part], of: &dyn Fn(&'a Part) -> &'a [f32]) -> Vec<f32> {
    let mut sum = vec![0.0; parts.iter().map(|part| of(part).len()).max().unwrap_or(0)];
    for part in parts {
        sum.iter_mut().zip(of(part)).for_each(|(sum, number)| *sum += part.weight * number);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(weight: f32, vector: [f32; 2], languages: &[&str], range: [u8; 2]) -> Part {
        Part {
            weight,
            vector: vector.to_vec(),
            adapter: None,
            like: format!("{weight}"),
            languages: languages.iter().map(|language| language.to_string()).collect(),
            range,
            credits: "the same".into(),
            consent: None,
            seconds: 0.0,
            sharpness: 4.0 * weight,
            brightness: 2.0,
        }
    }

    #[test]
    fn a_mixture_lies_between_those_whom_it_is_mixed_of() {
        let mut third = part(0.25, [4.0, -4.0], &["japanese", "mandarin"], [40, 60]);
        (third.consent, third.seconds) = (Some("Nina: I agree.".into()), 20.0);
        third.adapter =
            Some(Adapter { told: vec![4.0], envelope: vec![8.0], source: vec![-4.0], layers: Vec::new() });
        let parts = [
            part(0.5, [1.0, 2.0], &["mandarin", "japanese", "english"], [52, 72]),
            part(0.25, [0.0, 0.0], &["mandarin", "japanese"], [52, 72]),
            third,
        ];
        let singer = blend("Three", &parts);
        assert_eq!((singer.vector, singer.range), (vec![1.5, 0.0], [49, 69]));
        assert_eq!((singer.languages.join(" "), singer.like.as_str()), ("mandarin japanese".into(), "0.5"));
        assert_eq!((singer.credits.as_str(), singer.seconds), ("the same", 20.0));
        assert_eq!((singer.consent.text.as_str(), singer.sharpness), ("Nina: I agree.", Some(1.5)));
        assert_eq!(singer.brightness, Some(2.0));
        let adapter = singer.adapter.unwrap();
        assert_eq!((adapter.told, adapter.envelope, adapter.layers.len()), (vec![1.0], vec![2.0], 0));
    }

    #[test]
    fn shares_add_to_one_or_are_refused() {
        let shares = |all: &[(&str, f32)]| -> Vec<Share> {
            all.iter().map(|&(name, weight)| Share { name: name.into(), weight }).collect()
        };
        let even =
            |all: &[(&str, f32)]| Some(even(&shares(all))?.iter().map(|s| s.weight).collect::<Vec<_>>());
        assert_eq!(even(&[("A", 30.0), ("B", 10.0)]), Some(vec![0.75, 0.25]));
        for none in [
            &[("A", 1.0)][..],
            &[("A", 1.0), ("a", 1.0)],
            &[("A", 1.0), ("B", 0.0)],
            &[("A", 1.0), ("B", f32::NAN)],
            &[("A", 1.0), ("B", f32::INFINITY)],
            &[("A", 1.0), ("B", 1.0), ("C", 1.0), ("D", 1.0)],
        ] {
            assert_eq!(even(none), None, "{none:?}");
        }
    }
}
