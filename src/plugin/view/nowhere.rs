//! Where hosts embed other windows than those of X11 there is no view.

/// A view where hosts embed other windows than those of X11: there is none.
pub struct View(std::convert::Infallible);

impl View {
    pub fn new(_ends: super::Ends, _scale: Option<f64>) -> Option<Self> {
        None
    }

    pub fn size(&self) -> [u32; 2] {
        match self.0 {}
    }

    /// # Errors
    /// None.
    pub fn attach(&mut self, _parent: u32) -> Result<(), ziyin_message::Message> {
        match self.0 {}
    }

    /// # Errors
    /// None.
    pub fn rescale(&mut self, _scale: f64) -> Result<(), ziyin_message::Message> {
        match self.0 {}
    }

    pub fn show(&self, _visible: bool) {
        match self.0 {}
    }

    pub fn remove(&mut self) {
        match self.0 {}
    }
}
