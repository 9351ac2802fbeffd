//! `push`: puts the key where else it is needed, by programs that read it from their standard input.

mod hostile;
mod machine;
pub(crate) mod platforms;
mod rotation;
mod stage;

use insta::assert_snapshot;

use self::stage::Stage;

#[test]
fn a_key_is_given_to_a_program_read_back_and_remembered() {
    let stage = Stage::new().with_target("site", "cat >$1", Some("cat $1"));
    assert_snapshot!(stage.home.play("
        push dev --to site
        push list
        push --again dev
        push dev --to site --json
        push list --json
        log dev
    "), @r#"
    $ push dev --to site
    ! pushed dev to site (confirmed: it was read back)
    $ push list
    profile  target  has          proof      pushed
    dev      site    current key  confirmed  just now
    $ push --again dev
    ! every target of dev has the current key
    $ push dev --to site --json
    {"changed":true,"notices":["pushed dev to site (confirmed: it was read back)"],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":null,"previous":null,"protected":false,"pushed":[{"at":"<time>","how":"confirmed","state":"current","target":"site"}],"rotate_in_days":90,"rotated_at":null,"verification":null},"pushed":[{"at":"<time>","how":"confirmed","state":"current","target":"site"}],"schema_version":1}
    $ push list --json
    {"notices":[],"schema_version":1,"targets":[{"at":"<time>","how":"confirmed","profile":"dev","state":"current","target":"site"}]}
    $ log dev
    when      event  profile  program     directory
    just now  add    dev                  /tmp/test/work
    just now  push   dev      sh to site  /tmp/test/work
    just now  push   dev      sh to site  /tmp/test/work
    "#);
    assert_eq!(stage.held("site"), stage.home.key("dev").0);
}

#[test]
fn several_places_at_once_are_each_told_and_one_that_fails_keeps_no_other_from_it() {
    let stage = Stage::new()
        .with_target("good", "cat >$1", Some("cat $1"))
        .with_target("mute", "cat >$1", None)
        .with_target("shut", "cat >/dev/null; echo 'log in first' >&2; exit 4", None);
    assert_snapshot!(stage.home.play("
        push dev --to good mute --to good
        push dev --to shut good
        push list
    "), @"
    $ push dev --to good mute --to good
    ! pushed dev to good (confirmed: it was read back)
    ! pushed dev to mute (unconfirmed: the program said so, and nothing can be read back)
    $ push dev --to shut good
    ! pushed dev to good (confirmed: it was read back)
    ! error: the key of `dev` was not pushed to shut: `/bin/sh` ended with code 4: log in first
    !
    ! hint: getimg-keys push dev --to shut --dry-run  # shows what is run
    ! hint: getimg-keys push dev --to shut  # again
    → 1
    $ push list
    profile  target  has          proof        pushed
    dev      good    current key  confirmed    just now
    dev      mute    current key  unconfirmed  just now
    ");
}

#[test]
fn what_a_program_says_without_storing_is_not_believed_and_nothing_is_remembered() {
    let stage = Stage::new()
        .with_target("other", "cat >/dev/null", Some("printf 'another-key-than-yours-1'"))
        .with_target("empty", "cat >/dev/null", Some("true"))
        .with_target("gone", "cat >/dev/null", Some("exit 3"))
        .with_target("loud", "cat >$1", Some("cat $1; yes | head -c 300000"));
    let before = stage.home.profiles_file();
    for (name, code, why) in [
        ("other", 1, "returns another key"),
        ("empty", 1, "returns something that is not a key"),
        ("gone", 5, "cannot be read back; `sh` ended with code 3"),
        ("loud", 5, "said more than can be read"),
    ] {
        let run = stage.home.run(&["push", "dev", "--to", name], "");
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.replace("/bin/", "").contains(why), "{name}: {}", run.stderr);
        assert!(!stage.home.key("dev").is_in(run.stderr.as_bytes()), "{name}");
    }
    assert_eq!(stage.home.profiles_file(), before);
}

#[test]
fn a_key_that_may_not_be_handed_out_is_not_pushed_and_a_protected_profile_asks() {
    let stage = Stage::new().with_target("site", "cat >$1", Some("cat $1"));
    assert_snapshot!(stage.home.play("
        push prod --to site
        push prod --to site --yes
        push dev --to site
        push list
        compromised dev
        push dev --to site
        push nobody --to site
        push dev
        push dev --to sight
        push dev --to podman:a/b
    "), @"
    $ push prod --to site
    ! error: `prod` is protected, and its key would go to site: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys push prod --to site --yes
    → 2
    $ push prod --to site --yes
    ! pushed prod to site (confirmed: it was read back)
    $ push dev --to site
    ! site had the key of prod before
    ! pushed dev to site (confirmed: it was read back)
    $ push list
    profile  target  has          proof      pushed
    dev      site    current key  confirmed  just now
    $ compromised dev
    ! the key of dev is blocked: env and exec refuse it from now on
    ! what to do, in this order:
    !   1. revoke it at https://getimg.ai/app/developer/api-keys
    !   2. create a new key there, then: getimg-keys rotate dev
    !   3. give the new key to everything that has the old one:
    ! the log shows no use of it
    ! it was pushed to:
    !   [ ] site
    ! update these with: getimg-keys push --again dev
    !   4. confirm that the old key was revoked: getimg-keys rotate dev --finish
    $ push dev --to site
    ! error: the key of `dev` was declared compromised on <day>; it is not handed out
    !
    ! hint: getimg-keys rotate dev
    → 6
    $ push nobody --to site
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys add nobody
    → 3
    $ push dev
    ! error: missing: --to <TARGET>...
    !
    ! hint: getimg-keys help push
    → 2
    $ push dev --to sight
    ! error: there is no target `sight`
    !
    ! hint: one of site, cloudflare:WORKER, doppler:PROJECT/CONFIG, github:[OWNER/REPO][@ENVIRONMENT], kubernetes:[CONTEXT/]NAMESPACE/SECRET[#FIELD], podman:SECRET, systemd:FILE
    → 2
    $ push dev --to podman:a/b
    ! error: `podman:a/b`: a secret's name is letters, digits, `-`, `_` and `.`
    !
    ! hint: --to podman:SECRET
    → 2
    ");
}

#[test]
fn a_dry_run_shows_what_would_be_run_and_runs_none_of_it() {
    let stage = Stage::new().with_target("site", "cat >$1", Some("cat $1")).with_program("podman", "true");
    assert_snapshot!(stage.home.play("
        push dev --to site podman:getimg --dry-run
        push dev --to podman:getimg --dry-run --json
        push list
        log dev
    "), @r#"
    $ push dev --to site podman:getimg --dry-run
    site
      /bin/sh -c 'cat >$1' sh /tmp/test/work/held-by-site GETIMG_API_KEY  # reads the key
      /bin/sh -c 'cat $1' sh /tmp/test/work/held-by-site GETIMG_API_KEY
    podman:getimg
      podman secret create getimg -  # reads the key
      podman secret inspect getimg
    $ push dev --to podman:getimg --dry-run --json
    {"dry_run":true,"notices":[],"plan":[{"calls":[{"arguments":["secret","create","getimg","-"],"for":"put","program":"podman","stdin":"key"},{"arguments":["secret","inspect","getimg"],"for":"list","program":"podman","stdin":null}],"target":"podman:getimg"}],"schema_version":1}
    $ push list
    no key was pushed yet; to push one:

      getimg-keys push NAME --to TARGET
    $ log dev
    when      event  profile  directory
    just now  add    dev      /tmp/test/work
    "#);
    assert_eq!(stage.held("site"), "");
}

#[test]
fn a_place_is_forgotten_and_its_key_stays() {
    let stage = Stage::new().with_target("site", "cat >$1", Some("cat $1"));
    stage.home.run(&["push", "dev", "--to", "site"], "");
    assert_snapshot!(stage.home.play("
        push forget sit
        push forget site
        push forget site
        push list
        push list --json
    "), @r#"
    $ push forget sit
    ! error: nothing was pushed to `sit`
    !
    ! hint: getimg-keys push forget site
    → 3
    $ push forget site
    ! no longer tracking site; the key there was not deleted
    $ push forget site
    ! error: nothing was pushed to `site`
    !
    ! hint: getimg-keys push list
    → 3
    $ push list
    no key was pushed yet; to push one:

      getimg-keys push NAME --to TARGET
    $ push list --json
    {"notices":[],"schema_version":1,"targets":[]}
    "#);
    assert_eq!(stage.held("site"), stage.home.key("dev").0);
}

#[test]
fn a_program_is_looked_for_in_whole_paths_alone_and_a_missing_one_is_named() {
    let stage = Stage::new().with_program("wrangler", "cat >stolen");
    std::fs::write(stage.home.path().join("config.toml"), "[push.targets.here]\nput = ['./wrangler']\n")
        .unwrap();
    let run = |path: &str| {
        let mut command = stage.home.command(&["push", "dev", "--to", "cloudflare:site"]);
        command.env("PATH", path).current_dir(stage.home.work().join("bin"));
        crate::support::home::finish(&mut command, "")
    };
    for path in ["", ".:/no-such-folder", "bin:/no-such-folder"] {
        let seen = run(path);
        assert_eq!(seen.code, 1, "{}", seen.stderr);
        assert!(seen.stderr.contains("error: there is no program `wrangler` here\n"), "{}", seen.stderr);
    }
    assert!(!stage.home.work().join("bin/stolen").exists());
    assert_snapshot!(stage.home.play("
        push dev --to here
        log dev
    "), @"
    $ push dev --to here
    ! error: `[push.targets.here] put`: `./wrangler` depends on the working directory; a program is its name, or a whole path
    !
    ! hint: $EDITOR /tmp/test/home/config.toml
    → 1
    $ log dev
    when      event  profile  directory
    just now  add    dev      /tmp/test/work
    ");
}
