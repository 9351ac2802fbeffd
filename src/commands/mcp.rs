//! `mcp`: a Model Context Protocol server for coding agents, with the answers of commands that only read. Nothing
//! hands out, sets or changes a key.

mod protocol;
mod shown;
mod tools;

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

use crate::error::{Error, Result, in_words};
use protocol::Answer;
pub use shown::Shown;
pub use tools::{Call, Called};

/// Longer lines are answered with an error and discarded.
const LONGEST_LINE: u64 = 1 << 20;

/// Serve the state of your keys to a coding agent (MCP)
///
/// A Model Context Protocol server on standard input and output, for as long as the input is open. Its tools are
/// list, status, verify, check, scan and rotation_plan, each with the JSON of its command; none returns, sets or
/// changes a key. Only the profiles of `[agents] profiles` in config.toml are shown, none until that is set. The scan
/// tool reads below the working directory only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  claude mcp add getimg-keys -- getimg-keys mcp
  getimg-keys mcp")]
pub struct Args {}

/// Answers each line until the input ends.
///
/// # Errors
/// Standard input cannot be read, or standard output cannot be written; a reader that is gone is not an error.
pub fn run(_: &Args, call: &dyn Fn(Call) -> Called) -> Result<()> {
    serve(&mut io::stdin().lock(), &mut io::stdout().lock(), call).or_else(|e| match e.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Error::failure(format!("the client is gone: {}", in_words(&e)))),
    })
}

fn serve(from: &mut dyn BufRead, to: &mut dyn Write, call: &dyn Fn(Call) -> Called) -> io::Result<()> {
    let mut session = protocol::Session::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            skip_line(from)?;
            Answer::too_long(LONGEST_LINE)
        } else {
            session.answer(&line, call)
        };
        if let Some(answer) = answer.0 {
            write_line(to, &answer)?;
        }
    }
}

/// Skips the rest of a line, in bounded memory.
fn skip_line(from: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        let end = memchr::memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |at| at + 1);
        from.consume(used);
        if end.is_some() || used == 0 {
            return Ok(());
        }
    }
}

fn write_line(to: &mut dyn Write, answer: &Value) -> io::Result<()> {
    writeln!(to, "{answer}")?;
    to.flush()
}
