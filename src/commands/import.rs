//! `import [FILE]`: adds the keys of a dotenv file, each as a profile.

mod afterwards;
mod clean;
mod item;
mod propose;
mod report;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use self::clean::Cleaned;
use self::item::{Item, Outcome, Skip};
use self::propose::Named;
use self::report::Imported;
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::choose_store::{NewKeyStore, for_new_key};
use crate::flows::{add_profile, audit, new_key};
use crate::hint::Hint;
use crate::model::{ApiKey, Fingerprint, Probe, ProfileName, Profiles, StoreKind};
use crate::system::World;
use crate::system::files::{dotenv, dotenv_clean};

/// Import keys from a .env file, one profile each
///
/// Finds GETIMG_API_KEY, GETIMG_API_KEY_PROD, STAGING_GETIMG_API_KEY and the like, and proposes a profile for each:
/// named after the variable, else after the file (.env.production is prod), else dev. Each key is checked, verified
/// and stored as `add` does. Afterwards it says which lines to delete and what git should ignore; with --clean it
/// deletes those lines itself and leaves every other byte of the file as it was.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys import --dry-run
  getimg-keys import .env.production --clean
  getimg-keys import --as GETIMG_API_KEY=dev")]
pub struct Args {
    /// The dotenv file
    #[arg(default_value = ".env")]
    file: PathBuf,
    /// Show what would be done, asking the API, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete the imported lines from the file
    #[arg(long)]
    clean: bool,
    /// Name the profile; with several keys, say which
    #[arg(long = "as", value_name = "[VARIABLE=]NAME", value_parser = propose::named)]
    names: Vec<Named>,
    /// Store the keys without asking the API
    #[arg(long)]
    no_verify: bool,
}

/// Runs the command.
///
/// # Errors
/// The file does not exist or is not text (2), cannot be cleaned (1), has no such variable (3); the user answers
/// no (9); there is no store (7).
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<Imported> {
    let text = dotenv::read(&args.file)?;
    let profiles = backend.profiles_now()?;
    let mut items = propose::items(&args.file, &text, &args.names, world)?;
    propose::judge_all(&profiles, &mut items, &args.file, &HashMap::new());
    propose::warn(&items, world);
    if args.clean {
        dotenv_clean::check(&args.file)?;
    }
    if args.dry_run {
        rehearse(args, world, backend, &profiles, &mut items)?;
        return Ok(Imported::new(args, items, Cleaned::default()));
    }
    let mut adding =
        if is_wanted(&items) { Some(Adding::of(&items, world, backend, args, profiles)?) } else { None };
    for item in &mut items {
        if let Some(adding) = &mut adding {
            adding.add(item);
        }
        item.say(world, &args.file);
    }
    let cleaned =
        if args.clean { clean::clean(world, backend, &args.file, &text, &items) } else { Cleaned::default() };
    if let Some(adding) = &adding {
        adding.about_protected(&items).iter().for_each(|line| world.terminal.say(line));
    }
    afterwards::advise(world, &args.file, &items, &cleaned);
    Ok(Imported::new(args, items, cleaned))
}

/// Checks what the import will check, up to where it would ask the user or open the store.
fn rehearse(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    profiles: &Profiles,
    items: &mut [Item],
) -> Result<()> {
    if !is_wanted(items) {
        return Ok(());
    }
    world.policy()?;
    // The first key may have to ask which store to use.
    if (profiles.store.is_some() || !world.terminal.interactive)
        && let Err(error) = for_new_key(world, backend, profiles, &command(args))
    {
        item::complain(world, "nothing would be added:", &error);
        for item in items.iter_mut().filter(|item| item.is_proposed()) {
            item.outcome = Outcome::Refused(Error::new(error.kind, &error.message));
        }
    } else if !args.no_verify {
        let probes = probe(world, profiles, items)?;
        let unchecked: BTreeSet<_> = probes.values().filter_map(new_key::unchecked).collect();
        unchecked.iter().for_each(|warning| world.terminal.say(warning));
        propose::judge_all(profiles, items, &args.file, &probes);
    }
    Ok(())
}

fn is_wanted(items: &[Item]) -> bool {
    items.iter().any(Item::is_proposed)
}

/// The same command line.
fn command(args: &Args) -> Hint {
    let flags = [(args.dry_run, "--dry-run"), (args.clean, "--clean"), (args.no_verify, "--no-verify")];
    let names = args.names.iter();
    let named = names.fold(Hint::run("import").path(&args.file), |hint, name| hint.flag("--as").arg(name));
    flags.into_iter().filter(|(is_set, _)| *is_set).fold(named, |hint, (_, flag)| hint.flag(flag))
}

/// On a terminal the proposals are shown and confirmed; elsewhere the command itself is the confirmation.
fn agree(world: &World, args: &Args, items: &[Item], place: StoreKind) -> Result<()> {
    if !world.terminal.interactive || world.terminal.yes {
        return Ok(());
    }
    report::table(&report::render(world), items).lines().for_each(|line| world.terminal.say(line));
    let also = if args.clean {
        format!(", and delete their lines from {}", args.file.display())
    } else {
        String::new()
    };
    world.terminal.agree(&format!("Add these keys to {}{also}?", place.in_words()), "--yes")
}

/// Asks the API about every key that may be added, over one connection.
fn probe(world: &World, profiles: &Profiles, items: &[Item]) -> Result<HashMap<Fingerprint, Probe>> {
    let mut keys: HashMap<Fingerprint, &ApiKey> = HashMap::new();
    for item in items {
        if let Some(key) = &item.key
            && matches!(propose::judge(profiles, &item.name, key).0, Outcome::Proposed)
        {
            keys.insert(key.fingerprint(), key);
        }
    }
    let (fingerprints, keys): (Vec<Fingerprint>, Vec<&ApiKey>) = keys.into_iter().unzip();
    Ok(fingerprints.into_iter().zip(new_key::probe_all(world, &keys)?).collect())
}

/// Adds what can be added, in the file's order; a store that failed once is not tried again.
struct Adding<'a> {
    world: &'a World,
    backend: &'a dyn Backend,
    place: NewKeyStore,
    profiles: Profiles,
    probes: HashMap<Fingerprint, Probe>,
    ended: bool,
}

impl<'a> Adding<'a> {
    /// Reads the policy, which `add` needs at its end; chooses the store, asks the user, then the API.
    fn of(
        items: &[Item],
        world: &'a World,
        backend: &'a dyn Backend,
        args: &Args,
        profiles: Profiles,
    ) -> Result<Self> {
        world.policy()?;
        let place = for_new_key(world, backend, &profiles, &command(args))?;
        agree(world, args, items, place.kind())?;
        let probes = if args.no_verify { HashMap::new() } else { probe(world, &profiles, items)? };
        Ok(Self { world, backend, place, profiles, probes, ended: false })
    }

    fn add(&mut self, item: &mut Item) {
        let Some(key) = &item.key else { return };
        let (outcome, word) = propose::judge(&self.profiles, &item.name, key);
        item.outcome = match outcome {
            Outcome::Proposed if self.ended => Outcome::Skipped(Skip::NotTried),
            Outcome::Proposed => {
                word.into_iter().for_each(|word| self.world.terminal.say(&word));
                self.store(&item.name, key).unwrap_or_else(|error| {
                    self.ended = matches!(error.kind, Kind::Store | Kind::Failure | Kind::Cancelled);
                    Outcome::Refused(error)
                })
            }
            other => other,
        };
    }

    /// Which added profiles their names protect, and the next step if all are protected.
    fn about_protected(&self, items: &[Item]) -> Vec<String> {
        let added = || items.iter().filter(|item| matches!(item.outcome, Outcome::Added(_)));
        let lines = added().filter_map(|item| add_profile::protected_by_name(&self.profiles, &item.name));
        let next = added().find_map(|item| add_profile::next_step(&self.profiles, &item.name));
        lines.chain(next).collect()
    }

    fn store(&mut self, name: &ProfileName, key: &ApiKey) -> Result<Outcome> {
        let probe = self.probes.get(&key.fingerprint());
        if let Some(probe) = probe {
            new_key::judge(self.world, name, probe)?;
        }
        let profile = add_profile::profile(name, key, probe, self.world.now);
        self.profiles = add_profile::store(self.world, self.backend, &self.place, profile, key)?;
        audit::change(self.world, "import", name, key.fingerprint());
        Ok(Outcome::Added(add_profile::said(&self.profiles, name, probe)))
    }
}
