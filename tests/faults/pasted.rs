//! The commands of hints, pasted into a shell unchanged, with names that have blanks and quotes.

use std::fs;

use crate::support::{Behaviour, Home, Key, home::Output};

const FOLDER: &str = "it's a \"site\"";

/// A home in such a folder, with a repository and a dotenv file of two keys.
fn home() -> Home {
    let home =
        Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("prod", Key::v2(), Behaviour::Valid);
    let folder = home.work().join(FOLDER);
    fs::create_dir(&folder).unwrap();
    let keys = format!("GETIMG_API_KEY={}\nPROD_GETIMG_API_KEY={}\n", home.key("dev").0, home.key("prod").0);
    fs::write(folder.join(".env"), keys).unwrap();
    assert_eq!(home.shell("sh", "git init -q").code, 0);
    let own = folder.join("files of our own");
    home.with("GETIMG_KEYS_HOME", own.to_str().unwrap())
}

/// Runs the program; returns the part of its output after a mark, as a shell's command line.
fn pasted(home: &Home, arguments: &[&str], mark: &str) -> Output {
    let said = home.run(arguments, "").stderr;
    let command = said.lines().find_map(|line| Some(line.split_once(mark)?.1));
    let command = command.unwrap_or_else(|| panic!("there is no {mark:?} in {said}"));
    assert!(command.contains(r"'\''"), "{command}");
    home.shell("bash", command)
}

#[test]
fn what_import_advises_can_be_pasted() {
    let home = home();
    let file = format!("{FOLDER}/.env");
    let named = pasted(&home, &["import", &file, "--as", "dev"], "hint: ");
    assert_eq!((named.code, named.stderr.contains("added dev")), (0, true), "{named:?}");
    let ignored = pasted(&home, &["import", &file], "git does not ignore it's a \"site\"/.env: ");
    assert_eq!(ignored.code, 0, "{ignored:?}");
    assert_eq!(home.shell("sh", "git check-ignore -q it*/.env").code, 0);
    let cleaned = pasted(&home, &["import", &file], "or: ");
    assert_eq!(cleaned.code, 0, "{cleaned:?}");
    assert_eq!(fs::read_to_string(home.work().join(file)).unwrap(), "");
    let missing = pasted(&home, &["exec", "dev", "--", "./it's"], "hint: ");
    assert_eq!((missing.code, missing.stderr.as_str()), (1, ""));
}

#[test]
fn what_check_advises_holds_whatever_the_files_name_and_however_gitignore_ends() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    assert_eq!(home.shell("sh", "git init -q; printf dist > .gitignore").code, 0);
    let folders = [&b"plain"[..], b"it's", b"-x", b"li\nne", b"odd\xff/below"];
    let files = [
        &b".env"[..],
        b".env.\n!x",
        b".env.*[a]",
        b".env.tail ",
        b".env.\xff",
        b".env.\x1b[31m",
        b".env.\\b #x",
    ];
    let mut written = Vec::new();
    for folder in folders {
        let folder = home.work().join(std::ffi::OsStr::from_bytes(folder));
        fs::create_dir_all(&folder).unwrap();
        for file in files {
            let file = folder.join(std::ffi::OsStr::from_bytes(file));
            fs::write(&file, format!("GETIMG_API_KEY={}\n", Key::v2().0)).unwrap();
            written.push(file);
        }
    }
    let answer = |home: &Home| -> serde_json::Value {
        serde_json::from_str(&home.run(&["check", "--json"], "").stdout).unwrap()
    };
    let advice = |home: &Home, what: &str| -> Vec<String> {
        let answer = answer(home);
        let checks = answer["checks"].as_array().unwrap().iter().filter(|check| check["id"] == "dotenv");
        let hints = checks.filter_map(|check| check["hint"].as_str().map(str::to_owned));
        hints.filter(|hint| hint.contains(what)).collect()
    };
    for what in ["gitignore", "rm --cached"] {
        let hints = advice(&home, what);
        assert_eq!(hints.len(), written.len(), "{hints:?}");
        for hint in hints {
            for shell in ["sh", "bash"].iter().take(if what == "gitignore" { 2 } else { 1 }) {
                assert_eq!(home.shell(shell, &hint).code, 0, "{hint}");
            }
        }
        assert_eq!(advice(&home, ""), Vec::<String>::new());
        assert_eq!(home.shell("sh", "git add -f -A").code, 0);
    }
    assert!(written.iter().all(|file| file.is_file()));
}

#[test]
fn what_helps_with_a_file_can_be_pasted() {
    let home = home();
    let own = home.work().join(FOLDER).join("files of our own");
    assert_eq!(home.add("dev").code, 0);
    fs::write(own.join("config.toml"), "[polcy]\n").unwrap();
    let edited = pasted(&home.with("EDITOR", "rm"), &["verify"], "hint: ");
    assert_eq!(edited.code, 0, "{edited:?}");
}

#[test]
fn what_helps_with_a_broken_profiles_file_and_a_backup_can_be_pasted() {
    let home = home();
    assert_eq!(home.add("dev").code, 0);
    let own = home.work().join(FOLDER).join("files of our own");
    let phrase = own.join("phrase");
    fs::write(&phrase, "a phrase").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&phrase, private).unwrap();
    let backup = format!("{FOLDER}/backup.age");
    fs::write(home.work().join(&backup), "").unwrap();
    let home = home.with("GETIMG_KEYS_PASSPHRASE_FILE", phrase.to_str().unwrap());
    let written = pasted(&home, &["backup", &backup], "hint: ");
    assert_eq!(written.code, 0, "{written:?}");

    fs::write(own.join("profiles.toml"), "broken").unwrap();
    let hint = home.run(&["list"], "").stderr;
    let hint = hint.lines().find_map(|line| line.strip_prefix("hint: mv ")).unwrap().to_owned();
    assert_eq!(home.shell("bash", &format!("mv {hint}")).code, 0);
    assert_eq!(fs::read_to_string(own.join("profiles.toml.broken")).unwrap(), "broken");
}

#[test]
fn what_git_advises_is_repeated_as_it_is() {
    let home = home().with("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let settings = home.work().join("gitconfig");
    let home = home.with("GIT_CONFIG_GLOBAL", settings.to_str().unwrap());
    let said = home.shell("sh", "cd it* && git init -q && getimg-keys guard status 2>&1").stdout;
    let command =
        said.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(home.shell("bash", command).code, 0);
    assert!(fs::read_to_string(settings).unwrap().contains("it's a"));
}
