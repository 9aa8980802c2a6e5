exit_ready=0
exit_not_ready=10
began_here
take_turn || conclude
check_packages
look_at_agent
if [ "$agent_state" != missing ]; then
  say 'Distributor has installed the agent'
elif install_from_region; then
  say 'the installer of the Region has installed the agent'
elif [ -n "$lock_pid" ]; then
  check_package_lock
  conclude
else
  finding install install-failed repairable "neither Distributor nor the Region's installer: $last_words"
  conclude
fi
ensure_agent
conclude
