check_agent() {
  [ "$SSM_agent" != ignored ] || return 0
  read_uptime # again: the earlier checks may have taken seconds
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
    agent_is restarting agent-restarting transient "the last worker ended, no new one yet. $log_line"
  elif [ -z "$worker" ]; then
    agent_is no-worker agent-no-worker repairable "no worker, ${master_age}s after the start. $log_line"
  elif worker_was_replaced; then
    agent_is restarting agent-restarting transient "the worker was replaced ${worker_age}s ago. $log_line"
  elif [ "$log_trouble" != nothing ]; then
    judge_trouble
  elif worker_is_starting; then
    agent_is starting agent-starting transient "the worker started ${worker_age}s ago and does not poll yet"
  else
    agent_state=running
  fi
}

# Missing credentials are fatal only if metadata has no role now: the log is old, and the agent may use a new role up to
# 90 s later.
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

# Both generations start the first worker with the master, and a new one 5 s or more after a crash. The log shows a
# restart that early, the two ages show it without a log.
worker_was_replaced() {
  [ "$worker_age" -lt 10 ] || return 1
  [ "$log_spawned" -ge 2 ] || [ $((master_age - worker_age)) -gt 20 ]
}

# A worker that polls, as the log shows, has started. 1.x is titled "booting child" until it knows its host, 2.x logs
# both steps. Otherwise wait 3 s: a worker without metadata ends within them.
worker_is_starting() {
  case $log_progress in
    polling) return 1 ;;
    starting) [ "$worker_age" -lt 30 ] && return 0 ;;
  esac
  case $worker_title in *'booting child'*) return 0 ;; esac
  [ "$worker_age" -lt 3 ]
}
