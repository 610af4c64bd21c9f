//! Walks over the tables.

use std::collections::HashSet;

use rdkafka_conf::{Kind, Property, Table, Values};

use crate::conf::global::{self, GLOBAL};
use crate::conf::topic::{self, TOPIC};
use crate::conf::{ClientKind, Conf, configuration_page};

fn all() -> impl Iterator<Item = (&'static Table, &'static Property)> {
    [&GLOBAL, &TOPIC]
        .into_iter()
        .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
}

#[test]
fn every_key_reads_its_row() {
    global::check_keys();
    topic::check_keys();
}

#[test]
fn names_are_unique_within_a_table() {
    for table in [&GLOBAL, &TOPIC] {
        let mut seen = HashSet::new();
        for row in table.rows {
            assert!(seen.insert(row.name), "{}", row.name);
        }
    }
}

#[test]
fn aliases_lead_to_properties() {
    for (table, row) in all() {
        if let Kind::Alias(target) = row.kind {
            let target = table
                .row(target)
                .unwrap_or_else(|| panic!("{} leads nowhere", row.name));
            assert!(
                !matches!(target.kind, Kind::Alias(_)),
                "{} leads to an alias",
                row.name
            );
            assert_eq!(row.side, target.side, "{}", row.name);
        }
    }
}

#[test]
fn defaults_can_be_set_and_show_as_they_were_set() {
    for (table, row) in all() {
        let settable = !matches!(
            row.kind,
            Kind::Pointer { .. } | Kind::Internal | Kind::Alias(_) | Kind::Refused(_)
        );
        let Some(shown) = row.show(&row.default_value()) else {
            continue;
        };
        // An empty text means "back to the default", and no flags at all cannot be written.
        if !settable || row.unsupported.is_some() || shown.is_empty() {
            continue;
        }
        let mut values = Values::new(table);
        let index = table.find(row.name).unwrap();
        assert_eq!(values.set(index, &shown), Ok(()), "{}", row.name);
        assert_eq!(values.show(index), Some(shown), "{}", row.name);
    }
}

#[test]
fn numbers_have_their_default_within_their_range() {
    for (_, row) in all() {
        match row.kind {
            Kind::Int {
                min, max, default, ..
            } => {
                assert!((min..=max).contains(&default), "{}", row.name);
            }
            Kind::Float { min, max, default } => {
                assert!((min..=max).contains(&default), "{}", row.name);
            }
            _ => {}
        }
    }
}

#[test]
fn descriptions_are_sentences() {
    for (_, row) in all() {
        assert!(row.doc.ends_with('.'), "{}: {}", row.name, row.doc);
        assert!(!row.doc.contains("  "), "{}: {}", row.name, row.doc);
    }
}

#[test]
fn the_page_has_a_line_for_every_property_that_is_not_hidden() {
    let page = configuration_page();
    for (_, row) in all() {
        let line = format!("\n{} | ", row.name);
        let expected = !row.is_hidden && !matches!(row.kind, Kind::Refused(_));
        assert_eq!(page.contains(&line), expected, "{}", row.name);
    }
}

#[test]
fn a_configuration_with_nothing_set_resolves() {
    for kind in [ClientKind::Producer, ClientKind::Consumer] {
        let config = Conf::new().resolve(kind).unwrap();
        assert_eq!(config.kind, kind);
    }
}
