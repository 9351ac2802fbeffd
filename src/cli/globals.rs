//! The global flags, and the terminal and world made from them.

use crate::error::{Error, Result};
use crate::hint::suggest;
use crate::model::{ProfileName, StoreKind};
use crate::output::{ColorChoice, Style};
use crate::system::terminal::{Stream, can_be_asked, width};
use crate::system::{Places, Terminal, Variables, World, variables};

/// Flags that every command takes.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The profile to use
    #[arg(short, long, global = true, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print details
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub color: ColorChoice,
    /// Never prompt
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer yes to confirmations
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Where keys are stored; recorded by the first `add`
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<StoreKind>,
    /// The profile that the command's own argument names.
    #[arg(skip)]
    pub named: Option<ProfileName>,
}

/// The terminal according to the flags.
pub fn terminal(globals: &Globals, variables: &Variables) -> Terminal {
    let on_terminal = can_be_asked() && Stream::Err.is_terminal();
    let mut terminal = Terminal::default();
    terminal.interactive = on_terminal && !globals.no_input;
    terminal.forbidden = on_terminal && globals.no_input;
    terminal.watched = Stream::Err.is_terminal();
    terminal.yes = globals.yes;
    terminal.quiet = globals.quiet;
    terminal.verbose = globals.verbose > 0;
    terminal.collects = globals.json;
    terminal.columns = width(Stream::Err, variables);
    terminal.obeys_codes = Stream::Err.obeys_codes(variables);
    terminal.coloured = Style::choose(globals.color, terminal.obeys_codes, variables).is_coloured();
    terminal
}

/// The world according to the flags.
///
/// # Errors
/// No place for the files, or no such store; the terminal is returned to report it.
pub fn world(
    globals: &Globals,
    variables: Variables,
    terminal: Terminal,
) -> Result<World, (Error, Terminal)> {
    let found = Places::find(&variables).and_then(|places| Ok((places, wanted_store(globals, &variables)?)));
    match found {
        Ok((places, store)) => {
            let mut world = World::new(variables, places, terminal, store);
            world.wanted_profile = globals.profile.clone().or_else(|| globals.named.clone());
            Ok(world)
        }
        Err(error) => Err((error, terminal)),
    }
}

fn wanted_store(globals: &Globals, variables: &Variables) -> Result<Option<StoreKind>> {
    if globals.store.is_some() {
        return Ok(globals.store);
    }
    let Some(text) = variables.text(variables::STORE)? else { return Ok(None) };
    clap::ValueEnum::from_str(text, false).map(Some).map_err(|_| {
        Error::usage(format!("${} does not name a store", variables::STORE))
            .hint(format!("{}  # or file, env, vault", suggest::set(variables::STORE, "keychain")))
    })
}
