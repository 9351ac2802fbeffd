//! A terminal on Unix: escape codes and width.

use std::io;

use rustix::termios::tcgetwinsize;

use super::Stream;

/// Every terminal understands escape codes.
pub(super) fn obeys_codes(_: Stream) -> bool {
    true
}

/// The width of the window; `None` if it does not say.
pub(super) fn columns(stream: Stream) -> Option<usize> {
    let size = match stream {
        Stream::Out => tcgetwinsize(io::stdout()),
        Stream::Err => tcgetwinsize(io::stderr()),
    };
    size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
