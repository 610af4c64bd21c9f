//! Which name somebody may have meant.

/// The name nearest to `written`, if one is near enough to have been meant.
///
/// Near means: two mistakes (a letter too many, too few, wrong, or two swapped), three in names longer
/// than 20 letters, one in names shorter than 8.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = written.chars().count();
    let allowed = match length {
        0..=2 => return None,
        3..=7 => 1,
        8..=20 => 2,
        21..=200 => 3,
        _ => return None,
    };
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        if name.chars().count().abs_diff(length) > allowed {
            continue;
        }
        let mistakes = distance(&written.to_lowercase(), name);
        if mistakes <= allowed && best.is_none_or(|(fewest, _)| mistakes < fewest) {
            best = Some((mistakes, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How many letters must be added, removed, changed or swapped with their neighbour to get from `a` to
/// `b`.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    let mut before_last: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, &from) in a.iter().enumerate() {
        let mut current = vec![row + 1; width];
        for (column, &to) in b.iter().enumerate() {
            let mut fewest = (last[column] + usize::from(from != to))
                .min(last[column + 1] + 1)
                .min(current[column] + 1);
            if row > 0 && column > 0 && from == b[column - 1] && a[row - 1] == to {
                fewest = fewest.min(before_last[column - 1] + 1);
            }
            current[column + 1] = fewest;
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = [
        "bootstrap.servers",
        "acks",
        "session.timeout.ms",
        "linger.ms",
    ];

    #[test]
    fn a_name_nearly_right_is_found() {
        assert_eq!(
            nearest("bootstrap.server", NAMES),
            Some("bootstrap.servers")
        );
        assert_eq!(
            nearest("Bootstrap.Servers", NAMES),
            Some("bootstrap.servers")
        );
        assert_eq!(
            nearest("sesion.timeout.ms", NAMES),
            Some("session.timeout.ms")
        );
        assert_eq!(nearest("ligner.ms", NAMES), Some("linger.ms"));
        assert_eq!(nearest("ack", NAMES), Some("acks"));
    }

    #[test]
    fn a_name_of_something_else_is_not() {
        for written in ["", "a", "brokers", "key.serializer", "poll.ms"] {
            assert_eq!(nearest(written, NAMES), None, "{written}");
        }
        assert_eq!(nearest(&"x".repeat(10_000), NAMES), None);
    }
}
