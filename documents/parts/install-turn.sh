# One run at a time. It is owned by the worker that the SSM Agent starts for each command (agent/framework/processor/
# executer/outofproc/master.go), so that the turn outlives a step that was killed and ends with its command. flock is
# held for moments only.
take_turn() {
  find_owner
  told=
  mkdir -p "$root/run"
  until other=$(try_turn); do
    [ "$told" = "$other" ] || say "waiting: another run, of process $other, is at it"
    told=$other
    doing='waiting for another run'
    if ! time_left; then
      finding install install-busy transient "another run, of process $other, is at it"
      return 1
    fi
    pause 1
  done
  # What the steps before this one waited counts.
  began=$((began - ${other:-0}))
}

# The SSM Agent runs `sh -c SCRIPT` (agent/plugins/runscript/runshellscript.go); some shells stay between it and us.
find_owner() {
  owner=$PPID
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$owner/cmdline") in 'sh -c '*)
    read_process "$owner" && owner=$parent ;;
  esac
  [ "$owner" -gt 1 ] || owner=$$
}

# started PID: in ticks since the boot, which no other process of that number has.
started() {
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Prints who is at it instead, or the seconds that the owner's steps have used.
try_turn() {
  (
    flock 9
    { read -r holder since used <"$root/run/launchgate-install"; } 2>/dev/null
    case ${holder-} in
      '' | *[!0-9]*) ;;
      "$owner") [ "$since" != "$(started "$owner")" ] || echo "$used" ;;
      *) if [ "$since" = "$(started "$holder")" ]; then
        echo "$holder"
        exit 1
      fi ;;
    esac
    echo "$owner $(started "$owner") 0" >"$root/run/launchgate-install"
  ) 9>"$root/run/launchgate-install.lock"
}

# For the next step of this command.
keep_turn() {
  clock
  (
    flock 9
    echo "$owner $(started "$owner") $((now - began))" >"$root/run/launchgate-install"
  ) 9>"$root/run/launchgate-install.lock"
}

end_turn() {
  { read -r holder _ <"$root/run/launchgate-install"; } 2>/dev/null
  [ "${holder-}" != "${owner-none}" ] || rm -f "$root/run/launchgate-install"
}
