//! The streams that a host keeps states in, as those of Rust.

use std::io::{self, Read, Write};

use vst3::ComRef;
use vst3::Steinberg::{IBStream, IBStreamTrait, kResultOk};

/// A stream of the host.
pub struct Stream<'a>(ComRef<'a, IBStream>);

impl Stream<'_> {
    /// # Safety
    /// The pointer must be null or that of a stream that lives as long as this.
    pub unsafe fn from_raw(stream: *mut IBStream) -> Option<Self> {
        unsafe { ComRef::from_raw(stream) }.map(Self)
    }
}

/// Bytes that are asked for at once, as the format counts them.
fn at_once(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        // SAFETY: the buffer is as long as the host is told.
        let result = unsafe { self.0.read(out.as_mut_ptr().cast(), at_once(out.len()), &mut count) };
        // At the end some hosts give an error, and no bytes.
        if result != kResultOk && count <= 0 { Ok(0) } else { Ok((count.max(0) as usize).min(out.len())) }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut count = 0;
        // SAFETY: the host only reads from the buffer, which is as long as it is told.
        let result =
            unsafe { self.0.write(bytes.as_ptr().cast_mut().cast(), at_once(bytes.len()), &mut count) };
        if result != kResultOk {
            return Err(io::Error::other("the host does not take the state"));
        }
        Ok((count.max(0) as usize).min(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
