# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook nushell
# At a prompt it looks at the folder and two files; only when one of them is another than before it starts
# the program.

$env.GETIMG_KEYS_SHELL = $"nushell:($nu.pid)"

# A record is not handed to programs: what was saved may be a key.
$env.__getimg_keys = { saved: "", stamp: "", seen: null }

# All that the selection depends on.
def __getimg_keys_look [stamp: string] {
    let parts = ($env.PWD | path expand | path split)
    let pins = (1..($parts | length) | each {|n| $parts | first $n | path join ".getimg-keys.toml" })
    let pin = ($pins | where {|pin| ($pin | path expand | path type) == file } | last 1)
    {
        folder: $env.PWD
        profile: $env.GETIMG_KEYS_PROFILE?
        home: $env.GETIMG_KEYS_HOME?
        files: ([$stamp] | append $pin | each {|file|
            { name: $file, text: (try { open --raw $file | into binary | first 4096 } catch { null }) }
        })
    }
}

def --env __getimg_keys_hook [] {
    let before = $env.__getimg_keys
    let now = (__getimg_keys_look $before.stamp)
    if $now == $before.seen { return }
    let said = (with-env { __GETIMG_KEYS_SAVED: $before.saved, __GETIMG_KEYS_STAMP: $before.stamp } {
        try { "" | ^'@program@' hook-env nushell } catch { "" }
    })
    let changes = (if ($said | is-empty) { {} } else { $said | from json })
    let state = { __GETIMG_KEYS_SAVED: $before.saved, __GETIMG_KEYS_STAMP: $before.stamp } | merge $changes
    let stamp = $state.__GETIMG_KEYS_STAMP
    $env.__getimg_keys = {
        saved: ($state.__GETIMG_KEYS_SAVED | default "")
        stamp: $stamp
        seen: (if $stamp == $before.stamp { $now } else { __getimg_keys_look $stamp })
    }
    for change in ($changes | transpose name value | where name !~ '^__GETIMG_KEYS_') {
        if $change.value == null {
            hide-env --ignore-errors $change.name
        } else {
            load-env { $change.name: $change.value }
        }
    }
}

$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {|| __getimg_keys_hook })
