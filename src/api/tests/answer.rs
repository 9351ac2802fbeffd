use super::*;

/// As the documentation shows it.
const REFUSED: &str = r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error",
    "param":null,"code":"invalid_api_key","doc_url":"https://docs.getimg.ai/guides/authentication"}}"#;
const LIMITED: &str = r#"{"error":{"message":"Slow down.","code":"rate_limit"}}"#;
const BALANCE: &str = r#"{"balance":"12.50","currency":"USD"}"#;
const PAGE: &str = "<!doctype html><title>Sign in to the network</title>";

fn ask(question: Question, status: u16, body: &str) -> Judgement {
    Answer { question, status, body: body.as_bytes(), truncated: false }.judge()
}

fn unknown(reason: Reason) -> Next {
    Next::Settled(Verdict::Unknown(reason))
}

fn valid(funds: Funds) -> Next {
    Next::Settled(Verdict::Valid(funds))
}

fn balance(amount: &str) -> Next {
    valid(Funds::Balance { amount: amount.into(), currency: "USD".into() })
}

fn unexpected() -> Next {
    unknown(Reason::UnexpectedBody)
}

#[test]
fn only_the_documented_balance_is_valid() {
    let table = [
        (200, BALANCE, balance("12.50")),
        (200, r#"{"balance":"-0.01","currency":"USD","more":[1]}"#, balance("-0.01")),
        (201, BALANCE, balance("12.50")),
        (200, r#"{"balance":12.5,"currency":"USD"}"#, unexpected()),
        (200, r#"{"balance":"12.50"}"#, unexpected()),
        (200, r#"{"balance":null,"currency":null}"#, unexpected()),
        (200, r#"{"balance":"1e9","currency":"USD"}"#, unexpected()),
        (200, r#"{"balance":"","currency":"USD"}"#, unexpected()),
        (200, r#"{"balance":"1.","currency":"USD"}"#, unexpected()),
        (200, r#"{"balance":"1","currency":"\u001b]52;"}"#, unexpected()),
        (200, r#"{"balance":"12.50","curr"#, unexpected()),
        (200, "[]", unexpected()),
        (200, PAGE, unexpected()),
        (204, "", unexpected()),
        (402, r#"{"error":{"code":"quota_exceeded"}}"#, valid(Funds::QuotaExceeded)),
        (402, REFUSED, unexpected()),
        (402, PAGE, unexpected()),
    ];
    for (status, body, next) in table {
        assert_eq!(ask(Question::Balance, status, body).next, next, "{status} {body}");
    }
}

#[test]
fn an_error_is_read_from_400_on() {
    let said = |status| {
        let judgement = ask(Question::Balance, status, REFUSED);
        (judgement.code, judgement.message)
    };
    let both = (Some("invalid_api_key".to_owned()), Some("Incorrect API key provided.".to_owned()));
    assert_eq!([said(399), said(400), said(401)], [(None, None), both.clone(), both]);
}

#[test]
fn only_the_documented_401_rejects_and_all_else_has_a_reason() {
    let rejected = || Next::Settled(Verdict::Rejected);
    let table = [
        (301, "", unknown(Reason::Redirect)),
        (304, BALANCE, unknown(Reason::Redirect)),
        (307, REFUSED, unknown(Reason::Redirect)),
        (400, REFUSED, unexpected()),
        (400, r#"{"error":{"code":"parameter_missing"}}"#, unexpected()),
        (401, REFUSED, rejected()),
        (401, r#"{"error":{"code":"invalid_api_key"}}"#, rejected()),
        (401, r#"{"error":{"code":"expired"}}"#, unexpected()),
        (401, r#"{"error":{"code":["invalid_api_key"]}}"#, unexpected()),
        (401, r#"{"error":"invalid_api_key"}"#, unexpected()),
        (401, r#"{"code":"invalid_api_key"}"#, unexpected()),
        (401, r#"{"error":{"code":"invalid_api_key""#, unexpected()),
        (401, "invalid_api_key", unexpected()),
        (401, PAGE, unexpected()),
        (401, "", unexpected()),
        (403, REFUSED, unknown(Reason::Forbidden)),
        (403, PAGE, unknown(Reason::Forbidden)),
        (404, REFUSED, Next::AskModels),
        (404, PAGE, Next::AskModels),
        (407, "", unexpected()),
        (422, r#"{"error":{"code":"content_policy_violation"}}"#, unexpected()),
        (429, LIMITED, unknown(Reason::RateLimited)),
        (500, PAGE, unknown(Reason::ServerError)),
        (503, REFUSED, unknown(Reason::ServerError)),
        (599, "", unknown(Reason::ServerError)),
        (600, "", unexpected()),
        (999, BALANCE, unexpected()),
    ];
    for (status, body, next) in table {
        assert_eq!(ask(Question::Balance, status, body).next, next, "{status} {body}");
    }
}

#[test]
fn the_models_decide_where_there_is_no_balance() {
    let table = [
        (200, r#"[{"id":"a","deep":{"er":[1,null]}},{}]"#, valid(Funds::NotOffered)),
        (200, "[]", valid(Funds::NotOffered)),
        (200, r#"{"data":[]}"#, unknown(Reason::UnexpectedBody)),
        (200, "[1]", unknown(Reason::UnexpectedBody)),
        (200, BALANCE, unknown(Reason::UnexpectedBody)),
        (200, PAGE, unknown(Reason::UnexpectedBody)),
        (401, REFUSED, Next::Settled(Verdict::Rejected)),
        (404, "", unknown(Reason::NotFound)),
    ];
    for (status, body, next) in table {
        assert_eq!(ask(Question::Models, status, body).next, next, "{status} {body}");
    }
}

#[test]
fn a_body_that_was_cut_proves_nothing() {
    for (status, body) in [(200, BALANCE), (401, REFUSED), (402, r#"{"error":{"code":"quota_exceeded"}}"#)] {
        let answer = Answer { question: Question::Balance, status, body: body.as_bytes(), truncated: true };
        let next = unknown(Reason::UnexpectedBody);
        assert_eq!(answer.judge(), Judgement { next, code: None, message: None }, "{status}");
    }
}

#[test]
fn code_and_message_come_along_and_odd_codes_do_not() {
    let judged = ask(Question::Balance, 401, REFUSED);
    assert_eq!(judged.code.as_deref(), Some("invalid_api_key"));
    assert_eq!(judged.message.as_deref(), Some("Incorrect API key provided."));

    let escapes = r#"{"error":{"code":"\u001b]52;c;eA==\u0007","message":"\u001b[2J\u202e"}}"#;
    let judged = ask(Question::Balance, 403, escapes);
    assert_eq!(judged.code, None);
    assert_eq!(judged.message.as_deref(), Some("\x1b[2J\u{202e}"), "escaped on the way out, not here");

    let long = format!(r#"{{"error":{{"code":"{}"}}}}"#, "a".repeat(65));
    assert_eq!(ask(Question::Balance, 403, &long).code, None);
    assert_eq!(ask(Question::Balance, 404, PAGE).message, None);
}

#[test]
fn amounts_currencies_and_codes_are_as_long_as_they_may_be_and_no_longer() {
    assert_eq!([40, 41].map(|length| is_decimal(&"1".repeat(length))), [true, false]);
    assert_eq!([0, 1, 40, 41].map(|length| is_currency(&"A".repeat(length))), [false, true, true, false]);
    assert_eq!([0, 1, 64, 65].map(|length| is_code(&"a".repeat(length))), [false, true, true, false]);
    assert!(is_code("a-b_c.D4") && !is_code("a b"));
}

#[test]
fn a_body_is_waited_for_where_it_decides() {
    for status in [200, 204, 299, 400, 401, 402, 422, 600] {
        assert!(rests_on_body(status), "{status}");
    }
    for status in [300, 399, 403, 404, 429, 500, 599] {
        assert!(!rests_on_body(status), "{status}");
    }
}

const AT_28: &str = "Wed, 21 Oct 2026 07:28:00 GMT";

#[test]
fn a_date_to_come_back_at_is_held_against_the_answers_own() {
    let seconds = |s| Some(Duration::from_secs(s));
    assert_eq!(retry_after(429, Some(AT_28), Some("Wed, 21 Oct 2026 07:27:10 GMT")), seconds(50));
    assert_eq!(retry_after(429, Some(AT_28), Some("Wed, 21 Oct 2026 07:28:01 GMT")), seconds(0));
    assert_eq!(retry_after(429, Some(AT_28), None), seconds(0));
}

#[test]
fn only_429_and_5xx_are_worth_another_try() {
    let seconds = |s| Some(Duration::from_secs(s));
    assert_eq!(retry_after(429, Some("7"), None), seconds(7));
    assert_eq!(retry_after(503, Some(" 2 "), None), seconds(2));
    for odd in [None, Some(""), Some("-1"), Some("soon"), Some("99999999999999999999")] {
        assert_eq!(retry_after(429, odd, Some(AT_28)), seconds(0), "{odd:?}");
    }
    for status in [200, 301, 400, 401, 402, 403, 404, 600] {
        assert_eq!(retry_after(status, Some("1"), None), None, "{status}");
    }
}

#[test]
fn deep_nesting_is_an_unexpected_body() {
    for (question, open) in
        [(Question::Balance, "{\"a\":"), (Question::Models, "["), (Question::Models, "[{\"a\":")]
    {
        let body = open.repeat(10_000);
        assert_eq!(ask(question, 200, &body).next, unknown(Reason::UnexpectedBody));
        assert_eq!(ask(question, 401, &body).next, unknown(Reason::UnexpectedBody));
    }
    let closed = format!("[{{\"a\":{}{}}}]", "[".repeat(9_000), "]".repeat(9_000));
    ask(Question::Models, 200, &closed);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_none_but_the_documented_ones_reject(
        status in 0u16..1000, body: Vec<u8>, truncated: bool, models: bool,
    ) {
        let question = if models { Question::Models } else { Question::Balance };
        let judged = Answer { question, status, body: &body, truncated }.judge();
        proptest::prop_assert_ne!(judged.next, Next::Settled(Verdict::Rejected));
    }

    #[test]
    fn json_of_any_shape_is_judged(status in 200u16..600, text in r#"[\[\]{}":,a-z0-9. -]{0,80}"#) {
        for body in [text.clone(), format!(r#"{{"error":{text}}}"#), format!(r#"{{"error":{{"code":{text}}}}}"#)] {
            ask(Question::Balance, status, &body);
            ask(Question::Models, status, &body);
        }
    }
}
