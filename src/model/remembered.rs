//! The state that a shell keeps for the hook, as text. It is not trusted: the environment can be set by anybody.

use zeroize::Zeroizing;

use super::Fingerprint;
use super::following::{Following, LONGEST_VALUE, Values};

/// The longest fingerprint, hash or name of a profile.
const LONGEST_WORD: usize = 64;
/// More variables than anybody has the key put into.
const MOST_VARIABLES: usize = 256;

impl Following {
    /// Out of its text: the variables' names, a space, the rest, and `+` where the hook is to ask again. `None` for what
    /// was never written here.
    pub fn read(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(' ')?;
        let read: Self = serde_json::from_str(rest.trim_end_matches('+')).ok()?;
        read.is_bounded().then_some(read)
    }

    /// As text.
    pub fn write(&self, names: &[String], again: bool) -> Zeroizing<String> {
        // Texts and maps of texts cannot fail to be written.
        let rest = Zeroizing::new(serde_json::to_string(self).unwrap_or_default());
        let again = if again { "+" } else { "" };
        Zeroizing::new(format!("{} {}{again}", names.join(","), rest.as_str()))
    }

    /// What each of these variables was before, while it still holds what the hook loaded; no other is given a value.
    pub fn give_back(&mut self, names: &[String], holds: impl Fn(&str) -> Option<Fingerprint>) -> Values {
        let pinned = self.pinned.take();
        let before = self.before.take().unwrap_or_default();
        (self.holder, self.left) = (None, false);
        let holds_it = |name: &str| holds(name).is_some_and(|held| pinned == Some(held.to_hex()));
        before.into_iter().filter(|(name, _)| names.contains(name) && holds_it(name)).collect()
    }

    fn is_bounded(&self) -> bool {
        let words = [&self.pinned, &self.holder, &self.loaded, &self.complaint];
        let values = || self.before.iter().flatten();
        words.into_iter().flatten().all(|word| word.len() <= LONGEST_WORD)
            && values().count() <= MOST_VARIABLES
            && values().all(|(name, value)| {
                name.len() <= LONGEST_VALUE && value.as_ref().is_none_or(|value| value.len() <= LONGEST_VALUE)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::key;

    #[test]
    fn what_is_read_is_what_was_written_and_what_is_larger_is_not_ours() {
        let value = |length: usize| Some(Zeroizing::new("x".repeat(length)));
        let mut following = Following { pinned: Some("a".repeat(64)), ..Following::default() };
        following.before = Some([("V".to_owned(), value(LONGEST_VALUE)), ("W".to_owned(), None)].into());
        let names = ["V".to_owned(), "W".to_owned()];
        let text = following.write(&names, true);
        assert!(text.starts_with("V,W {") && text.ends_with("}+"));
        assert_eq!(Following::read(&text), Some(following.clone()));
        assert!(following.write(&names, false).ends_with('}'));
        following.before = Some([("V".to_owned(), value(LONGEST_VALUE + 1))].into());
        assert_eq!(Following::read(&following.write(&names, false)), None);
        following.before = Some([("V".repeat(LONGEST_VALUE + 1), None)].into());
        assert_eq!(Following::read(&following.write(&names, false)), None);
        following.before = Some((0..256).map(|n| (format!("V{n}"), None)).collect());
        assert_eq!(Following::read(&following.write(&names, false)), Some(following.clone()));
        following.before = Some((0..257).map(|n| (format!("V{n}"), None)).collect());
        assert_eq!(Following::read(&following.write(&names, false)), None);
        let complaint = Following { complaint: Some("x".repeat(65)), ..Following::default() };
        assert_eq!(Following::read(&complaint.write(&names, false)), None);
    }

    #[test]
    fn only_a_variable_that_holds_the_loaded_key_is_given_back_and_only_one_that_was_asked_about() {
        let loaded = key("loaded").fingerprint();
        let before = ["V", "W", "LD_PRELOAD"].map(|name| (name.to_owned(), None));
        let mut following =
            Following { pinned: Some(loaded.to_hex()), before: Some(before.into()), ..Following::default() };
        (following.holder, following.left) = (Some("pin".to_owned()), true);
        let names = ["V".to_owned(), "W".to_owned()];
        let given = following.give_back(&names, |name| (name != "W").then_some(loaded));
        assert_eq!(given.keys().collect::<Vec<_>>(), ["V"]);
        assert_eq!(following, Following::default());
    }
}
