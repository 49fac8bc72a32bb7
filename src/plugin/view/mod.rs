//! The small view that lies in a window of the host: what is sung, and the way to the studio.
//!
//! ```text
//! face      what is shown, and how       canvas    the triangles that it is made of, as pixels
//! files     songs in and out of files    given     what other programs give: words, dropped files
//! window    a window of X11 in that of the host
//! ```
//!
//! Hosts on Linux embed windows of X11, on a desktop of Wayland too. The view asks for no GPU, since a driver
//! that fails in here takes the host along.

#[cfg(target_os = "linux")]
mod canvas;
#[cfg(target_os = "linux")]
mod face;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod given;
#[cfg(not(target_os = "linux"))]
mod nowhere;
#[cfg(target_os = "linux")]
mod window;

use std::sync::Arc;

use super::shared::Shared;
use ziyin_score::Project;

#[cfg(not(target_os = "linux"))]
pub use nowhere::View;
#[cfg(target_os = "linux")]
pub use window::View;

/// Width and height in points.
#[cfg(target_os = "linux")]
const SIZE: [f32; 2] = [480.0, 340.0];

/// What a view needs of its instance.
#[derive(Clone)]
pub struct Ends {
    pub shared: Arc<Shared>,
    /// Puts another song in the place of that which is there.
    pub take: Arc<dyn Fn(Project) + Send + Sync>,
    /// Lets the words of a text wait for the notes that the host records.
    pub let_words_wait: Arc<dyn Fn(&str) + Send + Sync>,
}
