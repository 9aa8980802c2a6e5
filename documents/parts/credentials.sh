# Sets role to none if metadata has none now. Does not read credentials again while they are valid.
check_credentials() {
  role=
  [ "$SSM_agent" != ignored ] && [ -z "$agent_polls" ] && [ -n "$token" ] || return 0
  [ "$now" -ge "$credentials_until" ] || return 0
  read_role
  case $status$role in 404 | 200) read_role ;; esac # once more, before it is said that there is none
  case $status$role in
    404 | 200) judge_missing_role ;;
    200*[!A-Za-z0-9+=,.@_-]*) role= ;;
    200*) judge_credentials ;;
    *)
      role=
      finding metadata metadata-unreachable transient "iam/security-credentials/ answers $status" ;;
  esac
}

read_role() {
  read_metadata iam/security-credentials/
  role=
  [ "$status" != 200 ] || role=${body%%"$newline"*}
}

# A role may be attached shortly after the launch.
judge_missing_role() {
  role=none
  class=transient
  [ "$now" -le 120 ] || class=fatal
  finding credentials credentials-missing "$class" 'the instance has no role: no instance profile is attached'
}

judge_credentials() {
  read_metadata "iam/security-credentials/$role"
  code=$(print_json_text Code)
  expiration=$(print_json_text Expiration)
  body=
  answer=
  if [ "$status$code" != 200Success ]; then
    finding credentials credentials-refused transient "role $role: ${code:-metadata answers $status}"
    return
  fi
  expires=$(seconds_of "$expiration")
  aws_now=$(print_aws_time) # empty if a signal stopped it
  credentials_until=$((now + ${expires:-0} - ${aws_now:-0}))
  if [ -n "$expires" ] && [ "$now" -ge "$credentials_until" ]; then
    finding credentials credentials-expired transient "role $role: expired at $expiration"
  fi
}

# print_json_text NAME: the text of that field of body, which is flat.
print_json_text() {
  case $body in *"\"$1\""*) ;; *) return ;; esac
  text=${body#*"\"$1\""}
  text=${text#*\"}
  printf '%.60s' "${text%%\"*}"
}
