//! The values of one table: what was set, and defaults for the rest.

use crate::parse::Refusal;
use crate::property::{Kind, Property, ValueType};
use crate::table::{Key, Table};

/// The value of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or nothing.
    Text(Option<String>),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// The number of a chosen name.
    Choice(i32),
    /// The bits of flags.
    Flags(u32),
    /// The address of something only code can set, or nothing.
    Pointer(Option<usize>),
    /// Of rows that hold no value.
    Nothing,
}

/// The values of one table.
#[derive(Clone)]
pub struct Values {
    table: &'static Table,
    values: Vec<Value>,
    is_set: Vec<bool>,
}

impl Values {
    /// All defaults.
    #[must_use]
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            values: table.rows.iter().map(Property::default_value).collect(),
            is_set: vec![false; table.rows.len()],
        }
    }

    /// The table these are values of.
    #[must_use]
    pub const fn table(&self) -> &'static Table {
        self.table
    }

    /// Reads a value.
    ///
    /// # Panics
    ///
    /// If the type of `key` is not the type of its row, or the key is of another table: a mistake in a
    /// table, which its `check_keys()` finds.
    #[must_use]
    pub fn get<T: ValueType>(&self, key: Key<T>) -> T::Out<'_> {
        T::read(&self.values[key.index]).unwrap_or_else(|| {
            panic!(
                "{} is read as what it is not",
                self.table.rows[key.index].name
            )
        })
    }

    /// Whether the property was set, even to its default.
    #[must_use]
    pub fn is_set<T>(&self, key: Key<T>) -> bool {
        self.is_set[key.index]
    }

    /// Whether any property was set.
    #[must_use]
    pub fn is_any_set(&self) -> bool {
        self.is_set.contains(&true)
    }

    /// The properties that were set, with where they are in the table.
    pub fn rows_set(&self) -> impl Iterator<Item = &'static Property> + '_ {
        self.table
            .rows
            .iter()
            .zip(&self.is_set)
            .filter(|(_, set)| **set)
            .map(|(row, _)| row)
    }

    /// Sets the property at `index` (see [`Table::find`]) to what `written` says.
    ///
    /// # Errors
    ///
    /// What is wrong with `written`. A refused list of flags may have been applied in part.
    pub fn set(&mut self, index: usize, written: &str) -> Result<(), Refusal> {
        let row = &self.table.rows[index];
        let mut changed = false;
        let outcome = row.parse(written, &mut self.values[index], &mut changed);
        self.is_set[index] |= changed;
        outcome
    }

    /// Sets what only code can set: the address of a callback, or nothing.
    pub fn set_pointer(&mut self, key: Key<crate::Opaque>, address: Option<usize>) {
        self.values[key.index] = Value::Pointer(address);
        self.is_set[key.index] = true;
    }

    /// The value at `index` as a user would write it; `None` when there is nothing to show.
    #[must_use]
    pub fn show(&self, index: usize) -> Option<String> {
        self.table.rows[index].show(&self.values[index])
    }

    /// Every property that has something to show, aliases left out, in the order of the table.
    #[must_use]
    pub fn dump(&self) -> Vec<(&'static str, String)> {
        (0..self.values.len())
            .filter(|&index| {
                !matches!(
                    self.table.rows[index].kind,
                    Kind::Alias(_) | Kind::Refused(_)
                )
            })
            .filter_map(|index| Some((self.table.rows[index].name, self.show(index)?)))
            .collect()
    }

    /// Every property that was set, secrets left out: for logs.
    #[must_use]
    pub fn dump_set_redacted(&self) -> Vec<(&'static str, String)> {
        (0..self.values.len())
            .filter(|&index| self.is_set[index])
            .filter_map(|index| {
                let row = &self.table.rows[index];
                let shown = self.show(index)?;
                Some((
                    row.name,
                    if row.is_sensitive {
                        "[redacted]".into()
                    } else {
                        shown
                    },
                ))
            })
            .collect()
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.dump_set_redacted()).finish()
    }
}
