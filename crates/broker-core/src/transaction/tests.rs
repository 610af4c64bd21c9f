//! Tests of the coordinator: journals that fail, crashes between decision and markers, and replay equals live state.

use super::*;

/// A journal that remembers what was written, and fails where it is told.
#[derive(Default)]
struct Records {
    written: Vec<(StrBytes, Option<TransactionState>)>,
    markers: Vec<(String, i32, EndTxnMarker)>,
    next_producer_id: i64,
    fails_append: bool,
    fails_markers: bool,
}

impl Journal for Records {
    fn append(&mut self, id: &StrBytes, state: Option<&TransactionState>) -> Result<(), ErrorCode> {
        if self.fails_append {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        }
        let (key, value) = records::encode(id, state);
        assert_eq!(
            records::decode(key, value),
            Ok((id.clone(), state.cloned()))
        );
        self.written.push((id.clone(), state.cloned()));
        Ok(())
    }

    fn write_marker(
        &mut self,
        topic: &str,
        partition: i32,
        marker: &EndTxnMarker,
    ) -> Result<(), ErrorCode> {
        if self.fails_markers && partition > 0 {
            return Err(ErrorCode::KAFKA_STORAGE_ERROR);
        }
        self.markers.push((topic.to_owned(), partition, *marker));
        Ok(())
    }

    fn new_producer_id(&mut self) -> Result<i64, ErrorCode> {
        self.next_producer_id += 1;
        Ok(self.next_producer_id)
    }
}

struct World {
    coordinator: TransactionCoordinator,
    journal: Records,
    now: Now,
    id: StrBytes,
}

impl World {
    fn new() -> Self {
        Self {
            coordinator: TransactionCoordinator::new(900_000, 1_000_000),
            journal: Records::default(),
            now: Now {
                mono: Duration::from_secs(1),
                unix_ms: 1_700_000_000_000,
            },
            id: "x".into(),
        }
    }

    fn init(&mut self) -> Result<Producer, ErrorCode> {
        self.coordinator
            .init(&self.id, 10_000, None, self.now, &mut self.journal)
    }

    fn add(&mut self, producer: Producer) -> Result<(), ErrorCode> {
        let places = [("t".into(), 0), ("t".into(), 1)];
        self.coordinator
            .add_partitions(&self.id, producer, &places, 1, self.now, &mut self.journal)
    }

    fn end(&mut self, producer: Producer, bumps: bool) -> Result<Producer, ErrorCode> {
        let result = TransactionResult::Commit;
        self.coordinator.end(
            &self.id,
            producer,
            result,
            bumps,
            self.now,
            &mut self.journal,
        )
    }

    fn pass(&mut self, by: Duration) {
        self.now.mono += by;
        self.now.unix_ms += i64::try_from(by.as_millis()).unwrap();
        let due = self.coordinator.next_deadline();
        if due.is_some_and(|due| due <= self.now.mono) {
            self.coordinator.expire(self.now, &mut self.journal);
        }
    }

    /// A crash: what is left is what replay makes of the records, which must be what was live.
    fn restart(&mut self) {
        let mut replayed = TransactionCoordinator::new(900_000, 1_000_000);
        for (id, state) in self.journal.written.clone() {
            replayed.replay(&id, state);
        }
        let states = |it: &TransactionCoordinator| {
            let states = it.transactions.iter();
            states
                .map(|(id, it)| (id.clone(), it.state.clone()))
                .collect::<HashMap<_, _>>()
        };
        assert_eq!(states(&replayed), states(&self.coordinator));
        replayed.loaded(self.now, &mut self.journal);
        self.coordinator = replayed;
    }

    fn status(&self) -> Status {
        self.coordinator.transactions[&self.id].state.status
    }
}

#[test]
fn a_decision_is_carried_out_after_a_crash_between_it_and_the_markers() {
    let mut world = World::new();
    let producer = world.init().unwrap();
    world.add(producer).unwrap();
    world.journal.fails_markers = true;
    assert_eq!(
        world.end(producer, false),
        Ok(producer),
        "the decision is written"
    );
    assert_eq!(world.status(), Status::PrepareCommit);
    assert_eq!(world.add(producer), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    assert_eq!(world.init(), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    world.journal.fails_markers = false;
    world.restart();
    assert_eq!(world.status(), Status::CompleteCommit);
    let marked = |at| {
        world
            .journal
            .markers
            .iter()
            .any(|(_, it, marker)| *it == at && marker.result == TransactionResult::Commit)
    };
    assert!(marked(0) && marked(1));
}

#[test]
fn markers_that_could_not_be_written_are_tried_again() {
    let mut world = World::new();
    let producer = world.init().unwrap();
    world.add(producer).unwrap();
    world.journal.fails_markers = true;
    world.end(producer, false).unwrap();
    world.pass(RETRY_AFTER);
    assert_eq!(world.status(), Status::PrepareCommit);
    world.journal.fails_markers = false;
    world.pass(RETRY_AFTER);
    assert_eq!(world.status(), Status::CompleteCommit);
    assert_eq!(world.coordinator.next_deadline(), None);
    assert_eq!(world.end(producer, false), Ok(producer));
}

#[test]
fn without_its_record_nothing_changes() {
    let mut world = World::new();
    let producer = world.init().unwrap();
    world.add(producer).unwrap();
    world.journal.fails_append = true;
    let unavailable = Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    assert_eq!(world.end(producer, true), unavailable);
    assert_eq!(world.status(), Status::Ongoing);
    assert!(world.journal.markers.is_empty());
    world.pass(Duration::from_secs(11));
    assert_eq!(
        world.status(),
        Status::Ongoing,
        "the abort could not be written"
    );
    world.journal.fails_append = false;
    world.pass(RETRY_AFTER);
    assert_eq!(world.status(), Status::CompleteAbort);
    world.restart();
}

#[test]
fn the_last_epoch_of_an_id_ends_with_a_new_id() {
    let mut world = World::new();
    let mut producer = world.init().unwrap();
    let first = producer.id;
    while producer.id == first {
        world.add(producer).unwrap();
        let next = world.end(producer, true).unwrap();
        assert_eq!(
            world.end(producer, true),
            Ok(next),
            "a lost answer is given again"
        );
        producer = next;
    }
    assert_eq!(producer.epoch, 0);
    world.restart();
    world.add(producer).unwrap();
    let old = Producer {
        id: first,
        epoch: 1,
    };
    assert_eq!(world.add(old), Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING));
}

#[test]
fn ids_that_nobody_uses_are_forgotten() {
    let mut world = World::new();
    let producer = world.init().unwrap();
    world.add(producer).unwrap();
    world.now.unix_ms += 2_000_000;
    world.coordinator.expire_ids(world.now, &mut world.journal);
    assert_eq!(world.status(), Status::Ongoing, "it is in use");
    world.end(producer, false).unwrap();
    world.now.unix_ms += 1_000_000;
    world.coordinator.expire_ids(world.now, &mut world.journal);
    assert!(world.coordinator.transactions.is_empty());
    world.restart();
}

#[test]
fn random_lives_replay_to_what_was_live() {
    for seed in 0..50 {
        let mut world = World::new();
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut producer = world.init().unwrap();
        for _ in 0..200 {
            world.journal.fails_append = rng.u8(..) < 20;
            world.journal.fails_markers = rng.u8(..) < 60;
            match rng.u8(..5) {
                0 => producer = world.init().unwrap_or(producer),
                1 => drop(world.add(producer)),
                2 => producer = world.end(producer, true).unwrap_or(producer),
                3 => world.pass(Duration::from_millis(rng.u64(..12_000))),
                _ => world.restart(),
            }
            let open = world.status() == Status::Ongoing || world.status().is_prepared();
            assert_eq!(world.coordinator.next_deadline().is_some(), open);
        }
    }
}
