case $SSM_waitSeconds in '' | *[!0-9]* | ????*)
  echo 'waitSeconds is not a number of seconds' >&2
  exit 2 ;;
esac

# Progress, for whoever reads the run. The SSM Agent drops it when a step ends with 168.
say() {
  clock
  printf '%s\n' "launchgate, $((now - began)) s: $1" | tr -cd '\n\040-\176' | cut -c 1-300 >&2
}

time_left() {
  clock
  [ $((now - began)) -lt "$SSM_waitSeconds" ]
}

# pause SECONDS, and up to one more, so that a fleet that was launched at once does not go on at once. In the
# background, so that a signal is answered at once.
pause() {
  chance=$(od -An -N2 -tu2 /dev/urandom) # empty when a signal ended it
  sleep "$1.$((${chance:-0} % 10))" >/dev/null 2>&1 &
  wait "$!"
}

# Waits until nobody holds the package lock, and tells who does.
wait_for_lock() {
  told=
  while find_package_lock && [ -n "$lock_pid" ]; do
    [ "$told" = "$lock_pid" ] || say "waiting: $lock_holder"
    told=$lock_pid
    if ! time_left; then
      say "gave up: $lock_holder"
      return 1
    fi
    pause 1
  done
  [ -z "$told" ] || say 'the package lock is free'
}

# attempt COMMAND...: under the package lock that it takes for itself, so others may be faster, again and again; three
# times where it fails for another reason. Sets last_words. A package manager minds TERM between two packages only, and
# timeout gives it a process group of its own, out of reach of the KILL that ends a step: no transaction is torn.
attempt() {
  failures=0
  delay=1
  while wait_for_lock; do
    doing=$*
    say "$*"
    log_end=$(stat -c %s "$old_log" 2>/dev/null || echo 0)
    timeout 300 "$@" >"$scratch/output" 2>&1 </dev/null && return 0
    status=$?
    tail -c "+$((log_end + 1))" "$old_log" >>"$scratch/output" 2>/dev/null
    read_last_words "$1 ended with $status"
    if lost_the_race; then
      say "lost the race for the package lock: $last_words"
    else
      failures=$((failures + 1))
      say "failed: $last_words"
      [ "$failures" -lt 3 ] || return 1
    fi
    time_left || return 1
    pause "$delay"
    [ "$delay" -ge 8 ] || delay=$((delay * 2))
  done
  last_words=$lock_holder
  return 1
}

# In the words of rpm, of apt and dpkg by age, of yum and dnf, and of zypper.
lost_the_race() {
  grep -q -e "can't create transaction lock" -e 'Could not get lock' -e 'Unable to acquire the dpkg' \
    -e 'Unable to lock ' -e 'frontend.* locked by another process' -e 'currently holding the yum lock' \
    -e 'obtain .*transaction lock' -e 'System management is locked' "$scratch/output"
}

# read_last_words ELSE: the last line that speaks of an error, or the last one.
read_last_words() {
  last_words=$(grep -i -e error -e "can't" -e 'could not' -e unable "$scratch/output" 2>/dev/null | tail -n 1)
  [ -n "$last_words" ] || last_words=$(tail -n 1 "$scratch/output" 2>/dev/null)
  last_words=${last_words:-$1}
}

install_missing_packages() {
  find_missing_packages
  [ -n "$missing_packages" ] || return 0
  wait_for_lock || return 0
  find_missing_packages # whoever held the lock may have done it
  # shellcheck disable=SC2086 # it is a list
  [ -z "$missing_packages" ] || install_packages $missing_packages || package_words=$last_words
}

# After install_missing_packages: what is missing now, and why if that is known.
judge_packages() {
  find_missing_packages
  [ -n "$missing_packages" ] || return 0
  check_package_lock
  check_packages
  [ -z "$package_words" ] || finding install install-failed repairable "$package_words"
}

# needrestart of Ubuntu would restart services, the SSM Agent that runs this among them.
install_packages() {
  if is_debian; then
    attempt apt-get -q update || return 1
    attempt env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
      apt-get -q -y -o Dpkg::Options::=--force-confold install "$@"
    return
  fi
  for manager in dnf yum zypper; do
    command -v "$manager" >/dev/null || continue
    case $manager in zypper) option=-n ;; *) option=-y ;; esac
    attempt "$manager" "$option" install "$@"
    return
  done
  last_words='no package manager that is known here'
  return 1
}

# conclude: the report, whatever happened; the exit codes are the step's.
conclude() {
  trap '' HUP INT TERM
  clock
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
  [ "$ready" = true ] || tail_of "$scratch/output" 2400
  case $findings in *'|agent-'*)
    systemctl status --no-pager --lines=10 codedeploy-agent 2>&1 | cut -c 1-200 | head -c 1600
    tail_of "$root$log_dir/$program_name.log" 1600 ;;
  esac
}

# shellcheck disable=SC2329 # the trap calls it
interrupted() {
  check_package_lock
  [ -n "$lock_pid" ] || finding install install-failed repairable "interrupted at: $doing"
  conclude
}

began_here() {
  ready=false
  findings=
  agent_state=
  version=
  generation=
  installed=
  last_words=
  package_words=
  lock_pid=
  doing=looking
  clock
  began=$now
  read_agent_settings
  old_log=$root/tmp/codedeploy-agent.update.log # where the 1.x installer writes what it would say
  scratch=$(mktemp -d) || exit 5
  trap 'rm -rf "$scratch"' EXIT
  trap 'interrupted' HUP INT TERM
}
