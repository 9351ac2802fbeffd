# What several scripts of this folder share; they source this file.
# shellcheck shell=bash disable=SC2034 # those that read this file use the variables
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Where the files of a release are collected.
out=${GETIMG_KEYS_PACKAGES:-$PWD/target/packages}

die() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

needs() {
    command -v "$1" >/dev/null || die "$1 is not here: $2"
}

has() {
    command -v "$1" >/dev/null
}

# The version of Cargo.toml.
version() {
    sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1
}

# The names of all systems.
systems() {
    sed -n 's/^\([a-z][a-z0-9_-]*\) .*/\1/p' packaging/systems
}

# Sets the variables of a system: target, wheel, npm, packages, kind, and the name of its file.
know() {
    local name
    read -r name target wheel npm packages kind < <(grep "^$1 " packaging/systems) ||
        die "$1 is none of the systems: $(systems | tr '\n' ' ')"
    file=getimg-keys-$name
    if [[ $kind == windows ]]; then file+=.exe; fi
}
