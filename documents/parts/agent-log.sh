# print_log_time SECONDS: the time that many seconds ago, as in the agent's log: local time in 1.x, UTC in 2.x.
print_log_time() {
  then=$(($(date +%s) - $1))
  if [ "$generation" = 1 ]; then
    date -d "@$then" '+%Y-%m-%d %H:%M:%S'
  else
    date -u -d "@$then" '+%Y-%m-%d %H:%M:%S'
  fi
}

# Reads the log since the master started: how many workers were started or announced, how far the last one came
# (unknown, starting, polling), what keeps it from polling (nothing, credentials, route, tls, clock, access, error), and
# the line that says so. Date and time are separated by a space or a T.
# A healthy 2.x logs nothing, not even a recovery, so an error counts for 180 s: a poll takes 80 s at most and the
# next is at most 90 s later. SystemExit only says that 1.x gave up; the line before says why.
read_agent_log() {
  summary=$(tail -c 200000 "$root$log_dir/$program_name.log" 2>/dev/null | awk \
    -v since="$(print_log_time $((master_age + 2)))" -v recent="$(print_log_time 180)" '
    BEGIN { progress = "unknown"; trouble = "nothing" }
    { stamp = substr($0, 1, 10) " " substr($0, 12, 8) }
    !/^[0-9][0-9][0-9][0-9]-/ || stamp < since { next }
    / - respawning$/ { spawned++ }
    /: Spawned child / { spawned++; progress = "unknown"; trouble = "nothing" }
    /Worker [0-9]+ starting/ { spawned++; progress = "starting"; trouble = "nothing" }
    /Worker [0-9]+ entering polling loop| 200 .*poll_host_command/ {
      progress = "polling"; trouble = "nothing" }
    stamp < recent || /: SystemExit - / { next }
    /Missing credentials|failed to resolve credentials|IMDS credentials unavailable/ { is("credentials"); next }
    !/Cannot reach InstanceService|Network error|Error polling for host commands|Error during perform/ &&
    !/error during start|failed to run as the connection failed|HTTP error from metadata service/ &&
    !/Error validating the SSL|SSL validation failed|Failed to resolve |Worker failed to / { next }
    /Signature expired|Signature not yet current|RequestTimeTooSkewed/ { is("clock"); next }
    /AccessDenied|not authorized to perform/ { is("access"); next }
    /error during start|metadata service|Failed to resolve / { is("error"); next }
    /certificate|SSL_connect|validating the SSL/ { is("tls"); next }
    /Network error|NetworkError|getaddrinfo|dns error|[Cc]onnection refused|timed out|unreachable/ { is("route"); next }
    /SSL validation/ { is("tls"); next }
    { is("error") }
    function is(what) { trouble = what; line = $0; sub(/InstanceAgent::Plugins::CodeDeployPlugin::/, "", line) }
    END { print spawned + 0, progress, trouble, line }')
  log_spawned=${summary%% *}
  summary=${summary#* }
  log_progress=${summary%% *}
  summary=${summary#* }
  log_trouble=${summary%% *}
  log_line=${summary#* }
}
