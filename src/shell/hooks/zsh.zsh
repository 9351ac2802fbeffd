# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook zsh
# At a prompt it looks at the folder and the beginnings of some files; only when one of them is another than
# before it starts the program.

zmodload zsh/system
export GETIMG_KEYS_SHELL="zsh:$$"
typeset -g __getimg_keys_program='@program@'

# Sets __getimg_keys_now to all that the selection depends on.
__getimg_keys_look() {
  emulate -L zsh
  local file up=. profiles='' pin='' pins=''
  if [[ $PWD != "${__getimg_keys_folder-}" ]]; then
    typeset -g __getimg_keys_folder=$PWD
    typeset -ga __getimg_keys_pins
    __getimg_keys_pins=()
    while [[ -d $up ]]; do
      __getimg_keys_pins+=("$up/.getimg-keys.toml")
      [[ $up -ef $up/.. ]] && break
      up+=/..
    done
  fi
  if [[ -f ${__GETIMG_KEYS_STAMP-} ]]; then
    sysread -s 512 profiles <"$__GETIMG_KEYS_STAMP"
  fi
  for file in "${__getimg_keys_pins[@]}"; do
    if [[ -f $file ]]; then
      pin=''
      sysread -s 4096 pin <"$file"
      pins+=$file:$pin:
    elif [[ -e $file || -L $file ]]; then
      pins+="$file?"
    fi
  done
  typeset -g __getimg_keys_now=$PWD:${GETIMG_KEYS_PROFILE-}:${GETIMG_KEYS_HOME-}:$profiles:$pins
} 2>/dev/null

# Prints what the program says; it may have been moved since by an upgrade.
__getimg_keys_ask() {
  emulate -L zsh
  local program=$__getimg_keys_program
  [[ -f $program && -x $program ]] || program=$(whence -p getimg-keys)
  [[ $program == /* ]] || return 127
  __GETIMG_KEYS_SAVED=${__GETIMG_KEYS_SAVED-} __GETIMG_KEYS_STAMP=${__GETIMG_KEYS_STAMP-} \
    "$program" hook-env zsh </dev/null
}

# Without the program: takes the key away that a hook loaded.
__getimg_keys_drop() {
  emulate -L zsh
  local names=${__GETIMG_KEYS_SAVED-}
  [[ -n ${GETIMG_KEYS_LOADED-} ]] || return 0
  names=${names%% *}
  names=${names:-GETIMG_API_KEY},
  while [[ -n $names ]]; do
    unset "${names%%,*}"
    names=${names#*,}
  done
  unset GETIMG_KEYS_LOADED __GETIMG_KEYS_SAVED
  print -u2 -r -- 'getimg-keys: the program cannot be started; the key that its hook loaded is taken away'
}

__getimg_keys_hook() {
  emulate -L zsh
  local stamp=${__GETIMG_KEYS_STAMP-} said=''
  __getimg_keys_look
  [[ $__getimg_keys_now == "${__getimg_keys_seen-}" && ${__GETIMG_KEYS_SAVED-} != *+ ]] && return
  typeset -g __getimg_keys_seen=$__getimg_keys_now
  if said=$(__getimg_keys_ask); then
    eval "$said"
  else
    __getimg_keys_drop
  fi
  # What was saved may be a key: no program but this one gets it.
  typeset -g +x __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
  if [[ $stamp != "${__GETIMG_KEYS_STAMP-}" ]]; then
    __getimg_keys_look
    __getimg_keys_seen=$__getimg_keys_now
  fi
}

__getimg_keys_begin() {
  emulate -L zsh
  typeset -ga precmd_functions
  (( ${precmd_functions[(I)__getimg_keys_hook]} )) && return
  # What another program put into the environment under these names is not ours.
  unset __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
  precmd_functions=(__getimg_keys_hook $precmd_functions)
}
__getimg_keys_begin
