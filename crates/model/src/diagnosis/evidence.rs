//! Evidence kept as data: it becomes a sentence only when it is shown.

use std::{any::Any, fmt, mem, sync::Arc};

use super::text::cut;

/// The longest sentence, in characters: enough for a few pieces of a peer's text among our own words.
const MAX_SENTENCE: usize = 500;

/// A kind of evidence. Its `Display` is a sentence without a capital or a full stop; text of a peer in it is
/// [`clipped`](super::text::clipped). Two equal statements are the same evidence.
pub(crate) trait Statement: fmt::Debug + fmt::Display + PartialEq + Send + Sync + Sized + 'static {
    /// Whether both make the same statement about different ports or addresses.
    fn is_like(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }

    /// Without details that only programs compare.
    fn in_short(&self) -> String {
        self.to_string()
    }
}

/// Fixed sentences.
impl Statement for &'static str {
    fn is_like(&self, other: &Self) -> bool {
        self == other
    }
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(crate) struct Evidence(Arc<dyn AnyStatement>);

impl Evidence {
    pub(crate) fn of(statement: impl Statement) -> Self {
        Self(Arc::new(statement))
    }

    pub(crate) fn sentence(&self) -> String {
        cut(&self.0.to_string(), MAX_SENTENCE)
    }

    pub(super) fn in_short(&self) -> String {
        cut(&self.0.in_short(), MAX_SENTENCE)
    }

    /// Whether both make the same statement about different ports or addresses.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.0.is_like(&*other.0)
    }
}

impl PartialEq for Evidence {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(&*other.0)
    }
}

/// A [`Statement`] of any kind, object-safe: `PartialEq` cannot compare two unknown kinds.
trait AnyStatement: fmt::Debug + fmt::Display + Any + Send + Sync {
    fn is(&self, other: &dyn AnyStatement) -> bool;
    fn is_like(&self, other: &dyn AnyStatement) -> bool;
    fn in_short(&self) -> String;
}

impl<S: Statement> AnyStatement for S {
    fn is(&self, other: &dyn AnyStatement) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<S>() == Some(self)
    }

    fn is_like(&self, other: &dyn AnyStatement) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<S>().is_some_and(|other| Statement::is_like(self, other))
    }

    fn in_short(&self) -> String {
        Statement::in_short(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Statement};

    #[derive(Debug, PartialEq)]
    struct Port(u16);

    impl Statement for Port {}

    impl std::fmt::Display for Port {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "port {}", self.0)
        }
    }

    #[test]
    fn evidence_is_the_same_where_its_data_are() {
        assert_eq!(Evidence::of(Port(443)), Evidence::of(Port(443)));
        assert_ne!(Evidence::of(Port(443)), Evidence::of(Port(8883)));
        assert_ne!(Evidence::of(Port(443)), Evidence::of("port 443"));
    }

    #[test]
    fn the_same_of_another_port_is_alike() {
        assert!(Evidence::of(Port(443)).is_like(&Evidence::of(Port(8883))));
        assert!(!Evidence::of(Port(443)).is_like(&Evidence::of("port 443")));
        assert!(!Evidence::of("one").is_like(&Evidence::of("another")));
    }
}
