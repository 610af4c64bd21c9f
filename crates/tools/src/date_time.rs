//! Points in time and durations as ISO 8601 writes them, for options that take them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

/// The time of day, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds since 1970 of `2026-01-31T12:30:00.000+01:00`; parts from the end may be missing, UTC without a zone.
pub(crate) fn instant_ms(text: &str) -> Result<i64> {
    parse_instant(text).with_context(|| format!("{text:?} is not YYYY-MM-DDTHH:mm:ss.sss"))
}

fn parse_instant(text: &str) -> Result<i64> {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let mut next = || {
        parts
            .next()
            .context("a part of the date is missing")?
            .context("the date")
    };
    let (year, month, day) = (next()?, next()?, next()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        bail!("there is no such day");
    }
    let (clock, zone_minutes) = split_zone(time)?;
    let mut ms = 0.0;
    for (part, factor) in
        clock
            .split(':')
            .filter(|part| !part.is_empty())
            .zip([3_600_000.0, 60_000.0, 1000.0])
    {
        let value: f64 = part.parse().context("the time of day")?;
        if !(0.0..61.0).contains(&value) {
            bail!("there is no such time of day");
        }
        ms += value * factor;
    }
    // Whole milliseconds below 2^53.
    Ok(days_since_1970(year, month, day) * 86_400_000 + ms.round() as i64 - zone_minutes * 60_000)
}

/// The clock, and how many minutes it is ahead of UTC.
fn split_zone(time: &str) -> Result<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Ok((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Ok((time, 0));
    };
    let (clock, zone) = time.split_at(at);
    let digits = zone.get(1..).unwrap_or_default().replace(':', "");
    let number: i64 = digits.parse().context("the zone")?;
    let minutes = if digits.len() > 2 {
        number / 100 * 60 + number % 100
    } else {
        number * 60
    };
    Ok((
        clock,
        if zone.starts_with('-') {
            -minutes
        } else {
            minutes
        },
    ))
}

/// Days of the proleptic Gregorian calendar: years are counted from March, so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days_before_year =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_month = (153 * month + 2) / 5;
    days_before_year + days_before_month + day - 1 - 719_468
}

/// Year, month and day of a day counted from 1970: the way back from [`days_since_1970`].
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// `2026-01-31T12:30` of milliseconds since 1970, in UTC.
pub(crate) fn date_and_minute(ms: i64) -> String {
    let (year, month, day) = date(ms.div_euclid(86_400_000));
    let minutes = ms.rem_euclid(86_400_000) / 60_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}",
        minutes / 60,
        minutes % 60
    )
}

/// Milliseconds of `P1DT2H30M10.5S`.
pub(crate) fn duration_ms(text: &str) -> Result<i64> {
    let wrong = || format!("{text:?} is not PnDTnHnMnS");
    let rest = text.strip_prefix('P').with_context(wrong)?;
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    let mut ms = 0.0;
    for (part, units) in [
        (days, &[('W', 604_800_000.0), ('D', 86_400_000.0)][..]),
        (clock, &[('H', 3_600_000.0), ('M', 60_000.0), ('S', 1000.0)]),
    ] {
        let mut number = String::new();
        for letter in part.chars() {
            if let Some((_, factor)) = units.iter().find(|(unit, _)| *unit == letter) {
                ms += number.parse::<f64>().with_context(wrong)? * factor;
                number.clear();
            } else {
                number.push(letter);
            }
        }
        if !number.is_empty() {
            bail!("{}", wrong());
        }
    }
    // Far below 2^53.
    Ok(ms.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_with_and_without_zone() {
        assert_eq!(instant_ms("1970-01-01T00:00:00.000").unwrap(), 0);
        assert_eq!(
            instant_ms("2024-02-29T12:00:00.250Z").unwrap(),
            1_709_208_000_250
        );
        assert_eq!(
            instant_ms("2024-02-29T14:00:00.250+02:00").unwrap(),
            1_709_208_000_250
        );
        assert_eq!(instant_ms("2000-03-01").unwrap(), 951_868_800_000);
        assert!(instant_ms("yesterday").is_err());
        assert!(instant_ms("2024-13-01").is_err());
    }

    #[test]
    fn dates_of_days_and_days_of_dates_agree() {
        for days in [-1, 0, 59, 11_016, 19_782, 20_000] {
            let (year, month, day) = date(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(
            date_and_minute(19_782 * 86_400_000 + 45_299_999),
            "2024-02-29T12:34"
        );
    }

    #[test]
    fn durations_of_days_and_clocks() {
        assert_eq!(duration_ms("P1D").unwrap(), 86_400_000);
        assert_eq!(duration_ms("PT1H30M").unwrap(), 5_400_000);
        assert_eq!(duration_ms("PT0.5S").unwrap(), 500);
        assert!(duration_ms("1h").is_err());
        assert!(duration_ms("PT5").is_err());
    }
}
