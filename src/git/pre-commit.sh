#!/bin/sh
# Written by `getimg-keys guard install`; `getimg-keys guard uninstall` takes it away.
if command -v getimg-keys >/dev/null 2>&1; then
  report=$(getimg-keys scan --staged --no-input) || {
    code=$?
    printf '%s\n' "$report" >&2
    exit "$code"
  }
else
  echo "warning: getimg-keys is not on the PATH; nobody looked for keys in this commit" >&2
fi
before="$(dirname "$0")/pre-commit.before-getimg-keys"
if [ -x "$before" ]; then
  # husky's hook asks for the name it runs under; a script for sh can keep the one it had.
  case $(head -n 1 "$before") in
    '#!/bin/sh' | '#!/usr/bin/env sh')
      exec sh -c 'before=$1; shift; . "$before"' "$(dirname "$0")/pre-commit" "$before" "$@"
      ;;
  esac
  exec "$before" "$@"
fi
