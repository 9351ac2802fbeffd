# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook elvish
# At a prompt it looks at the folder and some files; only when one of them is another than before it starts
# the program.

use path
use str

set-env GETIMG_KEYS_SHELL elvish:$pid

# These are no environment variables: what was saved may be a key.
var -getimg-keys-saved = ''
var -getimg-keys-stamp = ''
var -getimg-keys-seen = $nil

# All that the selection depends on.
fn -getimg-keys-look {
  var files = [$-getimg-keys-stamp]
  var folder = (path:eval-symlinks $pwd)
  while $true {
    set files = [$@files (path:join $folder .getimg-keys.toml)]
    var up = (path:dir $folder)
    if (eq $up $folder) { break }
    set folder = $up
  }
  var texts = [(for file $files {
    if (path:is-regular &follow-symlink $file) {
      try { slurp < $file } catch _ { put $nil }
    } else {
      put (path:is-dir $file)
    }
  })]
  var settings = [(for name [GETIMG_KEYS_PROFILE GETIMG_KEYS_HOME] {
    if (has-env $name) { get-env $name } else { put $nil }
  })]
  put [$pwd $settings $files $texts]
}

fn -getimg-keys-hook {
  var now = (-getimg-keys-look)
  if (and (eq $now $-getimg-keys-seen) (not (str:has-suffix $-getimg-keys-saved '+'))) { return }
  set -getimg-keys-seen = $now
  var stamp = $-getimg-keys-stamp
  set-env __GETIMG_KEYS_SAVED $-getimg-keys-saved
  set-env __GETIMG_KEYS_STAMP $stamp
  try {
    # An upgrade may have moved the program since.
    var program = (external '@program@')
    if (not (path:is-regular &follow-symlink '@program@')) { set program = (external (search-external getimg-keys)) }
    eval ($program hook-env elvish < /dev/null | slurp)
  } catch _ {
    # Without the program: the key that a hook loaded is taken away.
    if (has-env GETIMG_KEYS_LOADED) {
      var names = (put (str:split ' ' $-getimg-keys-saved) | take 1)
      for name [(str:split , $names) GETIMG_API_KEY] { if (not-eq $name '') { unset-env $name } }
      unset-env GETIMG_KEYS_LOADED
      unset-env __GETIMG_KEYS_SAVED
      echo 'getimg-keys: the program cannot be started; the key that its hook loaded is taken away' >&2
    }
  } finally {
    set -getimg-keys-saved = (if (has-env __GETIMG_KEYS_SAVED) { get-env __GETIMG_KEYS_SAVED } else { put '' })
    set -getimg-keys-stamp = (get-env __GETIMG_KEYS_STAMP)
    unset-env __GETIMG_KEYS_SAVED
    unset-env __GETIMG_KEYS_STAMP
  }
  if (not-eq $stamp $-getimg-keys-stamp) { set -getimg-keys-seen = (-getimg-keys-look) }
}

set edit:before-readline = [$@edit:before-readline $-getimg-keys-hook~]
