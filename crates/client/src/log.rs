//! Log lines on their way out.
//!
//! Standard error gets librdkafka's form: `%level|seconds.milliseconds|FACILITY|client| [thrd:main]: text`, where the
//! thread is `app`, `main` or the broker spoken of.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use rdkafka_client_core::io::LogLine;

/// Write a line to standard error; a closed one loses it.
pub(crate) fn to_stderr(line: LogLine, client: &str, shows_thread: bool) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let (level, facility) = (line.level, line.facility);
    let (seconds, ms) = (now.as_secs(), now.subsec_millis());
    let text = line.into_text(shows_thread);
    let text = format!("%{level}|{seconds}.{ms:03}|{facility}|{client}| {text}\n");
    _ = std::io::stderr().lock().write_all(text.as_bytes());
}
