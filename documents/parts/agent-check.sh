check_agent() {
  [ "$SSM_agent" != ignored ] || return 0
  clock # again, for the checks before may have taken seconds
  find_master
  read_agent_version
  if [ -z "$master" ]; then
    judge_absent_agent
  else
    find_worker
    read_agent_log
    judge_agent
  fi
}

# agent_is STATE CODE CLASS DETAIL
agent_is() {
  agent_state=$1
  finding agent "$2" "$3" "$4"
}

judge_absent_agent() {
  case $unit_state in *ActiveState=activating*)
    agent_is starting agent-starting transient 'systemd is starting the agent'
    return ;;
  esac
  if [ -x "$binary" ]; then
    agent_is stopped agent-stopped repairable 'installed, but its master process does not run'
  else
    agent_is missing agent-missing repairable 'not installed: no /opt/codedeploy-agent/bin/codedeploy-agent'
  fi
}

judge_agent() {
  if [ "$log_trouble" = credentials ]; then
    judge_trouble
  elif [ -z "$worker" ] && [ "$master_age" -le 15 ]; then
    agent_is starting agent-starting transient 'the master has no worker yet'
  elif [ -z "$worker" ] && [ "$log_spawned" -ge 2 ]; then
    agent_is restarting agent-restarting transient "between two workers, the last of which ended. $log_line"
  elif [ -z "$worker" ]; then
    agent_is no-worker agent-no-worker repairable "no worker, ${master_age}s after the start. $log_line"
  elif worker_came_again; then
    agent_is restarting agent-restarting transient "the worker was replaced ${worker_age}s ago. $log_line"
  elif [ "$log_trouble" != nothing ]; then
    judge_trouble
  elif worker_is_starting; then
    agent_is starting agent-starting transient "the worker started ${worker_age}s ago and does not poll yet"
  else
    agent_state=running
  fi
}

# The log tells of the past: a role that came since would be polled with up to 90 s later. Only metadata that knows no
# role now makes it final.
judge_trouble() {
  case $log_trouble in
    credentials)
      class=transient
      [ "$role" != none ] || class=fatal
      agent_is failing agent-no-credentials "$class" "$log_line" ;;
    route) agent_is failing agent-no-route transient "$log_line" ;;
    tls) agent_is failing agent-tls-failing transient "$log_line" ;;
    clock) agent_is failing agent-clock-skewed transient "$log_line" ;;
    access) agent_is failing agent-access-denied transient "$log_line" ;;
    *) agent_is failing agent-not-polling transient "$log_line" ;;
  esac
}

# Both generations start the first worker along with the master and a new one 5 s or more after a crash;
# the log tells a restart that early, the two ages tell it without a log.
worker_came_again() {
  [ "$worker_age" -lt 10 ] || return 1
  [ "$log_spawned" -ge 2 ] || [ $((master_age - worker_age)) -gt 20 ]
}

# A worker that the log shows polling has started, at any age. 1.x calls itself "booting child" until it knows
# its host, 2.x logs both steps. Where neither helps: 3 s, in which a worker without metadata has died.
worker_is_starting() {
  case $log_progress in
    polling) return 1 ;;
    starting) [ "$worker_age" -lt 30 ] && return 0 ;;
  esac
  case $worker_title in *'booting child'*) return 0 ;; esac
  [ "$worker_age" -lt 3 ]
}
