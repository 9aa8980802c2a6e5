read_agent_state() {
  read_uptime
  find_master
  worker=
  [ -z "$master" ] || find_worker
  read_agent_version
  if [ -n "$worker" ]; then
    agent_state=running
    [ "$worker_age" -ge 3 ] || agent_state=starting
  elif [ -n "$master" ]; then
    agent_state=no-worker
    [ "$master_age" -gt 15 ] || agent_state=starting
  elif [ -x "$binary" ]; then
    agent_state=stopped
    [ "$unit_state" != activating ] || agent_state=starting
  else
    agent_state=missing
  fi
}

read_agent_service() {
  service_pid=0
  unit_state=-
  command -v systemctl >/dev/null || return 0
  shown=$($bounded systemctl show -p MainPID -p ActiveState -- codedeploy-agent.service 2>/dev/null)
  service_pid=${shown#*MainPID=}
  service_pid=${service_pid%%[!0-9]*}
  unit_state=${shown#*ActiveState=}
  unit_state=${unit_state%%"$newline"*}
}

# Leaves a healthy agent alone, starts a stopped one, restarts one without a worker. Ends within 175 s: what it starts,
# it starts in the first 90 s. 15 s more if it enables the agent.
ensure_agent() {
  starts=0
  missed_at=
  hindrance=
  start_until=$((now + 90))
  patient_until=$((now + 60))
  give_up_at=$((now + 150))
  while read_agent_state; do
    case $agent_state in
      running) break ;;
      stopped) may_act && act_on_agent start ;;
      no-worker) may_come_back || { may_act && ! is_deploying && act_on_agent restart; } ;;
      starting) [ "$now" -lt "$patient_until" ] ;;
      *) false ;;
    esac && [ "$now" -lt "$give_up_at" ] || break
    pause 1
  done
  [ "$SSM_agent$agent_state" != lastrunning ] || enable_agent
  judge_agent
}

# So that a reboot keeps it. Without systemd nothing is enabled.
enable_agent() {
  command -v systemctl >/dev/null || return 0
  timeout -k 5 10 systemctl enable codedeploy-agent >/dev/null 2>&1 || say 'the agent could not be enabled'
}

may_act() {
  [ "$starts" -lt 2 ] && [ "$now" -lt "$start_until" ]
}

# The master of 1.x replaces a worker after 5 s, that of 2.x after 5 to 60 s (aws-facts 10.3, 18). The latter cannot if
# its program was replaced under it.
may_come_back() {
  missed_at=${missed_at:-$now}
  patience=65
  case $generation$(readlink "/proc/$master/exe") in
    1*) patience=5 ;;
    *' (deleted)') return 1 ;;
  esac
  [ $((now - missed_at)) -lt "$patience" ]
}

# act_on_agent start|restart: the 2.x unit may take 2 h to stop (TimeoutStopSec=7200). systemd refuses to start a unit
# that failed too often; reset-failed allows it again.
act_on_agent() {
  starts=$((starts + 1))
  missed_at=
  doing="$1 of codedeploy-agent"
  say "$doing"
  remove_stale_pid_files
  if command -v systemctl >/dev/null; then
    timeout -k 5 10 systemctl reset-failed codedeploy-agent >/dev/null 2>&1
    timeout -k 5 60 systemctl "$1" codedeploy-agent
  else
    timeout -k 5 60 service codedeploy-agent "$1"
  fi >"$scratch/output" 2>&1 </dev/null
  case $? in
    0) ;;
    124 | 137) last_error="$doing was ended after 60 s" ;;
    *) read_last_error "$doing failed" ;;
  esac
  read_uptime
  patient_until=$((now + 60))
}

# An agent does not start if its pid file names any living process, and systemd does not try again (aws-facts 18). 2.x
# has the file codedeploy-agent.pid whatever its name is.
remove_stale_pid_files() {
  for name in codedeploy-agent "$program_name"; do
    pid_file=$root$pid_dir/$name.pid
    pid=
    { read -r pid <"$pid_file"; } 2>/dev/null
    if [ -z "$pid" ] || is_agent "$pid"; then continue; fi
    say "removed the pid file: process $pid is no agent"
    rm -f "$pid_file"
  done
}

# Both generations refuse a restart while a lifecycle event runs, and both ignore a marker older than 24 h
# (deployment_command_tracker.rb of 1.8.1). A folder that does not answer cannot tell: then too.
is_deploying() {
  hindrance='it cannot be told whether a lifecycle event is running'
  # shellcheck disable=SC2016 # the inner shell expands it
  marks=$(timeout -k 1 5 sh -c 'stat -c %Y "$1"/*; :' sh "$root$root_dir/ongoing-deployment" 2>/dev/null) || return 0
  hindrance='a lifecycle event is running'
  newest=$(echo "$marks" | sort -n | tail -n 1)
  [ -n "$newest" ] && [ $(($(date +%s) - newest)) -lt 86400 ] && return
  hindrance=
  return 1
}

judge_agent() {
  case $agent_state in
    running) ;;
    missing) finding agent agent-missing repairable 'not installed: no /opt/codedeploy-agent/bin/codedeploy-agent' ;;
    stopped) finding agent agent-stopped repairable "started $starts times, but not running. $last_error" ;;
    starting) finding agent agent-starting transient "not running after 60 s. $last_error" ;;
    no-worker)
      if [ -n "$hindrance" ]; then
        finding agent agent-no-worker repairable "no worker; not restarted: $hindrance"
      else
        finding agent agent-no-worker repairable "started $starts times, its worker is not running. $last_error"
      fi ;;
  esac
}
