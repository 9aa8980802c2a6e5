exit_ready=0
exit_not_ready=10
# shellcheck disable=SC2329 # the trap calls it
handle_signal() {
  finding install install-failed repairable "interrupted during: $doing"
  finish
}
begin_run
take_turn || finish
check_packages
[ "$SSM_agent" != ignored ] || finish
read_agent_state
if [ "$agent_state" = missing ]; then
  finding install install-failed repairable "errors in Distributor and the Region's installer: $region_error"
  finish
fi
say 'Distributor has installed the agent'
ensure_agent
finish
