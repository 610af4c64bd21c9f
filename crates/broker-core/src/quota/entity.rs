//! Whom a quota belongs to, as the cluster log names it.
//!
//! Parts stand apart by the unit separator, a name behind `=`; the default of a kind has none.

/// Type and name of each part of an entity, by type; no name is the default.
pub(crate) type Entity = Vec<(String, Option<String>)>;

/// The name of an entity.
pub(crate) fn key_of(entity: &Entity) -> String {
    let parts = entity.iter().map(|(kind, name)| match name {
        Some(name) => format!("{kind}={name}"),
        None => kind.clone(),
    });
    parts.collect::<Vec<_>>().join(SEPARATOR)
}

/// The entity behind such a name.
pub(crate) fn entity_of(key: &str) -> Entity {
    let parts = key.split(SEPARATOR).map(|part| match part.split_once('=') {
        Some((kind, name)) => (kind.to_owned(), Some(name.to_owned())),
        None => (part.to_owned(), None),
    });
    parts.collect()
}

const SEPARATOR: &str = "\u{1f}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_read_back_as_written() {
        let entity = vec![
            ("client-id".to_owned(), None),
            ("user".to_owned(), Some("a=b".to_owned())),
        ];
        assert_eq!(entity_of(&key_of(&entity)), entity);
    }
}
