//! What the stubs say: plain data between the parser and the table generator.

/// The whole PHP API of the extension.
#[derive(Debug, Default)]
pub struct Api {
    pub constants: Vec<Constant>,
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
}

#[derive(Debug)]
pub struct Constant {
    pub name: String,
    pub value: i64,
}

#[derive(Debug)]
pub struct Class {
    /// Full name without a leading backslash: `RdKafka\Metadata\Topic`.
    pub name: String,
    pub is_abstract: bool,
    pub is_final: bool,
    pub parent: Option<String>,
    pub interfaces: Vec<String>,
    pub properties: Vec<Property>,
    pub methods: Vec<Function>,
}

#[derive(Debug)]
pub struct Property {
    pub name: String,
    pub visibility: Visibility,
    pub kind: Type,
    /// Starts as `null`; otherwise it starts uninitialised.
    pub is_null: bool,
}

#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub visibility: Visibility,
    pub is_deprecated: bool,
    pub parameters: Vec<Parameter>,
    pub returns: Option<Type>,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    pub kind: Option<Type>,
    pub by_reference: bool,
    /// PHP source text of the default, as Reflection shows it.
    pub default: Option<String>,
}

/// A union of builtin types and at most one class.
#[derive(Debug, Default)]
pub struct Type {
    pub builtin: Vec<String>,
    pub class: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Public,
    Protected,
    Private,
}
