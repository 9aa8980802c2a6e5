# Prints the report in at most 1,100 bytes: shortens details until it fits, then drops findings. The contract allows
# 2,000, but if both outputs are long, an SSM Agent sends only the first 1,165 bytes of stdout.
print_report() {
  case $version in *[!0-9.]* | ????????????????*) version= ;; esac
  case $generation in [1-9]) ;; *) generation= ;; esac
  head="{\"v\":1,\"ready\":$ready,\"waited_s\":$((now - began))${agent_early:+,\"agent_early\":true}"
  if [ -n "$agent_state" ]; then
    head="$head,\"agent\":{${generation:+\"generation\":$generation,}${version:+\"version\":\"$version\",}"
    head="$head\"state\":\"$agent_state\"}"
  fi
  foot="${installed:+,\"installed\":\"$installed\"}}"
  for length in 200 160 120 80 40 0; do
    write_report 99
    [ "${#report}" -gt 1099 ] || break
  done
  while [ "${#report}" -gt 1099 ]; do write_report $((written - 1)); done
  printf '%s\n' "$report"
}

# write_report COUNT: sets report, with so many findings at most and details of at most length bytes, and written.
write_report() {
  list=
  lines=$findings
  written=0
  while [ -n "$lines" ] && [ "$written" -lt "$1" ]; do
    line=${lines%%"$newline"*}
    lines=${lines#"$line"}
    lines=${lines#"$newline"}
    list="$list${list:+,}{"
    for name in check code class; do
      write_word "${line%%|*}"
      list="$list\"$name\":\"$text\","
      line=${line#*|}
    done
    write_detail "$line"
    list="$list\"detail\":\"$text\"}"
    written=$((written + 1))
  done
  report="$head,\"findings\":[$list]$foot"
}

write_word() {
  rest=$1
  text=
  while [ -n "$rest" ]; do
    part=${rest%%[!A-Za-z0-9_-]*}
    text=$text$part
    rest=${rest#"$part"}
    rest=${rest#?}
  done
  text=$(printf '%.40s' "$text")
}

write_detail() {
  clean_text "$1" "$length"
  rest=$text
  text=
  while :; do
    case $rest in *[\\\"]*) ;; *) break ;; esac
    part=${rest%%[\\\"]*}
    rest=${rest#"$part"}
    case $rest in \"*) text=$text$part\\\" ;; *) text=$text$part\\\\ ;; esac
    rest=${rest#?}
  done
  text=$text$rest
}

# print_tail FILE BYTES
print_tail() {
  [ -s "$1" ] || return 0
  printf '\n== %s\n' "${1#"$root"}"
  tail -c 20000 "$1" | tail -n 30 | tr -cd '\n\040-\176' | cut -c 1-400 | tail -c "$2"
}
