//! Dynamic time warping with pauses: the cheapest way of a recording along what was sung.

use super::sound::{CEPSTRA, Cepstrum, Sound};
use super::sung::{SungPart, SungTranscript};
use ziyin_lyrics::Phoneme;

/// What a frame costs that stays where the one before was, or passes over one.
const STAY: f32 = 0.12;
const PASS_OVER: f32 = 0.12;
/// What a pause within a transcript costs.
const PAUSE: f32 = 5.0;
/// What wrong voicing costs, and a neper of level, up to [`LEVEL_AT_MOST`].
const VOICING: f32 = 0.6;
const LEVEL: f32 = 0.35;
const LEVEL_AT_MOST: f32 = 2.0;
/// What silence costs where it is silent, and for each neper above that.
const SILENCE: f32 = 0.6;
const LOUDER: f32 = 1.5;
/// Nepers above the quietest frames that are still silence.
const STILL_SILENT: f32 = 0.9;
/// Nepers from the loud vowels between which silence ends, however quiet the recording is.
const SILENT: [f32; 2] = [-4.0, -1.5];
/// Most frames by states that are searched.
const LARGEST: usize = 200_000_000;

/// How a speaker differs from the voice.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    /// What is added to what the voice sings, for each sound.
    pub offset: Vec<Cepstrum>,
    /// How far each coefficient strays.
    pub spread: Cepstrum,
}

impl Speaker {
    /// One whose every sound differs alike.
    pub fn new(offset: Cepstrum, spread: Cepstrum) -> Self {
        Self { offset: vec![offset; 256], spread }
    }

    fn distance(&self, heard: &Cepstrum, sung: &Cepstrum, sound: Phoneme) -> f32 {
        let offset = &self.offset[sound.id()];
        let sum: f32 =
            (0..CEPSTRA).map(|k| ((heard[k] - sung[k] - offset[k]) / self.spread[k]).powi(2)).sum();
        (sum / CEPSTRA as f32).sqrt()
    }
}

/// Where a character lies: frames of the recording.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub onset: usize,
    pub vowel: usize,
    pub nucleus_end: usize,
    pub end: usize,
    /// Whether it is silent before and after.
    pub pauses: [bool; 2],
    /// Mean cost of its frames.
    pub cost: f32,
}

/// Where every character lies, which state (character, frame) each frame of the recording
/// has, and the mean cost of a frame.
pub(super) struct Path {
    pub ways: Vec<Way>,
    pub places: Vec<Option<(usize, usize)>>,
    pub cost: f32,
}

/// A state of the search: a sung frame, or silence before or after one.
#[derive(Clone, Copy)]
enum State {
    Pause,
    Frame { character: usize, frame: usize },
}

/// Lays a recording along what was sung; `heard` is what [`SungTranscript::heard_as`] gave. `held` is
/// what a frame costs by which a vowel is longer or shorter than all would be if they were
/// alike. `None` where there is more sung than heard, or too much of both.
pub(super) fn walk(
    sound: &Sound,
    sung: &SungTranscript,
    heard: &[Vec<(Cepstrum, f32)>],
    speaker: &Speaker,
    held: f32,
) -> Option<Path> {
    let mut states = vec![State::Pause];
    for (character, frames) in sung.characters.iter().enumerate() {
        states.extend((0..frames.len()).map(|frame| State::Frame { character, frame }));
        states.push(State::Pause);
    }
    let (count, times) = (states.len(), sound.level.len());
    if times == 0 || count.checked_mul(times)? > LARGEST {
        return None;
    }
    let stay: Vec<f32> = states
        .iter()
        .map(|state| match state {
            State::Pause => 0.0,
            State::Frame { character, frame } if sung.characters[*character][*frame].held => held,
            State::Frame { .. } => STAY,
        })
        .collect();
    let is_pause = |s: usize| matches!(states[s], State::Pause);
    let silent = (sound.quiet + STILL_SILENT).clamp(SILENT[0], SILENT[1]);
    let local = |s: usize, t: usize| match states[s] {
        State::Pause => {
            let voiced = if sound.voiced[t] { VOICING } else { 0.0 };
            SILENCE + LOUDER * (sound.level[t] - silent).max(0.0) + voiced
        }
        State::Frame { character, frame } => {
            let told = &sung.characters[character][frame];
            let (cepstrum, level) = &heard[character][frame];
            let voiced = if sound.voiced[t] { 1.0 } else { 0.0 };
            speaker.distance(&sound.cepstra[t], cepstrum, told.sound)
                + VOICING * (voiced - told.voiced).abs()
                + LEVEL * (sound.level[t] - level).abs().min(LEVEL_AT_MOST)
        }
    };
    // Ways into a state: how many states back, and what it costs. Where a pause lies between,
    // it may be left out; a pause within costs something.
    let ways_in = |s: usize| -> [(usize, f32); 4] {
        let none = (usize::MAX, 0.0);
        let inner = s + 1 < count && s > 0;
        let mut ways = [(0, stay[s]), none, none, none];
        if s >= 1 {
            ways[1] = (1, if is_pause(s) && inner { PAUSE } else { 0.0 });
        }
        if s >= 2 {
            let over_pause = is_pause(s - 1);
            ways[2] = (2, if over_pause { 0.0 } else { PASS_OVER.min(stay[s - 1]) });
            if is_pause(s) {
                ways[2] = none;
            } else if s >= 3 && (over_pause || is_pause(s - 2)) {
                // One sung frame and the pause beside it.
                ways[3] = (3, PASS_OVER);
            }
        }
        ways
    };
    let every_way: Vec<[(usize, f32); 4]> = (0..count).map(ways_in).collect();
    let mut cost = vec![f32::INFINITY; count];
    cost[0] = local(0, 0);
    cost[1] = local(1, 0);
    let mut back = vec![0u8; count * times];
    let mut next = cost.clone();
    for t in 1..times {
        for s in 0..count {
            let mut best = (f32::INFINITY, 0u8);
            for &(from, charge) in &every_way[s] {
                if from != usize::MAX && cost[s - from] + charge < best.0 {
                    best = (cost[s - from] + charge, from as u8);
                }
            }
            // No state can be reached sooner than two a frame.
            next[s] = if best.0.is_finite() { best.0 + local(s, t) } else { f32::INFINITY };
            back[t * count + s] = best.1;
        }
        std::mem::swap(&mut cost, &mut next);
    }
    let last = (count - 2..count).min_by(|&a, &b| cost[a].total_cmp(&cost[b]))?;
    if !cost[last].is_finite() {
        return None;
    }
    let total = cost[last];
    let mut at = vec![0usize; times];
    let mut s = last;
    for t in (0..times).rev() {
        at[t] = s;
        s -= usize::from(back[t * count + s]);
    }
    let places: Vec<Option<(usize, usize)>> = at
        .iter()
        .map(|&s| match states[s] {
            State::Pause => None,
            State::Frame { character, frame } => Some((character, frame)),
        })
        .collect();
    let ways = (0..sung.characters.len())
        .map(|character| {
            let of_it = |t: &usize| places[*t].is_some_and(|(c, _)| c == character);
            let first = (0..times).find(of_it)?;
            let end = (first..times).take_while(of_it).last()? + 1;
            let reaches = |parts: &[SungPart]| {
                let part = |t: usize| places[t].map(|(c, f)| sung.characters[c][f].part);
                (first..end).find(|&t| part(t).is_some_and(|p| parts.contains(&p))).unwrap_or(end)
            };
            let mean = (first..end).map(|t| local(at[t], t)).sum::<f32>() / (end - first) as f32;
            Some(Way {
                onset: first,
                vowel: reaches(&[SungPart::Nucleus, SungPart::Coda]),
                nucleus_end: reaches(&[SungPart::Coda]),
                end,
                pauses: [
                    first == 0 || places[first - 1].is_none(),
                    places.get(end).is_none_or(Option::is_none),
                ],
                cost: mean,
            })
        })
        .collect::<Option<_>>()?;
    Some(Path { ways, places, cost: total / times as f32 })
}
