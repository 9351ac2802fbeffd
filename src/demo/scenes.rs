//! What happens between the commands: a key is committed by mistake.

use super::home::{Home, is_missing};
use crate::error::{Error, Result, in_words};

/// Commits a key, then the file's removal; without git the key stays in a file. Returns whether there was a git.
///
/// # Errors
/// git exists and fails.
pub(super) fn leak(home: &Home) -> Result<bool> {
    home.write("home/site/app.py", &format!("API_KEY = \"{}\"\n", *home.key("prod")))?;
    let calls: [&[&str]; 5] = [
        &["init", "--quiet", "."],
        &["add", "app.py"],
        &["commit", "--quiet", "-m", "a first version"],
        &["rm", "--quiet", "app.py"],
        &["commit", "--quiet", "-m", "no key in the source"],
    ];
    for arguments in calls {
        let run =
            home.input(None).and_then(|nothing| home.command("git").args(arguments).stdin(nothing).output());
        match run {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                let why = why.lines().next().unwrap_or("it gave no reason").to_owned();
                return Err(Error::failure(format!("git {} failed in the demo: {why}", arguments[0])));
            }
            Err(e) if is_missing(&e) => return Ok(false),
            Err(e) => return Err(Error::failure(format!("git cannot be run: {}", in_words(&e)))),
        }
    }
    Ok(true)
}
