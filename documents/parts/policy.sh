check_units() {
  inactive=
  for unit in $SSM_units; do
    if command -v systemctl >/dev/null; then
      systemctl is-active --quiet -- "$unit" 2>/dev/null || inactive="$inactive $unit"
    else
      service "$unit" status >/dev/null 2>&1 || inactive="$inactive $unit"
    fi
  done
  [ -z "$inactive" ] || finding units unit-not-active transient "not active:$inactive"
}

# Looks in a new shell: this one would also find the functions of this script.
check_commands() {
  missing=
  for name in $SSM_commands; do
    sh -c 'command -v -- "$1"' sh "$name" >/dev/null 2>&1 || missing="$missing $name"
  done
  [ -z "$missing" ] || finding commands command-missing transient "not on the path:$missing"
}

# State 0A is LISTEN. Addresses are in the machine's byte order, little-endian on EC2.
check_ports() {
  [ -n "$SSM_ports" ] || return 0
  listening=" $(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
    $4 == "0A" && $2 ~ /^(0+|0+1000000|......7F|0000000000000000FFFF0000......7F):/ {
      sub(/.*:/, "", $2); printf "%s ", $2 }')"
  closed=
  for port in $SSM_ports; do
    case $listening in *" $(printf '%04X' "$port" 2>/dev/null) "*) ;; *) closed="$closed $port" ;; esac
  done
  [ -z "$closed" ] || finding ports port-closed transient "nothing listens on:$closed"
}

check_url() {
  [ -n "$SSM_url" ] || return 0
  status=$(print_http_status GET "$SSM_url" 'Accept: */*') || status=000
  case $status in
    2??) ;;
    000) finding url url-failing transient "no answer within 3 s from $SSM_url" ;;
    *) finding url url-failing transient "status $status from $SSM_url" ;;
  esac
}
