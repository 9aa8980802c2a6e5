check_metadata() {
  ttl='X-aws-ec2-metadata-token-ttl-seconds: 60'
  status=$(http_status PUT "$metadata/latest/api/token" "$ttl") || status=000
  case $status in
    200) ;;
    403) finding metadata metadata-disabled fatal 'the token endpoint answers 403: it is switched off' ;;
    000) finding metadata metadata-unreachable transient 'the token endpoint does not answer' ;;
    *) finding metadata metadata-unreachable transient "the token endpoint answers $status" ;;
  esac
}
