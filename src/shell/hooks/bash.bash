# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook bash
# At a prompt it looks at the folder and the beginnings of some files; only when one of them is another than
# before it starts the program.

# What another program put into the environment under these names is not ours.
declare -F __getimg_keys_hook >/dev/null || unset __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
export GETIMG_KEYS_SHELL="bash:$$"
__getimg_keys_program='@program@'

# Sets __getimg_keys_now to all that the selection depends on.
__getimg_keys_look() {
  local file up=. profiles='' pin='' pins=''
  if [[ $PWD != "${__getimg_keys_folder-}" ]]; then
    __getimg_keys_folder=$PWD
    __getimg_keys_pins=()
    while [[ -d $up ]]; do
      __getimg_keys_pins+=("$up/.getimg-keys.toml")
      [[ $up -ef $up/.. ]] && break
      up+=/..
    done
  fi
  if [[ -f ${__GETIMG_KEYS_STAMP-} ]]; then
    IFS= read -r -d '' -n 512 profiles <"$__GETIMG_KEYS_STAMP" || :
  fi
  for file in "${__getimg_keys_pins[@]}"; do
    if [[ -f $file ]]; then
      pin=''
      IFS= read -r -d '' -n 4096 pin <"$file" && pin+=+
      pins+=$file:$pin:
    elif [[ -e $file || -L $file ]]; then
      pins+="$file?"
    fi
  done
  __getimg_keys_now=$PWD:${GETIMG_KEYS_PROFILE-}:${GETIMG_KEYS_HOME-}:$profiles:$pins
} 2>/dev/null

# Prints what the program says; it may have been moved since by an upgrade.
__getimg_keys_ask() {
  local program=$__getimg_keys_program
  [[ -f $program && -x $program ]] || program=$(type -P getimg-keys)
  [[ $program == /* ]] || return 127
  __GETIMG_KEYS_SAVED=${__GETIMG_KEYS_SAVED-} __GETIMG_KEYS_STAMP=${__GETIMG_KEYS_STAMP-} \
    "$program" hook-env bash </dev/null
}

# Without the program: takes the key away that a hook loaded.
__getimg_keys_drop() {
  local names=${__GETIMG_KEYS_SAVED-}
  [[ -n ${GETIMG_KEYS_LOADED-} ]] || return 0
  names=${names%% *}
  names=${names:-GETIMG_API_KEY},
  while [[ -n $names ]]; do
    unset "${names%%,*}"
    names=${names#*,}
  done
  unset GETIMG_KEYS_LOADED __GETIMG_KEYS_SAVED
  echo 'getimg-keys: the program cannot be started; the key that its hook loaded is taken away' >&2
}

__getimg_keys_hook() {
  local code=$? stamp=${__GETIMG_KEYS_STAMP-} said
  __getimg_keys_look
  if [[ $__getimg_keys_now != "${__getimg_keys_seen-}" || ${__GETIMG_KEYS_SAVED-} == *+ ]]; then
    __getimg_keys_seen=$__getimg_keys_now
    if said=$(__getimg_keys_ask); then
      eval "$said"
    else
      __getimg_keys_drop
    fi
    # What was saved may be a key: no program but this one gets it.
    export -n __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
    if [[ $stamp != "${__GETIMG_KEYS_STAMP-}" ]]; then
      __getimg_keys_look
      __getimg_keys_seen=$__getimg_keys_now
    fi
  fi
  return "$code"
}

# A shell inside this one may be given PROMPT_COMMAND without the function.
__getimg_keys_prompt=__getimg_keys_hook
if [[ ${PROMPT_COMMAND[*]-} != *__getimg_keys_prompt* ]]; then
  # shellcheck disable=SC2016,SC2128,SC2178
  PROMPT_COMMAND='eval "${__getimg_keys_prompt-(exit $?)}"'"${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
fi
