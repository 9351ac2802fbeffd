//! `log`: what was changed and handed out.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Home;

#[test]
fn changes_and_hand_outs_are_told_by_profile_and_time() {
    let home = Home::with_dev_and_prod();
    home.run(&["exec", "dev", "--", "true"], "");
    assert_snapshot!(home.play("
        log
        log prod
        log --since 2d dev
        log nobody
        log dve
        log --since yesterday
    "), @"
    $ log
    when      event  profile  program  directory
    just now  add    dev               /tmp/test/work
    just now  add    prod              /tmp/test/work
    just now  exec   dev      true     /tmp/test/work
    $ log prod
    when      event  profile  directory
    just now  add    prod     /tmp/test/work
    $ log --since 2d dev
    when      event  profile  program  directory
    just now  add    dev               /tmp/test/work
    just now  exec   dev      true     /tmp/test/work
    $ log nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ log dve
    ! error: there is no profile `dve`
    !
    ! hint: getimg-keys list  # did you mean `dev`?
    → 3
    $ log --since yesterday
    ! error: --since <T>: a time is 7d, 12h, 30m, YYYY-MM-DD or RFC 3339
    !
    ! hint: getimg-keys help log
    → 2
    ");
    let events: Value = serde_json::from_str(&home.run(&["log", "dev", "--json"], "").stdout).unwrap();
    let events = events["events"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["event"], "exec");
    assert_eq!(events.last().unwrap()["program"], "true");
}

#[test]
fn a_line_that_cannot_be_understood_is_told_and_hides_no_other() {
    let home = Home::with_dev_and_prod();
    let log = home.path().join("log.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, format!("{{\"at\":\n{text}")).unwrap();
    let output = home.run(&["log"], "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.contains("prod"), "{}", output.stdout);
    assert!(output.stderr.contains("1 line of") && output.stderr.contains("left out"), "{}", output.stderr);
}
