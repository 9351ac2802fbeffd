//! What a person is told to type: in the words of a POSIX shell, which most others share; of PowerShell on Windows.

use std::fmt;
use std::path::Path;

/// A path or a name as one word of a command.
pub fn quoted(word: impl fmt::Display) -> String {
    let word = word.to_string();
    let plain = |c: char| c.is_alphanumeric() || "-_./:@%+,=".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('=') {
        return word;
    }
    let escaped = if cfg!(windows) { "''" } else { r"'\''" };
    format!("'{}'", word.replace('\'', escaped).replace('\n', r"\n"))
}

/// Sets a variable to a value that needs no quotes.
pub fn set(variable: &str, value: &str) -> String {
    if cfg!(windows) { format!("$env:{variable} = '{value}'") } else { format!("export {variable}={value}") }
}

/// Takes a variable away.
pub fn unset(variable: &str) -> String {
    if cfg!(windows) { format!("Remove-Item Env:{variable}") } else { format!("unset {variable}") }
}

/// Opens a file, already a word of a command, to be edited.
pub fn edit(file: impl fmt::Display) -> String {
    let editor = if cfg!(windows) { "notepad" } else { "$EDITOR" };
    format!("{editor} {file}")
}

/// Says whose a file or a folder is, and who may use it.
pub fn look_at(path: impl fmt::Display) -> String {
    let list = if cfg!(windows) { "Get-Acl" } else { "ls -ld" };
    format!("{list} {}", quoted(path))
}

/// Makes a folder, and those it lies in.
pub fn make_folder(folder: impl fmt::Display) -> String {
    format!("mkdir {}{}", if cfg!(windows) { "" } else { "-p " }, quoted(folder))
}

/// Says how much space is left where a folder is.
pub fn look_for_space(folder: impl fmt::Display) -> String {
    if cfg!(windows) { "Get-PSDrive".to_owned() } else { format!("df -h {}", quoted(folder)) }
}

/// Lets its owner write to a file.
pub fn make_writable(file: impl fmt::Display) -> String {
    let file = quoted(file);
    if cfg!(windows) {
        format!("Set-ItemProperty {file} IsReadOnly $false")
    } else {
        format!("chmod u+w {file}")
    }
}

/// Says where a program is, if it is anywhere.
pub fn locate(program: impl fmt::Display) -> String {
    let locate = if cfg!(windows) { "Get-Command" } else { "command -v" };
    format!("{locate} {}", quoted(program))
}

/// Adds a line to a file, both of them words of a command; on a line of its own, however the file ends. PowerShell's own
/// `>>` would write UTF-16.
pub fn append(line: impl fmt::Display, file: impl fmt::Display) -> String {
    if cfg!(windows) {
        format!("Add-Content {file} \"`n\"{line}")
    } else {
        format!("printf '\\n%s\\n' {line} >> {file}")
    }
}

/// Lets git ignore a file: by the list beside it, so that it holds from whatever folder it is typed in.
pub fn ignore(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    append(quoted(ignore_pattern(&name)), quoted(file.with_file_name(".gitignore").display()))
}

/// A file's name as gitignore(5) wants it: what is special there stands behind a backslash.
fn ignore_pattern(name: &str) -> String {
    let mut pattern = String::new();
    for (at, c) in name.char_indices() {
        let is_last = at + c.len_utf8() == name.len();
        if matches!(c, '*' | '?' | '[' | '\\') || (at == 0 && matches!(c, '#' | '!')) || (is_last && c == ' ')
        {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Takes a file out of git's index and leaves it where it is.
pub fn untrack(file: &Path) -> String {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => format!("git -C {} rm --cached {}", quoted(folder.display()), leaf(file)),
        None => format!("git rm --cached {}", leaf(file)),
    }
}

fn leaf(file: &Path) -> String {
    quoted(file.file_name().unwrap_or_default().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_word_is_quoted_where_a_shell_would_take_it_for_something_else() {
        let table = [
            ("./a/b-1.env", "./a/b-1.env"),
            ("Ünal", "Ünal"),
            ("my folder", "'my folder'"),
            ("it's", r"'it'\''s'"),
            ("~x", "'~x'"),
            ("=ls", "'=ls'"),
            ("", "''"),
            ("$(x);*", "'$(x);*'"),
        ];
        for (word, shown) in table {
            assert_eq!(quoted(word), shown);
        }
    }

    #[test]
    fn a_name_is_ignored_letter_by_letter() {
        let table = [
            (".env", ".env"),
            ("#.env", r"\#.env"),
            ("!x", r"\!x"),
            ("a*[1].env", r"a\*\[1].env"),
            (".env ", r".env\ "),
        ];
        for (name, pattern) in table {
            assert_eq!(ignore_pattern(name), pattern);
        }
    }

    #[test]
    #[cfg(windows)]
    fn a_word_is_quoted_where_powershell_would_take_it_for_something_else() {
        let table =
            [(r"C:\a\b.env", r"C:\a\b.env"), (r"C:\it's", r"'C:\it''s'"), ("", "''"), ("$(x);", "'$(x);'")];
        for (word, shown) in table {
            assert_eq!(quoted(word), shown);
        }
    }
}
