//! What the stubs say: plain data between the parser and the table generator.

/// The whole PHP API of the extension.
#[derive(Debug, Default)]
pub(crate) struct Api {
    pub(crate) constants: Vec<Constant>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
}

#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) value: i64,
}

#[derive(Debug)]
pub(crate) struct Class {
    /// Full name without a leading backslash: `RdKafka\Metadata\Topic`.
    pub(crate) name: String,
    pub(crate) is_abstract: bool,
    pub(crate) is_final: bool,
    pub(crate) parent: Option<String>,
    pub(crate) interfaces: Vec<String>,
    pub(crate) properties: Vec<Property>,
    pub(crate) methods: Vec<Function>,
}

#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) visibility: Visibility,
    pub(crate) kind: Type,
    /// Starts as `null`; otherwise it starts uninitialised.
    pub(crate) is_null: bool,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) visibility: Visibility,
    pub(crate) is_deprecated: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Option<Type>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: Option<Type>,
    pub(crate) by_reference: bool,
    /// PHP source text of the default, as Reflection shows it.
    pub(crate) default: Option<String>,
}

/// A union of builtin types and at most one class.
#[derive(Debug, Default)]
pub(crate) struct Type {
    pub(crate) builtin: Vec<String>,
    pub(crate) class: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Public,
    Protected,
    Private,
}
