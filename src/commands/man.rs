//! `man DIR`: writes a man page for every command.

use std::path::PathBuf;

use clap::Command;
use clap::builder::{Resettable, StyledStr};
use clap_mangen::Man;
use roff::{Roff, bold, roman};
use serde_json::json;

use crate::error::{EXIT_CODES, Error, Result};
use crate::output::Said;
use crate::system::files::atomic_file::{self, Access};

/// Write the man pages to a directory
///
/// One page per command. To read them: man -M DIR/.. if DIR is called man1, or man -l DIR/getimg-keys.1
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys man ~/.local/share/man/man1
  getimg-keys man man1 && man -l man1/getimg-keys.1")]
pub struct Args {
    /// The directory; created if missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("GETIMG_KEYS_PROFILE", "Selects a profile."),
    ("GETIMG_KEYS_STORE", "Picks a store, as --store does."),
    ("GETIMG_KEYS_HOME", "One folder for every file, with keychain entries of its own. Absolute."),
    ("GETIMG_KEYS_API_URL", "Another base URL of the API; loopback hosts only."),
    ("GETIMG_KEYS_PASSPHRASE_FILE", "Holds the passphrase of the encrypted files; mode 0600."),
    ("NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE", "No colours, or colours everywhere."),
];
const FILES: &[(&str, &str)] = &[
    ("config.toml", "Yours, in the platform's configuration folder."),
    ("profiles.toml, log.jsonl", "The program's, in the platform's data folder. No key is in them."),
    (".getimg-keys.toml", "A directory's pin: its profile, the profiles it allows, a stricter policy."),
];

/// Runs the command.
///
/// # Errors
/// The folder cannot be made, or a page cannot be written (1).
pub fn run(args: &Args, mut command: Command) -> Result<Said> {
    command.build();
    let mut pages = vec![(command.get_name().to_owned(), main_page(&command)?)];
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        pages_of(sub, &format!("{}-{}", command.get_name(), sub.get_name()), &mut pages)?;
    }
    for (name, page) in &pages {
        let path = args.folder.join(format!("{name}.1"));
        atomic_file::make_folder(&args.folder)
            .and_then(|()| atomic_file::replace(&path, page, Access::Public))
            .map_err(|e| Error::unwritable("write", &path, &e))?;
    }
    let names: Vec<_> = pages.iter().map(|(name, _)| format!("{name}.1")).collect();
    let folder = crate::git::shown(&args.folder);
    let text = format!("{} pages in {}", names.len(), crate::system::terminal::escape(&folder));
    Ok(Said { text, json: json!({ "folder": folder, "pages": names }) })
}

fn pages_of(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let bare = command.clone().display_name(name).after_help(Resettable::<StyledStr>::Reset);
    let page = Man::new(bare).title(name).source(source);
    let mut text = Vec::new();
    page.render(&mut text).map_err(|e| unwritten(&e))?;
    examples(command).to_writer(&mut text).map_err(|e| unwritten(&e))?;
    pages.push((name.to_owned(), text));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        pages_of(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}

/// A command's examples as a section, each line as it is typed.
fn examples(command: &Command) -> Roff {
    let mut section = Roff::new();
    let Some(examples) = command.get_after_help() else { return section };
    section.control("SH", ["EXAMPLES"]).control("EX", []);
    for line in examples.to_string().lines().skip(1) {
        section.text([roman(line.trim())]);
    }
    section.control("EE", []);
    section
}

fn main_page(command: &Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).map_err(|e| unwritten(&e))?;
    let codes = EXIT_CODES.iter().map(|(code, _, meaning)| (code.to_string(), (*meaning).to_owned()));
    let rows =
        |table: &[(&str, &str)]| table.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    for (title, rows) in [
        ("EXIT STATUS", codes.collect::<Vec<_>>()),
        ("ENVIRONMENT", rows(ENVIRONMENT)),
        ("FILES", rows(FILES)),
    ] {
        let mut section = Roff::new();
        section.control("SH", [title]);
        for (term, meaning) in rows {
            section.control("TP", []).text([bold(term)]).text([roman(meaning)]);
        }
        section.to_writer(&mut text).map_err(|e| unwritten(&e))?;
    }
    Ok(text)
}

fn unwritten(error: &std::io::Error) -> Error {
    Error::failure(format!("a man page cannot be written: {}", crate::error::in_words(error)))
}
