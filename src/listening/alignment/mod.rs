//! Where each character of a transcript lies in its recording.
//!
//! A voice of ours sings the transcript, and the recording is laid along what it sang, frame
//! by frame, by mel-cepstrum, level and voicing (`path`). What the speaker is like is learned
//! on the way: first how all sounds differ from the voice's, then how each does. The
//! beginnings that this gives are within some hundredths of a second;
//! [`ziyin_corpus::find_landmarks`] then settles them in the sound, and refuses what does not
//! agree.

mod path;
mod sound;
mod sung;

use std::path::{Path as FilePath, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use path::{Path, Speaker, Way, walk};
use sound::{CEPSTRA, Cepstrum, HOP, Sound};
use sung::{SungTranscript, neighbours};
use ziyin_corpus::{Manner, Token, TokenPlace};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_model::VoiceModel;

/// A recording and what is said in it.
#[derive(Clone, Debug)]
pub struct Spoken {
    pub audio: PathBuf,
    pub syllables: Vec<Syllable>,
}

/// Why a character of a transcript was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Misfit {
    #[error("its recording is no WAV, or nothing in it has a pitch")]
    Unreadable,
    #[error("its recording is shorter than its transcript, or too long to align")]
    Length,
    #[error("what is heard does not sound like its transcript")]
    Unlike,
}

/// Clips by which it is chosen which singer the speaker is most like, and how long the vocal
/// tract is.
const TRIED: usize = 4;
/// Factors of the formants that are tried.
const WARPS: [f32; 7] = [0.78, 0.85, 0.92, 1.0, 1.09, 1.18, 1.28];
/// How evenly characters are taken to follow each other: at first much, while little is known
/// of the speaker, then less. After each round but the last it is learned how each sound
/// differs.
const EVEN: [f32; 5] = [0.5, 0.3, 0.15, 0.08, 0.08];
/// Frames of a sound until its own difference counts half.
const FEW: f32 = 60.0;
/// What costs this many times the speaker's median is not what the transcript says.
const UNLIKE: f32 = 1.5;
/// What is this many nepers below the loud vowels tells little.
const FAINT: f32 = -3.0;
/// People set a vowel this much after voicing begins, and so does
/// [`find_landmarks`](ziyin_corpus::find_landmarks) expect it before voiceless consonants.
const HAND_LAG: f64 = 0.018;

/// A clip between two rounds.
struct Clip {
    sound: Sound,
    sung: SungTranscript,
    heard: Vec<Vec<(Cepstrum, f32)>>,
    path: Option<Path>,
}

/// A part of a recording in memory and what is said in it.
pub(super) struct SpokenPart<'a> {
    /// At the rate of the house.
    pub samples: &'a [f32],
    /// Hz that it was recorded at.
    pub rate: u32,
    pub syllables: &'a [Syllable],
}

/// The characters of each clip in order.
type Found = Vec<Vec<Result<Token, Misfit>>>;

/// Finds the characters of recordings of one speaker: for each clip each character in order.
/// `progress` hears how many recordings were listened to.
///
/// # Errors
/// If the voice's device fails.
pub fn align(voice: &VoiceModel, clips: &[Spoken], progress: &(dyn Fn() + Sync)) -> Result<Found> {
    let sounds: Vec<Option<Sound>> = clips
        .par_iter()
        .map(|clip| {
            let sound = Sound::open(&clip.audio).ok();
            progress();
            sound
        })
        .collect();
    let texts: Vec<Text> =
        clips.iter().map(|clip| Text { audio: &clip.audio, syllables: &clip.syllables }).collect();
    let everybody: Vec<usize> = (0..voice.config.singers.len()).collect();
    Ok(lay(voice, &everybody, sounds, &texts, &mut |_| true)?.unwrap_or_default())
}

/// Finds the characters of parts of recordings of one speaker, who is taken to be like one of some
/// `singers` of the voice. The tokens name no file. `progress` hears which part is done, and gives
/// `false` to stop; `None` if it did.
///
/// # Errors
/// If the voice's device fails.
pub(super) fn align_parts(
    voice: &VoiceModel,
    singers: &[usize],
    parts: &[SpokenPart],
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Found>> {
    let sounds: Vec<Option<Sound>> =
        parts.par_iter().map(|part| Sound::of(part.samples.to_vec(), part.rate).ok()).collect();
    let texts: Vec<Text> =
        parts.iter().map(|part| Text { audio: FilePath::new(""), syllables: part.syllables }).collect();
    lay(voice, singers, sounds, &texts, progress)
}

/// What is said in a clip, and where it lies.
struct Text<'a> {
    audio: &'a FilePath,
    syllables: &'a [Syllable],
}

/// Lays sounds along their texts; `None` if `progress` gave `false`.
fn lay(
    voice: &VoiceModel,
    singers: &[usize],
    mut sounds: Vec<Option<Sound>>,
    clips: &[Text],
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Found>> {
    let known: Vec<usize> = (0..clips.len()).filter(|&i| sounds[i].is_some()).collect();
    let mut opened: Vec<Clip> = Vec::with_capacity(known.len());
    let tried = known.len().min(TRIED);
    let (mut done, of) = (0, singers.len() * tried + known.len() + EVEN.len());
    let mut go_on = || {
        done += 1;
        progress(done as f32 / of as f32)
    };

    // A clip as the voice would sing it, at the speaker's pitch and pace.
    let sing = |singer: usize, i: usize, sound: &Sound| {
        let syllables = clips[i].syllables;
        SungTranscript::new(
            voice,
            singer,
            sound.key,
            syllables,
            sound.sounding / syllables.len().max(1) as f32,
        )
    };

    // Which singer of the voice, and which length of the vocal tract, is nearest.
    let mut nearest = (f32::INFINITY, singers.first().copied().unwrap_or(0), 1.0);
    for &singer in singers {
        let mut sums = [0.0f32; WARPS.len()];
        for k in 0..tried {
            let i = known[k * known.len() / tried];
            let Some(sound) = &sounds[i] else { continue };
            let sung = sing(singer, i, sound)?;
            let costs: Vec<f32> = WARPS
                .par_iter()
                .map(|&warp| {
                    let heard = sung.heard_as(sound, warp);
                    let speaker = alike([(sound, &sung, heard.as_slice())].into_iter());
                    walk(sound, &sung, &heard, &speaker, EVEN[0]).map_or(9.0, |path| path.cost)
                })
                .collect();
            sums.iter_mut().zip(costs).for_each(|(sum, cost)| *sum += cost);
            if !go_on() {
                return Ok(None);
            }
        }
        for (warp, sum) in WARPS.into_iter().zip(sums) {
            if sum < nearest.0 {
                nearest = (sum, singer, warp);
            }
        }
    }
    let (_, singer, warp) = nearest;
    for &i in &known {
        let Some(sound) = sounds[i].take() else { continue };
        let sung = sing(singer, i, &sound)?;
        let heard = sung.heard_as(&sound, warp);
        opened.push(Clip { sound, sung, heard, path: None });
        if !go_on() {
            return Ok(None);
        }
    }
    let mut speaker = alike(opened.iter().map(|clip| (&clip.sound, &clip.sung, clip.heard.as_slice())));
    for (round, even) in EVEN.into_iter().enumerate() {
        opened.par_iter_mut().for_each(|clip| {
            clip.path = walk(&clip.sound, &clip.sung, &clip.heard, &speaker, even);
        });
        if round + 1 < EVEN.len() {
            speaker = learned(&opened, &speaker);
        }
        if !go_on() {
            return Ok(None);
        }
    }

    let mut costs: Vec<f32> =
        opened.iter().flat_map(|clip| &clip.path).flat_map(|path| &path.ways).map(|way| way.cost).collect();
    costs.sort_by(f32::total_cmp);
    let unlike = UNLIKE * costs.get(costs.len() / 2).copied().unwrap_or(f32::INFINITY);
    let mut found: Found =
        clips.iter().map(|clip| vec![Err(Misfit::Unreadable); clip.syllables.len()]).collect();
    for (&i, clip) in known.iter().zip(&opened) {
        found[i] = match &clip.path {
            None => vec![Err(Misfit::Length); clips[i].syllables.len()],
            Some(path) => tokens(&clips[i], &path.ways, unlike),
        };
    }
    Ok(Some(found))
}

/// The tokens of a clip, as a corpus would give them.
fn tokens(clip: &Text, ways: &[Way], unlike: f32) -> Vec<Result<Token, Misfit>> {
    // A frame looks as far back as ahead.
    let seconds = |frame: usize| (frame as f64 - 0.5) * HOP;
    let token = |(i, way): (usize, &Way)| {
        if way.cost > unlike {
            return Err(Misfit::Unlike);
        }
        let syllable = clip.syllables[i];
        let (mut previous, mut next) = neighbours(clip.syllables, i);
        if way.pauses[0] {
            previous = [Phoneme::Rest; 2];
        }
        if way.pauses[1] {
            next = [Phoneme::Rest; 2];
        }
        let lag = if syllable.initial.is_voiceless() { HAND_LAG } else { 0.0 };
        Ok(Token {
            wav: clip.audio.to_path_buf(),
            folder_pitch: None,
            syllable,
            previous,
            next,
            place: TokenPlace {
                start: Some(seconds(way.onset)),
                vowel: Some(seconds(way.vowel) + lag),
                nucleus_end: (!syllable.is_open()).then(|| seconds(way.nucleus_end)),
                end: Some(seconds(way.end)),
            },
            manner: Manner::Plain,
        })
    };
    ways.iter().enumerate().map(token).collect()
}

/// A speaker whose every sound differs alike: the mean of what is heard less that of what
/// was sung.
fn alike<'a>(
    clips: impl Iterator<Item = (&'a Sound, &'a SungTranscript, &'a [Vec<(Cepstrum, f32)>])>,
) -> Speaker {
    let (mut recorded, mut sung) = (Moments::default(), Moments::default());
    for (sound, template, heard) in clips {
        for (cepstrum, level) in sound.cepstra.iter().zip(&sound.level) {
            if *level > FAINT {
                recorded.add(cepstrum, 1.0);
            }
        }
        for (frames, told) in heard.iter().zip(&template.characters) {
            for ((cepstrum, level), told) in frames.iter().zip(told) {
                if *level > FAINT {
                    sung.add(cepstrum, if told.held { 2.0 } else { 1.0 });
                }
            }
        }
    }
    let (a, b) = (recorded.mean(), sung.mean());
    let mut offset = [0.0; CEPSTRA];
    (0..CEPSTRA).for_each(|k| offset[k] = a[k] - b[k]);
    Speaker::new(offset, recorded.spread().map(|s| (0.8 * s).max(1e-3)))
}

/// What the last round taught of a speaker.
fn learned(clips: &[Clip], before: &Speaker) -> Speaker {
    let mut all = Moments::default();
    let mut of_sound: Vec<Moments> = vec![Moments::default(); before.offset.len()];
    let mut differences = Vec::new();
    for clip in clips {
        let Some(path) = &clip.path else { continue };
        for (t, place) in path.places.iter().enumerate() {
            let Some((character, frame)) = *place else { continue };
            if clip.sound.level[t] < FAINT {
                continue;
            }
            let mut difference = clip.sound.cepstra[t];
            let (sung, _) = &clip.heard[character][frame];
            difference.iter_mut().zip(sung).for_each(|(d, s)| *d -= s);
            let sound = clip.sung.characters[character][frame].sound.id();
            all.add(&difference, 1.0);
            of_sound[sound].add(&difference, 1.0);
            differences.push((sound, difference));
        }
    }
    if all.weight == 0.0 {
        return before.clone();
    }
    let mean = all.mean();
    let offset: Vec<Cepstrum> = of_sound
        .iter()
        .map(|sound| {
            let share = sound.weight / (sound.weight + FEW);
            let own = sound.mean();
            let mut offset = mean;
            offset.iter_mut().zip(own).for_each(|(o, own)| *o += share * (own - *o));
            offset
        })
        .collect();
    let mut left = Moments::default();
    for (sound, mut difference) in differences {
        difference.iter_mut().zip(&offset[sound]).for_each(|(d, o)| *d -= o);
        left.add(&difference, 1.0);
    }
    Speaker { offset, spread: left.spread().map(|s| s.max(1e-3)) }
}

/// Mean and spread of cepstra.
#[derive(Clone, Default)]
struct Moments {
    weight: f32,
    sum: Cepstrum,
    squares: Cepstrum,
}

impl Moments {
    fn add(&mut self, cepstrum: &Cepstrum, weight: f32) {
        self.weight += weight;
        for (k, &c) in cepstrum.iter().enumerate() {
            self.sum[k] += weight * c;
            self.squares[k] += weight * c * c;
        }
    }

    fn mean(&self) -> Cepstrum {
        self.sum.map(|sum| sum / self.weight.max(1e-6))
    }

    fn spread(&self) -> Cepstrum {
        let mean = self.mean();
        let mut spread = self.squares.map(|s| s / self.weight.max(1e-6));
        spread.iter_mut().zip(mean).for_each(|(s, m)| *s = (*s - m * m).max(0.0).sqrt());
        spread
    }
}
