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
