exit_ready=0
exit_not_ready=10
begin_run
take_turn || finish
check_packages
read_agent_state
if [ "$agent_state" != missing ]; then
  say 'Distributor has installed the agent'
elif install_from_region; then
  say 'the installer of the Region has installed the agent'
elif [ -n "$lock_pid" ]; then
  check_package_lock
  finish
else
  finding install install-failed repairable "errors in Distributor and the Region's installer: $last_error"
  finish
fi
ensure_agent
finish
