# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook elvish
# At a prompt it looks at the folder and two files; only when one of them is another than before it starts
# the program.

use path

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
    var pin = (path:join $folder .getimg-keys.toml)
    if (path:is-regular &follow-symlink $pin) {
      set files = [$@files $pin]
      break
    }
    var up = (path:dir $folder)
    if (eq $up $folder) { break }
    set folder = $up
  }
  var texts = [(for file $files { try { slurp < $file } catch _ { put '' } })]
  var settings = [(for name [GETIMG_KEYS_PROFILE GETIMG_KEYS_HOME] {
    if (has-env $name) { get-env $name } else { put $nil }
  })]
  put [$pwd $settings $files $texts]
}

fn -getimg-keys-hook {
  var now = (-getimg-keys-look)
  if (eq $now $-getimg-keys-seen) { return }
  set -getimg-keys-seen = $now
  var stamp = $-getimg-keys-stamp
  set-env __GETIMG_KEYS_SAVED $-getimg-keys-saved
  set-env __GETIMG_KEYS_STAMP $stamp
  try {
    eval ((external '@program@') hook-env elvish < /dev/null | slurp)
  } catch _ {
    # The program has said what was wrong.
  } finally {
    set -getimg-keys-saved = (if (has-env __GETIMG_KEYS_SAVED) { get-env __GETIMG_KEYS_SAVED } else { put '' })
    set -getimg-keys-stamp = (get-env __GETIMG_KEYS_STAMP)
    unset-env __GETIMG_KEYS_SAVED
    unset-env __GETIMG_KEYS_STAMP
  }
  if (not-eq $stamp $-getimg-keys-stamp) { set -getimg-keys-seen = (-getimg-keys-look) }
}

set edit:before-readline = [$@edit:before-readline $-getimg-keys-hook~]
