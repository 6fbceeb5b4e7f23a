//! What a session sends, and how much it waits for.

/// The longest packet or frame that is waited for.
pub(super) const MAX_BUFFERED: usize = 64 * 1024;

/// What to send now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The bytes; often none yet.
    pub bytes: Vec<u8>,
    /// Whether the conversation is over.
    pub done: bool,
}
