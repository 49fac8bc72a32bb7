//! What a host of VST3 is told: that tracks have other names, and that its project is not saved. Only its main
//! thread may tell it; a host on Linux calls here from there, where it gives a loop that timers run in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vst3::Steinberg::FUnknown;
use vst3::Steinberg::Linux::{IRunLoop, IRunLoopTrait, ITimerHandler, ITimerHandlerTrait, TimerInterval};
use vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler2, IComponentHandler2Trait, IComponentHandlerTrait, RestartFlags_,
};
use vst3::Steinberg::kResultOk;
use vst3::{Class, ComPtr, ComRef, ComWrapper};

use crate::shared::Shared;

/// How often there may be news, in milliseconds.
const INTERVAL: TimerInterval = 250;

/// What is told, and whom.
pub struct News {
    shared: Arc<Shared>,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
}

impl News {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, handler: Mutex::new(None) }
    }

    fn handler(&self) -> MutexGuard<'_, Option<ComPtr<IComponentHandler>>> {
        self.handler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is told from now on.
    pub fn tell_to(&self, handler: Option<ComPtr<IComponentHandler>>) {
        *self.handler() = handler;
    }

    /// Tells that parameters have other names and values.
    pub fn tell_of_parameters(&self) {
        let Some(handler) = self.handler().clone() else { return };
        self.shared.take_renamed();
        let changed = RestartFlags_::kParamTitlesChanged | RestartFlags_::kParamValuesChanged;
        // SAFETY: the host's object lives as long as it is held here.
        unsafe { handler.restartComponent(changed as i32) };
    }

    /// Tells what has happened since.
    fn tell(&self) {
        let Some(handler) = self.handler().clone() else { return };
        if self.shared.take_renamed() {
            self.tell_of_parameters();
        }
        if let Some(handler) = handler.cast::<IComponentHandler2>().filter(|_| self.shared.take_unsaved()) {
            // SAFETY: as above.
            unsafe { handler.setDirty(1) };
        }
    }
}

/// What the host calls.
struct Timer(Arc<News>);

impl Class for Timer {
    type Interfaces = (ITimerHandler,);
}

impl ITimerHandlerTrait for Timer {
    unsafe fn onTimer(&self) {
        self.0.tell();
    }
}

/// A timer that runs in a loop of the host until this is dropped.
pub struct Ticking {
    run_loop: ComPtr<IRunLoop>,
    timer: ComPtr<ITimerHandler>,
}

impl Ticking {
    /// Begins, if an object of the host gives a loop.
    ///
    /// # Safety
    /// The pointer must be null or that of an object that lives.
    pub unsafe fn begin(host: *mut FUnknown, news: &Arc<News>) -> Option<Self> {
        let run_loop = unsafe { ComRef::from_raw(host) }?.cast::<IRunLoop>()?;
        let timer = ComWrapper::new(Timer(news.clone())).to_com_ptr::<ITimerHandler>()?;
        let begun = unsafe { run_loop.registerTimer(timer.as_ptr(), INTERVAL) };
        (begun == kResultOk).then_some(Self { run_loop, timer })
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        // SAFETY: both are held here.
        unsafe { self.run_loop.unregisterTimer(self.timer.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

    use vst3::Steinberg::Linux::{FileDescriptor, IEventHandler};
    use vst3::Steinberg::Vst::{ParamID, ParamValue};
    use vst3::Steinberg::{FIDString, TBool, kNotImplemented, tresult};

    use super::*;
    use ziyin_score::{Project, Track, TrackId};

    /// A host with a loop, which keeps what it was told.
    #[derive(Default)]
    struct Host {
        timer: Mutex<Option<ComPtr<ITimerHandler>>>,
        restarted: AtomicI32,
        dirty: AtomicI32,
    }

    impl Class for Host {
        type Interfaces = (IComponentHandler, IComponentHandler2, IRunLoop);
    }

    impl IComponentHandlerTrait for Host {
        unsafe fn beginEdit(&self, _id: ParamID) -> tresult {
            kNotImplemented
        }

        unsafe fn performEdit(&self, _id: ParamID, _value: ParamValue) -> tresult {
            kNotImplemented
        }

        unsafe fn endEdit(&self, _id: ParamID) -> tresult {
            kNotImplemented
        }

        unsafe fn restartComponent(&self, _flags: i32) -> tresult {
            self.restarted.fetch_add(1, Relaxed);
            kResultOk
        }
    }

    impl IComponentHandler2Trait for Host {
        unsafe fn setDirty(&self, _state: TBool) -> tresult {
            self.dirty.fetch_add(1, Relaxed);
            kResultOk
        }

        unsafe fn requestOpenEditor(&self, _name: FIDString) -> tresult {
            kNotImplemented
        }

        unsafe fn startGroupEdit(&self) -> tresult {
            kNotImplemented
        }

        unsafe fn finishGroupEdit(&self) -> tresult {
            kNotImplemented
        }
    }

    impl IRunLoopTrait for Host {
        unsafe fn registerEventHandler(&self, _handler: *mut IEventHandler, _fd: FileDescriptor) -> tresult {
            kNotImplemented
        }

        unsafe fn unregisterEventHandler(&self, _handler: *mut IEventHandler) -> tresult {
            kNotImplemented
        }

        unsafe fn registerTimer(&self, handler: *mut ITimerHandler, _milliseconds: TimerInterval) -> tresult {
            *self.timer.lock().unwrap() =
                unsafe { ComRef::from_raw(handler) }.map(|timer| timer.to_com_ptr());
            kResultOk
        }

        unsafe fn unregisterTimer(&self, handler: *mut ITimerHandler) -> tresult {
            let timer = self.timer.lock().unwrap().take();
            assert_eq!(timer.map(|timer| timer.as_ptr()), Some(handler));
            kResultOk
        }
    }

    #[test]
    fn a_host_with_a_loop_is_told_once_of_each_change() {
        let shared = Arc::new(Shared::default());
        let news = Arc::new(News::new(shared.clone()));
        let host = ComWrapper::new(Host::default());
        news.tell_to(host.to_com_ptr::<IComponentHandler>());
        let object = host.to_com_ptr::<IRunLoop>().unwrap();
        let ticking = unsafe { Ticking::begin(object.as_ptr().cast(), &news) }.unwrap();
        let tick = || {
            let timer = host.timer.lock().unwrap().clone().unwrap();
            unsafe { timer.onTimer() };
            [host.restarted.load(Relaxed), host.dirty.load(Relaxed)]
        };
        assert_eq!(tick(), [0, 0]);
        shared.take_song(Project { title: "the same tracks".into(), ..Project::default() });
        assert_eq!(tick(), [0, 1]);
        let tracks = vec![Track::new(TrackId(1), "another")];
        shared.take_song(Project { tracks, ..Project::default() });
        assert_eq!([tick(), tick()], [[1, 2]; 2]);
        drop(ticking);
        assert!(host.timer.lock().unwrap().is_none());
        assert!(unsafe { Ticking::begin(std::ptr::null_mut(), &news) }.is_none());
    }
}
