//! The object that a host holds.

use std::ffi::{CStr, c_char};
use std::slice;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirection, BusDirections_, BusInfo, BusInfo_, BusTypes_, Event, Event_,
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentHandler, IComponentTrait, IEditController,
    IEditControllerTrait, IEventListTrait, IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait,
    IProcessContextRequirements, IProcessContextRequirements_, IProcessContextRequirementsTrait, IoMode,
    MediaType, MediaTypes_, ParameterInfo, ParameterInfo_, ProcessContext, ProcessContext_, ProcessData,
    ProcessModes_, ProcessSetup, RoutingInfo, SpeakerArr, SpeakerArrangement, String128,
    SymbolicSampleSizes_, TChar, ViewType,
};
use vst3::Steinberg::{
    FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID, kInvalidArgument, kNotImplemented,
    kResultFalse, kResultOk, kResultTrue, tresult,
};
use vst3::{Class, ComRef, ComWrapper, uid};

use super::news::{News, Ticking};
use super::stream::Stream;
use super::view::PlugView;
use super::write_wide;
use crate::OUTPUTS;
use crate::clap::output_name;
use crate::instance::Instance;
use crate::parameters::{Parameter, Use};
use crate::performer::{Performer, Transport};
use crate::sighting::{Bar, Sighting};

/// Frames that are made for at once before a host says how many it wants.
const USUAL_FRAMES: i32 = 1024;
/// Characters of a text of a host that are read, at most.
const LONGEST_TEXT: usize = 128;
/// No host asks for more.
const MOST_FRAMES: i32 = 1 << 20;

/// What the host last said of how it processes.
struct Setup {
    rate: f64,
    most: i32,
}

/// One plug-in of a project.
pub struct Component {
    instance: Instance,
    setup: Mutex<Setup>,
    /// What the audio thread has; the host does not touch it from elsewhere while it processes.
    performer: Mutex<Option<Performer>>,
    news: Arc<News>,
    /// What tells it, where the host gives a loop for as long as the plug-in lives.
    ticking: Mutex<Option<Ticking>>,
}

impl Class for Component {
    type Interfaces = (IComponent, IAudioProcessor, IEditController, IProcessContextRequirements);
}

impl Component {
    /// By which projects of hosts know the plug-in; never to be changed.
    pub const ID: TUID = uid(0x5A69_7969, 0x6E00_4D1C, 0x9A3E_6B7C, 0x21D0_44F5);

    pub fn new() -> std::io::Result<Self> {
        // The host is told on its main thread alone.
        let instance = Instance::new(|| {})?;
        Ok(Self {
            news: Arc::new(News::new(instance.shared.clone())),
            ticking: Mutex::new(None),
            instance,
            setup: Mutex::new(Setup { rate: 44_100.0, most: USUAL_FRAMES }),
            performer: Mutex::new(None),
        })
    }

    /// Takes the next changes of parameters from a frame of the buffer on, and gives the frame that they come
    /// at: those at the frame that was asked for are taken, of later ones only the frame is told. `None` where
    /// no further ones come.
    ///
    /// # Safety
    /// The changes must be what the format says of them.
    unsafe fn change(&self, changes: ComRef<IParameterChanges>, from: usize) -> Option<usize> {
        let mut next: Option<usize> = None;
        for index in 0..unsafe { changes.getParameterCount() } {
            let queue = unsafe { ComRef::from_raw(changes.getParameterData(index)) };
            let Some(queue) = queue else { continue };
            let parameter = Parameter::from_id(unsafe { queue.getParameterId() });
            let Some(parameter) = parameter else { continue };
            for point in 0..unsafe { queue.getPointCount() } {
                let (mut offset, mut value) = (0, 0.0);
                if unsafe { queue.getPoint(point, &mut offset, &mut value) } != kResultOk {
                    continue;
                }
                let offset = usize::try_from(offset).unwrap_or(0);
                if offset == from {
                    parameter.set(&self.instance.shared, parameter.plain(value));
                } else if offset > from {
                    next = Some(next.map_or(offset, |next| next.min(offset)));
                }
            }
        }
        next
    }

    /// Fills the buffers of the host.
    ///
    /// # Safety
    /// They must be what the format says of them.
    unsafe fn perform(&self, performer: &mut Performer, data: &ProcessData) {
        let frames = data.numSamples.max(0) as usize;
        let mut transport = Transport::default();
        if let Some(context) = unsafe { data.processContext.as_ref() } {
            let playing = context.state & ProcessContext_::StatesAndFlags_::kPlaying as u32 != 0;
            let recording = context.state & ProcessContext_::StatesAndFlags_::kRecording as u32 != 0;
            let (frame, seen) = (context.projectTimeSamples, sighting(context));
            transport = Transport { playing, recording, frame, seen };
        }
        if let Some(events) = unsafe { ComRef::from_raw(data.inputEvents) } {
            for index in 0..unsafe { events.getEventCount() } {
                // SAFETY: an event is plain numbers and pointers that nobody follows here.
                let mut event: Event = unsafe { std::mem::zeroed() };
                if unsafe { events.getEvent(index, &mut event) } == kResultOk
                    && let Some((key, pressed)) = unsafe { key(&event) }
                {
                    let passed = if transport.playing { i64::from(event.sampleOffset.max(0)) } else { 0 };
                    let frame = transport.frame.saturating_add(passed);
                    performer.key(Transport { frame, ..transport }, key, pressed);
                }
            }
        }
        let changes = unsafe { ComRef::from_raw(data.inputParameterChanges) };
        let (mut done, mut from) = (0, 0);
        while let Some(next) = changes.and_then(|changes| unsafe { self.change(changes, from) }) {
            from = next;
            let at = next.min(frames);
            if at > done {
                performer.process(transport, done..at);
                transport.seen = None;
                transport.frame += if transport.playing { (at - done) as i64 } else { 0 };
                done = at;
            }
        }
        if done < frames {
            performer.process(transport, done..frames);
        }
        let buses = match (data.outputs.is_null(), usize::try_from(data.numOutputs)) {
            (false, Ok(count)) => unsafe { slice::from_raw_parts_mut(data.outputs, count) },
            _ => &mut [],
        };
        for (place, bus) in buses.iter_mut().enumerate() {
            let made = if place == 0 { Some(performer.mix()) } else { performer.output(place - 1) };
            unsafe { fill(bus, frames, made) };
        }
    }
}

/// The key that an event presses or lets go of.
///
/// # Safety
/// The event must be what the format says of it.
unsafe fn key(event: &Event) -> Option<(u8, bool)> {
    use Event_::EventTypes_ as Types;
    let (key, pressed) = match u32::from(event.r#type) {
        kind if kind == Types::kNoteOnEvent as u32 => {
            let on = unsafe { event.__field0.noteOn };
            (on.pitch, on.velocity > 0.0)
        }
        kind if kind == Types::kNoteOffEvent as u32 => (unsafe { event.__field0.noteOff.pitch }, false),
        _ => return None,
    };
    Some((u8::try_from(key).ok().filter(|&key| key < 128)?, pressed))
}

/// What the host tells of its tempo and its bars.
fn sighting(context: &ProcessContext) -> Option<Sighting> {
    use ProcessContext_::StatesAndFlags_ as Flags;
    let tells = |flags: u32| context.state & flags == flags;
    if !tells(Flags::kProjectTimeMusicValid as u32 | Flags::kTempoValid as u32) || context.sampleRate <= 0.0 {
        return None;
    }
    let seconds = context.projectTimeSamples as f64 / context.sampleRate;
    let bar = tells(Flags::kBarPositionValid as u32 | Flags::kTimeSigValid as u32).then(|| {
        let (beats, unit) = (context.timeSigNumerator, context.timeSigDenominator);
        Bar::new(context.barPositionMusic, beats.into(), unit.into())
    });
    Sighting::new(context.projectTimeMusic, seconds, context.tempo, bar.flatten())
}

/// Writes two sides into a bus; what they do not have is silent.
///
/// # Safety
/// The bus must hold as many buffers as it says, each of so many frames.
unsafe fn fill(bus: &mut AudioBusBuffers, frames: usize, made: Option<[&[f32]; 2]>) {
    let buffers = unsafe { bus.__field0.channelBuffers32 };
    if buffers.is_null() {
        return;
    }
    let channels = unsafe { slice::from_raw_parts(buffers, bus.numChannels.max(0) as usize) };
    let mut silent = 0;
    for (channel, &buffer) in channels.iter().enumerate() {
        if buffer.is_null() {
            continue;
        }
        let out = unsafe { slice::from_raw_parts_mut(buffer, frames) };
        let side = made.and_then(|made| made.get(channel).copied()).unwrap_or(&[]);
        let count = side.len().min(frames);
        out[..count].copy_from_slice(&side[..count]);
        out[count..].fill(0.0);
        if channel < 64 && out.iter().all(|&sample| sample == 0.0) {
            silent |= 1 << channel;
        }
    }
    bus.silenceFlags = silent;
}

/// Whether a bus is the one that keys come in by.
fn is_keys(media: MediaType, direction: BusDirection, index: i32) -> bool {
    media == MediaTypes_::kEvent as MediaType
        && direction == BusDirections_::kInput as BusDirection
        && index == 0
}

/// Whether a bus is one of ours: outputs of sound alone.
fn is_output(media: MediaType, direction: BusDirection, index: i32) -> bool {
    media == MediaTypes_::kAudio as MediaType
        && direction == BusDirections_::kOutput as BusDirection
        && (0..=OUTPUTS as i32).contains(&index)
}

impl IPluginBaseTrait for Component {
    unsafe fn initialize(&self, context: *mut FUnknown) -> tresult {
        let ticking = unsafe { Ticking::begin(context, &self.news) };
        *self.ticking.lock().unwrap_or_else(PoisonError::into_inner) = ticking;
        kResultOk
    }

    unsafe fn terminate(&self) -> tresult {
        let ticking = self.ticking.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(ticking);
        self.news.tell_to(None);
        kResultOk
    }
}

impl IComponentTrait for Component {
    unsafe fn getControllerClassId(&self, _class: *mut TUID) -> tresult {
        // The controller is this very object.
        kNotImplemented
    }

    unsafe fn setIoMode(&self, _mode: IoMode) -> tresult {
        kResultOk
    }

    unsafe fn getBusCount(&self, media: MediaType, direction: BusDirection) -> i32 {
        if is_output(media, direction, 0) {
            1 + OUTPUTS as i32
        } else {
            i32::from(is_keys(media, direction, 0))
        }
    }

    unsafe fn getBusInfo(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: i32,
        info: *mut BusInfo,
    ) -> tresult {
        let keys = is_keys(media, direction, index);
        let ours = keys || is_output(media, direction, index);
        let (true, Some(info)) = (ours, unsafe { info.as_mut() }) else {
            return kInvalidArgument;
        };
        info.mediaType = media;
        info.direction = direction;
        info.channelCount = if keys { 16 } else { 2 };
        let name = if keys { "Notes to record".into() } else { output_name(index as usize) };
        write_wide(&name, &mut info.name);
        let main = index == 0;
        info.busType = if main { BusTypes_::kMain } else { BusTypes_::kAux } as i32;
        info.flags = if main { BusInfo_::BusFlags_::kDefaultActive as u32 } else { 0 };
        kResultOk
    }

    unsafe fn getRoutingInfo(&self, _input: *mut RoutingInfo, _output: *mut RoutingInfo) -> tresult {
        kNotImplemented
    }

    unsafe fn activateBus(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: i32,
        _state: TBool,
    ) -> tresult {
        let ours = is_output(media, direction, index) || is_keys(media, direction, index);
        if ours { kResultOk } else { kInvalidArgument }
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        let performer = (state != 0).then(|| {
            let setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
            self.instance.performer(setup.rate, setup.most as usize)
        });
        *self.performer.lock().unwrap_or_else(PoisonError::into_inner) = performer;
        kResultOk
    }

    unsafe fn setState(&self, state: *mut IBStream) -> tresult {
        let Some(stream) = (unsafe { Stream::from_raw(state) }) else { return kInvalidArgument };
        if self.instance.load(stream).is_ok() { kResultOk } else { kResultFalse }
    }

    unsafe fn getState(&self, state: *mut IBStream) -> tresult {
        let Some(stream) = (unsafe { Stream::from_raw(state) }) else { return kInvalidArgument };
        if self.instance.save(stream).is_ok() { kResultOk } else { kResultFalse }
    }
}

impl IAudioProcessorTrait for Component {
    unsafe fn setBusArrangements(
        &self,
        _inputs: *mut SpeakerArrangement,
        input_count: i32,
        outputs: *mut SpeakerArrangement,
        output_count: i32,
    ) -> tresult {
        let count = usize::try_from(output_count).unwrap_or(0);
        if input_count != 0 || count > 1 + OUTPUTS || outputs.is_null() {
            return kResultFalse;
        }
        let asked = unsafe { slice::from_raw_parts(outputs, count) };
        if asked.iter().all(|&arrangement| arrangement == SpeakerArr::kStereo) {
            kResultTrue
        } else {
            kResultFalse
        }
    }

    unsafe fn getBusArrangement(
        &self,
        direction: BusDirection,
        index: i32,
        arrangement: *mut SpeakerArrangement,
    ) -> tresult {
        let ours = is_output(MediaTypes_::kAudio as MediaType, direction, index);
        let (true, Some(arrangement)) = (ours, unsafe { arrangement.as_mut() }) else {
            return kInvalidArgument;
        };
        *arrangement = SpeakerArr::kStereo;
        kResultOk
    }

    unsafe fn canProcessSampleSize(&self, size: i32) -> tresult {
        if size == SymbolicSampleSizes_::kSample32 as i32 { kResultTrue } else { kResultFalse }
    }

    unsafe fn getLatencySamples(&self) -> u32 {
        0
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        let Some(setup) = (unsafe { setup.as_ref() }) else { return kInvalidArgument };
        self.instance.shared.set_offline(setup.processMode == ProcessModes_::kOffline as i32);
        let most = setup.maxSamplesPerBlock.clamp(1, MOST_FRAMES);
        *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = Setup { rate: setup.sampleRate, most };
        kResultOk
    }

    unsafe fn setProcessing(&self, _state: TBool) -> tresult {
        kResultOk
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        let Some(data) = (unsafe { data.as_ref() }) else { return kInvalidArgument };
        // Only while it is being made or let go of is it locked by another.
        let mut performer = match self.performer.try_lock() {
            Ok(performer) => performer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return kResultFalse,
        };
        let Some(performer) = performer.as_mut() else { return kResultFalse };
        unsafe { self.perform(performer, data) };
        kResultOk
    }

    unsafe fn getTailSamples(&self) -> u32 {
        let rate = self.setup.lock().unwrap_or_else(PoisonError::into_inner).rate;
        self.instance.shared.newest().tail(rate)
    }
}

impl IProcessContextRequirementsTrait for Component {
    unsafe fn getProcessContextRequirements(&self) -> u32 {
        use IProcessContextRequirements_::Flags_ as Flags;
        let place = Flags::kNeedTransportState | Flags::kNeedProjectTimeMusic | Flags::kNeedBarPositionMusic;
        (place | Flags::kNeedTempo | Flags::kNeedTimeSignature) as u32
    }
}

impl IEditControllerTrait for Component {
    unsafe fn setComponentState(&self, _state: *mut IBStream) -> tresult {
        // It has it already; the host may show other names and values now.
        self.news.tell_of_parameters();
        kResultOk
    }

    unsafe fn setState(&self, _state: *mut IBStream) -> tresult {
        kResultOk
    }

    unsafe fn getState(&self, _state: *mut IBStream) -> tresult {
        kResultOk
    }

    unsafe fn getParameterCount(&self) -> i32 {
        Parameter::count() as i32
    }

    unsafe fn getParameterInfo(&self, index: i32, info: *mut ParameterInfo) -> tresult {
        let parameter = usize::try_from(index).ok().and_then(|index| Parameter::all().nth(index));
        let (Some(parameter), Some(info)) = (parameter, unsafe { info.as_mut() }) else {
            return kInvalidArgument;
        };
        info.id = parameter.id();
        let name = parameter.name(&self.instance.shared);
        write_wide(&name, &mut info.title);
        write_wide(&name, &mut info.shortTitle);
        write_wide("", &mut info.units);
        info.defaultNormalizedValue = parameter.part(0.0);
        info.unitId = 0;
        use ParameterInfo_::ParameterFlags_ as Flags;
        let (steps, flags) = match parameter.used() {
            Use::Chosen => (parameter.range()[1] as i32, Flags::kIsList),
            Use::Read => (0, Flags::kIsReadOnly),
            Use::Pressed => (1, 0),
            Use::Bypass => (1, Flags::kCanAutomate | Flags::kIsBypass),
            Use::Automated => (0, Flags::kCanAutomate),
            Use::Switched => (1, Flags::kCanAutomate),
        };
        (info.stepCount, info.flags) = (steps, flags as i32);
        kResultOk
    }

    unsafe fn getParamStringByValue(&self, id: u32, value: f64, text: *mut String128) -> tresult {
        let (Some(parameter), Some(text)) = (Parameter::from_id(id), unsafe { text.as_mut() }) else {
            return kInvalidArgument;
        };
        write_wide(&parameter.text(&self.instance.shared, parameter.plain(value)), text);
        kResultOk
    }

    unsafe fn getParamValueByString(&self, id: u32, text: *mut TChar, value: *mut f64) -> tresult {
        let (Some(parameter), Some(value), false) =
            (Parameter::from_id(id), unsafe { value.as_mut() }, text.is_null())
        else {
            return kInvalidArgument;
        };
        // SAFETY: the text ends with a zero, as the format has it; nothing is read beyond it.
        let characters = (0..LONGEST_TEXT).map(|place| unsafe { *text.add(place) });
        let text: Vec<u16> = characters.take_while(|&character| character != 0).map(|c| c as u16).collect();
        let Some(plain) = parameter.value_of(&String::from_utf16_lossy(&text)) else { return kResultFalse };
        *value = parameter.part(plain).clamp(0.0, 1.0);
        kResultOk
    }

    unsafe fn normalizedParamToPlain(&self, id: u32, value: f64) -> f64 {
        Parameter::from_id(id).map_or(0.0, |parameter| parameter.plain(value))
    }

    unsafe fn plainParamToNormalized(&self, id: u32, value: f64) -> f64 {
        Parameter::from_id(id).map_or(0.0, |parameter| parameter.part(value))
    }

    unsafe fn getParamNormalized(&self, id: u32) -> f64 {
        let of = |parameter: Parameter| parameter.part(parameter.value(&self.instance.shared));
        Parameter::from_id(id).map_or(0.0, of)
    }

    unsafe fn setParamNormalized(&self, id: u32, value: f64) -> tresult {
        let Some(parameter) = Parameter::from_id(id) else { return kInvalidArgument };
        parameter.set(&self.instance.shared, parameter.plain(value));
        kResultOk
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        self.news.tell_to(unsafe { ComRef::from_raw(handler) }.map(|handler| handler.to_com_ptr()));
        kResultOk
    }

    unsafe fn createView(&self, name: *const c_char) -> *mut IPlugView {
        // SAFETY: both are texts that end with a zero, the second a constant of the format.
        let text = |pointer| unsafe { CStr::from_ptr(pointer) };
        if name.is_null() || text(name) != text(ViewType::kEditor) {
            return std::ptr::null_mut();
        }
        let view = PlugView::new(self.instance.ends(), self.news.clone());
        let view = view.and_then(|view| ComWrapper::new(view).to_com_ptr::<IPlugView>());
        view.map_or(std::ptr::null_mut(), |view| view.into_raw())
    }
}

#[cfg(test)]
mod tests {
    use vst3::ComPtr;
    use vst3::Steinberg::Vst::{IParamValueQueue, ParamID, ParamValue};

    use super::*;

    /// What a host automates of a parameter in one buffer: frames and values from 0 to 1.
    struct Queue(u32, Vec<(i32, f64)>);

    impl Class for Queue {
        type Interfaces = (IParamValueQueue,);
    }

    impl IParamValueQueueTrait for Queue {
        unsafe fn getParameterId(&self) -> ParamID {
            self.0
        }

        unsafe fn getPointCount(&self) -> i32 {
            self.1.len() as i32
        }

        unsafe fn getPoint(&self, index: i32, offset: *mut i32, value: *mut ParamValue) -> tresult {
            let Some(&(at, part)) = self.1.get(index as usize) else { return kInvalidArgument };
            unsafe { (*offset, *value) = (at, part) };
            kResultOk
        }

        unsafe fn addPoint(&self, _offset: i32, _value: ParamValue, _index: *mut i32) -> tresult {
            kNotImplemented
        }
    }

    struct Changes(Vec<ComPtr<IParamValueQueue>>);

    impl Class for Changes {
        type Interfaces = (IParameterChanges,);
    }

    impl IParameterChangesTrait for Changes {
        unsafe fn getParameterCount(&self) -> i32 {
            self.0.len() as i32
        }

        unsafe fn getParameterData(&self, index: i32) -> *mut IParamValueQueue {
            self.0.get(index as usize).map_or(std::ptr::null_mut(), ComPtr::as_ptr)
        }

        unsafe fn addParameterData(&self, _id: *const ParamID, _index: *mut i32) -> *mut IParamValueQueue {
            std::ptr::null_mut()
        }
    }

    #[test]
    fn changes_are_taken_in_the_order_of_their_frames() {
        let component = Component::new().unwrap();
        let queue = |parameter: u32, points: &[(i32, f64)]| {
            ComWrapper::new(Queue(parameter, points.to_vec())).to_com_ptr::<IParamValueQueue>().unwrap()
        };
        let (gain, mute) = (100, 102);
        let queues = vec![
            queue(gain, &[(0, 1.0), (64, 0.0), (4096, 0.5)]),
            queue(mute, &[(32, 1.0), (64, 0.0)]),
            queue(9999, &[(8, 1.0)]),
        ];
        let changes = ComWrapper::new(Changes(queues)).to_com_ptr::<IParameterChanges>().unwrap();
        let value = |id: u32| unsafe { component.getParamNormalized(id) };
        let mut seen = Vec::new();
        let mut from = 0;
        loop {
            let next = unsafe { component.change(changes.as_com_ref(), from) };
            seen.push((from, value(gain), value(mute)));
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        let half = Parameter::from_id(gain).unwrap().plain(0.5);
        assert_eq!(half, -24.0);
        assert_eq!(seen, [(0, 1.0, 0.0), (32, 1.0, 1.0), (64, 0.0, 0.0), (4096, 0.5, 0.0)]);
    }

    #[test]
    fn what_a_user_types_becomes_a_value() {
        let component = Component::new().unwrap();
        let typed = |id: u32, text: &str| {
            let mut text: Vec<TChar> = text.encode_utf16().map(|c| c as TChar).chain([0]).collect();
            let mut value = -1.0;
            let result = unsafe { component.getParamValueByString(id, text.as_mut_ptr(), &mut value) };
            (result == kResultOk).then_some(value)
        };
        assert_eq!(typed(100, "-24 dB"), Some(0.5));
        assert_eq!(typed(100, "+99"), Some(1.0));
        assert_eq!(typed(102, "on"), Some(1.0));
        assert_eq!([typed(100, "loud"), typed(7, "on")], [None; 2]);
    }

    #[test]
    fn buses_and_parameters_are_those_of_the_format() {
        let component = Component::new().unwrap();
        let (audio, event) = (MediaTypes_::kAudio as MediaType, MediaTypes_::kEvent as MediaType);
        let (input, output) =
            (BusDirections_::kInput as BusDirection, BusDirections_::kOutput as BusDirection);
        let count = |media, direction| unsafe { component.getBusCount(media, direction) };
        assert_eq!([count(audio, output), count(event, input)], [1 + OUTPUTS as i32, 1]);
        assert_eq!([count(audio, input), count(event, output)], [0, 0]);
        for index in 0..unsafe { component.getParameterCount() } {
            // SAFETY: the format's own plain numbers and arrays.
            let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
            assert_eq!(unsafe { component.getParameterInfo(index, &mut info) }, kResultOk);
            let plain = unsafe { component.normalizedParamToPlain(info.id, info.defaultNormalizedValue) };
            assert!(plain.abs() < 1e-9, "{plain}");
            assert_eq!(unsafe { component.getParamNormalized(info.id) }, info.defaultNormalizedValue);
        }
        let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
        let none = unsafe { component.getParameterInfo(component.getParameterCount(), &mut info) };
        assert_eq!(none, kInvalidArgument);
    }
}
