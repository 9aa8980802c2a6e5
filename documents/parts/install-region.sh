# The installer of this Region, of the second generation or, where the Region has none yet, of the first.
install_from_region() {
  doing="looking for the Region's installer"
  if ! { read_token && find_region; }; then
    last_words='instance metadata tells neither Region nor domain'
    return 1
  fi
  bucket=https://aws-codedeploy-$region.s3.$region.$domain
  delay=2
  until fetch latestv2/install || { [ "$status" = absent ] && fetch latest/install; }; do
    say "failed: $last_words"
    [ "$delay" -le 8 ] && time_left || return 1
    pause "$delay"
    delay=$((delay * 2))
  done
  # The installer of 1.x is a Ruby program, as is the agent.
  if head -n 1 "$scratch/install" | grep -q ruby && ! command -v ruby >/dev/null; then
    install_packages ruby || return 1
  fi
  run_installer
}

# fetch PATH: sets status to fetched, absent or failed. S3 answers 403 for what is not there to one who may not list.
fetch() {
  url=$bucket/$1
  status=failed
  rm -f "$scratch/install"
  if command -v curl >/dev/null; then
    answer=$(curl -q -s -S -m 60 --proto '=https' -o "$scratch/install" -w '%{http_code}' --url "$url" \
      2>"$scratch/output" </dev/null)
    last_words=$(head -n 1 "$scratch/output")
  else
    wget -nv -S -T 30 -t 1 --max-redirect=0 -O "$scratch/install" -- "$url" >"$scratch/output" 2>&1 </dev/null
    answer=$(awk '$1 ~ /^HTTP\// { status = $2 } END { print status }' "$scratch/output")
    read_last_words 'no answer'
  fi
  last_words="$url: $last_words"
  case $answer in
    200) status=fetched ;;
    403 | 404) status=absent last_words="$url answers $answer" ;;
    [1-9]*) last_words="$url answers $answer" ;;
  esac
  [ "$status" = fetched ]
}

# By its interpreter, since hardened images let nothing be executed where temporary files are.
run_installer() {
  read -r interpreter <"$scratch/install"
  case $interpreter in '#!'*) interpreter=${interpreter#'#!'} ;; *) interpreter=/bin/sh ;; esac
  chmod 700 "$scratch/install"
  # shellcheck disable=SC2086 # an interpreter may have an option
  attempt $interpreter "$scratch/install" auto
}
