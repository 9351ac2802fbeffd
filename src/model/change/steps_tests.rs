use super::*;
use crate::model::change::NewProfile;
use crate::model::retired;
use crate::model::test_support::{day, key, name, previous, profile, profiles, record};

/// Of every change its steps, which key it brings to which profile, and what is emptied to take it back.
const STEPS: &str = "\
add, brings dev new, back dev[new]
  vacant dev[]
  put new in dev[gone dev]
  commit new new
remove
  turn Switch
  forget dev[dev gone]
  commit gone dev
remove in a rotation
  turn Switch
  forget dev[dev before gone]
  forget dev~previous[dev before gone]
  commit gone dev
rename, brings ci dev, back ci[dev]
  vacant ci[]
  copy dev[dev] to ci[]
  commit renamed dev ci
  forget dev[dev gone]
rename in a rotation, brings ci dev, back ci~previous[before], back ci[dev]
  vacant ci[]
  vacant ci~previous[]
  copy dev[dev] to ci[]
  copy dev~previous[before] to ci~previous[]
  commit renamed dev ci
  forget dev[dev before gone]
  forget dev~previous[dev before gone]
rotate, brings dev new, back dev~previous[dev], back dev~next[new]
  vacant dev~next[]
  vacant dev~previous[]
  put new in dev~next[dev gone]
  copy dev[dev] to dev~previous[dev gone]
  turn Switch
  copy dev~next[new dev gone] to dev[dev gone new]
  commit rotated dev new
  forget dev~next[new dev gone]
rotate of an older version, brings dev before, back dev~next[before]
  put before in dev~next[dev before gone]
  turn Keep
  copy dev[dev] to dev~previous[dev before gone]
  turn Switch
  copy dev~next[before dev before gone] to dev[dev before gone before]
  commit rotated dev before
  forget dev~next[before dev before gone]
rotate --undo, brings dev before, back dev~next[dev]
  vacant dev~next[]
  copy dev[dev] to dev~next[dev before gone]
  turn Switch
  copy dev~previous[before] to dev[dev before gone]
  commit rotated dev before
  move dev~next[dev] to dev~previous[dev before gone]
rotate --finish
  commit finished dev
  forget dev~previous[before]
restore, brings dev back, back dev~next[back]
  vacant dev~next[]
  vacant dev~previous[]
  put back in dev~next[dev gone]
  turn Switch
  copy dev~next[back dev gone] to dev[back dev gone]
  commit replaced dev back
  forget dev~next[back dev gone]
  forget dev~previous[back dev gone]
restore with a previous key, brings dev back, back dev~next[back]
  vacant dev~next[]
  vacant dev~previous[]
  put back in dev~next[dev gone]
  turn Switch
  copy dev~next[back before dev gone] to dev[back before dev gone]
  commit replaced dev back
  forget dev~next[back before dev gone]
  forget dev~previous[back before dev gone]
  put before in dev~previous[dev gone]
  commit previous dev before
restore in a rotation, brings dev back, back dev~next[back]
  vacant dev~next[]
  put back in dev~next[dev before gone]
  turn Switch
  copy dev~next[back dev before gone] to dev[back dev before gone]
  commit replaced dev back
  forget dev~next[back dev before gone]
  forget dev~previous[back dev before gone]
restore of the key in use, brings dev dev
  vacant dev~next[]
  forget dev~next[dev dev before gone]
restore of an older version, brings dev back, back dev[back]
  vacant dev~next[]
  vacant dev~previous[]
  put back in dev[gone dev]
  turn Switch
  commit replaced dev back
  forget dev~next[back gone dev]
  forget dev~previous[back gone dev]
restore of new profiles, brings dev back, brings ci ci, brings laptop new, back laptop[new], back ci[ci], back dev~previous[before], back dev[back]
  vacant dev[]
  vacant dev~previous[]
  vacant ci[]
  vacant ci~previous[]
  vacant laptop[]
  vacant laptop~previous[]
  put back in dev[gone dev]
  put before in dev~previous[gone dev]
  put ci in ci[]
  put new in laptop[]
  commit new back before ci new
stage, brings ci ci, brings ci new, back ci[ci new]
  put ci in ci[]
  put new in ci[]
  commit new ci new";

const SEEDS: [&str; 7] = ["dev", "prod", "ci", "new", "before", "gone", "back"];

/// A fingerprint as the text that its key was made from.
fn seed(fingerprint: Fingerprint) -> &'static str {
    SEEDS.into_iter().find(|seed| key(seed).fingerprint() == fingerprint).unwrap()
}

/// A slot, and in brackets the keys that it may hold.
fn slot(slot: &Slot) -> String {
    let ours: Vec<_> = slot.ours.iter().map(|key| seed(*key)).collect();
    format!("{slot}[{}]", ours.join(" "))
}

fn words(step: &Step) -> String {
    match step {
        Step::Vacant(of) => format!("vacant {}", slot(of)),
        Step::Put(to, key) => format!("put {} in {}", seed(*key), slot(to)),
        Step::Copy(from, to) => format!("copy {} to {}", slot(from), slot(to)),
        Step::Move(from, to) => format!("move {} to {}", slot(from), slot(to)),
        Step::Forget(of) => format!("forget {}", slot(of)),
        Step::Turn(reached) => format!("turn {reached:?}"),
        Step::Commit(entry) => format!("commit {}", entry_words(entry)),
    }
}

fn entry_words(entry: &Entry) -> String {
    match entry {
        Entry::New(keys) => {
            format!("new {}", keys.iter().map(|key| seed(*key)).collect::<Vec<_>>().join(" "))
        }
        Entry::Gone(name) => format!("gone {name}"),
        Entry::Renamed(from, to) => format!("renamed {from} {to}"),
        Entry::Rotated(rotation) => format!("rotated {} {}", rotation.name, seed(rotation.new.fingerprint)),
        Entry::Replaced(profile) => {
            let keys: Vec<_> = profile.keys().map(seed).collect();
            format!("replaced {} {}", profile.name, keys.join(" "))
        }
        Entry::Previous(name, previous) => format!("previous {name} {}", seed(previous.key.fingerprint)),
        Entry::Finished(name) => format!("finished {name}"),
    }
}

/// `dev` and `prod`; `dev` had another key long ago.
fn here() -> Profiles {
    let mut all = profiles(&["dev", "prod"]);
    all.retire(record("gone").retire(&name("dev"), retired::Reason::Rotated, day(1)));
    all
}

/// The same while `dev` is in a rotation.
fn in_rotation() -> Profiles {
    let mut all = here();
    all.get_mut(&name("dev")).unwrap().previous = Some(previous("before"));
    all
}

fn rotation(seed: &str) -> Rotation {
    Rotation::new(name("dev"), record(seed))
}

/// Of a backup: `dev` with these keys.
fn restored(key: &str, before: Option<&str>) -> Change {
    let profile = Profile { key: record(key), previous: before.map(previous), ..profile("dev") };
    Change::Restore { profile: Box::new(profile), in_store: false }
}

/// Every change, of what it is made, and its name.
fn changes() -> Vec<(&'static str, Profiles, Change)> {
    let dev = || name("dev");
    let fingerprint = |seed: &str| key(seed).fingerprint();
    let mut without = here();
    without.remove(&dev(), day(2));
    let new = |text: &str, keys: &[&str]| NewProfile {
        name: name(text),
        keys: keys.iter().map(|seed| fingerprint(seed)).collect(),
    };
    let three = vec![new("dev", &["back", "before"]), new("ci", &["ci"]), new("laptop", &["new"])];
    let rename = || Change::Rename { from: dev(), to: name("ci") };
    vec![
        ("add", without.clone(), Change::Add { name: dev(), fingerprint: fingerprint("new") }),
        ("remove", here(), Change::Remove { name: dev() }),
        ("remove in a rotation", in_rotation(), Change::Remove { name: dev() }),
        ("rename", here(), rename()),
        ("rename in a rotation", in_rotation(), rename()),
        ("rotate", here(), Change::Rotate(rotation("new"))),
        ("rotate of an older version", in_rotation(), Change::Rotate(rotation("before"))),
        ("rotate --undo", in_rotation(), Change::Undo(rotation("before"))),
        ("rotate --finish", in_rotation(), Change::Finish { name: dev() }),
        ("restore", here(), restored("back", None)),
        ("restore with a previous key", here(), restored("back", Some("before"))),
        ("restore in a rotation", in_rotation(), restored("back", None)),
        ("restore of the key in use", in_rotation(), restored("dev", None)),
        ("restore of an older version", without.clone(), restored("back", None)),
        ("restore of new profiles", without, Change::RestoreNew { profiles: three }),
        (
            "stage",
            here(),
            Change::Stage { name: name("ci"), keys: vec![fingerprint("ci"), fingerprint("new")] },
        ),
    ]
}

/// The profiles into whose place it brings a key, each with the key.
fn brought(change: &Change, profiles: &Profiles) -> String {
    let names = ["dev", "prod", "ci", "laptop"].into_iter();
    let all = names.flat_map(|of| SEEDS.into_iter().map(move |seed| (of, seed)));
    let brings = |(of, seed): &(&str, &str)| change.brings(profiles, &name(of), key(seed).fingerprint());
    all.filter(brings).map(|(of, seed)| format!(", brings {of} {seed}")).collect()
}

#[test]
fn every_change_has_these_steps() {
    let told = changes().into_iter().map(|(title, profiles, change)| {
        let steps = change.steps(&profiles);
        let back: String =
            taken_back(&steps).iter().map(|filled| format!(", back {}", slot(filled))).collect();
        let title = format!("{title}{}{back}", brought(&change, &profiles));
        steps.iter().fold(title, |told, step| told + "\n  " + &words(step))
    });
    assert_eq!(told.collect::<Vec<_>>().join("\n"), STEPS);
}

/// What is left to do, without the keys that a slot may hold: they change with the profiles.
fn rest(rest: &Rest) -> String {
    let told: Vec<_> = match rest {
        Rest::Back(slots) => slots.iter().map(|slot| format!("back {slot}")).collect(),
        Rest::On(steps) => steps.iter().map(words).collect(),
    };
    let brackets = |part: &str| part.split_once(']').map_or("", |(_, after)| after).to_owned();
    let told = told.join("\n");
    let mut parts = told.split('[');
    parts.next().unwrap_or_default().to_owned() + &parts.map(brackets).collect::<String>()
}

#[test]
fn wherever_a_change_stops_it_is_taken_back_or_goes_on_from_the_last_step_that_lasts() {
    // What the profiles show of these is not where they began.
    let others = ["restore of the key in use", "restore of an older version"];
    for (title, mut profiles, mut change) in
        changes().into_iter().filter(|(title, ..)| !others.contains(title))
    {
        let steps = change.steps(&profiles);
        let filled = taken_back(&steps);
        let new = || {
            vec![
                Profile { previous: Some(previous("before")), ..profile("back") },
                profile("new"),
                profile("ci"),
            ]
        };
        let (mut left, mut is_committed) = (Rest::Back(filled.clone()), false);
        for (done, step) in steps.iter().enumerate() {
            match step {
                Step::Turn(reached) => change.reach(*reached),
                Step::Commit(entry) => entry.make(&mut profiles, new(), day(3)),
                _ => {}
            }
            is_committed |= matches!(step, Step::Commit(_));
            if matches!(step, Step::Turn(_) | Step::Commit(_)) {
                left = Rest::On(steps[done + 1..].to_vec());
            }
            assert_eq!(rest(&change.rest(&profiles)), rest(&left), "{title}: {}", words(step));
            let back = change.back(&profiles).map(|slots| slots.iter().map(ToString::to_string).collect());
            let wanted: Option<Vec<_>> =
                (!is_committed).then(|| filled.iter().map(ToString::to_string).collect());
            assert_eq!(back, wanted, "{title}: {}", words(step));
        }
    }
}
