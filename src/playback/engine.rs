//! The transport and the mix, as a pure function from orders to samples.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use rtrb::{Consumer, Producer};

use super::limiter::Limiter;
use super::rate::RateConverter;
use super::timeline::{MixFrame, sound};
use super::{RATE, Timeline};
use ziyin_signal::Room;

/// Lanes that have a meter.
pub const METERS: usize = 64;
/// Frames of a fade: 11.6 ms. Whatever would make the sound jump fades over instead.
const FADE: f32 = 512.0;
/// Frames in which a key dies away that is let go of: 0.15 s.
const KEY_TAIL: f32 = 6615.0;
/// Frames that are mixed at once.
const BLOCK: usize = 64;
/// Sounds that can fade out at once.
const FADING: usize = 6;
/// A shorter loop than this, in frames, is none.
const SHORTEST_LOOP: u64 = 2 * FADE as u64;
/// Frames after which a converter that was fed silence gives silence.
const SETTLED: u32 = 128;

/// What the engine is asked for.
pub enum Order {
    /// Plays this mix from now on, faded over from the one before.
    Timeline(Arc<Timeline>),
    /// Plays from here on, after so many clicks that are so many frames apart.
    Play {
        count_in: u32,
        beat: u64,
    },
    Pause,
    /// Goes to a frame of the song. The ticket is told back, see [`State::sought`].
    Seek {
        frame: u64,
        ticket: u32,
    },
    /// Plays these frames over and over.
    Loop(Option<Range<u64>>),
    /// Sounds a tone of so many Hz, or ends it.
    Sound(Option<f32>),
    /// Plays this from its beginning beside the song, or lets what is played so die away.
    Key(Option<Arc<Timeline>>),
}

/// What the engine tells everybody, without waiting for anybody.
pub struct State {
    /// The frame of the song that is made next.
    pub position: AtomicU64,
    /// The frame from which it plays without a leap.
    pub since: AtomicU64,
    /// Frames of the house from when a frame is mixed until it is heard.
    pub latency: AtomicU32,
    /// The ticket of the last [`Order::Seek`] that was obeyed.
    pub sought: AtomicU32,
    /// Loudest sample of each lane since it was last asked for, as bits of an `f32`.
    lanes: [AtomicU32; METERS],
    /// The same of the mix, left and right, as it is before anything keeps it below full
    /// scale.
    master: [AtomicU32; 2],
    /// The least gain of the limiter since it was last asked for, as bits of an `f32`.
    limited: AtomicU32,
    /// Buffers that were filled, and errors that the device told since the last one.
    pub buffers: AtomicU32,
    pub errors: AtomicU32,
    /// Times that the device ran out of samples.
    pub underruns: AtomicU32,
    /// Whether nothing sounds or is about to.
    pub silent: AtomicBool,
    /// Whether the device is gone.
    pub lost: AtomicBool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            position: AtomicU64::new(0),
            since: AtomicU64::new(0),
            latency: AtomicU32::new(0),
            sought: AtomicU32::new(0),
            lanes: [const { AtomicU32::new(0) }; METERS],
            master: [const { AtomicU32::new(0) }; 2],
            limited: AtomicU32::new(1f32.to_bits()),
            buffers: AtomicU32::new(0),
            errors: AtomicU32::new(0),
            underruns: AtomicU32::new(0),
            silent: AtomicBool::new(true),
            lost: AtomicBool::new(false),
        }
    }
}

impl State {
    /// The loudest sample of a lane since the last call.
    pub fn lane_peak(&self, lane: usize) -> f32 {
        self.lanes.get(lane).map_or(0.0, |meter| f32::from_bits(meter.swap(0, Relaxed)))
    }

    /// The least gain that the limiter gave the mix since the last call: 1 where it was
    /// never too loud.
    pub fn limiter_gain(&self) -> f32 {
        f32::from_bits(self.limited.swap(1f32.to_bits(), Relaxed))
    }

    /// The loudest samples of the mix since the last call, above 1 where it is too loud for
    /// the device and the limiter turns it down.
    pub fn master_peak(&self) -> [f32; 2] {
        [0, 1].map(|side| f32::from_bits(self.master[side].swap(0, Relaxed)))
    }
}

fn raise(meter: &AtomicU32, peak: f32) {
    // Bits of positive floats are in the order of the floats.
    meter.fetch_max(peak.to_bits(), Relaxed);
}

/// A tone that swells and dies away.
#[derive(Default)]
struct Tone {
    /// Turns per frame.
    pitch: f32,
    phase: f32,
    level: f32,
    held: bool,
}

impl Tone {
    fn next(&mut self) -> f32 {
        let goal = if self.held { 0.2 } else { 0.0 };
        self.level += (goal - self.level) * if self.held { 0.004 } else { 0.0012 };
        if self.level < 1e-5 && !self.held {
            self.level = 0.0;
            return 0.0;
        }
        self.phase = (self.phase + self.pitch).fract();
        let turn = self.phase * std::f32::consts::TAU;
        self.level * (turn.sin() + 0.4 * (2.0 * turn).sin() + 0.15 * (3.0 * turn).sin())
    }

    fn is_silent(&self) -> bool {
        !self.held && self.level == 0.0
    }
}

/// A click that is sounding, or about to.
#[derive(Default)]
struct Click {
    wait: u32,
    age: u32,
    pitch: f32,
    level: f32,
}

impl Click {
    /// Strikes after so many frames.
    fn strike(&mut self, accent: bool, wait: u32) {
        let (pitch, level) = if accent { (1760.0, 0.35) } else { (1175.0, 0.22) };
        *self = Click { wait, age: 0, pitch, level };
    }

    fn next(&mut self) -> f32 {
        if self.wait > 0 {
            self.wait -= 1;
            return 0.0;
        }
        if self.level < 1e-4 {
            self.level = 0.0;
            return 0.0;
        }
        let turn = std::f32::consts::TAU * self.pitch * self.age as f32 / RATE as f32;
        self.age += 1;
        self.level *= 0.9985;
        self.level * turn.sin()
    }
}

/// A place in a mix from which it sounds.
struct Head {
    timeline: Arc<Timeline>,
    frame: u64,
    /// How loud it is: between 0 and 1 in fades.
    level: f32,
    /// Frames of its fades.
    fade: f32,
    /// Whether the meters of the lanes show it.
    metered: bool,
}

impl Head {
    fn new(timeline: Arc<Timeline>, frame: u64) -> Self {
        Self { timeline, frame, level: 0.0, fade: FADE, metered: true }
    }

    /// Adds its next frames to `out`, on the way to a level of `goal`.
    fn mix(&mut self, out: &mut [MixFrame], goal: f32, state: &State) {
        let from = self.level;
        let step = out.len() as f32 / self.fade;
        self.level = from + (goal - from).clamp(-step, step);
        self.timeline.mix(self.frame, out, [from, self.level], |lane, peak| {
            if let Some(meter) = state.lanes.get(lane).filter(|_| self.metered) {
                raise(meter, peak);
            }
        });
        self.frame += out.len() as u64;
    }
}

/// Plays timelines. There is one head that plays; whenever it must leap (to another place,
/// to another mix, to silence) its old self stays behind and fades out, while the new one
/// fades in.
pub struct Engine {
    orders: Consumer<Order>,
    /// Takes away timelines, for others to drop.
    retired: Producer<Arc<Timeline>>,
    state: Arc<State>,
    head: Head,
    fading: [Option<Head>; FADING],
    /// What the voices are sent into; it sounds on when they stop.
    room: Room,
    limiter: Limiter,
    converter: RateConverter,
    /// Silent frames that the converter was fed last.
    settled: u32,
    block: [[f32; 2]; BLOCK],
    /// The next frame of the block.
    at: usize,
    playing: bool,
    looped: Option<Range<u64>>,
    /// Beats that are counted before the song goes on, their frames, and frames of this one.
    count_in: (u32, u64, u64),
    tone: Tone,
    /// The key that is held and sung.
    key: Option<Head>,
    click: Click,
}

impl Engine {
    /// An engine for a device of `rate` frames a second. `retired` must hold as many
    /// timelines as `orders` holds orders.
    pub fn new(
        rate: u32,
        orders: Consumer<Order>,
        retired: Producer<Arc<Timeline>>,
        state: Arc<State>,
    ) -> Self {
        Self {
            orders,
            retired,
            head: Head::new(Arc::default(), state.position.load(Relaxed)),
            state,
            fading: [const { None }; FADING],
            room: Room::new(0.0),
            limiter: Limiter::default(),
            converter: RateConverter::new(rate),
            settled: 0,
            block: [[0.0; 2]; BLOCK],
            at: BLOCK,
            playing: false,
            looped: None,
            count_in: (0, 0, 0),
            tone: Tone::default(),
            key: None,
            click: Click::default(),
        }
    }

    /// Fills `out`, frames of `channels` samples each.
    pub fn process(&mut self, out: &mut [f32], channels: usize) {
        if self.at == BLOCK && self.settled >= SETTLED {
            self.obey();
            if self.is_silent() {
                self.state.silent.store(true, Relaxed);
                out.fill(0.0);
                return;
            }
        }
        self.state.silent.store(false, Relaxed);
        for frame in out.chunks_mut(channels.max(1)) {
            while self.converter.is_hungry() {
                let next = self.next();
                self.settled = if next == [0.0; 2] { self.settled.saturating_add(1) } else { 0 };
                self.converter.feed(next);
            }
            let [left, right] = self.converter.frame();
            match frame {
                [mono] => *mono = 0.5 * (left + right),
                [l, r, rest @ ..] => {
                    (*l, *r) = (left, right);
                    rest.fill(0.0);
                }
                [] => {}
            }
        }
    }

    fn is_silent(&self) -> bool {
        !self.playing
            && self.fading.iter().all(Option::is_none)
            && self.tone.is_silent()
            && self.key.as_ref().is_none_or(|key| key.frame >= key.timeline.end())
            && self.click.level == 0.0
            && self.room.is_silent()
            && self.limiter.is_silent()
    }

    fn obey(&mut self) {
        // Without room to fade out, or to give an old timeline back, a new order waits.
        while self.fading.iter().filter(|place| place.is_none()).count() > 1
            && self.retired.slots() > FADING + 1
            && let Ok(order) = self.orders.pop()
        {
            match order {
                Order::Timeline(timeline) => {
                    self.leap(Some(timeline), self.head.frame);
                }
                Order::Play { count_in, beat } => {
                    if !self.playing {
                        self.state.since.store(self.head.frame, Relaxed);
                        self.playing = true;
                        self.count_in = (count_in, beat, 0);
                    }
                }
                Order::Pause => {
                    if self.playing {
                        self.leap(None, self.head.frame);
                        self.playing = false;
                        self.count_in = (0, 0, 0);
                    }
                }
                Order::Seek { frame, ticket } => {
                    self.leap(None, frame);
                    self.state.since.store(frame, Relaxed);
                    self.tell();
                    self.state.sought.store(ticket, Relaxed);
                }
                Order::Loop(range) => {
                    self.looped = range.filter(|range| range.end >= range.start + SHORTEST_LOOP);
                }
                Order::Sound(Some(hz)) => {
                    self.tone.pitch = hz / RATE as f32;
                    self.tone.held = true;
                }
                Order::Sound(None) => self.tone.held = false,
                Order::Key(sung) => {
                    if let Some(old) = self.key.take() {
                        self.let_go(Head { fade: KEY_TAIL, ..old });
                    }
                    self.key = sung.map(|timeline| Head { metered: false, ..Head::new(timeline, 0) });
                }
            }
        }
    }

    /// Puts the head elsewhere. What it played fades out; gives its place there.
    fn leap(&mut self, timeline: Option<Arc<Timeline>>, frame: u64) -> Option<usize> {
        let timeline = timeline.unwrap_or_else(|| self.head.timeline.clone());
        let old = std::mem::replace(&mut self.head, Head::new(timeline, frame));
        let place = self.fading.iter().position(Option::is_none).filter(|_| old.level > 0.0);
        match place {
            Some(place) => self.fading[place] = Some(old),
            None => self.retire(old),
        }
        place
    }

    /// Lets a head fade out.
    fn let_go(&mut self, head: Head) {
        match self.fading.iter().position(Option::is_none).filter(|_| head.level > 0.0) {
            Some(place) => self.fading[place] = Some(head),
            None => self.retire(head),
        }
    }

    fn retire(&mut self, head: Head) {
        if Arc::ptr_eq(&head.timeline, &self.head.timeline) {
            // The head holds it as well: nothing is freed here.
            return;
        }
        if let Err(rtrb::PushError::Full(timeline)) = self.retired.push(head.timeline) {
            // There is room: orders are not taken without it. To forget a timeline is still
            // better than to free it here.
            std::mem::forget(timeline);
        }
    }

    /// The next frame of the mix at 44.1 kHz.
    fn next(&mut self) -> [f32; 2] {
        if self.at == BLOCK {
            self.obey();
            self.mix();
            self.at = 0;
        }
        self.at += 1;
        self.block[self.at - 1]
    }

    fn mix(&mut self) {
        let mut mixed = [[0.0; 4]; BLOCK];
        for place in 0..FADING {
            if let Some(head) = &mut self.fading[place] {
                head.mix(&mut mixed, 0.0, &self.state);
                if head.level <= 0.0
                    && let Some(head) = self.fading[place].take()
                {
                    self.retire(head);
                }
            }
        }
        if let Some(key) = &mut self.key {
            key.mix(&mut mixed, 1.0, &self.state);
        }
        if self.playing {
            if self.count_in.0 > 0 { self.count() } else { self.play(&mut mixed) }
        }
        self.room.set_seconds(self.head.timeline.room_s);
        sound(&mut mixed, &mut self.room);
        let mut block = mixed.map(|[left, right, ..]| [left, right]);
        for frame in &mut block {
            let extra = self.tone.next() + self.click.next();
            frame[0] += extra;
            frame[1] += extra;
        }
        for side in 0..2 {
            let peak = block.iter().fold(0.0f32, |peak, frame| peak.max(frame[side].abs()));
            raise(&self.state.master[side], peak);
        }
        for frame in &mut block {
            *frame = self.limiter.next(*frame);
        }
        self.state.limited.fetch_min(self.limiter.take_least().to_bits(), Relaxed);
        self.block = block;
        self.tell();
    }

    fn tell(&self) {
        self.state.position.store(self.head.frame, Relaxed);
    }

    fn count(&mut self) {
        let (beats, length, done) = self.count_in;
        if done == 0 {
            self.click.strike(false, 0);
        }
        let done = done + BLOCK as u64;
        self.count_in =
            if done >= length { (beats - 1, length, done - length) } else { (beats, length, done) };
        if self.count_in.0 > 0 && self.count_in.2 > 0 && done >= length {
            self.click.strike(false, 0);
        }
    }

    /// Plays the next frames, around the end of a loop if it is in there.
    fn play(&mut self, mut out: &mut [MixFrame]) {
        while !out.is_empty() {
            let mut count = out.len();
            let ahead = self.looped.as_ref().and_then(|range| range.end.checked_sub(self.head.frame));
            if let Some(ahead) = ahead {
                count = count.min(ahead as usize);
            }
            let (part, rest) = out.split_at_mut(count);
            if let Some(beat) =
                self.head.timeline.beats.between(self.head.frame, self.head.frame + count as u64)
            {
                let wait = BLOCK - part.len() - rest.len() + (beat.frame - self.head.frame) as usize;
                self.click.strike(beat.accent, wait as u32);
            }
            if !part.is_empty() {
                self.head.mix(part, 1.0, &self.state);
            }
            if let Some(start) = self.looped.as_ref().filter(|range| range.end == self.head.frame) {
                let start = start.start;
                if let Some(place) = self.leap(None, start)
                    && let Some(old) = &mut self.fading[place]
                {
                    old.mix(rest, 0.0, &self.state);
                }
                self.state.since.store(start, Relaxed);
            }
            out = rest;
        }
    }
}
