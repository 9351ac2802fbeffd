//! How other libraries and `import` read the same dotenv files.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Key, packages};

const NAME: &str = "GETIMG_API_KEY";

/// The files; `KEY` is a key, `OLD` another one.
const FILES: [&str; 33] = [
    "GETIMG_API_KEY=KEY\n",
    "export GETIMG_API_KEY=KEY\n",
    "  GETIMG_API_KEY=KEY\n",
    "GETIMG_API_KEY = KEY\n",
    "GETIMG_API_KEY=\"KEY\"\n",
    "GETIMG_API_KEY='KEY'\n",
    "GETIMG_API_KEY=`KEY`\n",
    "GETIMG_API_KEY=KEY # words\n",
    "GETIMG_API_KEY=\"KEY\" # words\n",
    "GETIMG_API_KEY=KEY#words\n",
    "GETIMG_API_KEY=KEY two words\n",
    "GETIMG_API_KEY=\"KEY\\n\"\n",
    "GETIMG_API_KEY='KEY\"\n",
    "GETIMG_API_KEY=OLD\nGETIMG_API_KEY=KEY\n",
    "OTHER='\nGETIMG_API_KEY=KEY\n",
    "OTHER=it's\nGETIMG_API_KEY=KEY\n",
    "OTHER='a\nb'\nGETIMG_API_KEY=KEY\n",
    "OTHER=KEY\nGETIMG_API_KEY=${OTHER}\n",
    "GETIMG_API_KEY=${OTHER:-KEY}\n",
    "OTHER=1 GETIMG_API_KEY=KEY\n",
    "# GETIMG_API_KEY=KEY\n",
    "GETIMG_API_KEY=\n",
    "GETIMG_API_KEY\n",
    "GETIMG_API_KEY: KEY\n",
    "GETIMG_API_KEY KEY\n",
    "set GETIMG_API_KEY=KEY\n",
    "$env:GETIMG_API_KEY = \"KEY\"\n",
    "declare -x GETIMG_API_KEY=KEY\n",
    "{\"GETIMG_API_KEY\": \"KEY\"}\n",
    "OTHER=1\r\nGETIMG_API_KEY=KEY\r\n",
    "OTHER=1\rGETIMG_API_KEY=KEY\r",
    "\u{feff}GETIMG_API_KEY=KEY\n",
    "UTF-16: GETIMG_API_KEY=KEY\n",
];

const PYTHON: &str = "import sys, dotenv\n\
                      v = dotenv.dotenv_values(sys.argv[1]).get('GETIMG_API_KEY')\n\
                      sys.stdout.write('' if v is None else v)";
const NODE: &str = "const text = require('fs').readFileSync(process.argv[2], 'utf8');\
                    process.stdout.write(require(process.argv[1]).parse(text).GETIMG_API_KEY || '')";
const BASH: &str = "set -a; . \"$1\" || exit 1; printf %s \"$GETIMG_API_KEY\"";

/// The table; `None`, with a message, if one of the libraries cannot be installed.
pub(crate) fn table() -> Option<String> {
    let python = packages::python("dotenv", "dotenv", &["python-dotenv"])?;
    let node = packages::npm("dotenv")?;
    let folder = tempfile::tempdir().unwrap();
    let (key, old) = (Key::v2().0, Key::v2().0);
    let mut text = "\n| the file | python-dotenv | node's dotenv | bash's `source` | `import` |\n|---|---|---|---|---|\n"
        .to_owned();
    for file in FILES {
        let path = folder.path().join(".env");
        let filled = file.split("GETIMG_API_KEY").map(|part| part.replace("KEY", &key).replace("OLD", &old));
        let filled = filled.collect::<Vec<_>>().join(NAME);
        let bytes = match filled.strip_prefix("UTF-16: ") {
            Some(wide) => {
                [0xfeff].into_iter().chain(wide.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            None => filled.into_bytes(),
        };
        fs::write(&path, bytes).unwrap();
        let read = |mut call: Command| {
            let output = call.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
            match output.status.success() {
                true => told(&String::from_utf8_lossy(&output.stdout), &key, &old),
                false => "an error".to_owned(),
            }
        };
        let call = |program: &Path, arguments: &[&str]| {
            let mut call = Command::new(program);
            call.args(arguments).arg(&path);
            call
        };
        let cells = [
            read(call(&python, &["-c", PYTHON])),
            read(call(Path::new("node"), &["-e", NODE, node.to_str().unwrap()])),
            read(call(Path::new("bash"), &["-c", BASH, "bash"])),
            imported(folder.path(), &path, &key),
        ];
        writeln!(text, "| {} | {} |", shown(file), cells.join(" | ")).unwrap();
    }
    text.push('\n');
    Some(text)
}

fn shown(file: &str) -> String {
    let file =
        file.trim_end_matches('\n').replace('\n', "`⏎`").replace('\r', "`␍`").replace('\u{feff}', "`BOM`");
    let code = format!("`{}`", file.replace("UTF-16: ", "")).replace("``", "");
    // A code span with a backtick is written between two backticks.
    let code = if file.contains("=`KEY") { "`` GETIMG_API_KEY=`KEY` ``".to_owned() } else { code };
    if file.starts_with("UTF-16") { format!("{code} in UTF-16") } else { code }
}

/// The value that was read, with names instead of keys.
fn told(value: &str, key: &str, old: &str) -> String {
    let value = value.replace(key, "KEY").replace(old, "OLD").replace('\n', "⏎").replace('\r', "␍");
    match value.as_str() {
        "" => "–".to_owned(),
        "KEY" => "KEY".to_owned(),
        other if other.contains('`') => format!("`` {other} ``"),
        other => format!("`{other}`"),
    }
}

/// A passphrase file, so that keys could be stored.
fn passphrase(home: &Path) -> PathBuf {
    let file = home.join("passphrase");
    fs::write(&file, "made up\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// What `import` does: the key, or its message.
fn imported(home: &Path, path: &Path, key: &str) -> String {
    let mut call = Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
    call.args(["import", "--dry-run", "--no-verify", "--store", "file", "--json"]).arg(path);
    call.env("GETIMG_KEYS_HOME", home.join("keys")).env("GETIMG_KEYS_PASSPHRASE_FILE", passphrase(home));
    let output = call.output().unwrap();
    let said = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    let answer: Value = serde_json::from_slice(said).unwrap();
    if let Some(message) = answer["error"]["message"].as_str() {
        assert!(message.contains("line") || message.contains("no variable"), "{message}");
        return if message.contains("no variable") {
            "reports that there is no key"
        } else {
            "reports that the line cannot be read"
        }
        .to_owned();
    }
    let last = answer["imports"].as_array().unwrap().last().unwrap();
    match last["outcome"].as_str().unwrap() {
        "proposed" => {
            assert_eq!(
                last["hint"].as_str().unwrap().chars().rev().take(4).collect::<String>(),
                key.chars().rev().take(4).collect::<String>()
            );
            "KEY".to_owned()
        }
        _ => last["message"].as_str().unwrap().to_owned(),
    }
}
