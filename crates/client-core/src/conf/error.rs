//! Why a property was refused, in librdkafka's words.

use std::fmt;

use rdkafka_conf::number::format_g;
use rdkafka_conf::{Kind, Property, Refusal};

/// What kind of refusal it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfErrorKind {
    /// No such property (`RD_KAFKA_CONF_UNKNOWN`).
    Unknown,
    /// Not a value of this property (`RD_KAFKA_CONF_INVALID`).
    Invalid,
    /// Properties that do not go together: found when a client is made.
    Incompatible,
    /// A property that this client cannot honour, though librdkafka does: found when a client is made.
    Missing,
}

/// A refused property, or a refused configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfError {
    /// What kind of refusal it was.
    pub kind: ConfErrorKind,
    /// The text of librdkafka.
    pub text: String,
}

impl ConfError {
    /// A configuration that no client can be made with.
    pub(super) fn incompatible(text: impl Into<String>) -> Self {
        Self {
            kind: ConfErrorKind::Incompatible,
            text: text.into(),
        }
    }

    /// A setting that librdkafka honours and this client does not.
    pub(super) fn missing(text: impl Into<String>) -> Self {
        Self {
            kind: ConfErrorKind::Missing,
            text: text.into(),
        }
    }

    /// A name that is no property; `meant` is one that may have been meant.
    pub(super) fn unknown(name: &str, meant: Option<&str>) -> Self {
        let mut text = format!("No such configuration property: \"{name}\"");
        if let Some(meant) = meant {
            text.push_str(&format!(" (did you mean \"{meant}\"?)"));
        }
        Self {
            kind: ConfErrorKind::Unknown,
            text,
        }
    }

    /// A value that `row` does not take.
    pub(super) fn invalid(row: &Property, refusal: &Refusal) -> Self {
        Self {
            kind: ConfErrorKind::Invalid,
            text: words(row, refusal),
        }
    }

    /// librdkafka's number for it: -2 unknown, -1 invalid.
    #[must_use]
    pub const fn code(&self) -> i32 {
        match self.kind {
            ConfErrorKind::Unknown => -2,
            ConfErrorKind::Invalid | ConfErrorKind::Incompatible | ConfErrorKind::Missing => -1,
        }
    }
}

impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ConfError {}

/// librdkafka's words for a refusal. The line feeds after ranges are part of them.
fn words(row: &Property, refusal: &Refusal) -> String {
    let name = row.name;
    match refusal {
        Refusal::NotHere(reason) => {
            format!("Configuration property \"{name}\" not supported in this build: {reason}")
        }
        Refusal::OnlyByCode => {
            format!("Property \"{name}\" must be set through dedicated .._set_..() function")
        }
        Refusal::Internal => format!("Internal property \"{name}\" not settable"),
        Refusal::Known(text) => (*text).into(),
        Refusal::Empty => match row.kind {
            Kind::Bool { .. } => {
                format!("Bool configuration property \"{name}\" cannot be set to empty value")
            }
            Kind::Int { .. } => {
                format!("Integer configuration property \"{name}\" cannot be set to empty value")
            }
            Kind::Float { .. } => {
                format!("Float configuration property \"{name}\" cannot be set to empty value")
            }
            _ => format!("Configuration property \"{name}\" cannot be set to empty value"),
        },
        Refusal::NotBool(_) => format!("Expected bool value for \"{name}\": true or false"),
        Refusal::NotANumber(_) => format!("Invalid value for configuration property \"{name}\""),
        Refusal::OutOfRange { value, min, max } => format!(
            "Configuration property \"{name}\" value {value} is outside allowed range {min}..{max}\n"
        ),
        Refusal::FloatOutOfRange { value, min, max } => format!(
            "Configuration property \"{name}\" value {} is outside allowed range {}..{}\n",
            format_g(*value),
            format_g(*min),
            format_g(*max),
        ),
        Refusal::UnknownName(value) => {
            format!("Invalid value \"{value}\" for configuration property \"{name}\"")
        }
        Refusal::UnsupportedName {
            name: value,
            reason,
        } => {
            format!("Unsupported value \"{value}\" for configuration property \"{name}\": {reason}")
        }
        Refusal::NotAccepted(value) => format!(
            "Invalid value for configuration property \"{name}\": {}",
            value.as_deref().unwrap_or("(null)"),
        ),
        Refusal::BadPattern(text) => text.clone(),
    }
}
