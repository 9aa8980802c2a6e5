check_metadata() {
  if read_token; then
    read_aws_time
    return
  fi
  case $status$outcome in
    403*) finding metadata metadata-disabled fatal 'the token endpoint answers 403: metadata is off' ;;
    000refused)
      finding metadata metadata-blocked transient 'connection refused or no route, perhaps by a local firewall' ;;
    000connected) judge_silence ;;
    000*) finding metadata metadata-unreachable transient 'the token endpoint does not answer' ;;
    *) finding metadata metadata-unreachable transient "the token endpoint answers $status" ;;
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
