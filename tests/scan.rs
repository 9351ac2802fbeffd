//! The matcher and git together, on real repositories built at run time.

mod history;
mod sizes;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use getimg_keys::git::seen::Seen;
use getimg_keys::git::tree::each_file;
use getimg_keys::git::{Repository, ignored, index};
use getimg_keys::scan::{Matcher, Stream};

use crate::support::repositories::{Keys, Repo};
use crate::support::skipped;
use history::in_history;

/// Where keys were found: their profiles, with the path or object.
type Found = BTreeMap<String, String>;

fn in_tree(matcher: &Matcher, roots: &[PathBuf]) -> (Found, Vec<String>) {
    let (found, skipped) = (Mutex::new(Found::new()), Mutex::new(Vec::new()));
    each_file(roots, &|seen| match seen {
        Seen::Skipped(part) => skipped.lock().unwrap().push(format!("{}: {}", part.path, part.message)),
        Seen::Name(..) | Seen::Settings(..) => {}
        Seen::File(path, _, content) => {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).unwrap();
            let mut hit = |hit: getimg_keys::scan::Hit| {
                let profile = hit.profile.map_or("unknown".to_owned(), |p| p.to_string());
                found
                    .lock()
                    .unwrap()
                    .insert(profile, format!("{}:{}:{}", path.display(), hit.line, hit.column));
            };
            let mut stream = Stream::new(matcher);
            bytes.chunks(4096).for_each(|chunk| stream.feed(chunk, &mut hit));
            stream.finish(&mut hit);
        }
    });
    (found.into_inner().unwrap(), skipped.into_inner().unwrap())
}

/// Base64 in one line, by the usual program.
fn base64(text: &str) -> String {
    let mut call = Command::new("base64");
    call.arg("-w0").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = call.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_file_of_the_tree_is_read_ignored_untracked_and_binary_ones_too() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(&folder.path().join("work")), Keys::default());
    repo.commit(".gitignore", "ignored\n*.env\n");
    repo.commit("tracked.rs", format!("fn main() {{}}\n// {}\n", keys.of("tracked")));
    repo.write("untracked.txt", keys.of("untracked"));
    repo.write("ignored/deep/file", keys.of("ignored"));
    repo.write(".hidden/.prod.env", format!("A=1\r\nGETIMG_API_KEY={}\r\n", keys.of("crlf")));
    repo.write("binary", [b"\0\x01\xff\xfe\0".as_slice(), keys.of("binary").as_bytes(), b"\0"].concat());
    repo.write("utf16.ps1", utf16(&format!("\u{feff}$env:GETIMG_API_KEY = '{}'\r\n", keys.of("utf16"))));
    repo.write("big", format!("{}{}", "line of no interest\n".repeat(40_000), keys.of("big")));
    repo.write("secret.yaml", format!("data:\n  key: {}\n", base64(&keys.of("base64"))));
    repo.write("netrc.b64", base64(&format!("user:{}:x", keys.of("base64-amid"))));
    repo.write("link.url", format!("https://a.example/?k={}&x=1\n", keys.of("url").replace('_', "%5F")));
    let other = Repo::new(&folder.path().join("other"));
    other.commit("inside", keys.of("submodule"));
    repo.git_with(&["submodule", "add", "-q", other.0.to_str().unwrap(), "sub"], b"");
    repo.write("sub/untracked", keys.of("submodule-untracked"));
    repo.write(".git/not-of-the-tree", keys.of("inside-git"));
    #[cfg(unix)]
    std::os::unix::fs::symlink(&other.0, repo.0.join("link")).unwrap();

    let (found, skipped) = in_tree(&keys.matcher(), std::slice::from_ref(&repo.0));
    let place = |path: &str, at: &str| format!("{}:{at}", repo.0.join(path).display());
    let expected: Found = [
        ("tracked", place("tracked.rs", "2:4")),
        ("untracked", place("untracked.txt", "1:1")),
        ("ignored", place("ignored/deep/file", "1:1")),
        ("crlf", place(".hidden/.prod.env", "2:16")),
        ("binary", place("binary", "1:6")),
        ("utf16", place("utf16.ps1", "1:25")),
        ("big", place("big", "40001:1")),
        ("base64", place("secret.yaml", "2:8")),
        ("base64-amid", place("netrc.b64", "1:5")),
        ("url", place("link.url", "1:22")),
        ("submodule", place("sub/inside", "1:1")),
        ("submodule-untracked", place("sub/untracked", "1:1")),
    ]
    .map(|(profile, place)| (profile.to_owned(), place))
    .into();
    assert_eq!((found, skipped), (expected, vec![]));

    let files = ["tracked.rs", "untracked.txt", "ignored/deep/file", ".hidden/.prod.env", "sub/untracked"];
    let ignored = ignored::among(&files.map(|file| repo.0.join(file))).unwrap();
    assert_eq!(ignored, files[2..4].iter().map(|file| repo.0.join(file)).collect());
}

#[test]
fn the_index_is_read_and_not_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(folder.path()), Keys::default());
    let staged = |repo: &Repo, keys: &Keys| {
        let mut found = Found::new();
        let skipped = index::each_staged(&repo.repository(), &[], |path, bytes| {
            keys.matcher().scan(bytes, &mut |hit| {
                found.insert(hit.profile.unwrap().to_string(), format!("{}:{}", path.display(), hit.line));
            });
        });
        assert_eq!(skipped.unwrap(), []);
        found
    };
    assert_eq!(staged(&repo, &keys), Found::new());
    repo.write("first", keys.of("unborn"));
    repo.git("add first");
    assert_eq!(staged(&repo, &keys), [("unborn".to_owned(), "first:1".to_owned())].into());
    repo.git("commit -qm one");
    assert_eq!(staged(&repo, &keys), Found::new(), "what is committed already is not staged");

    repo.write("sub/with space é", format!("\n{}", keys.of("staged-only")));
    repo.git("add -A");
    repo.write("sub/with space é", "taken out of the file");
    repo.write("not staged", keys.of("not-staged"));
    repo.write("first", "changed");
    repo.git("rm -q --cached -f first");
    assert_eq!(staged(&repo, &keys), [("staged-only".to_owned(), "sub/with space é:2".to_owned())].into());
}

#[test]
fn a_clean_repository_and_the_sources_of_three_large_crates_are_silent() {
    let mut keys = Keys::default();
    keys.of("nowhere");
    let matcher = keys.matcher();
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(folder.path());
    repo.commit("README.md", "export GETIMG_API_KEY=sk_your_key_here\n");
    assert_eq!(in_tree(&matcher, std::slice::from_ref(&repo.0)), (Found::new(), vec![]));
    assert!(in_history(&matcher, &repo.repository()).is_empty());
    let Some(crates) = sources_of(&["reqwest", "tokio", "rustls", "clap_builder"]) else {
        return skipped("three large crates are not searched: their sources are not here");
    };
    let (found, skipped) = in_tree(&matcher, &crates);
    assert_eq!((found, skipped), (Found::new(), vec![]));
}

/// Where cargo keeps the sources of these crates; `None` unless it has all of them.
fn sources_of(crates: &[&str]) -> Option<Vec<PathBuf>> {
    let cargo = |arguments: &[&str]| {
        let mut call = Command::new(env!("CARGO"));
        call.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        String::from_utf8(call.output().unwrap().stdout).unwrap()
    };
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
    let arguments = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host];
    let metadata: serde_json::Value = serde_json::from_str(&cargo(&arguments)).ok()?;
    let folder = |name: &&str| {
        let package = metadata["packages"].as_array()?.iter().find(|p| p["name"] == *name)?;
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        folder.join("src").is_dir().then(|| folder.to_path_buf())
    };
    crates.iter().map(folder).collect()
}

#[test]
fn what_git_thinks_of_a_file_is_told_in_four_parts() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(folder.path());
    let standing = |path: &str| {
        let is = ignored::standing(&repo.0.join(path)).unwrap();
        (is.in_repository, is.ignored, is.staged, is.committed)
    };
    assert_eq!(standing(".env"), (true, false, false, false));
    repo.commit(".gitignore", ".env*\n");
    assert_eq!(standing(".env"), (true, true, false, false));
    repo.write(".env", "A=1");
    repo.git("add -f .env");
    assert_eq!(standing(".env"), (true, true, true, false));
    repo.git("commit -qm env");
    assert_eq!(standing(".env"), (true, true, true, true));
    repo.git("rm -q --cached .env");
    assert_eq!(standing(".env"), (true, true, false, true));
    let outside = tempfile::tempdir().unwrap();
    assert_eq!(ignored::standing(&outside.path().join(".env")).unwrap(), ignored::Standing::default());
    assert!(Repository::around(outside.path()).unwrap().is_none());
}
