//! CONFIGURATION.md: the client's property tables as a page.

use rdkafka_conf::page::markdown;

use super::global::GLOBAL;
use super::topic::TOPIC;

/// The whole page. `xtask` writes it to CONFIGURATION.md and checks that the file is up to date.
#[must_use]
pub fn configuration_page() -> String {
    format!(
        "<!-- Generated from the property tables by `cargo xtask docs`. Do not edit. -->\n\
         # Configuration\n\n\
         The names, ranges and defaults of librdkafka 2.15. Global properties are set on `RdKafka\\Conf`; \
         topic properties on `RdKafka\\TopicConf`, or on `RdKafka\\Conf` for all topics. C/P: `C` concerns \
         consumers, `P` producers, `*` both.\n\n\
         ## Global configuration properties\n\n{}\n\
         ## Topic configuration properties\n\n{}",
        markdown(&GLOBAL),
        markdown(&TOPIC),
    )
}
