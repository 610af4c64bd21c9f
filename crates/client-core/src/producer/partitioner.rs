//! Which partition a record goes to.
//!
//! Pure functions of key and partition count, with librdkafka's results bit for bit: a record must land
//! where the records of the same key already are. Randomness is handed in. The sticky partition of
//! records without a key is not chosen here: the accumulator asks [`Partitioner::is_random_for`] and
//! keeps its own. Runs on the PHP thread.

use std::num::NonZeroI32;

/// A built-in partitioner, by the name of the property `partitioner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Partitioner {
    /// `random`: any partition, whatever the key.
    Random,
    /// `consistent`: CRC-32 of the key; empty and missing keys share one partition.
    Consistent,
    /// `consistent_random`: CRC-32 of the key; empty and missing keys go anywhere. The default.
    #[default]
    ConsistentRandom,
    /// `murmur2`: the Java producer's hash; missing keys are hashed as the empty key.
    Murmur2,
    /// `murmur2_random`: the Java producer's hash; missing keys go anywhere.
    Murmur2Random,
    /// `fnv1a`: FNV-1a as Sarama has it; missing keys are hashed as the empty key.
    Fnv1a,
    /// `fnv1a_random`: FNV-1a as Sarama has it; missing keys go anywhere.
    Fnv1aRandom,
}

impl Partitioner {
    /// Every partitioner.
    pub const ALL: [Self; 7] = [
        Self::Random,
        Self::Consistent,
        Self::ConsistentRandom,
        Self::Murmur2,
        Self::Murmur2Random,
        Self::Fnv1a,
        Self::Fnv1aRandom,
    ];

    /// The name as a value of the property `partitioner`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Consistent => "consistent",
            Self::ConsistentRandom => "consistent_random",
            Self::Murmur2 => "murmur2",
            Self::Murmur2Random => "murmur2_random",
            Self::Fnv1a => "fnv1a",
            Self::Fnv1aRandom => "fnv1a_random",
        }
    }

    /// The partitioner with that name; names are case-sensitive, as in librdkafka.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|partitioner| partitioner.name() == name)
    }

    /// The partitioner of one of PHP's `RD_KAFKA_MSG_PARTITIONER_*` constants (2 to 6).
    #[must_use]
    pub const fn from_php_constant(constant: i64) -> Option<Self> {
        match constant {
            2 => Some(Self::Random),
            3 => Some(Self::Consistent),
            4 => Some(Self::ConsistentRandom),
            5 => Some(Self::Murmur2),
            6 => Some(Self::Murmur2Random),
            _ => None,
        }
    }

    /// Whether a record with this key goes to any partition rather than to the one its key names.
    ///
    /// `random` answers true for every key. For the sticky partition see [`Self::is_sticky_for`].
    #[must_use]
    pub const fn is_random_for(self, key: Option<&[u8]>) -> bool {
        match self {
            Self::Random => true,
            Self::Consistent | Self::Murmur2 | Self::Fnv1a => false,
            Self::ConsistentRandom => match key {
                None => true,
                Some(key) => key.is_empty(),
            },
            Self::Murmur2Random | Self::Fnv1aRandom => key.is_none(),
        }
    }

    /// Whether a record with this key goes to the sticky partition while
    /// `sticky.partitioning.linger.ms` is not 0.
    ///
    /// The same as [`Self::is_random_for`] but for `random`, which spreads records that have a key one
    /// by one.
    #[must_use]
    pub const fn is_sticky_for(self, key: Option<&[u8]>) -> bool {
        match self {
            Self::Random => key.is_none(),
            _ => self.is_random_for(key),
        }
    }
}

/// The partition of a record with this key, from 0 to `partition_count - 1`.
pub fn partition(
    kind: Partitioner,
    key: Option<&[u8]>,
    partition_count: NonZeroI32,
    rng: &mut fastrand::Rng,
) -> i32 {
    let count = partition_count.get().unsigned_abs();
    let chosen = if kind.is_random_for(key) {
        rng.u32(0..count)
    } else {
        let key = key.unwrap_or_default();
        match kind {
            Partitioner::Murmur2 | Partitioner::Murmur2Random => {
                (murmur2(key) & 0x7fff_ffff) % count
            }
            Partitioner::Fnv1a | Partitioner::Fnv1aRandom => fnv1a(key) % count,
            Partitioner::Random | Partitioner::Consistent | Partitioner::ConsistentRandom => {
                crc32fast::hash(key) % count
            }
        }
    };
    // Smaller than `count`, which came out of an i32.
    i32::try_from(chosen).unwrap_or(0)
}

/// `MurmurHash2` with the seed of Kafka's Java client.
fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const MULTIPLIER: u32 = 0x5bd1_e995;

    // The length enters modulo 2^32, as an `int` does in the original.
    let mut hash = SEED ^ (bytes.len() as u32);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut mixed = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        mixed = mixed.wrapping_mul(MULTIPLIER);
        mixed ^= mixed >> 24;
        mixed = mixed.wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ mixed;
    }
    let tail = words.remainder();
    for (position, &byte) in tail.iter().enumerate() {
        hash ^= u32::from(byte) << (8 * position);
    }
    if !tail.is_empty() {
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

/// FNV-1a, 32 bits, its absolute value as a signed number: what Sarama's hash partitioner makes of it.
fn fnv1a(bytes: &[u8]) -> u32 {
    let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.cast_signed().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: Partitioner, key: &str, count: i32) -> i32 {
        let count = NonZeroI32::new(count).unwrap();
        partition(
            kind,
            Some(key.as_bytes()),
            count,
            &mut fastrand::Rng::with_seed(1),
        )
    }

    #[test]
    fn keys_reported_by_users_land_where_other_clients_put_them() {
        let crc = [
            ("354afe16-939a-4ea8-8e17-8bb0840b6886", 10, 9),
            ("f562ac3b-2224-4e25-a0ab-56094e10c239", 10, 6),
            ("TT0124", 15, 9),
            ("fd7af248-ce5c-46a5-93d7-1c0c9005b99d", 32, 23),
        ];
        for (key, count, expected) in crc {
            assert_eq!(
                place(Partitioner::Consistent, key, count),
                expected,
                "{key}"
            );
            assert_eq!(
                place(Partitioner::ConsistentRandom, key, count),
                expected,
                "{key}"
            );
        }
        let murmur = [
            ("354afe16-939a-4ea8-8e17-8bb0840b6886", 10, 4),
            ("f562ac3b-2224-4e25-a0ab-56094e10c239", 10, 5),
            ("TT0124", 15, 10),
            ("fd7af248-ce5c-46a5-93d7-1c0c9005b99d", 32, 26),
        ];
        for (key, count, expected) in murmur {
            assert_eq!(place(Partitioner::Murmur2, key, count), expected, "{key}");
            assert_eq!(
                place(Partitioner::Murmur2Random, key, count),
                expected,
                "{key}"
            );
        }
    }

    /// The keys librdkafka's own unit tests hash.
    const KEYS: [&str; 11] = [
        "kafka",
        "giberish123456789",
        "1234",
        "234",
        "34",
        "4",
        "PreAmbleWillBeRemoved,ThePrePartThatIs",
        "reAmbleWillBeRemoved,ThePrePartThatIs",
        "eAmbleWillBeRemoved,ThePrePartThatIs",
        "AmbleWillBeRemoved,ThePrePartThatIs",
        "",
    ];

    #[test]
    fn murmur2_hashes_as_the_java_client() {
        let java: [u32; 11] = [
            0xd067_cf64,
            0x8f55_2b0c,
            0x9fc9_7b14,
            0xe7c0_09ca,
            0x8739_30da,
            0x5a4b_5ca1,
            0x7842_4f1c,
            0x4a62_b377,
            0xe0e4_e09e,
            0x62b8_b43f,
            0x106e_08d9,
        ];
        for (key, expected) in KEYS.into_iter().zip(java) {
            assert_eq!(murmur2(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn fnv1a_hashes_as_sarama() {
        let sarama: [u32; 11] = [
            0x0d33_c4e1,
            0x77a5_8295,
            0x023b_dd03,
            0x2dea_3cd2,
            0x740f_a83e,
            0x310c_a263,
            0x65cb_d69c,
            0x6e49_c79a,
            0x69ee_d356,
            0x6abc_c023,
            0x7ee3_623b,
        ];
        for (key, expected) in KEYS.into_iter().zip(sarama) {
            assert_eq!(fnv1a(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn missing_and_empty_keys_are_random_only_where_the_name_says_so() {
        let missing = None;
        let empty = Some(&b""[..]);
        let full = Some(&b"k"[..]);
        let expected = [
            (Partitioner::Random, true, true, true),
            (Partitioner::Consistent, false, false, false),
            (Partitioner::ConsistentRandom, true, true, false),
            (Partitioner::Murmur2, false, false, false),
            (Partitioner::Murmur2Random, true, false, false),
            (Partitioner::Fnv1a, false, false, false),
            (Partitioner::Fnv1aRandom, true, false, false),
        ];
        for (kind, of_missing, of_empty, of_full) in expected {
            assert_eq!(kind.is_random_for(missing), of_missing, "{kind:?}");
            assert_eq!(kind.is_random_for(empty), of_empty, "{kind:?}");
            assert_eq!(kind.is_random_for(full), of_full, "{kind:?}");
        }
    }

    #[test]
    fn only_records_without_a_key_stick_with_the_random_partitioner() {
        assert!(Partitioner::Random.is_sticky_for(None));
        assert!(!Partitioner::Random.is_sticky_for(Some(b"")));
        assert!(!Partitioner::Random.is_sticky_for(Some(b"k")));
        assert!(Partitioner::ConsistentRandom.is_sticky_for(Some(b"")));
        assert!(!Partitioner::Murmur2Random.is_sticky_for(Some(b"")));
    }

    #[test]
    fn an_empty_key_has_one_partition_with_murmur2_random() {
        let expected = i32::try_from((0x106e_08d9_u32 & 0x7fff_ffff) % 7).unwrap();
        for _ in 0..20 {
            assert_eq!(place(Partitioner::Murmur2Random, "", 7), expected);
        }
    }

    #[test]
    fn random_partitions_cover_all_and_stay_in_range() {
        let mut rng = fastrand::Rng::with_seed(7);
        let count = NonZeroI32::new(5).unwrap();
        let mut seen = [false; 5];
        for _ in 0..500 {
            let chosen = partition(Partitioner::ConsistentRandom, None, count, &mut rng);
            seen[usize::try_from(chosen).unwrap()] = true;
        }
        assert_eq!(seen, [true; 5]);
    }

    #[test]
    fn names_and_php_constants_lead_back_to_the_partitioner() {
        for kind in Partitioner::ALL {
            assert_eq!(Partitioner::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Partitioner::from_name("Random"), None);
        assert_eq!(Partitioner::from_php_constant(2), Some(Partitioner::Random));
        assert_eq!(
            Partitioner::from_php_constant(6),
            Some(Partitioner::Murmur2Random)
        );
        assert_eq!(Partitioner::from_php_constant(1), None);
        assert_eq!(Partitioner::from_php_constant(7), None);
    }
}
