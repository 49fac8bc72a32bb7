//! The small view as hosts of VST3 hold it.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vst3::Class;
use vst3::Steinberg::{
    FIDString, IPlugFrame, IPlugView, IPlugViewContentScaleSupport, IPlugViewContentScaleSupportTrait,
    IPlugViewTrait, TBool, ViewRect, char16, int16, kInvalidArgument, kPlatformTypeX11EmbedWindowID,
    kResultFalse, kResultOk, kResultTrue, tresult,
};

use super::news::{News, Ticking};
use crate::view::{Ends, View};

/// A view that may lie in a window of the host.
pub struct PlugView {
    view: Mutex<View>,
    news: Arc<News>,
    /// What tells them while the host has the view, whose frame gives a loop.
    ticking: Mutex<Option<Ticking>>,
}

impl Class for PlugView {
    type Interfaces = (IPlugView, IPlugViewContentScaleSupport);
}

impl PlugView {
    /// `None` where no view can be shown.
    pub fn new(ends: Ends, news: Arc<News>) -> Option<Self> {
        let view = Mutex::new(View::new(ends, None)?);
        Some(Self { view, news, ticking: Mutex::new(None) })
    }

    fn ticking(&self) -> MutexGuard<'_, Option<Ticking>> {
        self.ticking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether windows of that kind can have the view in them.
///
/// # Safety
/// The text must be null or end with a zero.
unsafe fn is_x11(kind: FIDString) -> bool {
    let text = |pointer| unsafe { std::ffi::CStr::from_ptr(pointer) };
    // SAFETY: the second is a constant of the format.
    cfg!(target_os = "linux") && !kind.is_null() && text(kind) == text(kPlatformTypeX11EmbedWindowID)
}

impl IPlugViewTrait for PlugView {
    unsafe fn isPlatformTypeSupported(&self, kind: FIDString) -> tresult {
        if unsafe { is_x11(kind) } { kResultTrue } else { kResultFalse }
    }

    unsafe fn attached(&self, parent: *mut c_void, kind: FIDString) -> tresult {
        // The pointer is the number of a window.
        let window = u32::try_from(parent.addr()).ok().filter(|&window| window != 0);
        let (Some(window), true) = (window, unsafe { is_x11(kind) }) else { return kInvalidArgument };
        match self.view().attach(window) {
            Ok(()) => kResultOk,
            Err(why) => {
                tracing::error!("the view is not shown: {why}");
                kResultFalse
            }
        }
    }

    unsafe fn removed(&self) -> tresult {
        self.view().remove();
        kResultOk
    }

    unsafe fn onWheel(&self, _distance: f32) -> tresult {
        kResultFalse
    }

    unsafe fn onKeyDown(&self, _key: char16, _code: int16, _modifiers: int16) -> tresult {
        kResultFalse
    }

    unsafe fn onKeyUp(&self, _key: char16, _code: int16, _modifiers: int16) -> tresult {
        kResultFalse
    }

    unsafe fn getSize(&self, size: *mut ViewRect) -> tresult {
        let Some(size) = (unsafe { size.as_mut() }) else { return kInvalidArgument };
        let [width, height] = self.view().size().map(|side| side as i32);
        *size = ViewRect { left: 0, top: 0, right: width, bottom: height };
        kResultOk
    }

    unsafe fn onSize(&self, _size: *mut ViewRect) -> tresult {
        kResultOk
    }

    unsafe fn onFocus(&self, _state: TBool) -> tresult {
        kResultOk
    }

    unsafe fn setFrame(&self, frame: *mut IPlugFrame) -> tresult {
        let ticking = unsafe { Ticking::begin(frame.cast(), &self.news) };
        let before = std::mem::replace(&mut *self.ticking(), ticking);
        drop(before);
        kResultOk
    }

    unsafe fn canResize(&self) -> tresult {
        kResultFalse
    }

    unsafe fn checkSizeConstraint(&self, rect: *mut ViewRect) -> tresult {
        let Some(rect) = (unsafe { rect.as_mut() }) else { return kInvalidArgument };
        let [width, height] = self.view().size().map(|side| side as i32);
        (rect.right, rect.bottom) = (rect.left + width, rect.top + height);
        kResultTrue
    }
}

impl IPlugViewContentScaleSupportTrait for PlugView {
    /// JUCE tells it only once the view is attached.
    unsafe fn setContentScaleFactor(&self, scale: f32) -> tresult {
        if !scale.is_finite() || scale <= 0.0 {
            return kInvalidArgument;
        }
        match self.view().rescale(scale.into()) {
            Ok(()) => kResultOk,
            Err(why) => {
                tracing::error!("the view is not shown: {why}");
                kResultFalse
            }
        }
    }
}
