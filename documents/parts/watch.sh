# Four processes: this script waits; one looks (look_on); one prints a tick each second; one listens to both through a
# pipe and reports. Whatever the looking process waits for, the listening one hears the next tick and ends it in time.
# All stay in the process group that the SSM Agent kills. No file is written.
listen() {
  { read -r self _ </proc/self/stat; } 2>/dev/null
  trap 'finish' HUP INT TERM
  [ -z "${stopped-}" ] || finish # it came before the fork
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
      kills=0
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
    early) agent_early=true ;;
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

# At a tick. Ends what a check waits for when its limit has passed, and tells the looking process. If that does not
# help, or the look takes 15 s, or the run 17 s more than its wait, then the run ends with what was found so far.
watch_limits() {
  read_uptime
  if ! kill -0 "$looker" 2>/dev/null; then
    gone=$((gone + 1)) # its last lines may still be in the pipe, before the next tick
    [ "$gone" -ge 2 ] || return 0
    end_look 'the process that looks was killed'
    return 1
  fi
  [ -n "$check" ] || return 0
  if [ "$kills" -ge 3 ] || [ $((now - look_began)) -ge 15 ] || [ $((now - began - SSM_waitSeconds)) -ge 17 ]; then
    end_look "no answer within $((now - check_began)) s; what comes after it was not checked"
    return 1
  fi
  [ $((now - check_began)) -ge "$limit" ] || return 0
  read_processes
  found=
  find_marked
  find_below "$looker" "$looker"
  kill -USR1 "$looker" 2>/dev/null # first, so that it is known when the command has ended
  kill_found
  kills=$((kills + 1))
  return 0
}

# end_look WHY
end_look() {
  [ "$check" != evidence ] || return 0
  [ -n "$looked" ] || findings=$new_findings
  looked=yes
  finding "${check:-look}" check-hung transient "$1"
}

# Reads all processes that live: sets processes to a PARENT:PID:GROUP:START for each.
read_processes() {
  processes=
  set +f
  for file in /proc/[0-9]*/stat; do
    read_stat "$file"
    # shellcheck disable=SC2086 # split into fields
    set -- ${stat##*) }
    case ${1-Z} in [ZX]) ;; *) processes="$processes $2:${stat%% *}:$3:${20}" ;; esac
  done
  set -f
}

# Kills what was found, if it still is the process that was found: a PID may have a new owner by now.
kill_found() {
  for pid in $found; do
    read_stat "/proc/$pid/stat"
    # shellcheck disable=SC2086 # split into fields
    set -- ${stat##*) }
    case "$processes " in *":$pid:${3-}:${20-none} "*) kill -KILL "$pid" 2>/dev/null ;; esac
  done
}

# find_below TOP SPARED: adds to found the descendants of TOP and of those in found, without SPARED and its own.
find_below() {
  grew=yes
  while [ -n "$grew" ]; do
    grew=
    for process in $processes; do
      case " $1 $found " in *" ${process%%:*} "*)
        read_pid
        case " $2 $found " in *" $pid "*) ;; *) found="$found $pid" grew=yes ;; esac ;;
      esac
    done
  done
}

read_pid() {
  pid=${process#*:}
  pid=${pid%%:*}
}

# Adds to found the orphans of this run: in its process group, started after it, with a parent of another group.
find_orphans() {
  group=
  start=0
  members=
  for process in $processes; do
    case $process in *:"$$":*:*) start=${process##*:} group=${process%:*} group=${group##*:} ;; esac
  done
  for process in $processes; do
    case $process in *:*:"$group":*) read_pid && members="$members $pid" ;; esac
  done
  for process in $processes; do
    ! is_orphan || found="$found $pid"
  done
}

is_orphan() {
  case $process in *:*:"$group":*) ;; *) return 1 ;; esac
  read_pid
  case $pid in "$$" | "$PPID" | "$self") return 1 ;; esac
  case " $members " in *" ${process%%:*} "*) return 1 ;; esac
  [ "${process##*:}" -ge "$start" ]
}

# Adds to found what this run started, even if it left its parent and the process group: all of it has a mark.
find_marked() {
  for process in $processes; do
    [ "${process##*:}" -lt "${began}00" ] || ! is_marked || found="$found $pid"
  done
}

is_marked() {
  read_pid
  { while read -r line || [ -n "$line" ]; do
    case $line in *"LAUNCHGATE_RUN=$$."*) return 0 ;; esac
  done <"/proc/$pid/environ"; } 2>/dev/null
  return 1
}

# Once more for what was just started. A process that the kernel does not let end is left alone.
end_processes() {
  for _ in 1 2 3 4 5; do
    read_processes
    found=
    find_orphans
    find_marked
    find_below "$$" "$self"
    [ -n "$found" ] || return 0
    kill_found
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

# It watches the uptime where sleep is missing or does not sleep.
tick() {
  trap - HUP INT TERM
  while :; do
    read_uptime
    second=$now
    sleep 1
    while [ "$now" = "$second" ]; do read_uptime; done
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
  finish
}
