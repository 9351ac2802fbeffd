//! `backup FILE`: every profile and every key in one age file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::backend::backup::{self, Backup, Sealing};
use crate::backend::{Backend, Recipient};
use crate::error::{Error, Result};
use crate::flows::every_key::{read, slots};
use crate::flows::{audit, passphrase, select_profile};
use crate::hint::Hint;
use crate::output::Report;
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::regular_file;
use crate::system::terminal::is_dash;
use crate::system::{Terminal, World};

/// Write all profiles and keys to one encrypted file
///
/// An age file with TOML inside: `age -d FILE` opens it wherever age is installed. It is encrypted with a
/// passphrase, or to the recipients you name.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  getimg-keys backup keys.age
  getimg-keys backup keys.age --overwrite
  getimg-keys backup - | ssh nas "cat > keys.age""#)]
pub struct Args {
    /// The file to write; `-` is standard output
    file: PathBuf,
    /// Encrypt to this public key instead: age1… or "ssh-ed25519 …"; can be repeated
    #[arg(long, value_name = "KEY")]
    recipient: Vec<Recipient>,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

/// Runs the command.
///
/// # Errors
/// The file exists (2), no passphrase (2, 7, 9), a key that the store does not return (7, 3, 6).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Written> {
    let file = world.places.working_directory.join(&args.file);
    let streams = is_dash(&args.file);
    let shown = if streams { "standard output".to_owned() } else { world.places.shown(&file) };
    if streams && world.terminal.collects {
        return Err(Error::usage("--json and a backup cannot both go to standard output")
            .hint(Hint::run("backup all.age --json")));
    }
    if !streams {
        refuse_special(&file, &shown)?;
    }
    // What may not be looked at cannot be overwritten either.
    if !streams && !args.overwrite && file.symlink_metadata().is_ok() {
        return Err(Error::usage(format!("{shown} already exists; nothing was written"))
            .hint(Hint::run("backup").flag(world.places.typed(&file)).flag("--overwrite")));
    }
    let profiles = backend.profiles_now()?;
    if profiles.all.is_empty() {
        return Err(select_profile::no_profiles(world));
    }
    let store = backend.keys()?;
    let keys = slots(&profiles).into_iter().map(|slot| Ok((slot.clone(), read(&profiles, &*store, &slot)?)));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let count = keys.len();
    // Asked for once there is something to encrypt.
    let sealing = args.sealing(world, &file)?;
    let mut kept = profiles.clone().without_change();
    (kept.store, kept.copy) = (None, None);
    kept.allowed.clear();
    let sealed = backup::seal(&Backup { made_at: world.now, profiles: kept, keys }, &sealing);
    let sealed = sealed.map_err(|why| Error::failure(format!("no backup was written: {why}")))?;
    if !streams {
        atomic_file::replace(&file, &sealed, Access::Private)
            .map_err(|e| Error::unwritable("write", &file, &e))?;
    }
    for profile in &profiles.all {
        audit::change(world, "backup", &profile.name, profile.key.fingerprint);
    }
    let names: Vec<_> = profiles.all.iter().map(|profile| profile.name.as_str()).collect();
    let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    let wrote = format!("wrote {keys} of {} to {shown}", names.join(", "));
    if !streams {
        world.terminal.say(&wrote);
    }
    let json = json!({"path": file.display().to_string(), "profiles": names, "keys": count});
    // Armored, so it is text.
    let text = streams.then(|| Zeroizing::new(String::from_utf8_lossy(&sealed).into_owned()));
    Ok(Written { text, json, wrote })
}

/// Refuses what is there and no regular file: a file would take the place of the device, the pipe or the link.
fn refuse_special(file: &Path, shown: &str) -> Result<()> {
    // Writing says what else is wrong with it.
    let Ok(found) = file.symlink_metadata() else { return Ok(()) };
    regular_file::regular(&found).map_err(|why| {
        Error::usage(format!("nothing was written to {shown}: {why}"))
            .hint(Hint::run("backup FILE").note("another name, or `-` for standard output"))
    })
}

/// The backup itself, if it goes to standard output, and the report for a script.
pub struct Written {
    text: Option<Zeroizing<String>>,
    json: Value,
    wrote: String,
}

impl Report for Written {
    fn json(&self) -> Value {
        self.json.clone()
    }

    fn secret(&self) -> Option<&Zeroizing<String>> {
        self.text.as_ref()
    }

    fn afterwards(&self, terminal: &Terminal) -> Result<()> {
        if self.text.is_some() {
            terminal.say(&self.wrote);
        }
        Ok(())
    }
}

impl Args {
    fn sealing(&self, world: &World, file: &Path) -> Result<Sealing> {
        if self.recipient.is_empty() {
            let instead = Hint::run("backup").flag(world.places.typed(file)).flag("--recipient KEY");
            return passphrase::of_backup(world, file, true, instead).map(Sealing::Passphrase);
        }
        Ok(Sealing::Recipients(self.recipient.clone()))
    }
}
