//! Where an object came from: looked up only for the objects that matter.

use std::collections::{BTreeSet, HashMap};

use gix_hash::ObjectId;

use super::program::{complaint, run};
use super::{ObjectKind, Repository};
use crate::error::Result;

/// Above this many objects git is not told which, and its whole answer is searched.
const TOLD: usize = 200;

/// The commit that brought an object in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The commit's id.
    pub commit: String,
    /// The file's path in it; none for a message.
    pub path: Option<String>,
    /// The author's date, RFC 3339.
    pub author_date: String,
    /// Every branch, tag and remote-tracking branch that holds it.
    pub refs: Vec<String>,
    /// Whether a remote-tracking branch holds it.
    pub pushed: bool,
}

/// The origin of each object, the earliest of several and no merge where another has it; an object that no commit holds has none.
///
/// `commits` are all commits there are, reachable or not: a commit that was reset away is a place too.
///
/// # Errors
/// git is not there, or cannot read the commits.
pub fn of(
    repository: &Repository,
    objects: &[(ObjectId, ObjectKind)],
    commits: &[ObjectId],
) -> Result<HashMap<ObjectId, Origin>> {
    let blobs: Vec<ObjectId> = objects.iter().filter(|o| o.1 == ObjectKind::Blob).map(|o| o.0).collect();
    let mut origins = if blobs.is_empty() { HashMap::new() } else { of_files(repository, &blobs, commits)? };
    for (id, kind) in objects.iter().filter(|o| o.1 != ObjectKind::Blob) {
        origins.extend(of_message(repository, *id, *kind)?.map(|origin| (*id, origin)));
    }
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    for (id, origin) in &mut origins {
        if !known.contains_key(&origin.commit) {
            known.insert(origin.commit.clone(), refs(repository, &["--contains", &origin.commit])?);
        }
        let holds_tag = objects.contains(&(*id, ObjectKind::Tag));
        origin.refs = match holds_tag {
            true => refs(repository, &["--points-at", &id.to_string()])?,
            false => known.get(&origin.commit).cloned().unwrap_or_default(),
        };
        origin.pushed = origin.refs.iter().any(|name| name.starts_with("refs/remotes/"));
    }
    Ok(origins)
}

/// Every change of every commit, as git lists it.
fn of_files(
    repository: &Repository,
    blobs: &[ObjectId],
    commits: &[ObjectId],
) -> Result<HashMap<ObjectId, Origin>> {
    let told = if blobs.len() > TOLD { &[] } else { blobs };
    let told: Vec<String> = told.iter().map(|id| format!("--find-object={id}")).collect();
    let fixed =
        "diff-tree --stdin -r -m --root --raw -z --no-abbrev --no-renames --no-textconv --no-ext-diff";
    let mut arguments: Vec<&str> = fixed.split(' ').collect();
    arguments.push("--format=%H %aI %P");
    arguments.extend(told.iter().map(String::as_str));
    let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
    let listed = run(repository.ask(&arguments), input.as_bytes())?;
    let origins = earliest(&listed.out, &blobs.iter().copied().collect());
    match listed.code {
        Some(0) => Ok(origins),
        _ if !origins.is_empty() => Ok(origins),
        _ => Err(complaint(&listed.complaint)),
    }
}

fn earliest(listed: &[u8], wanted: &BTreeSet<ObjectId>) -> HashMap<ObjectId, Origin> {
    let mut origins: HashMap<ObjectId, ((bool, i64), Origin)> = HashMap::new();
    let (mut commit, mut date, mut is_merge) = (String::new(), String::new(), false);
    let mut parts = listed.split(|b| *b == 0).map(|part| part.strip_prefix(b"\n").unwrap_or(part));
    while let Some(part) = parts.next() {
        let text = String::from_utf8_lossy(part);
        let Some(change) = text.strip_prefix(':') else {
            if let [id, when, parents @ ..] = &text.split_whitespace().collect::<Vec<_>>()[..] {
                (commit, date, is_merge) = ((*id).to_owned(), (*when).to_owned(), parents.len() > 1);
            }
            continue;
        };
        let path = parts.next().map(|path| String::from_utf8_lossy(path).into_owned());
        let new = change.split(' ').nth(3).and_then(|id| ObjectId::from_hex(id.as_bytes()).ok());
        let Some(id) = new.filter(|id| wanted.contains(id)) else { continue };
        let time = chrono::DateTime::parse_from_rfc3339(&date).map_or(i64::MAX, |time| time.timestamp());
        let rank = (is_merge, time);
        if origins.get(&id).is_none_or(|(known, _)| rank < *known) {
            let origin =
                Origin { commit: commit.clone(), path, author_date: date.clone(), ..Origin::default() };
            origins.insert(id, (rank, origin));
        }
    }
    origins.into_iter().map(|(id, (_, origin))| (id, origin)).collect()
}

fn of_message(repository: &Repository, id: ObjectId, kind: ObjectKind) -> Result<Option<Origin>> {
    let name = if kind == ObjectKind::Tag { format!("{id}^{{commit}}") } else { id.to_string() };
    let call = repository.ask(&["log", "--no-walk", "--no-show-signature", "--format=%H %aI", &name, "--"]);
    let answer = run(call, b"")?;
    let text = String::from_utf8_lossy(&answer.out).trim().to_owned();
    let origin = text.split_once(' ').map(|(commit, date)| Origin {
        commit: commit.to_owned(),
        author_date: date.to_owned(),
        ..Origin::default()
    });
    Ok(origin)
}

fn refs(repository: &Repository, which: &[&str]) -> Result<Vec<String>> {
    let arguments = [&["for-each-ref", "--format=%(refname)"], which].concat();
    let answer = run(repository.ask(&arguments), b"")?;
    Ok(String::from_utf8_lossy(&answer.out).lines().map(str::to_owned).collect())
}
