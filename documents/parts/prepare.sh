# Exit code 168 ends the run as a success, 169 as a failure; after any other code the next step runs (SSM Agent,
# agent/framework/runpluginutil/runpluginutil.go, agent/contracts/model.go). Then the agent adds a sentence to stdout.
exit_ready=168
exit_not_ready=169
begin_run
old_log=$root/tmp/codedeploy-agent.update.log # the 1.x installer writes its output there
choose_temporary_folder
take_turn || finish
work_until=$((began + SSM_waitSeconds + 270))
install_missing_packages
judge_packages
[ "$SSM_agent" != ignored ] || finish
work_until=$((work_until + 90)) # what the packages have left is for the agent too
read_agent_state
if [ "$agent_state" = missing ] && wait_for_lock; then
  read_agent_state # the last lock holder may have installed it
  if [ "$agent_state" = missing ]; then
    install_from_region && say 'the installer of the Region has installed the agent'
    read_agent_state
  fi
fi
if [ "$agent_state" != missing ]; then
  ensure_agent
  finish
fi
# Distributor does not wait for the package lock.
if [ -n "$lock_pid" ]; then
  case $findings in *'|package-lock-held|'*) ;; *) check_package_lock ;; esac
  finish
fi
hand_over
say "the installer of the Region failed, Distributor is next: $last_error"
exit 0
