//! The cause of an HTTP client's error, in words.

use std::error::Error;
use std::io;

use chrono::DateTime;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use crate::error::in_words;

/// Why a request failed, in a few words: what is wrong with the certificate, else the innermost cause.
pub fn cause(error: &(dyn Error + 'static)) -> String {
    let last = || causes(error).last().map(|cause| in_words(&cause));
    let cause = causes(error).find_map(of_certificate).or_else(last);
    cause.unwrap_or_else(|| "the request failed".to_owned())
}

/// What is wrong with a certificate, if a person can do something about it.
fn of_certificate(cause: &(dyn Error + 'static)) -> Option<String> {
    let Some(rustls::Error::InvalidCertificate(error)) = cause.downcast_ref() else { return None };
    match error {
        CertificateError::ExpiredContext { time, not_after } => Some(format!(
            "it expired on {}, if it is {} now, as the clock says",
            day(*not_after)?,
            day(*time)?
        )),
        CertificateError::NotValidYetContext { time, not_before } => Some(format!(
            "it is not valid before {}, if it is {} now, as the clock says",
            day(*not_before)?,
            day(*time)?
        )),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Some(
            "this machine does not trust its issuer; a proxy or a virus scanner may be intercepting the connection"
                .into(),
        ),
        _ => None,
    }
}

fn day(time: UnixTime) -> Option<String> {
    let time = DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)?;
    Some(time.format("%Y-%m-%d").to_string())
}

/// Whether a system error of this kind is the cause.
pub fn has_kind(error: &(dyn Error + 'static), kind: io::ErrorKind) -> bool {
    causes(error).filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == kind)
}

/// The causes of an error, outermost first.
///
/// The source of an `io::Error` that wraps another error is the wrapped error's source, not the wrapped
/// error itself: so the wrapped error is read separately.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&e| {
        match e.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => e.source(),
        }
    })
}
