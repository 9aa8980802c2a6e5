# Finds the agent before metadata and network are asked: polls that succeed outrank what a shell finds out.
find_agent() {
  agent_polls=
  worker=
  read_uptime
  find_master
  read_agent_version
  [ -z "$master" ] || find_worker
  find_agent_environment
  [ -n "$master" ] || return 0
  [ -z "$worker" ] || workerless=
  read_agent_log
  patience=100
  [ "$wait_between_runs" -gt 30 ] 2>/dev/null && patience=$((70 + wait_between_runs))
  if [ "$generation" = 1 ] && [ "$log_trouble" = nothing ] && [ "$log_polled" != - ] && [ "$log_polled" -le 100 ]; then
    agent_polls=yes
  fi
}

# What decides how the agent reaches its endpoints. Its unit reads /etc/profile. A long title overwrites the environment
# of a process of 1.x.
find_agent_environment() {
  agent_environment=$(tr '\0' '\n' 2>/dev/null <"/proc/${worker:-0}/environ" | grep '^[A-Za-z_][A-Za-z0-9_]*=')
  if [ -z "$agent_environment" ]; then
    [ -n "${profile_environment+x}" ] || profile_environment=$(print_environment "$root/etc/profile")
    agent_environment=$profile_environment
  fi
  agent_environment=$(printf '%s\n' "$agent_environment" |
    grep -i -e '^https*_proxy=' -e '^no_proxy=' -e '^all_proxy=' -e '^SSL_CERT_')
}

# agent_is STATE CODE CLASS [DETAIL]: without one, what the log says.
agent_is() {
  agent_state=$1
  finding agent "$2" "$3" "${4-$log_line}"
}

judge_agent() {
  [ -z "$agent_hung" ] || return 0
  if [ -n "$master" ]; then judge_running_agent; elif [ -z "$services_hung" ]; then judge_absent_agent; fi
  ! grep -q -e iam_user_arn -e iam_session_arn "$root$on_premises_file" 2>/dev/null ||
    finding agent agent-on-premises transient "polls as another host: remove $on_premises_file"
}

judge_absent_agent() {
  case $unit_state in
    activating) agent_is starting agent-starting transient 'systemd is starting the agent' ;;
    deactivating) agent_is stopping agent-stopping transient 'systemd is stopping the agent' ;;
    *) if [ -x "$binary" ]; then
      agent_is stopped agent-stopped repairable 'installed, but its master process does not run'
    else
      agent_is missing agent-missing repairable 'not installed: no /opt/codedeploy-agent/bin/codedeploy-agent'
    fi ;;
  esac
}

judge_running_agent() {
  if [ "$unit_state" = deactivating ]; then
    agent_is stopping agent-stopping transient 'systemd is stopping the agent, which takes up to 90 s'
  elif [ "$log_trouble" = credentials ]; then
    judge_trouble
  elif [ -z "$worker" ]; then
    judge_missing_worker
  elif [ "$worker_age" -lt 10 ] && { [ "$log_spawned" -ge 2 ] || [ $((master_age - worker_age)) -gt 4 ]; }; then
    agent_is restarting agent-restarting transient "the worker was replaced ${worker_age}s ago. $log_line"
  elif [ "$log_trouble" != nothing ]; then
    judge_trouble
  elif worker_is_starting; then
    agent_is starting agent-starting transient "the worker started ${worker_age}s ago and does not poll yet"
  elif worker_is_silent; then
    agent_is failing agent-not-polling transient "no poll was answered for $patience s; the last one ${log_polled}s ago"
  else
    agent_state=running
  fi
}

# Both generations start the first worker with the master. 1.x starts a new one 5 s after a crash, 2.x after 5 to 60 s;
# it cannot if its program was replaced under it.
judge_missing_worker() {
  [ -n "$workerless" ] || workerless=$now
  limit=70
  [ "$generation" != 1 ] || limit=10
  case $generation$(readlink "/proc/$master/exe" 2>/dev/null) in [2-9]*' (deleted)') limit=-1 ;; esac
  if [ "$log_spawned" = 0 ] && [ "$master_age" -le 15 ]; then
    agent_is starting agent-starting transient 'the master has no worker yet'
  elif [ $((now - workerless)) -gt "$limit" ]; then
    agent_is no-worker agent-no-worker repairable "no worker, ${master_age}s after the start. $log_line"
  else
    agent_is restarting agent-restarting transient "the last worker ended, no new one yet. $log_line"
  fi
}

# Missing credentials are fatal only if metadata has no role now: the log is old, and the agent may use a new role up to
# 90 s later.
judge_trouble() {
  case $log_trouble in
    credentials)
      class=transient
      [ "$role" != none ] || class=fatal
      agent_is failing agent-no-credentials "$class" ;;
    route) agent_is failing agent-no-route transient ;;
    tls) agent_is failing agent-tls-failing transient ;;
    clock) agent_is failing agent-clock-skewed transient ;;
    access) agent_is failing agent-access-denied transient ;;
    *) agent_is failing agent-not-polling transient ;;
  esac
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

# 1.x logs each poll. A log that is not there says nothing.
worker_is_silent() {
  [ "$generation" = 1 ] && [ "$log_read" = read ] && [ -e "$agent_log" ] || return 1
  if [ "$log_polled" = - ]; then [ "$worker_age" -gt "$patience" ]; else [ "$log_polled" -gt "$patience" ]; fi
}
