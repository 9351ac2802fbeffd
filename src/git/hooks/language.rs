//! Hooks in Python, node, Perl and Ruby: our lines as statements of their language, so that the hooks keep their name and
//! place.

use std::path::Path;

use super::lines;

/// A language in which our lines can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Python,
    Node,
    Perl,
    Ruby,
}

/// A script with our lines before anything that it does; `None` if they cannot be added.
pub(super) fn within(text: &[u8], program: &Path, name: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.contains('\r'))?;
    let language = Language::of(text)?;
    let at = language.place(text)?;
    let ours = language.lines(program, name)?;
    let gap = if text[..at].ends_with('\n') { "" } else { "\n" };
    Some([&text[..at], gap, &ours, &text[at..]].concat().into_bytes())
}

/// Whether a script has only comments before our lines, and our lines as this program writes them.
pub(super) fn begin_it(text: &[u8], program: &Path, name: &str) -> bool {
    let Some(own) = lines::without(text) else { return false };
    let is_ours = within(&own, program, name).is_some_and(|written| written == text);
    let Ok(own) = std::str::from_utf8(&own) else { return false };
    let Some(language) = Language::of(own) else { return false };
    let first = own.lines().next().unwrap_or_default();
    is_ours && is_of_the_system(first) && language.place(own) == Some(language.comments(own, 0))
}

/// Whether the first line names a program by its system path: a program in the repository could do anything.
fn is_of_the_system(first: &str) -> bool {
    let mut words = first.trim_start_matches("#!").split_whitespace();
    let places = ["/bin/", "/usr/bin/", "/usr/local/bin/"];
    let (Some(program), rest) = (words.next(), words.next()) else { return false };
    let is_bare = |word: &str| !word.contains(['/', '=']) && !word.starts_with('-');
    match (program, rest) {
        ("/usr/bin/env", Some(word)) => is_bare(word) && words.next().is_none(),
        (_, None) => places.iter().any(|place| program.strip_prefix(place).is_some_and(is_bare)),
        _ => false,
    }
}

impl Language {
    /// The language of the program in the first line.
    fn of(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.strip_prefix("#!")?.split_whitespace();
        let name = |word: &'_ str| word.rsplit('/').next().unwrap_or(word).to_owned();
        let mut program = name(words.next()?);
        if program == "env" {
            program = name(words.find(|word| !word.starts_with('-') && !word.contains('='))?);
        }
        let version = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match &*program {
            "node" | "nodejs" => Some(Self::Node),
            _ if !cfg!(unix) => None,
            _ if program.strip_prefix("python").is_some_and(version) => Some(Self::Python),
            // Other options may run the script once for each line, or distrust the environment.
            "perl" | "ruby" if words.any(|word| word != "-w") => None,
            "perl" => Some(Self::Perl),
            "ruby" => Some(Self::Ruby),
            _ => None,
        }
    }

    /// Where our first statement may be.
    fn place(self, text: &str) -> Option<usize> {
        match self {
            Self::Python => python(text),
            Self::Node => node(text),
            Self::Perl => Some(self.comments(text, 0)),
            // Such a block runs before any statement.
            Self::Ruby => {
                let is_first = |line: &str| line.trim_start().starts_with("BEGIN");
                (!text.lines().any(is_first)).then(|| self.comments(text, 0))
            }
        }
    }

    /// The end of the comments and empty lines that begin at a position.
    fn comments(self, text: &str, from: usize) -> usize {
        let mark = if self == Self::Node { "//" } else { "#" };
        let is_none = |line: &str| {
            let line = line.trim();
            line.is_empty() || line.starts_with(mark) || line.starts_with("#!")
        };
        from + text[from..]
            .split_inclusive('\n')
            .take_while(|line| is_none(line))
            .map(str::len)
            .sum::<usize>()
    }

    /// Our lines; `None` if a script may not be able to express the program's path.
    fn lines(self, program: &Path, name: &str) -> Option<String> {
        let ours = String::from_utf8(lines::of(program, name, false)).ok().filter(|text| text.is_ascii())?;
        let mut ours = ours.lines();
        let (begin, end) = (ours.next()?, ours.next_back()?);
        let quoted = |line: &str| format!("  '{}',\n", line.replace('\\', r"\\").replace('\'', r"\'"));
        let text: String = std::iter::once("exec < /dev/null").chain(ours).map(quoted).collect();
        let mark = |line: &str| line.replacen('#', "//", 1);
        Some(match self {
            Self::Python => format!("{begin}\n{PYTHON}{end}\n").replace("TEXT\n", &text),
            Self::Perl => format!("{begin}\n{PERL}{end}\n").replace("TEXT\n", &text),
            Self::Ruby => format!("{begin}\n{RUBY}{end}\n").replace("TEXT\n", &text),
            Self::Node => format!("{}\n{NODE}{}\n", mark(begin), mark(end)).replace("TEXT\n", &text),
        })
    }
}

/// `os` is loaded before any script: no file beside the hook can replace it.
const PYTHON: &str = r#"for getimg_keys in [__import__('os').system('\n'.join([
TEXT
]))]:
  if getimg_keys:
    raise SystemExit(getimg_keys >> 8 or 1)
  if __import__('os').environ.get('GETIMG_KEYS_GUARD_PROOF'):
    raise SystemExit(0)
del getimg_keys
"#;

const NODE: &str = r#"{
  const { spawnSync } = (typeof require === 'function' ? require : process.getBuiltinModule)('child_process');
  const { status } = spawnSync('sh', ['-c', [
TEXT
  ].join('\n')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status || 1);
  if (process.env.GETIMG_KEYS_GUARD_PROOF) process.exit(0);
}
"#;

/// Such a block runs before what the script uses is loaded.
const PERL: &str = r#"BEGIN {
  system('sh', '-c', join("\n",
TEXT
  ));
  exit($? >> 8 || 1) if $?;
  exit(0) if $ENV{GETIMG_KEYS_GUARD_PROOF};
}
"#;

const RUBY: &str = r#"[system('sh', '-c', [
TEXT
].join("\n"))].each do |getimg_keys|
  exit($?.exitstatus || 1) unless getimg_keys
  exit(0) unless ENV['GETIMG_KEYS_GUARD_PROOF'].to_s.empty?
end
"#;

/// After the comments, the docstring and the imports from `__future__`: Python ignores or rejects them after other
/// statements.
fn python(text: &str) -> Option<usize> {
    let comments = |from| Language::Python.comments(text, from);
    let mut at = comments(0);
    if let Some(length) = documentation(&text[at..])? {
        at = comments(at + length);
    }
    while text[at..].starts_with("from __future__") {
        let line = text[at..].split_inclusive('\n').next()?;
        if line.contains([';', '\\', '(']) {
            return None;
        }
        at = comments(at + line.len());
    }
    (!text[at..].contains("from __future__")).then_some(at)
}

/// The length of a script's docstring, to the end of its last line; an error if more follows on that line.
fn documentation(text: &str) -> Option<Option<usize>> {
    let begin =
        text.find(['"', '\'']).filter(|at| *at <= 1 && text[..*at].chars().all(|c| "rRuU".contains(c)));
    let Some(begin) = begin else { return Some(None) };
    let mark = &text[begin..begin + 1];
    let mark = if text[begin..].starts_with(&mark.repeat(3)) { mark.repeat(3) } else { mark.to_owned() };
    let inside = begin + mark.len();
    let end = text[inside..].find(&mark)? + inside;
    // An escaped quote, or one of its characters before it, does not end the string.
    if text[inside..end].ends_with(['\\']) || mark.len() == 1 && text[inside..end].contains('\n') {
        return None;
    }
    let rest = text[end + mark.len()..].split_inclusive('\n').next().unwrap_or_default();
    rest.trim().is_empty().then_some(Some(end + mark.len() + rest.len()))
}

/// After the comments and the directives, which only count at the beginning. A module runs its imports before any
/// statement of its own.
fn node(text: &str) -> Option<usize> {
    let is_of_a_module = |line: &str| {
        let word = line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        word == "import" || word == "export"
    };
    if text.lines().any(|line| is_of_a_module(line.trim_start())) {
        return None;
    }
    let mut at = 0;
    loop {
        at = Language::Node.comments(text, at);
        let line = text[at..].split_inclusive('\n').next().unwrap_or_default();
        at += match line.trim().trim_end_matches(';') {
            "'use strict'" | "\"use strict\"" => line.len(),
            other if other.starts_with("/*") => {
                let end = text[at..].find("*/")? + "*/".len();
                let rest = text[at + end..].split_inclusive('\n').next().unwrap_or_default();
                if !rest.trim().is_empty() {
                    return None;
                }
                end + rest.len()
            }
            other if other.starts_with(['\'', '"']) => return None,
            _ => return Some(at),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of a script before our lines.
    fn before(text: &str) -> Option<&str> {
        let with = within(text.as_bytes(), Path::new("/bin/getimg-keys"), "pre-commit")?;
        assert_eq!(lines::without(&with).unwrap(), text.as_bytes());
        Some(&text[..Language::of(text)?.place(text)?])
    }

    #[test]
    fn they_come_before_all_that_a_script_does_and_behind_what_must_be_first() {
        for (head, rest) in [
            ("#!/usr/bin/env python3\n", "import sys\n"),
            ("#!/usr/bin/python3 -u\n# -*- coding: utf-8 -*-\n\n# licence\n", "x = '''\n'''\n"),
            ("#!/usr/bin/env -S python3.11 -I\n\"\"\"What it\ndoes.\"\"\"\n", "import sys\n"),
            ("#!/usr/bin/env python\nr'short'\n\nfrom __future__ import annotations\n# c\n", "f(1)\n"),
            ("#!/usr/bin/env node\n", "const a = 'import';\n"),
            ("#!/usr/bin/perl -w\n# c\n\n", "=pod\n\nx\n\n=cut\n\nuse strict;\n"),
            ("#!/usr/bin/env ruby\n# frozen_string_literal: true\n", "require 'set'\n"),
            ("#!/usr/bin/node\n// c\n/* a\n b */\n'use strict';\n\n", "process.exit(3)\n"),
        ] {
            let told = cfg!(unix) || head.contains("node");
            assert_eq!(before(&[head, rest].concat()), told.then_some(head), "{head}");
        }
        for none in [
            "#!/usr/bin/env tclsh\nputs 1\n",
            "#!/usr/bin/perl -T\n1;\n",
            "#!/usr/bin/env -S perl -w -n\n1;\n",
            "#!/usr/bin/ruby\nx\nBEGIN { y }\n",
            "#!/usr/bin/env python3\n'a' 'b'\nx()\n",
            "#!/usr/bin/env python3\n'''a''' ; x()\n",
            "#!/usr/bin/env python3\n'''a \\''' b'''\n",
            "#!/usr/bin/env python3\nfrom __future__ import (\n  annotations)\n",
            "#!/usr/bin/env python3\r\nimport sys\r\n",
            "#!/usr/bin/env node\nimport fs from 'fs';\n",
            "#!/usr/bin/env node\nexport{};\n",
            "#!/usr/bin/env node\n'use strict'; x();\n",
            "#!/usr/bin/env node\n/* a */ x();\n",
            "import sys\n",
        ] {
            assert_eq!(before(none), None, "{none}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_comments_and_a_program_of_the_system_run_nothing_before_them() {
        let program = Path::new("/bin/getimg-keys");
        let begins = |text: &str| {
            let with = within(text.as_bytes(), program, "pre-commit").unwrap();
            begin_it(&with, program, "pre-commit")
        };
        assert!(begins("#!/usr/bin/env python3\n# c\nimport x\n") && begins("#!/usr/bin/node\nx()\n"));
        assert!(begins("#!/usr/bin/perl\nuse x;\n") && begins("#!/usr/bin/env ruby\n# c\nx\n"));
        for other in [
            "#!./python3\nx()\n",
            "#!/usr/bin/env -S python3 -c 'x'\nx()\n",
            "#!/usr/bin/env python3\n'text'\nx()\n",
            "#!/usr/bin/env python3\nfrom __future__ import annotations\n",
        ] {
            assert!(!begins(other), "{other}");
        }
        assert!(!begin_it(b"#!/usr/bin/env python3\nx()\n", program, "pre-commit"));
    }
}
