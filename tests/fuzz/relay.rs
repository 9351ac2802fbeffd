//! Functions for what the relay of `exec --broker` reads, and how it decides.

use getimg_keys::broker::chunks::{Chunks, Step};
use getimg_keys::broker::limits::{Limits, Passage, Spend};
use getimg_keys::broker::token::Token;
use getimg_keys::broker::{Refusal, head, model_of, target};
use getimg_keys::model::{Amount, ApiKey};
use zeroize::Zeroizing;

/// The token of these runs; it gives access to nothing.
pub fn token() -> String {
    format!("sk_{}", "aB3dE5".repeat(7))
}

/// A body in chunks; the first byte is the size of the pieces in which it arrives. The pieces make no difference, no
/// byte is returned twice, and cut into chunks of ours the body is the same.
pub fn chunks(bytes: &[u8]) {
    let Some((size, text)) = bytes.split_first() else { return };
    let whole = body(text, text.len().max(1));
    let pieces = body(text, usize::from(*size).max(1));
    assert_eq!(whole, pieces);
    let Ok(Some((data, end))) = whole else { return };
    assert!(data.len() < end && end <= text.len());
    let mut again: Vec<u8> = Vec::new();
    for part in data.chunks(usize::from(*size).max(1)) {
        again.extend(format!("{:x}\r\n", part.len()).bytes());
        again.extend(part);
        again.extend(b"\r\n");
    }
    again.extend(b"0\r\n\r\n");
    let length = again.len();
    assert_eq!(body(&again, length), Ok(Some((data, length))));
}

/// The body, and where the text continues after it; `None` if it does not end.
fn body(text: &[u8], size: usize) -> Result<Option<(Vec<u8>, usize)>, Refusal> {
    let (mut chunks, mut out, mut at, mut read) = (Chunks::default(), Vec::new(), 0, 0);
    loop {
        match chunks.next(&text[at..read])? {
            Step::Skip(length) => at += length,
            Step::Data(length) => {
                out.extend_from_slice(&text[at..at + length]);
                at += length;
            }
            Step::End => return Ok(Some((out, at))),
            Step::More if read == text.len() => return Ok(None),
            Step::More => read = text.len().min(read + size),
        }
    }
}

/// Limits (a byte of flags, a byte with the number of sent requests), balances one per line, and after a NUL a request.
/// A request that passes has the token and is within the limits; a further limit never lets more pass; the amount spent
/// never falls.
pub fn limits(bytes: &[u8]) {
    let [flags, sent, rest @ ..] = bytes else { return };
    let Some(at) = rest.iter().position(|b| *b == 0) else { return };
    let (balances, request) = (String::from_utf8_lossy(&rest[..at]), &rest[at + 1..]);
    let spent = spent(&balances);

    let Ok(Some(length)) = head::length(request) else { return };
    let Ok(head) = head::Head::parse(&request[..length]) else { return };
    let made_up = ApiKey::parse(Zeroizing::new(token())).unwrap();
    let limits = Limits {
        read_only: flags & 1 == 1,
        max_requests: (flags & 2 == 2).then(|| u64::from(flags >> 4)),
        max_spend: (flags & 4 == 4).then_some("2".parse().unwrap()),
        models: if flags & 8 == 8 { vec!["seedream-4".to_owned()] } else { Vec::new() },
    };
    let sent = u64::from(*sent);
    let open = Limits::default().admit(&head, &Token::of(&made_up), sent);
    let passed = limits.admit(&head, &Token::of(&made_up), sent);
    if head.token() != Some(token().as_bytes()) {
        assert_eq!((&open, &passed), (&Err(Refusal::Token), &Err(Refusal::Token)));
    }
    let Ok(passage) = passed else { return };
    let is_get = head.method == "GET";
    assert!(open.is_ok() && target::check(head.target).is_ok() && head.target.starts_with("/v2/"));
    assert!((is_get || !limits.read_only) && limits.max_requests.is_none_or(|most| sent < most));
    let names_model = !limits.models.is_empty() && !is_get;
    assert_eq!(passage, Passage { may_cost: !is_get, names_model });
    assert_eq!(limits.spend(spent).is_ok(), limits.max_spend.is_none_or(|most| spent < most));
    if names_model && model_of::check(&request[length..], &limits.models).is_ok() {
        let asked: serde_json::Value = serde_json::from_slice(&request[length..]).unwrap();
        assert_eq!(asked["model"], "seedream-4");
    }
}

fn spent(balances: &str) -> Amount {
    let (mut spend, mut before) = (Spend::default(), None::<Amount>);
    for balance in balances.lines().filter_map(|line| line.parse::<Amount>().ok()) {
        let now = spend.after(balance);
        assert!(now.spent() >= spend.spent() && !now.spent().is_negative());
        let fallen = before.map_or(Amount::default(), |before| before.fallen_to(balance));
        assert_eq!(now.spent(), spend.spent().plus(fallen));
        (spend, before) = (now, Some(balance));
    }
    spend.spent()
}
