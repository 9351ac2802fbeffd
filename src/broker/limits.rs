//! Decides from a request's head and the limits of this run whether the request may pass.

use super::head::Head;
use super::token::Token;
use super::{Refusal, target};
use crate::model::Amount;

/// The methods that an HTTP API may have. TRACE would return the key; CONNECT leads elsewhere.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The limits of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Only GET.
    pub read_only: bool,
    /// At most this many requests are forwarded.
    pub max_requests: Option<u64>,
    /// Once this much was spent, nothing passes that may cost.
    pub max_spend: Option<Amount>,
    /// The models that may be named; any if `None`.
    pub models: Vec<String>,
}

/// A request that may pass, judging by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Whether it may cost: every method but GET.
    pub may_cost: bool,
    /// Whether its body must be read for its model first.
    pub names_model: bool,
}

/// What was spent, from one reading of the balance to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    last: Option<Amount>,
    spent: Amount,
}

impl Limits {
    /// Judges a request by its head.
    ///
    /// # Errors
    /// The first that applies: no token, a target that leads elsewhere, an unknown method, `--read-only`,
    /// `--max-requests`.
    pub fn admit(&self, head: &Head<'_>, token: &Token, sent: u64) -> Result<Passage, Refusal> {
        if !token.is(head.token()) {
            return Err(Refusal::Token);
        }
        target::check(head.target)?;
        if !METHODS.contains(&head.method) {
            return Err(Refusal::Method);
        }
        let is_get = head.method == "GET";
        if self.read_only && !is_get {
            return Err(Refusal::ReadOnly);
        }
        self.count(sent)?;
        Ok(Passage { may_cost: !is_get, names_model: !self.models.is_empty() && !is_get })
    }

    /// Lets one more request pass after this many.
    ///
    /// # Errors
    /// [`Refusal::Requests`].
    pub fn count(&self, sent: u64) -> Result<(), Refusal> {
        match self.max_requests {
            Some(most) if sent >= most => Err(Refusal::Requests(most)),
            _ => Ok(()),
        }
    }

    /// Lets a request pass that may cost, after this much was spent.
    ///
    /// # Errors
    /// [`Refusal::Spend`].
    pub fn spend(&self, spent: Amount) -> Result<(), Refusal> {
        match self.max_spend {
            Some(most) if spent >= most => Err(Refusal::Spend(spent)),
            _ => Ok(()),
        }
    }
}

impl Spend {
    /// Records a balance; its decrease was spent. A top-up in between subtracts nothing.
    #[must_use]
    pub fn after(self, balance: Amount) -> Self {
        let fallen = self.last.map_or(Amount::default(), |last| last.fallen_to(balance));
        Self { last: Some(balance), spent: self.spent.plus(fallen) }
    }

    /// What was spent until now.
    pub fn spent(self) -> Amount {
        self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::key;

    fn admitted(limits: &Limits, method: &str, target: &str, sent: u64) -> Result<Passage, Refusal> {
        let token = key("t");
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
            token.expose()
        );
        limits.admit(&Head::parse(text.as_bytes())?, &Token::of(&token), sent)
    }

    #[test]
    fn without_limits_whatever_is_below_v2_passes_and_what_is_not_get_may_cost() {
        let open = Limits::default();
        for (method, may_cost) in [("GET", false), ("POST", true), ("HEAD", true), ("DELETE", true)] {
            let passage = admitted(&open, method, "/v2/x", u64::MAX).unwrap();
            assert_eq!(passage, Passage { may_cost, names_model: false }, "{method}");
        }
        for method in ["TRACE", "CONNECT", "get", "BREW"] {
            assert_eq!(admitted(&open, method, "/v2/x", 0), Err(Refusal::Method), "{method}");
        }
        assert_eq!(admitted(&open, "GET", "/v1/x", 0), Err(Refusal::Target));
        let head = Head::parse(b"GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(open.admit(&head, &Token::of(&key("t")), 0), Err(Refusal::Token));
    }

    #[test]
    fn each_limit_refuses_what_it_says() {
        let limits = Limits { read_only: true, max_requests: Some(2), ..Limits::default() };
        assert!(admitted(&limits, "GET", "/v2/x", 1).is_ok());
        assert_eq!(admitted(&limits, "HEAD", "/v2/x", 0), Err(Refusal::ReadOnly));
        assert_eq!(admitted(&limits, "GET", "/v2/x", 2), Err(Refusal::Requests(2)));
        let limits = Limits { models: vec!["a".into()], ..Limits::default() };
        assert!(admitted(&limits, "POST", "/v2/x", 0).unwrap().names_model);
        assert!(!admitted(&limits, "GET", "/v2/x", 0).unwrap().names_model);
    }

    #[test]
    fn spend_is_the_sum_of_all_falls_and_ends_at_the_limit() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        let looks = ["10", "9.5", "30", "29"].map(amount);
        let spend = looks.into_iter().fold(Spend::default(), Spend::after);
        assert_eq!(spend.spent(), amount("1.5"));
        let limits = Limits { max_spend: Some(amount("1.5")), ..Limits::default() };
        assert_eq!(limits.spend(amount("1.49")), Ok(()));
        assert_eq!(limits.spend(spend.spent()), Err(Refusal::Spend(amount("1.5"))));
        assert_eq!(Limits::default().spend(amount("99")), Ok(()));
    }
}
