# Prints the report in at most 1,100 bytes: shortens details until it fits, then drops findings. The contract allows
# 2,000, but if both outputs are long, an SSM Agent sends only the first 1,165 bytes of stdout.
print_report() {
  case $version in *[!0-9.]* | ????????????????*) version= ;; esac
  case $generation in [1-9]) ;; *) generation= ;; esac
  head="{\"v\":1,\"ready\":$ready,\"waited_s\":$((now - began))"
  if [ -n "$agent_state" ]; then
    head="$head,\"agent\":{${generation:+\"generation\":$generation,}${version:+\"version\":\"$version\",}"
    head="$head\"state\":\"$agent_state\"}"
  fi
  foot="${installed:+,\"installed\":\"$installed\"}}"
  printf '%s' "$findings" | awk -F '|' -v head="$head" -v foot="$foot" '
    { for (i = 1; i <= 3; i++) { gsub(/[^A-Za-z0-9_-]/, "", $i); $i = substr($i, 1, 40) } }
    { gsub(/[^ -~]/, " ", $4); check[NR] = $1; code[NR] = $2; class[NR] = $3; detail[NR] = $4 }
    function report(count, limit,   i, text, list) {
      for (i = 1; i <= count; i++) {
        text = substr(detail[i], 1, limit)
        gsub(/[\\"]/, "\\\\&", text)
        list = list (i > 1 ? "," : "") "{\"check\":\"" check[i] "\",\"code\":\"" code[i] \
          "\",\"class\":\"" class[i] "\",\"detail\":\"" text "\"}"
      }
      return head ",\"findings\":[" list "]" foot
    }
    END {
      count = NR
      limit = 200
      while (limit > 0 && length(report(count, limit)) > 1099) limit -= 10
      while (count > 0 && length(report(count, limit)) > 1099) count--
      print report(count, limit)
    }'
}

# print_tail FILE BYTES
print_tail() {
  [ -s "$1" ] || return 0
  printf '\n== %s\n' "${1#"$root"}"
  tail -c 20000 "$1" | tail -n 30 | tr -cd '\n\040-\176' | cut -c 1-400 | tail -c "$2"
}
