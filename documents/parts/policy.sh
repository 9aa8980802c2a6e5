# A unit that crashes and is started again is active in between: it must have been active for a while. Nobody may have
# counted (systemd before 235).
check_units() {
  inactive=
  unsteady=
  number=0
  for unit in $SSM_units; do
    number=$((number + 1))
    if ! command -v systemctl >/dev/null; then
      service "$unit" status >/dev/null 2>&1 || inactive="$inactive $unit"
    elif [ -z "$services_hung$hung" ]; then
      judge_unit
    fi
  done
  [ -z "$services_hung$hung" ] || return 0
  [ -z "$inactive" ] || finding units unit-not-active transient "not active:$inactive"
  [ -z "$unsteady" ] || finding units unit-not-active transient "not active for long:$unsteady"
}

judge_unit() {
  if ! read_service "$number"; then
    systemctl is-active --quiet -- "$unit" 2>/dev/null || inactive="$inactive $unit"
    return
  fi
  case $state in active | reloading) ;; *)
    inactive="$inactive $unit"
    return ;;
  esac
  case $restarts in 0) enough=5 ;; -) enough=10 ;; *) enough=15 ;; esac
  [ "$state_age" != - ] && [ "$state_age" -lt "$enough" ] || return 0
  unsteady="$unsteady $unit ($state_age s, $restarts restarts)"
}

# Looks in a new shell: this one would also find the functions of this script. The path is that of the SSM Agent, and
# then that of a login of root.
check_commands() {
  missing=
  for name in $SSM_commands; do
    has_command "$PATH" "$name" || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  [ -n "${login_path-}" ] || find_login_path
  [ -z "$hung" ] || { login_path= && return; }
  unknown=$missing
  missing=
  for name in $unknown; do
    has_command "$login_path" "$name" || missing="$missing $name"
  done
  [ -z "$missing" ] || finding commands command-missing transient "not on the path:$missing"
}

# has_command PATH NAME
has_command() {
  PATH=$1 /bin/sh -c 'command -v -- "$1"' sh "$2" >/dev/null 2>&1
}

# As a login shell of root would set it.
find_login_path() {
  login_path=$(print_environment "$root/etc/profile" "$root/root/.bash_profile" "$root/root/.profile" |
    sed -n 's/^PATH=//p' | tail -n 1)
  login_path=${login_path:-$PATH}
}

# print_environment FILE...: that of a shell of root after these files.
print_environment() {
  login_shell=$(command -v bash) || login_shell=/bin/sh
  # shellcheck disable=SC2016 # that shell expands it
  env -i HOME="$root/root" USER=root LOGNAME=root SHELL="$login_shell" PATH="$PATH" LAUNCHGATE_RUN="$$." \
    "$login_shell" -a -c '
    for file; do [ ! -r "$file" ] || . "$file"; done
    echo
    env' sh "$@" 2>/dev/null </dev/null
}

# State 0A is LISTEN. Addresses are in the machine's byte order, little-endian on EC2. A port that is forwarded by the
# kernel (DNAT, as containers have it) has no listener: connect to it.
check_ports() {
  [ -n "$SSM_ports" ] || return 0
  listening=" $(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
    $4 == "0A" && $2 ~ /^(0+|0+1000000|......7F|0000000000000000FFFF0000......7F):/ {
      sub(/.*:/, "", $2); printf "%s ", $2 }')"
  closed=
  for port in $SSM_ports; do
    case $listening in *" $(printf '%04X' "$port" 2>/dev/null) "*) ;; *)
      is_forwarded || closed="$closed $port" ;;
    esac
  done
  [ -z "$closed" ] || [ -n "$hung" ] || finding ports port-closed transient "nothing listens on:$closed"
}

is_forwarded() {
  [ -n "$client" ] && [ -z "$hung" ] || return 1
  address=
  [ -z "$token" ] || { read_metadata local-ipv4 && [ "$status" = 200 ] && address=$body; }
  case $address in *[!0-9.]*) address= ;; esac
  for host in 127.0.0.1 $address; do
    request_local "http://$host:$port/" 1
    case $outcome in answered | connected | endless) return 0 ;; esac
  done
  return 1
}

check_url() {
  [ -n "$SSM_url" ] && [ -n "$client" ] || return 0
  request_local "$SSM_url" 3
  case $outcome$status in
    answered2??) return 0 ;;
    answered*) said="status $status" ;;
    endless*) said="status $status, but no end within 3 s" ;;
    refused*) said='connection refused' ;;
    connected*) said='connected, but no HTTP answer within 3 s: is the scheme https?' ;;
    tls*) said='no TLS there: is the scheme http?' ;;
    *) said='no answer within 3 s' ;;
  esac
  finding url url-failing transient "$said: $SSM_url"
}
