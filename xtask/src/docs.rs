//! The pages that are made from tables.
//!
//! A page is a name in the root of the repository and a function that gives its text. The tables are the truth: a page
//! that differs from what its function gives is stale, and `check` fails.

mod protocol;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// A generated page.
struct Page {
    name: &'static str,
    text: fn() -> String,
}

const PAGES: &[Page] = &[
    Page {
        name: "CONFIGURATION.md",
        text: rdkafka_client_core::conf::configuration_page,
    },
    Page {
        name: "BROKER-CONFIGURATION.md",
        text: rdkafka_broker_core::conf::configuration_page,
    },
    Page {
        name: "PROTOCOL.md",
        text: protocol::page,
    },
];

/// Writes every page.
pub(crate) fn write() -> Result<()> {
    for page in PAGES {
        let path = path_of(page);
        fs::write(&path, (page.text)()).with_context(|| format!("writing {}", page.name))?;
        println!("wrote {}", page.name);
    }
    Ok(())
}

/// Fails if a page differs from its table.
pub(crate) fn check() -> Result<()> {
    let mut stale = Vec::new();
    for page in PAGES {
        let written = fs::read_to_string(path_of(page)).unwrap_or_default();
        if written != (page.text)() {
            stale.push(page.name);
        }
    }
    if !stale.is_empty() {
        bail!(
            "stale: {}; run `cargo run -p xtask -- docs`",
            stale.join(", ")
        );
    }
    Ok(())
}

fn path_of(page: &Page) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(page.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_are_those_of_the_tables() {
        assert!(check().is_ok(), "{:?}", check());
    }

    #[test]
    fn the_first_line_of_a_page_says_that_it_is_generated() {
        for page in PAGES {
            let text = (page.text)();
            assert!(
                text.lines()
                    .next()
                    .is_some_and(|line| line.contains("enerated"))
            );
        }
    }
}
