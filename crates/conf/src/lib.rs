//! Configuration properties as tables.
//!
//! A configuration is described once, as a table of [`Property`] rows: name, kind of value, default,
//! range, description. Everything else follows from the rows: parsing ([`Property::parse`]), the values
//! set so far ([`Values`]), what a dump shows, typed reading through [`Key`]s that the [`properties!`]
//! macro makes, suggestions for misspelt names, and a page of documentation ([`page`]).
//!
//! The crate knows no property and words no error message: what a value was refused for is a [`Refusal`],
//! and the configuration that owns the table says it in its own words. Values are read as librdkafka
//! reads them, which is as C reads them: see [`number`].
//!
//! No I/O, no threads, no dependencies.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod number;
pub mod page;
mod parse;
pub mod properties;
mod property;
mod suggest;
mod table;
mod values;

pub use parse::Refusal;
pub use property::{
    Alias, Bool, Choice, ChoiceName, FlagName, Flags, Float, Importance, Int, Kind, Opaque,
    Patterns, Property, Side, Text, ValueType, alias, boolean, choice, flags, float, int, internal,
    patterns, pointer, refused, text, verbatim,
};
pub use suggest::nearest;
pub use table::{Key, Table};
pub use values::{Value, Values};

#[cfg(test)]
mod tests;
