//! A host with one plug-in and a transport.

use assert_no_alloc::assert_no_alloc;
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_extensions::tail::{HostTail, HostTailImpl, PluginTail, TailLength};
use clack_host::events::event_types::{
    MidiEvent, NoteOffEvent, NoteOnEvent, ParamValueEvent, TransportEvent, TransportFlags,
};
use clack_host::events::{EventFlags, EventHeader, Match};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use ziyin_plugin::{OUTPUTS, PluginEntry as Ziyin};
use ziyin_score::{MeterMap, TICKS_PER_QUARTER, TempoMap};

/// Left and right of an output.
pub type Played = [Vec<f32>; 2];

struct Callbacks {
    /// How often it was told of another tail.
    tails: Arc<AtomicUsize>,
}

impl SharedHandler<'_> for Callbacks {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

/// What the plug-in calls on the audio thread.
struct Tails(Arc<AtomicUsize>);

impl AudioProcessorHandler<'_> for Tails {}

impl HostTailImpl for Tails {
    fn changed(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Callbacks;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = Tails;

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Callbacks) {
        builder.register::<HostTail>();
    }
}

pub struct Daw {
    plugin: PluginInstance<Handlers>,
    processor: Option<StartedPluginAudioProcessor<Handlers>>,
    rate: f64,
    /// Frames that it asks for at most.
    most: usize,
    /// What comes with the next buffer.
    events: EventBuffer,
    /// The time of its song, if it counts beats.
    pub time: Option<(TempoMap, MeterMap)>,
    /// Whether it records.
    pub recording: bool,
    tails: Arc<AtomicUsize>,
}

impl Daw {
    pub fn new() -> Self {
        let entry = PluginEntry::load_from_clack::<Ziyin>(c"").unwrap();
        let info = HostInfo::new("a host", "Ziyin", "", "1").unwrap();
        let tails = Arc::new(AtomicUsize::new(0));
        let told = tails.clone();
        let plugin =
            PluginInstance::new(|_| Callbacks { tails: told }, |_| (), &entry, c"ziyin.ziyin", &info)
                .unwrap();
        let events = EventBuffer::with_capacity(64);
        Self { plugin, processor: None, rate: 0.0, most: 0, events, time: None, recording: false, tails }
    }

    fn extension<
        E: clack_host::extensions::Extension<ExtensionSide = clack_host::extensions::PluginExtensionSide>,
    >(
        &self,
    ) -> E {
        self.plugin.plugin_shared_handle().get_extension().unwrap()
    }

    pub fn load(&mut self, state: &[u8]) -> Result<(), String> {
        let mut state = state;
        let extension: PluginState = self.extension();
        extension.load(&self.plugin.plugin_handle(), &mut state).map_err(|error| error.to_string())
    }

    pub fn save(&mut self) -> Vec<u8> {
        let mut state = Vec::new();
        let extension: PluginState = self.extension();
        extension.save(&self.plugin.plugin_handle(), &mut state).unwrap();
        state
    }

    pub fn set_offline(&mut self, offline: bool) {
        let extension: PluginRender = self.extension();
        let mode = if offline { RenderMode::Offline } else { RenderMode::Realtime };
        extension.set(&self.plugin.plugin_handle(), mode).unwrap();
    }

    /// How much is sung, and in words.
    pub fn status(&mut self) -> (f64, String) {
        self.parameter(2)
    }

    /// The value of a parameter, and in words.
    pub fn parameter(&mut self, id: u32) -> (f64, String) {
        let extension: PluginParams = self.extension();
        let handle = self.plugin.plugin_handle();
        let id = ClapId::new(id);
        let value = extension.get_value(&handle, id).unwrap();
        let mut text = [0; 256];
        let text = extension.value_to_text(&handle, id, value, &mut text).unwrap();
        (value, String::from_utf8_lossy(text).into_owned())
    }

    /// The names of all parameters.
    pub fn names(&mut self) -> Vec<String> {
        let extension: PluginParams = self.extension();
        let handle = self.plugin.plugin_handle();
        let name = |index| {
            let mut buffer = ParamInfoBuffer::new();
            let info = extension.get_info(&handle, index, &mut buffer).unwrap();
            String::from_utf8_lossy(info.name).into_owned()
        };
        (0..extension.count(&handle)).map(name).collect()
    }

    /// Sets a parameter at a frame of the next buffer.
    pub fn set(&mut self, id: u32, value: f64, time: u32) {
        let every = Pckn::match_all();
        self.events.push(&ParamValueEvent::new(time, ClapId::new(id), every, value));
    }

    /// Presses a key or lets go of it at a frame of the next buffer.
    pub fn key(&mut self, key: u16, pressed: bool, time: u32) {
        let note = Pckn::new(0u16, 0u16, key, Match::All);
        if pressed {
            self.events.push(&NoteOnEvent::new(time, note, 0.8));
        } else {
            self.events.push(&NoteOffEvent::new(time, note, 0.0));
        }
    }

    /// The same as bytes of MIDI.
    pub fn midi(&mut self, data: [u8; 3], time: u32) {
        self.events.push(&MidiEvent::new(time, 0, data));
    }

    pub fn activate(&mut self, rate: f64, most: u32) {
        (self.rate, self.most) = (rate, most as usize);
        let config =
            PluginAudioConfiguration { sample_rate: rate, min_frames_count: 1, max_frames_count: most };
        let processor = self.plugin.activate(|shared, _| Tails(shared.tails.clone()), config).unwrap();
        self.processor = Some(processor.start_processing().unwrap());
    }

    /// Frames that it sounds on for, and how often it was told that they are others.
    pub fn tail(&mut self) -> (usize, usize) {
        let extension: PluginTail = self.extension();
        let processor = self.processor.as_mut().unwrap();
        let tail = match extension.get(&processor.plugin_handle()) {
            TailLength::Finite(frames) => frames as usize,
            TailLength::Infinite => usize::MAX,
        };
        (tail, self.tails.load(Relaxed))
    }

    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.plugin.deactivate(processor.stop_processing());
        }
    }

    /// Plays from a frame on, in buffers of these sizes by turns; gives the mix and the other outputs.
    pub fn play(&mut self, frame: i64, frames: usize, sizes: &[usize]) -> Vec<Played> {
        self.run(Some(frame), frames, sizes)
    }

    /// Lets the transport stand for so many frames.
    pub fn stand(&mut self, frames: usize) -> Vec<Played> {
        self.run(None, frames, &[self.most])
    }

    fn run(&mut self, frame: Option<i64>, frames: usize, sizes: &[usize]) -> Vec<Played> {
        let mut outputs = vec![[Vec::new(), Vec::new()]; 1 + OUTPUTS];
        let mut done = 0;
        for size in sizes.iter().cycle() {
            let count = (*size).min(frames - done);
            let made = self.process(frame.map(|frame| frame + done as i64), count);
            for (output, made) in outputs.iter_mut().flatten().zip(made.into_iter().flatten()) {
                output.extend(made);
            }
            done += count;
            if done == frames {
                break;
            }
        }
        outputs
    }

    fn process(&mut self, frame: Option<i64>, count: usize) -> Vec<Played> {
        // What is there before must not be heard.
        let mut buffers = vec![[vec![7.0f32; count], vec![7.0; count]]; 1 + OUTPUTS];
        let mut ports = AudioPorts::with_capacity(2 * (1 + OUTPUTS), 1 + OUTPUTS);
        let mut flags = TransportFlags::HAS_SECONDS_TIMELINE;
        flags.set(TransportFlags::IS_PLAYING, frame.is_some());
        flags.set(TransportFlags::IS_RECORDING, self.recording);
        let zero = SecondsTime::from_int(0);
        let seconds = frame.unwrap_or(0) as f64 / self.rate;
        let quarter = TICKS_PER_QUARTER as f64;
        let (mut beats, mut tempo, mut start, mut signature) = (0.0, 0.0, 0.0, (4, 4));
        if let Some((tempos, meter)) = &self.time {
            let counts = TransportFlags::HAS_BEATS_TIMELINE | TransportFlags::HAS_TEMPO;
            flags |= counts | TransportFlags::HAS_TIME_SIGNATURE;
            let tick = tempos.tick_between(seconds);
            let here = (tick + 1e-6).floor() as i64;
            (beats, tempo) = (tick / quarter, tempos.tempo_at(here).bpm());
            start = meter.bar_start(meter.bar_beat(here.max(0)).bar) as f64 / quarter;
            let counted = meter.at(here);
            signature = (counted.beats.into(), counted.unit.into());
        }
        let transport = TransportEvent {
            header: EventHeader::new_core(0, EventFlags::empty()),
            flags,
            song_pos_beats: BeatTime::from_float(beats),
            song_pos_seconds: SecondsTime::from_float(seconds),
            tempo,
            tempo_inc: 0.0,
            loop_start_beats: BeatTime::from_int(0),
            loop_end_beats: BeatTime::from_int(0),
            loop_start_seconds: zero,
            loop_end_seconds: zero,
            bar_start: BeatTime::from_float(start),
            bar_number: 0,
            time_signature_numerator: signature.0,
            time_signature_denominator: signature.1,
        };
        let mut outputs = ports.with_output_buffers(buffers.iter_mut().map(|sides| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(sides.iter_mut().map(Vec::as_mut_slice)),
        }));
        let processor = self.processor.as_mut().unwrap();
        let input = self.events.as_input();
        let done = assert_no_alloc(|| {
            let output = &mut OutputEvents::void();
            let inputs = &InputAudioBuffers::empty();
            processor.process(inputs, &mut outputs, &input, output, None, Some(&transport))
        });
        done.unwrap();
        self.events.clear();
        buffers
    }
}

impl Drop for Daw {
    fn drop(&mut self) {
        self.deactivate();
    }
}
