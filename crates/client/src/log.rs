//! Log lines on their way out.
//!
//! Standard error gets librdkafka's form: `%level|seconds.milliseconds|FACILITY|client| [thrd:main]: text`, where the
//! thread is `app`, `main` or the broker spoken of. The system's log gets `FACILITY: client: text` in the name of
//! `rdkafka`, as librdkafka's `rd_kafka_log_syslog` writes it.

use std::io::Write;
use std::sync::Once;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::syslog::{Facility, LogFlags, Priority, Severity, openlog, syslog};
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

/// Write a line to the system's log; where nobody listens it is lost.
pub(crate) fn to_syslog(line: LogLine, client: &str, shows_thread: bool) {
    static OPEN: Once = Once::new();
    OPEN.call_once(|| {
        let flags = LogFlags::LOG_PID | LogFlags::LOG_CONS;
        #[cfg(target_os = "linux")]
        let name = Some(c"rdkafka");
        #[cfg(not(target_os = "linux"))]
        let name = Some("rdkafka");
        _ = openlog(name, flags, Facility::LOG_USER);
    });
    let severity = severity(line.level);
    let text = syslog_text(line, client, shows_thread);
    _ = syslog(Priority::new(severity, Facility::LOG_USER), &text);
}

/// What the system's log is given.
fn syslog_text(line: LogLine, client: &str, shows_thread: bool) -> String {
    let facility = line.facility;
    format!("{facility}: {client}: {}", line.into_text(shows_thread))
}

fn severity(level: u8) -> Severity {
    match level {
        0 => Severity::LOG_EMERG,
        1 => Severity::LOG_ALERT,
        2 => Severity::LOG_CRIT,
        3 => Severity::LOG_ERR,
        4 => Severity::LOG_WARNING,
        5 => Severity::LOG_NOTICE,
        6 => Severity::LOG_INFO,
        _ => Severity::LOG_DEBUG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_log_gets_facility_client_and_text() {
        let line = LogLine::of_main(4, "FAIL", "no route".to_owned());
        assert_eq!(
            syslog_text(line, "rdkafka#producer-1", true),
            "FAIL: rdkafka#producer-1: [thrd:main]: no route"
        );
    }

    #[test]
    fn levels_are_the_systems_own() {
        assert_eq!(severity(0) as i32, 0);
        assert_eq!(severity(3) as i32, 3);
        assert_eq!(severity(7) as i32, 7);
    }
}
