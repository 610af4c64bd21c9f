//! One row of a property table, and the `const` functions rows are written with.
//!
//! A row reads like a sentence: `int("log_level", 0..=7, 6)`, `text("sasl.password").high().sensitive()`.

use std::ops::RangeInclusive;

use crate::values::Value;

/// Who a property concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Everyone (`*` on the page).
    Any,
    /// Producers (`P`).
    Producer,
    /// Consumers (`C`).
    Consumer,
}

/// How much attention a property deserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Importance {
    Low,
    Medium,
    High,
}

/// One name of a property whose value is one of several names, and the number it stands for.
///
/// Several names may stand for one number; the first of them is the one shown.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceName {
    /// The name as users write it, in any case.
    pub name: &'static str,
    /// What it stands for.
    pub value: i32,
}

/// One flag of a property whose value is a comma-separated list of flags.
#[derive(Debug, Clone, Copy)]
pub struct FlagName {
    /// The name as users write it, in any case.
    pub name: &'static str,
    /// The bits it sets.
    pub bits: u32,
    /// Why this build refuses it, if it does. A refused flag is never shown.
    pub unsupported: Option<&'static str>,
}

/// What values a property takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text, or nothing.
    Text {
        /// Its value when not set, or set to nothing.
        default: Option<&'static str>,
        /// Whether leading white space is cut off.
        trim: bool,
        /// Which texts are accepted; with a check, nothing is not.
        check: Option<fn(&str) -> bool>,
    },
    /// A comma-separated list of regular expressions; the function says what is wrong with a list.
    Patterns {
        /// Checks the list.
        check: fn(&str) -> Result<(), String>,
    },
    /// A whole number.
    Int {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
        /// Its value when not set.
        default: i64,
        /// Names that stand for numbers.
        names: &'static [ChoiceName],
    },
    /// A number with a fraction.
    Float {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Its value when not set.
        default: f64,
    },
    /// True or false.
    Bool {
        /// Its value when not set.
        default: bool,
    },
    /// One of several names.
    Choice {
        /// The names.
        names: &'static [ChoiceName],
        /// Its value when not set.
        default: i32,
    },
    /// Any of several flags.
    Flags {
        /// The flags.
        names: &'static [FlagName],
        /// The bits when not set.
        default: u32,
    },
    /// Something only code can set (a callback).
    Pointer {
        /// Whether there is one when the application has set none.
        has_default: bool,
    },
    /// Known, but neither set nor shown.
    Internal,
    /// Another name of the property named here, in the same table.
    Alias(&'static str),
    /// Known, and always refused with this text.
    Refused(&'static str),
}

/// One row of a property table.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about a row"
)]
pub struct Property {
    /// The name users write.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it does, in Markdown, ending with a full stop.
    pub doc: &'static str,
    /// Who it concerns.
    pub side: Side,
    /// How much attention it deserves.
    pub importance: Importance,
    /// Whether its value is a secret.
    pub is_sensitive: bool,
    /// Whether the page leaves it out.
    pub is_hidden: bool,
    /// Whether it has outlived its use.
    pub is_deprecated: bool,
    /// Whether it may change or go away.
    pub is_experimental: bool,
    /// Why this platform cannot have it, if so: setting it is refused, its default stands.
    pub unsupported: Option<&'static str>,
}

impl Property {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            doc: "",
            side: Side::Any,
            importance: Importance::Low,
            is_sensitive: false,
            is_hidden: false,
            is_deprecated: false,
            is_experimental: false,
            unsupported: None,
        }
    }

    /// The value of this property when nobody has set it.
    #[must_use]
    pub fn default_value(&'static self) -> Value {
        match self.kind {
            Kind::Text { default, .. } => Value::Text(default.map(Into::into)),
            Kind::Patterns { .. } => Value::Text(None),
            Kind::Int { default, .. } => Value::Int(default),
            Kind::Float { default, .. } => Value::Float(default),
            Kind::Bool { default } => Value::Bool(default),
            Kind::Choice { default, .. } => Value::Choice(default),
            Kind::Flags { default, .. } => Value::Flags(default),
            // The row's own address: stable, not null, and honest about being an address.
            Kind::Pointer { has_default: true } => {
                Value::Pointer(Some(std::ptr::from_ref(self).addr()))
            }
            Kind::Pointer { has_default: false } => Value::Pointer(None),
            Kind::Internal | Kind::Alias(_) | Kind::Refused(_) => Value::Nothing,
        }
    }

    /// `value` as a user would write it; `None` when there is nothing to show.
    #[must_use]
    pub fn show(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(crate::number::format_g(*number)),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Choice(number) => self.choice_name(*number).map(Into::into),
            Value::Flags(bits) => Some(self.flag_names(*bits)),
            Value::Pointer(address) => address.map(|address| format!("{address:#x}")),
            Value::Nothing => None,
        }
    }

    fn choice_name(&self, value: i32) -> Option<&'static str> {
        let Kind::Choice { names, .. } = self.kind else {
            return None;
        };
        names
            .iter()
            .find(|choice| choice.value == value)
            .map(|choice| choice.name)
    }

    fn flag_names(&self, bits: u32) -> String {
        let Kind::Flags { names, .. } = self.kind else {
            return String::new();
        };
        let set: Vec<&str> = names
            .iter()
            .filter(|flag| flag.unsupported.is_none() && bits & flag.bits == flag.bits)
            .map(|flag| flag.name)
            .collect();
        set.join(",")
    }

    /// Adds the description. The macro [`crate::properties!`] takes it from the row's doc comment.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// For producers only.
    #[must_use]
    pub const fn producer(mut self) -> Self {
        self.side = Side::Producer;
        self
    }

    /// For consumers only.
    #[must_use]
    pub const fn consumer(mut self) -> Self {
        self.side = Side::Consumer;
        self
    }

    /// Of medium importance.
    #[must_use]
    pub const fn medium(mut self) -> Self {
        self.importance = Importance::Medium;
        self
    }

    /// Of high importance.
    #[must_use]
    pub const fn high(mut self) -> Self {
        self.importance = Importance::High;
        self
    }

    /// A secret.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.is_sensitive = true;
        self
    }

    /// Not on the page.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    /// Has outlived its use.
    #[must_use]
    pub const fn deprecated(mut self) -> Self {
        self.is_deprecated = true;
        self
    }

    /// May change or go away.
    #[must_use]
    pub const fn experimental(mut self) -> Self {
        self.is_experimental = true;
        self
    }

    /// Cannot be set here, for this reason.
    #[must_use]
    pub const fn unsupported(mut self, reason: &'static str) -> Self {
        self.unsupported = Some(reason);
        self
    }

    /// A text's value when not set.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        if let Kind::Text { trim, check, .. } = self.kind {
            self.kind = Kind::Text {
                default: Some(default),
                trim,
                check,
            };
        }
        self
    }

    /// Which texts are accepted.
    #[must_use]
    pub const fn checked(mut self, accepts: fn(&str) -> bool) -> Self {
        if let Kind::Text { default, trim, .. } = self.kind {
            self.kind = Kind::Text {
                default,
                trim,
                check: Some(accepts),
            };
        }
        self
    }

    /// Names that may stand for a number.
    #[must_use]
    pub const fn named(mut self, names: &'static [ChoiceName]) -> Self {
        if let Kind::Int {
            min, max, default, ..
        } = self.kind
        {
            self.kind = Kind::Int {
                min,
                max,
                default,
                names,
            };
        }
        self
    }
}

/// A row for text; leading white space does not count.
#[must_use]
pub const fn text(name: &'static str) -> Property {
    Property::new(
        name,
        Kind::Text {
            default: None,
            trim: true,
            check: None,
        },
    )
}

/// A row for text taken as it is.
#[must_use]
pub const fn verbatim(name: &'static str) -> Property {
    Property::new(
        name,
        Kind::Text {
            default: None,
            trim: false,
            check: None,
        },
    )
}

/// A row for a list of regular expressions.
#[must_use]
pub const fn patterns(name: &'static str, check: fn(&str) -> Result<(), String>) -> Property {
    Property::new(name, Kind::Patterns { check })
}

/// A row for a whole number.
#[must_use]
pub const fn int(name: &'static str, range: RangeInclusive<i64>, default: i64) -> Property {
    let (min, max) = (*range.start(), *range.end());
    Property::new(
        name,
        Kind::Int {
            min,
            max,
            default,
            names: &[],
        },
    )
}

/// A row for a number with a fraction.
#[must_use]
pub const fn float(name: &'static str, range: RangeInclusive<f64>, default: f64) -> Property {
    Property::new(
        name,
        Kind::Float {
            min: *range.start(),
            max: *range.end(),
            default,
        },
    )
}

/// A row for true or false.
#[must_use]
pub const fn boolean(name: &'static str, default: bool) -> Property {
    Property::new(name, Kind::Bool { default })
}

/// A row for one of several names.
#[must_use]
pub const fn choice(name: &'static str, names: &'static [ChoiceName], default: i32) -> Property {
    Property::new(name, Kind::Choice { names, default })
}

/// A row for any of several flags.
#[must_use]
pub const fn flags(name: &'static str, names: &'static [FlagName], default: u32) -> Property {
    Property::new(name, Kind::Flags { names, default })
}

/// A row for what only code can set.
#[must_use]
pub const fn pointer(name: &'static str, has_default: bool) -> Property {
    Property::new(name, Kind::Pointer { has_default })
}

/// A row for what is neither set nor shown.
#[must_use]
pub const fn internal(name: &'static str) -> Property {
    Property::new(name, Kind::Internal)
}

/// A row for another name of the property `target`.
#[must_use]
pub const fn alias(name: &'static str, target: &'static str) -> Property {
    Property::new(name, Kind::Alias(target))
}

/// A row for a name that is always refused with `text`.
#[must_use]
pub const fn refused(name: &'static str, text: &'static str) -> Property {
    Property::new(name, Kind::Refused(text))
}

/// The type of a property's value, known at compile time: what a [`crate::Key`] reads.
pub trait ValueType {
    /// What reading yields.
    type Out<'a>;

    /// Reads `value`; `None` if it is of another type.
    fn read(value: &Value) -> Option<Self::Out<'_>>;
}

macro_rules! value_types {
    ($($(#[$meta:meta])* $name:ident<$life:lifetime> => $out:ty, $pattern:pat => $read:expr;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub enum $name {}

            impl ValueType for $name {
                type Out<$life> = $out;

                fn read(value: &Value) -> Option<Self::Out<'_>> {
                    match value {
                        $pattern => Some($read),
                        _ => None,
                    }
                }
            }
        )+
    };
}

value_types! {
    /// Text, or nothing.
    Text<'a> => Option<&'a str>, Value::Text(text) => text.as_deref();
    /// A list of regular expressions as it was written, or nothing.
    Patterns<'a> => Option<&'a str>, Value::Text(text) => text.as_deref();
    /// A whole number.
    Int<'a> => i64, Value::Int(number) => *number;
    /// A number with a fraction.
    Float<'a> => f64, Value::Float(number) => *number;
    /// True or false.
    Bool<'a> => bool, Value::Bool(truth) => *truth;
    /// The number of the chosen name.
    Choice<'a> => i32, Value::Choice(number) => *number;
    /// The bits of the flags.
    Flags<'a> => u32, Value::Flags(bits) => *bits;
    /// Whether there is something.
    Opaque<'a> => bool, Value::Pointer(address) => address.is_some();
    /// Rows that hold no value.
    Alias<'a> => (), Value::Nothing => ();
}
