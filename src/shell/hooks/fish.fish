# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook fish
# At a prompt it looks at the folder and the beginnings of some files; only when one of them is another than
# before it starts the program.

# What another program put into the environment under these names is not ours.
functions -q __getimg_keys_hook; or set -e __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
set -gx GETIMG_KEYS_SHELL fish:$fish_pid
set -g __getimg_keys_program '@program@'

# Sets __getimg_keys_now to all that the selection depends on.
function __getimg_keys_look
    set -l profiles ''
    set -l pins ''
    if test "$PWD" != "$__getimg_keys_folder"
        set -g __getimg_keys_folder $PWD
        set -g __getimg_keys_pins
        set -l up .
        while test -d $up
            set -a __getimg_keys_pins $up/.getimg-keys.toml
            test $up -ef $up/..; and break
            set up $up/..
        end
    end
    if test -f "$__GETIMG_KEYS_STAMP"
        read -z -n 512 profiles <$__GETIMG_KEYS_STAMP
    end
    for file in $__getimg_keys_pins
        if test -f $file
            set -l pin ''
            read -z -n 4096 pin <$file
            set pins "$pins$file:$pin:"
        else if test -e $file -o -L $file
            set pins "$pins$file?"
        end
    end
    set -g __getimg_keys_now "$PWD:$GETIMG_KEYS_PROFILE:$GETIMG_KEYS_HOME:$profiles:$pins"
end 2>/dev/null

# Prints what the program says; it may have been moved since by an upgrade.
function __getimg_keys_ask
    set -l program $__getimg_keys_program
    test -f "$program" -a -x "$program"; or set program (command -s getimg-keys)
    string match -q '/*' -- "$program"; or return 127
    __GETIMG_KEYS_SAVED="$__GETIMG_KEYS_SAVED" __GETIMG_KEYS_STAMP="$__GETIMG_KEYS_STAMP" \
        $program hook-env fish </dev/null
end

# Without the program: takes the key away that a hook loaded.
function __getimg_keys_drop
    test -n "$GETIMG_KEYS_LOADED"; or return 0
    set -l names (string split , -- (string split ' ' -- "$__GETIMG_KEYS_SAVED")[1])
    test -n "$names[1]"; or set names GETIMG_API_KEY
    for name in $names
        set -e $name
    end
    set -e GETIMG_KEYS_LOADED
    set -e __GETIMG_KEYS_SAVED
    echo 'getimg-keys: the program cannot be started; the key that its hook loaded is taken away' >&2
end

function __getimg_keys_hook --on-event fish_prompt
    set -l stamp "$__GETIMG_KEYS_STAMP"
    __getimg_keys_look
    test "$__getimg_keys_now" = "$__getimg_keys_seen"
    and not string match -q '*+' -- "$__GETIMG_KEYS_SAVED"
    and return
    set -g __getimg_keys_seen $__getimg_keys_now
    set -l said (__getimg_keys_ask | string collect)
    if test $pipestatus[1] -eq 0
        eval "$said"
    else
        __getimg_keys_drop
    end
    # What was saved may be a key: no program but this one gets it.
    set -q __GETIMG_KEYS_SAVED; and set -gu __GETIMG_KEYS_SAVED $__GETIMG_KEYS_SAVED
    set -q __GETIMG_KEYS_STAMP; and set -gu __GETIMG_KEYS_STAMP $__GETIMG_KEYS_STAMP
    if test "$stamp" != "$__GETIMG_KEYS_STAMP"
        __getimg_keys_look
        set -g __getimg_keys_seen $__getimg_keys_now
    end
end
