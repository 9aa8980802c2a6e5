# A finished boot stays finished: it is not checked again.
check_boot() {
  [ -z "$booted" ] || return 0
  state=$root/run/cloud-init
  user_data_failed=$(cat "$state/result.json" "$state/status.json" 2>/dev/null |
    sed -n 's/.*\(scripts[-_]user[^"]*\).*/\1/p' | head -n 1)
  if [ -n "$user_data_failed" ] && [ "$SSM_userData" != ignored ]; then
    finding boot user-data-failed fatal "cloud-init: $user_data_failed"
  fi
  stage=unknown
  if ! boot_finished; then
    finding boot boot-running transient "cloud-init has not finished, stage $stage"
  elif [ -z "$user_data_failed" ]; then
    booted=yes
  fi
}

# Reads the files first: they have one format from 22.2 (Amazon Linux 2023) to 25, and the command takes 1 s of CPU. Its
# exit code is not used: 2 is a usage error before 23.4 and "degraded" since.
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
