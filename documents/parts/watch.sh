# Four processes: this script waits; one looks (look_on); one prints a tick each second; one listens to both through a
# pipe and reports. Whatever the looking process waits for, the listening one hears the next tick and ends it in time.
# All stay in the process group that the SSM Agent kills. No file is written.
listen() {
  { read -r self _ </proc/self/stat; } 2>/dev/null
  trap 'finish' HUP INT TERM
  while IFS= read -r line; do
    hear "$line" || break
  done
  finish
}

# hear LINE: fails when the run has ended.
hear() {
  words=${1#* }
  case $1 in
    tick) watch_limits ;;
    look)
      read_uptime
      look_began=$now
      new_findings= ;;
    check\ *)
      read_uptime
      check_began=$now
      check=${words% *}
      limit=${words#* } ;;
    finding\ *) new_findings="$new_findings$words$newline" ;;
    done)
      check=
      looked=yes
      findings=$new_findings ;;
    agent\ *) read_agent_words ;;
    installed\ *) installed=$words ;;
    evidence\ *) evidence="$evidence$words$newline" ;;
    looker\ *) looker=$words ;;
    ready) ready=true ;;
    end) return 1 ;;
  esac
}

read_agent_words() {
  agent_state=${words%% *}
  words=${words#* }
  generation=${words% *}
  version=${words#* }
}

# At a tick. Ends what a check waits for when its limit has passed, and tells the looking process. If that does not help,
# or the look takes 15 s, or the run 16 s more than its wait, then the run ends with what was found so far.
watch_limits() {
  read_uptime
  if ! kill -0 "$looker" 2>/dev/null; then
    gone=$((gone + 1)) # its last lines may still be in the pipe, before the next tick
    [ "$gone" -ge 2 ] || return 0
    end_look 'the process that looks was killed'
    return 1
  fi
  [ -n "$check" ] || return 0
  late=$((now - check_began - limit))
  if [ "$late" -ge 3 ] || [ $((now - look_began)) -ge 15 ] || [ $((now - began - SSM_waitSeconds)) -ge 16 ]; then
    end_look "no answer within $((now - check_began)) s; what comes after it was not checked"
    return 1
  fi
  [ "$late" -ge 0 ] || return 0
  kill_processes "$(print_processes "$looker" "$looker")"
  kill -USR1 "$looker" 2>/dev/null
  return 0
}

# end_look WHY
end_look() {
  [ "$check" != evidence ] || return 0
  [ -n "$looked" ] || findings=$new_findings
  looked=yes
  finding "${check:-look}" check-hung transient "$1"
}

# print_processes TOP SPARED...: the descendants of TOP, and the orphans among its process group that started after
# this script; of these, not SPARED and what those have started unless it is TOP.
print_processes() {
  set +f
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" -v spared="$2" -v main="$$" '
    {
      process = $1
      sub(/^.*\) /, "")
      if ($1 ~ /[ZX]/) next
      parent[process] = $2; group[process] = $3; start[process] = $20
    }
    function is_below(process, top,   at) {
      for (at = parent[process]; at > 1; at = parent[at]) if (at == top) return 1
      return 0
    }
    function is_orphan(process) {
      return group[process] == group[main] && start[process] >= start[main] && process != main &&
        !(parent[process] in group && group[parent[process]] == group[main])
    }
    function is_left(process,   at) {
      for (at = process; at > 1; at = parent[at]) if (is_orphan(at)) return 1
      return 0
    }
    END {
      for (process in parent) {
        if (process == spared || (top != spared && is_below(process, spared))) continue
        if (is_below(process, top) || (top == main && is_left(process))) print process
      }
    }'
  set -f
}

kill_processes() {
  # shellcheck disable=SC2086 # it is a list
  [ -z "$1" ] || kill -KILL $1 2>/dev/null
}

# Once more for what was just started. A process that the kernel does not let end is left alone after 1 s.
end_processes() {
  for _ in 1 2 3 4 5; do
    left=$(print_processes "$$" "$self")
    [ -n "$left" ] || return 0
    kill_processes "$left"
    sleep 0.2
  done
}

# The findings are those of the last look that was complete: half a look may seem better. What was found so far if there
# is none.
finish() {
  trap '' HUP INT TERM
  [ -n "$looked" ] || findings=$new_findings
  read_uptime
  print_report || exit 4
  end_processes
  printf '%s' "$findings$evidence" >&2
  [ "$ready" = true ] && exit 0
  exit 10
}

tick() {
  trap - HUP INT TERM
  while sleep 1; do
    echo tick
  done
}

# shellcheck disable=SC2329 # the trap calls it
stop() {
  trap '' HUP INT TERM
  stopped=yes
  [ -z "$reporter" ] || kill -TERM "$reporter" 2>/dev/null
}

# Ends with the exit code of the listening process. If that was killed, there is a report all the same.
watch() {
  trap 'stop' HUP INT TERM
  [ -z "${stopped-}" ] || finish
  {
    look_on 2>/dev/null &
    echo "looker $!"
    tick 2>/dev/null &
  } | listen &
  reporter=$!
  [ -z "${stopped-}" ] || stop
  wait "$reporter"
  code=$?
  if [ "$code" -gt 128 ]; then
    wait "$reporter" 2>/dev/null
    again=$?
    [ "$again" -eq 127 ] || code=$again
  fi
  [ "$code" -gt 128 ] || exit "$code"
  self=$$
  finish
}
