//! Kafka's names and numbers of resource types, pattern types, operations and permissions.

/// Numbers with their names, as Kafka's enums spell them.
type Names = [(i8, &'static str)];

const RESOURCE_TYPES: &Names = &[
    (2, "TOPIC"),
    (3, "GROUP"),
    (4, "CLUSTER"),
    (5, "TRANSACTIONAL_ID"),
    (6, "DELEGATION_TOKEN"),
    (7, "USER"),
];
const PATTERN_TYPES: &Names = &[(1, "ANY"), (2, "MATCH"), (3, "LITERAL"), (4, "PREFIXED")];
const OPERATIONS: &Names = &[
    (2, "ALL"),
    (3, "READ"),
    (4, "WRITE"),
    (5, "CREATE"),
    (6, "DELETE"),
    (7, "ALTER"),
    (8, "DESCRIBE"),
    (9, "CLUSTER_ACTION"),
    (10, "DESCRIBE_CONFIGS"),
    (11, "ALTER_CONFIGS"),
    (12, "IDEMPOTENT_WRITE"),
    (13, "CREATE_TOKENS"),
    (14, "DESCRIBE_TOKENS"),
    (15, "TWO_PHASE_COMMIT"),
];
const PERMISSIONS: &Names = &[(2, "DENY"), (3, "ALLOW")];

pub(super) fn resource_type(number: i8) -> &'static str {
    name(RESOURCE_TYPES, number)
}

pub(super) fn pattern_type(number: i8) -> &'static str {
    name(PATTERN_TYPES, number)
}

pub(super) fn operation(number: i8) -> &'static str {
    name(OPERATIONS, number)
}

pub(super) fn permission(number: i8) -> &'static str {
    name(PERMISSIONS, number)
}

/// The number of a pattern type, in any case.
pub(super) fn pattern_type_number(text: &str) -> Option<i8> {
    number(PATTERN_TYPES, text)
}

/// The number of an operation: `DescribeConfigs`, `DESCRIBE_CONFIGS`, in any case.
pub(super) fn operation_number(text: &str) -> Option<i8> {
    let is_it = |name: &str| name.replace('_', "").eq_ignore_ascii_case(text);
    number(OPERATIONS, text).or_else(|| {
        let found = OPERATIONS.iter().find(|(_, name)| is_it(name));
        found.map(|(number, _)| *number)
    })
}

/// An operation as the options spell it: `DescribeConfigs`.
pub(super) fn operation_word(number: i8) -> String {
    let words = operation(number).split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{first}{}", rest.to_ascii_lowercase())
    });
    words.collect()
}

fn name(names: &Names, number: i8) -> &'static str {
    let found = names.iter().find(|(it, _)| *it == number);
    found.map_or("UNKNOWN", |(_, name)| name)
}

fn number(names: &Names, text: &str) -> Option<i8> {
    let found = names
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(text));
    found.map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_known_in_every_spelling() {
        for text in ["DescribeConfigs", "describe_configs", "DESCRIBECONFIGS"] {
            assert_eq!(operation_number(text), Some(10), "{text}");
        }
        assert_eq!(operation_number("Nonsense"), None);
        assert_eq!(operation_word(12), "IdempotentWrite");
    }
}
