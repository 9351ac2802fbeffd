//! Windows: pipes only; signals are not passed on, because the console sends Ctrl-C to every program.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::process::{Child, Stdio};

use tokio::signal::windows::{CtrlC, ctrl_c};

/// While this exists, Ctrl-C does not end this process.
pub(super) struct Passed(CtrlC);
pub(super) struct Passing(CtrlC);

/// Nothing on this system.
pub(super) struct OutputPty(Infallible);
pub(super) struct Screen(Infallible);

impl OutputPty {
    pub(super) fn begin() -> io::Result<Option<Self>> {
        Ok(None)
    }

    pub(super) fn stdio(&self) -> io::Result<Stdio> {
        match self.0 {}
    }

    pub(super) fn split(self) -> (Option<Screen>, File) {
        match self.0 {}
    }
}

impl Passed {
    pub(super) fn listen() -> io::Result<Self> {
        ctrl_c().map(Self)
    }

    pub(super) fn begin(self, _: &Child, _: Option<Screen>) -> Passing {
        Passing(self.0)
    }
}

impl Passing {
    pub(super) fn until_ended(&self) {}

    pub(super) fn end(self) {
        drop(self.0);
    }
}
