//! Consumer groups: the membership protocol and the assignors. Pure code; driver task.

pub mod assignor;
pub(crate) mod classic;
pub(crate) mod member_io;
pub(crate) mod protocol;
