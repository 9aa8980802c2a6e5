# A finished boot stays finished: it is not checked again.
check_boot() {
  [ -z "$booted" ] || return 0
  cloud_init=$root/run/cloud-init
  user_data_failed=$(cat "$cloud_init/result.json" "$cloud_init/status.json" 2>/dev/null |
    sed -n 's/.*\(scripts[-_]user[^"]*\).*/\1/p' | head -n 1)
  if [ -n "$user_data_failed" ] && [ "$SSM_userData" != ignored ]; then
    finding boot user-data-failed fatal "cloud-init: $user_data_failed"
  fi
  stage=unknown
  if ! boot_finished; then
    judge_unfinished_boot
  elif [ "$SSM_userData" = ignored ] || user_data_ran; then
    [ -n "$user_data_failed$hung" ] || booted=yes
  fi
}

# Reads the files first: they have one format from 22.2 (Amazon Linux 2023) to 25, and the command takes 1 s of CPU. Its
# exit code is not used: 2 is a usage error before 23.4 and "degraded" since.
boot_finished() {
  if [ -e "$cloud_init/disabled" ] || [ -s "$cloud_init/result.json" ]; then return 0; fi
  if [ -s "$cloud_init/status.json" ]; then
    status=$(tr -d '[:space:]' <"$cloud_init/status.json")
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
  case $(cloud-init status 2>/dev/null) in
    *'status: done'* | *'status: error'* | *'status: degraded'* | *'status: disabled'*) return 0 ;;
  esac
  return 1
}

# systemd knows whether the last stage can still end: at boot each unit that will start has a job. A unit that is
# masked, or was left out to break an ordering cycle, has none.
judge_unfinished_boot() {
  [ -z "$hung" ] || return 0
  # shellcheck disable=SC2086 # it is a list
  set -- $SSM_units
  read_service "$(($# + 1))"
  case $load$state$job in
    loadedfailed*) said='cloud-final.service has failed' ;;
    maskedinactive0 | loadedinactive0)
      said="cloud-final.service is ${load#loaded} inactive, and nothing will start it" ;;
    *)
      finding boot boot-running transient "cloud-init has not finished, stage $stage"
      return ;;
  esac
  [ "$SSM_userData" = ignored ] || finding boot boot-failed fatal "$said, stage $stage"
}

# User data never ran if cloud-init found no data source but its last resort, or did not know what the text is: then it
# only writes a warning, and all stages succeed.
user_data_ran() {
  case $(cat "$cloud_init/result.json" "$cloud_init/status.json" 2>/dev/null | tr -d '[:space:]') in
    *'"datasource":"DataSourceNone'*)
      has_no_user_data && return 0
      finding boot user-data-not-run fatal 'cloud-init found no data source (DataSourceNone)'
      return 1 ;;
  esac
  unhandled=$(tail -c 1000000 "$root/var/log/cloud-init.log" 2>/dev/null | awk '
    /Cloud-init v\. .* running .init-local./ { said = "" }
    /Unhandled (non-multipart|unknown content-type)|Failed at merging in cloud config part/ {
      said = $0
      sub(/.*\]: /, "", said)
    }
    END { print substr(said, 1, 90) }')
  [ -n "$unhandled" ] || return 0
  finding boot user-data-not-run fatal "cloud-init did not know the user data: $unhandled"
  return 1
}

has_no_user_data() {
  read_token || return 1
  request GET "X-aws-ec2-metadata-token: $token" "$metadata/latest/user-data"
  [ "$status" = 404 ]
}
