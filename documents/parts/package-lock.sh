check_package_lock() {
  find_package_lock
  if [ -n "$lock_pid" ]; then
    finding package-lock package-lock-held transient "$lock_holder"
  elif [ -n "$lock_stranger" ]; then
    finding package-lock package-lock-unclear transient "$lock_stranger, which is no package manager"
  fi
}

# Sets lock_pid to a process that holds a package lock, if any, and lock_holder to its description.
find_package_lock() {
  lock_pid=
  lock_stranger=
  find_file_lock
  [ -n "$lock_pid" ] || find_pid_file
  [ -n "$lock_pid" ] || return 0
  describe_process
  lock_holder="$lock_pid ($command_line)"
  read_process "$lock_pid" && lock_holder="$lock_holder, running for $age s"
  lock_holder="$lock_holder, holds ${lock_file#"$root"}"
}

describe_process() {
  command_line=$(tr '\0' ' ' 2>/dev/null <"/proc/$lock_pid/cmdline" | cut -c 1-80)
  command_line=${command_line% }
}

# rpm, dpkg and apt lock a file while they change something. The file stays: ask the kernel for locks.
find_file_lock() {
  locks=$({
    for lock_file in var/lib/rpm/.rpm.lock usr/lib/sysimage/rpm/.rpm.lock \
      var/lib/dpkg/lock-frontend var/lib/dpkg/lock var/lib/apt/lists/lock var/cache/apt/archives/lock; do
      [ ! -e "$root/$lock_file" ] || stat -L -c '%i %n' "$root/$lock_file"
    done
    cat /proc/locks
  } 2>/dev/null | awk '
    /^[0-9]+ / { file[$1] = $2; next }
    $2 ~ /^(POSIX|OFDLCK)$/ && $4 == "WRITE" { split($6, at, ":"); if (at[3] in file) print $5, file[at[3]] }')
  # shellcheck disable=SC2086 # split into words; a here-document fails on a full disk
  set -- $locks
  while [ "$#" -ge 2 ]; do
    lock_pid=$1
    lock_file=$2
    shift 2
    find_lock_holder && return 0
  done
  lock_pid=
}

# The holder has lock_file open. The inode alone is no proof: it may be on another file system, and /proc/locks and stat
# may name devices differently (overlay, btrfs). PID -1: the lock of an open file description.
find_lock_holder() {
  [ "$lock_pid" != -1 ] || lock_pid='[0-9]*'
  set +f
  # shellcheck disable=SC2086 # it may be a pattern
  lock_pid=$(stat -L -c '%d:%i %n' "$lock_file" /proc/$lock_pid/fd/* 2>/dev/null | awk '
    NR == 1 { file = $1; next }
    $1 == file { split($2, part, "/"); print part[3]; exit }')
  set -f
  [ -n "$lock_pid" ]
}

# dnf, yum and zypper write their PID to a file, and ignore that of a dead process. A file that is left over may name a
# stranger, for which they would wait: that is said, and is not taken for a held lock.
find_pid_file() {
  set +f
  for lock_file in "$root"/var/lib/dnf/*lock.pid "$root"/var/cache/dnf/*lock.pid "$root/var/run/yum.pid" \
    "$root/run/yum.pid" "$root/run/zypp.pid" "$root/var/run/zypp.pid"; do
    set -f
    { read -r lock_pid _ <"$lock_file" || [ -n "$lock_pid" ]; } 2>/dev/null
    case $lock_pid in '' | *[!0-9]*) ;; *) ! is_package_manager || return 0 ;; esac
    lock_pid=
  done
  set -f
}

is_package_manager() {
  [ -d "/proc/$lock_pid" ] || return 1
  describe_process
  case ${command_line%% -*} in *dnf* | *yum* | *zypp* | *rpm* | *[Pp]ackage[Kk]it*) return 0 ;; esac
  lock_stranger="${lock_file#"$root"} names $lock_pid ($command_line)"
  return 1
}
