//! A take from a microphone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use ziyin_message::message;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{Device, FromSample, Sample, SampleFormat, SizedSample, StreamConfig};
use rtrb::{Consumer, Producer, RingBuffer};

use super::PlaybackError;

/// Seconds that fit between two looks at the recorder.
const PATIENCE: usize = 10;

/// Records one channel, from the system's microphone or from elsewhere.
pub struct Recorder {
    /// The next sample, once it is there.
    next: Box<dyn FnMut() -> Option<f32>>,
    samples: Vec<f32>,
    rate: u32,
    lost: Arc<AtomicBool>,
    /// Dropping the stream ends it.
    _stream: Option<cpal::Stream>,
}

impl Recorder {
    /// Begins to record.
    ///
    /// # Errors
    /// If there is no microphone, or it refuses.
    pub fn begin() -> Result<Self, PlaybackError> {
        let device = cpal::default_host().default_input_device().ok_or(PlaybackError::NoMicrophone)?;
        let supported = device.default_input_config()?;
        let config: StreamConfig = supported.config();
        let rate = config.sample_rate;
        let (outbox, inbox) = RingBuffer::new(PATIENCE * rate as usize);
        let lost = Arc::new(AtomicBool::new(false));
        let stream = match supported.sample_format() {
            SampleFormat::F32 => build::<f32>(&device, config, outbox, &lost),
            SampleFormat::I16 => build::<i16>(&device, config, outbox, &lost),
            SampleFormat::I32 => build::<i32>(&device, config, outbox, &lost),
            SampleFormat::U16 => build::<u16>(&device, config, outbox, &lost),
            SampleFormat::U8 => build::<u8>(&device, config, outbox, &lost),
            SampleFormat::F64 => build::<f64>(&device, config, outbox, &lost),
            other => Err(PlaybackError::Refused(message!("sound-device.samples", other = other.to_string()))),
        }?;
        stream.play()?;
        Ok(Self { lost, _stream: Some(stream), ..Self::of(heard_by(inbox), rate) })
    }

    /// Records what comes from elsewhere, one sample after the other at `rate` a second; `None` while there is
    /// no more.
    pub fn of(next: impl FnMut() -> Option<f32> + 'static, rate: u32) -> Self {
        let lost = Arc::new(AtomicBool::new(false));
        Self { next: Box::new(next), samples: Vec::new(), rate, lost, _stream: None }
    }

    /// Takes what was heard since the last call; gives the loudest of it, 1 being full scale.
    /// To be called several times a second.
    pub fn take_in(&mut self) -> f32 {
        let before = self.samples.len();
        while let Some(sample) = (self.next)() {
            self.samples.push(if sample.is_finite() { sample } else { 0.0 });
        }
        self.samples[before..].iter().fold(0.0, |loudest, sample| sample.abs().max(loudest))
    }

    /// Seconds that were taken in.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// Whether the microphone was unplugged.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }

    /// Ends the take; gives its samples, and how many of them make a second.
    pub fn end(mut self) -> (Vec<f32>, u32) {
        self.take_in();
        (self.samples, self.rate)
    }
}

fn heard_by(mut inbox: Consumer<f32>) -> impl FnMut() -> Option<f32> {
    move || inbox.pop().ok()
}

fn build<T: SizedSample>(
    device: &Device,
    config: StreamConfig,
    mut outbox: Producer<f32>,
    lost: &Arc<AtomicBool>,
) -> Result<cpal::Stream, PlaybackError>
where
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels).max(1);
    let lost = lost.clone();
    let stream = device.build_input_stream(
        config,
        move |heard: &[T], _: &cpal::InputCallbackInfo| {
            for frame in heard.chunks_exact(channels) {
                let sum: f32 = frame.iter().map(|&sample| f32::from_sample(sample)).sum();
                // A full ring means that nobody listens any more.
                let _ = outbox.push(sum / channels as f32);
            }
        },
        move |_| lost.store(true, Relaxed),
        None,
    )?;
    Ok(stream)
}
