//! Users of SCRAM as `kafka-storage format --add-scram` writes them: `SCRAM-SHA-256=[name=alice,password=secret]`.
//!
//! Owns [`ScramUser`] and the way it gets into a data folder while no broker runs on it. With a running broker,
//! AlterUserScramCredentials does the same.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{Now, Shard};
use rdkafka_log::LogError;
use rdkafka_log::fs::Disk;
use rdkafka_sasl::scram::server::ScramCredential;
use rdkafka_sasl::scram::{ITERATIONS_MIN, ScramMechanism};

use crate::sasl::random;
use crate::shard_thread::Clock;

/// A user and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramUser {
    mechanism: ScramMechanism,
    name: String,
    password: String,
    iterations: NonZeroU32,
}

/// Never the password.
impl fmt::Debug for ScramUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramUser")
            .field("mechanism", &self.mechanism)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl ScramUser {
    /// A user with the usual number of iterations.
    ///
    /// # Errors
    /// The mechanism is none of SCRAM, or the name or the password is empty.
    pub fn new(mechanism: &str, name: &str, password: &str) -> Result<Self, String> {
        Self::with_iterations(mechanism, name, password, ITERATIONS_MIN)
    }

    fn with_iterations(
        mechanism: &str,
        name: &str,
        password: &str,
        iterations: u32,
    ) -> Result<Self, String> {
        let mechanism = ScramMechanism::from_name(mechanism)
            .ok_or_else(|| format!("{mechanism} is none of SCRAM-SHA-256 and SCRAM-SHA-512"))?;
        if name.is_empty() || password.is_empty() {
            return Err("a user has a name and a password".into());
        }
        let iterations = NonZeroU32::new(iterations)
            .filter(|it| (ITERATIONS_MIN..=ITERATIONS_LIMIT).contains(&it.get()))
            .ok_or_else(|| format!("iterations are {ITERATIONS_MIN} to {ITERATIONS_LIMIT}"))?;
        Ok(Self {
            mechanism,
            name: name.to_owned(),
            password: password.to_owned(),
            iterations,
        })
    }

    /// Reads `MECHANISM=[name=NAME,password=PASSWORD]`, with `iterations=N` if wanted.
    ///
    /// # Errors
    /// Says what is wrong, without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "a user is MECHANISM=[name=NAME,password=PASSWORD]";
        let (mechanism, rest) = text.split_once('=').ok_or(FORM)?;
        let rest = rest.trim().strip_prefix('[').ok_or(FORM)?;
        let rest = rest.strip_suffix(']').ok_or(FORM)?;
        let (mut name, mut password, mut iterations) = ("", "", ITERATIONS_MIN);
        for pair in rest.split(',') {
            let (key, value) = pair.split_once('=').ok_or(FORM)?;
            let value = value.trim_matches('"');
            match key.trim() {
                "name" => name = value,
                "password" => password = value,
                "iterations" => {
                    iterations = value
                        .parse()
                        .map_err(|_| format!("iterations={value} is no number"))?;
                }
                other => return Err(format!("{FORM}; {other} is not known")),
            }
        }
        Self::with_iterations(mechanism.trim(), name, password, iterations)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn add(&self, shard: &mut Shard, now: Now) -> Result<(), LogError> {
        let salt = random::<16>().to_vec();
        let credential = ScramCredential::from_password(
            self.mechanism,
            self.password.as_bytes(),
            salt,
            self.iterations,
        );
        shard.set_scram_credential(self.mechanism, &self.name, Some(&credential), now)
    }
}

/// The users of a data folder on which no broker runs. The folder is locked meanwhile.
pub struct UserFolder {
    shard: Shard,
    clock: Clock,
}

impl fmt::Debug for UserFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserFolder").finish_non_exhaustive()
    }
}

impl UserFolder {
    /// Opens all folders of a broker; creates them if they are missing.
    ///
    /// # Errors
    /// It is in use, damaged, or the disk fails.
    pub fn open(folders: &[PathBuf], config: BrokerConfig) -> Result<Self, LogError> {
        let clock = Clock::start();
        let seed = u64::from_be_bytes(random());
        let shard = Shard::open(Arc::new(Disk), folders, Arc::new(config), seed, clock.now())?;
        Ok(Self { shard, clock })
    }

    /// Gives a user a password.
    ///
    /// # Errors
    /// The disk fails.
    pub fn add(&mut self, user: &ScramUser) -> Result<(), LogError> {
        user.add(&mut self.shard, self.clock.now())
    }

    /// Takes a user's passwords away; whether there were any.
    ///
    /// # Errors
    /// The disk fails.
    pub fn remove(&mut self, name: &str) -> Result<bool, LogError> {
        let mut found = false;
        for mechanism in ScramMechanism::ALL {
            if self.shard.scram_credential(mechanism, name).is_some() {
                found = true;
                self.shard
                    .set_scram_credential(mechanism, name, None, self.clock.now())?;
            }
        }
        Ok(found)
    }

    /// Users and their mechanisms, by name.
    pub fn list(&self) -> Vec<(String, &'static str)> {
        let users = self.shard.scram_users();
        users
            .map(|(name, mechanism)| (name.to_owned(), mechanism.name()))
            .collect()
    }

    /// Everything to the disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn close(self) -> Result<(), LogError> {
        self.shard.close()
    }
}

/// Most iterations Kafka allows.
const ITERATIONS_LIMIT: u32 = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_written_as_kafka_storage_has_them() {
        let user = ScramUser::parse(r#"SCRAM-SHA-512=[name="alice",password=x=y,iterations=8192]"#);
        let expected = ScramUser::with_iterations("SCRAM-SHA-512", "alice", "x=y", 8192);
        assert_eq!(user, expected);
        assert!(user.is_ok());
        for bad in [
            "alice",
            "PLAIN=[name=a,password=b]",
            "SCRAM-SHA-256=[name=a]",
            "SCRAM-SHA-256=[name=a,password=b,iterations=1]",
            "SCRAM-SHA-256=[name=a,password=b,x=y]",
        ] {
            assert!(ScramUser::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn users_stay_in_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let open = || UserFolder::open(&[folder.path().into()], BrokerConfig::default()).unwrap();
        let mut users = open();
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let user = ScramUser::new(mechanism, "alice", "secret").unwrap();
            users.add(&user).unwrap();
        }
        users.close().unwrap();
        let mut users = open();
        assert_eq!(
            users.list(),
            [
                ("alice".into(), "SCRAM-SHA-256"),
                ("alice".into(), "SCRAM-SHA-512")
            ]
        );
        assert!(users.remove("alice").unwrap());
        assert!(!users.remove("alice").unwrap());
    }
}
