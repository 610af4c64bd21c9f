//! Log lines on their way out.
//!
//! Standard error gets librdkafka's form: `%level|seconds.milliseconds|FACILITY|client| [thrd:main]: text`.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use rdkafka_client_core::io::LogLine;

/// Write a line to standard error; a closed one loses it.
pub(crate) fn to_stderr(line: &LogLine, client: &str, shows_thread: bool) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let thread = if shows_thread { "[thrd:main]: " } else { "" };
    let text = format!(
        "%{}|{}.{:03}|{}|{client}| {thread}{}\n",
        line.level,
        now.as_secs(),
        now.subsec_millis(),
        line.facility,
        line.text
    );
    _ = std::io::stderr().lock().write_all(text.as_bytes());
}
