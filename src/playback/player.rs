//! The engine on a sound card, through cpal.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use ziyin_message::{Message, ToMessage, message};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};
use rtrb::{Consumer, Producer, RingBuffer};

use super::engine::{Engine, Order, State};
use super::{LOOK_AHEAD, RATE, Timeline};

/// Orders that may wait for the audio thread.
const ORDERS: usize = 256;
/// Errors in a row, without a buffer between them, after which a device is gone.
const MOST_ERRORS: u32 = 100;
/// How long a device that plays may fill no buffer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it may fill none before it counts as stalled.
const STALL: Duration = Duration::from_millis(800);
/// How often it is seen whether a device waits for nothing.
const LOOK: Duration = Duration::from_millis(250);

/// Which sound card, and how it is driven.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DeviceChoice {
    /// As [`device_names`] lists it; `None` for the one that the system uses.
    pub name: Option<String>,
    /// Frames that the device plays at once; `None` for what it prefers.
    pub buffer: Option<u32>,
}

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum PlaybackError {
    NoDevice,
    NoMicrophone,
    NotThere(String),
    Busy,
    Gone,
    NoSystem,
    Forbidden,
    Unfit,
    Refused(Message),
}

impl ToMessage for PlaybackError {
    fn to_message(&self) -> Message {
        match self {
            Self::NoDevice => message!("playback.no-device"),
            Self::NoMicrophone => message!("playback.no-microphone"),
            Self::NotThere(name) => message!("playback.not-there", name),
            Self::Busy => message!("playback.busy"),
            Self::Gone => message!("playback.gone"),
            Self::NoSystem => message!("playback.no-system"),
            Self::Forbidden => message!("playback.forbidden"),
            Self::Unfit => message!("playback.unfit"),
            Self::Refused(why) => message!("playback.refused", why),
        }
    }
}

impl From<cpal::Error> for PlaybackError {
    fn from(error: cpal::Error) -> Self {
        match error.kind() {
            ErrorKind::DeviceBusy => Self::Busy,
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated => Self::Gone,
            ErrorKind::HostUnavailable => Self::NoSystem,
            ErrorKind::PermissionDenied => Self::Forbidden,
            ErrorKind::UnsupportedConfig => Self::Unfit,
            _ => Self::Refused(Message::foreign(error)),
        }
    }
}

/// The names of the devices that can play.
pub fn device_names() -> Vec<String> {
    let devices = cpal::default_host().output_devices();
    devices.map(|devices| devices.filter_map(|device| name(&device)).collect()).unwrap_or_default()
}

fn name(device: &Device) -> Option<String> {
    device.description().ok().map(|description| description.name().to_string())
}

/// Plays timelines on a device.
pub struct Player {
    orders: Producer<Order>,
    retired: Consumer<Arc<Timeline>>,
    state: Arc<State>,
    device: String,
    rate: u32,
    /// Dropping the stream ends it. It is never paused: some devices then poll without end.
    _stream: cpal::Stream,
    /// Whether it was told to play, and where to; the audio thread obeys a little later.
    playing: bool,
    sought: (f64, u32),
    /// Since when nothing sounds.
    silent_since: Option<Instant>,
    /// Buffers that were filled when it was last looked after, and since when so many.
    filled: (u32, Instant),
}

impl Player {
    /// Opens a device; nothing plays yet. `lost` is called if it goes away.
    ///
    /// # Errors
    /// If there is no such device, or it refuses.
    pub fn open(choice: &DeviceChoice, lost: Arc<dyn Fn() + Send + Sync>) -> Result<Self, PlaybackError> {
        let host = cpal::default_host();
        let device = match &choice.name {
            None => host.default_output_device().ok_or(PlaybackError::NoDevice)?,
            Some(wanted) => {
                let mut devices = host.output_devices()?;
                let found = devices.find(|device| name(device).as_ref() == Some(wanted));
                found.ok_or_else(|| PlaybackError::NotThere(wanted.clone()))?
            }
        };
        let supported = device.default_output_config()?;
        let mut config: StreamConfig = supported.config();
        if let Some(frames) = choice.buffer {
            config.buffer_size = BufferSize::Fixed(frames);
        }
        let (orders, inbox) = RingBuffer::new(ORDERS);
        let (out, retired) = RingBuffer::new(ORDERS);
        let state = Arc::new(State::default());
        let rate = config.sample_rate;
        let engine = Engine::new(rate, inbox, out, state.clone());
        let stream = match supported.sample_format() {
            SampleFormat::F32 => build::<f32>(&device, config, engine, &state, lost),
            SampleFormat::I16 => build::<i16>(&device, config, engine, &state, lost),
            SampleFormat::I32 => build::<i32>(&device, config, engine, &state, lost),
            SampleFormat::U16 => build::<u16>(&device, config, engine, &state, lost),
            SampleFormat::U8 => build::<u8>(&device, config, engine, &state, lost),
            SampleFormat::F64 => build::<f64>(&device, config, engine, &state, lost),
            other => Err(PlaybackError::Refused(message!("sound-device.samples", other = other.to_string()))),
        }?;
        stream.play()?;
        let device = name(&device).unwrap_or_default();
        Ok(Self {
            orders,
            retired,
            state,
            device,
            rate,
            _stream: stream,
            playing: false,
            sought: (0.0, 0),
            silent_since: None,
            filled: (0, Instant::now()),
        })
    }

    /// The name of the device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Frames per second of the device.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Position, meters, under-runs.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether the device was unplugged.
    pub fn is_lost(&self) -> bool {
        self.state.lost.load(Relaxed)
    }

    /// Whether it plays and has filled no buffer for a while. Only as true as it was when it was
    /// last looked after.
    pub fn is_stalled(&self) -> bool {
        self.playing && self.filled.1.elapsed() > STALL
    }

    /// Plays this mix from now on, faded over from the one before.
    pub fn set_timeline(&mut self, timeline: Arc<Timeline>) {
        self.order(Order::Timeline(timeline));
    }

    /// Plays, after `count_in` clicks that are `beat` seconds apart.
    pub fn play(&mut self, count_in: u32, beat: f64) {
        self.playing = true;
        // Nobody may have looked after it since it last played.
        self.filled.1 = Instant::now();
        self.order(Order::Play { count_in, beat: (beat * f64::from(RATE)) as u64 });
    }

    pub fn pause(&mut self) {
        self.playing = false;
        self.order(Order::Pause);
    }

    /// Goes to a moment in seconds.
    pub fn seek(&mut self, seconds: f64) {
        self.sought = (seconds.max(0.0), self.sought.1.wrapping_add(1));
        self.order(Order::Seek { frame: frames(seconds), ticket: self.sought.1 });
    }

    /// Plays from one moment to another over and over, both in seconds.
    pub fn set_loop(&mut self, range: Option<Range<f64>>) {
        self.order(Order::Loop(range.map(|range| frames(range.start)..frames(range.end))));
    }

    /// Sounds a tone of so many Hz, or ends it.
    pub fn sound(&mut self, hz: Option<f32>) {
        self.order(Order::Sound(hz));
    }

    /// Plays this beside the song, or lets what is played so die away.
    pub fn key(&mut self, sung: Option<Arc<Timeline>>) {
        self.order(Order::Key(sung));
    }

    /// The moment that is heard, in seconds.
    pub fn position(&self) -> f64 {
        let state = &self.state;
        if state.sought.load(Relaxed) != self.sought.1 {
            return self.sought.0;
        }
        let made = state.position.load(Relaxed);
        let latency = if self.playing { state.latency.load(Relaxed) } else { 0 };
        let heard = made.saturating_sub(latency.into()).max(state.since.load(Relaxed).min(made));
        heard as f64 / f64::from(RATE)
    }

    /// Whether it plays, or counts in.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Times that the device ran out of samples.
    pub fn underruns(&self) -> u32 {
        self.state.underruns.load(Relaxed)
    }

    /// For how long nothing has sounded, as far as it was looked after; `None` while something does.
    pub fn silent_for(&self) -> Option<Duration> {
        self.silent_since.map(|since| since.elapsed())
    }

    /// Looks whether the device still fills buffers, and whether anything sounds. To be called now and
    /// then.
    pub fn look_after(&mut self) {
        let buffers = self.state.buffers.load(Relaxed);
        if buffers != self.filled.0 || !self.playing {
            self.filled = (buffers, Instant::now());
        } else if self.filled.1.elapsed() > PATIENCE {
            self.state.lost.store(true, Relaxed);
        }
        if self.playing || !self.state.silent.load(Relaxed) {
            self.silent_since = None;
        } else {
            self.silent_since.get_or_insert_with(Instant::now);
        }
    }

    fn order(&mut self, order: Order) {
        // What the audio thread gave back is dropped here.
        while self.retired.pop().is_ok() {}
        // A full ring means that the device has stopped; it is told as lost.
        let _ = self.orders.push(order);
    }
}

fn frames(seconds: f64) -> u64 {
    (seconds.max(0.0) * f64::from(RATE)).round() as u64
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &Device,
    config: StreamConfig,
    mut engine: Engine,
    state: &Arc<State>,
    lost: Arc<dyn Fn() + Send + Sync>,
) -> Result<cpal::Stream, PlaybackError> {
    let channels = usize::from(config.channels);
    let (state, told) = (state.clone(), state.clone());
    // Room for the samples as the engine makes them, whatever the device takes.
    let mut made = vec![0.0f32; 8192 * channels.max(1)];
    let stream = device.build_output_stream(
        config,
        move |out: &mut [T], info: &cpal::OutputCallbackInfo| {
            told.buffers.fetch_add(1, Relaxed);
            told.errors.store(0, Relaxed);
            let times = info.timestamp();
            let latency = times.playback.saturating_duration_since(times.callback).as_secs_f64();
            let frames = (latency.min(2.0) * f64::from(RATE)) as u32;
            told.latency.store(frames + LOOK_AHEAD as u32, Relaxed);
            for part in out.chunks_mut(made.len()) {
                let made = &mut made[..part.len()];
                engine.process(made, channels);
                for (to, from) in part.iter_mut().zip(made) {
                    *to = T::from_sample(from.clamp(-1.0, 1.0));
                }
            }
        },
        move |error: cpal::Error| {
            // A device that tells nothing but errors is gone, whatever it calls them.
            let errors = state.errors.fetch_add(1, Relaxed);
            match error.kind() {
                ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => {
                    state.lost.store(true, Relaxed);
                    lost();
                }
                // A device that wakes from its rest runs dry too, and nobody hears it.
                ErrorKind::Xrun if !state.silent.load(Relaxed) => {
                    state.underruns.fetch_add(1, Relaxed);
                }
                // The rest is advice: a changed route, no real-time priority.
                _ => {}
            }
            if errors == MOST_ERRORS {
                state.lost.store(true, Relaxed);
                lost();
            }
        },
        Some(LOOK),
    )?;
    Ok(stream)
}
