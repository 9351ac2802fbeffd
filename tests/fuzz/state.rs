//! Functions for what comes from several files, from a shell, or from a backup.

use std::fs;

use getimg_keys::backend::backup as backups;
use getimg_keys::model::following::{Following, Prompt, Step};
use getimg_keys::model::pin::compose;
use getimg_keys::model::policy::Action;
use getimg_keys::model::{Fingerprint, KnownKeys, Pin, Pins, Policy, ProfileName, Profiles};
use getimg_keys::system::files::pin;

use super::in_a_folder;

/// Pins of nested folders, separated by NULs, the topmost first: a further one never loosens those above it, and
/// another user's counts only once it is accepted.
pub fn pins(bytes: &[u8]) {
    in_a_folder(|folder| {
        let mut below = folder.to_path_buf();
        let parts: Vec<_> = bytes.split(|b| *b == 0).take(5).collect();
        for part in &parts {
            below.push("below");
            fs::create_dir(&below).unwrap();
            fs::write(below.join(pin::NAME), part).unwrap();
        }
        let Ok(mut found) = pin::upwards(&below) else { return };
        found.truncate(parts.len());
        for (pin, part) in found.iter_mut().zip(parts.iter().rev()) {
            pin.foreign = part.len() % 3 == 0;
        }
        let named = found.iter().flat_map(|pin| pin.profile.iter().chain(pin.allow.iter().flatten()));
        let names: Vec<ProfileName> = named.cloned().chain(["dev".parse().unwrap()]).collect();
        for from in 0..found.len() {
            holds_together(&found[from..], &names);
        }
    });
}

fn holds_together(found: &[Pin], names: &[ProfileName]) {
    let (all, above) = (compose(found, &[]), compose(&found[1..], &[]));
    assert!(all.counting.iter().all(|pin| !pin.foreign));
    assert_eq!(all.counting.len(), found.iter().filter(|pin| !pin.foreign).count());
    let naming = found.iter().find(|pin| pin.profile.is_some());
    assert_eq!(all.selecting().is_some(), naming.is_some_and(|pin| !pin.foreign));
    assert_eq!(all.stranger().is_some(), naming.is_some_and(|pin| pin.foreign));
    for name in names {
        let permitted = all.counting.iter().all(|pin| pin.permits(name));
        assert_eq!(all.refusing(name).is_none(), permitted);
        assert!(above.refusing(name).is_none() || all.refusing(name).is_some(), "{name} was let in below");
        let rules = |pins: &Pins<'_>| Policy { repository: pins.policies(), ..Policy::default() }.rules(name);
        let (here, there) = (rules(&all), rules(&above));
        assert!(here.max_age_days <= there.max_age_days && here.warn_from <= there.warn_from);
        assert!(here.verify_within_days <= there.verify_within_days);
        let blocks = |action: Action| action == Action::Block;
        assert!(blocks(here.overdue) || !blocks(there.overdue));
        assert!(blocks(here.redirects) || !blocks(there.redirects));
    }
}

/// What a shell returns is limited in size, and sets only the variables that are asked about.
pub fn hook_state(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(mut following) = Following::read(text) else { return };
    let names = ["GETIMG_API_KEY".to_owned()];
    let again = following.write(&names, text.ends_with('+'));
    assert_eq!(Following::read(&again), Some(following.clone()));
    // At most 256 names and values, with each byte escaped.
    assert!(again.len() <= 1024 + 256 * 2 * 4096 * 6, "{}", again.len());
    assert!(following.marker().is_none_or(|marker| marker.len() <= 4 + 12 * 4));
    let held = following.pinned.clone().and_then(|pinned| pinned.parse::<Fingerprint>().ok());
    for (known, held) in [(true, held), (false, held), (true, None)] {
        let prompt = Prompt { known, selection: None, active: None, held, is_compromised: known };
        assert!(!matches!(following.step(&prompt), Step::Load(..)), "nothing is selected");
    }
    let given = following.give_back(&names, |_| held);
    assert!(given.keys().all(|name| names.contains(name)));
    assert!(given.values().flatten().all(|value| value.len() <= 4096));
}

/// Anything that is not a backup is refused without being repeated, as a file and as the content of one.
pub fn backup(bytes: &[u8]) {
    if let Err(refused) = backups::is_under_passphrase(bytes) {
        assert!(refused.to_string().len() < 200);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match backups::read::<Profiles>(text) {
        Err(refused) => {
            let said = refused.to_string();
            let quoted = text.split_ascii_whitespace().find(|word| word.len() >= 16 && said.contains(word));
            assert_eq!(quoted, None, "{said}");
        }
        Ok(read) => {
            let known = KnownKeys::of(&read.profiles);
            for profile in &read.profiles.all {
                assert!(known.get(&profile.name).is_some());
                assert!(known.known(&profile.key.fingerprint).is_some());
            }
            assert!(read.keys.iter().all(|(slot, _)| !slot.to_string().is_empty()));
        }
    }
}
