# http_status METHOD URL HEADER. -q: no .curlrc; -g: [::1]; -k: a certificate proves nothing on loopback.
http_status() {
  if command -v curl >/dev/null; then
    curl -q -g -s -k -m 3 --noproxy '*' --proto '=http,https' -o /dev/null -w '%{http_code}' \
      -X "$1" -H "$3" --url "$2" </dev/null
  else
    wget -q -S -O /dev/null -T 3 -t 1 --no-proxy --max-redirect=0 --no-check-certificate \
      --method="$1" --header="$3" -- "$2" 2>&1 </dev/null |
      awk '$1 ~ /^HTTP\// { status = $2 } END { print status ? status : "000" }'
  fi
}

# ask METHOD HEADER URL: sets status (000 without one), body, http_date, and way: answered, or what it met instead: name,
# refused, silent (nothing connects), connected (but no answer), tls, other. exempt says whom no proxy serves.
ask() {
  status=000
  body=
  http_date=
  way=other
  if command -v curl >/dev/null; then ask_with_curl "$@"; else ask_with_wget "$@"; fi
  [ "$status" = 000 ] || way=answered
}

# curl reads the header from its standard input and a proxy from its environment: both may be secret, and arguments are
# everybody's to read.
ask_with_curl() {
  method=-X$1
  [ "$1" != HEAD ] || method=--head
  answer=$(
    set_proxy
    printf 'header = "%s"\n' "$2" | curl -q -g -s -i -m 4 --suppress-connect-headers --proto '=http,https' -K - \
      "$method" -w '\n%{http_code} %{time_namelookup} %{time_connect}' --url "$3"
  )
  ended=$?
  reached=${answer##*"$newline"}
  answer=${answer%"$newline"*}
  status=${reached%% *}
  read_date "$newline" "$return"
  body=${answer#*"$return$newline$return$newline"}
  case $ended in
    5 | 6) way=name ;;
    7) way=refused ;;
    28) case ${reached#* } in '0.000000 '*) way=name ;; *' 0.000000') way=silent ;; *) way=connected ;; esac ;;
    52 | 55 | 56) way=connected ;;
    35 | 5[1348] | 59 | 60 | 64 | 66 | 77 | 8[0-3] | 9[018]) way=tls ;;
  esac
}

# Without one in the agent's settings the environment's holds. Called in a subshell, which it ends with.
set_proxy() {
  [ -z "$exempt$proxy_uri" ] || export https_proxy="$proxy_uri" no_proxy="$exempt"
}

# wget takes a header from its arguments or from a regular file only. A token is good for a minute, and only to whom
# instance metadata answers.
ask_with_wget() {
  answer=$(wget_with "$@" -S -O /dev/null 2>&1)
  case $answer in *'  HTTP/'*)
    status=${answer##*'  HTTP/'}
    status=${status#* }
    status=${status%%[!0-9]*} ;;
  esac
  read_date '  ' "$newline"
  case $answer in
    *'ERROR: '*ertificate* | *'cannot verify'* | *'SSL connection'* | *GnuTLS* | *OpenSSL*) way=tls ;;
    *'... connected.'*) way=connected ;;
    *'unable to resolve'*) way=name ;;
    *'onnection refused'* | *'No route to host'* | *'etwork is unreachable'*) way=refused ;;
    *'imed out'*) way=silent ;;
  esac
  case $1$status in HEAD*) ;; *200) body=$(wget_with "$@" -q -O - 2>/dev/null) ;; esac
}

wget_with() {
  set_proxy
  method=$1 header=$2 url=$3
  shift 3
  wget -T 4 -t 1 --max-redirect=0 ${exempt:+--no-proxy} --method="$method" --header="$header" "$@" -- "$url" </dev/null
}

# read_date INDENT END
read_date() {
  case $answer in *"$1"[Dd]ate:\ *) ;; *) return 0 ;; esac
  http_date=${answer#*"$1"[Dd]ate: }
  http_date=${http_date%%"$2"*}
}
