//! Reads a record of an internal topic by a table of its fields, and writes it as JSON with Kafka's names in Kafka's order.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use rdkafka_wire::types::Uuid;
use rdkafka_wire::{DecodeError, FrameReader};
use serde_json::Value;

/// What a field holds. Strings, bytes and arrays may be null.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    I8,
    I16,
    U16,
    I32,
    I64,
    Uuid,
    Text,
    Bytes,
    Array(&'static Self),
    Struct(&'static [Field]),
    /// A struct with a byte in front that says whether it is there.
    Optional(&'static [Field]),
}

/// A field by its name in JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    since: i16,
    until: i16,
    tag: Option<u32>,
}

/// A field of all versions.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        since: 0,
        until: i16::MAX,
        tag: None,
    }
}

impl Field {
    /// There from this version on.
    pub(super) const fn since(self, version: i16) -> Self {
        Self {
            since: version,
            ..self
        }
    }

    /// There up to this version.
    pub(super) const fn until(self, version: i16) -> Self {
        Self {
            until: version,
            ..self
        }
    }

    /// One of the tagged fields.
    pub(super) const fn tagged(self, tag: u32) -> Self {
        Self {
            tag: Some(tag),
            ..self
        }
    }
}

/// The fields of a message and its versions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) fields: &'static [Field],
    pub(super) newest: i16,
    /// From this version on lengths are compact and there are tagged fields.
    pub(super) flexible_since: i16,
}

impl Layout {
    /// One version, which is flexible.
    pub(super) const fn flexible(fields: &'static [Field]) -> Self {
        Self {
            fields,
            newest: 0,
            flexible_since: 0,
        }
    }

    /// Reads the message behind its version.
    pub(super) fn read(&self, version: i16, bytes: Bytes) -> Result<Node, DecodeError> {
        let mut reader = FrameReader::new(bytes);
        if version < 0 || version > self.newest {
            return Err(reader.error("a version that is not known"));
        }
        let is_flexible = version >= self.flexible_since;
        read_struct(self.fields, version, is_flexible, &mut reader)
    }
}

/// A piece of JSON whose keys stay in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Plain(Value),
    /// Written as base64.
    Bytes(Bytes),
    Array(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
}

impl Node {
    /// A part of an object.
    pub(super) fn part(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(parts) = self else {
            return None;
        };
        let mut parts = parts.iter_mut();
        parts.find(|(it, _)| *it == name).map(|(_, node)| node)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(value) => write!(f, "{value}"),
            Self::Bytes(bytes) => write!(f, "\"{}\"", BASE64.encode(bytes)),
            Self::Array(nodes) => {
                f.write_str("[")?;
                for (at, node) in nodes.iter().enumerate() {
                    write!(f, "{}{node}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(parts) => {
                f.write_str("{")?;
                for (at, (name, node)) in parts.iter().enumerate() {
                    write!(f, "{}\"{name}\":{node}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn read_struct(
    fields: &'static [Field],
    version: i16,
    is_flexible: bool,
    reader: &mut FrameReader,
) -> Result<Node, DecodeError> {
    // Tagged fields lie behind the others, but are told where they are declared.
    let mut nodes: Vec<Option<Node>> = vec![None; fields.len()];
    for (field, node) in fields.iter().zip(&mut nodes) {
        if field.tag.is_none() && (field.since..=field.until).contains(&version) {
            *node = Some(read(field.kind, version, is_flexible, reader)?);
        }
    }
    if is_flexible {
        reader.read_tagged_fields(|tag, reader| {
            let mut known = fields.iter().zip(&mut nodes);
            let Some((field, node)) = known.find(|(it, _)| it.tag == Some(tag)) else {
                return Ok(false);
            };
            *node = Some(read(field.kind, version, is_flexible, reader)?);
            Ok(true)
        })?;
    }
    let parts = fields.iter().zip(nodes);
    let parts = parts.filter_map(|(field, node)| Some((field.name, node?)));
    Ok(Node::Object(parts.collect()))
}

fn read(
    kind: Kind,
    version: i16,
    is_flexible: bool,
    reader: &mut FrameReader,
) -> Result<Node, DecodeError> {
    Ok(match kind {
        Kind::I8 => Node::Plain(reader.i8()?.into()),
        Kind::I16 => Node::Plain(reader.i16()?.into()),
        Kind::U16 => Node::Plain(reader.u16()?.into()),
        Kind::I32 => Node::Plain(reader.i32()?.into()),
        Kind::I64 => Node::Plain(reader.i64()?.into()),
        Kind::Uuid => Node::Plain(Uuid(reader.bytes16()?).to_string().into()),
        Kind::Text => {
            let text = reader.string(is_flexible)?;
            Node::Plain(text.map_or(Value::Null, |it| it.as_str().into()))
        }
        Kind::Bytes => {
            let bytes = reader.bytes(is_flexible)?;
            bytes.map_or(Node::Plain(Value::Null), Node::Bytes)
        }
        Kind::Array(element) => {
            let nodes = reader.elements(is_flexible, |reader| {
                read(*element, version, is_flexible, reader)
            })?;
            nodes.map_or(Node::Plain(Value::Null), Node::Array)
        }
        Kind::Struct(fields) => read_struct(fields, version, is_flexible, reader)?,
        Kind::Optional(fields) => match reader.i8()? {
            ..0 => Node::Plain(Value::Null),
            _ => read_struct(fields, version, is_flexible, reader)?,
        },
    })
}
