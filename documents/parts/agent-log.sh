# Reads the log by position, since the agent's time zone and clock may differ from this shell's, and over the rotation
# at midnight. Ages count from the last line; that is as old as the file, to within a zone of whole quarters of an hour.
# Sets: how many workers of this master were started or announced, how many seconds ago a poll was answered 200 (- for
# never), how far the present worker came (unknown, starting, polling), what keeps it from polling (nothing,
# credentials, route, tls, clock, access, error), and the line that says so.
# 1.x names the process in each line; 2.x only in "Worker N starting". Two processes may write into one line.
# A healthy 2.x logs nothing, not even a recovery, so its errors count for 180 s: a poll takes 80 s at most and the next
# is at most 90 s later. SystemExit only says that 1.x gave up; the line before says why. "Error during perform" may
# come from a deployment: it counts only for errors of the network.
read_agent_log() {
  agent_log=$root$log_dir/$program_name.log
  set +f
  # shellcheck disable=SC2012 # the names have a date
  older=$(ls -t "$root$log_dir/$program_name".*.log "$root$log_dir/$program_name".log.* 2>/dev/null | head -n 1)
  set -f
  written=
  for file in "$agent_log" "$older"; do
    [ -n "$written" ] || [ ! -s "$file" ] || written=$(stat -c %Y "$file")
  done
  summary=$({
    tail -c 100000 "$older"
    echo
    tail -c 200000 "$agent_log"
  } 2>/dev/null | awk -v generation="$generation" -v master="$master" -v worker="$worker" \
    -v age="${worker_age:-$master_age}" -v life="$master_age" -v now="$(date +%s)" -v written="${written:-0}" '
    BEGIN { progress = "unknown"; trouble = "nothing"; stamp = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T]" \
      "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]" }
    {
      gsub(stamp " +[A-Z]", "\n&")
      count = split($0, record, "\n")
      for (i = 1; i <= count; i++) if (record[i] ~ "^" stamp) { line = record[i]; at = last = seconds(line); note() }
    }
    function seconds(text,   year, month) {
      year = substr(text, 1, 4); month = substr(text, 6, 2) + 0
      if (month < 3) { year--; month += 12 }
      return ((365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) + \
        substr(text, 9, 2)) * 24 + substr(text, 12, 2)) * 3600 + substr(text, 15, 2) * 60 + substr(text, 18, 2)
    }
    function note(   writer) {
      if (match(line, /\([0-9]+\)\]: /)) writer = substr(line, RSTART + 1, RLENGTH - 5)
      if (line ~ /: Spawned child /) { if (writer == master) begin("unknown", 1); return }
      if (line ~ / - respawning$/) { if (writer == master) starts[at "r"] = at; return }
      if (match(line, /Worker [0-9]+ starting/)) { begin("starting", line ~ ("Worker " worker " starting")); return }
      if (writer != "" && worker != "" && writer != worker) return
      if (line ~ /Worker [0-9]+ entering polling loop| 200 .*poll_host_command/) {
        progress = "polling"; trouble = "nothing"; progressed = at
        if (line ~ / 200 /) polled = at
      } else if (generation == 1 || line ~ /^[^ ]+ +[^ ]+ +ERROR/) judge()
    }
    function begin(word, own) {
      progress = word; trouble = "nothing"; polled = ""; starts[++begun] = progressed = at; marked = own
    }
    function judge() {
      if (line ~ /: SystemExit - /) return
      if (line ~ /Missing credentials|failed to resolve credentials|IMDS credentials unavailable/)
        return is("credentials")
      if (line ~ /Error during perform/ && line !~ /Timeout|timed out|Errno::E|OpenSSL|SocketError|Networking/) return
      if (line !~ /Cannot reach InstanceService|Network error|Error polling for host commands|Error during perform/ &&
        line !~ /error during start|failed to run as the connection failed|HTTP error from metadata service/ &&
        line !~ /Error validating the SSL|SSL validation failed|Failed to resolve |Worker failed to /) return
      if (line ~ /Signature expired|Signature not yet current|RequestTimeTooSkewed/) return is("clock")
      if (line ~ /AccessDenied|[Nn]ot authorized|Forbidden|HTTP 403/) return is("access")
      if (line ~ /error during start|metadata service|Failed to resolve /) return is("error")
      if (line ~ /certificate|SSL_connect|validating the SSL/) return is("tls")
      if (line ~ /Network error|NetworkError|getaddrinfo|dns error|[Cc]onnection refused|timed out|unreachable/)
        return is("route")
      if (line ~ /SSL validation/) return is("tls")
      is("error")
    }
    function is(what) {
      trouble = what; troubled = at; told = line
      sub(/InstanceAgent::Plugins::CodeDeployPlugin::/, "", told)
    }
    function ago(at) { if (at == "" || !(now * written)) return "-"; at = quiet + last - at; return at > 0 ? at : 0 }
    function find_quiet(   shift) {
      shift = (written - last) % 900
      if (shift < 0) shift += 900
      quiet = now - written + (shift < 450 ? shift : 0)
    }
    END {
      find_quiet()
      if (trouble != "nothing" && !marked && ago(troubled) > age + 2) trouble = "nothing"
      if (trouble != "nothing" && generation != 1 && ago(troubled) > 180 && age > 180) trouble = "nothing"
      if (!marked && progress != "unknown" && ago(progressed) > age + 2) progress = "unknown"
      if (trouble == "nothing") told = ""
      for (each in starts) if (ago(starts[each]) <= life + 2) started++
      print last == "" || !(now * written) ? "-" : "read", started + 0, ago(polled), progress, trouble, told
    }')
  log_read=${summary%% *} summary=${summary#* }
  log_spawned=${summary%% *} summary=${summary#* }
  log_polled=${summary%% *} summary=${summary#* }
  log_progress=${summary%% *} summary=${summary#* }
  log_trouble=${summary%% *}
  log_line=${summary#* }
}
