check_package_lock() {
  find_package_lock
  [ -z "$lock_pid" ] || finding package-lock package-lock-held transient "$lock_holder"
}

# Sets lock_pid to a process that holds a package lock, if there is one, and lock_holder to what it is and holds.
find_package_lock() {
  lock_pid=
  find_file_lock
  [ -n "$lock_pid" ] || find_pid_file
  [ -n "$lock_pid" ] || return 0
  lock_holder=$(tr '\0' ' ' 2>/dev/null <"/proc/$lock_pid/cmdline" | cut -c 1-80)
  lock_holder="$lock_pid (${lock_holder% })"
  read_process "$lock_pid" && lock_holder="$lock_holder, running for $age s"
  lock_holder="$lock_holder, holds ${lock_file#"$root"}"
}

# rpm, dpkg and apt lock a file for as long as they change something, so it is not the file that tells but the kernel.
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
  # shellcheck disable=SC2086 # it is to be split; a here-document would need a disk that is not full
  set -- $locks
  while [ "$#" -ge 2 ]; do
    lock_pid=$1
    lock_file=$2
    shift 2
    confirm_lock && return 0
  done
  lock_pid=
}

# Another file system may have a file of that inode, and /proc/locks may call a device otherwise than stat does
# (overlay, btrfs): who holds the lock has that very file open. A lock of an open file description names no process, -1.
confirm_lock() {
  [ "$lock_pid" != -1 ] || lock_pid='[0-9]*'
  set +f
  # shellcheck disable=SC2086 # it may be a pattern
  lock_pid=$(stat -L -c '%d:%i %n' "$lock_file" /proc/$lock_pid/fd/* 2>/dev/null | awk '
    NR == 1 { file = $1; next }
    $1 == file { split($2, part, "/"); print part[3]; exit }')
  set -f
  [ -n "$lock_pid" ]
}

# dnf and yum write down who they are, and do not mind a dead one either.
find_pid_file() {
  set +f
  for lock_file in "$root"/var/lib/dnf/*lock.pid "$root/var/run/yum.pid"; do
    set -f
    { read -r lock_pid <"$lock_file" || [ -n "$lock_pid" ]; } 2>/dev/null
    case $lock_pid in '' | *[!0-9]*) ;; *) [ ! -d "/proc/$lock_pid" ] || return 0 ;; esac
    lock_pid=
  done
  set -f
}
