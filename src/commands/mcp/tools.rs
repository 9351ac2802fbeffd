//! The tools: each is a command that only reads, with the few arguments that an agent may give.

use crate::hint::Hint;
use serde_json::{Map, Value, json};

use crate::model::ProfileName;

/// A command line to run.
#[derive(Debug)]
pub struct Call {
    /// The command and its arguments.
    pub words: Vec<String>,
    /// A path to read, which must be below the working directory.
    pub path: Option<String>,
}

/// The answer of a command.
pub struct Called {
    /// Its JSON, or that of its error.
    pub json: Value,
    /// Whether it is an error.
    pub failed: bool,
}

/// Each tool with its description.
const TOOLS: [(&str, &str); 6] = [
    ("list", "Every profile that may be shown: ages, when to rotate, verification. Reads no key."),
    ("status", "Which profile is selected here and why, and whose key the environment holds. Reads no key."),
    ("verify", "Asks the API whether it accepts the keys of the named profiles (default: the selected one)."),
    ("check", "Whether the keys are kept as they should be: apart, young, verified, ignored by git."),
    ("scan", "Finds leaked keys below the working directory; findings are masked."),
    ("rotation_plan", "Which profiles are due for a new key, and the commands for a person to run."),
];

/// The answer to `tools/list`.
pub(super) fn list() -> Value {
    let one = |(name, description): (&str, &str)| {
        let asks_the_api = name == "verify";
        json!({
            "name": name,
            "description": description,
            "inputSchema": {
                "type": "object", "properties": properties(name), "additionalProperties": false,
            },
            "annotations": {
                "readOnlyHint": !asks_the_api, "destructiveHint": false, "openWorldHint": asks_the_api,
            },
        })
    };
    TOOLS.map(one).into()
}

fn properties(name: &str) -> Value {
    match name {
        "verify" => json!({ "profiles": {
            "type": "array", "items": { "type": "string" }, "description": "names of profiles",
        } }),
        "scan" => json!({
            "path": { "type": "string", "description": "a file or folder below the working directory" },
        }),
        _ => json!({}),
    }
}

/// The answer to `tools/call`.
///
/// # Errors
/// No such tool, or arguments that it does not accept, in words.
pub(super) fn call(parameters: &Value, run: &dyn Fn(Call) -> Called) -> Result<Value, String> {
    let name = parameters.get("name").and_then(Value::as_str).ok_or("`name` names a tool")?;
    let name = TOOLS.iter().map(|(known, _)| *known).find(|known| *known == name).ok_or("unknown tool")?;
    let nothing = Map::new();
    let arguments = match parameters.get("arguments") {
        None | Some(Value::Null) => &nothing,
        Some(arguments) => arguments.as_object().ok_or("`arguments` is an object")?,
    };
    let known = properties(name);
    if arguments.keys().any(|key| known.get(key).is_none()) {
        return Err(format!("`{name}` does not take such an argument"));
    }
    let Called { json, failed } = run(command(name, arguments)?);
    let json = if name == "rotation_plan" && !failed { plan(&json) } else { json };
    Ok(json!({
        "content": [{ "type": "text", "text": json.to_string() }],
        "structuredContent": json,
        "isError": failed,
    }))
}

fn command(name: &str, arguments: &Map<String, Value>) -> Result<Call, String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut call = Call { words: words(&[name]), path: None };
    match name {
        "rotation_plan" => call.words = words(&["list"]),
        "verify" => {
            let names =
                arguments.get("profiles").map_or(Some(&[][..]), |list| list.as_array().map(Vec::as_slice));
            for name in names.ok_or("`profiles` is a list of names")? {
                let name = name.as_str().and_then(|name| name.parse::<ProfileName>().ok());
                call.words.push(name.ok_or("`profiles` is a list of names")?.to_string());
            }
        }
        "scan" => {
            let path = arguments.get("path").map(|path| path.as_str().ok_or("`path` is a text"));
            call.path = Some(path.transpose()?.unwrap_or(".").to_owned());
        }
        _ => {}
    }
    Ok(call)
}

/// The steps of a rotation, from the answer of `list`; a person has to take them, because they need a new key.
fn plan(list: &Value) -> Value {
    let one = |profile: &Value| {
        let name = profile["name"].as_str().unwrap_or_default();
        let is_open = !profile["previous"].is_null();
        let due = profile["rotate_in_days"].as_i64();
        let is_compromised = !profile["compromised_at"].is_null();
        let steps = match is_open {
            true => vec![
                Hint::run("rotate").arg(name).flag("--finish"),
                Hint::run("rotate").arg(name).flag("--undo"),
            ],
            false => vec![Hint::run("rotate").arg(name).flag("--open")],
        };
        json!({
            "name": name, "age_days": profile["age_days"], "rotate_in_days": due,
            "due": is_compromised || due.is_some_and(|days| days <= 0), "open": is_open,
            "compromised_at": profile["compromised_at"], "steps": steps,
        })
    };
    let profiles: Vec<_> = list["profiles"].as_array().into_iter().flatten().map(one).collect();
    json!({ "schema_version": list["schema_version"], "notices": list["notices"], "profiles": profiles })
}
