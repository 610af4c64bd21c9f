//! Where a share group begins: the values of `share.auto.offset.reset`. Pure.

use std::time::Duration;

/// Where a share group begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffsetReset {
    /// With what is produced from now on.
    Latest,
    /// With the first record there is.
    Earliest,
    /// With the first record that is no older than this.
    ByDuration(Duration),
}

impl OffsetReset {
    /// Reads `latest`, `earliest`, or `by_duration:` and an ISO 8601 duration of days and smaller units.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "latest" => Some(Self::Latest),
            "earliest" => Some(Self::Earliest),
            other => duration(other.strip_prefix("by_duration:")?).map(Self::ByDuration),
        }
    }
}

/// `PnDTnHnMn.nS` as Java reads it, in lower case and without signs.
fn duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('p')?;
    let (days, time) = match text.split_once('t') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text, ""),
    };
    let mut total = Duration::ZERO;
    let mut has_any = false;
    let mut take = |text: &mut &str, unit: char, seconds: u64| -> Option<()> {
        let Some((number, rest)) = text.split_once(unit) else {
            return Some(());
        };
        let part = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
        total = total.checked_add(part)?;
        has_any = true;
        *text = rest;
        Some(())
    };
    let mut days = days;
    take(&mut days, 'd', 86_400)?;
    let mut time = time;
    take(&mut time, 'h', 3_600)?;
    take(&mut time, 'm', 60)?;
    if let Some(seconds) = time.strip_suffix('s') {
        let is_number = seconds.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let seconds = Some(seconds).filter(|_| is_number)?.parse().ok()?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        (has_any, time) = (true, "");
    }
    (has_any && days.is_empty() && time.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_as_java_reads_it() {
        let by = |text| OffsetReset::parse(&format!("by_duration:{text}"));
        let seconds = |seconds| Some(OffsetReset::ByDuration(Duration::from_secs_f64(seconds)));
        assert_eq!(by("P1D"), seconds(86_400.0));
        assert_eq!(by("PT1H30M"), seconds(5_400.0));
        assert_eq!(by("P2DT3M4.5S"), seconds(172_984.5));
        for wrong in [
            "", "P", "PT", "P1", "1D", "PT5X", "P-1D", "PTinfS", "P1DT", "PT1M2H",
        ] {
            assert_eq!(by(wrong), None, "{wrong}");
        }
        assert_eq!(OffsetReset::parse("Earliest"), Some(OffsetReset::Earliest));
        assert_eq!(OffsetReset::parse("none"), None);
    }
}
