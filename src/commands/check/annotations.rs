//! The findings of `check` as workflow commands, which GitHub Actions shows beside the code.

use std::path::Path;

use crate::git::shown;
use crate::output::checks::{Check, Location, Outcome};
use crate::system::terminal::escape;

/// The annotation of a failed check or a warning; paths are relative to the workspace.
pub(super) fn annotation(check: &Check, workspace: &Path) -> Option<String> {
    let level = match check.outcome {
        Outcome::Fail => "error",
        Outcome::Warn => "warning",
        Outcome::Pass | Outcome::Skip => return None,
    };
    let mut properties: Vec<String> = Vec::new();
    if let Some(Location { path, line }) = &check.place {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let path = absolute.strip_prefix(workspace).or_else(|_| path.strip_prefix(".")).unwrap_or(path);
        let path = shown(path);
        let path = if cfg!(windows) { path.replace('\\', "/") } else { path };
        properties.push(format!("file={}", property(&path)));
        properties.extend(line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(check.id)));
    Some(format!("::{level} {}::{}", properties.join(","), data(&escape(&check.message))))
}

/// A line break or a percent sign would end or change the annotation.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Before the message, a comma or a colon would too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_workspace_and_nothing_in_its_name_ends_the_annotation() {
        let workspace = std::path::absolute("work").unwrap();
        let check = |path: &str| Check::fail("dotenv", "50%\nis wrong").at(&workspace.join(path), Some(3));
        assert_eq!(
            annotation(&check("app/.env,a:b"), &workspace).unwrap(),
            "::error file=app/.env%2Ca%3Ab,line=3,title=dotenv::50%25\\nis wrong"
        );
        let elsewhere = annotation(&Check::warn("dotenv", "x").at(Path::new(".env"), None), &workspace);
        assert_eq!(elsewhere.unwrap(), "::warning file=.env,title=dotenv::x");
        assert!(annotation(&Check::pass("ages", "x"), &workspace).is_none());
    }
}
