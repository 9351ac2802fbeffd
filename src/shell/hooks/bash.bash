# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook bash
# At a prompt it looks at the folder and the beginnings of two files; only when one of them is another than
# before it starts the program.

export GETIMG_KEYS_SHELL="bash:$$"
__getimg_keys_program='@program@'

# Sets __getimg_keys_now to all that the selection depends on.
__getimg_keys_look() {
  local file up=. book='' pin=''
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
    IFS= read -r -d '' -n 512 book <"$__GETIMG_KEYS_STAMP" || :
  fi
  for file in "${__getimg_keys_pins[@]}"; do
    if [[ -f $file ]]; then
      IFS= read -r -d '' -n 4096 pin <"$file" || :
      pin=$file:$pin
      break
    fi
  done
  __getimg_keys_now=$PWD:${GETIMG_KEYS_PROFILE-}:${GETIMG_KEYS_HOME-}:$book:$pin
} 2>/dev/null

__getimg_keys_hook() {
  local code=$? stamp=${__GETIMG_KEYS_STAMP-}
  __getimg_keys_look
  if [[ $__getimg_keys_now != "${__getimg_keys_seen-}" ]]; then
    __getimg_keys_seen=$__getimg_keys_now
    eval "$(__GETIMG_KEYS_SAVED=${__GETIMG_KEYS_SAVED-} __GETIMG_KEYS_STAMP=$stamp \
      "$__getimg_keys_program" hook-env bash </dev/null)"
    # What was saved may be a key: no program but this one gets it.
    export -n __GETIMG_KEYS_SAVED __GETIMG_KEYS_STAMP
    if [[ $stamp != "${__GETIMG_KEYS_STAMP-}" ]]; then
      __getimg_keys_look
      __getimg_keys_seen=$__getimg_keys_now
    fi
  fi
  return "$code"
}

if [[ ${PROMPT_COMMAND[*]-} != *__getimg_keys_hook* ]]; then
  PROMPT_COMMAND="__getimg_keys_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
fi
