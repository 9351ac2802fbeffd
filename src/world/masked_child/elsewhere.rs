//! Windows: pipes only, and no signals to pass on.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::process::{Child, Stdio};

pub(super) struct Passed;
pub(super) struct Passing;

/// There is none here.
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
        Ok(Self)
    }

    pub(super) fn begin(self, _: &Child, _: Option<Screen>) -> Passing {
        Passing
    }
}

impl Passing {
    pub(super) fn until_ended(&self) {}

    pub(super) fn end(self) {}
}
