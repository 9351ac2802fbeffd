//! A console of Windows: escape codes and width.

use winapi_util::HandleRef;
use winapi_util::console::{mode, screen_buffer_info, set_mode};

use super::Stream;

/// `ENABLE_VIRTUAL_TERMINAL_PROCESSING`, for an output: escape codes are interpreted. Windows has it since 2016.
const ESCAPE_CODES: u32 = 0x0004;

/// Whether escape codes are interpreted after switching them on; the mode is not restored, as in other programs.
pub(super) fn obeys_codes(stream: Stream) -> bool {
    let console = handle(stream);
    // A terminal that is not a console, such as that of MSYS, interprets them.
    let Ok(before) = mode(&console) else { return true };
    before & ESCAPE_CODES != 0 || set_mode(&console, before | ESCAPE_CODES).is_ok()
}

/// The width of the window; the buffer behind it may be wider.
pub(super) fn columns(stream: Stream) -> Option<usize> {
    let window = screen_buffer_info(handle(stream)).ok()?.window_rect();
    usize::try_from(i32::from(window.right) - i32::from(window.left) + 1).ok().filter(|columns| *columns > 0)
}

fn handle(stream: Stream) -> HandleRef {
    match stream {
        Stream::Out => HandleRef::stdout(),
        Stream::Err => HandleRef::stderr(),
    }
}
