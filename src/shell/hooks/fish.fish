# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook fish
# At a prompt it looks at the folder and the beginnings of two files; only when one of them is another than
# before it starts the program.

set -gx GETIMG_KEYS_SHELL fish:$fish_pid
set -g __getimg_keys_program '@program@'

# Sets __getimg_keys_now to all that the selection depends on.
function __getimg_keys_look
    set -l book ''
    set -l pin ''
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
        read -z -n 512 book <$__GETIMG_KEYS_STAMP
    end
    for file in $__getimg_keys_pins
        if test -f $file
            read -z -n 4096 pin <$file
            set pin "$file:$pin"
            break
        end
    end
    set -g __getimg_keys_now "$PWD:$GETIMG_KEYS_PROFILE:$GETIMG_KEYS_HOME:$book:$pin"
end 2>/dev/null

function __getimg_keys_hook --on-event fish_prompt
    set -l stamp "$__GETIMG_KEYS_STAMP"
    __getimg_keys_look
    test "$__getimg_keys_now" = "$__getimg_keys_seen"; and return
    set -g __getimg_keys_seen $__getimg_keys_now
    __GETIMG_KEYS_SAVED="$__GETIMG_KEYS_SAVED" __GETIMG_KEYS_STAMP="$stamp" \
        $__getimg_keys_program hook-env fish </dev/null | source
    # What was saved may be a key: no program but this one gets it.
    set -q __GETIMG_KEYS_SAVED; and set -gu __GETIMG_KEYS_SAVED $__GETIMG_KEYS_SAVED
    set -q __GETIMG_KEYS_STAMP; and set -gu __GETIMG_KEYS_STAMP $__GETIMG_KEYS_STAMP
    if test "$stamp" != "$__GETIMG_KEYS_STAMP"
        __getimg_keys_look
        set -g __getimg_keys_seen $__getimg_keys_now
    end
end
