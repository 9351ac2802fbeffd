//! The list of recipients, as `age -R` reads it: a name in a comment above each key.

use std::fmt;

use crate::backend::Recipient;

/// The most recipients: the header of what is encrypted to them stays within the length that is read.
const MOST: usize = 256;
/// The most characters of a name.
const LONGEST_NAME: usize = 64;

/// Somebody who can open the files with their own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their name; `None` if none was given.
    pub name: Option<String>,
    /// Their public key, without a comment.
    pub key: String,
}

/// Everybody who can open the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients(Vec<Member>);

/// Why a recipient is not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// The key is there already.
    KeyIsThere(Member),
    /// Another recipient has the name.
    NameIsTaken(String),
    /// The list is full.
    Full,
}

impl Member {
    /// A recipient from the line of a public key; the name is the given one, else an SSH key's comment.
    pub fn parse(line: &str, name: Option<&str>) -> Option<Self> {
        let key = line.parse::<Recipient>().ok()?;
        let comment = line.trim().splitn(3, ' ').nth(2).filter(|_| line.trim_start().starts_with("ssh-"));
        let name = name.or(comment).map(str::trim).filter(|name| is_a_name(name)).map(str::to_owned);
        Some(Self { name, key: key.to_string() })
    }
}

/// Whether the name cannot be mistaken for a key and fits on one line.
pub fn is_a_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with(['#', '-'])
        && !name.chars().any(char::is_control)
        && name.parse::<Recipient>().is_err()
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_ref().unwrap_or(&self.key))
    }
}

impl Recipients {
    /// Everybody, in the order in which they were added.
    pub fn all(&self) -> &[Member] {
        &self.0
    }

    /// The list with one more recipient.
    ///
    /// # Errors
    /// Why they are not added.
    pub(super) fn with(&self, new: Member) -> Result<Self, NotAdded> {
        if let Some(there) = self.0.iter().find(|member| member.key == new.key) {
            return Err(NotAdded::KeyIsThere(there.clone()));
        }
        if let Some(taken) =
            new.name.as_ref().filter(|name| self.0.iter().any(|m| m.name.as_ref() == Some(name)))
        {
            return Err(NotAdded::NameIsTaken(taken.clone()));
        }
        if self.0.len() >= MOST {
            return Err(NotAdded::Full);
        }
        Ok(Self(self.0.iter().cloned().chain([new]).collect()))
    }

    /// The recipient with this name or public key, and the list without them.
    pub(super) fn without(&self, who: &str) -> Option<(Member, Self)> {
        let key = who.parse::<Recipient>().ok().map(|key| key.to_string());
        let meant = |member: &&Member| match &key {
            Some(key) => member.key == *key,
            None => member.name.as_deref() == Some(who),
        };
        let gone = self.0.iter().find(meant)?.clone();
        let rest = self.0.iter().filter(|member| **member != gone).cloned().collect();
        Some((gone, Self(rest)))
    }

    /// The recipients in age's form: nobody is left out, because each was parsed before or was written by ourselves.
    pub(super) fn keys(&self) -> Vec<Recipient> {
        self.0.iter().filter_map(|member| member.key.parse().ok()).collect()
    }

    /// The list as a file of recipients.
    pub(super) fn to_text(&self) -> String {
        let lines = self.0.iter().map(|member| match &member.name {
            Some(name) => format!("# {name}\n{}\n", member.key),
            None => format!("{}\n", member.key),
        });
        lines.collect()
    }

    /// A list as [`Recipients::to_text`] writes it; `None` for anything else.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut found = Self::default();
        let mut name = None;
        for line in text.lines() {
            match line.strip_prefix("# ") {
                Some(comment) => name = Some(comment),
                None => found = found.with(Member::parse(line, name.take())?).ok()?,
            }
        }
        (found.to_text() == text).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> String {
        age::x25519::Identity::generate().to_public().to_string()
    }

    #[test]
    fn what_is_written_is_read_and_anything_else_is_no_list() {
        let list = Recipients::default();
        let list = list.with(Member::parse(&public(), Some("ben")).unwrap()).unwrap();
        let list = list.with(Member::parse(&public(), None).unwrap()).unwrap();
        assert_eq!(Recipients::from_text(&list.to_text()), Some(list.clone()));
        assert_eq!(Recipients::from_text(""), Some(Recipients::default()));
        for changed in [
            list.to_text() + "\n",
            list.to_text().replace("# ben", "#ben"),
            list.to_text() + "# nobody\n",
            list.to_text().repeat(2),
            list.to_text().replace("age1", "age2"),
        ] {
            assert_eq!(Recipients::from_text(&changed), None, "{changed}");
        }
    }

    #[test]
    fn a_key_or_a_name_stands_there_once() {
        let (one, other) = (public(), public());
        let list = Recipients::default().with(Member::parse(&one, Some("ben")).unwrap()).unwrap();
        let twice = list.with(Member::parse(&one, Some("carla")).unwrap());
        assert_eq!(twice, Err(NotAdded::KeyIsThere(list.all()[0].clone())));
        let taken = list.with(Member::parse(&other, Some("ben")).unwrap());
        assert_eq!(taken, Err(NotAdded::NameIsTaken("ben".to_owned())));
        assert_eq!(list.without("carla"), None);
        assert_eq!(list.without("ben"), list.without(&one));
    }

    #[test]
    fn the_longest_list_fits_into_what_is_read_of_a_file() {
        let mut list = Recipients::default();
        while let Ok(longer) =
            list.with(Member::parse(&public(), Some(&format!("{:064}", list.0.len()))).unwrap())
        {
            list = longer;
        }
        assert_eq!(list.0.len(), MOST);
        assert!(list.to_text().len() < 64 * 1024);
    }

    #[test]
    fn a_name_cannot_pass_for_a_key_a_comment_or_an_option() {
        for text in ["", "#x", "-x", "a\nb", &"x".repeat(65), &public()] {
            assert!(!is_a_name(text), "{text}");
        }
        assert!(is_a_name("ben@laptop"));
    }
}
