//! Turns the facts about a struct into its implementations.
//!
//! The written code names everything by full path from `rdkafka_wire`, so that other crates can derive their own
//! messages too.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::attributes::{Field, FieldDefault, MessageFacts, Struct, Versions};

pub(crate) fn expand(parsed: &Struct) -> TokenStream {
    let codec = codec(parsed);
    let default = default(parsed);
    let arbitrary = arbitrary(parsed);
    let message = parsed.message.as_ref().map(|facts| message(parsed, facts));
    quote! { #codec #default #arbitrary #message }
}

fn codec(parsed: &Struct) -> TokenStream {
    let name = &parsed.name;
    let writes = parsed
        .fields
        .iter()
        .filter(|field| field.tag.is_none())
        .map(|field| {
            let write = write_value(field);
            only_in(field.versions, &write)
        });
    let write_tags = write_tags(parsed);
    let reads = parsed.fields.iter().map(read_field);
    let read_tags = read_tags(parsed);
    let names = parsed.fields.iter().map(|field| &field.name);
    quote! {
        impl ::rdkafka_wire::codec::Codec for #name {
            #[allow(unused_variables, reason = "a struct may have no field in any version")]
            fn write(
                &self,
                w: &mut ::rdkafka_wire::FrameWriter,
                encoding: ::rdkafka_wire::codec::Encoding,
            ) {
                #(#writes)*
                #write_tags
            }

            fn read(
                r: &mut ::rdkafka_wire::FrameReader,
                encoding: ::rdkafka_wire::codec::Encoding,
            ) -> ::core::result::Result<Self, ::rdkafka_wire::DecodeError> {
                #(#reads)*
                #read_tags
                ::core::result::Result::Ok(Self { #(#names),* })
            }
        }

        impl ::rdkafka_wire::codec::Nullable for #name {
            fn write_nullable(
                value: ::core::option::Option<&Self>,
                w: &mut ::rdkafka_wire::FrameWriter,
                encoding: ::rdkafka_wire::codec::Encoding,
            ) {
                ::rdkafka_wire::codec::write_nullable_struct(value, w, encoding);
            }

            fn read_nullable(
                r: &mut ::rdkafka_wire::FrameReader,
                encoding: ::rdkafka_wire::codec::Encoding,
            ) -> ::core::result::Result<::core::option::Option<Self>, ::rdkafka_wire::DecodeError> {
                ::rdkafka_wire::codec::read_nullable_struct(r, encoding)
            }
        }
    }
}

fn write_value(field: &Field) -> TokenStream {
    let name = &field.name;
    let encoding = encoding(field);
    let Some(nullable) = field.nullable else {
        return quote! { ::rdkafka_wire::codec::Codec::write(&self.#name, w, #encoding); };
    };
    // Null in a version without null is written as the empty value, as clients of those versions expect
    // (Metadata v0: an empty topic list asks for all topics).
    let write = quote! {
        ::rdkafka_wire::codec::Nullable::write_nullable(self.#name.as_ref(), w, #encoding);
    };
    match condition_within(nullable, field.versions) {
        None => write,
        Some(condition) => quote! {
            if #condition {
                #write
            } else {
                ::rdkafka_wire::codec::write_or_empty(self.#name.as_ref(), w, #encoding);
            }
        },
    }
}

fn write_tags(parsed: &Struct) -> TokenStream {
    let mut tagged: Vec<(u32, &Field)> = parsed
        .fields
        .iter()
        .filter_map(|field| field.tag.map(|tag| (tag, field)))
        .collect();
    tagged.sort_by_key(|(tag, _)| *tag);
    let flags: Vec<_> = tagged
        .iter()
        .map(|(tag, _)| format_ident!("has_tag_{tag}"))
        .collect();
    let presences = tagged.iter().map(|(_, field)| {
        let (name, default) = (&field.name, default_value(field));
        let condition = condition(field.versions).unwrap_or_else(|| quote! { true });
        quote! { #condition && self.#name != #default }
    });
    let writes = tagged.iter().map(|(tag, field)| {
        let write = write_value(field);
        quote! { w.put_tagged_field(#tag, |w| { #write }); }
    });
    quote! {
        if encoding.flexible {
            #(let #flags = #presences;)*
            w.put_unsigned_varint(0 #(+ u32::from(#flags))*);
            #(if #flags { #writes })*
        }
    }
}

fn read_field(field: &Field) -> TokenStream {
    let (name, ty, default) = (&field.name, &field.ty, default_value(field));
    if field.tag.is_some() {
        return quote! { let mut #name: #ty = #default; };
    }
    let read = read_value(field);
    match condition(field.versions) {
        None => quote! { let #name: #ty = #read; },
        Some(condition) => quote! { let #name: #ty = if #condition { #read } else { #default }; },
    }
}

fn read_value(field: &Field) -> TokenStream {
    let encoding = encoding(field);
    let Some(nullable) = field.nullable else {
        return quote! { ::rdkafka_wire::codec::Codec::read(r, #encoding)? };
    };
    let read = quote! { ::rdkafka_wire::codec::Nullable::read_nullable(r, #encoding)? };
    match condition_within(nullable, field.versions) {
        None => read,
        Some(condition) => quote! {
            if #condition {
                #read
            } else {
                ::core::option::Option::Some(::rdkafka_wire::codec::Codec::read(r, #encoding)?)
            }
        },
    }
}

fn read_tags(parsed: &Struct) -> TokenStream {
    let arms: Vec<_> = parsed
        .fields
        .iter()
        .filter_map(|field| {
            let tag = field.tag?;
            let (name, read) = (&field.name, read_value(field));
            let guard = condition(field.versions).map(|condition| quote! { if #condition });
            Some(quote! { #tag #guard => { #name = #read; ::core::result::Result::Ok(true) } })
        })
        .collect();
    if arms.is_empty() {
        return quote! {
            if encoding.flexible {
                r.skip_tagged_fields()?;
            }
        };
    }
    quote! {
        if encoding.flexible {
            r.read_tagged_fields(|tag, r| match tag {
                #(#arms)*
                _ => ::core::result::Result::Ok(false),
            })?;
        }
    }
}

fn default(parsed: &Struct) -> TokenStream {
    let name = &parsed.name;
    let names = parsed.fields.iter().map(|field| &field.name);
    let values = parsed.fields.iter().map(default_value);
    quote! {
        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self { #(#names: #values),* }
            }
        }
    }
}

fn default_value(field: &Field) -> TokenStream {
    match &field.default {
        Some(FieldDefault::Null) => quote! { ::core::option::Option::None },
        Some(FieldDefault::Literal(literal)) if field.is_option => {
            quote! { ::core::option::Option::Some(#literal) }
        }
        Some(FieldDefault::Literal(literal)) => quote! { #literal },
        None if field.is_option => {
            quote! { ::core::option::Option::Some(::core::default::Default::default()) }
        }
        None => {
            let ty = &field.ty;
            quote! { <#ty as ::core::default::Default>::default() }
        }
    }
}

fn arbitrary(parsed: &Struct) -> TokenStream {
    let name = &parsed.name;
    let names = parsed.fields.iter().map(|field| &field.name);
    let values = parsed.fields.iter().map(|field| {
        let default = default_value(field);
        let value = match field.nullable {
            None => quote! { ::rdkafka_wire::arbitrary::Arbitrary::arbitrary(random, encoding) },
            Some(nullable) => {
                let may_be_null = condition(nullable).unwrap_or_else(|| quote! { true });
                quote! { random.option(#may_be_null, encoding) }
            }
        };
        match condition(field.versions) {
            None => value,
            Some(condition) => quote! { if #condition { #value } else { #default } },
        }
    });
    quote! {
        ::rdkafka_wire::with_arbitrary! {
            impl ::rdkafka_wire::arbitrary::Arbitrary for #name {
                fn arbitrary(
                    random: &mut ::rdkafka_wire::arbitrary::Random,
                    encoding: ::rdkafka_wire::codec::Encoding,
                ) -> Self {
                    Self { #(#names: #values),* }
                }
            }
        }
    }
}

fn message(parsed: &Struct, facts: &MessageFacts) -> TokenStream {
    let name = &parsed.name;
    let text = name.to_string();
    let (first, last) = (facts.first, facts.last);
    let flexible_from = match facts.flexible_from {
        Some(version) => quote! { ::core::option::Option::Some(#version) },
        None => quote! { ::core::option::Option::None },
    };
    let request = facts.request.as_ref().map(|(key, response)| {
        quote! {
            impl ::rdkafka_wire::Request for #name {
                const KEY: ::rdkafka_wire::ApiKey = match ::rdkafka_wire::ApiKey::from_code(#key) {
                    ::core::option::Option::Some(key) => key,
                    ::core::option::Option::None => panic!("no such API key"),
                };
                type Response = #response;
            }
        }
    });
    quote! {
        impl ::rdkafka_wire::Message for #name {
            const NAME: &'static str = #text;
            const VERSIONS: ::core::ops::RangeInclusive<i16> =
                ::core::ops::RangeInclusive::new(#first, #last);
            const FLEXIBLE_FROM: ::core::option::Option<i16> = #flexible_from;
        }
        #request
    }
}

fn encoding(field: &Field) -> TokenStream {
    if field.always_classic {
        quote! { encoding.classic() }
    } else {
        quote! { encoding }
    }
}

fn only_in(versions: Versions, statement: &TokenStream) -> TokenStream {
    match condition(versions) {
        None => quote! { #statement },
        Some(condition) => quote! { if #condition { #statement } },
    }
}

/// The test for a range inside a field that exists in `outer` anyway; `None` when it always holds.
fn condition_within(versions: Versions, outer: Versions) -> Option<TokenStream> {
    if versions == outer {
        None
    } else {
        condition(versions)
    }
}

/// The test whether the version at hand lies in a range; `None` when every version does.
fn condition(versions: Versions) -> Option<TokenStream> {
    let Versions { first, last } = versions;
    match last {
        None if first == 0 => None,
        None => Some(quote! { encoding.version >= #first }),
        Some(last) if first == last => Some(quote! { encoding.version == #first }),
        Some(last) if first == 0 => Some(quote! { encoding.version <= #last }),
        Some(last) => Some(quote! { (#first..=#last).contains(&encoding.version) }),
    }
}
