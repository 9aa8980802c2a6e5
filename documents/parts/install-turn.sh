# One run works at a time. The turn belongs to the worker that the SSM Agent starts for each command
# (agent/framework/processor/executer/outofproc/master.go): it survives a killed step and ends with the command. flock
# is held only to read and write the file.
take_turn() {
  find_owner
  reported=
  mkdir -p "$root/run"
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
  # The time that earlier steps used counts.
  began=$((began - ${other:-0}))
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

# Prints the other run's process and fails, or prints the seconds that earlier steps used.
try_turn() {
  (
    flock 9
    { read -r holder since used <"$root/run/launchgate-install"; } 2>/dev/null
    case ${holder-} in
      '' | *[!0-9]*) ;;
      "$owner") [ "$since" != "$(print_start "$owner")" ] || echo "$used" ;;
      *) if [ "$since" = "$(print_start "$holder")" ]; then
        echo "$holder"
        exit 1
      fi ;;
    esac
    echo "$owner $(print_start "$owner") 0" >"$root/run/launchgate-install"
  ) 9>"$root/run/launchgate-install.lock"
}

# For the next step of this command.
keep_turn() {
  read_uptime
  (
    flock 9
    echo "$owner $(print_start "$owner") $((now - began))" >"$root/run/launchgate-install"
  ) 9>"$root/run/launchgate-install.lock"
}

end_turn() {
  { read -r holder _ <"$root/run/launchgate-install"; } 2>/dev/null
  [ "${holder-}" != "${owner-none}" ] || rm -f "$root/run/launchgate-install"
}
