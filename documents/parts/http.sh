# Sets client to the first of curl and wget that runs and can do what is needed: IMDSv2 needs a PUT. curl before 7.54
# does not know --suppress-connect-headers.
find_client() {
  client=
  suppress=--suppress-connect-headers
  client_error=
  if try_client curl -q "$suppress" -V ||
    { [ -z "$hung" ] && suppress='' client_error='' && try_client curl -q -V; }; then
    client=curl
  elif try_client wget --method=GET -V; then
    client=wget
  fi
}

try_client() {
  command -v "$1" >/dev/null || return 1
  said=$($bounded "$@" 2>&1 >/dev/null) && return 0
  client_error="$client_error${client_error:+; }$1: ${said:-ended with an error}"
  return 1
}

check_http_client() {
  [ -n "${client-}" ] || find_client
  [ -z "$client" ] || return 0
  [ -z "$hung" ] || return 0
  if command -v curl >/dev/null || command -v wget >/dev/null; then
    finding http-client http-client-failing transient "neither curl nor a full wget can be run: $client_error"
  else
    finding http-client http-client-missing transient 'neither curl nor wget is installed'
  fi
}

# request METHOD HEADER URL: sets status (000 without one), body, http_date and outcome: answered, name (not resolved),
# refused, silent (no connection), connected (no answer), endless (no end), tls, other. direct: hosts without a proxy.
# The answers of a URL of the policy (request_local) may have any size and certificate: their body is not read.
request() {
  url_limit=
  send "$@"
}

# request_local URL SECONDS
request_local() {
  url_limit=$2
  direct='*'
  send GET 'Accept: */*' "$1"
}

send() {
  status=000
  body=
  http_date=
  outcome=other
  case $client in curl) send_with_curl "$@" ;; wget) send_with_wget "$@" ;; esac
  [ "$outcome" != endless ] || [ -n "$url_limit" ] || status=000 outcome=connected
  case $outcome$status in endless*) ;; *[1-9]??) outcome=answered ;; *) status=000 ;; esac
}

# The header goes to standard input and the proxy to the environment: both may be secret, and any user can read
# arguments.
send_with_curl() {
  method=-X$1
  [ "$1" != HEAD ] || method=--head
  # shellcheck disable=SC2086 # words that may be missing
  answer=$(
    use_agent_environment
    printf 'header = "%s"\n' "$2" | curl -q -g -s -i -m "${url_limit:-4}" $suppress --proto '=http,https' -K - \
      ${url_limit:+-k -o /dev/null} "$method" -w '\n%{http_code} %{time_namelookup} %{time_connect}' --url "$3"
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
    28) case ${figures#* }$status in # old ones tell milliseconds
      *[1-9]??) outcome=endless ;;
      *\ *[1-9]*) outcome=connected ;;
      *[1-9]*) outcome=silent ;;
      *) outcome=name ;;
    esac ;;
    1 | 8 | 52 | 55 | 56) outcome=connected ;;
    35 | 5[1348] | 59 | 60 | 64 | 66 | 77 | 8[0-3] | 9[018]) outcome=tls ;;
  esac
}

# The proxy of the agent: of its settings, else of its environment, which is not that of the SSM Agent, which runs this.
# A repair keeps its own environment. Call it in a subshell.
use_agent_environment() {
  if [ -n "${agent_environment+x}" ]; then
    unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
    IFS=$newline
    for variable in $agent_environment; do export "${variable?}"; done
    unset IFS
  fi
  [ -z "$direct$proxy_uri" ] ||
    export https_proxy="$proxy_uri" no_proxy="$direct" HTTPS_PROXY="$proxy_uri" NO_PROXY="$direct"
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
  [ -z "$hung" ] || outcome=endless
  [ -z "$hung$url_limit" ] || return 0
  case $1$status in HEAD*) ;; *200) body=$(run_wget "$@" -q -O - 2>/dev/null) ;; esac
}

run_wget() {
  use_agent_environment
  method=$1 header=$2 url=$3
  shift 3
  wget -T "${url_limit:-4}" -t 1 --max-redirect=0 ${direct:+--no-proxy} ${url_limit:+--no-check-certificate} \
    --method="$method" --header="$header" "$@" -- "$url" </dev/null
}

# read_date INDENT END
read_date() {
  case $answer in *"$1"[Dd]ate:\ *) ;; *) return 0 ;; esac
  http_date=${answer#*"$1"[Dd]ate: }
  http_date=${http_date%%"$2"*}
}
