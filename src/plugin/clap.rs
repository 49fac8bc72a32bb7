//! The plug-in as CLAP.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::fmt::Write;
use std::ops::Range;

use clack_extensions::audio_ports::{
    AudioPortFlags, AudioPortInfo, AudioPortInfoWriter, AudioPortType, PluginAudioPorts, PluginAudioPortsImpl,
};
use clack_extensions::gui::{
    GuiApiType, GuiConfiguration, GuiSize, HostGui, PluginGui, PluginGuiImpl, Window,
};
use clack_extensions::note_ports::{
    NoteDialect, NoteDialects, NotePortInfo, NotePortInfoWriter, PluginNotePorts, PluginNotePortsImpl,
};
use clack_extensions::params::{
    HostParams, ParamDisplayWriter, ParamInfo, ParamInfoFlags, ParamInfoWriter, ParamRescanFlags,
    PluginAudioProcessorParams, PluginMainThreadParams, PluginParams,
};
use clack_extensions::render::{PluginRender, PluginRenderImpl, RenderMode};
use clack_extensions::state::{HostState, PluginState, PluginStateImpl};
use clack_extensions::tail::{HostTail, PluginTail, PluginTailImpl, TailLength};
use clack_plugin::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_plugin::events::spaces::CoreEventSpace;
use clack_plugin::plugin::features::{INSTRUMENT, STEREO, SYNTHESIZER};
use clack_plugin::prelude::*;
use clack_plugin::stream::{InputStream, OutputStream};
use clack_plugin::utils::Cookie;

use super::instance::Instance;
use super::parameters::{Parameter, Use};
use super::performer::{Performer, Transport};
use super::shared::Shared;
use super::sighting::{Bar, Sighting};
use super::view::View;
use super::{NAME, OUTPUTS, VENDOR};

/// By which projects of hosts know the plug-in; never to be changed.
const ID: &str = "ziyin.ziyin";

/// Whether windows of hosts can have a view in them here.
const EMBEDS: bool = cfg!(target_os = "linux");

/// What a host finds in the library.
pub type PluginEntry = SinglePluginEntry<Ziyin>;

/// The plug-in.
pub struct Ziyin;

impl Plugin for Ziyin {
    type AudioProcessor<'a> = Processor<'a>;
    type Shared<'a> = Held;
    type MainThread<'a> = MainThread<'a>;

    fn declare_extensions(builder: &mut PluginExtensions<Self>, _shared: Option<&Held>) {
        builder
            .register::<PluginAudioPorts>()
            .register::<PluginGui>()
            .register::<PluginNotePorts>()
            .register::<PluginParams>()
            .register::<PluginRender>()
            .register::<PluginState>()
            .register::<PluginTail>();
    }
}

impl DefaultPluginFactory for Ziyin {
    fn get_descriptor() -> PluginDescriptor {
        PluginDescriptor::new(ID, NAME)
            .with_vendor(VENDOR)
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_description("Sings the notes and lyrics of a song")
            .with_features([INSTRUMENT, SYNTHESIZER, STEREO])
    }

    #[expect(unsafe_code, reason = "a thread has no lifetime but that of the program")]
    fn new_shared(host: HostSharedHandle<'_>) -> Result<Held, PluginError> {
        // SAFETY: the thread that uses it ends with the instance, before the host lets go of its own end.
        let host: HostSharedHandle<'static> = unsafe { host.with_arbitrary_lifetime() };
        Ok(Held(Instance::new(move || host.request_callback())?))
    }

    fn new_main_thread<'a>(
        host: HostMainThreadHandle<'a>,
        shared: &'a Held,
    ) -> Result<MainThread<'a>, PluginError> {
        let info = host.shared().info();
        let (params, state, gui) = (info.get_extension(), info.get_extension(), info.get_extension());
        let (view, scale, floats) = (RefCell::new(None), Cell::new(None), Cell::new(false));
        Ok(MainThread { instance: &shared.0, params, state, gui, host, view, scale, floats })
    }
}

/// The instance that all threads share.
pub struct Held(Instance);

impl PluginShared<'_> for Held {}

/// What the host asks for on its main thread.
pub struct MainThread<'a> {
    instance: &'a Instance,
    host: HostMainThreadHandle<'a>,
    params: Option<HostParams>,
    state: Option<HostState>,
    gui: Option<HostGui>,
    /// What lies in a window of the host, its scale, and whether the host lets the studio float instead.
    view: RefCell<Option<View>>,
    scale: Cell<Option<f64>>,
    floats: Cell<bool>,
}

impl<'a> PluginMainThread<'a, Held> for MainThread<'a> {
    /// The song is another: tracks may have other names, and the project of the host is not saved. Or the
    /// studio was closed.
    fn on_main_thread(&self) {
        if self.instance.shared.take_studio_closed()
            && let Some(gui) = self.gui.filter(|_| self.floats.take())
        {
            gui.closed(&self.host.shared(), false);
        }
        if let Some(params) = self.params.filter(|_| self.instance.shared.take_renamed()) {
            let changed = ParamRescanFlags::INFO | ParamRescanFlags::TEXT | ParamRescanFlags::VALUES;
            params.rescan(&self.host, changed);
        }
        if let Some(state) = self.state.filter(|_| self.instance.shared.take_unsaved()) {
            state.mark_dirty(&self.host);
        }
    }
}

impl PluginStateImpl for MainThread<'_> {
    fn save(&self, output: &mut OutputStream) -> Result<(), PluginError> {
        Ok(self.instance.save(output)?)
    }

    fn load(&self, input: &mut InputStream) -> Result<(), PluginError> {
        self.instance.load(input).map_err(|why| std::io::Error::other(why).into())
    }
}

/// In a window of the host lies a small view. Where a host lets windows float, the studio is the window, a
/// process of its own.
impl PluginGuiImpl for MainThread<'_> {
    fn is_api_supported(&self, configuration: GuiConfiguration) -> bool {
        configuration.is_floating || EMBEDS && configuration.api_type == GuiApiType::X11
    }

    fn get_preferred_api(&self) -> Option<GuiConfiguration<'_>> {
        let api_type = if EMBEDS { GuiApiType::X11 } else { GuiApiType::default_for_current_platform()? };
        Some(GuiConfiguration { api_type, is_floating: !EMBEDS })
    }

    fn create(&self, configuration: GuiConfiguration) -> Result<(), PluginError> {
        self.floats.set(configuration.is_floating);
        if !configuration.is_floating {
            *self.view.borrow_mut() = View::new(self.instance.ends(), self.scale.get());
        }
        Ok(())
    }

    fn destroy(&self) {
        *self.view.borrow_mut() = None;
        self.floats.set(false);
    }

    fn set_scale(&self, scale: f64) -> Result<(), PluginError> {
        self.scale.set(Some(scale));
        match self.view.borrow_mut().as_mut() {
            Some(view) => Ok(view.rescale(scale).map_err(std::io::Error::other)?),
            None => Ok(()),
        }
    }

    fn get_size(&self) -> Option<GuiSize> {
        let [width, height] = self.view.borrow().as_ref()?.size();
        Some(GuiSize { width, height })
    }

    fn set_size(&self, _size: GuiSize) -> Result<(), PluginError> {
        Err(PluginError::Message("the view has its own size"))
    }

    fn set_parent(&self, window: Window) -> Result<(), PluginError> {
        let window = window.as_x11_handle().and_then(|window| u32::try_from(window).ok());
        let mut view = self.view.borrow_mut();
        let (Some(window), Some(view)) = (window, view.as_mut()) else {
            return Err(PluginError::Message("this is no window that a view can lie in"));
        };
        Ok(view.attach(window).map_err(std::io::Error::other)?)
    }

    fn set_transient(&self, _window: Window) -> Result<(), PluginError> {
        Ok(())
    }

    fn show(&self) -> Result<(), PluginError> {
        match &*self.view.borrow() {
            Some(view) => view.show(true),
            None => self.instance.shared.ask_for_studio(),
        }
        Ok(())
    }

    /// Whoever works in the studio closes it.
    fn hide(&self) -> Result<(), PluginError> {
        if let Some(view) = &*self.view.borrow() {
            view.show(false);
        }
        Ok(())
    }
}

impl PluginRenderImpl for MainThread<'_> {
    fn has_hard_realtime_requirement(&self) -> bool {
        false
    }

    fn set(&self, mode: RenderMode) -> Result<(), PluginError> {
        self.instance.shared.set_offline(mode == RenderMode::Offline);
        Ok(())
    }
}

impl PluginAudioPortsImpl for MainThread<'_> {
    fn count(&self, is_input: bool) -> u32 {
        if is_input { 0 } else { 1 + OUTPUTS as u32 }
    }

    fn get(&self, index: u32, is_input: bool, writer: &mut AudioPortInfoWriter) {
        if is_input || index > OUTPUTS as u32 {
            return;
        }
        let name = output_name(index as usize);
        writer.set(&AudioPortInfo {
            id: ClapId::new(index),
            name: name.as_bytes(),
            channel_count: 2,
            flags: if index == 0 { AudioPortFlags::IS_MAIN } else { AudioPortFlags::empty() },
            port_type: Some(AudioPortType::STEREO),
            in_place_pair: None,
        });
    }
}

impl PluginNotePortsImpl for MainThread<'_> {
    fn count(&self, is_input: bool) -> u32 {
        is_input.into()
    }

    fn get(&self, index: u32, is_input: bool, writer: &mut NotePortInfoWriter) {
        if is_input && index == 0 {
            writer.set(&NotePortInfo {
                id: ClapId::new(0),
                name: b"Notes to record",
                supported_dialects: NoteDialects::CLAP | NoteDialects::MIDI,
                preferred_dialect: Some(NoteDialect::Clap),
            });
        }
    }
}

/// The name of an output: the mix, then those of single voices.
pub(super) fn output_name(index: usize) -> String {
    if index == 0 { "Mix".into() } else { format!("Voice {index}") }
}

impl PluginMainThreadParams for MainThread<'_> {
    fn count(&self) -> u32 {
        Parameter::count() as u32
    }

    fn get_info(&self, index: u32, info: &mut ParamInfoWriter) {
        let Some(parameter) = Parameter::all().nth(index as usize) else { return };
        let flags = match parameter.used() {
            Use::Chosen => ParamInfoFlags::IS_STEPPED | ParamInfoFlags::IS_ENUM,
            Use::Read => ParamInfoFlags::IS_READONLY,
            Use::Pressed => ParamInfoFlags::IS_STEPPED,
            Use::Bypass => {
                ParamInfoFlags::IS_BYPASS | ParamInfoFlags::IS_STEPPED | ParamInfoFlags::IS_AUTOMATABLE
            }
            Use::Automated => ParamInfoFlags::IS_AUTOMATABLE,
            Use::Switched => ParamInfoFlags::IS_STEPPED | ParamInfoFlags::IS_AUTOMATABLE,
        };
        let [min_value, max_value] = parameter.range();
        let module: &[u8] = if let Parameter::Track(..) = parameter { b"Tracks" } else { b"" };
        info.set(&ParamInfo {
            id: ClapId::new(parameter.id()),
            flags,
            cookie: Cookie::empty(),
            name: parameter.name(&self.instance.shared).as_bytes(),
            module,
            min_value,
            max_value,
            default_value: 0.0,
        });
    }

    fn get_value(&self, id: ClapId) -> Option<f64> {
        Some(Parameter::from_id(id.get())?.value(&self.instance.shared))
    }

    fn value_to_text(&self, id: ClapId, value: f64, writer: &mut ParamDisplayWriter) -> std::fmt::Result {
        let parameter = Parameter::from_id(id.get()).ok_or(std::fmt::Error)?;
        writer.write_str(&parameter.text(&self.instance.shared, value))
    }

    fn text_to_value(&self, id: ClapId, text: &CStr) -> Option<f64> {
        Parameter::from_id(id.get())?.value_of(text.to_str().ok()?)
    }

    fn flush(&self, input: &InputEvents, _output: &mut OutputEvents) {
        input.iter().for_each(|event| take(event.as_event(), &self.instance.shared));
    }
}

/// Takes the change of a parameter.
fn take(event: Option<&ParamValueEvent>, shared: &Shared) {
    if let Some((event, id)) = event.and_then(|event| Some((event, event.param_id()?)))
        && let Some(parameter) = Parameter::from_id(id.get())
    {
        parameter.set(shared, event.value());
    }
}

/// What the host asks for on its audio thread.
pub struct Processor<'a> {
    performer: Performer,
    rate: f64,
    shared: &'a Shared,
    /// Where the host is at the next frame, as far as it has told.
    transport: Transport,
    host: HostAudioProcessorHandle<'a>,
    /// Takes it in that the room sounds on for longer or not so long.
    tails: Option<HostTail>,
    /// How long it did when that was told last, in frames.
    tail: u32,
}

impl PluginTailImpl for Processor<'_> {
    fn get(&self) -> TailLength {
        TailLength::Finite(self.performer.tail())
    }
}

impl<'a> PluginAudioProcessor<'a, Held, MainThread<'a>> for Processor<'a> {
    fn activate(
        host: HostAudioProcessorHandle<'a>,
        _main_thread: &MainThread<'a>,
        held: &'a Held,
        config: PluginAudioConfiguration,
    ) -> Result<Self, PluginError> {
        let performer = held.0.performer(config.sample_rate, config.max_frames_count as usize);
        let tails = host.shared().info().get_extension();
        let (rate, shared, tail) = (config.sample_rate, &held.0.shared, performer.tail());
        Ok(Self { performer, rate, shared, transport: Transport::default(), host, tails, tail })
    }

    fn process(
        &mut self,
        process: Process,
        mut audio: Audio,
        events: Events,
    ) -> Result<ProcessStatus, PluginError> {
        if let Some(told) = process.transport {
            self.transport = transport(told, self.rate);
        }
        let frames = audio.frames_count() as usize;
        let mut done = 0;
        for event in events.input {
            let at = (event.header().time() as usize).clamp(done, frames);
            match event.as_core_event() {
                // The host leaps within the buffer.
                Some(CoreEventSpace::Transport(told)) => {
                    self.perform(done..at);
                    self.transport = transport(told, self.rate);
                }
                Some(CoreEventSpace::ParamValue(change)) => {
                    self.perform(done..at);
                    take(Some(change), self.shared);
                }
                Some(other) => {
                    if let Some((key, pressed)) = key(&other) {
                        let passed = if self.transport.playing { (at - done) as i64 } else { 0 };
                        let frame = self.transport.frame + passed;
                        self.performer.key(Transport { frame, ..self.transport }, key, pressed);
                    }
                    continue;
                }
                None => continue,
            }
            done = at;
        }
        self.perform(done..frames);
        self.tell_tail();
        for place in 0..audio.output_port_count() {
            let made = if place == 0 { Some(self.performer.mix()) } else { self.performer.output(place - 1) };
            let Some(mut port) = audio.output_port(place) else { continue };
            let Some(mut channels) = port.channels()?.into_f32() else { continue };
            for channel in 0..channels.channel_count() {
                let Some(out) = channels.channel_mut(channel) else { continue };
                let side = made.and_then(|made| made.get(channel as usize).copied()).unwrap_or(&[]);
                let count = side.len().min(out.len());
                out[..count].copy_from_slice(&side[..count]);
                out[count..].fill(0.0);
            }
        }
        Ok(ProcessStatus::Continue)
    }

    fn reset(&mut self) {
        self.performer.reset();
    }
}

impl Processor<'_> {
    /// Tells the host that the room sounds on for another time than before: another song came, or another room.
    fn tell_tail(&mut self) {
        let tail = self.performer.tail();
        if tail != self.tail {
            self.tail = tail;
            if let Some(tails) = self.tails {
                tails.changed(&mut self.host);
            }
        }
    }

    /// Makes the frames of a range of the buffer.
    fn perform(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.performer.process(self.transport, range.clone());
            self.transport.seen = None;
            if self.transport.playing {
                self.transport.frame += range.len() as i64;
            }
        }
    }
}

impl PluginAudioProcessorParams for Processor<'_> {
    fn flush(&mut self, input: &InputEvents, _output: &mut OutputEvents) {
        input.iter().for_each(|event| take(event.as_event(), self.shared));
    }
}

/// The key that an event presses or lets go of.
fn key(event: &CoreEventSpace) -> Option<(u8, bool)> {
    let (key, pressed) = match event {
        CoreEventSpace::NoteOn(on) => (*on.pckn().key.as_specific()?, true),
        CoreEventSpace::NoteOff(off) => (*off.pckn().key.as_specific()?, false),
        CoreEventSpace::Midi(midi) => match midi.data() {
            [status, key, velocity] if status & 0xF0 == 0x90 => (key.into(), velocity > 0),
            [status, key, _] if status & 0xF0 == 0x80 => (key.into(), false),
            _ => return None,
        },
        _ => return None,
    };
    Some((u8::try_from(key).ok().filter(|&key| key < 128)?, pressed))
}

/// Where the host is. One that counts beats alone is followed by its tempo.
fn transport(told: &TransportEvent, rate: f64) -> Transport {
    let seconds = if told.flags.contains(TransportFlags::HAS_SECONDS_TIMELINE) {
        told.song_pos_seconds.to_float()
    } else if told.flags.contains(TransportFlags::HAS_BEATS_TIMELINE | TransportFlags::HAS_TEMPO) {
        told.song_pos_beats.to_float() * 60.0 / told.tempo.max(1.0)
    } else {
        0.0
    };
    let playing = told.flags.contains(TransportFlags::IS_PLAYING);
    let recording = told.flags.contains(TransportFlags::IS_RECORDING);
    Transport { playing, recording, frame: (seconds * rate).round() as i64, seen: sighting(told, seconds) }
}

/// What a host that counts beats tells of its tempo and its bars.
fn sighting(told: &TransportEvent, seconds: f64) -> Option<Sighting> {
    if !told.flags.contains(TransportFlags::HAS_BEATS_TIMELINE | TransportFlags::HAS_TEMPO) {
        return None;
    }
    let bar = told.flags.contains(TransportFlags::HAS_TIME_SIGNATURE).then(|| {
        let (beats, unit) = (told.time_signature_numerator, told.time_signature_denominator);
        Bar::new(told.bar_start.to_float(), beats.into(), unit.into())
    });
    Sighting::new(told.song_pos_beats.to_float(), seconds, told.tempo, bar.flatten())
}
