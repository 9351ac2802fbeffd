//! A recipient's public key as it was given: the key, or a file that contains it.

use std::io::ErrorKind;

use crate::backend::local::encrypted_files::Member;
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted};
use crate::system::World;
use crate::system::files::regular_file::{self, Trust};

/// No file with a public key is nearly this large.
const LARGEST: u64 = 64 * 1024;

/// A public key, and how it was given.
pub(super) struct Who {
    /// As an argument of a command.
    typed: String,
    line: String,
}

impl Who {
    /// The key itself, or the only one in a file of that name.
    ///
    /// # Errors
    /// A private key, which is not repeated; neither a key nor a file with one (2); a file that cannot be read (1).
    pub(super) fn read(world: &World, given: &str) -> Result<Self> {
        refuse_private(given, "on the command line")?;
        if Member::parse(given, None).is_some() {
            return Ok(Self { typed: quoted(given), line: given.to_owned() });
        }
        let path = world.places.working_directory.join(given);
        let text = match regular_file::read_text(&path, LARGEST, Trust::Anyones) {
            Ok(text) => zeroize::Zeroizing::new(text),
            Err(none) if none.kind() == ErrorKind::NotFound => {
                return Err(malformed(&format!("`{given}` is neither a public key nor a file")));
            }
            Err(why) => return Err(Error::unreadable("read", &path, &why)),
        };
        let shown = world.places.shown(&path);
        refuse_private(&text, &format!("in {shown}"))?;
        let is_a_line = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let mut lines = text.lines().map(str::trim).filter(is_a_line);
        match (lines.next(), lines.next()) {
            (Some(line), None) if Member::parse(line, None).is_some() => {
                Ok(Self { typed: world.places.typed(&path), line: line.to_owned() })
            }
            (Some(_), Some(_)) => {
                Err(malformed(&format!("{shown} has more than one line; add them one by one")))
            }
            _ => Err(malformed(&format!("{shown} holds no public key"))),
        }
    }

    /// The command that adds this recipient.
    pub(super) fn add(&self) -> Hint {
        Hint::run("store recipients add").flag(&self.typed)
    }

    /// The recipient's name.
    pub(super) fn member(&self, name: Option<&str>) -> Result<Member> {
        Member::parse(&self.line, name).ok_or_else(|| malformed("no public key"))
    }
}

fn malformed(what: &str) -> Error {
    Error::usage(format!("{what}: a recipient is `age1…` or `ssh-ed25519 …`"))
        .hint(Hint::from("age-keygen -y FILE").note("prints the public key of an age identity"))
        .hint(Hint::run("store recipients add ~/.ssh/id_ed25519.pub"))
}

fn refuse_private(text: &str, place: &str) -> Result<()> {
    if !text.contains("AGE-SECRET-KEY-") && !text.contains("PRIVATE KEY-----") {
        return Ok(());
    }
    Err(Error::usage(format!(
        "what is {place} is a private key, which stays with its owner; give the public one"
    ))
    .hint(Hint::from("age-keygen -y FILE").note("prints the public key of an age identity"))
    .hint(Hint::run("store recipients add ~/.ssh/id_ed25519.pub")))
}
