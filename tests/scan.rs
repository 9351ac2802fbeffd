//! The matcher and git together, on real repositories built at run time.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the tests build repositories of their own"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use getimg_keys::scan::{Matcher, Stream};
use getimg_keys::world::git::history::{Progress, each_object};
use getimg_keys::world::git::tree::{Seen, each_file};
use getimg_keys::world::git::{ObjectKind, Origin, Repository, ignored, index, origin};

use crate::repositories::{Keys, Repo};

/// Where keys were found: the profile of each, with the path or object.
type Found = BTreeMap<String, String>;

fn in_tree(matcher: &Matcher, roots: &[PathBuf]) -> (Found, Vec<String>) {
    let (found, skipped) = (Mutex::new(Found::new()), Mutex::new(Vec::new()));
    each_file(roots, &|seen| match seen {
        Seen::Skipped(part) => skipped.lock().unwrap().push(format!("{}: {}", part.path, part.why)),
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

fn in_history(matcher: &Matcher, repository: &Repository) -> BTreeMap<String, Option<Origin>> {
    let found = Mutex::new(Vec::new());
    let walked = each_object(repository, &Progress::default(), &|object| {
        matcher.scan(object.bytes, &mut |hit| {
            found.lock().unwrap().push((hit.profile.unwrap().to_string(), object.id, object.kind));
        });
    });
    assert_eq!(walked.skipped, []);
    let found = found.into_inner().unwrap();
    let objects: Vec<_> = found.iter().map(|(_, id, kind)| (*id, *kind)).collect();
    let origins = origin::of(repository, &objects, &walked.commits).unwrap();
    found.into_iter().map(|(profile, id, _)| (profile, origins.get(&id).cloned())).collect()
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
                found.insert(hit.profile.unwrap().to_string(), format!("{path}:{}", hit.line));
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
fn the_history_holds_every_object_and_where_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(&folder.path().join("work")), Keys::default());
    let filler: String = (0..400).map(|n| format!("line {n} of a file that deltas well\n")).collect();
    repo.commit("long", &filler);
    let deleted = repo.commit("deleted", keys.of("deleted"));
    repo.git("rm -q deleted");
    repo.git("commit -qm deleted");
    let delta = repo.commit("long", filler.replace("line 200", &format!("x{}", keys.of("delta"))));
    repo.commit("long", filler.replace("line 300", "y"));
    repo.git("branch pushed-until-here");
    repo.git("checkout -q -b other");
    let branch = repo.commit("dir/branch é", keys.of("branch"));
    repo.git("checkout -q main");
    repo.commit("unrelated", "text");
    repo.git("merge -q --no-commit --no-ff other");
    repo.write("merge", keys.of("merge"));
    repo.git("add merge");
    repo.git("commit -qm merged");
    let merge = repo.git("rev-parse HEAD");
    repo.git_with(&["commit", "-q", "--allow-empty", "-m", &format!("says {}", keys.of("message"))], b"");
    let message = repo.git("rev-parse HEAD");
    repo.git_with(&["tag", "-a", "v1", "-m", &format!("the key is {}", keys.of("tag"))], b"");
    let lost = repo.commit("lost", keys.of("reset-away"));
    repo.git("reset -q --hard HEAD~1");
    repo.write("unrelated", keys.of("stash"));
    repo.git("stash -q");
    let remote = Repo::new(&folder.path().join("remote"));
    repo.git_with(&["remote", "add", "origin", remote.0.to_str().unwrap()], b"");
    repo.git("push -q origin pushed-until-here");
    repo.git("repack -q -a -d -f");
    let packed = repo.git("count-objects -v");
    assert!(!packed.contains("in-pack: 0"), "{packed}");
    repo.git_with(&["hash-object", "-w", "--stdin"], keys.of("dangling").as_bytes());
    let loose = repo.commit("loose.txt", format!("\0\u{1}{}", keys.of("loose")));

    let found = in_history(&keys.matcher(), &repo.repository());
    let all: Vec<_> = keys.0.keys().map(String::as_str).collect();
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), keys.places(&all));
    let place = |key: &str| found[key].clone().map(|o| (o.commit, o.path, o.pushed)).unwrap();
    let file = |commit: &String, path: &str, pushed| (commit.clone(), Some(path.to_owned()), pushed);
    assert_eq!(place("deleted"), file(&deleted, "deleted", true));
    assert_eq!(place("delta"), file(&delta, "long", true));
    assert_eq!(place("branch"), file(&branch, "dir/branch é", false));
    assert_eq!(place("merge"), file(&merge, "merge", false));
    assert_eq!(place("message"), (message.clone(), None, false));
    assert_eq!(place("tag"), (message, None, false));
    assert_eq!(place("reset-away"), file(&lost, "lost", false));
    assert_eq!(place("stash").1.as_deref(), Some("unrelated"));
    assert_eq!(place("loose"), file(&loose, "loose.txt", false));
    assert_eq!(found["dangling"], None);
    assert_eq!(found["stash"].clone().unwrap().refs, ["refs/stash"]);
    assert_eq!(found["tag"].clone().unwrap().refs, ["refs/tags/v1"]);
    assert_eq!(found["reset-away"].clone().unwrap().refs, [""; 0]);
    assert_eq!(found["deleted"].clone().unwrap().author_date, "2024-05-06T07:08:09+02:00");
    let refs = ["refs/heads/main", "refs/heads/other"];
    assert_eq!(found["branch"].clone().unwrap().refs[..2], refs);
}

#[test]
fn borrowed_objects_other_work_trees_shallow_clones_and_submodules_belong_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (origin, mut keys) = (Repo::new(&folder.path().join("origin")), Keys::default());
    origin.commit("old", keys.of("old"));
    origin.git("rm -q old");
    origin.git("commit -qm gone");
    origin.commit("new", keys.of("new"));
    origin.git("repack -q -a -d");
    let clone = |name: &str, how: &str| {
        let path = folder.path().join(name);
        let url = format!("file://{}", origin.0.display());
        origin.git_with(&["clone", "-q", how, &url, path.to_str().unwrap()], b"");
        Repo(path)
    };
    let places = |repo: &Repo, keys: &Keys| {
        in_history(&keys.matcher(), &repo.repository()).into_keys().collect::<BTreeSet<_>>()
    };

    let borrowing = Repo::new(&folder.path().join("borrowing"));
    let alternates = format!("{}\n", origin.0.join(".git/objects").display());
    borrowing.write(".git/objects/info/alternates", alternates);
    assert_eq!(places(&borrowing, &keys), keys.places(&["new", "old"]));

    assert_eq!(places(&clone("shallow", "--depth=1"), &keys), keys.places(&["new"]));
    let bare = clone("bare", "--bare");
    assert_eq!(places(&bare, &keys), keys.places(&["new", "old"]));

    let main = clone("main", "--no-local");
    main.git_with(&["worktree", "add", "-q", "../linked"], b"");
    let linked = Repo(folder.path().join("linked"));
    linked.commit("in-linked", keys.of("linked"));
    assert_eq!(places(&main, &keys), keys.places(&["linked", "new", "old"]));
    assert_eq!(places(&linked, &keys), keys.places(&["linked", "new", "old"]));

    let parent = Repo::new(&folder.path().join("parent"));
    parent.git_with(&["submodule", "add", "-q", origin.0.to_str().unwrap(), "sub"], b"");
    let submodules = parent.repository().submodules();
    let found: Vec<_> = submodules.iter().map(|sub| in_history(&keys.matcher(), sub)).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].keys().cloned().collect::<BTreeSet<_>>(), keys.places(&["new", "old"]));
    assert_eq!(found[0]["old"].clone().unwrap().path.as_deref(), Some("old"));
}

#[test]
fn a_repository_that_names_objects_by_sha_256_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo(folder.path().to_path_buf()), Keys::default());
    repo.git("init -q -b main --object-format=sha256");
    let packed = repo.commit("packed", keys.of("packed"));
    repo.git("repack -q -a -d");
    repo.commit("loose", keys.of("loose"));
    let found = in_history(&keys.matcher(), &repo.repository());
    assert_eq!(found.len(), 2);
    assert_eq!(found["packed"].clone().unwrap().commit, packed);
}

#[test]
fn what_is_damaged_is_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(folder.path()), Keys::default());
    repo.commit("packed", keys.of("packed"));
    repo.git("repack -q -a -d");
    repo.commit("good", keys.of("good"));
    let id = repo.git_with(&["hash-object", "-w", "--stdin"], b"something else");
    let loose = repo.0.join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&loose).unwrap();
    fs::write(&loose, b"no zlib stream").unwrap();
    let pack = repo.0.join(".git/objects/pack/pack-1234.pack");
    fs::write(&pack, b"PACK").unwrap();

    let found = Mutex::new(BTreeSet::new());
    let walked = each_object(&repo.repository(), &Progress::default(), &|object| {
        keys.matcher().scan(object.bytes, &mut |hit| {
            assert_eq!(object.kind, ObjectKind::Blob);
            found.lock().unwrap().insert(hit.profile.unwrap().to_string());
        });
    });
    let named: BTreeSet<_> = walked.skipped.iter().map(|s| (s.path.clone(), s.why.as_str())).collect();
    let common = repo.repository().common;
    let expected = [
        (common.join("objects").join(&id[..2]).join(&id[2..]), "the object is damaged"),
        (common.join("objects/pack/pack-1234.pack"), "the pack has no index"),
    ];
    assert_eq!(named, expected.map(|(path, why)| (path.display().to_string(), why)).into());
    assert_eq!(found.into_inner().unwrap(), keys.places(&["good", "packed"]));
}

#[test]
fn a_clean_repository_and_the_sources_of_three_large_crates_are_silent() {
    let mut keys = Keys::default();
    keys.of("nowhere");
    let matcher = keys.matcher();
    let cargo = |arguments: &[&str]| {
        let mut call = Command::new(env!("CARGO"));
        call.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        String::from_utf8(call.output().unwrap().stdout).unwrap()
    };
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host];
    let metadata: serde_json::Value = serde_json::from_str(&cargo(&arguments)).unwrap();
    let crates = ["reqwest", "tokio", "rustls", "clap_builder"].map(|name| {
        let package = metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == name).unwrap();
        Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_path_buf()
    });
    assert_eq!(in_tree(&matcher, &crates), (Found::new(), vec![]));

    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(folder.path());
    repo.commit("README.md", "export GETIMG_API_KEY=sk_your_key_here\n");
    assert_eq!(in_tree(&matcher, std::slice::from_ref(&repo.0)), (Found::new(), vec![]));
    assert!(in_history(&matcher, &repo.repository()).is_empty());
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
