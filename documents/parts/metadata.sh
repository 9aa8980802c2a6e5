check_metadata() {
  if read_token; then
    read_world_clock
    return
  fi
  case $status$way in
    403*) finding metadata metadata-disabled fatal 'the token endpoint answers 403: it is switched off' ;;
    000refused)
      finding metadata metadata-blocked transient "no connection: refused, or no route, as by a firewall on the instance" ;;
    000connected) judge_silence ;;
    000*) finding metadata metadata-unreachable transient 'the token endpoint does not answer' ;;
    *) finding metadata metadata-unreachable transient "the token endpoint answers $status" ;;
  esac
}

# The answer with a token travels fewer hops than any other.
judge_silence() {
  ask GET 'Accept: */*' "$metadata/latest/meta-data/"
  if [ "$way" = answered ]; then
    finding metadata metadata-hop-limit transient \
      'requests without a token are answered, but the token does not arrive: raise the hop limit'
  else
    finding metadata metadata-unreachable transient 'the token endpoint connects, but does not answer'
  fi
}
