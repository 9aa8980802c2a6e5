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
    case $unit_state in *ActiveState=activating*) agent_state=starting ;; esac
  else
    agent_state=missing
  fi
}

# Leaves a healthy agent alone, starts a stopped one, restarts one without a worker.
ensure_agent() {
  starts=0
  give_up_at=$((now + 60))
  while read_agent_state; do
    case $agent_state in
      running) return ;;
      stopped) [ "$starts" -lt 2 ] && act_on_agent start ;;
      no-worker) [ "$starts" -lt 2 ] && ! is_deploying && act_on_agent restart ;;
      starting) [ "$now" -lt "$give_up_at" ] ;;
      *) false ;;
    esac || break
    pause 1
  done
  judge_agent
}

# act_on_agent start|restart: waits 60 s at most; the 2.x unit may take 2 h to stop (TimeoutStopSec=7200).
# systemd refuses to start a unit that failed too often; reset-failed allows it again.
act_on_agent() {
  starts=$((starts + 1))
  doing="$1 of codedeploy-agent"
  say "$doing"
  if command -v systemctl >/dev/null; then
    systemctl reset-failed codedeploy-agent >/dev/null 2>&1
    timeout 60 systemctl "$1" codedeploy-agent
  else
    timeout 60 service codedeploy-agent "$1"
  fi >"$scratch/output" 2>&1 </dev/null || read_last_error "$doing ended with $?"
  return 0
}

# Both generations refuse a restart while a lifecycle event runs, and both ignore a marker older than 24 h
# (deployment_command_tracker.rb of 1.8.1).
is_deploying() {
  set +f
  newest=$(stat -c %Y "$root$root_dir"/ongoing-deployment/* 2>/dev/null | sort -n | tail -n 1)
  set -f
  [ -n "$newest" ] && [ $(($(date +%s) - newest)) -lt 86400 ]
}

judge_agent() {
  case $agent_state in
    running) ;;
    missing) finding agent agent-missing repairable 'not installed: no /opt/codedeploy-agent/bin/codedeploy-agent' ;;
    stopped) finding agent agent-stopped repairable "started $starts times, but not running. $last_error" ;;
    starting) finding agent agent-starting transient "not running after 60 s. $last_error" ;;
    no-worker)
      if is_deploying; then
        finding agent agent-no-worker repairable 'no worker; not restarted: a lifecycle event is running'
      else
        finding agent agent-no-worker repairable "started $starts times, its worker is not running. $last_error"
      fi ;;
  esac
}
