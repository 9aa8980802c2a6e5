# 100 MB: an archive of a few ten, what it unpacks to, and the log of it. Less fails most deployments.
check_disk() {
  folder=$root$root_dir
  while [ ! -d "$folder" ] && [ -n "${folder#/}" ]; do folder=${folder%/*}; done
  free=$(df -Pk -- "${folder:-/}" 2>/dev/null)
  # shellcheck disable=SC2086 # it is to be split; the last line, for a name may be long
  set -- ${free##*"$newline"}
  case ${4-x} in *[!0-9]*) return 0 ;; esac
  [ "$4" -ge 102400 ] || finding disk disk-full transient "$4 KB free for $root_dir, on $6"
}
