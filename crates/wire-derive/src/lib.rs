//! The derive behind every wire message.
//!
//! `#[derive(Message)]` reads the facts Kafka's schemas state about a struct and its fields and writes the codec:
//!
//! ```text
//! #[message(versions = "0-13", flexible = "9+", key = 0, response = ProduceResponse)]
//!     versions   the versions this build knows
//!     flexible   from which version compact lengths and tagged fields are used; "none" for never
//!     key        requests only: the API key
//!     response   requests only: the type of the answer
//! #[field(versions = "3+", nullable = "3+", default = "null", tag = 0, tagged = "3+", flexible = "none", ignorable)]
//!     versions   where the field exists; elsewhere it is not written, and reads as its default
//!     nullable   where null may be written; only on `Option`
//!     default    a literal, or "null"; without it: zero, empty, `Some(empty)`
//!     tag        the field travels as this tagged field, and only when it differs from its default
//!     tagged     must equal `versions`
//!     flexible   "none": the classic encoding even in flexible versions (the header's client id)
//!     ignorable  may be dropped silently by a version without it. Kafka's Java classes refuse to write other fields
//!                that hold a value the version cannot carry; here every field is dropped, and callers that care ask first
//! ```
//!
//! A struct without `#[message]` is part of a message and takes version and flexibility from the one around it.
//! Written for every struct: `rdkafka_wire::codec::{Codec, Nullable}`, `Default`, and `Arbitrary` where that feature is
//! on; with `#[message]` also `Message`, with `key` also `Request`.
//!
//! Runs in the compiler; a wrong attribute is a compile error at the attribute.

mod attributes;
mod codegen;

use proc_macro::TokenStream;

/// Writes codec, defaults and version facts of a Kafka message or of a part of one.
#[proc_macro_derive(Message, attributes(message, field))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    attributes::Struct::parse(&input)
        .map(|parsed| codegen::expand(&parsed))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
