check_boot() {
  state=$root/run/cloud-init
  failed=$(cat "$state/result.json" "$state/status.json" 2>/dev/null |
    sed -n 's/.*\(scripts[-_]user[^"]*\).*/\1/p' | head -n 1)
  [ -z "$failed" ] || finding boot user-data-failed fatal "cloud-init: $failed"
  stage=unknown
  boot_finished || finding boot boot-running transient "cloud-init has not finished, stage $stage"
}

# The files first: cloud-init 22.2 (Amazon Linux 2023) prints no JSON, and its command takes a second of CPU.
boot_finished() {
  if [ -e "$state/disabled" ] || [ -s "$state/result.json" ]; then return 0; fi
  if [ -s "$state/status.json" ]; then
    status=$(tr -d '[:space:]' <"$state/status.json")
    case $status in *'"stage":"'*)
      stage=${status#*'"stage":"'}
      stage=${stage%%'"'*}
      return 1 ;;
    esac
    status=${status#*'"modules-final":{'}
    case ${status%%'}'*} in *'"finished":'[0-9]*) return 0 ;; esac
    return 1
  fi
  command -v cloud-init >/dev/null || return 0
  case $(timeout 5 cloud-init status 2>/dev/null) in
    *'status: done'* | *'status: error'* | *'status: degraded'* | *'status: disabled'*) return 0 ;;
  esac
  return 1
}
