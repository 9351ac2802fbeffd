//! What remains to do after an import: lines to delete, files that git should ignore.

use crate::hint::{Hint, suggest};
use std::path::Path;

use super::clean::Cleaned;
use super::item::{Item, Outcome, Skip};

use crate::git::ignored::standing;
use crate::system::World;

/// Says which lines to delete, what git should ignore, and which keys to replace.
pub(super) fn advise(world: &World, file: &Path, items: &[Item], cleaned: &Cleaned) {
    let kept: Vec<&Item> = items.iter().filter(|item| item.is_kept()).collect();
    let [first, ..] = kept.as_slice() else { return };
    let name = file.display();
    let places = |clean: bool| {
        let places = kept.iter().filter(|item| cleaned.lines.contains(&item.lines) == clean);
        places.map(|item| format!("{name}:{}", item.place())).collect::<Vec<_>>().join(", ")
    };
    if !cleaned.lines.is_empty() {
        world.terminal.say(&format!("deleted: {}; the rest of {name} is unchanged", places(true)));
    } else if cleaned.kinds.is_empty() {
        world.terminal.say(&format!(
            "delete now: {}  # or: {}",
            places(false),
            Hint::run("import").arg(&name).flag("--clean")
        ));
    }
    for older in items.iter().filter(|item| matches!(item.outcome, Outcome::Skipped(Skip::SetAgain(_)))) {
        if kept.iter().any(|item| item.variable == older.variable) {
            world.terminal.say(&format!(
                "{name}:{} is an older value of {}, which counts once the later line is gone: delete it too",
                older.place(),
                older.variable
            ));
        }
    }
    let git = match standing(file) {
        Ok(git) => git,
        Err(error) => {
            world.terminal.say(&format!("whether git ignores or has {name} is not known: {error}"));
            return error.hints.iter().for_each(|hint| world.terminal.say(&format!("  {hint}")));
        }
    };
    // Also without git: the folder may become part of a repository later.
    if !git.ignored {
        let what = if git.in_repository { "git does not ignore" } else { "before you commit, ignore" };
        world.terminal.say(&format!("{what} {name}: {}", suggest::ignore(file)));
    }
    if git.staged || git.committed {
        world.terminal.say(&format!("git has {name}: {}", suggest::untrack(file)));
    }
    if git.committed {
        let rotate = Hint::run("rotate").arg(&first.name);
        let scan = Hint::run("scan --history");
        world.terminal.say(&format!("its history may have the keys: {scan}, and if it does {rotate}"));
    }
}
