look_at_agent() {
  clock
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

# A healthy agent is left alone; one that does not run is started, one without a worker is started anew.
ensure_agent() {
  acts=0
  limit=$((now + 60))
  while look_at_agent; do
    case $agent_state in
      running) return ;;
      stopped) [ "$acts" -lt 2 ] && act_on_agent start ;;
      no-worker) [ "$acts" -lt 2 ] && ! deploying && act_on_agent restart ;;
      starting) [ "$now" -lt "$limit" ] ;;
      *) false ;;
    esac || break
    pause 1
  done
  judge_agent
}

# act_on_agent start|restart. The 2.x unit may take two hours to stop (TimeoutStopSec=7200): that is not awaited.
# systemd refuses a unit that failed too often until it is told to forget.
act_on_agent() {
  acts=$((acts + 1))
  doing="$1 of codedeploy-agent"
  say "$doing"
  if command -v systemctl >/dev/null; then
    systemctl reset-failed codedeploy-agent >/dev/null 2>&1
    timeout 60 systemctl "$1" codedeploy-agent
  else
    timeout 60 service codedeploy-agent "$1"
  fi >"$scratch/output" 2>&1 </dev/null || read_last_words "$doing ended with $?"
  return 0
}

# Both generations refuse a restart while a lifecycle event runs, and both take a marker of a day ago for stale
# (deployment_command_tracker.rb of 1.8.1).
deploying() {
  set +f
  newest=$(stat -c %Y "$root$root_dir"/ongoing-deployment/* 2>/dev/null | sort -n | tail -n 1)
  set -f
  [ -n "$newest" ] && [ $(($(date +%s) - newest)) -lt 86400 ]
}

judge_agent() {
  case $agent_state in
    running) ;;
    missing) finding agent agent-missing repairable 'not installed: no /opt/codedeploy-agent/bin/codedeploy-agent' ;;
    stopped) finding agent agent-stopped repairable "started $acts times, does not stay. $last_words" ;;
    starting) finding agent agent-starting transient "not up within 60 s. $last_words" ;;
    no-worker)
      if deploying; then
        finding agent agent-no-worker repairable 'no worker; not restarted, since a lifecycle event is running'
      else
        finding agent agent-no-worker repairable "started $acts times, its worker does not stay. $last_words"
      fi ;;
  esac
}
