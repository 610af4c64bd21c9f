//! A rule as the cluster log's key names it.
//!
//! Its parts stand apart by the unit separator: the numbers of resource type, pattern type, operation and permission, then
//! principal, host and the resource's name, which is last as it may hold anything.

use rdkafka_wire::types::StrBytes;

use super::{Acl, Entry, Operation, PatternType, Permission, ResourcePattern, ResourceType};

impl Acl {
    /// The rule's name in the log.
    pub(crate) fn key(&self) -> StrBytes {
        let Self { pattern, entry } = self;
        let numbers = [
            pattern.resource_type as i8,
            pattern.pattern_type as i8,
            entry.operation as i8,
            entry.permission as i8,
        ];
        let numbers = numbers.map(|it| it.to_string());
        let texts = [&*entry.principal, &*entry.host, &*pattern.name];
        let parts: Vec<&str> = numbers.iter().map(|it| &**it).chain(texts).collect();
        parts.join(SEPARATOR).into()
    }

    /// The rule behind such a name.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(7, SEPARATOR);
        let mut number = || parts.next()?.parse::<i8>().ok();
        let resource_type = ResourceType::from_number(number()?)?;
        let pattern_type = PatternType::from_number(number()?)?;
        let operation = Operation::from_number(number()?)?;
        let permission = Permission::from_number(number()?)?;
        let mut text = || parts.next().map(|text| StrBytes::from(text.to_owned()));
        let (principal, host, name) = (text()?, text()?, text()?);
        Some(Self {
            pattern: ResourcePattern {
                resource_type,
                pattern_type,
                name,
            },
            entry: Entry {
                principal,
                host,
                operation,
                permission,
            },
        })
    }
}

const SEPARATOR: &str = "\u{1f}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back_as_written() {
        let acl = Acl {
            pattern: ResourcePattern {
                resource_type: ResourceType::TransactionalId,
                pattern_type: PatternType::Prefixed,
                name: "a\u{1f}b,c".into(),
            },
            entry: Entry {
                principal: "User:CN=a,O=b".into(),
                host: "::1".into(),
                operation: Operation::TwoPhaseCommit,
                permission: Permission::Deny,
            },
        };
        assert_eq!(Acl::from_key(&acl.key()), Some(acl));
    }

    #[test]
    fn other_text_is_no_rule() {
        for text in ["", "2", "9\u{1f}3\u{1f}3\u{1f}3\u{1f}User:a\u{1f}*\u{1f}t"] {
            assert_eq!(Acl::from_key(text), None, "{text:?}");
        }
    }
}
