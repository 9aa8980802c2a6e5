# Exit code 168 ends the run as a success, 169 as a failure; after any other code the next step runs (SSM Agent,
# agent/framework/runpluginutil/runpluginutil.go, agent/contracts/model.go). Then the agent adds a sentence to stdout.
exit_ready=168
exit_not_ready=169
begin_run
take_turn || finish
install_missing_packages
judge_packages
[ "$SSM_agent" != ignored ] || finish
read_agent_state
# Distributor does not wait for the package lock.
if [ "$agent_state" = missing ]; then
  if ! wait_for_lock; then
    case $findings in *'|package-lock-held|'*) ;; *) check_package_lock ;; esac
    finish
  fi
  read_agent_state
fi
if [ "$agent_state" = missing ]; then
  say 'the agent is not installed: Distributor is next'
  keep_turn
  exit 0
fi
ensure_agent
finish
