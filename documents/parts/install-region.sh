# Runs the Region's installer of the second generation or, if it is not there yet, of the first.
install_from_region() {
  doing="fetching the Region's installer"
  find_client
  if [ -z "$client" ]; then
    last_error="neither curl nor wget can be run: $client_error"
    return 1
  fi
  if ! { read_token && find_region; }; then
    last_error='instance metadata gives no Region or domain'
    return 1
  fi
  bucket=https://aws-codedeploy-$region.s3.$region.$domain
  delay=2
  until fetch_installer latestv2/install || { [ "$status" = absent ] && fetch_installer latest/install; }; do
    say "failed: $last_error"
    [ "$status" != absent ] && [ "$delay" -le 8 ] && time_left || return 1
    pause "$delay"
    delay=$((delay * 2))
  done
  # The installer and the agent of 1.x are Ruby programs.
  if head -n 1 "$scratch/install" | grep -q ruby && ! command -v ruby >/dev/null; then
    install_packages ruby || return 1
  fi
  run_installer
}

# fetch_installer PATH: sets status to fetched, absent or failed. Without the right to list, S3 answers 403 for absent.
fetch_installer() {
  url=$bucket/$1
  status=failed
  rm -f "$scratch/install"
  answer=
  "fetch_with_$client" 2>/dev/null </dev/null
  ended=$?
  read_last_error "$client ended with $ended"
  last_error="$url: $last_error"
  case $answer in
    200) [ "$ended" -ne 0 ] || status=fetched ;;
    403 | 404) status=absent last_error="$url answers $answer" ;;
    [1-9]*) last_error="$url answers $answer" ;;
  esac
  [ "$status" = fetched ]
}

fetch_with_curl() {
  answer=$(run_bounded 60 curl -q -s -S -m 55 --proto '=https' -o "$scratch/install" -w '%{http_code}' --url "$url" \
    2>"$scratch/output")
}

fetch_with_wget() {
  run_bounded 60 wget -nv -S -T 30 -t 1 --max-redirect=0 -O "$scratch/install" -- "$url" >"$scratch/output" 2>&1
  set -- "$?"
  answer=$(awk '$1 ~ /^HTTP\// { status = $2 } END { print status }' "$scratch/output")
  return "$1"
}

# Starts the interpreter, since hardened images execute no temporary files.
run_installer() {
  goal=$binary
  read -r interpreter <"$scratch/install"
  case $interpreter in '#!'*) interpreter=${interpreter#'#!'} ;; *) interpreter=/bin/sh ;; esac
  chmod 700 "$scratch/install"
  # shellcheck disable=SC2086 # an interpreter may have an option
  retry attempt 270 $interpreter "$scratch/install" auto
}
