//! Where a host finds the plug-in in the library.

use std::ffi::c_void;

use vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactoryTrait,
    PClassInfo, PClassInfo_, PClassInfo2, PFactoryInfo, PFactoryInfo_, TUID, kInvalidArgument, kOutOfMemory,
    kResultOk, tresult,
};
use vst3::{Class, ComWrapper};

use super::component::Component;
use super::write_narrow;
use crate::{NAME, VENDOR};

const CATEGORY: &str = "Audio Module Class";

struct Factory;

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2);
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        let Some(info) = (unsafe { info.as_mut() }) else { return kInvalidArgument };
        write_narrow(VENDOR, &mut info.vendor);
        write_narrow("", &mut info.url);
        write_narrow("", &mut info.email);
        info.flags = PFactoryInfo_::FactoryFlags_::kUnicode as i32;
        kResultOk
    }

    unsafe fn countClasses(&self) -> i32 {
        1
    }

    unsafe fn getClassInfo(&self, index: i32, info: *mut PClassInfo) -> tresult {
        let (0, Some(info)) = (index, unsafe { info.as_mut() }) else { return kInvalidArgument };
        info.cid = Component::ID;
        info.cardinality = PClassInfo_::ClassCardinality_::kManyInstances as i32;
        write_narrow(CATEGORY, &mut info.category);
        write_narrow(NAME, &mut info.name);
        kResultOk
    }

    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, out: *mut *mut c_void) -> tresult {
        let asked = unsafe { cid.cast::<TUID>().as_ref() };
        if asked != Some(&Component::ID) || iid.is_null() || out.is_null() {
            return kInvalidArgument;
        }
        let Ok(component) = Component::new() else { return kOutOfMemory };
        let Some(unknown) = ComWrapper::new(component).to_com_ptr::<FUnknown>() else {
            return kInvalidArgument;
        };
        let pointer = unknown.as_ptr();
        // SAFETY: the pointer is that of an object that lives, and the others are not null.
        unsafe { ((*(*pointer).vtbl).queryInterface)(pointer, iid.cast(), out) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: i32, info: *mut PClassInfo2) -> tresult {
        let (0, Some(info)) = (index, unsafe { info.as_mut() }) else { return kInvalidArgument };
        info.cid = Component::ID;
        info.cardinality = PClassInfo_::ClassCardinality_::kManyInstances as i32;
        info.classFlags = 0;
        write_narrow(CATEGORY, &mut info.category);
        write_narrow(NAME, &mut info.name);
        write_narrow("Instrument|Synth", &mut info.subCategories);
        write_narrow(VENDOR, &mut info.vendor);
        write_narrow(env!("CARGO_PKG_VERSION"), &mut info.version);
        write_narrow("VST 3.7", &mut info.sdkVersion);
        kResultOk
    }
}

/// What every host asks for first.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is the format's")]
pub extern "system" fn GetPluginFactory() -> *mut IPluginFactory {
    let factory = ComWrapper::new(Factory).to_com_ptr::<IPluginFactory>();
    factory.map_or(std::ptr::null_mut(), |factory| factory.into_raw())
}

#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is the format's")]
extern "system" fn ModuleEntry(_library: *mut c_void) -> bool {
    true
}

#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is the format's")]
extern "system" fn ModuleExit() -> bool {
    true
}

#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is the format's")]
extern "system" fn bundleEntry(_bundle: *mut c_void) -> bool {
    true
}

#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is the format's")]
extern "system" fn bundleExit() -> bool {
    true
}
