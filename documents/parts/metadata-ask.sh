# Version 2 of the service: nothing is read without a token.
read_token() {
  token=
  exempt='*'
  ask PUT 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/latest/api/token"
  case $status$body in
    200 | 200*[!A-Za-z0-9+/=_-]*) return 1 ;;
    200*) token=$body ;;
    *) return 1 ;;
  esac
}

# ask_metadata PATH: sets status and body.
ask_metadata() {
  exempt='*'
  ask GET "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/$1"
}

# Sets region and domain, which no instance ever changes.
find_region() {
  [ -z "${region-}" ] || return 0
  domain=
  ask_metadata services/domain
  [ "$status" != 200 ] || domain=$body
  ask_metadata placement/region
  case $status${domain:-/}${body:-/} in
    200*[!A-Za-z0-9.:-]*) return 1 ;;
    200*) region=$body ;;
    *) return 1 ;;
  esac
}
