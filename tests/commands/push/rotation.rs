//! What a rotation does about the targets that have the key.

use insta::assert_snapshot;
use serde_json::Value;

use super::stage::Stage;
use crate::support::Behaviour;

fn pushed() -> Stage {
    let stage = Stage::new().with_target("ci", "cat >$1", Some("cat $1")).with_target(
        "site",
        "cat >$1",
        Some("cat $1"),
    );
    assert_eq!(stage.home.run(&["push", "dev", "--to", "ci", "site"], "").code, 0);
    stage
}

#[test]
fn a_rotation_names_the_places_again_brings_them_the_new_key_and_the_end_waits_for_that() {
    let stage = pushed();
    assert_snapshot!(stage.home.play("
        rotate dev <new
        push list
        rotate dev --finish
        check
        push --again dev
        push list
    "), @"
    $ rotate dev <new
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! rotated dev: the new key is in use
    ! the old key (sk_…last) is kept until the API refuses it
    ! the log shows no use of it
    ! it was pushed to:
    !   [ ] ci
    !   [ ] site
    ! update these with: getimg-keys push --again dev
    ! when those have the new key: revoke the old one at https://getimg.ai/app/developer/api-keys
    ! then: getimg-keys rotate dev --finish  (or --undo, to swap back)
    $ push list
    profile  target  has             proof      pushed
    dev      ci      ! previous key  confirmed  just now
    dev      site    ! previous key  confirmed  just now
    $ rotate dev --finish
    ! error: an older key of `dev` is still in use at ci, site
    !
    ! hint: getimg-keys push --again dev
    ! hint: getimg-keys rotate dev --finish --force  # if they no longer matter
    → 6
    $ check
    ✓ separate-keys     2 profiles, each with a key of its own
    ✓ none-compromised  no key is declared compromised
    ✓ none-rejected     no key was rejected when it was last verified
    ✓ ages              no key is overdue
    ! verified          the key of `prod` was never verified
                        → getimg-keys verify prod
    ! targets           ci, site still have an older key of `dev`
                        → getimg-keys push --again dev
    ! rotations         the rotation of `dev` is open since <day>: its old key may still work
                        → getimg-keys rotate dev --finish
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ✓ dotenv            there are no .env files here
    - repository        no .getimg-keys.toml from here upwards
    $ push --again dev
    ! pushed dev to ci (confirmed: it was read back)
    ! pushed dev to site (confirmed: it was read back)
    $ push list
    profile  target  has          proof      pushed
    dev      ci      current key  confirmed  just now
    dev      site    current key  confirmed  just now
    ");
    assert_eq!([stage.held("ci"), stage.held("site")], [(); 2].map(|()| stage.home.key("new").0.clone()));
    stage.home.api.takes(stage.home.key("dev"), Behaviour::Revoked);
    assert_snapshot!(stage.home.play("
        rotate dev --finish
        status
        check
    "), @"
    $ rotate dev --finish
    ! finished the rotation of dev: the API refuses the old key (sk_…last), and it was deleted
    $ status
    profile   dev, the active profile
    key       sk_…last, 0 d old, rotate in 90 d
    verified  ✓ valid just now
    pushed    ci, site
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    $ check
    ✓ separate-keys     2 profiles, each with a key of its own
    ✓ none-compromised  no key is declared compromised
    ✓ none-rejected     no key was rejected when it was last verified
    ✓ ages              no key is overdue
    ! verified          the key of `prod` was never verified
                        → getimg-keys verify prod
    ✓ targets           every push target has the current key
    ✓ rotations         every rotation is finished
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ✓ dotenv            there are no .env files here
    - repository        no .getimg-keys.toml from here upwards
    ");
}

#[test]
fn a_rotation_may_be_finished_by_force_and_the_places_then_hold_a_retired_key() {
    let stage = pushed();
    stage.home.run(&["rotate", "dev"], &stage.home.key("new").0);
    stage.home.api.takes(stage.home.key("dev"), Behaviour::Revoked);
    assert_snapshot!(stage.home.play("
        rotate dev --force
        rotate dev --finish --force
        status
        status --json
        push list
    "), @r#"
    $ rotate dev --force
    ! error: missing: --finish
    !
    ! hint: getimg-keys help rotate
    → 2
    $ rotate dev --finish --force
    ! finished the rotation of dev: the API refuses the old key (sk_…last), and it was deleted
    $ status
    profile   dev, the active profile
    key       sk_…last, 0 d old, rotate in 90 d
    verified  ✓ valid just now
    pushed    ci, site
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    ! ci, site still have an older key of `dev`
      → getimg-keys push --again dev
    $ status --json
    {"agent":null,"api":null,"breaches":[{"hint":"getimg-keys push --again dev","message":"ci, site still have an older key of `dev`","profile":"dev","rule":"pushed_behind"}],"copied_at":null,"notices":[],"pushed":[{"at":"<time>","how":"confirmed","state":"retired","target":"ci"},{"at":"<time>","how":"confirmed","state":"retired","target":"site"}],"redirects":[],"schema_version":1,"selected":{"because":"active","name":"dev","path":null},"shell":{"holds":"nothing","profile":null,"variable":"GETIMG_API_KEY"}}
    $ push list
    profile  target  has            proof      pushed
    dev      ci      ! retired key  confirmed  just now
    dev      site    ! retired key  confirmed  just now
    "#);
    let list: Value = serde_json::from_str(&stage.home.run(&["list", "--json"], "").stdout).unwrap();
    assert_eq!(list["profiles"][0]["pushed"][0]["state"], "retired", "{list}");
}

#[test]
fn again_does_what_it_can_and_what_cannot_be_named_any_more_can_be_forgotten() {
    let stage = pushed();
    stage.home.run(&["rotate", "dev"], &stage.home.key("new").0);
    let config = std::fs::read_to_string(stage.home.path().join("config.toml")).unwrap();
    let config = config.replace("[push.targets.ci]", "[push.targets.other]");
    std::fs::write(stage.home.path().join("config.toml"), config).unwrap();
    assert_snapshot!(stage.home.play("
        push --again
        push list
        push forget ci
        push --again
    "), @"
    $ push --again
    ! using dev, the active profile
    ! pushed dev to site (confirmed: it was read back)
    ! error: there is no target `ci`
    !
    ! hint: getimg-keys push forget ci  # if it is gone
    → 1
    $ push list
    profile  target  has             proof      pushed
    dev      ci      ! previous key  confirmed  just now
    dev      site    current key     confirmed  just now
    $ push forget ci
    ! no longer tracking ci; the key there was not deleted
    $ push --again
    ! using dev, the active profile
    ! every target of dev has the current key
    ");
}

#[test]
fn an_undone_rotation_leaves_the_places_that_were_brought_on_behind() {
    let stage = pushed();
    stage.home.run(&["rotate", "dev"], &stage.home.key("new").0);
    stage.home.run(&["push", "dev", "--to", "ci"], "");
    assert_snapshot!(stage.home.play("
        rotate dev --undo
        push list
        push --again dev
        push list
    "), @"
    $ rotate dev --undo
    ! switched dev back to its previous key
    ! it was pushed to:
    !   [ ] ci
    ! update these with: getimg-keys push --again dev
    ! the other key (sk_…last) is kept; to end the rotation, revoke it at https://getimg.ai/app/developer/api-keys
    ! then: getimg-keys rotate dev --finish
    $ push list
    profile  target  has             proof      pushed
    dev      ci      ! previous key  confirmed  just now
    dev      site    current key     confirmed  just now
    $ push --again dev
    ! pushed dev to ci (confirmed: it was read back)
    $ push list
    profile  target  has          proof      pushed
    dev      ci      current key  confirmed  just now
    dev      site    current key  confirmed  just now
    ");
}

#[test]
fn a_profile_takes_its_places_along_and_leaves_a_word_where_it_goes() {
    let stage = pushed();
    assert_snapshot!(stage.home.play("
        rename dev laptop
        push list
        compromised laptop
        remove laptop
        push list
    "), @"
    $ rename dev laptop
    ! renamed dev to laptop
    $ push list
    profile  target  has          proof      pushed
    laptop   ci      current key  confirmed  just now
    laptop   site    current key  confirmed  just now
    $ compromised laptop
    ! the key of laptop is blocked: env and exec refuse it from now on
    ! what to do, in this order:
    !   1. revoke it at https://getimg.ai/app/developer/api-keys
    !   2. create a new key there, then: getimg-keys rotate laptop
    !   3. give the new key to everything that has the old one:
    ! the log shows no use of it
    ! it was pushed to:
    !   [ ] ci
    !   [ ] site
    ! update these with: getimg-keys push --again laptop
    !   4. confirm that the old key was revoked: getimg-keys rotate laptop --finish
    $ remove laptop
    ! removed laptop (sk_…last)
    ! no profile is active now: getimg-keys use prod
    ! the key is still stored at ci
    ! the key is still stored at site
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    $ push list
    no key was pushed yet; to push one:

      getimg-keys push NAME --to TARGET
    ");
}

#[test]
fn a_backup_does_not_say_where_the_next_key_goes() {
    let stage = pushed();
    let backup = stage.home.work().join("all.age");
    let identity = stage.home.work().join("identity");
    let made = stage.home.shell("sh", "age-keygen -o identity 2>&1 | sed 's/.*: //'");
    let recipient = made.stdout.trim();
    let run = stage.home.run(&["backup", "all.age", "--recipient", recipient], "");
    assert!(backup.exists() && identity.exists(), "{}", run.stderr);
    stage.home.run(&["remove", "dev"], "");
    assert_snapshot!(stage.home.play("
        restore all.age --identity identity
        push list
    "), @"
    $ restore all.age --identity identity
    ! `dev` was pushed to ci, site: push it there again
    ! this key was removed with `dev` on <day>; adding it again
    ! restored dev to the keychain
    ! already here with the same key: prod
    $ push list
    no key was pushed yet; to push one:

      getimg-keys push NAME --to TARGET
    ");
}
