check_metadata() {
  token=
  [ -n "$client" ] || return 0
  if read_token; then
    read_aws_time
    return
  fi
  case $status$outcome in
    403*) judge_refusal ;;
    000refused)
      finding metadata metadata-blocked transient 'connection refused or no route, perhaps by a local firewall' ;;
    000connected) judge_silence ;;
    000*) finding metadata metadata-unreachable transient 'the token endpoint does not answer' ;;
    *) finding metadata metadata-unreachable transient "the token endpoint answers $status" ;;
  esac
}

# Metadata that is switched off answers 403 to everything.
judge_refusal() {
  request GET 'Accept: */*' "$metadata/latest/meta-data/"
  case $status in
    403) finding metadata metadata-disabled fatal 'metadata is off: 403 for the token and without one' ;;
    *) finding metadata metadata-no-token transient "the token endpoint answers 403, a request without a token $status" ;;
  esac
}

# The hop limit is only for the answer with the token.
judge_silence() {
  request GET 'Accept: */*' "$metadata/latest/meta-data/"
  if [ "$outcome" = answered ]; then
    finding metadata metadata-hop-limit transient \
      'requests without a token are answered, but the token does not arrive: raise the hop limit'
  else
    finding metadata metadata-unreachable transient 'the token endpoint connects but does not answer'
  fi
}
