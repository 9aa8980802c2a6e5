# A step's exit code 168 is success without the other steps, 169 is failure without them, any other goes on (SSM Agent,
# agent/framework/runpluginutil/runpluginutil.go, agent/contracts/model.go). It adds a sentence to stdout, after ours.
exit_ready=168
exit_not_ready=169
began_here
take_turn || conclude
install_missing_packages
judge_packages
[ "$SSM_agent" != ignored ] || conclude
look_at_agent
# Distributor does not wait for the package lock.
if [ "$agent_state" = missing ]; then
  if ! wait_for_lock; then
    case $findings in *'|package-lock-held|'*) ;; *) check_package_lock ;; esac
    conclude
  fi
  look_at_agent
fi
if [ "$agent_state" = missing ]; then
  say 'the agent is not installed: Distributor is next'
  keep_turn
  exit 0
fi
ensure_agent
conclude
