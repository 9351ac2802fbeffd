//! Makes the process safe to hold a key, passes the arguments on, returns the exit code.

use std::ffi::OsString;

use getimg_keys::system::process;

/// The HTTP client leaves copies of the header that holds the key in memory it frees; this wipes them.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() {
    let hardened = process::harden();
    process::say_nothing_of_panics();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    process::end(getimg_keys::cli::run(&arguments, hardened))
}
