//! A table of properties, the keys that read it, and the macro that writes both.

use std::marker::PhantomData;

use crate::property::{Kind, Property, ValueType};

/// A table of properties.
#[derive(Debug)]
pub struct Table {
    /// The rows, in the order they are shown.
    pub rows: &'static [Property],
}

impl Table {
    /// The row named `name` itself, alias or not.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&'static Property> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// Where the property named `name` is, aliases followed.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let index = self.rows.iter().position(|row| row.name == name)?;
        match self.rows[index].kind {
            Kind::Alias(target) => self.rows.iter().position(|row| row.name == target),
            _ => Some(index),
        }
    }
}

/// A typed place in a table. [`crate::properties!`] makes one per row.
#[derive(Debug)]
pub struct Key<T> {
    pub(crate) index: usize,
    value_type: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T: ValueType> Key<T> {
    /// The key of the row at `index`. Only the macro calls this, which counts the rows itself.
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            value_type: PhantomData,
        }
    }

    /// Where in the table the row is.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index
    }
}

/// Writes a table of properties and a typed [`Key`] for each row.
///
/// Each row is `KEY: Type = row;` under a doc comment that is the property's description:
///
/// ```
/// rdkafka_conf::properties! {
///     /// The properties of a kettle.
///     pub static KETTLE;
///
///     /// How much water it holds, in millilitres.
///     CAPACITY_ML: Int = int("capacity.ml", 100..=5000, 1700).high();
///     /// Another name of `capacity.ml`.
///     VOLUME_ML: Alias = alias("volume.ml", "capacity.ml");
/// }
///
/// let values = rdkafka_conf::Values::new(&KETTLE);
/// assert_eq!(values.get(CAPACITY_ML), 1700);
/// # check_keys();
/// ```
///
/// `check_keys()`, made beside the table, panics if the type of a key is not the type of its row; a
/// unit test calls it.
#[macro_export]
macro_rules! properties {
    (
        $(#[doc = $table_doc:literal])+
        $vis:vis static $table:ident;
        $( $(#[doc = $doc:literal])+ $key:ident: $value_type:ident = $row:expr; )+
    ) => {
        $(#[doc = $table_doc])+
        $vis static $table: $crate::Table = {
            #[allow(unused_imports, reason = "a table may not use every kind of row")]
            use $crate::{
                alias, boolean, choice, flags, float, int, internal, patterns, pointer, refused, text,
                verbatim,
            };
            $crate::Table {
                rows: &[$( $row.doc(concat!($($doc),+).trim_ascii_start()) ),+],
            }
        };

        $crate::properties!(@keys $vis [$($key: $value_type,)+]);

        /// Panics if the type of a key is not the type of its row.
        $vis fn check_keys() {
            let values = $crate::Values::new(&$table);
            $( let _ = values.get($key); )+
        }
    };
    (@keys $vis:vis [$($key:ident: $value_type:ident,)+]) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "counts the rows")]
        #[derive(Clone, Copy)]
        enum Index { $($key),+ }

        $(
            #[allow(missing_docs, reason = "described in the table")]
            $vis const $key: $crate::Key<$crate::$value_type> =
                $crate::Key::new(Index::$key as usize);
        )+
    };
}
