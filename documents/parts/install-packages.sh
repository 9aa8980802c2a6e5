# For apt, dpkg and whatever else installs. Ubuntu's needrestart would restart services, also the SSM Agent that runs
# this.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

# shellcheck disable=SC2329 # the trap calls it
handle_signal() {
  check_package_lock
  [ -n "$lock_pid" ] || finding install install-failed repairable "interrupted during: $doing"
  finish
}

# Where /tmp cannot be written, package managers and installers use this one.
choose_temporary_folder() {
  for folder in /tmp /var/tmp /dev/shm; do
    spare=$(mktemp -d "$folder/launchgate.XXXXXX" 2>/dev/null) || continue
    rmdir "$spare"
    [ "$folder" = /tmp ] || export TMPDIR="$folder"
    return
  done
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

# run_bounded SECONDS COMMAND...: at most for these seconds, and not beyond work_until. A package manager obeys TERM only
# between packages; one that does not within 30 s hangs, and KILL may break its transaction. timeout gives it its own
# process group, which the KILL that ends a step does not reach. If the command obeys TERM, timeout ends, and whatever
# the command has started and ignores TERM would go on.
run_bounded() {
  read_uptime
  limit=$((work_until - now))
  [ "$limit" -le "$1" ] || limit=$1
  shift
  [ "$limit" -gt 0 ] || return 124
  # shellcheck disable=SC2016 # the inner shell expands it
  sh -c 'echo "$$" >"$0"; exec timeout -k 30 "$@"' "$scratch/group" "$limit" "$@"
  set -- "$?"
  case $1 in 124 | 137)
    read -r group <"$scratch/group" && kill -s KILL -- "-$group" 2>/dev/null ;;
  esac
  return "$1"
}

# attempt SECONDS COMMAND...: when the package lock is free, and again, while time is left, if another process took it
# first. Returns 2 if the lock was in the way, 1 if the command failed. Sets last_error.
attempt() {
  seconds=$1
  shift
  race=1
  while wait_for_lock; do
    finish_interrupted_dpkg
    doing=$*
    say "$*"
    log_end=$(stat -c %s "$old_log" 2>/dev/null || echo 0)
    run_bounded "$seconds" "$@" >"$scratch/output" 2>&1 </dev/null
    ended=$?
    [ "$ended" -ne 0 ] || return 0
    tail -c "+$((log_end + 1))" "$old_log" >>"$scratch/output" 2>/dev/null
    read_last_error "$1 ended with $ended"
    case $ended in 124 | 137) last_error="$1 was ended after $limit s: $last_error" ;; esac
    if is_there; then
      say "what was wanted is there, although: $last_error"
      return 0
    fi
    lost_lock_race || return 1
    say "lost the race for the package lock: $last_error"
    time_left || return 1
    pause "$race"
    [ "$race" -ge 8 ] || race=$((race * 2))
  done
  last_error=$lock_holder
  return 2
}

# retry COMMAND...: a command that calls attempt, three times while time is left.
retry() {
  failures=0
  delay=1
  while :; do
    "$@" && return 0
    [ "$?" -ne 2 ] || return 1
    failures=$((failures + 1))
    say "failed: $last_error"
    [ "$failures" -lt 3 ] && time_left || return 1
    pause "$delay"
    delay=$((delay * 2))
  done
}

# Whether the goal of a command that failed is reached: packages, or a program. zypper ends with 106 if it skipped a
# repository. A program may be there before its package is whole.
is_there() {
  case $goal in
    '') return 1 ;;
    /*) [ "$ended" -ne 124 ] && [ "$ended" -ne 137 ] && [ -x "$goal" ] ;;
    *) (
      SSM_packages=$goal
      find_missing_packages
      [ -z "$missing_packages" ]
    ) ;;
  esac
}

# apt refuses all work while the journal of a dpkg that was interrupted is there.
finish_interrupted_dpkg() {
  is_debian || return 0
  set +f
  set -- "$root"/var/lib/dpkg/updates/[0-9]*
  set -f
  [ -e "$1" ] || grep -q 'dpkg --configure -a' "$scratch/output" 2>/dev/null || return 0
  doing='dpkg --force-confold --configure -a'
  say "dpkg was interrupted: $doing"
  # shellcheck disable=SC2086 # a command and its options
  run_bounded 270 $doing >"$scratch/output" 2>&1 </dev/null
}

# Messages of rpm, of apt and dpkg by age, of yum and dnf, and of zypper.
lost_lock_race() {
  grep -q -e "can't create transaction lock" -e 'Could not get lock' -e 'Unable to acquire the dpkg' \
    -e 'Unable to lock ' -e 'frontend.* locked by another process' -e 'currently holding the yum lock' \
    -e 'obtain .*transaction lock' -e 'System management is locked' "$scratch/output"
}

# An agent that starts last is left to the next run.
install_missing_packages() {
  find_missing_packages
  [ -n "$missing_packages" ] || return 0
  [ "$SSM_agent" != last ] || SSM_agent=ignored
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

# A repository that is broken or does not answer must not keep the others from serving. yum 3 knows these options too.
install_packages() {
  goal=$*
  if is_debian; then
    retry install_with_apt "$@"
    return
  fi
  for manager in dnf yum zypper; do
    command -v "$manager" >/dev/null || continue
    case $manager in
      zypper) retry attempt 270 zypper -n install "$@" ;;
      *) retry attempt 270 "$manager" -y --setopt='*.skip_if_unavailable=1' --setopt=timeout=20 --setopt=retries=2 \
        install "$@" ;;
    esac
    return
  done
  last_error='no dnf, yum or zypper found'
  return 1
}

# What kept apt from reading its lists is told only if the installation fails too.
install_with_apt() {
  goal=
  list_error=
  attempt 100 apt-get -q -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Update::Error-Mode=any \
    update || [ "$?" -eq 1 ] || return 2
  if [ "$ended" -ne 0 ]; then
    list_error=$last_error
    say "installing all the same: $list_error"
  fi
  goal=$*
  attempt 270 apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold install "$@" && return 0
  set -- "$?"
  last_error="$last_error${list_error:+ (apt-get update: $list_error)}"
  return "$1"
}
