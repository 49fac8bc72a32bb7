//! The plug-in as VST3: one object that is component, processor and controller.
//!
//! The format is a set of C++ interfaces, so that what a host gives are pointers. Each is looked at here,
//! before anything else has it.
#![expect(unsafe_code, reason = "the interfaces of the format are made of pointers")]
#![allow(clippy::unnecessary_cast, reason = "the constants of the format have other types on other systems")]

mod component;
mod factory;
mod news;
mod stream;
mod view;

pub use factory::GetPluginFactory;

/// A text in what the format has for it, cut to what fits.
fn write_wide(text: &str, out: &mut [vst3::Steinberg::Vst::TChar]) {
    let room = out.len().saturating_sub(1);
    out.fill(0);
    for (place, unit) in out[..room].iter_mut().zip(text.encode_utf16()) {
        *place = unit as _;
    }
}

/// The same for the names of classes.
fn write_narrow(text: &str, out: &mut [std::ffi::c_char]) {
    let room = out.len().saturating_sub(1);
    out.fill(0);
    for (place, byte) in out[..room].iter_mut().zip(text.bytes()) {
        *place = byte as _;
    }
}
