#!/bin/sh
# Installs a release of getimg-keys: one file, checked by the release's checksums.
#
#   sh install.sh --repository OWNER/getimg-keys --version 0.1.0 [--to FOLDER] [--from URL]
#
# --to    where the program goes (~/.local/bin)
# --from  where the release's files are instead, an address or a folder
# Nothing is installed unless the checksum is right; an installed version stays until then.
set -eu

repository='' version='' to=${HOME:-}/.local/bin from=''
while [ "$#" -gt 0 ]; do
    case $1 in
    --repository) repository=${2:?} ;;
    --version) version=${2:?} ;;
    --to) to=${2:?} ;;
    --from) from=${2:?} ;;
    *) echo "error: unknown: $1" >&2 && exit 2 ;;
    esac
    shift 2
done

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

[ -n "$version" ] || fail 'which version? --version 0.1.0'
if [ -z "$from" ]; then
    [ -n "$repository" ] || fail 'which repository? --repository OWNER/getimg-keys'
    from=https://github.com/$repository/releases/download/v$version
fi

case $(uname -s)-$(uname -m) in
Linux-x86_64) file=getimg-keys-linux-x86_64 ;;
Linux-aarch64 | Linux-arm64) file=getimg-keys-linux-aarch64 ;;
Darwin-arm64) file=getimg-keys-macos-aarch64 ;;
Darwin-x86_64) file=getimg-keys-macos-x86_64 ;;
*) fail "there is no release for $(uname -s) on $(uname -m): cargo install --locked --path ." ;;
esac

if command -v sha256sum >/dev/null; then
    sum() { sha256sum "$1"; }
else
    sum() { shasum -a 256 "$1"; }
fi

bring() {
    case $from in
    http://127.0.0.1:* | https://*)
        if command -v curl >/dev/null; then
            curl --fail --silent --show-error --location --output "$2" "$from/$1"
        else
            wget -q -O "$2" "$from/$1"
        fi
        ;;
    /*) cp "$from/$1" "$2" ;;
    *) fail "--from is an https address or a whole path" ;;
    esac || fail "$from/$1 is not to be had"
}

mkdir -p "$to"
work=$(mktemp -d "$to/.getimg-keys.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
bring SHA256SUMS "$work/sums"
bring "$file" "$work/getimg-keys"
wanted=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$file\$/\1/p" "$work/sums")
[ -n "$wanted" ] || fail "the release's checksums do not name $file"
is=$(sum "$work/getimg-keys" | cut -c1-64)
[ "$is" = "$wanted" ] || fail "the checksum of $file is wrong: it is $is, and the release says $wanted; nothing was installed"
chmod 755 "$work/getimg-keys"
is=$("$work/getimg-keys" --version) || fail "$file does not run here"
[ "$is" = "getimg-keys $version" ] || fail "$file is $is, not $version; nothing was installed"
mv -f "$work/getimg-keys" "$to/getimg-keys"
printf '%s is in %s\n' "$is" "$to"
# shellcheck disable=SC2016 # the person's shell fills it in
case :${PATH:-}: in
*:"$to":*) ;;
*) printf 'it is not on the search path: export PATH="%s:$PATH"\n' "$to" ;;
esac
