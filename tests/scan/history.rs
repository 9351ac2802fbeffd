//! Keys in a repository's objects, and where they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;

use getimg_keys::git::every_object::each_object;
use getimg_keys::git::{Blank, ObjectKind, Origin, Progress, Pushed, Repository, Why, origin, submodules};
use getimg_keys::scan::Matcher;

use crate::support::repositories::{Keys, Repo};

pub(super) fn in_history(matcher: &Matcher, repository: &Repository) -> BTreeMap<String, Option<Origin>> {
    let found = Mutex::new(Vec::new());
    let walked = each_object(repository, &Progress::default(), &|object| {
        let scanned = matcher.scan_version(object.bytes, object.changed, &mut |hit| {
            found.lock().unwrap().push((hit.profile.unwrap().to_string(), object.id(), object.kind));
        });
        Blank(scanned.is_blank)
    });
    let unread = walked.skipped.iter().filter(|part| part.why != Why::ShallowClone);
    assert_eq!(unread.collect::<Vec<_>>(), Vec::<&getimg_keys::git::Skipped>::new());
    let found = found.into_inner().unwrap();
    let objects: Vec<_> = found.iter().map(|(_, id, kind)| (*id, *kind)).collect();
    let origins = origin::of(repository, &walked, &objects);
    found.into_iter().map(|(profile, id, _)| (profile, origins.of.get(&id).cloned())).collect()
}

/// For an object that is stored as a delta, `verify-pack` also lists the depth and the base.
fn is_stored_as_a_delta(repo: &Repo, id: &str) {
    let packs = fs::read_dir(repo.0.join(".git/objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    let index = packs.into_iter().find(|path| path.extension().is_some_and(|e| e == "idx")).unwrap();
    let listed = repo.git_with(&["verify-pack", "-v", index.to_str().unwrap()], b"");
    let line = listed.lines().find(|line| line.starts_with(id)).unwrap();
    assert_eq!(line.split_whitespace().count(), 7, "not a delta: {line}");
}

#[test]
fn what_git_packs_meanwhile_is_read_where_it_is_then() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(&folder.path().join("work"));
    for n in 0..50 {
        repo.commit("file", format!("version {n}"));
    }
    let (seen, repository) = (Mutex::new(BTreeSet::new()), Repository::around(&repo.0).unwrap().unwrap());
    let progress = Progress::default();
    let walked = each_object(&repository, &progress, &|object| {
        let mut seen = seen.lock().unwrap();
        if seen.is_empty() {
            repo.git("gc -q --prune=now");
        }
        seen.insert((object.kind, object.id()));
        Blank(false)
    });
    assert_eq!(walked.skipped, []);
    let count = |kind| seen.lock().unwrap().iter().filter(|(one, _)| *one == kind).count();
    assert_eq!([count(ObjectKind::Commit), count(ObjectKind::Blob)], [50, 50]);
    assert_eq!(progress.objects.into_inner(), 150, "the folders are counted, and each object once");
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
    repo.commit("long", filler.replace("line 300", &"y".repeat(99)));
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
    is_stored_as_a_delta(&repo, &repo.git(&format!("rev-parse {delta}:long")));
    repo.git_with(&["hash-object", "-w", "--stdin"], keys.of("dangling").as_bytes());
    let loose = repo.commit("loose.txt", format!("\0\u{1}{}", keys.of("loose")));

    let found = in_history(&keys.matcher(), &repo.repository());
    let all: Vec<_> = keys.0.keys().map(String::as_str).collect();
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), keys.places(&all));
    let place = |key: &str| found[key].clone().map(|o| (o.commit, o.path, o.pushed)).unwrap();
    let file = |commit: &String, path: &str, pushed| (commit.clone(), Some(path.to_owned()), pushed);
    assert_eq!(place("deleted"), file(&deleted, "deleted", Pushed::Yes));
    assert_eq!(place("delta"), file(&delta, "long", Pushed::Yes));
    assert_eq!(place("branch"), file(&branch, "dir/branch é", Pushed::No));
    assert_eq!(place("merge"), file(&merge, "merge", Pushed::No));
    assert_eq!(place("message"), (message.clone(), None, Pushed::No));
    assert_eq!(place("tag"), (message, None, Pushed::No));
    assert_eq!(place("reset-away"), file(&lost, "lost", Pushed::No));
    assert_eq!(place("stash").1.as_deref(), Some("unrelated"));
    assert_eq!(place("loose"), file(&loose, "loose.txt", Pushed::No));
    assert_eq!(found["dangling"], None);
    assert_eq!(found["stash"].clone().unwrap().refs, ["refs/stash"]);
    assert_eq!(found["tag"].clone().unwrap().refs, ["refs/tags/v1"]);
    assert_eq!(found["reset-away"].clone().unwrap().refs, [""; 0]);
    assert_eq!(found["deleted"].clone().unwrap().author_date.unwrap(), "2024-05-06T07:08:09+02:00");
    let refs = ["refs/heads/main", "refs/heads/other"];
    assert_eq!(found["branch"].clone().unwrap().refs[..2], refs);
}

#[test]
fn what_is_stored_as_a_change_is_judged_by_the_change_as_if_it_were_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(folder.path()), Keys::default());
    let mut lines: Vec<String> = (0..200).map(|n| format!("line {n} of a file that deltas well")).collect();
    let (joined, whole) = (keys.of("joined").to_owned(), keys.of("whole").to_owned());
    let (start, rest) = joined.split_at(20);
    for n in 0..30 {
        lines[n * 6] = match n {
            2 => format!("{start} stands apart from {rest}"),
            6 => format!("{whole} in a line"),
            20 => format!("{rest} alone"),
            _ => format!("the line of version {n}"),
        };
        match n {
            4 => lines[2 * 6] = joined.clone(),
            8 => lines[6 * 6] = "gone".to_owned(),
            // Newer versions are what older ones are changes of: these have to be blank.
            10 => lines[2 * 6] = "gone too".to_owned(),
            _ => {}
        }
        repo.commit("file", lines.join("\n"));
    }
    repo.git("repack -q -a -d -f --depth=50 --window=50");
    let (matcher, counts) = (keys.matcher(), Mutex::new((0, 0)));
    each_object(&repo.repository(), &Progress::default(), &|object| {
        let (mut here, mut there) = (Vec::new(), Vec::new());
        let scanned = matcher.scan_version(object.bytes, object.changed, &mut |hit| here.push(hit));
        matcher.scan(object.bytes, &mut |hit| there.push(hit));
        assert_eq!(here, there, "{}", object.id());
        let mut counts = counts.lock().unwrap();
        counts.0 += usize::from(object.changed.is_some());
        counts.1 += here.len();
        Blank(scanned.is_blank)
    });
    let (by_change, found) = counts.into_inner().unwrap();
    assert!(by_change >= 5, "only {by_change} objects came as changes");
    assert_eq!(found, 6 + 2);
}

#[test]
fn folders_that_are_stored_as_changes_have_the_same_origins_as_those_that_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, mut keys) = (Repo::new(folder.path()), Keys::default());
    for n in 0..200 {
        repo.write(&format!("d/file{n}"), format!("file {n}"));
    }
    let (early, deep, twice) =
        (keys.of("early").to_owned(), keys.of("deep").to_owned(), keys.of("twice").to_owned());
    for n in 0..24 {
        match n {
            3 => repo.write("d/early", &early),
            4 => repo.git("rm -q d/early").truncate(0),
            9 => repo.write("d/sub/deeper/deep", &deep),
            12 => repo.git("rm -q -r d/sub").truncate(0),
            7 | 15 => repo.write("d/file9", &twice),
            _ => {}
        }
        if n == 10 {
            repo.git("branch here");
        }
        repo.git("add .");
        repo.commit(&format!("d/file{}", 10 + 7 * n), format!("version {n}"));
        repo.write("d/file9", format!("gone in {n}"));
    }
    let loose = in_history(&keys.matcher(), &repo.repository());
    repo.git("repack -q -a -d -f --depth=50 --window=50");
    repo.git("prune-packed");
    is_stored_as_a_delta(&repo, &repo.git("rev-parse HEAD~3:d"));
    assert_eq!(in_history(&keys.matcher(), &repo.repository()), loose);
    let path = |key: &str| loose[key].as_ref().unwrap().path.clone().unwrap();
    assert_eq!(["early", "deep", "twice"].map(path), ["d/early", "d/sub/deeper/deep", "d/file9"]);
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
    let (submodules, absent) = submodules::of(&parent.repository());
    assert_eq!(absent, []);
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
        let scanned = keys.matcher().scan_version(object.bytes, object.changed, &mut |hit| {
            assert_eq!(object.kind, ObjectKind::Blob);
            found.lock().unwrap().insert(hit.profile.unwrap().to_string());
        });
        Blank(scanned.is_blank)
    });
    let named: BTreeSet<_> = walked.skipped.iter().map(|s| (s.path.clone(), s.message.as_str())).collect();
    let common = repo.repository().common;
    let expected = [
        (common.join("objects").join(&id[..2]).join(&id[2..]), "the object is damaged"),
        (common.join("objects/pack/pack-1234.pack"), "the pack has no index"),
    ];
    assert_eq!(named, expected.map(|(path, why)| (path.display().to_string(), why)).into());
    assert_eq!(found.into_inner().unwrap(), keys.places(&["good", "packed"]));
}

#[test]
fn a_file_in_folders_deeper_than_any_pass_reaches_has_its_commit_and_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(folder.path());
    for depth in [1, 11, 12, 13, 40] {
        let path = format!("{}file{depth}", "d/".repeat(depth));
        let commit = repo.commit(&path, format!("text at {depth}"));
        let id = repo.git(&format!("rev-parse HEAD:{path}")).parse().unwrap();
        let repository = repo.repository();
        let history = each_object(&repository, &Progress::default(), &|_| Blank(true));
        let origin = &origin::of(&repository, &history, &[(id, ObjectKind::Blob)]).of[&id];
        assert_eq!((&origin.commit, origin.path.as_deref()), (&commit, Some(path.as_str())));
    }
}
