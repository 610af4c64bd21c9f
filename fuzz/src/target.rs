//! What a fuzz target is, and how one is run.
//!
//! Owns [`Target`] and the two laws every target obeys besides its own assertions: no panic, and no more memory at a time
//! than its budget allows for an input of that length. The time an input may take is libFuzzer's to watch (`-timeout`).

use std::sync::OnceLock;

use crate::corpus;

/// A decoder, or what stands on it, fed with arbitrary bytes.
#[derive(Debug)]
pub struct Target {
    /// Its name: of its corpus, and for `./dev fuzz NAME`.
    pub name: &'static str,
    /// What it feeds, for people.
    pub covers: &'static str,
    /// Takes one input; panics where a law is broken.
    pub run: fn(&[u8]),
    /// Inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How much memory an input may take.
    pub budget: Budget,
    /// The longest input that makes sense.
    pub input_bytes_max: usize,
}

/// Memory that may be in use at a time, beyond what was before.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// For any input.
    pub bytes: u64,
    /// For each byte of the input.
    pub per_input_byte: u64,
}

impl Target {
    /// Runs one input under the laws.
    ///
    /// # Panics
    /// When one is broken.
    pub fn check(&self, input: &[u8]) {
        let used = allocation_counter::measure(|| (self.run)(input)).bytes_max;
        let allowed = self.budget.bytes + self.budget.per_input_byte * input.len() as u64;
        assert!(
            used <= allowed,
            "{}: {used} bytes of memory for an input of {} (allowed: {allowed})",
            self.name,
            input.len()
        );
    }
}

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

/// What a fuzzer does before its first input: takes the target that the variable `FUZZ_TARGET` names. With `FUZZ_CORPUS` it
/// does something else instead, and ends: `list` its targets, `unpack` the corpus of the target into the folder
/// `FUZZ_FOLDER`, or `pack` that folder into the corpus.
pub fn begin(targets: &'static [Target]) {
    let asked = std::env::var("FUZZ_CORPUS").unwrap_or_default();
    if asked == "list" {
        for target in targets {
            let Target { name, covers, .. } = target;
            println!("{name}\t{}\t{covers}", target.input_bytes_max);
        }
        std::process::exit(0);
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = targets.iter().find(|it| it.name == name) else {
        eprintln!("FUZZ_TARGET={name} is no target of this fuzzer; FUZZ_CORPUS=list lists them");
        std::process::exit(2);
    };
    let folder = std::env::var_os("FUZZ_FOLDER").unwrap_or_default();
    let done = match &*asked {
        "unpack" => corpus::unpack(target, folder.as_ref()),
        "pack" => corpus::pack(target, folder.as_ref()),
        _ => {
            let _ = CHOSEN.set(target);
            return;
        }
    };
    match &done {
        Ok(count) => println!("{name}: {count} inputs"),
        Err(error) => eprintln!("{name}: {error}"),
    }
    std::process::exit(i32::from(done.is_err()));
}

/// Runs one input of the target that [`begin`] took.
///
/// # Panics
/// When a law is broken.
pub fn run(input: &[u8]) {
    if let Some(target) = CHOSEN.get() {
        target.check(input);
    }
}
