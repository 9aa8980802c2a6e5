# print_http_status METHOD URL HEADER. -q: no .curlrc; -g: allow [::1]; -k: on loopback a certificate proves nothing.
print_http_status() {
  if command -v curl >/dev/null; then
    curl -q -g -s -k -m 3 --noproxy '*' --proto '=http,https' -o /dev/null -w '%{http_code}' \
      -X "$1" -H "$3" --url "$2" </dev/null
  else
    wget -q -S -O /dev/null -T 3 -t 1 --no-proxy --max-redirect=0 --no-check-certificate \
      --method="$1" --header="$3" -- "$2" 2>&1 </dev/null |
      awk '$1 ~ /^HTTP\// { status = $2 } END { print status ? status : "000" }'
  fi
}

# request METHOD HEADER URL: sets status (000 without one), body, http_date and outcome: answered, name (not resolved),
# refused, silent (no connection), connected (no answer), tls, other. direct: hosts without a proxy.
request() {
  status=000
  body=
  http_date=
  outcome=other
  if command -v curl >/dev/null; then send_with_curl "$@"; else send_with_wget "$@"; fi
  case $status in [1-9]??) outcome=answered ;; *) status=000 ;; esac
}

# The header goes to standard input and the proxy to the environment: both may be secret, and any user can read
# arguments.
send_with_curl() {
  method=-X$1
  [ "$1" != HEAD ] || method=--head
  answer=$(
    set_proxy
    printf 'header = "%s"\n' "$2" | curl -q -g -s -i -m 4 --suppress-connect-headers --proto '=http,https' -K - \
      "$method" -w '\n%{http_code} %{time_namelookup} %{time_connect}' --url "$3"
  )
  ended=$?
  figures=${answer##*"$newline"}
  answer=${answer%"$newline"*}
  status=${figures%% *}
  read_date "$newline" "$return"
  body=${answer#*"$return$newline$return$newline"}
  case $ended in
    5 | 6) outcome=name ;;
    7) outcome=refused ;;
    28) case ${figures#* } in
      '0.000000 '*) outcome=name ;;
      *' 0.000000') outcome=silent ;;
      *) outcome=connected ;;
    esac ;;
    52 | 55 | 56) outcome=connected ;;
    35 | 5[1348] | 59 | 60 | 64 | 66 | 77 | 8[0-3] | 9[018]) outcome=tls ;;
  esac
}

# Without a proxy in the agent's settings the environment's stays. Call it in a subshell.
set_proxy() {
  [ -z "$direct$proxy_uri" ] || export https_proxy="$proxy_uri" no_proxy="$direct"
}

# wget reads a header only from its arguments or a regular file. Others may see the token, which is valid for 60 s and
# only on this instance.
send_with_wget() {
  answer=$(run_wget "$@" -S -O /dev/null 2>&1)
  case $answer in *'  HTTP/'*)
    status=${answer##*'  HTTP/'}
    status=${status#* }
    status=${status%%[!0-9]*} ;;
  esac
  read_date '  ' "$newline"
  case $answer in
    *'ERROR: '*ertificate* | *'cannot verify'* | *'SSL connection'* | *GnuTLS* | *OpenSSL*) outcome=tls ;;
    *'... connected.'*) outcome=connected ;;
    *'unable to resolve'*) outcome=name ;;
    *'onnection refused'* | *'No route to host'* | *'etwork is unreachable'*) outcome=refused ;;
    *'imed out'*) outcome=silent ;;
  esac
  case $1$status in HEAD*) ;; *200) body=$(run_wget "$@" -q -O - 2>/dev/null) ;; esac
}

run_wget() {
  set_proxy
  method=$1 header=$2 url=$3
  shift 3
  wget -T 4 -t 1 --max-redirect=0 ${direct:+--no-proxy} --method="$method" --header="$header" \
    "$@" -- "$url" </dev/null
}

# read_date INDENT END
read_date() {
  case $answer in *"$1"[Dd]ate:\ *) ;; *) return 0 ;; esac
  http_date=${answer#*"$1"[Dd]ate: }
  http_date=${http_date%%"$2"*}
}
