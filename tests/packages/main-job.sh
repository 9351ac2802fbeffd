#!/bin/sh
# The main job right after the installation: a first key, verified. `getimg-keys` is on PATH,
# $KEY is a key that the API at $GETIMG_KEYS_API_URL accepts. `main-job.sh hint` is for machines without a keychain: the
# program's first hint is then pasted; `main-job.sh keychain` is for those with one.
set -eu

fail() {
    printf 'failed: %s\n' "$1" >&2
    exit 1
}

if [ "$1" = keychain ]; then
    printf '%s\n' "$KEY" | getimg-keys add dev --stdin
else
    code=0
    told=$(printf '%s\n' "$KEY" | getimg-keys add dev --stdin 2>&1) || code=$?
    [ "$code" = 7 ] || fail "without a keychain \`add dev\` ends with $code: $told"
    hint=$(printf '%s\n' "$told" | sed -n 's/^hint: //p' | head -n 1)
    printf 'pasted: %s\n' "$hint"
    eval "$hint" <<STDIN
$KEY
STDIN
fi
told=$(getimg-keys verify dev --json)
printf '%s\n' "$told" | tr -d ' \n\r' | grep -q '"verdict":"valid"' || fail "verify says $told"
getimg-keys env dev --format json | grep -q "\"$KEY\"" || fail 'env does not hand out the key'
# A key that the API rejects is not stored.
code=0
told=$(printf '%sx\n' "$KEY" | getimg-keys add prod --stdin 2>&1) || code=$?
[ "$code" = 4 ] || fail "a key that the API does not know ends with $code: $told"
getimg-keys list
