# 100 MB: an archive of a few tens of MB, its files and the log. 1,000 files. With less most deployments fail.
check_disk() {
  folder=$root$root_dir
  while [ ! -d "$folder" ] && [ "$folder" != "${folder%/*}" ]; do folder=${folder%/*}; done
  lacking=
  read_free -Pk
  case $free in *[!0-9]*) ;; *) [ "$free" -ge 102400 ] || lacking="$free KB" ;; esac
  # A file system that makes inodes as needed has none in all.
  [ -n "$hung" ] || read_free -Pi
  case $total$free in 0* | *[!0-9]*) ;; *)
    [ "$free" -ge 1000 ] || lacking="${lacking:+$lacking and }$free inodes" ;;
  esac
  [ -z "$lacking" ] || finding disk disk-full transient "$lacking free for $root_dir, on $mount"
}

# read_free OPTION: sets total, free and mount.
read_free() {
  said=$(df "$1" -- "${folder:-/}" 2>/dev/null)
  # shellcheck disable=SC2086 # split; the last line, since a long name has its own
  set -- ${said##*"$newline"}
  total=${2:-x} free=${4:-x} mount=${6-}
}
