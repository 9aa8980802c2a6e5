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

# Waits until the package lock is free, and says who holds it.
wait_for_lock() {
  reported=
  while find_package_lock && [ -n "$lock_pid" ]; do
    [ "$reported" = "$lock_pid" ] || say "waiting: $lock_holder"
    reported=$lock_pid
    if ! time_left; then
      say "gave up: $lock_holder"
      return 1
    fi
    pause 1
  done
  [ -z "$reported" ] || say 'the package lock is free'
}

# retry COMMAND...: three times, and again, while time is left, if another process took the package lock first. Sets
# last_error. No transaction breaks: a package manager obeys TERM only between packages, and timeout gives it its own
# process group, which the KILL that ends a step does not reach.
retry() {
  failures=0
  delay=1
  while wait_for_lock; do
    doing=$*
    say "$*"
    log_end=$(stat -c %s "$old_log" 2>/dev/null || echo 0)
    timeout 300 "$@" >"$scratch/output" 2>&1 </dev/null && return 0
    status=$?
    tail -c "+$((log_end + 1))" "$old_log" >>"$scratch/output" 2>/dev/null
    read_last_error "$1 ended with $status"
    if lost_lock_race; then
      say "lost the race for the package lock: $last_error"
    else
      failures=$((failures + 1))
      say "failed: $last_error"
      [ "$failures" -lt 3 ] || return 1
    fi
    time_left || return 1
    pause "$delay"
    [ "$delay" -ge 8 ] || delay=$((delay * 2))
  done
  last_error=$lock_holder
  return 1
}

# Messages of rpm, of apt and dpkg by age, of yum and dnf, and of zypper.
lost_lock_race() {
  grep -q -e "can't create transaction lock" -e 'Could not get lock' -e 'Unable to acquire the dpkg' \
    -e 'Unable to lock ' -e 'frontend.* locked by another process' -e 'currently holding the yum lock' \
    -e 'obtain .*transaction lock' -e 'System management is locked' "$scratch/output"
}

# read_last_error DEFAULT: the last line about an error, or the last line.
read_last_error() {
  last_error=$(grep -i -e error -e "can't" -e 'could not' -e unable "$scratch/output" 2>/dev/null | tail -n 1)
  [ -n "$last_error" ] || last_error=$(tail -n 1 "$scratch/output" 2>/dev/null)
  last_error=${last_error:-$1}
}

install_missing_packages() {
  find_missing_packages
  [ -n "$missing_packages" ] || return 0
  wait_for_lock || return 0
  find_missing_packages # the last lock holder may have installed them
  # shellcheck disable=SC2086 # it is a list
  [ -z "$missing_packages" ] || install_packages $missing_packages || package_error=$last_error
}

# After install_missing_packages: what is still missing, and why if known.
judge_packages() {
  find_missing_packages
  [ -n "$missing_packages" ] || return 0
  check_package_lock
  check_packages
  [ -z "$package_error" ] || finding install install-failed repairable "$package_error"
}

# Ubuntu's needrestart would restart services, also the SSM Agent that runs this.
install_packages() {
  if is_debian; then
    retry apt-get -q update || return 1
    retry env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
      apt-get -q -y -o Dpkg::Options::=--force-confold install "$@"
    return
  fi
  for manager in dnf yum zypper; do
    command -v "$manager" >/dev/null || continue
    case $manager in zypper) option=-n ;; *) option=-y ;; esac
    retry "$manager" "$option" install "$@"
    return
  done
  last_error='no dnf, yum or zypper found'
  return 1
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

print_evidence() {
  printf '%s' "$findings"
  [ "$ready" = true ] || print_tail "$scratch/output" 2400
  case $findings in *'|agent-'*)
    systemctl status --no-pager --lines=10 codedeploy-agent 2>&1 | cut -c 1-200 | head -c 1600
    print_tail "$root$log_dir/$program_name.log" 1600 ;;
  esac
}

# shellcheck disable=SC2329 # the trap calls it
handle_signal() {
  check_package_lock
  [ -n "$lock_pid" ] || finding install install-failed repairable "interrupted during: $doing"
  finish
}

begin_run() {
  ready=false
  findings=
  agent_state=
  version=
  generation=
  installed=
  last_error=
  package_error=
  lock_pid=
  doing=checks
  read_uptime
  began=$now
  read_agent_settings
  old_log=$root/tmp/codedeploy-agent.update.log # the 1.x installer writes its output there
  scratch=$(mktemp -d) || exit 5
  trap 'rm -rf "$scratch"' EXIT
  trap 'handle_signal' HUP INT TERM
}
