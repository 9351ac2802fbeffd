//! The README's picture of a coding agent that works through the relay, up to a spend limit.

use super::*;
use crate::broker::limits::billing;

/// Three pictures, with more time between them than between two readings of the balance.
const MAKE_IMAGES: &str = r#"
import json, os, time, urllib.error, urllib.request

for prompt in ["a fox in the snow", "a heron at dawn", "an otter with a hat"]:
    body = json.dumps({"model": "seedream-4", "prompt": prompt}).encode()
    fields = {"Authorization": "Bearer " + os.environ["GETIMG_API_KEY"], "Content-Type": "application/json"}
    asked = urllib.request.Request(os.environ["GETIMG_AI_BASE_URL"] + "/v2/images/generations", body, fields)
    try:
        urllib.request.urlopen(asked).read()
        print(prompt + ": made", flush=True)
    except urllib.error.HTTPError as refused:
        print(prompt + ": " + str(refused.code) + " " + json.load(refused)["error"]["message"])
    time.sleep(2.1)
"#;
const COMMANDS: [(&str, &str); 3] = [
    ("env dev", " 2>&1 | cat"),
    ("exec dev --broker --max-spend 2 -- python3 make_images.py", ""),
    ("log dev", ""),
];

#[test]
fn the_picture_of_an_agent_behind_the_relay_is_what_a_terminal_shows() {
    let api = billing();
    let home = Home::new().knows("dev", Key(format!("sk_{}7c1e", "Made".repeat(9))), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    let home = home.with("GETIMG_KEYS_API_URL", &api.url()).with("CLAUDECODE", "1");
    assert_eq!(home.run(&["verify", "dev"], "").code, 0);
    fs::write(home.work().join("make_images.py"), MAKE_IMAGES).unwrap();
    let seen: Vec<_> = COMMANDS
        .iter()
        .map(|(command, more)| (*command, shown(&home, &format!("{command}{more}"), 96)))
        .collect();
    let all: String = seen.iter().map(|(_, seen)| plain(seen)).collect();
    for part in
        ["a fox in the snow: made", "a heron at dawn: made", "an otter with a hat: 402 ", "broker_end"]
    {
        assert!(all.contains(part), "{part}: {all}");
    }
    assert!(!all.contains(&home.key("dev").0));
    picture(&home, "agent", seen.into_iter());
}
