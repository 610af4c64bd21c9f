//! Consumer groups: the membership protocols and the assignors. Pure code; driver task.

pub mod assignor;
pub(crate) mod classic;
pub(crate) mod member;
pub(crate) mod member_io;
pub(crate) mod next_gen;
pub(crate) mod protocol;
