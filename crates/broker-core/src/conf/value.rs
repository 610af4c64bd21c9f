//! How each type of property value is read and written.
//!
//! Owns: the [`Value`] trait and the value types that are no plain numbers. Pure.

use std::fmt;

/// The type of a property, with DescribeConfigs' number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigType {
    /// `true` or `false`.
    Boolean = 1,
    /// Text.
    String = 2,
    /// A 32-bit number.
    Int = 3,
    /// A 16-bit number.
    Short = 4,
    /// A 64-bit number.
    Long = 5,
    /// A floating point number.
    Double = 6,
    /// Comma-separated values.
    List = 7,
    /// A secret, which is never shown.
    Password = 9,
}

/// A type that a property can have.
pub(super) trait Value: Sized {
    const TYPE: ConfigType;
    fn parse(text: &str) -> Result<Self, String>;
    fn render(&self) -> Option<String>;
}

macro_rules! numbers {
    ($($type:ty => $kind:ident),*) => {$(
        impl Value for $type {
            const TYPE: ConfigType = ConfigType::$kind;
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("Not a number of type {}", stringify!($kind).to_uppercase()))
            }
            fn render(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}
numbers!(i16 => Short, i32 => Int, i64 => Long);

impl Value for f64 {
    const TYPE: ConfigType = ConfigType::Double;

    fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number) if Self::is_finite(number) => Ok(number),
            _ => Err("Not a number of type DOUBLE".into()),
        }
    }

    fn render(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

impl Value for bool {
    const TYPE: ConfigType = ConfigType::Boolean;

    fn parse(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err("Expected value to be either true or false".into())
        }
    }

    fn render(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for String {
    const TYPE: ConfigType = ConfigType::String;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn render(&self) -> Option<String> {
        Some(self.clone())
    }
}

/// A value that is not shown: not in logs, not in DescribeConfigs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Value for Secret {
    const TYPE: ConfigType = ConfigType::Password;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }

    fn render(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// Absent until set; an empty text unsets it again.
impl<T: Value> Value for Option<T> {
    const TYPE: ConfigType = T::TYPE;

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            T::parse(text).map(Some)
        }
    }

    fn render(&self) -> Option<String> {
        self.as_ref().and_then(T::render)
    }
}

impl Value for Vec<String> {
    const TYPE: ConfigType = ConfigType::List;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Into::into)
            .collect())
    }

    fn render(&self) -> Option<String> {
        Some(self.join(","))
    }
}

/// What happens to old data: `delete`, `compact` or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Segments past retention are deleted.
    pub delete: bool,
    /// Only the newest record of each key is kept.
    pub compact: bool,
    /// Of both, which was said first; it is shown as it was said.
    deletes_first: bool,
}

impl CleanupPolicy {
    /// Kafka's default.
    pub const DELETE: Self = Self {
        delete: true,
        compact: false,
        deletes_first: false,
    };
}

impl Value for CleanupPolicy {
    const TYPE: ConfigType = ConfigType::List;

    fn parse(text: &str) -> Result<Self, String> {
        let mut policy = Self {
            delete: false,
            compact: false,
            deletes_first: false,
        };
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part {
                "delete" => policy.delete = true,
                "compact" => {
                    policy.deletes_first |= policy.delete && !policy.compact;
                    policy.compact = true;
                }
                _ => return Err("String must be one of: [compact, delete]".into()),
            }
        }
        Ok(policy)
    }

    fn render(&self) -> Option<String> {
        let names = match (self.delete, self.compact) {
            (true, true) if self.deletes_first => "delete,compact",
            (true, true) => "compact,delete",
            (true, false) => "delete",
            (false, true) => "compact",
            (false, false) => "",
        };
        Some(names.to_owned())
    }
}

/// Who stamps a record: its producer or this broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer.
    CreateTime,
    /// The broker, when it appends.
    LogAppendTime,
}

impl Value for TimestampType {
    const TYPE: ConfigType = ConfigType::String;

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "CreateTime" => Ok(Self::CreateTime),
            "LogAppendTime" => Ok(Self::LogAppendTime),
            _ => Err("String must be one of: CreateTime, LogAppendTime".into()),
        }
    }

    fn render(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

/// Whether a TLS listener wants certificates of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// It does not ask.
    None,
    /// It asks, and takes clients that have none.
    Requested,
    /// It refuses clients that have none.
    Required,
}

impl Value for ClientAuth {
    const TYPE: ConfigType = ConfigType::String;

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "requested" => Ok(Self::Requested),
            "required" => Ok(Self::Required),
            _ => Err("String must be one of: required, requested, none".into()),
        }
    }

    fn render(&self) -> Option<String> {
        let name = match self {
            Self::None => "none",
            Self::Requested => "requested",
            Self::Required => "required",
        };
        Some(name.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cleanup_policy_is_shown_as_it_was_said() {
        for (said, shown) in [
            ("delete,compact", "delete,compact"),
            ("compact, delete", "compact,delete"),
            ("compact,delete,compact", "compact,delete"),
            ("delete,delete", "delete"),
            ("compact", "compact"),
        ] {
            let policy = CleanupPolicy::parse(said).unwrap();
            assert_eq!(policy.render().as_deref(), Some(shown), "{said}");
        }
    }
}
