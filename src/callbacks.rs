//! The callables that PHP code set on a `Conf`, and that a client made from it keeps.

use rdkafka_client::conf::Callback as Property;

use crate::zend::{Callable, GcBuffer};

/// What a callback is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    DeliveryReport,
    Statistics,
    Rebalance,
    Consume,
    OffsetCommit,
    Log,
    TokenRefresh,
}

const KINDS: usize = Kind::TokenRefresh as usize + 1;

impl Kind {
    /// The property that shows the callback in a dump.
    pub(crate) fn property(self) -> Property {
        match self {
            Self::Error => Property::Error,
            Self::DeliveryReport => Property::DeliveryMessage,
            Self::Statistics => Property::Stats,
            Self::Rebalance => Property::Rebalance,
            Self::Consume => Property::Consume,
            Self::OffsetCommit => Property::OffsetCommit,
            Self::Log => Property::Log,
            Self::TokenRefresh => Property::OauthbearerTokenRefresh,
        }
    }
}

/// One callable, or none, of each kind.
#[derive(Clone, Default)]
pub(crate) struct Callbacks([Option<Callable>; KINDS]);

impl Callbacks {
    pub(crate) fn get(&self, kind: Kind) -> Option<&Callable> {
        self.0[kind as usize].as_ref()
    }

    /// Sets a callable and gives the one before it back.
    pub(crate) fn replace(&mut self, kind: Kind, callable: Callable) -> Option<Callable> {
        self.0[kind as usize].replace(callable)
    }

    /// Tells the cycle collector about the callables.
    pub(crate) fn visit(&self, gc: &mut GcBuffer) {
        for callable in self.0.iter().flatten() {
            callable.visit(gc);
        }
    }
}
