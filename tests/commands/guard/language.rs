//! A team's hook in a language other than shell keeps its name, its place and its input.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::proof::{executable, hook};
use super::{Place, Ran, commit, key};

const PYTHON: &str = r#"#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Looks at what it is — “told”."""
from __future__ import annotations
import os, sys
import beside
print(__doc__, __file__, os.path.basename(sys.argv[0]), sys.argv, sys.stdin.read(), beside.name)
open("ran", "a").close()
sys.exit(3 if "fail" in sys.argv else 0)
"#;

const NODE: &str = r#"#!/usr/bin/env node
// A hook.
'use strict';
const fs = require('fs');
const { name } = require('./beside.js');
const isStrict = (function () { return this === undefined; })();
console.log(__filename, process.argv.slice(1), fs.readFileSync(0, 'utf8'), name, isStrict);
fs.writeFileSync('ran', '');
process.exit(process.argv.includes('fail') ? 3 : 0);
"#;

const PERL: &str = r#"#!/usr/bin/env perl
# A hook.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use beside;
print "$0 @ARGV ", join('', <STDIN>), $beside::name, ' ', <DATA>;
open(my $ran, '>', 'ran') or die;
exit((grep { $_ eq 'fail' } @ARGV) ? 3 : 0);
__DATA__
the data
"#;

const RUBY: &str = r#"#!/usr/bin/env ruby
# frozen_string_literal: true
require_relative 'beside'
puts $0, __FILE__, __dir__, ARGV.inspect, $stdin.read, NAME, DATA.read
File.write('ran', '')
exit(ARGV.include?('fail') ? 3 : 0)
__END__
the data
"#;

/// Runs the hook as git does, with arguments and standard input.
fn run(place: &Place, argument: &str) -> Ran {
    place.repo.write("../input", "said to it\n");
    let mut call = Command::new("git");
    call.env("PATH", path()).env("PYTHONDONTWRITEBYTECODE", "1");
    let how = ["hook", "run", "--to-stdin=../input", "pre-commit", "--", argument];
    place.run_with(call, &place.repo.0, &how, b"")
}

fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
    format!("{}:{}", program.display(), env!("PATH"))
}

#[test]
fn a_hook_in_another_language_is_told_the_same_as_before_and_is_not_silenced() {
    let all = [
        ("perl", PERL, "beside.pm", "package beside; our $name = 'b'; 1;\n"),
        ("ruby", RUBY, "beside.rb", "NAME = 'b'\n"),
        ("python3", PYTHON, "beside.py", "name = 'b'\n"),
        ("node", NODE, "beside.js", "exports.name = 'b'\n"),
    ];
    for (program, text, beside, module) in all {
        if Command::new(program).arg("--version").output().is_err() {
            crate::support::skipped(&format!("a hook for {program}: it is not installed"));
            continue;
        }
        let place = Place::new();
        executable(&hook(&place), text);
        fs::write(hook(&place).with_file_name(beside), module).unwrap();
        let before = [run(&place, "x"), run(&place, "fail")].map(|ran| (ran.code, ran.out + &ran.err));
        assert!(before[0].1.contains("said to it") && before[1].0 == Some(3), "{before:?}");
        fs::remove_file(place.repo.0.join("ran")).unwrap();

        assert_eq!(place.run(&["guard", "install"]).code, Some(0));
        assert!(!hook(&place).with_file_name("pre-commit.before-getimg-keys").exists());
        let status = place.run(&["guard", "status"]);
        assert_eq!(status.code, Some(0), "{program}: {status:?}");
        assert!(!place.repo.0.join("ran").exists(), "the proof runs our lines alone");
        let after = [run(&place, "x"), run(&place, "fail")].map(|ran| (ran.code, ran.out + &ran.err));
        assert_eq!(after, before, "{program}");

        fs::remove_file(place.repo.0.join("ran")).unwrap();
        place.repo.write("a", key("dev"));
        place.repo.git("add a");
        let (code, said) = commit(&place, &place.repo.0);
        assert!(code == Some(1) && said.contains("the key in use of dev"), "{program}: {said}");
        assert!(!place.repo.0.join("ran").exists(), "what is refused is not checked further");
        assert_eq!(run(&place, "x").code, Some(8), "{program}");
        place.repo.write("a", "clean");
        place.repo.git("add a");
        assert_eq!(commit(&place, &place.repo.0).0, Some(0), "{program}");
        assert!(place.repo.0.join("ran").exists());

        let installed = fs::read_to_string(hook(&place)).unwrap();
        let again = place.run(&["guard", "install", "--json"]);
        assert_eq!(super::json(&again)["changed"], false, "{again:?}");
        let more = if program == "node" { "// more\n" } else { "# more\n" };
        executable(&hook(&place), &format!("{installed}{more}"));
        assert_eq!(place.run(&["guard", "uninstall"]).code, Some(0));
        assert_eq!(fs::read_to_string(hook(&place)).unwrap(), format!("{text}{more}"));
    }
}

#[test]
fn a_program_that_is_gone_stops_the_commit_of_a_hook_in_python_too() {
    let place = Place::new();
    executable(&hook(&place), "#!/usr/bin/env python3\nprint('the hook')\n");
    let program = place.home().join("it's '''/getimg-keys");
    fs::create_dir(program.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_getimg-keys"), &program).unwrap();
    let install = place.run_with(Command::new(&program), &place.repo.0, &["guard", "install"], b"");
    assert_eq!(install.code, Some(0), "{install:?}");
    let run = || {
        let mut call = Command::new("git");
        call.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        place.run_with(call, &place.repo.0, &["hook", "run", "pre-commit"], b"")
    };
    let ran = run();
    assert!(ran.code == Some(0) && ran.err.contains("the hook"), "{ran:?}");
    fs::remove_file(&program).unwrap();
    let ran = run();
    assert!(ran.code == Some(1) && ran.err.contains("git commit --no-verify"), "{ran:?}");
    assert!(!ran.err.contains("the hook"), "{ran:?}");
}

#[test]
fn what_a_module_imports_would_come_first_so_such_a_hook_runs_after_ours_as_it_is() {
    let place = Place::new();
    executable(
        &hook(&place),
        "#!/usr/bin/env node\nimport { writeFileSync } from 'node:fs';\nwriteFileSync('ran', '');\n",
    );
    place.run(&["guard", "install"]);
    assert!(hook(&place).with_file_name("pre-commit.before-getimg-keys").exists());
    place.repo.write("a", key("dev"));
    place.repo.git("add a");
    assert_eq!(commit(&place, &place.repo.0).0, Some(1));
    assert!(!place.repo.0.join("ran").exists());
}
