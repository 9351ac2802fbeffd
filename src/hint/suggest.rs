//! Hints in the user's shell: POSIX, which most shells share, or PowerShell on Windows.

use std::fmt;
use std::path::Path;

/// A path or a name as one word of a command.
pub fn quoted(word: impl fmt::Display) -> String {
    let word = word.to_string();
    let plain = |c: char| c.is_alphanumeric() || "-_./:@%+,=".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('=') {
        return word;
    }
    if cfg!(unix) && word.chars().any(is_hidden) {
        return printed(word.as_bytes());
    }
    let escaped = if cfg!(windows) { "''" } else { r"'\''" };
    format!("'{}'", word.replace('\'', escaped))
}

/// A path as a word of a command, whatever its bytes are.
pub fn quoted_path(path: &Path) -> String {
    match path.to_str() {
        Some(word) => quoted(word),
        None => printed(path.as_os_str().as_encoded_bytes()),
    }
}

/// What is not shown as it is: it would move the cursor, or be none of its neighbours' line.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A word that any shell of POSIX puts together from its bytes.
fn printed(word: &[u8]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    let one = |b: &u8| if plain(*b) { char::from(*b).to_string() } else { format!("\\{b:03o}") };
    format!("\"$(printf '{}')\"", word.iter().map(one).collect::<String>())
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

/// Takes from all others what they may do with the file that a variable names.
pub fn make_private_file(variable: &str) -> String {
    if cfg!(windows) {
        let file = format!("$env:{variable}");
        format!(r#"icacls {file} /reset; icacls {file} /inheritance:r /grant:r "${{env:USERNAME}}:F""#)
    } else {
        format!("chmod 600 \"${variable}\"")
    }
}

/// The same for a folder, already a word of a command, and all that is in it.
pub fn make_private_folder(folder: impl fmt::Display) -> String {
    if cfg!(windows) {
        let grant = r#"/grant:r "${env:USERNAME}:(OI)(CI)F""#;
        format!("icacls {folder} /reset /T; icacls {folder} /inheritance:r {grant}")
    } else {
        format!("chmod -R go= {folder}")
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

/// Lets git ignore a file: by the list beside it, so that it holds from whatever folder it is typed in; by one further up
/// where the folder's name has bytes that no text has.
pub fn ignore(file: &Path) -> String {
    let is_plain = |folder: &Path| folder.to_str().is_some_and(|text| !text.chars().any(is_hidden));
    let folder = file.ancestors().skip(1).find(|folder| is_plain(folder)).unwrap_or(Path::new(""));
    let name = file.strip_prefix(folder).unwrap_or(file);
    append(quoted(ignore_pattern(name)), quoted_path(&folder.join(".gitignore")))
}

/// A file's name as gitignore(5) wants it: what is special there stands behind a backslash, and what cannot be written
/// on a line is any byte.
fn ignore_pattern(name: &Path) -> String {
    let mut pattern = String::new();
    for chunk in name.as_os_str().as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                c if is_hidden(c) => pattern.push_str(&"?".repeat(c.len_utf8())),
                '\\' if cfg!(windows) => pattern.push('/'),
                '*' | '?' | '[' | '\\' => pattern.extend(['\\', c]),
                '#' | '!' if pattern.is_empty() => pattern.extend(['\\', c]),
                c => pattern.push(c),
            }
        }
        pattern.push_str(&"?".repeat(chunk.invalid().len()));
    }
    if pattern.ends_with(' ') {
        pattern.insert(pattern.len() - 1, '\\');
    }
    pattern
}

/// Takes a file out of git's index and leaves it where it is.
pub fn untrack(file: &Path) -> String {
    let name = Path::new(file.file_name().unwrap_or_default());
    let has_pattern = name.as_os_str().as_encoded_bytes().iter().any(|b| b"*?[\\".contains(b));
    let literal = if has_pattern { "--literal-pathspecs " } else { "" };
    let name = quoted_path(name);
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => format!("git -C {} {literal}rm --cached {name}", quoted_path(folder)),
        None => format!("git {literal}rm --cached {name}"),
    }
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
            ("a\n'%!\u{1b}", r#""$(printf 'a\012\047\045\041\033')""#),
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
            (".env.\n\u{1b}é", ".env.??é"),
            ("sub/!x", "sub/!x"),
        ];
        for (name, pattern) in table {
            assert_eq!(ignore_pattern(Path::new(name)), pattern);
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
