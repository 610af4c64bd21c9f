//! The corpus: for each target the inputs that reach all that is known to be reachable, and those that once broke a law.
//!
//! One text file per target, `corpus/<target>`, an input a line in base64, sorted; thousands of tiny files would be no
//! better to read and slower to clone. libFuzzer wants a folder of files: [`unpack`] and [`pack`] go between the two.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Target;

/// The file of a target's corpus.
pub fn path(target: &Target) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    folder.join(target.name)
}

/// The inputs of a target's corpus.
///
/// # Errors
/// The file cannot be read, or a line is no base64.
pub fn load(target: &Target) -> io::Result<Vec<Vec<u8>>> {
    let path = path(target);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    let inputs = text.lines().enumerate().map(|(index, line)| {
        STANDARD.decode(line).map_err(|error| {
            let place = format!("{}:{}: {error}", path.display(), index + 1);
            io::Error::new(io::ErrorKind::InvalidData, place)
        })
    });
    inputs.collect()
}

/// Writes the corpus and the seeds of a target into a folder, a file each.
///
/// # Errors
/// The disk's, or a corpus that cannot be read.
pub fn unpack(target: &Target, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let inputs: BTreeSet<_> = load(target)?.into_iter().chain((target.seeds)()).collect();
    for (number, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("{number:05}")), input)?;
    }
    Ok(inputs.len())
}

/// Makes the files of a folder the corpus of a target.
///
/// # Errors
/// The disk's.
pub fn pack(target: &Target, folder: &Path) -> io::Result<usize> {
    let mut inputs = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let input = fs::read(entry.path())?;
            inputs.insert((input.len(), input));
        }
    }
    let lines = inputs
        .iter()
        .map(|(_, input)| STANDARD.encode(input) + "\n");
    let text: String = lines.collect();
    let path = path(target);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    Ok(inputs.len())
}
