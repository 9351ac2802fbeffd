# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook zsh
# At a prompt it looks at the folder and the beginnings of two files; only when one of them is another than
# before it starts the program.

zmodload zsh/system
export GETIMG_KEYS_SHELL="zsh:$$"
typeset -g __getimg_keys_program='@program@'

# Sets __getimg_keys_now to all that the selection depends on.
__getimg_keys_look() {
  emulate -L zsh
  local file up=. book='' pin=''
  if [[ $PWD != "${__getimg_keys_folder-}" ]]; then
    typeset -g __getimg_keys_folder=$PWD
    typeset -ga __getimg_keys_pins=()
    while [[ -d $up ]]; do
      __getimg_keys_pins+=("$up/.getimg-keys.toml")
      [[ $up -ef $up/.. ]] && break
      up+=/..
    done
  fi
  if [[ -f ${__GETIMG_KEYS_STAMP-} ]]; then
    sysread -s 512 book <"$__GETIMG_KEYS_STAMP"
  fi
  for file in "${__getimg_keys_pins[@]}"; do
    if [[ -f $file ]]; then
      sysread -s 4096 pin <"$file"
      pin=$file:$pin
      break
    fi
  done
  typeset -g __getimg_keys_now=$PWD:${GETIMG_KEYS_PROFILE-}:${GETIMG_KEYS_HOME-}:$book:$pin
} 2>/dev/null

__getimg_keys_hook() {
  emulate -L zsh
  local stamp=${__GETIMG_KEYS_STAMP-}
  __getimg_keys_look
  [[ $__getimg_keys_now == "${__getimg_keys_seen-}" ]] && return
  typeset -g __getimg_keys_seen=$__getimg_keys_now
  eval "$(__GETIMG_KEYS_SAVED=${__GETIMG_KEYS_SAVED-} __GETIMG_KEYS_STAMP=$stamp \
    "$__getimg_keys_program" hook-env zsh </dev/null)"
  # What was saved may be a key: no program but this one gets it.
  typeset -g +x __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
  if [[ $stamp != "${__GETIMG_KEYS_STAMP-}" ]]; then
    __getimg_keys_look
    __getimg_keys_seen=$__getimg_keys_now
  fi
}

typeset -ga precmd_functions
if (( ! ${precmd_functions[(I)__getimg_keys_hook]} )); then
  precmd_functions=(__getimg_keys_hook $precmd_functions)
fi
