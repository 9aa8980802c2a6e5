case $SSM_waitSeconds in '' | *[!0-9]* | ????*)
  echo 'waitSeconds is not a number of seconds' >&2
  exit 2 ;;
esac

# Writes progress to stderr. The SSM Agent drops it if a step ends with 168.
say() {
  read_uptime
  printf '%s\n' "launchgate, $((now - began)) s: $1" | tr -cd '\n\040-\176' | cut -c 1-300 >&2
}

time_left() {
  read_uptime
  [ $((now - began)) -lt "$SSM_waitSeconds" ]
}

# pause SECONDS: and up to 1 s more, so that instances launched together do not go on together. In the background, so
# that a signal is handled at once.
pause() {
  random=$(od -An -N2 -tu2 /dev/urandom) # empty if a signal stopped it
  sleep "$1.$((${random:-0} % 10))" >/dev/null 2>&1 &
  wait "$!"
}

# read_last_error DEFAULT: the last error of apt, dpkg or curl, else the last line about an error, else the last line.
read_last_error() {
  last_error=$(grep -e '^E: ' -e '^dpkg: error' -e '^curl: (' "$scratch/output" 2>/dev/null |
    grep -v 'Some index files' | tail -n 1)
  [ -n "$last_error" ] || last_error=$(grep -v '^N: ' "$scratch/output" 2>/dev/null |
    grep -i -e error -e "can't" -e 'could not' -e unable | tail -n 1)
  [ -n "$last_error" ] || last_error=$(tail -n 1 "$scratch/output" 2>/dev/null)
  last_error=${last_error:-$1}
}

# Prints the report and exits with the step's code.
finish() {
  trap '' HUP INT TERM
  read_uptime
  [ -n "$findings" ] || ready=true
  print_report || exit 4
  print_evidence 2>/dev/null | head -c 6000 >&2
  end_turn
  if read_process "${!-}" && [ "$parent" = "$$" ]; then kill "$!" 2>/dev/null; fi
  wait
  [ "$ready" = true ] && exit "$exit_ready"
  exit "$exit_not_ready"
}

# systemctl, and a log on a file system that does not answer, may hang.
print_evidence() {
  printf '%s' "$findings"
  [ -n "$scratch" ] || return 0
  [ "$ready" = true ] || print_tail "$scratch/output" 2400
  case $findings in *'|agent-'*)
    timeout -k 1 5 systemctl status --no-pager --lines=10 codedeploy-agent 2>&1 | cut -c 1-200 | head -c 1600
    timeout -k 1 5 tail -c 20000 "$root$log_dir/$program_name.log" >"$scratch/$program_name.log"
    print_tail "$scratch/$program_name.log" 1600 ;;
  esac
}

begin_run() {
  ready=false
  bounded='timeout -k 2 30'
  agent_state=
  agent_early=
  version=
  generation=
  installed=
  last_error=
  package_error=
  lock_pid=
  turn=
  doing=checks
  read_uptime
  began=$now
  read_agent_settings
  trap '[ -z "$scratch" ] || rm -rf "$scratch"' EXIT
  trap 'handle_signal' HUP INT TERM
  make_scratch && return
  finding install install-failed repairable "no folder for files of its own: cannot write to$tried"
  finish
}

# Any of these may be read-only or full.
make_scratch() {
  scratch=
  tried=
  mkdir -p "$root/run" 2>/dev/null
  for folder in "$root/run" /var/tmp /tmp /dev/shm; do
    scratch=$(mktemp -d "$folder/launchgate.XXXXXX" 2>/dev/null)
    if [ -n "$scratch" ] && echo launchgate 2>/dev/null >"$scratch/try"; then return 0; fi
    [ -z "$scratch" ] || rm -rf "$scratch"
    scratch=
    tried="$tried ${folder#"$root"}"
  done
  return 1
}
