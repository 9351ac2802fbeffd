# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook nushell
# At a prompt it looks at the folder and some files; only when one of them is another than before it starts
# the program.

$env.GETIMG_KEYS_SHELL = $"nushell:($nu.pid)"

# A record is not handed to programs: what was saved may be a key.
$env.__getimg_keys = { saved: "", stamp: "", seen: null }

# All that the selection depends on.
def __getimg_keys_look [stamp: string] {
    let parts = ($env.PWD | path expand | path split)
    let pins = (1..($parts | length) | each {|n| $parts | first $n | path join ".getimg-keys.toml" })
    {
        folder: $env.PWD
        profile: $env.GETIMG_KEYS_PROFILE?
        home: $env.GETIMG_KEYS_HOME?
        files: ([$stamp] | append $pins | each {|file|
            let is_file = ($file | path expand | path type) == file
            { name: $file, text: (if $is_file { try { open --raw $file | into binary | first 4096 } catch { null } }) }
        })
    }
}

def --env __getimg_keys_hook [] {
    let before = $env.__getimg_keys
    let now = (__getimg_keys_look $before.stamp)
    if $now == $before.seen and not ($before.saved | str ends-with "+") { return }
    let said = (with-env { __GETIMG_KEYS_SAVED: $before.saved, __GETIMG_KEYS_STAMP: $before.stamp } {
        # An upgrade may have moved the program since.
        try { "" | ^'@program@' hook-env nushell } catch { try { "" | ^getimg-keys hook-env nushell } catch { null } }
    })
    # Without the program: the key that a hook loaded is taken away.
    let dropped = (if $said == null and $env.GETIMG_KEYS_LOADED? != null {
        { GETIMG_API_KEY: null, GETIMG_KEYS_LOADED: null, __GETIMG_KEYS_SAVED: "" }
    } else { {} })
    let changes = (if ($said | is-empty) { $dropped } else { $said | from json })
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
