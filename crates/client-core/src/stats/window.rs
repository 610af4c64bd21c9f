//! A window of measured values: what librdkafka's statistics call a window, emptied each time it is told.
//!
//! A histogram of 32 buckets per power of two, so a percentile is off by 3% at most. Takes memory only once something
//! was measured, and measures nothing unless statistics are on. Driver thread.

use super::json::Json;

/// Buckets per power of two.
const STEPS: u32 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Larger values are counted as out of range.
const VALUE_BITS: u32 = 36;
const BUCKETS: usize = ((VALUE_BITS - STEP_BITS + 1) * STEPS) as usize;

/// The values since it was told last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    buckets: Vec<u32>,
    min: u64,
    max: u64,
    sum: u64,
    sum_of_squares: f64,
    count: u64,
    out_of_range: u64,
}

impl Window {
    /// One value.
    pub(crate) fn add(&mut self, value: u64) {
        if value >> VALUE_BITS != 0 {
            self.out_of_range += 1;
            return;
        }
        if self.buckets.is_empty() {
            self.buckets = vec![0; BUCKETS];
        }
        if let Some(bucket) = self.buckets.get_mut(bucket_of(value)) {
            *bucket = bucket.saturating_add(1);
        }
        self.min = if self.count == 0 {
            value
        } else {
            self.min.min(value)
        };
        self.max = self.max.max(value);
        self.sum = self.sum.saturating_add(value);
        self.sum_of_squares += value as f64 * value as f64;
        self.count += 1;
    }

    /// All values of another window too.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.out_of_range += other.out_of_range;
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            let out_of_range = self.out_of_range;
            *self = other.clone();
            self.out_of_range = out_of_range;
            return;
        }
        for (ours, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *ours = ours.saturating_add(*theirs);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
        self.sum_of_squares += other.sum_of_squares;
        self.count += other.count;
    }

    /// Begin anew.
    pub(crate) fn clear(&mut self) {
        self.buckets.fill(0);
        let buckets = std::mem::take(&mut self.buckets);
        *self = Self {
            buckets,
            ..Self::default()
        };
    }

    /// Tell the window as an object named `name`.
    pub(crate) fn write(&self, name: &str, json: &mut Json) {
        let average = self.sum.checked_div(self.count).unwrap_or(0);
        json.object(name, |json| {
            json.plain("min", self.min)
                .plain("max", self.max)
                .plain("avg", average)
                .plain("sum", self.sum)
                .plain("stddev", self.deviation())
                .plain("p50", self.percentile(50.0))
                .plain("p75", self.percentile(75.0))
                .plain("p90", self.percentile(90.0))
                .plain("p95", self.percentile(95.0))
                .plain("p99", self.percentile(99.0))
                .plain("p99_99", self.percentile(99.99))
                .plain("outofrange", self.out_of_range)
                .plain("hdrsize", self.buckets.len() * size_of::<u32>())
                .plain("cnt", self.count);
        });
    }

    fn deviation(&self) -> u64 {
        if self.count == 0 {
            return 0;
        }
        let count = self.count as f64;
        let mean = self.sum as f64 / count;
        let variance = (self.sum_of_squares / count - mean * mean).max(0.0);
        variance.sqrt() as u64
    }

    fn percentile(&self, percent: f64) -> u64 {
        let rank = ((percent / 100.0 * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, &count) in self.buckets.iter().enumerate() {
            seen += u64::from(count);
            if seen >= rank {
                return value_of(index).clamp(self.min, self.max);
            }
        }
        self.max
    }
}

/// Values below `STEPS` have a bucket each; above, each power of two is cut into `STEPS`.
fn bucket_of(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    let shift = bits.saturating_sub(STEP_BITS + 1);
    let step = value >> shift;
    // Below `BUCKETS`, for values of at most `VALUE_BITS`.
    usize::try_from(u64::from(shift) * u64::from(STEPS) + step).unwrap_or(usize::MAX)
}

/// The largest value of a bucket.
fn value_of(index: usize) -> u64 {
    let steps = STEPS as usize;
    if index < 2 * steps {
        return index as u64;
    }
    let shift = index / steps - 1;
    let step = (index % steps + steps) as u64;
    ((step + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lands_in_the_bucket_that_covers_it() {
        for value in [
            0,
            1,
            31,
            32,
            63,
            64,
            65,
            1000,
            123_456,
            (1 << VALUE_BITS) - 1,
        ] {
            let index = bucket_of(value);
            assert!(index < BUCKETS, "{value}");
            assert!(value_of(index) >= value, "{value}");
            assert!(index == 0 || value_of(index - 1) < value, "{value}");
        }
    }

    #[test]
    fn percentiles_are_within_three_percent() {
        let mut window = Window::default();
        (1..=10_000).for_each(|value| window.add(value));
        for (percent, exact) in [(50.0, 5_000.0), (95.0, 9_500.0), (99.99, 9_999.0)] {
            let told = window.percentile(percent) as f64;
            assert!((told - exact).abs() / exact < 0.035, "p{percent}: {told}");
        }
    }

    #[test]
    fn merged_windows_tell_of_both_and_a_cleared_one_of_nothing() {
        let (mut one, mut other) = (Window::default(), Window::default());
        one.add(10);
        other.add(2);
        other.add(1 << VALUE_BITS);
        one.merge(&other);
        let mut json = Json::new();
        one.write("w", &mut json);
        let text = json.finish();
        assert!(
            text.starts_with(r#"{"w":{"min":2,"max":10,"avg":6,"sum":12,"stddev":4,"#),
            "{text}"
        );
        assert!(
            text.contains(r#""outofrange":1,"#) && text.ends_with(r#""cnt":2}}"#),
            "{text}"
        );
        one.clear();
        assert_eq!((one.count, one.percentile(50.0)), (0, 0));
    }
}
