//! Reads `#[message]` and `#[field]` into plain facts.
//!
//! Guarantees that what it returns is consistent (ranges parse, tags come with flexible versions, null only on
//! `Option`), so that code generation cannot fail.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Expr, Fields, Ident, LitInt, LitStr, Result, Type};

/// A range of versions; `last` is `None` for "and all later ones".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) first: i16,
    pub(crate) last: Option<i16>,
}

/// One struct with its fields in wire order.
pub(crate) struct Struct {
    pub(crate) name: Ident,
    pub(crate) message: Option<MessageFacts>,
    pub(crate) fields: Vec<Field>,
}

/// What `#[message]` says.
pub(crate) struct MessageFacts {
    pub(crate) first: i16,
    pub(crate) last: i16,
    pub(crate) flexible_from: Option<i16>,
    pub(crate) request: Option<(i16, Type)>,
}

/// What `#[field]` says.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) versions: Versions,
    pub(crate) is_option: bool,
    pub(crate) nullable: Option<Versions>,
    pub(crate) default: Option<FieldDefault>,
    pub(crate) tag: Option<u32>,
    pub(crate) always_classic: bool,
}

/// A default other than the type's own.
pub(crate) enum FieldDefault {
    Null,
    Literal(Expr),
}

impl Struct {
    pub(crate) fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new(
                input.span(),
                "Message is derived for structs only",
            ));
        };
        let Fields::Named(named) = &data.fields else {
            return Err(Error::new(input.span(), "Message needs named fields"));
        };
        let message = input
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("message"));
        let message = message.map(MessageFacts::parse).transpose()?;
        let mut fields = Vec::new();
        for field in &named.named {
            fields.push(Field::parse(field)?);
        }
        let mut tags: Vec<u32> = fields.iter().filter_map(|field| field.tag).collect();
        tags.sort_unstable();
        if tags.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Error::new(input.span(), "two fields share a tag"));
        }
        Ok(Self {
            name: input.ident.clone(),
            message,
            fields,
        })
    }
}

impl MessageFacts {
    fn parse(attribute: &syn::Attribute) -> Result<Self> {
        let (mut versions, mut flexible, mut key, mut response) = (None, None, None, None);
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("versions") {
                versions = Some(closed_range(&meta)?);
            } else if meta.path.is_ident("flexible") {
                flexible = Some(optional_range(&meta)?);
            } else if meta.path.is_ident("key") {
                key = Some(meta.value()?.parse::<LitInt>()?.base10_parse::<i16>()?);
            } else if meta.path.is_ident("response") {
                response = Some(meta.value()?.parse::<Type>()?);
            } else {
                return Err(meta.error("unknown message attribute"));
            }
            Ok(())
        })?;
        let missing = |what: &str| Error::new(attribute.span(), format!("{what} is missing"));
        let (first, last) = versions.ok_or_else(|| missing("versions"))?;
        let flexible: Option<Versions> = flexible.ok_or_else(|| missing("flexible"))?;
        let request = match (key, response) {
            (Some(key), Some(response)) => Some((key, response)),
            (None, None) => None,
            _ => return Err(missing("one of key and response")),
        };
        Ok(Self {
            first,
            last,
            flexible_from: flexible.map(|versions| versions.first),
            request,
        })
    }
}

impl Field {
    fn parse(field: &syn::Field) -> Result<Self> {
        let span = field.span();
        let name = field
            .ident
            .clone()
            .ok_or_else(|| Error::new(span, "a field needs a name"))?;
        let mut attribute = FieldAttribute::default();
        for found in field
            .attrs
            .iter()
            .filter(|found| found.path().is_ident("field"))
        {
            found.parse_nested_meta(|meta| attribute.read(&meta))?;
        }
        let is_option = is_option(&field.ty);
        let parsed = Self {
            name,
            ty: field.ty.clone(),
            versions: attribute
                .versions
                .ok_or_else(|| Error::new(span, "versions is missing"))?,
            is_option,
            nullable: attribute.nullable,
            default: attribute.default,
            tag: attribute.tag,
            always_classic: attribute.always_classic,
        };
        parsed.check(span, attribute.tagged)?;
        Ok(parsed)
    }

    fn check(&self, span: Span, tagged: Option<Versions>) -> Result<()> {
        if self.is_option != self.nullable.is_some() {
            return Err(Error::new(span, "Option and nullable go together"));
        }
        if matches!(self.default, Some(FieldDefault::Null)) && !self.is_option {
            return Err(Error::new(span, "only an Option can default to null"));
        }
        if self.tag.is_some() != tagged.is_some() {
            return Err(Error::new(span, "tag and tagged go together"));
        }
        if tagged.is_some_and(|tagged| tagged != self.versions) {
            return Err(Error::new(
                span,
                "a tagged field is tagged in all its versions",
            ));
        }
        Ok(())
    }
}

#[derive(Default)]
struct FieldAttribute {
    versions: Option<Versions>,
    nullable: Option<Versions>,
    default: Option<FieldDefault>,
    tag: Option<u32>,
    tagged: Option<Versions>,
    always_classic: bool,
}

impl FieldAttribute {
    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("versions") {
            self.versions = optional_range(meta)?;
        } else if meta.path.is_ident("nullable") {
            self.nullable = optional_range(meta)?;
        } else if meta.path.is_ident("tagged") {
            self.tagged = optional_range(meta)?;
        } else if meta.path.is_ident("tag") {
            self.tag = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
        } else if meta.path.is_ident("default") {
            let text = meta.value()?.parse::<LitStr>()?;
            self.default = Some(match text.value().as_str() {
                "null" => FieldDefault::Null,
                _ => FieldDefault::Literal(text.parse()?),
            });
        } else if meta.path.is_ident("flexible") {
            if optional_range(meta)?.is_some() {
                return Err(meta.error("a field can only say flexible = \"none\""));
            }
            self.always_classic = true;
        } else if !meta.path.is_ident("ignorable") {
            return Err(meta.error("unknown field attribute"));
        }
        Ok(())
    }
}

fn optional_range(meta: &ParseNestedMeta<'_>) -> Result<Option<Versions>> {
    let text = meta.value()?.parse::<LitStr>()?;
    let value = text.value();
    if value == "none" {
        return Ok(None);
    }
    let number = |digits: &str| {
        digits
            .parse::<i16>()
            .map_err(|_| Error::new(text.span(), "expected \"3\", \"3+\" or \"3-7\""))
    };
    let versions = if let Some(first) = value.strip_suffix('+') {
        Versions {
            first: number(first)?,
            last: None,
        }
    } else if let Some((first, last)) = value.split_once('-') {
        Versions {
            first: number(first)?,
            last: Some(number(last)?),
        }
    } else {
        Versions {
            first: number(&value)?,
            last: Some(number(&value)?),
        }
    };
    Ok(Some(versions))
}

fn closed_range(meta: &ParseNestedMeta<'_>) -> Result<(i16, i16)> {
    match optional_range(meta)? {
        Some(Versions {
            first,
            last: Some(last),
        }) if first <= last => Ok((first, last)),
        _ => Err(meta.error("a message states its first and last version")),
    }
}

fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "Option")
}
