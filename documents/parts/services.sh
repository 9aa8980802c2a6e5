# Asks systemd once for all units, since it may be slow: the policy's, cloud-init's last stage, and the agent's. Sets
# services, a line for each: LOAD STATE PID RESTARTS JOB SECONDS (in that state); - is unknown.
ask_services() {
  services=
  services_hung=
  command -v systemctl >/dev/null || return 0
  # shellcheck disable=SC2086 # it is a list
  services=$(systemctl show -p LoadState -p ActiveState -p MainPID -p NRestarts -p Job -p ActiveEnterTimestampMonotonic \
    -- $SSM_units cloud-final.service codedeploy-agent.service 2>/dev/null | awk -v now="$now" '
    function begin() { any = 0; load = state = restarts = age = "-"; pid = job = 0 }
    function tell() { if (any) print load, state, pid, restarts, job, age; begin() }
    BEGIN { begin() }
    /^$/ { tell(); next }
    { any = 1; value = $0; sub(/^[^=]*=/, "", value) }
    /^LoadState=./ { load = value }
    /^ActiveState=./ { state = value }
    /^MainPID=[0-9]/ { pid = value }
    /^NRestarts=[0-9]/ { restarts = value }
    /^Job=[0-9]/ { job = value + 0 }
    /^ActiveEnterTimestampMonotonic=[1-9]/ { age = int(now - value / 1000000) }
    END { tell() }')
  services_hung=$hung
}

# read_service NUMBER: sets load, state, service_pid, restarts, job and state_age of that unit, the agent being the last.
# Fails if systemd did not tell of all units.
read_service() {
  # shellcheck disable=SC2046 # split into words
  set -- $(printf '%s\n' "$services" | awk -v number="$1" -v units="$SSM_units" '
    NR == number { said = $0 }
    END { if (NR == split(units, list, " ") + 2) print said }')
  load=${1:--} state=${2:--} service_pid=${3:-0} restarts=${4:--} job=${5:-0} state_age=${6:--}
  [ "$#" -eq 6 ]
}

read_agent_service() {
  # shellcheck disable=SC2086 # it is a list
  set -- $SSM_units
  read_service "$(($# + 2))"
  unit_state=$state
}
