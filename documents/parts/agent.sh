# Keys may be Ruby symbols (:key:), values may be quoted. A key that is listed here is the name of its variable.
read_agent_settings() {
  program_name=codedeploy-agent
  pid_dir=/opt/codedeploy-agent/state/.pid
  log_dir=/var/log/aws/codedeploy-agent
  root_dir=/opt/codedeploy-agent/deployment-root
  on_premises_file=/etc/codedeploy-agent/conf/codedeploy.onpremises.yml
  proxy_uri=
  deploy_control_endpoint=
  s3_endpoint_override=
  use_fips_mode=
  enable_auth_policy=
  wait_between_runs=30
  settings=$root/etc/codedeploy-agent/conf/codedeployagent.yml
  [ -f "$settings" ] && [ -r "$settings" ] || return 0
  while read -r key value || [ -n "$key" ]; do
    value=${value%"$return"}
    value=${value%%" #"*}
    case $value in '~' | null | Null | NULL) continue ;; esac
    value=${value#[\"\']}
    value=${value%%[\"\']*}
    value=${value%/}
    [ -n "$value" ] || continue
    key=${key#:}
    case $key in
      program_name: | pid_dir: | log_dir: | root_dir: | proxy_uri: | deploy_control_endpoint: | s3_endpoint_override: | \
        use_fips_mode: | enable_auth_policy: | wait_between_runs:) eval "${key%:}=\$value" ;;
      on_premises_config_file:) on_premises_file=$value ;;
    esac
  done <"$settings"
}

# is_agent PID: an old pid file may name another program. 1.x renames its processes "codedeploy-agent: ...", 2.x does
# not.
is_agent() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ -r "/proc/$1/cmdline" ] || return 1
  title=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline")
  case ${title%% *} in "$program_name" | "$program_name:" | codedeploy-agent: | */codedeploy-agent) return 0 ;; esac
  return 1
}

# read_process PID: sets parent and age.
read_process() {
  read_stat "/proc/${1:-0}/stat"
  [ -n "$stat" ] || return 1
  # shellcheck disable=SC2086 # split into fields
  set -- ${stat##*) }
  parent=$2
  shift 19
  age=$((now - $1 / 100)) # USER_HZ is 100 on EC2
}

# 2.x writes codedeploy-agent.pid whatever program_name says.
find_master() {
  master=
  read_agent_service
  for name in "$program_name" codedeploy-agent; do
    pid=
    { read -r pid <"$root$pid_dir/$name.pid"; } 2>/dev/null
    ! is_agent "$pid" || break
    pid=
  done
  [ -n "$pid" ] || find_master_of_service
  [ -n "$pid" ] && read_process "$pid" || return 0
  master=$pid
  master_age=$age
  is_agent "$master"
  master_title=$title
}

# The unit of 2.x may start the agent through a bash, which stays the unit's main process. The init script of 1.x prints
# "... running as PID 1234".
find_master_of_service() {
  if ! command -v systemctl >/dev/null; then
    service_pid=$($bounded service codedeploy-agent status 2>/dev/null | sed -n 's/.* PID \([0-9]*\).*/\1/p')
  fi
  for pid in $service_pid $(print_children "${service_pid:-0}"); do
    ! is_agent "$pid" || return 0
  done
  pid=
}

# print_children PID
print_children() {
  [ "$1" -gt 1 ] || return 0
  set +f
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '
    { child = $1; sub(/^.*\) /, ""); if ($2 == parent && $1 !~ /[ZX]/) print child }'
  set -f
}

# An active service only shows the master; its child, the worker, polls.
find_worker() {
  worker=
  worker_age=
  for process in $(print_children "$master"); do
    if ! is_agent "$process" || ! read_process "$process"; then continue; fi
    worker=$process
    worker_age=$age
    worker_title=$title
  done
}

read_agent_version() {
  binary=$root/opt/codedeploy-agent/bin/codedeploy-agent
  version=$(sed -n 's/^agent_version: *\(OFFICIAL_\)\{0,1\}\([0-9][0-9.]*[0-9]\).*/\2/p' \
    "$root/opt/codedeploy-agent/.version" 2>/dev/null | head -n 1)
  case $version in
    1.*) generation=1 ;;
    [2-9].*) generation=${version%%.*} ;;
    *) guess_generation ;;
  esac
}

# 1.x renames its processes and its binary is a Ruby script; 2.x does neither.
guess_generation() {
  version=
  generation=
  if [ -n "$master" ]; then
    case $master_title in "$program_name: "*) generation=1 ;; *) generation=2 ;; esac
  elif [ -r "$binary" ]; then
    case $(head -c 2 "$binary" | tr -cd '#!') in '#!') generation=1 ;; *) generation=2 ;; esac
  fi
}
