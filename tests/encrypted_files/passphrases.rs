//! Sources of the passphrase, and what is refused.

use std::os::unix::fs::{PermissionsExt, chown};

use super::*;

impl Place {
    fn passphrase_file(&self, text: &[u8], mode: u32) -> PathBuf {
        let path = self.root.path().join("passphrase");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn by_file(&self, path: PathBuf) -> EncryptedFiles<'static> {
        self.store(Unlocking { passphrase_file: Some(path), ..nothing(self) })
    }

    fn by_command(&self, script: &str) -> EncryptedFiles<'static> {
        let command = ["sh", "-c", script].map(str::to_owned).to_vec();
        self.store(Unlocking { passphrase_command: Some(command), ..nothing(self) })
    }
}

fn with_key() -> Place {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    place
}

#[test]
fn one_newline_at_the_end_of_a_passphrase_file_is_taken_off_and_a_wrong_one_is_named() {
    let place = with_key();
    for end in ["", "\n", "\r\n"] {
        let file = place.passphrase_file(format!("{PASSPHRASE}{end}").as_bytes(), 0o600);
        assert_eq!(read(&place.by_file(file), &dev()), Ok(text('a')), "{end:?}");
    }
    let file = place.passphrase_file(format!("{PASSPHRASE}\n\n").as_bytes(), 0o400);
    let wrong = StoreError::WrongPassphrase(Some(format!("the one in {}", file.display())));
    assert_eq!(read(&place.by_file(file), &dev()), Err(wrong));
    let wrong = StoreError::WrongPassphrase(Some("the output of `sh`".to_owned()));
    assert_eq!(read(&place.by_command("echo coffee"), &dev()), Err(wrong));
}

#[test]
fn a_passphrase_file_that_others_may_read_is_refused() {
    let place = with_key();
    for mode in [0o644, 0o640, 0o604, 0o622] {
        let file = place.passphrase_file(PASSPHRASE.as_bytes(), mode);
        let why = format!("may be read by others (mode {mode:04o}, wanted 0600)");
        let refused =
            StoreError::PassphraseDisclosed(format!("the passphrase file {} {why}", file.display()));
        assert_eq!(read(&place.by_file(file.clone()), &dev()), Err(refused.clone()));
        assert_eq!(place.by_file(file).health(), Health::Unwell(refused));
    }
}

#[test]
fn a_passphrase_file_that_holds_none_is_refused() {
    let place = with_key();
    let table: [(&[u8], &str); 4] = [
        (b"", "contains no passphrase"),
        (b"\n", "contains no passphrase"),
        (b"p\xff", "is not text"),
        (&[b'x'; 4097], "holds more than 4096 bytes"),
    ];
    for (bytes, why) in table {
        let file = place.passphrase_file(bytes, 0o600);
        let refused = StoreError::PassphraseFile(format!("the passphrase file {} {why}", file.display()));
        assert_eq!(read(&place.by_file(file), &dev()), Err(refused));
    }
    for (path, why) in
        [("absent", "no such file or directory"), ("keys", "it is a folder, not a regular file")]
    {
        let path = place.root.path().join(path);
        let refused = format!("the passphrase file {} cannot be read: {why}", path.display());
        assert_eq!(read(&place.by_file(path), &dev()), Err(StoreError::PassphraseFile(refused)));
    }
}

#[test]
fn a_passphrase_file_of_somebody_else_is_refused() {
    let place = with_key();
    let file = place.passphrase_file(PASSPHRASE.as_bytes(), 0o600);
    if chown(&file, Some(65534), None).is_err() {
        return skipped("only root can give a file away");
    }
    let refused = format!("the passphrase file {} belongs to another user", file.display());
    assert_eq!(read(&place.by_file(file), &dev()), Err(StoreError::PassphraseDisclosed(refused)));
}

#[test]
fn a_commands_output_is_the_passphrase_and_it_cannot_eat_our_stdin() {
    let place = with_key();
    let script = format!("test -z \"$(cat)\" && echo '{PASSPHRASE}'");
    assert_eq!(read(&place.by_command(&script), &dev()), Ok(text('a')));
}

#[test]
fn a_command_that_gives_none_is_named_without_its_arguments_or_output() {
    let place = with_key();
    let table = [
        ("echo half; exit 3", "`sh` ended with exit code 3"),
        ("echo half; kill -9 $$", "`sh` was killed"),
        ("true", "`sh` contains no passphrase"),
        ("yes", "`sh` holds more than 4096 bytes"),
    ];
    for (script, why) in table {
        let refused = StoreError::PassphraseCommand(format!("the passphrase command {why}"));
        assert_eq!(read(&place.by_command(script), &dev()), Err(refused));
    }
    let absent = Some(vec!["/nowhere/at-all".to_owned(), "argument".to_owned()]);
    let store = place.store(Unlocking { passphrase_command: absent, ..nothing(&place) });
    let refused = "the passphrase command `/nowhere/at-all` did not start: no such file or directory";
    assert_eq!(read(&store, &dev()), Err(StoreError::PassphraseCommand(refused.to_owned())));
}

#[test]
fn a_file_comes_before_a_command_and_a_command_before_a_prompt() {
    let place = with_key();
    let prompt = || -> Result<Zeroizing<String>, StoreError> { Err(StoreError::Cancelled) };
    let refused = Some(vec!["false".to_owned()]);
    let file = place.passphrase_file(PASSPHRASE.as_bytes(), 0o600);
    let all = Unlocking {
        passphrase_file: Some(file),
        passphrase_command: refused.clone(),
        prompt: Some(Box::new(prompt)),
        ..nothing(&place)
    };
    assert_eq!(read(&place.store(all), &dev()), Ok(text('a')));
    let two = Unlocking { passphrase_command: refused, prompt: Some(Box::new(prompt)), ..nothing(&place) };
    let failed = "the passphrase command `false` ended with exit code 1";
    assert_eq!(read(&place.store(two), &dev()), Err(StoreError::PassphraseCommand(failed.to_owned())));
    let one = Unlocking { prompt: Some(Box::new(prompt)), ..nothing(&place) };
    assert_eq!(read(&place.store(one), &dev()), Err(StoreError::Cancelled));
}

#[test]
fn without_any_source_it_is_said_and_health_asks_nobody() {
    let place = with_key();
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::PassphraseNeeded));
    assert_eq!(place.writer().health(), Health::Unwell(StoreError::PassphraseNeeded));
    assert_eq!(place.by_command("touch asked; false").health(), Health::Ready);
    let prompt = || -> Result<Zeroizing<String>, StoreError> { panic!("nobody may be asked") };
    let store = place.store(Unlocking { prompt: Some(Box::new(prompt)), ..nothing(&place) });
    assert_eq!(store.health(), Health::Ready);
}
