# >>> getimg-keys guard: `getimg-keys guard uninstall` takes these lines away
getimg_keys=$(command -v getimg-keys) || getimg_keys=
case $getimg_keys in
  /*) ;;
  *) getimg_keys=PROGRAM ;;
esac
if [ ! -x "$getimg_keys" ]; then
  echo "error: getimg-keys is neither on the PATH nor at $getimg_keys, so nobody looked for keys in this commit" >&2
  echo "hint: getimg-keys guard install  # once it is there; without a search: git commit --no-verify" >&2
  exit 1
fi
getimg_keys_report=$("$getimg_keys" scan --staged --no-input) || {
  getimg_keys=$?
  printf '%s\n' "$getimg_keys_report" >&2
  exit "$getimg_keys"
}
# `guard status` asks for these lines alone.
[ -z "${GETIMG_KEYS_GUARD_PROOF-}" ] || exit 0
# CHAIN
getimg_keys_before=$(dirname "$0")/HOOK.before-getimg-keys
# A hook that calls this one is not called again by it.
if [ -x "$getimg_keys_before" ] && [ "${GETIMG_KEYS_GUARD_CHAIN-}" != "$getimg_keys_before" ]; then
  GETIMG_KEYS_GUARD_CHAIN=$getimg_keys_before
  export GETIMG_KEYS_GUARD_CHAIN
  exec "$getimg_keys_before" "$@"
fi
