# 100 MB: an archive of a few tens of MB, its files and the log. With less most deployments fail.
check_disk() {
  folder=$root$root_dir
  while [ ! -d "$folder" ] && [ -n "${folder#/}" ]; do folder=${folder%/*}; done
  free=$(df -Pk -- "${folder:-/}" 2>/dev/null)
  # shellcheck disable=SC2086 # split; the last line, since a long name has its own
  set -- ${free##*"$newline"}
  case ${4-x} in *[!0-9]*) return 0 ;; esac
  [ "$4" -ge 102400 ] || finding disk disk-full transient "$4 KB free for $root_dir, on $6"
}
