use super::*;
use crate::model::Profiles;
use crate::model::test_support::{name, profiles};

/// At each prompt: what is selected and why, the active profile; then what was decided.
struct Shell {
    profiles: Profiles,
    following: Following,
    known: bool,
    held: Option<Fingerprint>,
    kept: Option<Fingerprint>,
}

impl Shell {
    fn prompt(&mut self, selected: Option<(&str, SelectionSource)>, active: &str) -> String {
        let active = name(active);
        let selection = selected.map(|(profile, because)| Selection {
            profile: self.profiles.get(&name(profile)).unwrap(),
            because,
        });
        let step = self.following.step(&Prompt {
            known: self.known,
            selection: selection.as_ref(),
            active: Some(&active),
            held: self.held,
            is_compromised: false,
        });
        let said = match step {
            Step::Load(profile, stay) => format!("load {} {stay:?}", profile.name),
            other => format!("{other:?}"),
        };
        match step {
            Step::Load(profile, stay) => {
                if stay == Scope::Pinned && self.following.before.is_none() {
                    self.kept = self.held;
                    self.following.before = Some(Values::new());
                }
                if stay == Scope::Pinned {
                    self.following.pinned = Some(profile.key.fingerprint.to_hex());
                }
                self.following.holder = selection.as_ref().filter(|_| stay == Scope::Pinned).map(holder);
                if stay == Scope::UntilSwitched {
                    self.following.before = None;
                    self.following.loaded = Some(profile.key.fingerprint.to_hex());
                }
                self.held = Some(profile.key.fingerprint);
            }
            Step::Restore => {
                self.held = self.kept;
                (self.following.before, self.following.holder) = (None, None);
            }
            Step::Leave => self.following.left = true,
            Step::Forget => self.following.before = None,
            Step::Unset => self.held = None,
            Step::Keep => {}
        }
        (self.following.active, self.known) = (Some(active), true);
        said
    }
}

#[test]
fn a_day_in_a_shell() {
    let profiles = profiles(&["ci", "dev", "test"]);
    let mut shell = Shell { profiles, following: Following::default(), known: false, held: None, kept: None };
    let pin = |path: &str| SelectionSource::Pin(path.into());
    type Prompted = (Option<(&'static str, SelectionSource)>, &'static str, &'static str);
    let table: &[Prompted] = &[
        (Some(("dev", SelectionSource::Active)), "dev", "Keep"),
        (Some(("ci", pin("/a"))), "dev", "load ci Pinned"),
        (Some(("ci", pin("/a"))), "dev", "Keep"),
        (Some(("test", pin("/a/b"))), "dev", "load test Pinned"),
        (Some(("dev", SelectionSource::Active)), "dev", "Restore"),
        (Some(("ci", SelectionSource::Environment)), "dev", "load ci Pinned"),
        (None, "dev", "Restore"),
        (Some(("ci", SelectionSource::Active)), "ci", "load ci UntilSwitched"),
        (Some(("ci", SelectionSource::Active)), "ci", "Keep"),
        (Some(("ci", pin("/a"))), "ci", "Keep"),
        (Some(("dev", SelectionSource::Active)), "dev", "load dev UntilSwitched"),
        // A protected profile is made the active one.
        (None, "prod", "Unset"),
        (None, "prod", "Keep"),
        (Some(("dev", SelectionSource::Active)), "dev", "load dev UntilSwitched"),
    ];
    for (at, (selected, active, decided)) in table.iter().enumerate() {
        assert_eq!(shell.prompt(selected.clone(), active), *decided, "prompt {at}");
    }
}

#[test]
fn a_rotated_key_is_loaded_again_where_use_loaded_the_old_one() {
    let profiles = profiles(&["dev"]);
    let profile = profiles.get(&name("dev")).unwrap();
    let old = Fingerprint::of(b"the old one");
    let following =
        Following { active: Some(name("dev")), loaded: Some(old.to_hex()), ..Following::default() };
    let selection = Selection { profile, because: SelectionSource::Active };
    let prompt = |held, is_compromised| Prompt {
        known: true,
        selection: Some(&selection),
        active: Some(&profile.name),
        held,
        is_compromised,
    };
    let step = |held| following.step(&prompt(held, false));
    assert_eq!(step(Some(old)), Step::Load(profile, Scope::UntilSwitched));
    assert_eq!(step(Some(Fingerprint::of(b"the person's own"))), Step::Keep);
    assert_eq!(step(None), Step::Keep);

    let blocked = Prompt { selection: None, ..prompt(Some(old), true) };
    assert_eq!(following.step(&blocked), Step::Unset, "a compromised key does not stay");
    let own = Prompt { selection: None, ..prompt(Some(Fingerprint::of(b"the person's own")), true) };
    assert_eq!(following.step(&own), Step::Keep);
}

#[test]
fn an_outer_hook_s_key_is_dropped_where_it_would_have_been_there() {
    let (held, names) = (Fingerprint::of(b"the key"), ["V".to_owned()]);
    let inherited = |marker: &str| {
        let mut following = Following::default();
        following.inherit(marker, held, &names);
        (following.marker(), following)
    };
    let before = Some([("V".to_owned(), None)].into());
    let pinned = Following { pinned: Some(held.to_hex()), before, ..Following::default() };
    let used = Following { loaded: Some(held.to_hex()), ..Following::default() };
    for (kind, following) in [("pin:", &pinned), ("use:", &used)] {
        let marker = format!("{kind}{held}");
        assert_eq!(inherited(&marker), (Some(marker.clone()), following.clone()));
        assert_eq!(
            inherited(&format!("{kind}{}", Fingerprint::of(b"another"))),
            (None, Following::default())
        );
    }
    assert_eq!(Following { left: true, ..pinned.clone() }.marker(), None);
    assert_eq!(Following { before: None, ..pinned }.marker(), None);
}

#[test]
fn a_key_of_one_s_own_stays_while_the_same_pin_holds() {
    let profiles = profiles(&["dev"]);
    let profile = profiles.get(&name("dev")).unwrap();
    let own = Some(Fingerprint::of(b"the person's own"));
    let pinned = Selection { profile, because: SelectionSource::Pin("/a".into()) };
    let prompt = |selection, held| Prompt {
        known: true,
        selection,
        active: Some(&profile.name),
        held,
        is_compromised: false,
    };
    let following = Following {
        active: Some(name("dev")),
        holder: Some(holder(&pinned)),
        before: Some(Values::new()),
        pinned: Some(profile.key.fingerprint.to_hex()),
        ..Following::default()
    };
    assert_eq!(following.step(&prompt(Some(&pinned), own)), Step::Keep);
    // Outside the pin's folder the key is taken out, though the active profile has the same one.
    let active = Selection { profile, because: SelectionSource::Active };
    assert_eq!(following.step(&prompt(Some(&active), Some(profile.key.fingerprint))), Step::Restore);
    let loaded = Following { loaded: own.map(|own| own.to_hex()), ..following };
    assert_eq!(loaded.step(&prompt(Some(&active), own)), Step::Leave);
    // A key that `use` loaded stays where nothing is selected, as long as it may.
    let used = Following { before: None, ..loaded };
    assert_eq!(used.step(&prompt(None, own)), Step::Keep);
}
