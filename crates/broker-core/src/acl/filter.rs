//! Which rules somebody asks for: the filters of DescribeAcls and DeleteAcls.

use rdkafka_wire::types::StrBytes;

use super::{Acl, Acls, Operation, PatternType, Permission, ResourcePattern, ResourceType};

/// A filter as a request has it; what is null or `ANY` is open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AclFilter {
    pub(crate) resource_type: i8,
    pub(crate) pattern_type: i8,
    pub(crate) name: Option<StrBytes>,
    pub(crate) principal: Option<StrBytes>,
    pub(crate) host: Option<StrBytes>,
    pub(crate) operation: i8,
    pub(crate) permission: i8,
}

impl AclFilter {
    /// What about it nobody knows, in Kafka's words.
    pub(crate) fn unknown(&self) -> Option<&'static str> {
        let is_known = |number: i8, known: bool| number == ANY || known;
        let resource = is_known(
            self.resource_type,
            ResourceType::from_number(self.resource_type).is_some(),
        );
        let pattern = is_known(
            self.pattern_type,
            self.pattern_type == MATCH || PatternType::from_number(self.pattern_type).is_some(),
        );
        let operation = is_known(
            self.operation,
            Operation::from_number(self.operation).is_some(),
        );
        let permission = is_known(
            self.permission,
            Permission::from_number(self.permission).is_some(),
        );
        match (resource && pattern, operation && permission) {
            (false, _) => Some("Unknown patternFilter."),
            (_, false) => Some("Unknown entryFilter."),
            _ => None,
        }
    }

    /// The rules it lets through, by resource.
    pub(crate) fn matching(&self, acls: &Acls) -> Vec<Acl> {
        let patterns = acls.iter().filter(|(pattern, _)| self.wants(pattern));
        let rules = patterns.flat_map(|(pattern, entries)| {
            entries.iter().map(|entry| Acl {
                pattern: pattern.clone(),
                entry: entry.clone(),
            })
        });
        rules.filter(|acl| self.wants_entry(acl)).collect()
    }

    fn wants(&self, pattern: &ResourcePattern) -> bool {
        let is_type = [ANY, pattern.resource_type as i8].contains(&self.resource_type);
        let is_name = match (&self.name, self.pattern_type) {
            (None, MATCH) => true,
            (Some(name), MATCH) => pattern.includes(name),
            (name, kind) => {
                let is_kind = [ANY, pattern.pattern_type as i8].contains(&kind);
                is_kind && name.as_ref().is_none_or(|name| *name == pattern.name)
            }
        };
        is_type && is_name
    }

    fn wants_entry(&self, acl: &Acl) -> bool {
        let is = |wanted: &Option<StrBytes>, it: &StrBytes| {
            wanted.as_ref().is_none_or(|wanted| wanted == it)
        };
        is(&self.principal, &acl.entry.principal)
            && is(&self.host, &acl.entry.host)
            && [ANY, acl.entry.operation as i8].contains(&self.operation)
            && [ANY, acl.entry.permission as i8].contains(&self.permission)
    }
}

/// Open, in any of the numbers.
const ANY: i8 = 1;
/// A type of pattern: every rule about the name, by whichever pattern.
const MATCH: i8 = 2;

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::*;

    fn acls() -> Acls {
        let mut acls = Acls::default();
        for (pattern_type, name) in [
            (PatternType::Literal, "orders"),
            (PatternType::Literal, "*"),
            (PatternType::Prefixed, "ord"),
            (PatternType::Prefixed, "x"),
        ] {
            for principal in ["User:alice", "User:bob"] {
                let acl = Acl {
                    pattern: ResourcePattern {
                        resource_type: ResourceType::Topic,
                        pattern_type,
                        name: name.into(),
                    },
                    entry: Entry {
                        principal: principal.into(),
                        host: "*".into(),
                        operation: Operation::Read,
                        permission: Permission::Allow,
                    },
                };
                acls.replay(acl, true);
            }
        }
        acls
    }

    const OPEN: AclFilter = AclFilter {
        resource_type: ANY,
        pattern_type: ANY,
        name: None,
        principal: None,
        host: None,
        operation: ANY,
        permission: ANY,
    };

    #[test]
    fn a_name_is_compared_as_the_pattern_type_says() {
        for (pattern_type, expected) in [
            (ANY, &["orders"][..]),
            (PatternType::Literal as i8, &["orders"]),
            (PatternType::Prefixed as i8, &[]),
            (MATCH, &["*", "orders", "ord"]),
        ] {
            let filter = AclFilter {
                pattern_type,
                name: Some("orders".into()),
                principal: Some("User:bob".into()),
                ..OPEN
            };
            let found = filter.matching(&acls());
            let names: Vec<&str> = found.iter().map(|acl| &*acl.pattern.name).collect();
            assert_eq!(names, expected, "{pattern_type}");
        }
    }

    #[test]
    fn what_is_open_lets_everything_through() {
        assert_eq!(OPEN.matching(&acls()).len(), 8);
        let denied = AclFilter {
            permission: Permission::Deny as i8,
            ..OPEN
        };
        assert_eq!(denied.matching(&acls()), []);
    }

    #[test]
    fn numbers_that_nobody_knows_are_told() {
        assert_eq!(OPEN.unknown(), None);
        let resource = AclFilter {
            resource_type: 99,
            ..OPEN
        };
        assert_eq!(resource.unknown(), Some("Unknown patternFilter."));
        let operation = AclFilter {
            operation: 0,
            ..OPEN
        };
        assert_eq!(operation.unknown(), Some("Unknown entryFilter."));
    }
}
