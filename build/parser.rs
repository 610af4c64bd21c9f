//! Reads one stub file into the [`Api`].
//!
//! The dialect is valid PHP, cut down: namespaces with `;`, `const NAME = int;`, functions and
//! classes whose bodies are `{}`, properties, doc comments. Two tags of a doc comment mean
//! something: `@deprecated`, and `@var TYPE` for a property whose type PHP source cannot spell
//! (`?callable`). Return types of methods are always registered as tentative.

use crate::lexer::{StubError, Token, tokens};
use crate::stub::{Api, Class, Constant, Function, Parameter, Property, Type, Visibility};

const BUILTIN: [&str; 11] = [
    "array", "bool", "callable", "false", "float", "int", "mixed", "null", "object", "string",
    "void",
];

/// Adds what the stub `text` declares to `api`.
pub(crate) fn parse(text: &str, api: &mut Api) -> Result<(), StubError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        position: 0,
        namespace: String::new(),
    };
    parser.expect(&Token::OpenTag)?;
    while *parser.peek() != Token::End {
        parser.declaration(api)?;
    }
    Ok(())
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    position: usize,
    namespace: String,
}

impl Parser {
    fn declaration(&mut self, api: &mut Api) -> Result<(), StubError> {
        let doc = self.doc();
        match self.peek().clone() {
            // A doc comment at the end or before `namespace` belongs to the file.
            Token::End => Ok(()),
            Token::Name(word) => match word.as_str() {
                "namespace" => self.namespace(),
                "const" => self.constant(api),
                "function" => {
                    let function = self.function(&doc, Visibility::Public)?;
                    api.functions.push(function);
                    Ok(())
                }
                "abstract" | "final" | "class" => {
                    let class = self.class()?;
                    api.classes.push(class);
                    Ok(())
                }
                _ => Err(self.error(format!("`{word}` does not start a declaration"))),
            },
            Token::Doc(_) => Ok(()),
            other => Err(self.error(format!("{other:?} does not start a declaration"))),
        }
    }

    fn namespace(&mut self) -> Result<(), StubError> {
        self.next();
        self.namespace = self.name()?;
        self.punctuation(';')
    }

    fn constant(&mut self, api: &mut Api) -> Result<(), StubError> {
        self.next();
        let name = self.name()?;
        self.punctuation('=')?;
        let Token::Integer(value) = self.next() else {
            return Err(self.error(format!("the value of {name} must be an integer")));
        };
        api.constants.push(Constant { name, value });
        self.punctuation(';')
    }

    fn class(&mut self) -> Result<Class, StubError> {
        let is_abstract = self.accept_word("abstract");
        let is_final = self.accept_word("final");
        if !self.accept_word("class") {
            return Err(self.error("`class` is missing".to_owned()));
        }
        let name = self.name()?;
        let name = self.resolve(&name);
        let parent = if self.accept_word("extends") {
            Some(self.class_name()?)
        } else {
            None
        };
        let mut interfaces = Vec::new();
        if self.accept_word("implements") {
            interfaces.push(self.class_name()?);
            while self.accept(',') {
                interfaces.push(self.class_name()?);
            }
        }
        let (properties, methods) = (Vec::new(), Vec::new());
        let mut class = Class {
            name,
            is_abstract,
            is_final,
            parent,
            interfaces,
            properties,
            methods,
        };
        self.punctuation('{')?;
        while !self.accept('}') {
            self.member(&mut class)?;
        }
        Ok(class)
    }

    fn member(&mut self, class: &mut Class) -> Result<(), StubError> {
        let doc = self.doc();
        let word = self.name()?;
        let visibility = match word.as_str() {
            "public" => Visibility::Public,
            "protected" => Visibility::Protected,
            "private" => Visibility::Private,
            _ => return Err(self.error(format!("`{word}` where a visibility is due"))),
        };
        if *self.peek() == Token::Name("function".to_owned()) {
            let method = self.function(&doc, visibility)?;
            class.methods.push(method);
        } else {
            let property = self.property(&doc, visibility)?;
            class.properties.push(property);
        }
        Ok(())
    }

    fn property(&mut self, doc: &str, visibility: Visibility) -> Result<Property, StubError> {
        let kind = if matches!(self.peek(), Token::Variable(_)) {
            self.documented_type(doc)?
        } else {
            self.kind()?
        };
        let name = self.variable()?;
        let is_null = self.accept('=');
        if is_null && !self.accept_word("null") {
            return Err(self.error(format!("${name} can only start as null")));
        }
        self.punctuation(';')?;
        Ok(Property {
            name,
            visibility,
            kind,
            is_null,
        })
    }

    /// The type behind `@var`, for a property that is declared without one.
    fn documented_type(&self, doc: &str) -> Result<Type, StubError> {
        let text = doc
            .split_once("@var ")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .ok_or_else(|| self.error("a property needs a type, or a `@var` comment".to_owned()))?;
        let namespace = self.namespace.clone();
        Self {
            tokens: tokens(text)?,
            position: 0,
            namespace,
        }
        .kind()
    }

    fn function(&mut self, doc: &str, visibility: Visibility) -> Result<Function, StubError> {
        self.next();
        let name = self.name()?;
        self.punctuation('(')?;
        let mut parameters = Vec::new();
        while !self.accept(')') {
            parameters.push(self.parameter()?);
            if *self.peek() != Token::Punctuation(')') {
                self.punctuation(',')?;
            }
        }
        let returns = if self.accept(':') {
            Some(self.kind()?)
        } else {
            None
        };
        self.punctuation('{')?;
        self.punctuation('}')?;
        let is_deprecated = doc.contains("@deprecated");
        Ok(Function {
            name,
            visibility,
            is_deprecated,
            parameters,
            returns,
        })
    }

    fn parameter(&mut self) -> Result<Parameter, StubError> {
        let untyped = matches!(self.peek(), Token::Variable(_) | Token::Punctuation('&'));
        let kind = if untyped { None } else { Some(self.kind()?) };
        let by_reference = self.accept('&');
        let name = self.variable()?;
        let default = if self.accept('=') {
            Some(self.default()?)
        } else {
            None
        };
        Ok(Parameter {
            name,
            kind,
            by_reference,
            default,
        })
    }

    fn default(&mut self) -> Result<String, StubError> {
        match self.next() {
            Token::Integer(value) => Ok(value.to_string()),
            Token::Name(word) if ["null", "true", "false"].contains(&word.as_str()) => Ok(word),
            Token::Punctuation('[') => {
                self.punctuation(']')?;
                Ok("[]".to_owned())
            }
            other => Err(self.error(format!("{other:?} is not a default value"))),
        }
    }

    fn kind(&mut self) -> Result<Type, StubError> {
        let mut kind = Type::default();
        if self.accept('?') {
            kind.builtin.push("null".to_owned());
        }
        loop {
            let name = self.name()?;
            if BUILTIN.contains(&name.as_str()) {
                kind.builtin.push(name);
            } else if kind.class.is_none() {
                kind.class = Some(self.resolve(&name));
            } else {
                return Err(self.error("a type may name one class only".to_owned()));
            }
            if !self.accept('|') {
                return Ok(kind);
            }
        }
    }

    fn class_name(&mut self) -> Result<String, StubError> {
        let name = self.name()?;
        Ok(self.resolve(&name))
    }

    /// The full name, without a leading backslash.
    fn resolve(&self, name: &str) -> String {
        match name.strip_prefix('\\') {
            Some(full) => full.to_owned(),
            None if self.namespace.is_empty() => name.to_owned(),
            None => format!("{}\\{name}", self.namespace),
        }
    }

    fn doc(&mut self) -> String {
        match self.peek().clone() {
            Token::Doc(text) => {
                self.next();
                text
            }
            _ => String::new(),
        }
    }

    fn name(&mut self) -> Result<String, StubError> {
        match self.next() {
            Token::Name(name) => Ok(name),
            other => Err(self.error(format!("{other:?} where a name is due"))),
        }
    }

    fn variable(&mut self) -> Result<String, StubError> {
        match self.next() {
            Token::Variable(name) => Ok(name),
            other => Err(self.error(format!("{other:?} where a $name is due"))),
        }
    }

    fn punctuation(&mut self, wanted: char) -> Result<(), StubError> {
        self.expect(&Token::Punctuation(wanted))
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), StubError> {
        let found = self.next();
        if found == *wanted {
            return Ok(());
        }
        Err(self.error(format!("{found:?} where {wanted:?} is due")))
    }

    fn accept(&mut self, wanted: char) -> bool {
        let found = *self.peek() == Token::Punctuation(wanted);
        self.position += usize::from(found);
        found
    }

    fn accept_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(word) if word == wanted);
        self.position += usize::from(found);
        found
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.position].0
    }

    /// Takes a token; the end stays where it is.
    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.position += usize::from(token != Token::End);
        token
    }

    /// An error at the token taken last.
    fn error(&self, message: String) -> StubError {
        StubError {
            line: self.tokens[self.position.saturating_sub(1)].1,
            message,
        }
    }
}
