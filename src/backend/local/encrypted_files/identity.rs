//! The identity that decrypts every key, and the calls to age.

use std::io::{self, BufRead, Read, Write};
use std::str::FromStr;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, scrypt, x25519};
use zeroize::Zeroizing;

/// 2^17 rounds of scrypt: about a second to open, for us and for each guess of an attacker.
const WORK: u8 = 17;
/// Files that need over two steps more than ours (512 MiB of memory, some five seconds) are refused, not tried.
const MOST_WORK: u8 = WORK + 2;
/// The most bytes of a header: some six hundred recipients. A longer one would take the parser minutes.
const LONGEST_HEADER: u64 = 64 * 1024;
/// The beginning of a header's last line.
const HEADER_ENDS: &[u8] = b"\n---";
/// None of our plaintexts is nearly this large.
const LARGEST: usize = 4 * 1024 * 1024;

/// Why a ciphertext was not decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend) enum NotOpened {
    /// A wrong passphrase.
    WrongPassphrase,
    /// It was encrypted to somebody else.
    NotForUs,
    /// It was changed or cut short, or is not an age file.
    Tampered,
    /// It needs too much work: by its work factor, or by the length of its header.
    TooMuchWork,
}

/// Makes a new identity.
pub(super) fn generate() -> x25519::Identity {
    x25519::Identity::generate()
}

/// The text of identities, as age writes them in identity files: one a line.
pub(super) fn to_text(identities: &[x25519::Identity]) -> Zeroizing<String> {
    let lines: Vec<_> = identities.iter().map(x25519::Identity::to_string).collect();
    // The size is computed first: a buffer that grows leaves copies behind.
    let size = lines.iter().map(|line| line.expose_secret().len() + 1).sum();
    let mut text = Zeroizing::new(String::with_capacity(size));
    for line in &lines {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line.expose_secret());
    }
    text
}

/// The first identity in the text of an identity file: comments, then `AGE-SECRET-KEY-1…`.
pub(in crate::backend) fn from_text(text: &str) -> Option<x25519::Identity> {
    x25519::Identity::from_str(secrets(text).next()?).ok()
}

/// Every identity in such a text; `None` if a line is not one.
pub(super) fn all_from_text(text: &str) -> Vec<x25519::Identity> {
    secrets(text).map(x25519::Identity::from_str).collect::<Result<_, _>>().unwrap_or_default()
}

fn secrets(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Encrypts to recipients; `armored` for text that people may carry about.
pub(in crate::backend) fn seal(
    plaintext: &[u8],
    recipients: &[&dyn age::Recipient],
    armored: bool,
) -> io::Result<Vec<u8>> {
    let encryptor = Encryptor::with_recipients(recipients.iter().copied());
    let encryptor = encryptor.map_err(|_| io::Error::other("these recipients cannot be combined"))?;
    let format = if armored { Format::AsciiArmor } else { Format::Binary };
    let mut stream = encryptor.wrap_output(ArmoredWriter::wrap_output(Vec::new(), format)?)?;
    stream.write_all(plaintext)?;
    stream.finish()?.finish()
}

/// Encrypts with a passphrase, as armored text.
pub(in crate::backend) fn seal_under(plaintext: &[u8], passphrase: &str) -> io::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(secret(passphrase));
    recipient.set_work_factor(WORK);
    seal(plaintext, &[&recipient], true)
}

/// Decrypts the result of [`seal_under`].
pub(in crate::backend) fn open_under(
    ciphertext: &[u8],
    passphrase: &str,
) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let mut identity = scrypt::Identity::new(secret(passphrase));
    identity.set_max_work_factor(MOST_WORK);
    match open(ciphertext, &[&identity]) {
        Err(NotOpened::NotForUs) => Err(NotOpened::Tampered),
        opened => opened,
    }
}

/// Whether a passphrase opens it.
pub(in crate::backend) fn is_under_passphrase(ciphertext: &[u8]) -> Result<bool, NotOpened> {
    decryptor(ciphertext).map(|decryptor| decryptor.is_scrypt())
}

/// Reads the header, unless it is longer than any of ours.
fn decryptor(ciphertext: &[u8]) -> Result<Decryptor<impl BufRead>, NotOpened> {
    let mut header = Vec::new();
    ArmoredReader::new(ciphertext)
        .take(LONGEST_HEADER)
        .read_to_end(&mut header)
        .map_err(|_| NotOpened::Tampered)?;
    if header.len() as u64 == LONGEST_HEADER
        && !header.windows(HEADER_ENDS.len()).any(|line| line == HEADER_ENDS)
    {
        return Err(NotOpened::TooMuchWork);
    }
    Decryptor::new_buffered(ArmoredReader::new(ciphertext)).map_err(|_| NotOpened::Tampered)
}

/// Decrypts the result of [`seal`], armored or not.
pub(in crate::backend) fn open(
    ciphertext: &[u8],
    identities: &[&dyn age::Identity],
) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let decryptor = decryptor(ciphertext)?;
    let under_passphrase = decryptor.is_scrypt();
    let stream = decryptor.decrypt(identities.iter().copied()).map_err(|why| match why {
        DecryptError::ExcessiveWork { .. } => NotOpened::TooMuchWork,
        DecryptError::NoMatchingKeys => NotOpened::NotForUs,
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed if under_passphrase => {
            NotOpened::WrongPassphrase
        }
        _ => NotOpened::Tampered,
    })?;
    read_secret(stream, LARGEST.min(ciphertext.len())).map_err(|_| NotOpened::Tampered)
}

/// Reads to the end into a buffer that never moves, so that no copy is left behind.
///
/// # Errors
/// Errors of reading; `InvalidData` for more than `most` bytes.
pub(super) fn read_secret(mut from: impl Read, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; most + 1]);
    let mut length = 0;
    loop {
        match from.read(&mut buffer[length..])? {
            0 => break,
            n => length += n,
        }
    }
    if length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    buffer.truncate(length);
    Ok(buffer)
}

fn secret(passphrase: &str) -> SecretString {
    SecretString::from(passphrase.to_owned())
}
