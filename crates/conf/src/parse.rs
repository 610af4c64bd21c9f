//! Reading one value: from what a user wrote to a [`Value`], or to the reason why not.

use crate::number;
use crate::property::{ChoiceName, FlagName, Kind, Property};
use crate::values::Value;

/// Why a value was refused. Whoever owns the table puts it into words.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The property cannot be set on this platform, for this reason.
    NotHere(&'static str),
    /// Only code can set it.
    OnlyByCode,
    /// Nothing can set it.
    Internal,
    /// The property is known and refused with this text.
    Known(&'static str),
    /// It cannot be set to nothing.
    Empty,
    /// Neither true nor false.
    NotBool(String),
    /// Not a number, nor a name that stands for one.
    NotANumber(String),
    /// A number out of range.
    OutOfRange {
        /// The number.
        value: i64,
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number with a fraction out of range.
    FloatOutOfRange {
        /// The number.
        value: f64,
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// None of the names; with the one that is not.
    UnknownName(String),
    /// One of the names, but refused for this reason.
    UnsupportedName {
        /// The name as it was written.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// Text that is not accepted, or nothing where text must be.
    NotAccepted(Option<String>),
    /// A list of regular expressions with a mistake, which the text describes.
    BadPattern(String),
}

impl Property {
    /// Reads `written` into `value`; says in `changed` whether `value` was assigned.
    ///
    /// # Errors
    ///
    /// Why `written` was refused. Flags before the refused one are kept, as librdkafka does.
    pub fn parse(
        &self,
        written: &str,
        value: &mut Value,
        changed: &mut bool,
    ) -> Result<(), Refusal> {
        if let Some(reason) = self.unsupported {
            return Err(Refusal::NotHere(reason));
        }
        if let Kind::Flags { names, .. } = self.kind {
            return parse_flags(names, written, value, changed);
        }
        if let Some(parsed) = self.parse_single(written)? {
            *value = parsed;
            *changed = true;
        }
        Ok(())
    }

    /// Everything but flags: at most one value, `None` when the text means to leave things alone.
    fn parse_single(&self, written: &str) -> Result<Option<Value>, Refusal> {
        let is_empty = written.is_empty();
        match self.kind {
            Kind::Text {
                default,
                trim,
                check,
            } => parse_text(written, default, trim, check).map(Some),
            Kind::Patterns { .. } if is_empty => Ok(Some(Value::Text(None))),
            Kind::Patterns { check } => {
                check(written).map_err(Refusal::BadPattern)?;
                Ok(Some(Value::Text(Some(written.into()))))
            }
            Kind::Int { .. } | Kind::Float { .. } | Kind::Bool { .. } | Kind::Choice { .. }
                if is_empty =>
            {
                Err(Refusal::Empty)
            }
            Kind::Int {
                min, max, names, ..
            } => {
                let number = parse_int(written, min, max, names)?;
                Ok(Some(Value::Int(number)))
            }
            Kind::Float { min, max, .. } => {
                parse_float(written, min, max).map(|number| Some(Value::Float(number)))
            }
            Kind::Bool { .. } => parse_bool(written).map(|truth| Some(Value::Bool(truth))),
            Kind::Choice { names, .. } => parse_choice(names, written),
            Kind::Pointer { .. } => Err(Refusal::OnlyByCode),
            Kind::Internal | Kind::Alias(_) | Kind::Flags { .. } => Err(Refusal::Internal),
            Kind::Refused(text) => Err(Refusal::Known(text)),
        }
    }
}

/// Nothing means the default; white space alone means the empty text.
fn parse_text(
    written: &str,
    default: Option<&'static str>,
    trim: bool,
    check: Option<fn(&str) -> bool>,
) -> Result<Value, Refusal> {
    let text = if written.is_empty() {
        None
    } else if trim {
        Some(written.trim_start_matches(number::is_c_space))
    } else {
        Some(written)
    };
    if let Some(accepts) = check
        && !text.is_some_and(accepts)
    {
        return Err(Refusal::NotAccepted(text.map(Into::into)));
    }
    Ok(Value::Text(text.or(default).map(Into::into)))
}

fn parse_bool(written: &str) -> Result<bool, Refusal> {
    let is_any = |names: [&str; 3]| names.iter().any(|name| written.eq_ignore_ascii_case(name));
    if is_any(["true", "t", "1"]) {
        Ok(true)
    } else if is_any(["false", "f", "0"]) {
        Ok(false)
    } else {
        Err(Refusal::NotBool(written.into()))
    }
}

fn parse_int(written: &str, min: i64, max: i64, names: &[ChoiceName]) -> Result<i64, Refusal> {
    let value = match number::c_long(written) {
        Some(long) => {
            // C narrows to 32 bits here. Report the narrowed number as C would when it is out of range;
            // when narrowing would move it into the range, refuse rather than use a number nobody wrote.
            let narrowed = i64::from(long as i32);
            if (min..=max).contains(&narrowed) {
                long
            } else {
                narrowed
            }
        }
        None => {
            let named = names
                .iter()
                .find(|choice| choice.name.eq_ignore_ascii_case(written));
            let choice = named.ok_or_else(|| Refusal::NotANumber(written.into()))?;
            i64::from(choice.value)
        }
    };
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Refusal::OutOfRange { value, min, max })
    }
}

fn parse_float(written: &str, min: f64, max: f64) -> Result<f64, Refusal> {
    match number::c_double(written) {
        None => Err(Refusal::NotANumber(written.into())),
        // Not a number is in no range, whatever comparisons say.
        Some(value) if value.is_nan() => Err(Refusal::NotANumber(written.into())),
        Some(value) if value < min || value > max => {
            Err(Refusal::FloatOutOfRange { value, min, max })
        }
        Some(value) => Ok(value),
    }
}

fn parse_choice(names: &[ChoiceName], written: &str) -> Result<Option<Value>, Refusal> {
    let name = written.trim_start_matches(number::is_c_space);
    // White space alone is neither a name nor a mistake to librdkafka.
    if name.is_empty() {
        return Ok(None);
    }
    match names
        .iter()
        .find(|choice| choice.name.eq_ignore_ascii_case(name))
    {
        Some(choice) => Ok(Some(Value::Choice(choice.value))),
        None => Err(Refusal::UnknownName(name.into())),
    }
}

/// A comma-separated list: each flag is added, or with `-` before it taken away.
fn parse_flags(
    names: &[FlagName],
    written: &str,
    value: &mut Value,
    changed: &mut bool,
) -> Result<(), Refusal> {
    if written.is_empty() {
        return Err(Refusal::Empty);
    }
    for part in written.split(',') {
        let part = part.trim_start_matches(number::is_c_space);
        let (name, takes_away) = match part.strip_prefix('-') {
            Some(name) => (name, true),
            None => (part.strip_prefix('+').unwrap_or(part), false),
        };
        if name.is_empty() {
            continue;
        }
        let Some(flag) = names
            .iter()
            .find(|flag| flag.name.eq_ignore_ascii_case(name))
        else {
            return Err(Refusal::UnknownName(name.into()));
        };
        if let Some(reason) = flag.unsupported {
            return Err(Refusal::UnsupportedName {
                name: name.into(),
                reason,
            });
        }
        if let Value::Flags(bits) = value {
            *bits = if takes_away {
                *bits & !flag.bits
            } else {
                *bits | flag.bits
            };
            *changed = true;
        }
    }
    Ok(())
}
