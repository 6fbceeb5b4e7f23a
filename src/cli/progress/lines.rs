//! What progress can draw.

/// What there is to draw of something that goes on.
pub trait Lines: Send + 'static {
    /// Its lines at the moment, with the spinner's face where something is waited for.
    fn drawn(&self, face: char) -> Vec<String>;
}
