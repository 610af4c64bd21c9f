//! House rules that neither rustfmt nor clippy know, checked over the files git tracks.
//!
//! Each rule is a function from a file to complaints; `check` prints all of them and fails if there is one.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// Longest file that needs no second thought about a second noun in it.
const LINES_MAX: usize = 1_000;
/// Files that are tables: one row per fact, as long as the facts are many.
const TABLES: &[&str] = &[
    "crates/client-core/src/conf/global.rs",
    "crates/wire/src/error_code.rs",
    "stubs/constants.stub.php",
];
/// Crates that must stay free of an asynchronous runtime.
const CORES: &[&str] = &[
    "wire",
    "records",
    "conf",
    "sasl",
    "client-core",
    "log",
    "broker-core",
];
/// Words that say something was left for later. Split so that this file does not complain of itself.
const UNFINISHED: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimple", "mented!("),
    concat!("#[ign", "ore"),
    concat!("FIX", "ME"),
    concat!("--SKIP", "IF--"),
];

struct File {
    path: String,
    text: String,
}

/// Checks every tracked text file.
pub(crate) fn check() -> Result<()> {
    let files = tracked_files()?;
    let mut complaints = Vec::new();
    for file in &files {
        length(file, &mut complaints);
        module_header(file, &mut complaints);
        unfinished(file, &mut complaints);
        runtime_in_a_core(file, &mut complaints);
    }
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    println!("{} files are tidy", files.len());
    Ok(())
}

fn tracked_files() -> Result<Vec<File>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let listing = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(&root)
        .output()
        .context("running git ls-files")?;
    ensure!(listing.status.success(), "git ls-files failed");
    let names = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
    // a tracked file may be deleted in the work tree, and some are not text
    Ok(names
        .split_terminator('\0')
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(path)).ok()?;
            let path = path.to_owned();
            Some(File { path, text })
        })
        .collect())
}

fn length(file: &File, complaints: &mut Vec<String>) {
    let is_code = file.path.ends_with(".rs") || file.path.ends_with(".php");
    let lines = file.text.lines().count();
    if is_code && lines > LINES_MAX && !TABLES.contains(&file.path.as_str()) {
        complaints.push(format!(
            "{}: {lines} lines; is there a second noun in it?",
            file.path
        ));
    }
}

fn module_header(file: &File, complaints: &mut Vec<String>) {
    if file.path.ends_with(".rs") && !file.text.starts_with("//!") {
        complaints.push(format!(
            "{}: does not start with `//!` (what it is, owns, guarantees)",
            file.path
        ));
    }
}

fn unfinished(file: &File, complaints: &mut Vec<String>) {
    if file.path.ends_with(".md") {
        return;
    }
    for (number, line) in file.text.lines().enumerate() {
        for word in UNFINISHED {
            if line.contains(word) {
                complaints.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
}

fn runtime_in_a_core(file: &File, complaints: &mut Vec<String>) {
    for core in CORES {
        if file.path == format!("crates/{core}/Cargo.toml")
            && file.text.lines().any(|line| line.starts_with("tokio"))
        {
            complaints.push(format!("{}: a core has no runtime", file.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints_of(rule: fn(&File, &mut Vec<String>), path: &str, text: &str) -> usize {
        let mut complaints = Vec::new();
        let file = File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        rule(&file, &mut complaints);
        complaints.len()
    }

    #[test]
    fn a_long_file_is_named_unless_it_is_a_table() {
        let long = "x\n".repeat(LINES_MAX + 1);
        assert_eq!(complaints_of(length, "crates/log/src/log.rs", &long), 1);
        assert_eq!(complaints_of(length, TABLES[0], &long), 0);
    }

    #[test]
    fn a_module_without_a_header_is_named() {
        assert_eq!(complaints_of(module_header, "a.rs", "use std::fs;\n"), 1);
        assert_eq!(complaints_of(module_header, "a.rs", "//! What.\n"), 0);
    }

    #[test]
    fn unfinished_work_is_named_in_code_but_not_in_prose() {
        let text = format!("fn f() {{ {}) }}\n", UNFINISHED[0]);
        assert_eq!(complaints_of(unfinished, "a.rs", &text), 1);
        assert_eq!(complaints_of(unfinished, "a.md", &text), 0);
    }

    #[test]
    fn a_runtime_in_a_core_is_named() {
        let manifest = "[dependencies]\ntokio = { workspace = true }\n";
        assert_eq!(
            complaints_of(runtime_in_a_core, "crates/log/Cargo.toml", manifest),
            1
        );
        assert_eq!(
            complaints_of(runtime_in_a_core, "crates/broker/Cargo.toml", manifest),
            0
        );
    }
}
