//! Which commits introduced objects, found in one pass for all of them.
//!
//! Every folder is read once, for which wanted files and which other folders it contains. From there
//! bits are passed upwards, from files to folders to commits, and on from commits to their descendants: 64 objects
//! at a time, so that the work grows with the history and not with the number of findings.

use std::collections::{BTreeMap, HashMap};

use gix_hash::ObjectId;

use super::commit::entries;
use super::holders::Holders;
use super::ids::IdMap;
use super::refs::Refs;
use super::{History, ObjectKind, Pushed, Repository, Skipped};

/// The commit that brought an object in, and every ref that contains it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The commit's id: if several bring it, a pushed one, else one that a branch contains, else the earliest.
    pub commit: String,
    /// The file's path in it; `None` for a message or a folder.
    pub path: Option<String>,
    /// The author's date, RFC 3339.
    pub author_date: Option<String>,
    /// Every branch, tag and remote-tracking branch that contains any commit that brings it, sorted.
    pub refs: Vec<String>,
    /// Whether a remote-tracking branch contains one of them, or once did.
    pub pushed: Pushed,
    /// Whether only a reflog contains it.
    pub reflog: bool,
    /// Whether the commit has no parent.
    pub is_first: bool,
    /// How many commits the longest way to it has: of two with one date, the earlier has fewer.
    pub depth: u32,
}

/// Where objects came from.
pub struct Origins {
    /// The origin of each object; an object that no commit contains has none.
    pub of: HashMap<ObjectId, Origin>,
    /// Whether an object without an origin was pushed: no, unless a missing commit may contain it.
    pub without: Pushed,
    /// Folders that could not be read.
    pub skipped: Vec<Skipped>,
}

/// The origins of some objects.
pub fn of(repository: &Repository, history: &History, objects: &[(ObjectId, ObjectKind)]) -> Origins {
    let unread = Refs::default();
    let refs = history.refs.as_ref().unwrap_or(&unread);
    let is_held = |kind: ObjectKind| matches!(kind, ObjectKind::Blob | ObjectKind::Tree);
    let held: Vec<_> = objects.iter().filter(|object| is_held(object.1)).map(|object| object.0).collect();
    let holders = Holders::of(&history.objects, repository.hash, &held);
    let mut graph = Graph::of(history, refs);
    graph.all_here &= holders.skipped.is_empty();
    let mut origins = HashMap::new();
    let mut paths = Paths { history, holders: &holders, hash: repository.hash };
    for chunk in objects.chunks(64) {
        let brings = brought(chunk, history, &holders, &graph);
        let held = graph.carried_down(&brings);
        let bringing: Vec<_> = (0..brings.len()).filter(|commit| brings[*commit] != 0).collect();
        for (n, (id, kind)) in chunk.iter().enumerate() {
            let bit = 1_u64 << n;
            let with_it = bringing.iter().copied().filter(|commit| brings[*commit] & bit != 0);
            let Some(commit) = graph.best(with_it, history) else { continue };
            let mut origin = graph.origin(commit, &held, bit, history);
            match kind {
                ObjectKind::Blob => origin.path = paths.of(commit, id),
                ObjectKind::Tag => graph.of_tag(&mut origin, id),
                ObjectKind::Commit | ObjectKind::Tree => {}
            }
            origins.insert(*id, origin);
        }
    }
    let without = Pushed::of(false, graph.all_here);
    let skipped = holders.skipped;
    Origins { of: origins, without, skipped }
}

/// For each commit the objects that it brings: those that it contains and none of its parents does.
fn brought(
    chunk: &[(ObjectId, ObjectKind)],
    history: &History,
    holders: &Holders,
    graph: &Graph,
) -> Vec<u64> {
    let mut holds = vec![0_u64; history.commits.len()];
    for (folder, bits) in holders.carried_up(chunk) {
        graph.by_tree.get(&folder).into_iter().flatten().for_each(|commit| holds[*commit as usize] = bits);
    }
    let left = |commit: usize| {
        let parents = graph.parents(commit).iter();
        parents.fold(holds[commit], |left, parent| left & !holds[*parent as usize])
    };
    let mut brings: Vec<u64> =
        (0..holds.len()).map(|commit| if holds[commit] == 0 { 0 } else { left(commit) }).collect();
    for (n, (id, kind)) in chunk.iter().enumerate() {
        let commit = match kind {
            ObjectKind::Commit => Some(*id),
            ObjectKind::Tag => Some(history.peeled(*id)),
            ObjectKind::Blob | ObjectKind::Tree => None,
        };
        if let Some(commit) = commit.and_then(|id| history.commits.place_of(&id)) {
            brings[commit] |= 1 << n;
        }
    }
    brings
}

/// The commits in an order in which parents come first, and what contains them.
struct Graph {
    parents: Vec<Vec<u32>>,
    /// The commits of each top folder.
    by_tree: IdMap<Vec<u32>>,
    order: Vec<u32>,
    depths: Vec<u32>,
    /// Each ref's commit.
    tips: Vec<(usize, String)>,
    /// The refs that point at an annotated tag, and whether a remote has it.
    tags: BTreeMap<ObjectId, Vec<(String, bool)>>,
    remote: Vec<usize>,
    logged: Vec<usize>,
    /// Whether a remote has a commit, and whether a ref contains it.
    pushed: Vec<bool>,
    held: Vec<bool>,
    /// Whether every commit and folder that remotes are known to have exists here.
    all_here: bool,
}

impl Graph {
    fn of(history: &History, refs: &Refs) -> Self {
        let place = |id: &ObjectId| history.commits.place_of(id).and_then(|place| u32::try_from(place).ok());
        let parents: Vec<Vec<u32>> =
            history.commits.iter().map(|commit| commit.parents.iter().filter_map(place).collect()).collect();
        let mut graph = Self {
            order: parents_first(&parents),
            depths: Vec::new(),
            parents,
            by_tree: IdMap::default(),
            tips: Vec::new(),
            tags: BTreeMap::new(),
            remote: refs.once_pushed.iter().filter_map(|id| history.commits.place_of(id)).collect(),
            logged: refs.logged.iter().filter_map(|id| history.commits.place_of(id)).collect(),
            pushed: Vec::new(),
            held: Vec::new(),
            all_here: refs.is_whole,
        };
        graph.depths = depths(&graph.order, &graph.parents);
        for (place, commit) in (0_u32..).zip(history.commits.iter()) {
            graph.by_tree.entry(commit.tree).or_default().push(place);
        }
        for tip in &refs.tips {
            let peeled = history.peeled(tip.id);
            // Git does not record where a tag came from; a tag of a commit that was not made here came from a remote.
            let is_tag = tip.name.starts_with("refs/tags/");
            let came = is_tag && refs.has_remote && !refs.made_here.contains(&peeled);
            let at_remote = tip.at_remote || came;
            if let Some(commit) = history.commits.place_of(&peeled) {
                graph.tips.push((commit, tip.name.clone()));
                graph.remote.extend(at_remote.then_some(commit));
            }
            graph.all_here &= !at_remote || history.is_here(&peeled);
            graph.tags.entry(tip.id).or_default().push((tip.name.clone(), at_remote));
        }
        graph.tips.sort_by(|one, other| one.1.cmp(&other.1));
        graph.tags.values_mut().for_each(|names| names.sort());
        graph.pushed = graph.reachable(graph.remote.iter().copied());
        graph.held = graph.reachable(graph.tips.iter().map(|(commit, _)| *commit));
        let lacks_a_parent = |place: usize| graph.parents[place].len() < history.commits[place].parents.len();
        graph.all_here &= refs.once_pushed.iter().all(|id| history.is_here(&history.peeled(*id)))
            && !(0..graph.parents.len()).any(|place| graph.pushed[place] && lacks_a_parent(place))
            && (graph.remote.is_empty() || !history.lacks_folders);
        graph
    }

    fn parents(&self, commit: usize) -> &[u32] {
        &self.parents[commit]
    }

    fn reachable(&self, from: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.parents.len()];
        from.for_each(|commit| reached[commit] = true);
        for commit in self.order.iter().rev().map(|n| *n as usize).filter(|n| *n < self.parents.len()) {
            if reached[commit] {
                self.parents[commit].iter().for_each(|parent| reached[*parent as usize] = true);
            }
        }
        reached
    }

    /// For each commit, the objects that it or any of its ancestors brings.
    fn carried_down(&self, brings: &[u64]) -> Vec<u64> {
        let mut held = brings.to_vec();
        for commit in self.order.iter().map(|n| *n as usize) {
            held[commit] =
                self.parents[commit].iter().fold(held[commit], |all, parent| all | held[*parent as usize]);
        }
        held
    }

    /// Which of the commits that bring an object is reported.
    fn best(&self, bringing: impl Iterator<Item = usize>, history: &History) -> Option<usize> {
        let rank = |commit: &usize| {
            let is_merge = history.commits[*commit].parents.len() > 1;
            let (pushed, held) = (self.pushed[*commit], self.held[*commit]);
            let (time, id) = (history.commits[*commit].time, history.commits[*commit].id);
            (!pushed, !held, is_merge, time, self.depths[*commit], id)
        };
        bringing.min_by_key(rank)
    }

    fn origin(&self, commit: usize, held: &[u64], bit: u64, history: &History) -> Origin {
        let has = |commit: &usize| held[*commit] & bit != 0;
        let refs: Vec<_> =
            self.tips.iter().filter(|(tip, _)| has(tip)).map(|(_, name)| name.clone()).collect();
        Origin {
            commit: history.commits[commit].id.to_string(),
            path: None,
            is_first: history.commits[commit].parents.is_empty(),
            depth: self.depths[commit],
            author_date: history.commits[commit].author_date(),
            reflog: refs.is_empty() && self.logged.iter().any(has),
            refs,
            pushed: Pushed::of(self.remote.iter().any(has), self.all_here),
        }
    }

    /// Only the tags that point at a tag's message contain it.
    fn of_tag(&self, origin: &mut Origin, tag: &ObjectId) {
        let tags = self.tags.get(tag).map(Vec::as_slice).unwrap_or_default();
        origin.refs = tags.iter().map(|(name, _)| name.clone()).collect();
        origin.pushed = Pushed::of(tags.iter().any(|(_, at_remote)| *at_remote), self.all_here);
        origin.reflog = false;
    }
}

/// Every commit after its parents; a commit in a cycle, which no honest history has, is left out.
fn parents_first(parents: &[Vec<u32>]) -> Vec<u32> {
    let mut waits: Vec<u32> = parents.iter().map(|p| u32::try_from(p.len()).unwrap_or(u32::MAX)).collect();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); parents.len()];
    for (child, parents) in (0_u32..).zip(parents) {
        parents.iter().for_each(|parent| children[*parent as usize].push(child));
    }
    let mut order: Vec<u32> = (0_u32..).zip(&waits).filter(|(_, n)| **n == 0).map(|(n, _)| n).collect();
    let mut next = 0;
    while let Some(commit) = order.get(next).copied() {
        for child in &children[commit as usize] {
            waits[*child as usize] -= 1;
            if waits[*child as usize] == 0 {
                order.push(*child);
            }
        }
        next += 1;
    }
    order
}

/// How many commits the longest way to each has.
fn depths(order: &[u32], parents: &[Vec<u32>]) -> Vec<u32> {
    let mut depths = vec![0; parents.len()];
    for commit in order.iter().map(|n| *n as usize) {
        let before = parents[commit].iter().map(|parent| depths[*parent as usize] + 1);
        depths[commit] = before.max().unwrap_or_default();
    }
    depths
}

/// Finds a file's path in a commit by walking down the folders that contain it.
struct Paths<'a> {
    history: &'a History,
    holders: &'a Holders,
    hash: gix_hash::Kind,
}

impl Paths<'_> {
    fn of(&mut self, commit: usize, file: &ObjectId) -> Option<String> {
        let above = self.holders.above(file);
        let mut tree = self.history.commits[commit].tree;
        let mut path = Vec::new();
        loop {
            let (_, bytes) = self.history.objects.read(&tree)?;
            let found = entries(&bytes, self.hash).find_map(|entry| {
                let id = ObjectId::try_from(entry.id).ok()?;
                let leads = if entry.is_tree { above.contains(&id) } else { id == *file };
                leads.then(|| (entry.name.to_vec(), id, entry.is_tree))
            });
            let (name, id, is_tree) = found?;
            path.extend_from_slice(&name);
            if !is_tree || path.len() > 1 << 20 {
                return Some(super::shown_bytes(&path));
            }
            path.push(b'/');
            tree = id;
        }
    }
}
