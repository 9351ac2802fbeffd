//! `--cost`: what the keys' projects spent in the last 30 days.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::api::{self, Costs, Endpoint};
use crate::model::{ApiKey, Reason};
use crate::system::terminal::escape;

/// How far back it looks.
const DAYS: i64 = 30;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What one key's project spent, or why it is not known.
pub(super) struct Spend(Result<Costs, Reason>);

/// Asks what a key's project spent.
pub(super) fn of(
    endpoint: &Endpoint,
    key: &ApiKey,
    now: DateTime<Utc>,
    timeout: std::time::Duration,
) -> Spend {
    Spend(api::costs(endpoint, key, now - TimeDelta::days(DAYS), now, timeout))
}

impl Spend {
    /// One line: a bar for each day, and the sum.
    pub(super) fn line(&self) -> String {
        match &self.0 {
            Ok(costs) => {
                let bars = sparkline(costs.days.iter().map(|day| day.cost));
                let gap = if bars.is_empty() { "" } else { " " };
                escape(&format!("{bars}{gap}{} {} in {DAYS} days", costs.total, costs.currency))
            }
            Err(Reason::NotFound) => "this API does not report costs".to_owned(),
            Err(reason) => format!("the costs are not known: {}", reason.sentence()),
        }
    }

    /// The same for a script; `null` if it is not known.
    pub(super) fn json(&self) -> Value {
        let Ok(costs) = &self.0 else { return Value::Null };
        let day = |d: &api::DayCost| json!({ "date": d.date, "cost": d.cost });
        json!({
            "total": costs.total,
            "currency": costs.currency,
            "days": costs.days.iter().map(day).collect::<Vec<_>>(),
        })
    }
}

/// A bar for each number, the highest for the largest; a number that is negative or NaN gets the lowest.
fn sparkline(costs: impl Iterator<Item = f64> + Clone) -> String {
    let largest = costs.clone().filter(|c| c.is_finite()).fold(0.0, f64::max);
    let bar = |cost: f64| {
        let height = if largest > 0.0 && cost > 0.0 { (cost / largest * 7.0).round() } else { 0.0 };
        // Always between 0 and 7; NaN becomes 0.
        BARS[(height as usize).min(7)]
    };
    costs.map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_day_has_the_highest_bar() {
        assert_eq!(sparkline([0.0, 1.0, 3.5, 7.0].into_iter()), "▁▂▅█");
        assert_eq!(sparkline([0.0, 0.0].into_iter()), "▁▁");
        assert_eq!(sparkline([f64::NAN, -1.0, f64::INFINITY, 2.0].into_iter()), "▁▁██");
        assert_eq!(sparkline(std::iter::empty()), "");
    }
}
