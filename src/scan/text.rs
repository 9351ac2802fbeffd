//! One text while it is judged: what was found at one anchor serves the next, so that the work grows with the text.

use std::ops::Range;

use super::context::{self, VendorNames};
use super::decoded::Decoded;
use super::finding::Found;
use super::key_index::{is_key_byte, mask};
use super::{RuleId, plausible};
use crate::model::Fingerprint;

/// How many characters of unknown candidates are judged for each byte of a text, and how many in any case.
const BUDGET: (usize, usize) = (16, 1 << 20);

/// One text while it is judged: what was found at one anchor serves the next.
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) decoded: Decoded,
    pub(super) vendor: VendorNames,
    /// How far assignments were looked for.
    assigned: usize,
    /// How many characters of unknown candidates may still be judged.
    pub(super) budget: usize,
    pub(super) keys: Vec<Found>,
    /// Whether anything in it that indicates a key has the room for one.
    pub(super) has_anchors: bool,
    /// The last run of key characters that was read.
    run: Range<usize>,
}

/// A candidate that was judged to be a key, inside the judged text.
pub(super) struct Candidate {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) rule: RuleId,
}

/// The result for a decoded text at an anchor.
pub(super) enum Decoding {
    Key(Found),
    /// Only counts near the vendor's name.
    Unknown {
        key: Option<Found>,
        near: Range<usize>,
        is_named: bool,
        spent: usize,
    },
}

impl<'t> Text<'t> {
    /// A text of which nothing is known yet.
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let budget = bytes.len().saturating_mul(BUDGET.0).saturating_add(BUDGET.1);
        let (decoded, vendor, keys) = (Decoded::default(), VendorNames::default(), Vec::new());
        Self { bytes, decoded, vendor, assigned: 0, budget, keys, has_anchors: false, run: 0..0 }
    }

    /// Where the run of key characters around a place ends.
    pub(super) fn run_end(&mut self, at: usize) -> usize {
        if !self.run.contains(&at) {
            let length = self.bytes[at..].iter().take_while(|b| is_key_byte(**b)).count();
            self.run = at..at + length;
        }
        self.run.end
    }

    pub(super) fn take_decoded(&mut self, decoding: Option<Decoding>) {
        match decoding {
            Some(Decoding::Key(key)) => self.keys.push(key),
            Some(Decoding::Unknown { key, near, is_named, spent }) => {
                self.budget = self.budget.saturating_sub(spent);
                if let Some(key) = key.filter(|_| self.budget > 0)
                    && (is_named || self.vendor.are_near(self.bytes, &near))
                {
                    self.keys.push(key);
                }
            }
            None => {}
        }
    }

    pub(super) fn bearer(&mut self, at: usize) {
        let text = self.bytes;
        let start = at + "Bearer ".len();
        let token = plausible::token_at(text, start);
        let stripe = token.starts_with(b"sk_") && !plausible::is_v2_secret(token);
        let ours = plausible::is_secret_value(token)
            && !stripe
            && context::owner(text, start) != context::Owner::Other
            && self.vendor.are_near(text, &(at..start + token.len()));
        if ours {
            self.keys.push(take(text, &Candidate { start, length: token.len(), rule: RuleId::Bearer }));
        }
    }

    pub(super) fn assigned(&mut self, vendor: usize) {
        let text = self.bytes;
        if !context::is_vendor_name(text, vendor) {
            return;
        }
        for start in context::assigned_values(text, vendor, &mut self.assigned) {
            let token = plausible::token_at(text, start);
            if plausible::is_secret_value(token) && context::owner(text, start) != context::Owner::Other {
                self.keys
                    .push(take(text, &Candidate { start, length: token.len(), rule: RuleId::Assignment }));
            }
        }
    }
}

/// A key of the legacy shape.
pub(super) fn legacy(text: &[u8], at: usize) -> Option<Candidate> {
    let length = plausible::v1_length(text, at).filter(|_| plausible::is_start(text, at))?;
    Some(Candidate { start: at, length, rule: RuleId::LegacyShape })
}

/// A key of the current shape, if it is near the vendor's name; every character read is paid from the budget.
pub(super) fn unknown_v2(text: &[u8], at: usize, prefix: &str, budget: &mut usize) -> Option<Candidate> {
    if prefix != "sk_" || !plausible::is_start(text, at) || *budget == 0 {
        return None;
    }
    let token = plausible::token_at(text, at);
    *budget = budget.saturating_sub(token.len());
    let ours =
        *budget > 0 && plausible::is_v2_secret(token) && context::owner(text, at) != context::Owner::Other;
    ours.then_some(Candidate { start: at, length: token.len(), rule: RuleId::NearGetimg })
}

/// What was judged to be a key, cut out of its text.
pub(super) fn take(text: &[u8], verdict: &Candidate) -> Found {
    let range = verdict.start..verdict.start + verdict.length;
    let key = &text[range.clone()];
    Found { rule: verdict.rule, fingerprint: Fingerprint::of(key), mask: mask(key), range }
}
