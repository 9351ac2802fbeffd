//! The commands: each with its group in the help, and what it needs before it runs.

use clap::{Parser, Subcommand};

use super::NAME;
use super::globals::Globals;
use super::help::Group;
use crate::commands::{
    self, add, allow, backup, check, completions, compromised, current, demo, doctor, env, exec, guard, hook,
    hook_env, import, list, log, man, mcp, note, protect, push, remove, rename, restore, rotate, scan,
    status, store, unlock, unset, r#use, verify,
};

/// Keep getimg.ai API keys in the operating system's keychain, one per environment
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    version,
    disable_help_subcommand = true,
    args_override_self = true,
    max_term_width = 100,
    infer_subcommands = false
)]
pub struct Cli {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Each is built when it is needed, from its arguments' type, whose doc comment is also its help.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    #[command(display_order = Group::Everyday as usize)]
    Add(add::Args),
    #[command(display_order = Group::Everyday as usize, visible_alias = "ls")]
    List(list::Args),
    #[command(display_order = Group::Everyday as usize)]
    Use(r#use::Args),
    #[command(display_order = Group::Everyday as usize)]
    Current(current::Args),
    #[command(display_order = Group::Everyday as usize)]
    Status(status::Args),
    #[command(display_order = Group::Everyday as usize)]
    Env(env::Args),
    #[command(display_order = Group::Everyday as usize)]
    Exec(exec::Args),
    #[command(display_order = Group::Everyday as usize)]
    Unset(unset::Args),
    #[command(display_order = Group::Checking as usize)]
    Verify(verify::Args),
    #[command(display_order = Group::Checking as usize)]
    Check(check::Args),
    #[command(display_order = Group::Checking as usize)]
    Scan(scan::Args),
    #[command(display_order = Group::Checking as usize)]
    Doctor(doctor::Args),
    #[command(display_order = Group::Rotating as usize)]
    Rotate(rotate::Args),
    #[command(display_order = Group::Rotating as usize)]
    Push(push::Args),
    #[command(display_order = Group::Rotating as usize)]
    Compromised(compromised::Args),
    #[command(display_order = Group::Rotating as usize)]
    Log(log::Args),
    #[command(display_order = Group::Profiles as usize)]
    Rename(rename::Args),
    #[command(display_order = Group::Profiles as usize)]
    Note(note::Args),
    #[command(display_order = Group::Profiles as usize)]
    Protect(protect::ProtectArgs),
    #[command(display_order = Group::Profiles as usize)]
    Unprotect(protect::UnprotectArgs),
    #[command(display_order = Group::Profiles as usize, visible_alias = "rm")]
    Remove(remove::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Import(import::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Hook(hook::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Completions(completions::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Guard(guard::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Allow(allow::AllowArgs),
    #[command(display_order = Group::SettingUp as usize)]
    Deny(allow::DenyArgs),
    #[command(display_order = Group::SettingUp as usize)]
    Store(store::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Unlock(unlock::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Lock(unlock::LockArgs),
    #[command(display_order = Group::SettingUp as usize)]
    Backup(backup::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Restore(restore::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Mcp(mcp::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Demo(demo::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Man(man::Args),
    #[command(display_order = Group::SettingUp as usize)]
    Help(commands::help::Args),
    #[command(hide = true)]
    HookEnv(hook_env::Args),
}

impl Command {
    /// Whether the command depends on the store of the keys; the others work with any.
    pub(super) fn acts_on_keys(&self) -> bool {
        use Command::{Check, Completions, Demo, Doctor, Guard, Help, Hook, Log, Man, Mcp, Scan, Store};
        let anywhere = matches!(
            self,
            Check(_)
                | Completions(_)
                | Demo(_)
                | Doctor(_)
                | Guard(_)
                | Help(_)
                | Hook(_)
                | Log(_)
                | Man(_)
                | Mcp(_)
                | Scan(_)
                | Store(_)
        );
        !anywhere
    }

    /// Whether it reads the key of the profile that it names: the profile is then selected as by `--profile`.
    pub(super) fn reads_a_named_key(&self) -> bool {
        use Command::{Env, Exec, Push, Verify};
        matches!(self, Env(_) | Exec(_) | Push(_) | Verify(_))
    }

    /// Whether it changes what is recorded about a profile; nothing is recorded for one in the environment.
    pub(super) fn changes_a_profile(&self) -> bool {
        use Command::{Compromised, Note, Protect, Remove, Rename, Rotate, Unprotect, Use};
        matches!(
            self,
            Compromised(_) | Note(_) | Protect(_) | Remove(_) | Rename(_) | Rotate(_) | Unprotect(_) | Use(_)
        )
    }
}
