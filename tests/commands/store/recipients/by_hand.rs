//! What somebody who cannot open a shared folder may put into it.

use super::*;

#[test]
fn what_somebody_without_a_key_puts_into_the_folder_is_noticed_and_gets_no_key() {
    let (dev, other) = (Key::v2(), Key::v2());
    let (carla, eve) = (Person::new("carla"), age::x25519::Identity::generate());
    let ana = shared(&dev);
    let carla_public = carla.age_key();
    ana.does(&format!("store recipients add {carla_public} --name carla"));
    ana.commit();
    carla.pulls(&ana);
    carla.does("store join file");
    let folder = ana.folder();
    let again = || ana.git("checkout -q .");

    // Another public key: nothing is encrypted to it, and nothing is read.
    fs::write(folder.join("recipient"), format!("{}\n", eve.to_public())).unwrap();
    let added = ana.home.run(&["add", "ci", "--no-verify"], &other.0);
    assert!(added.code == 6 && added.stderr.contains("than this machine accepted"), "{added:?}");
    assert!(!folder.join("ci.age").exists());
    ana.refused("env dev", 6, "than this machine accepted");
    again();

    // The same, and their identity beside it, encrypted to a member's public key.
    let theirs = carla.folder();
    let secret = eve.to_string();
    let text =
        format!("# # carla\n# {carla_public}\n{}\n", age::secrecy::ExposeSecret::expose_secret(&secret));
    let to: age::x25519::Recipient = carla_public.parse().unwrap();
    fs::write(theirs.join("identity.recipients"), age::encrypt(&to, text.as_bytes()).unwrap()).unwrap();
    fs::write(theirs.join("recipient"), format!("{}\n", eve.to_public())).unwrap();
    let added = carla.home.run(&["add", "ci", "--no-verify"], &other.0);
    assert!(added.code == 6 && added.stderr.contains("than this machine accepted"), "{added:?}");
    carla.git("checkout -q .");

    // The list in clear text: what is added to it has no effect.
    let list = fs::read_to_string(theirs.join("recipients")).unwrap();
    fs::write(theirs.join("recipients"), format!("{list}# eve\n{}\n", eve.to_public())).unwrap();
    let listed = carla.run("store recipients list");
    assert_eq!(listed.code, 6);
    assert!(
        listed.stdout.contains("changed by something else")
            && !listed.stdout.contains(&eve.to_public().to_string()),
        "{listed:?}"
    );
    carla.refused("store join file", 7, "recipients was changed by hand");
    let said =
        carla.does(&format!("store recipients add {} --name dan", Person::new("dan").age_key())).stderr;
    assert!(said.contains("counts for nothing and was written anew"), "{said}");
    assert_eq!(opened_by(&eve, &theirs.join("identity.recipients")), None);
    assert!(!fs::read_to_string(theirs.join("recipients")).unwrap().contains(&eve.to_public().to_string()));
    carla.git("checkout -q .");

    // Another key in a profile's place, encrypted like ours.
    let ours: age::x25519::Recipient =
        fs::read_to_string(theirs.join("recipient")).unwrap().trim().parse().unwrap();
    fs::write(theirs.join("dev.age"), age::encrypt(&ours, other.0.as_bytes()).unwrap()).unwrap();
    carla.refused("env dev", 6, "verify dev");
    carla.git("checkout -q .");

    // Every byte of the shared identity.
    let whole = fs::read(theirs.join("identity.recipients")).unwrap();
    for at in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        fs::write(theirs.join("identity.recipients"), &bytes).unwrap();
        let ran = carla.run("env dev --shell sh");
        assert!([1, 7].contains(&ran.code) && ran.stdout.is_empty() || bytes == whole, "{at}: {ran:?}");
    }
    carla.git("checkout -q .");
    assert_eq!(carla.uses("dev"), dev.0);
}
