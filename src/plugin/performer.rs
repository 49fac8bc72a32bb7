//! The audio thread: follows the transport of the host, and reads what is sung.

use std::ops::Range;
use std::sync::Arc;

use rtrb::{Consumer, Producer};

use super::faders::Faders;
use super::performance::{OUTPUTS, Performance};
use super::shared::Shared;
use super::sighting::{Sighting, Watch};
use super::turning::{TurnWatch, Turned, Way};
use ziyin_playback::{Kernel, RATE, WINDOW};
use ziyin_session::played::Key;
use ziyin_signal::Room;

/// Seconds of a fade: whatever would make the sound jump fades over instead.
const FADE: f64 = 0.0116;
/// Frames that are mixed at once.
const CHUNK: usize = 64;
/// Sounds that can fade out at once.
const FADING: usize = 6;
/// Frames by which a host may round its position without having leapt.
const ROUNDING: u64 = 2;
/// Beyond this nothing is sung; it keeps the arithmetic of places from running over.
const FURTHEST: i64 = 1 << 42;
/// The slowest and the fastest that a host may run, in frames a second.
const RATES: Range<u32> = 8_000..768_001;

/// Where the host is at the first frame of what it asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transport {
    pub playing: bool,
    /// Frames of the host since the start of its song; negative before it.
    pub frame: i64,
    /// Whether the host records what is played.
    pub recording: bool,
    /// Where that is in the host's beats, if it tells.
    pub seen: Option<Sighting>,
}

/// The ends of the rings that the audio thread has.
pub struct Rings {
    pub performances: Consumer<Arc<Performance>>,
    /// Takes performances away, to be freed elsewhere.
    pub retired: Producer<Arc<Performance>>,
    pub sightings: Producer<Sighting>,
    pub turns: Producer<Turned>,
    pub keys: Producer<Key>,
}

/// A place in a performance from which it sounds.
struct Head {
    performance: Arc<Performance>,
    frame: i64,
    /// How loud it is: between 0 and 1 in fades.
    level: f32,
}

/// Turns performances into sound at the rate of the host.
pub struct Performer {
    shared: Arc<Shared>,
    performances: Consumer<Arc<Performance>>,
    retired: Producer<Arc<Performance>>,
    watch: Watch,
    turns: TurnWatch,
    keys: Producer<Key>,
    newest: Arc<Performance>,
    /// What plays; none while the host stands.
    head: Option<Head>,
    fading: [Option<Head>; FADING],
    /// The frame that comes next if the host does not leap.
    expected: Option<i64>,
    voice: Voicing,
    faders: Faders,
    /// What voices are sent into; it sounds on when the host leaps or stops. It is all that remembers what was
    /// played.
    room: Room,
    mix: [Vec<f32>; 2],
    outputs: Vec<[Vec<f32>; 2]>,
}

impl Performer {
    /// For a host of `rate` frames a second that asks for `most` at once.
    pub fn new(shared: Arc<Shared>, rings: Rings, newest: Arc<Performance>, rate: f64, most: usize) -> Self {
        let rate = (rate.round() as u32).clamp(RATES.start, RATES.end - 1);
        let buffers = || [vec![0.0; most], vec![0.0; most]];
        let voice = Voicing::new(rate);
        Self {
            shared,
            performances: rings.performances,
            retired: rings.retired,
            watch: Watch::new(rings.sightings),
            turns: TurnWatch::new(rings.turns),
            keys: rings.keys,
            newest,
            head: None,
            fading: [const { None }; FADING],
            expected: None,
            faders: Faders::new(voice.fade),
            room: Room::at_rate(0.0, rate),
            voice,
            mix: buffers(),
            outputs: (0..OUTPUTS).map(|_| buffers()).collect(),
        }
    }

    /// The most frames that can be asked for at once.
    pub fn most(&self) -> usize {
        self.mix[0].len()
    }

    /// Left and right of the mix, as they were made last.
    pub fn mix(&self) -> [&[f32]; 2] {
        self.mix.each_ref().map(Vec::as_slice)
    }

    /// Left and right of one of the [`OUTPUTS`].
    pub fn output(&self, place: usize) -> Option<[&[f32]; 2]> {
        Some(self.outputs.get(place)?.each_ref().map(Vec::as_slice))
    }

    /// Frames that the room sounds on for when nothing is sung any more.
    pub fn tail(&self) -> u32 {
        self.newest.tail(self.voice.rate as f64)
    }

    /// Forgets what sounds.
    pub fn reset(&mut self) {
        self.expected = None;
        self.room.fall_silent();
        if let Some(head) = self.head.take() {
            self.retire(head.performance);
        }
        for place in 0..FADING {
            if let Some(head) = self.fading[place].take() {
                self.retire(head.performance);
            }
        }
    }

    /// Makes the frames of a range of the buffer, of which the transport tells the first.
    pub fn process(&mut self, transport: Transport, range: Range<usize>) {
        let range = range.start.min(self.most())..range.end.min(self.most());
        let transport = Transport { frame: transport.frame.clamp(-FURTHEST, FURTHEST), ..transport };
        let count = range.len() as i64;
        for side in self.mix.iter_mut().chain(self.outputs.iter_mut().flatten()) {
            side[range.clone()].fill(0.0);
        }
        if transport.seen.is_some_and(|seen| self.watch.look(seen)) {
            self.shared.sightings.tell();
        }
        self.look_at_turns(transport);
        let silent = self.head.is_none() && self.fading.iter().all(Option::is_none);
        self.follow(transport);
        self.take_newest(transport, count);
        self.faders.follow(&self.shared.strips, self.newest.tracks, self.shared.is_bypassed());
        if silent {
            self.faders.jump();
        }
        if silent && self.room.is_silent() {
            self.faders.jump_whole();
        }
        self.room.set_seconds(self.newest.room_s);
        let mut at = range.start;
        while at < range.end {
            let chunk = at..range.end.min(at + CHUNK);
            self.sound(chunk.clone());
            at = chunk.end;
        }
        if transport.playing {
            self.shared.tell_reached(self.voice.place(transport.frame + count).0.max(0) as u64);
        }
        self.expected = transport.playing.then_some(transport.frame + count);
        let tail = self.fading.iter().any(Option::is_some);
        self.shared.tell_place(self.voice.samples(transport.frame, count).start, transport.playing || tail);
    }

    /// Takes a key that is pressed or let go of where the transport says, for what is recorded.
    pub fn key(&mut self, transport: Transport, key: u8, pressed: bool) {
        let recorded = transport.recording || self.shared.records_what_plays();
        if transport.playing && (recorded || !pressed) {
            let frame = transport.frame.clamp(0, FURTHEST);
            let sample = self.voice.place(frame).0.max(0) as u64;
            self.shared.tell_place(sample, true);
            // A thousand keys at once nobody plays.
            let _ = self.keys.push(Key { sample, key, pressed });
        }
    }

    /// Whether the host goes on from where it was.
    fn goes_on(&self, transport: Transport) -> bool {
        transport.playing && self.expected.is_some_and(|next| next.abs_diff(transport.frame) <= ROUNDING)
    }

    /// Tells of what is turned.
    fn look_at_turns(&mut self, transport: Transport) {
        let way = match (transport.playing, self.goes_on(transport)) {
            (false, _) => Way::Stands,
            (true, false) => Way::Leapt,
            (true, true) => Way::Played,
        };
        let sample = self.voice.place(transport.frame.max(0)).0.max(0) as u64;
        if self.turns.look(&self.shared.strips, sample, way, self.shared.turns_matter()) {
            self.shared.turns.tell();
        }
    }

    /// Begins, ends and leaps as the host does.
    fn follow(&mut self, transport: Transport) {
        if self.goes_on(transport) && self.head.is_some() {
            return;
        }
        if let Some(head) = self.head.take() {
            self.fade(head);
        }
        if transport.playing {
            // The beginning of a song is no leap into its midst.
            let level = if transport.frame <= 0 { 1.0 } else { 0.0 };
            let performance = self.newest.clone();
            self.head = Some(Head { performance, frame: transport.frame, level });
        }
    }

    /// Takes what was sung since, and in an offline render waits for what is needed.
    fn take_newest(&mut self, transport: Transport, count: i64) {
        while let Ok(newest) = self.performances.pop() {
            let old = std::mem::replace(&mut self.newest, newest);
            self.retire(old);
        }
        let offline = self.shared.is_offline();
        if offline && transport.playing && !self.shared.is_bypassed() {
            let needed = self.voice.samples(transport.frame, count);
            self.shared.tell_place(needed.start, true);
            let newest = self.shared.wait_for(&needed);
            if !Arc::ptr_eq(&newest, &self.newest) {
                let old = std::mem::replace(&mut self.newest, newest);
                self.retire(old);
            }
        }
        let Some(head) = &mut self.head else { return };
        if Arc::ptr_eq(&head.performance, &self.newest) {
            return;
        }
        let soon = self.voice.samples(head.frame, count + self.voice.fade as i64);
        let old = std::mem::replace(&mut head.performance, self.newest.clone());
        if offline || head.level == 0.0 || old.sounds_like(&self.newest, &soon) {
            self.retire(old);
        } else {
            let before = Head { performance: old, frame: head.frame, level: head.level };
            head.level = 0.0;
            self.fade(before);
        }
    }

    /// Lets a head fade out, in the place of the quietest where there is no room.
    fn fade(&mut self, head: Head) {
        let level = |place: &Option<Head>| place.as_ref().map_or(-1.0, |head| head.level);
        let quietest = (0..FADING).min_by(|&a, &b| level(&self.fading[a]).total_cmp(&level(&self.fading[b])));
        let old = self.fading[quietest.unwrap_or(0)].replace(head);
        if let Some(old) = old {
            self.retire(old.performance);
        }
    }

    fn retire(&mut self, performance: Arc<Performance>) {
        if let Err(rtrb::PushError::Full(performance)) = self.retired.push(performance) {
            // To forget it is still better than to free it here.
            std::mem::forget(performance);
        }
    }

    /// Adds what sounds in a chunk to the mix and to the outputs.
    fn sound(&mut self, chunk: Range<usize>) {
        let mut heard = Heard::default();
        self.faders.advance(chunk.len());
        if let Some(head) = &mut self.head {
            self.voice.add(head, 1.0, &self.faders, &chunk, &mut heard, &mut self.outputs);
        }
        for place in 0..FADING {
            let Some(head) = &mut self.fading[place] else { continue };
            self.voice.add(head, 0.0, &self.faders, &chunk, &mut heard, &mut self.outputs);
            if head.level <= 0.0
                && let Some(head) = self.fading[place].take()
            {
                self.retire(head.performance);
            }
        }
        let Heard { mut sum, sent } = heard;
        self.sound_room(&sent[..chunk.len()], &mut sum);
        for (side, out) in self.mix.iter_mut().enumerate() {
            for (sample, sum) in out[chunk.clone()].iter_mut().zip(&sum) {
                *sample = sum[side] as f32;
            }
        }
    }

    /// Adds what comes back from the room to the mix. While nothing does, all stays as it is, bit by bit.
    fn sound_room(&mut self, sent: &[[f32; 2]], sum: &mut [[f64; 2]; CHUNK]) {
        let [now, before] = self.faders.whole;
        let rise = (now - before) / sent.len().max(1) as f32;
        for (i, (&sent, sum)) in sent.iter().zip(sum).enumerate() {
            if sent == [0.0; 2] && self.room.is_silent() {
                continue;
            }
            let gain = before + rise * (i + 1) as f32;
            for (sum, back) in sum.iter_mut().zip(self.room.next(sent)) {
                *sum += f64::from(back * gain);
            }
        }
    }
}

/// What is made of a chunk.
struct Heard {
    /// The mix, left and right.
    sum: [[f64; 2]; CHUNK],
    /// What is sent into the room.
    sent: [[f32; 2]; CHUNK],
}

impl Default for Heard {
    fn default() -> Self {
        Self { sum: [[0.0; 2]; CHUNK], sent: [[0.0; 2]; CHUNK] }
    }
}

/// How samples of the song become frames of the host. It remembers nothing: each frame hangs on its place
/// alone, so that neither a seek nor the size of a buffer changes a bit.
struct Voicing {
    rate: i64,
    /// None where nothing has to be converted.
    kernel: Option<Kernel>,
    /// Frames of a fade.
    fade: f32,
    /// Samples of one voice around a chunk.
    source: Vec<f32>,
    /// Frames of one voice.
    frames: [f32; CHUNK],
}

impl Voicing {
    fn new(rate: u32) -> Self {
        let longest = CHUNK * RATE as usize / rate as usize + WINDOW + 2;
        Self {
            rate: rate.into(),
            kernel: (rate != RATE).then(|| Kernel::new(rate)),
            fade: (FADE * f64::from(rate)).round() as f32,
            source: vec![0.0; longest.max(CHUNK)],
            frames: [0.0; CHUNK],
        }
    }

    /// The sample of the song that a frame of the host lies at or after, and how far after.
    fn place(&self, frame: i64) -> (i64, f64) {
        let scaled = frame * i64::from(RATE);
        (scaled.div_euclid(self.rate), scaled.rem_euclid(self.rate) as f64 / self.rate as f64)
    }

    /// The samples of the song that so many frames are made of.
    fn samples(&self, frame: i64, count: i64) -> Range<u64> {
        let (first, last) = (self.place(frame).0, self.place(frame + count).0 + 1);
        let reach = if self.kernel.is_some() { WINDOW as i64 } else { 0 };
        let sample = |place: i64| place.max(0) as u64;
        sample(first - reach)..sample(last + reach)
    }

    /// Adds the next frames of a head on its way to the level `goal`.
    fn add(
        &mut self,
        head: &mut Head,
        goal: f32,
        faders: &Faders,
        chunk: &Range<usize>,
        heard: &mut Heard,
        outputs: &mut [[Vec<f32>; 2]],
    ) {
        let count = chunk.len();
        let (from, step) = (head.level, count as f32 / self.fade);
        head.level = from + (goal - from).clamp(-step, step);
        let rise = (head.level - from) / count as f32;
        for part in head.performance.parts.iter().filter(|part| part.gains != [0.0; 2]) {
            let (before, now) = (faders.before[part.strip], faders.now[part.strip]);
            let silent = before.volume == 0.0 && now.volume == 0.0;
            if silent || !self.voice(&part.clips, head.frame, count) {
                continue;
            }
            let gains = part.gains_with(before);
            let moves = if before == now {
                [0.0; 2]
            } else {
                let goal = part.gains_with(now);
                [0, 1].map(|side| (goal[side] - gains[side]) / count as f32)
            };
            let mut own = part.output.and_then(|place| outputs.get_mut(place));
            for (i, &sample) in self.frames[..count].iter().enumerate() {
                let level = from + rise * (i + 1) as f32;
                for side in 0..2 {
                    let gain = gains[side] + moves[side] * (i + 1) as f32;
                    let sample = sample * gain * level;
                    heard.sum[i][side] += f64::from(sample);
                    if part.room > 0.0 {
                        heard.sent[i][side] += sample * part.room;
                    }
                    if let Some(own) = &mut own {
                        own[side][chunk.start + i] += sample;
                    }
                }
            }
        }
        head.frame += count as i64;
    }

    /// Makes the frames of one voice; gives whether there is anything to be heard.
    fn voice(&mut self, clips: &ziyin_playback::Clips, frame: i64, count: usize) -> bool {
        let first = self.place(frame).0;
        let (before, length) = match &self.kernel {
            None => (0, count),
            Some(_) => {
                let last = self.place(frame + count as i64 - 1).0;
                (Kernel::BEFORE, (last - first) as usize + WINDOW)
            }
        };
        let start = first - before as i64;
        let Some(source) = self.source.get_mut(..length) else { return false };
        source.fill(0.0);
        // Nothing is sung before the song.
        let silent = usize::try_from(-start).unwrap_or(0);
        let Some(sung) = source.get_mut(silent..) else { return false };
        if !clips.add(start.max(0) as u64, sung) {
            return false;
        }
        let Some(kernel) = &self.kernel else {
            self.frames[..count].copy_from_slice(source);
            return true;
        };
        for i in 0..count {
            let scaled = (frame + i as i64) * i64::from(RATE);
            let at = (scaled.div_euclid(self.rate) - first) as usize;
            let place = scaled.rem_euclid(self.rate) as f64 / self.rate as f64;
            let weighed = source[at..at + WINDOW].iter().zip(kernel.weights(place));
            self.frames[i] = weighed.map(|(sample, weight)| sample * weight).sum();
        }
        true
    }
}
