# One run works at a time. The turn belongs to the worker that the SSM Agent starts for each command
# (agent/framework/processor/executer/outofproc/master.go): it survives a killed step and ends with the command. flock
# is held only to read and write the file.
take_turn() {
  find_owner
  turn=${scratch%/*}/launchgate-install
  read_note
  reported=
  until other=$(try_turn); do
    [ "$reported" = "$other" ] || say "waiting: another run (process $other) is working"
    reported=$other
    doing='waiting for another run'
    if ! time_left; then
      finding install install-busy transient "another run (process $other) is working"
      return 1
    fi
    pause 1
  done
}

# The SSM Agent runs `sh -c SCRIPT` (agent/plugins/runscript/runshellscript.go); some shells stay as our parent.
find_owner() {
  owner=$PPID
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$owner/cmdline") in 'sh -c '*)
    read_process "$owner" && owner=$parent ;;
  esac
  [ "$owner" -gt 1 ] || owner=$$
}

# print_start PID: in ticks since boot; another process with this PID has another.
print_start() {
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Prints the other run's process and fails, or takes the turn.
try_turn() {
  (
    flock 9
    holder=
    { read -r holder since <"$turn"; } 2>/dev/null
    case $holder in
      '' | *[!0-9]* | "$owner") ;;
      *) if [ "$since" = "$(print_start "$holder")" ]; then
        echo "$holder"
        exit 1
      fi ;;
    esac
    echo "$owner $(print_start "$owner")" >"$turn"
  ) 9>"$turn.lock"
}

end_turn() {
  [ -n "$turn" ] || return 0
  holder=
  { read -r holder _ <"$turn"; } 2>/dev/null
  [ "$holder" != "$owner" ] || rm -f "$turn"
}

# Leaves for the last step of this command how long the first one has waited and why the Region's installer failed. The
# turn ends: Distributor, which is between them, may never end.
hand_over() {
  read_uptime
  printf '%s\n' "$owner $(print_start "$owner") $((now - began)) $last_error" >"$turn.note"
  end_turn
}

# The time that the first step used counts. Of two runs that are at Distributor at once, the note is the later one's.
read_note() {
  region_error='not known'
  { read -r holder since used words <"$turn.note"; } 2>/dev/null || return 0
  [ "$holder $since" = "$owner $(print_start "$owner")" ] || return 0
  rm -f "$turn.note"
  region_error=$words
  began=$((began - used))
}
