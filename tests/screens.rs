//! What a user sees on a real terminal at usual widths, and the README's pictures of it.

mod agent;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::support::home::{days_ago, finish, untold};
use crate::support::{Behaviour, Home, Key};

/// Commands whose output is for reading.
const SCREENS: &[&str] = &[
    "list",
    "status",
    "verify --all",
    "check",
    "doctor",
    "log",
    "store status",
    "scan --history",
    "guard status",
    "help exit-codes",
];
/// The README's pictures: a file, and the commands that it shows.
const PICTURES: &[(&str, &[&str])] =
    &[("list", &["list", "status"]), ("check", &["check"]), ("scan", &["scan"])];

/// The home of a small team: a key in every state, and a repository with a leak.
fn team() -> Home {
    let key = |last: &str| Key(format!("sk_{}{last}", "Made".repeat(9)));
    let home = Home::new()
        .knows("dev", key("7c1e"), Behaviour::Valid)
        .knows("prod", key("d04b"), Behaviour::Valid)
        .knows("staging", key("59fa"), Behaviour::Valid)
        .knows("ci", key("b3d2"), Behaviour::Valid)
        .knows("ci-next", key("e68a"), Behaviour::Valid)
        .knows("laptop", key("20cf"), Behaviour::Revoked);
    let issued = |name: &str, days: i64, note: &str| {
        let day = days_ago(days);
        let arguments = ["add", name, "--no-verify", "--issued", &day, "--note", note];
        assert_eq!(home.run(&arguments, &home.key(name).0).code, 0);
    };
    issued("dev", 12, "my laptop");
    issued("prod", 80, "");
    issued("staging", 130, "shared with the designers until the summer");
    issued("ci", 40, "");
    issued("laptop", 21, "the old one");
    assert_eq!(home.run(&["verify", "--all"], "").code, 4);
    assert_eq!(home.run(&["rotate", "ci"], &home.key("ci-next").0).code, 0);
    let leak = format!("GETIMG_API_KEY={}\n", home.key("staging").0);
    fs::write(home.work().join(".env"), leak).unwrap();
    fs::write(home.work().join("README.md"), "# A site\n").unwrap();
    let repository = "git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm leak";
    assert_eq!(home.shell("sh", repository).code, 0);
    home
}

/// Standard output on a terminal of that width, with colours.
fn screen(home: &Home, command: &str, width: usize) -> String {
    shown(home, &format!("{command} 2>/dev/null"), width)
}

/// The same, with the redirections of the command.
fn shown(home: &Home, command: &str, width: usize) -> String {
    let typed = format!("stty cols {width} rows 40; exec getimg-keys --color always {command}");
    let mut run = home.program("script");
    untold(&mut run, &command.split(' ').collect::<Vec<_>>());
    run.args(["-qec", &typed, "/dev/null"]).env("TERM", "xterm-256color").env("HOME", home.work());
    let seen = finish(&mut run, "").stdout.replace("\r\n", "\n");
    assert!(!seen.is_empty(), "{command} shows nothing");
    seen
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn no_screen_is_wider_than_the_terminal_except_for_commands_to_copy() {
    let home = team();
    for width in [60, 80, 120] {
        for command in SCREENS {
            let seen = plain(&screen(&home, command, width));
            let wide: Vec<_> =
                seen.lines().filter(|line| line.chars().count() > width && !line.contains("→ ")).collect();
            assert_eq!(wide, [""; 0], "{command} at {width} columns:\n{seen}");
        }
    }
}

#[test]
fn a_narrow_terminal_shows_what_matters_most() {
    let home = team();
    assert_snapshot!(still(&home, &plain(&screen(&home, "list", 60))), @"
       name     key       verified             rotate
       ci       sk_…e68a  ✓ valid just now     open: --finish
    *  dev      sk_…7c1e  ✓ valid just now     in 78 d
       laptop   sk_…20cf  ✗ rejected just now  ! now
       prod     sk_…d04b  ✓ valid just now     in 10 d
       staging  sk_…59fa  ✓ valid just now     ! overdue by 40 d

    * dev: the active profile
    ✗ the API rejected the key of `laptop` on 2026-01-31
      → getimg-keys rotate laptop
    ✗ the key of `staging` is 130 days old; it was due after 90
      days
      → getimg-keys rotate staging
    ");
    assert_snapshot!(still(&home, &plain(&screen(&home, "check", 60))), @"
    ✓ separate-keys     5 profiles, each with a key of its own
    ✓ none-compromised  no key is declared compromised
    ✗ none-rejected     the API rejected the key of `laptop` on
                        2026-01-31
                        → getimg-keys rotate laptop
    ✗ ages              the key of `staging` is 130 days old; it
                        was due after 90 days
                        → getimg-keys rotate staging
    ✓ verified          every key was verified recently
    ! rotations         the rotation of `ci` is open since
                        2026-01-31: its old key may still work
                        → getimg-keys rotate ci --finish
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ✗ dotenv            .env is committed
                        → git rm --cached .env
                          # then replace its keys
    - repository        no .getimg-keys.toml from here upwards
    ");
    assert_snapshot!(still(&home, &plain(&screen(&home, "check", 40))), @"
    ✓ separate-keys
      5 profiles, each with a key of its own
    ✓ none-compromised
      no key is declared compromised
    ✗ none-rejected
      the API rejected the key of `laptop`
      on 2026-01-31
      → getimg-keys rotate laptop
    ✗ ages
      the key of `staging` is 130 days old;
      it was due after 90 days
      → getimg-keys rotate staging
    ✓ verified
      every key was verified recently
    ! rotations
      the rotation of `ci` is open since
      2026-01-31: its old key may still work
      → getimg-keys rotate ci --finish
    ✓ shell
      $GETIMG_API_KEY is not set
    ✓ redirects
      no variable sends a key elsewhere
    ✗ dotenv
      .env is committed
      → git rm --cached .env
        # then replace its keys
    - repository
      no .getimg-keys.toml from here upwards
    ");
}

#[test]
fn the_pictures_in_the_readme_are_what_a_terminal_shows() {
    let home = team();
    for (name, commands) in PICTURES {
        let shown = commands.iter().map(|command| (*command, screen(&home, command, 96)));
        picture(&home, name, shown);
    }
}

/// Compares a picture of commands and their output with the stored one.
fn picture<'a>(home: &Home, name: &str, commands: impl Iterator<Item = (&'a str, String)>) {
    let shown: Vec<_> = commands
        .map(|(command, seen)| format!("\u{1b}[1m$ getimg-keys {command}\u{1b}[0m\n{seen}"))
        .collect();
    let picture = anstyle_svg::Term::new()
        .palette(anstyle_svg::WIN10_CONSOLE)
        .render_svg(&still(home, &shown.join("\n")));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let path = folder.join(format!("{name}.svg"));
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, &picture).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "{} is not what the terminal shows; UPDATE=1 writes it", path.display());
}

/// With one fixed day, latency and folder instead of the real ones.
fn still(home: &Home, text: &str) -> String {
    let text = text.replace(home.work().to_str().unwrap(), "~/site");
    let text = crate::support::scrub::times(&text);
    text.replace("<day>", "2026-01-31").replace("<n> ms", "38 ms")
}
