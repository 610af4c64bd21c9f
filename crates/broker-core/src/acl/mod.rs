//! Access control: which client may do what to which resource.
//!
//! Owns: [`Acl`] (one rule), [`Acls`] (all of them, as replay of the cluster log makes them) and the decision between them,
//! which is that of Kafka's StandardAuthorizer: who is a super user may everything; a rule that denies beats all that
//! allow; where no rule names a resource, `allow.everyone.if.no.acl.found` decides.
//! Leaves to others: what a client may, request by request ([`grants`]), rules that a tool asks for ([`filter`]), which
//! rule each API asks about (`api/`). Pure.

pub(crate) mod filter;
pub(crate) mod grants;
mod lookup;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rdkafka_wire::types::StrBytes;

/// An enum whose values have Kafka's numbers.
macro_rules! numbered {
    ($(#[$meta:meta])* $Name:ident { $($(#[$doc:meta])* $Variant:ident = $number:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i8)]
        pub(crate) enum $Name {
            $($(#[$doc])* $Variant = $number,)*
        }

        impl $Name {
            /// Every value.
            pub(crate) const ALL: &[Self] = &[$(Self::$Variant),*];

            /// The value of a number, if it names one rule's (and not several, or none).
            pub(crate) fn from_number(number: i8) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| *it as i8 == number)
            }
        }
    };
}

numbered! {
    /// What a rule is about.
    ResourceType {
        Topic = 2,
        Group = 3,
        /// There is one, [`CLUSTER`].
        Cluster = 4,
        TransactionalId = 5,
        DelegationToken = 6,
        /// Another user, whose delegation tokens are asked for (KIP-373).
        User = 7,
    }
}

numbered! {
    /// How a rule's name is compared.
    PatternType {
        /// The whole name; `*` is every name.
        Literal = 3,
        /// The beginning of a name (KIP-290).
        Prefixed = 4,
    }
}

numbered! {
    /// What is done to a resource.
    Operation {
        All = 2,
        Read = 3,
        Write = 4,
        Create = 5,
        Delete = 6,
        Alter = 7,
        Describe = 8,
        ClusterAction = 9,
        DescribeConfigs = 10,
        AlterConfigs = 11,
        IdempotentWrite = 12,
        CreateTokens = 13,
        DescribeTokens = 14,
        TwoPhaseCommit = 15,
    }
}

numbered! {
    /// What a rule says.
    Permission {
        Deny = 2,
        Allow = 3,
    }
}

impl Operation {
    /// Whether who may do this, may by that also do the other.
    fn implies(self, other: Self) -> bool {
        match other {
            _ if self == other || self == Self::All => true,
            Self::Describe => {
                matches!(self, Self::Read | Self::Write | Self::Delete | Self::Alter)
            }
            Self::DescribeConfigs => self == Self::AlterConfigs,
            _ => false,
        }
    }
}

/// What several rules may be about: a kind of resource, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourcePattern {
    pub(crate) resource_type: ResourceType,
    pub(crate) pattern_type: PatternType,
    pub(crate) name: StrBytes,
}

/// Who may, or may not, do what to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// `User:` and a name; `User:*` is everybody.
    pub(crate) principal: StrBytes,
    /// An address; `*` is every one.
    pub(crate) host: StrBytes,
    pub(crate) operation: Operation,
    pub(crate) permission: Permission,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Acl {
    pub(crate) pattern: ResourcePattern,
    pub(crate) entry: Entry,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) principal: &'a str,
    /// The address, as text without anything around it.
    pub(crate) host: &'a str,
    /// The same, to compare it with an address that is written in another way.
    pub(crate) address: Option<IpAddr>,
}

impl Entry {
    fn is_about(&self, subject: Subject<'_>) -> bool {
        let is_address = || {
            let address = self.host.parse::<IpAddr>().ok();
            address.is_some() && address == subject.address
        };
        (self.principal == *subject.principal || self.principal == *EVERYBODY)
            && (self.host == *EVERYWHERE || self.host == *subject.host || is_address())
    }

    /// What the rule says about an operation, if anything.
    fn verdict(&self, subject: Subject<'_>, operation: Operation) -> Option<Permission> {
        let is_meant = match self.permission {
            Permission::Allow => self.operation.implies(operation),
            Permission::Deny => self.operation == operation || self.operation == Operation::All,
        };
        (is_meant && self.is_about(subject)).then_some(self.permission)
    }
}

/// What the rules say of something that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// By a rule.
    Allowed,
    /// By a rule, or because none of the resource's rules allows it.
    Denied,
    /// The resource has no rule.
    NoRule,
}

/// All rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Acls(BTreeMap<ResourcePattern, BTreeSet<Entry>>);

impl Acls {
    /// Takes in a rule, or takes it out; whether that changed anything.
    pub(crate) fn replay(&mut self, acl: Acl, exists: bool) -> bool {
        if exists {
            return self.0.entry(acl.pattern).or_default().insert(acl.entry);
        }
        let Some(entries) = self.0.get_mut(&acl.pattern) else {
            return false;
        };
        let changed = entries.remove(&acl.entry);
        if entries.is_empty() {
            self.0.remove(&acl.pattern);
        }
        changed
    }

    /// Whether there is this rule.
    pub(crate) fn contains(&self, acl: &Acl) -> bool {
        let entries = self.0.get(&acl.pattern);
        entries.is_some_and(|entries| entries.contains(&acl.entry))
    }

    /// The rules by resource.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ResourcePattern, &BTreeSet<Entry>)> {
        self.0.iter()
    }

    /// What the rules say of an operation on a resource.
    pub(crate) fn judge(
        &self,
        subject: Subject<'_>,
        operation: Operation,
        resource_type: ResourceType,
        name: &str,
    ) -> Verdict {
        let mut verdict = Verdict::NoRule;
        for entry in self.about(resource_type, name).flatten() {
            match entry.verdict(subject, operation) {
                Some(Permission::Deny) => return Verdict::Denied,
                Some(Permission::Allow) => verdict = Verdict::Allowed,
                None if verdict == Verdict::NoRule => verdict = Verdict::Denied,
                None => {}
            }
        }
        verdict
    }

    /// Whether an operation is allowed on any resource of a kind: some rule allows it, and none that denies it covers all
    /// that rule is about.
    pub(crate) fn allows_any(
        &self,
        subject: Subject<'_>,
        operation: Operation,
        resource_type: ResourceType,
    ) -> bool {
        let rules = |permission| {
            self.0
                .iter()
                .filter(move |(pattern, _)| pattern.resource_type == resource_type)
                .filter(move |(_, entries)| {
                    let said = |entry: &Entry| entry.verdict(subject, operation);
                    entries.iter().any(|entry| said(entry) == Some(permission))
                })
                .map(|(pattern, _)| pattern)
        };
        rules(Permission::Allow)
            .any(|allowed| !rules(Permission::Deny).any(|denied| denied.covers(allowed)))
    }

    /// The entries of every rule about a resource.
    fn about(
        &self,
        resource_type: ResourceType,
        name: &str,
    ) -> impl Iterator<Item = &BTreeSet<Entry>> {
        let pattern = |pattern_type, name: &str| ResourcePattern {
            resource_type,
            pattern_type,
            name: name.into(),
        };
        let named = self.0.get(&pattern(PatternType::Literal, name));
        let all = self.0.get(&pattern(PatternType::Literal, EVERY_NAME));
        let all = all.filter(|_| name != EVERY_NAME);
        // Every beginning of a name is sorted before it.
        let first = pattern(PatternType::Prefixed, "");
        let last = pattern(PatternType::Prefixed, name);
        let prefixed = self
            .0
            .range(first..=last)
            .filter(move |(pattern, _)| name.starts_with(&*pattern.name))
            .map(|(_, entries)| entries);
        named.into_iter().chain(all).chain(prefixed)
    }
}

impl ResourcePattern {
    /// Whether all names of another pattern are this one's, too.
    fn covers(&self, other: &Self) -> bool {
        match (self.pattern_type, other.pattern_type) {
            (PatternType::Literal, _) if self.name == *EVERY_NAME => true,
            (PatternType::Literal, PatternType::Literal) => self.name == other.name,
            (PatternType::Literal, PatternType::Prefixed) => false,
            (PatternType::Prefixed, PatternType::Literal) if other.name == *EVERY_NAME => false,
            (PatternType::Prefixed, _) => other.name.starts_with(&*self.name),
        }
    }

    /// Whether a literal name is one of this pattern's.
    fn includes(&self, name: &str) -> bool {
        match self.pattern_type {
            PatternType::Literal => self.name == *name || self.name == *EVERY_NAME,
            PatternType::Prefixed => name.starts_with(&*self.name),
        }
    }
}

/// The name of the one resource of its kind.
pub(crate) const CLUSTER: &str = "kafka-cluster";
const EVERYBODY: &str = "User:*";
const EVERYWHERE: &str = "*";
const EVERY_NAME: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Subject<'_> = Subject {
        principal: "User:alice",
        host: "10.0.0.1",
        address: None,
    };

    fn acl(
        pattern_type: PatternType,
        name: &str,
        principal: &str,
        operation: Operation,
        permission: Permission,
    ) -> Acl {
        Acl {
            pattern: ResourcePattern {
                resource_type: ResourceType::Topic,
                pattern_type,
                name: name.into(),
            },
            entry: Entry {
                principal: principal.into(),
                host: "*".into(),
                operation,
                permission,
            },
        }
    }

    fn acls(rules: impl IntoIterator<Item = Acl>) -> Acls {
        let mut acls = Acls::default();
        for rule in rules {
            assert!(acls.replay(rule, true));
        }
        acls
    }

    use Operation::{Alter, AlterConfigs, Describe, DescribeConfigs, Read, Write};
    use PatternType::{Literal, Prefixed};
    use Permission::{Allow, Deny};

    fn judge(acls: &Acls, operation: Operation, topic: &str) -> Verdict {
        acls.judge(ALICE, operation, ResourceType::Topic, topic)
    }

    #[test]
    fn a_name_a_beginning_of_it_and_the_star_are_meant() {
        let acls = acls([
            acl(Literal, "orders", "User:alice", Read, Allow),
            acl(Prefixed, "logs-", "User:alice", Read, Allow),
            acl(Literal, "*", "User:alice", Write, Allow),
        ]);
        assert_eq!(judge(&acls, Read, "orders"), Verdict::Allowed);
        assert_eq!(judge(&acls, Read, "orders2"), Verdict::Denied);
        assert_eq!(judge(&acls, Read, "logs-a"), Verdict::Allowed);
        assert_eq!(judge(&acls, Read, "logs-"), Verdict::Allowed);
        assert_eq!(judge(&acls, Read, "logs"), Verdict::Denied);
        assert_eq!(judge(&acls, Write, "anything"), Verdict::Allowed);
        let group = acls.judge(ALICE, Read, ResourceType::Group, "orders");
        assert_eq!(group, Verdict::NoRule);
    }

    #[test]
    fn what_denies_beats_what_allows() {
        let acls = acls([
            acl(Literal, "orders", "User:alice", Operation::All, Allow),
            acl(Prefixed, "o", "User:*", Write, Deny),
        ]);
        assert_eq!(judge(&acls, Read, "orders"), Verdict::Allowed);
        assert_eq!(judge(&acls, Write, "orders"), Verdict::Denied);
        // Only what allows implies more than it says.
        assert_eq!(judge(&acls, Describe, "orders"), Verdict::Allowed);
    }

    #[test]
    fn who_reads_or_alters_may_look() {
        for (said, implied) in [
            (Read, Describe),
            (Alter, Describe),
            (AlterConfigs, DescribeConfigs),
        ] {
            let acls = acls([acl(Literal, "t", "User:alice", said, Allow)]);
            assert_eq!(judge(&acls, implied, "t"), Verdict::Allowed, "{said:?}");
            assert_eq!(judge(&acls, Write, "t"), Verdict::Denied, "{said:?}");
        }
    }

    #[test]
    fn other_users_and_hosts_are_not_meant() {
        let mut elsewhere = acl(Literal, "t", "User:alice", Read, Allow);
        elsewhere.entry.host = "10.0.0.2".into();
        let acls = acls([elsewhere, acl(Literal, "t", "User:bob", Read, Allow)]);
        assert_eq!(judge(&acls, Read, "t"), Verdict::Denied);
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let mut home = acl(Literal, "t", "User:alice", Read, Allow);
        home.entry.host = "0:0:0:0:0:0:0:1".into();
        let acls = acls([home]);
        let subject = Subject {
            principal: "User:alice",
            host: "::1",
            address: "::1".parse().ok(),
        };
        let verdict = acls.judge(subject, Read, ResourceType::Topic, "t");
        assert_eq!(verdict, Verdict::Allowed);
        assert_eq!(judge(&acls, Read, "t"), Verdict::Denied);
    }

    #[test]
    fn a_rule_that_is_taken_out_says_nothing_any_more() {
        let rule = acl(Literal, "t", "User:alice", Read, Allow);
        let mut acls = acls([rule.clone()]);
        assert!(acls.contains(&rule));
        assert!(acls.replay(rule.clone(), false));
        assert!(!acls.replay(rule, false));
        assert_eq!(acls, Acls::default());
        assert_eq!(judge(&acls, Read, "t"), Verdict::NoRule);
    }

    #[test]
    fn any_topic_is_one_that_no_denial_covers() {
        let any = |rules: Vec<Acl>| acls(rules).allows_any(ALICE, Write, ResourceType::Topic);
        let prefixed = acl(Prefixed, "logs-", "User:alice", Write, Allow);
        assert!(any(vec![prefixed.clone()]));
        assert!(any(vec![
            prefixed.clone(),
            acl(Literal, "logs-a", "User:*", Write, Deny)
        ]));
        assert!(!any(vec![
            prefixed.clone(),
            acl(Prefixed, "log", "User:*", Write, Deny)
        ]));
        assert!(!any(vec![
            prefixed,
            acl(Literal, "*", "User:*", Write, Deny)
        ]));
        assert!(!any(vec![acl(Literal, "a", "User:bob", Write, Allow)]));
    }
}
