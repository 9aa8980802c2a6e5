case $SSM_waitSeconds in '' | *[!0-9]* | ????*)
  echo 'waitSeconds is not a number of seconds' >&2
  exit 2 ;;
esac

# step CHECK LIMIT FUNCTION: the limit is in seconds. hung: what the function waited for was ended (watch.sh).
step() {
  hung=
  told=$findings
  echo "check $1 $2"
  "$3"
  [ -z "$hung" ] || [ "$told" != "$findings" ] ||
    finding "$1" check-hung transient "no answer within $2 s; the command that it waited for was ended"
}

# With the agent last, it and what the revision brings are due only if nothing before has a finding.
step_if_due() {
  case $SSM_agent$findings in last?*) ;; *) step "$@" ;; esac
}

run_checks() {
  findings=
  new_suspects=
  agent_state=
  read_uptime
  look_began=$now
  step settings 5 read_agent_settings
  step services 5 ask_services
  step boot 5 check_boot
  step package-lock 5 check_package_lock
  [ "$SSM_agent" = ignored ] || step agent 5 find_agent
  agent_hung=$hung
  step http-client 5 check_http_client
  step metadata 9 check_metadata # these four may explain agent findings
  step credentials 9 check_credentials
  step network 9 check_network
  step clock 5 check_clock
  step disk 5 check_disk
  step packages 5 check_packages
  step commands 5 check_commands
  case $SSM_agent$findings in last?*) [ -z "$master" ] || echo early ;; esac
  [ "$SSM_agent" = ignored ] || step_if_due agent 5 judge_agent
  step_if_due units 5 check_units
  step_if_due ports 5 check_ports
  step_if_due url 5 check_url
  suspects=$new_suspects
}

# Sets installed to the deployment, of any group, whose event Install ended last. The agent writes the file then: later
# events may have failed.
find_installed() {
  set +f
  newest=$(ls -t "$root$root_dir"/deployment-instructions/*_last_successful_install 2>/dev/null)
  set -f
  newest=${newest%%"$newline"*}
  installed=
  [ -n "$newest" ] || return 0
  { read -r installed <"$newest"; } 2>/dev/null
  installed=${installed##*/}
  case $installed in d-*[!A-Za-z0-9-]* | ??????????????????????*) installed= ;; d-?*) ;; *) installed= ;; esac
}

# SSM keeps the first 8,000 characters. Other cloud-init errors are no finding.
print_evidence() {
  if [ -n "$agent_state" ] && [ "$agent_state" != running ]; then
    print_tail "$agent_log" 2400
  fi
  case $user_data_failed$findings in scripts* | *'boot|'*)
    print_tail "$root/var/log/cloud-init-output.log" 1800 ;;
  esac
  case $(tr -d '[:space:]' 2>/dev/null <"$root/run/cloud-init/result.json") in
    *'"errors":["'*) print_tail "$root/run/cloud-init/result.json" 600 ;;
  esac
  # shellcheck disable=SC2086 # it is a list
  case $findings in *'|unit-not-active|'*)
    [ -z "$services_hung" ] || return 0
    systemctl status --no-pager --lines=5 -- ${inactive:-$SSM_units} 2>&1 | cut -c 1-200 | head -c 1200 ;;
  esac
}

# A repairable finding can be repaired at once, unless boot still runs and may fix it. A fatal finding that is not
# proven yet makes the run go on until it is or is gone.
waiting_can_help() {
  case $SSM_repair$findings in
    *'|fatal|'*) return 1 ;;
    *'|boot-running|'*) ;;
    offered*'|repairable|'*) [ -n "$suspects" ] || return 1 ;;
    *'|transient|'* | *'|repairable|'*) ;;
    *) return 1 ;;
  esac
  read_uptime
  [ $((now - began)) -lt "$SSM_waitSeconds" ] || [ -n "$suspects" ]
}

# The process that looks: tells each finding, and each look that is complete (watch.sh).
look_on() {
  trap - HUP INT TERM
  trap 'hung=yes' USR1
  tell=yes
  while :; do
    echo look
    run_checks
    echo "agent $agent_state ${generation:--} ${version:--}"
    echo 'done'
    waiting_can_help || break
    step look 4 pause
  done
  [ -n "$findings" ] || echo ready
  step evidence 3 finish_look
  echo end
}

pause() {
  sleep 2
}

finish_look() {
  find_installed
  echo "installed $installed"
  print_evidence 2>/dev/null | head -c 6000 | sed 's/^/evidence /'
}

ready=false
looked=
evidence=
new_findings=
check=
looker=
gone=0
kills=0
reporter=
self=$$
agent_state=
agent_polls=
agent_early=
agent_log=
client=
workerless=
bounded=
version=
generation=
installed=
booted=
user_data_failed=
open_endpoints=
credentials_until=0
aws_time=
aws_time_at=0
export LAUNCHGATE_RUN="$$." # the mark of what this run starts
read_uptime
began=$now
look_began=$now
check_began=$now
watch
