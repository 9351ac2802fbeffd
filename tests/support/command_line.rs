//! Lines that a user is told to type: whether the program would understand them.

use clap::error::ErrorKind;

const PROGRAM: &str = "getimg-keys";

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It names a command without a required argument.
    Lacks,
    /// It is not a valid line of this program.
    Wrong,
}

/// Every call of the program in a line of shell, with what is wrong with it, if anything. `NAME` and the like are
/// placeholders.
pub fn calls(line: &str) -> Vec<(String, Option<Fault>)> {
    let starts = line.match_indices(PROGRAM).map(|(at, _)| at).filter(|at| is_call(line, *at));
    starts.map(|at| words(&line[at..])).map(|words| (words.join(" "), fault(&words))).collect()
}

/// Whether the program's name is a word there, and the first one of a command.
fn is_call(line: &str, at: usize) -> bool {
    let (before, after) = (&line[..at], &line[at + PROGRAM.len()..]);
    let begins = before.is_empty() || before.ends_with([' ', '(', '`', '"', '\'', '$']);
    let names = before.ends_with("add ") || before.ends_with("command -v ") || before.ends_with("install ");
    begins && !names && (after.is_empty() || after.starts_with([' ', ')', '`']))
}

fn fault(words: &[String]) -> Option<Fault> {
    match getimg_keys::cli::command().try_get_matches_from(words) {
        Ok(_) => None,
        Err(error) if !error.use_stderr() => None,
        Err(error) => Some(match error.kind() {
            ErrorKind::MissingRequiredArgument
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Fault::Lacks,
            _ => Fault::Wrong,
        }),
    }
}

/// The words of one command, as a shell splits them; it ends where the next one begins.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut before = ' ';
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\\') => words.last_mut().unwrap().extend(chars.next()),
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '|' | ')' | '>' | '<' | ';' | '&' | '`') => break,
            (None, '#') if before == ' ' => break,
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| filled(word)).collect()
}

/// What a user writes instead of a word in capitals.
fn filled(word: &str) -> String {
    match word {
        "NAME" | "OLD" => "dev".to_owned(),
        "NEW" => "laptop".to_owned(),
        "DATE" => "2026-01-31".to_owned(),
        // What was typed, whatever it was.
        "…" => "status".to_owned(),
        _ => word.to_owned(),
    }
}

/// Fails if a run told the user to type a line that the program would not understand, or that lacks something.
pub fn check_hints(said: &str) {
    let told = said.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("hint: ").or_else(|| line.strip_prefix("→ "))
    });
    for line in told.filter(|line| line.contains(PROGRAM)) {
        let wrong: Vec<_> = calls(line).into_iter().filter(|(_, fault)| fault.is_some()).collect();
        assert!(wrong.is_empty(), "a hint that the program does not understand: {line}\n{wrong:?}");
    }
}

#[test]
#[should_panic(expected = "a hint that the program does not understand: getimg-keys rotate")]
fn a_hint_that_lacks_its_argument_is_found() {
    check_hints("error: x\n\nhint: getimg-keys rotate  # again");
}

#[test]
fn calls_are_found_in_a_line_and_judged() {
    type Case = (&'static str, &'static [(&'static str, Option<Fault>)]);
    let table: [Case; 10] = [
        ("eval $(getimg-keys env)", &[("getimg-keys env", None)]),
        ("a | getimg-keys add NAME --note 'a b'  # x", &[("getimg-keys add dev --note a b", None)]),
        ("getimg-keys add", &[("getimg-keys add", Some(Fault::Lacks))]),
        ("getimg-keys lst", &[("getimg-keys lst", Some(Fault::Wrong))]),
        ("getimg-keys list --al", &[("getimg-keys list --al", Some(Fault::Wrong))]),
        ("getimg-keys man m && man -l m/getimg-keys.1", &[("getimg-keys man m", None)]),
        ("x mcp add getimg-keys -- getimg-keys mcp", &[("getimg-keys mcp", None)]),
        ("getimg-keys help", &[("getimg-keys help", None)]),
        (r"getimg-keys import 'it'\''s a'", &[("getimg-keys import it's a", None)]),
        ("ls -ld x", &[]),
    ];
    for (line, found) in table {
        let found: Vec<_> = found.iter().map(|(line, fault)| ((*line).to_owned(), *fault)).collect();
        assert_eq!(calls(line), found, "{line}");
    }
}
