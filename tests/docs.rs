//! The documents are true: links lead somewhere, the command reference is the program's own, and the README shows what
//! the terminal really shows.

#[cfg(unix)]
mod ci;
mod dependencies;
#[cfg(target_os = "linux")]
mod dotenv;
#[cfg(target_os = "linux")]
mod life;
#[cfg(unix)]
mod packages;
#[cfg(target_os = "linux")]
mod prompts;
mod reference;
mod threats;
mod transcript;
mod words;

use std::fs;
use std::path::Path;

use getimg_keys::model::Policy;
use getimg_keys::system::files::config;

use crate::architecture::source::{File, root, tracked};
use crate::support::command_line::{self, Fault};

const UPDATE: &str = "UPDATE";

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Markdown file of the repository.
fn documents() -> Vec<File> {
    let documents: Vec<_> = tracked().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    assert!(documents.len() > 30, "{}", documents.len());
    documents
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let broken = "[a](no/such/file.md), [b](README.md#no-such-part), [c](https://getimg.ai), [d](docs)";
    assert_eq!(dead_links(&root().join("x.md"), broken), ["no/such/file.md", "README.md#no-such-part"]);

    let dead = |file: &File| dead_links(&root().join(&file.path), &file.text);
    let found: Vec<_> = documents().iter().flat_map(dead).collect();
    assert_eq!(found, [""; 0]);
}

/// The links in a Markdown text whose file or heading does not exist.
fn dead_links(path: &Path, text: &str) -> Vec<String> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '\n']).next());
    let within = links.filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
    within.filter(|link| !leads_somewhere(path, text, link)).map(str::to_owned).collect()
}

fn leads_somewhere(from: &Path, text: &str, link: &str) -> bool {
    let (file, part) = link.split_once('#').unwrap_or((link, ""));
    let target = from.parent().unwrap_or(root()).join(file);
    if !file.is_empty() && !target.exists() {
        return false;
    }
    part.is_empty() || has_heading(&if file.is_empty() { text.to_owned() } else { read(&target) }, part)
}

fn has_heading(text: &str, part: &str) -> bool {
    let anchor = |heading: &str| -> String {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c))
            .collect::<String>()
            .replace(' ', "-")
    };
    text.lines().filter(|l| l.starts_with('#')).any(|heading| anchor(heading) == part)
}

#[test]
fn the_command_reference_is_the_programs_own() {
    hold("docs/commands.md", |_| reference::markdown(getimg_keys::cli::command()));
}

/// One test for both parts of the README that the program writes: two tests would overwrite each other's.
#[test]
fn the_readme_shows_the_programs_commands_and_what_its_terminal_says() {
    hold("README.md", |readme| {
        let table = reference::table(&getimg_keys::cli::command());
        let readme = filled(readme, "<!-- commands -->\n", &table, "<!-- /commands -->");
        let shown = between(&readme, "```console\n", "```");
        let played = transcript::play(shown).unwrap_or_else(|| shown.to_owned());
        filled(&readme, "```console\n", &played, "```")
    });
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_read_of_a_dotenv_file_is_what_the_libraries_and_import_say() {
    hold("docs/dotenv.md", |document| match dotenv::table() {
        Some(table) => filled(document, "<!-- dotenv -->\n", &table, "<!-- /dotenv -->"),
        None => document.to_owned(),
    });
}

#[test]
fn every_command_in_a_sentence_is_understood() {
    assert_eq!(
        misunderstood("so `getimg-keys list`, or `getimg-keys lsit --all`"),
        ["getimg-keys lsit --all"]
    );

    let found: Vec<_> = documents().iter().flat_map(|file| misunderstood(&file.text)).collect();
    assert_eq!(found, [""; 0]);
}

/// The commands in a text's inline code that the program does not accept; required arguments may be missing.
fn misunderstood(text: &str) -> Vec<String> {
    let inline = text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("getimg-keys "));
    let calls = inline.filter(|code| !code.contains('\n')).flat_map(command_line::calls);
    calls.filter(|(_, fault)| *fault == Some(Fault::Wrong)).map(|(line, _)| line).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_life_of_a_key_is_as_it_is_told() {
    hold("docs/life-of-a-key.md", life::play);
}

#[test]
fn the_configuration_in_the_guide_is_understood_and_holds_the_defaults() {
    let guide = read(&root().join("docs/guide.md"));
    let shown = between(&guide, "<!-- config.toml -->\n```toml\n", "```");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, shown).unwrap();

    let config = config::read(&path).unwrap_or_else(|e| panic!("{e}"));
    let dev = "dev".parse().unwrap();
    assert_eq!(config.policy.rules(&dev), Policy::default().rules(&dev));
    assert_eq!(config.timeout(), config::Config::default().timeout());
    assert_eq!(config.env.variables, config::Config::default().env.variables);
    fs::write(&path, shown.replace("max_age_days", "max_age")).unwrap();
    assert!(config::read(&path).is_err());
}

/// Compares a document with what it should be, or writes it if `UPDATE` is set.
fn hold(document: &str, wanted: impl Fn(&str) -> String) {
    let path = root().join(document);
    let there = if path.exists() { read(&path) } else { String::new() };
    let wanted = wanted(&there);
    if there != wanted && std::env::var_os(UPDATE).is_some() {
        // Replaced atomically: other tests read the documents at the same time.
        let new = path.with_extension("new");
        let written = fs::write(&new, wanted).and_then(|()| fs::rename(&new, &path));
        return written.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    let same = there.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or_default().to_owned();
    assert!(
        there == wanted,
        "{document} is out of date at line {}:\n  is     {}\n  should {}\nto write it again: UPDATE=1 cargo test docs",
        same + 1,
        line(&there),
        line(&wanted)
    );
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("there is no {begin:?}"));
    rest.split_once(end).unwrap_or_else(|| panic!("there is no {end:?}")).0
}

fn filled(text: &str, begin: &str, middle: &str, end: &str) -> String {
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("there is no {begin:?}"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("there is no {end:?}"));
    [before, begin, middle, end, after].concat()
}
