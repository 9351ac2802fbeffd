//! A removal of a recipient that is killed halfway.

use super::*;

#[test]
fn a_removal_that_was_killed_loses_no_key_and_is_done_by_doing_it_again() {
    if !have("strace") {
        return skipped("strace: apt-get install strace");
    }
    let dev = Key::v2();
    let (ben, carla) = (Person::new("ben"), Person::new("carla"));
    let ana = shared(&dev);
    ana.does(&format!("store recipients add {} --name ben", ben.age_key()));
    ana.does(&format!("store recipients add {} --name carla", carla.age_key()));
    let trusted = ana.home.path().join("keys.recipient");
    ana.commit();
    let known = fs::read(&trusted).unwrap();
    let own = |person: &Person| fs::read_to_string(person.key_file()).unwrap().parse().unwrap();
    let (of_ben, of_carla) = (own(&ben), own(&carla));
    let mut kills = 0;
    for nth in 1.. {
        ana.git("checkout -q .");
        fs::write(&trusted, &known).unwrap();
        let mut strace = ana.home.program("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=/^rename", "-e"]);
        strace.arg(format!("inject=/^rename:signal=KILL:when={nth}"));
        strace.arg(env!("CARGO_BIN_EXE_getimg-keys")).args(["store", "recipients", "remove", "ben"]);
        if finish(&mut strace, "").code == 0 {
            break;
        }
        kills += 1;
        assert_eq!(ana.uses("dev"), dev.0, "after {nth} renames");
        let again = ana.run("store recipients remove ben");
        let done = again.code == 2 && again.stderr.contains("not shared with `ben`");
        assert!(again.code == 0 || done, "after {nth} renames: {again:?}");
        let shared = ana.folder().join("identity.recipients");
        assert_eq!(opened_by(&of_ben, &shared), None, "after {nth} renames");
        let identity = decrypted(&carla.key_file(), &shared);
        let opened = opened_by(&identity, &ana.folder().join("dev.age"));
        assert_eq!(opened.as_deref(), Some(dev.0.as_bytes()), "after {nth} renames, and again");
        assert!(opened_by(&of_carla, &shared).is_some_and(|text| !contains(&text, b"ben")));
    }
    assert!(kills > 6, "{kills} kills");
}
