//! What hosts of CLAP look for first in the library.
//!
//! Some give their transport without the header that makes an event of it (qtractor 0.9 does), and the bindings
//! make nothing of a buffer that comes with it. The header is put in here, before they see it.
#![expect(unsafe_code, reason = "what a host of CLAP gives are pointers")]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;
use std::sync::OnceLock;

use clack_plugin::clack_entry;
use clack_plugin::entry::EntryDescriptor;
use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT, clap_event_header, clap_event_transport,
};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::process::{CLAP_PROCESS_ERROR, clap_process, clap_process_status};

use super::clap::PluginEntry;

/// That of the bindings.
static BOUND: EntryDescriptor = clack_entry!(PluginEntry);

/// The one that hosts find.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is the format's")]
pub static clap_entry: EntryDescriptor = EntryDescriptor { get_factory: Some(get_factory), ..BOUND };

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(get_plugin_count),
    get_plugin_descriptor: Some(get_plugin_descriptor),
    create_plugin: Some(create_plugin),
};

type Processing = unsafe extern "C" fn(*const clap_plugin, *const clap_process) -> clap_process_status;

/// How the bindings process, the same for all instances.
static PROCESS: OnceLock<Processing> = OnceLock::new();

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    let Some(get_factory) = BOUND.get_factory else { return null() };
    let factory = unsafe { get_factory(id) };
    // SAFETY: the host gives a text, or the bindings have looked at it in vain.
    if !factory.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID {
        return (&raw const FACTORY).cast();
    }
    factory
}

/// The factory of the bindings.
fn bound() -> Option<&'static clap_plugin_factory> {
    // SAFETY: what they give for this id is a factory that stays, or null.
    unsafe { (BOUND.get_factory?)(CLAP_PLUGIN_FACTORY_ID.as_ptr()).cast::<clap_plugin_factory>().as_ref() }
}

unsafe extern "C" fn get_plugin_count(_factory: *const clap_plugin_factory) -> u32 {
    let count = || Some(unsafe { bound()?.get_plugin_count?(bound()?) });
    count().unwrap_or(0)
}

unsafe extern "C" fn get_plugin_descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    let descriptor = || Some(unsafe { bound()?.get_plugin_descriptor?(bound()?, index) });
    descriptor().unwrap_or(null())
}

unsafe extern "C" fn create_plugin(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    let create = || Some(unsafe { bound()?.create_plugin?(bound()?, host, id) });
    let plugin = create().unwrap_or(null());
    // SAFETY: the bindings have just made it, on the heap, and nobody else has it yet.
    if let Some(made) = unsafe { plugin.cast_mut().as_mut() }
        && let Some(processing) = made.process
    {
        PROCESS.get_or_init(|| processing);
        made.process = Some(process);
    }
    plugin
}

unsafe extern "C" fn process(plugin: *const clap_plugin, asked: *const clap_process) -> clap_process_status {
    let (Some(processing), Some(given)) = (PROCESS.get(), unsafe { asked.as_ref() }) else {
        return CLAP_PROCESS_ERROR;
    };
    match unsafe { given.transport.as_ref() } {
        Some(told) if !is_transport(&told.header) => {
            let header = clap_event_header {
                size: size_of::<clap_event_transport>() as u32,
                time: 0,
                space_id: CLAP_CORE_EVENT_SPACE_ID,
                type_: CLAP_EVENT_TRANSPORT,
                flags: 0,
            };
            let transport = clap_event_transport { header, ..*told };
            let mended = clap_process { transport: &raw const transport, ..*given };
            unsafe { processing(plugin, &raw const mended) }
        }
        _ => unsafe { processing(plugin, asked) },
    }
}

fn is_transport(header: &clap_event_header) -> bool {
    header.space_id == CLAP_CORE_EVENT_SPACE_ID && header.type_ == CLAP_EVENT_TRANSPORT
}

#[cfg(test)]
mod tests {
    use std::ptr::null_mut;

    use clap_sys::audio_buffer::clap_audio_buffer;
    use clap_sys::events::{clap_input_events, clap_output_events};
    use clap_sys::process::CLAP_PROCESS_CONTINUE;
    use clap_sys::version::CLAP_VERSION;

    use super::*;

    unsafe extern "C" fn no_extension(_host: *const clap_host, _id: *const c_char) -> *const c_void {
        null()
    }

    unsafe extern "C" fn nothing(_host: *const clap_host) {}

    unsafe extern "C" fn no_events(_events: *const clap_input_events) -> u32 {
        0
    }

    unsafe extern "C" fn no_event(
        _events: *const clap_input_events,
        _index: u32,
    ) -> *const clap_event_header {
        null()
    }

    unsafe extern "C" fn no_push(
        _events: *const clap_output_events,
        _event: *const clap_event_header,
    ) -> bool {
        false
    }

    #[test]
    fn a_transport_without_a_header_is_one_all_the_same() {
        let text = c"a host".as_ptr();
        let host = clap_host {
            clap_version: CLAP_VERSION,
            host_data: null_mut(),
            name: text,
            vendor: text,
            url: text,
            version: text,
            get_extension: Some(no_extension),
            request_restart: Some(nothing),
            request_process: Some(nothing),
            request_callback: Some(nothing),
        };
        unsafe {
            assert!(clap_entry.init.unwrap()(c"".as_ptr()));
            assert!(clap_entry.get_factory.unwrap()(c"no such thing".as_ptr()).is_null());
            let factory = clap_entry.get_factory.unwrap()(CLAP_PLUGIN_FACTORY_ID.as_ptr());
            let factory = factory.cast::<clap_plugin_factory>();
            let of = factory.as_ref().unwrap();
            assert_eq!(of.get_plugin_count.unwrap()(factory), 1);
            let id = of.get_plugin_descriptor.unwrap()(factory, 0).as_ref().unwrap().id;
            let plugin = of.create_plugin.unwrap()(factory, &host, id);
            let made = plugin.as_ref().unwrap();
            assert!(made.init.unwrap()(plugin));
            assert!(made.activate.unwrap()(plugin, 48_000.0, 1, 64));
            assert!(made.start_processing.unwrap()(plugin));
            let mut sides = [[1f32; 64]; 2];
            let mut channels = sides.each_mut().map(|side| side.as_mut_ptr());
            let mut output = clap_audio_buffer {
                data32: channels.as_mut_ptr(),
                data64: null_mut(),
                channel_count: 2,
                latency: 0,
                constant_mask: 0,
            };
            let input = clap_input_events { ctx: null_mut(), size: Some(no_events), get: Some(no_event) };
            let out = clap_output_events { ctx: null_mut(), try_push: Some(no_push) };
            // What qtractor gives: all of it zero, but what it knows.
            let transport: clap_event_transport = std::mem::zeroed();
            let asked = clap_process {
                steady_time: -1,
                frames_count: 64,
                transport: &raw const transport,
                audio_inputs: null(),
                audio_outputs: &raw mut output,
                audio_inputs_count: 0,
                audio_outputs_count: 1,
                in_events: &raw const input,
                out_events: &raw const out,
            };
            assert_eq!(made.process.unwrap()(plugin, &raw const asked), CLAP_PROCESS_CONTINUE);
            assert_eq!(sides, [[0.0; 64]; 2]);
            made.stop_processing.unwrap()(plugin);
            made.deactivate.unwrap()(plugin);
            made.destroy.unwrap()(plugin);
            clap_entry.deinit.unwrap()();
        }
    }
}
