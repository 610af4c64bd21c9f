//! The corpus against the laws, without a fuzzer; and that nothing was left out of it.

use std::collections::BTreeSet;

use rdkafka_broker_core::SERVED;
use rdkafka_wire::ApiKey;

use crate::{Target, corpus, families};

fn targets() -> impl Iterator<Item = &'static Target> {
    families().into_iter().flat_map(|(_, targets)| targets)
}

fn find(name: &str) -> &'static Target {
    targets().find(|target| target.name == name).unwrap()
}

#[test]
fn every_target_has_a_name_of_its_own_and_a_corpus() {
    let names: BTreeSet<_> = targets().map(|target| target.name).collect();
    assert_eq!(names.len(), targets().count());
    for target in targets() {
        assert!(!corpus::load(target).unwrap().is_empty(), "{}", target.name);
        assert!(!(target.seeds)().is_empty(), "{}", target.name);
    }
}

#[test]
fn no_corpus_is_without_a_target() {
    let folder = corpus::path(find("requests"));
    for entry in std::fs::read_dir(folder.parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(targets().any(|target| target.name == name), "{name}");
    }
}

/// The keys of a table that no input begins its choice with, at this place.
fn missing(name: &str, keys: &[ApiKey], place: usize, is_chosen: fn(&[u8]) -> bool) -> Vec<ApiKey> {
    let target = find(name);
    let inputs = corpus::load(target).unwrap().into_iter();
    let inputs: Vec<_> = inputs.chain((target.seeds)()).collect();
    let is_there = |key: &ApiKey| {
        let mut inputs = inputs.iter().filter(|input| is_chosen(input));
        inputs.any(|input| input.len() > place + 2 && input[place] == key.code() as u8)
    };
    keys.iter().copied().filter(|key| !is_there(key)).collect()
}

#[test]
fn every_key_is_fuzzed_in_both_directions_and_through_the_broker() {
    assert_eq!(missing("requests", ApiKey::ALL, 0, |_| true), []);
    assert_eq!(missing("responses", ApiKey::ALL, 0, |_| true), []);
    assert_eq!(
        missing("broker-requests", SERVED, 2, |it| it
            .get(1)
            .is_some_and(|step| step & 0xf0 == 0x40)),
        []
    );
}

/// Every input of the corpus and every seed, by family, so that they run side by side.
fn holds(family: &str) {
    let (_, targets) = families()
        .into_iter()
        .find(|(name, _)| *name == family)
        .unwrap();
    for target in targets {
        let inputs = corpus::load(target)
            .unwrap()
            .into_iter()
            .chain((target.seeds)());
        for input in inputs {
            target.check(&input);
        }
    }
}

#[test]
fn the_corpus_of_messages_holds() {
    holds("wire");
}

#[test]
fn the_corpus_of_records_holds() {
    holds("records");
}

#[test]
fn the_corpus_of_the_log_holds() {
    holds("log");
}

#[test]
fn the_corpus_of_the_broker_holds() {
    holds("broker");
}

#[test]
fn the_corpus_of_the_client_holds() {
    holds("client");
}

#[test]
fn the_corpus_of_texts_holds() {
    holds("text");
}
