# Sets role to none if metadata knows none now. What holds for a while is not asked again in this run.
check_credentials() {
  role=
  [ "$SSM_agent" != ignored ] && [ ! -r "$root$on_premises_file" ] && [ -n "$token" ] || return 0
  [ "$now" -ge "$credentials_until" ] || return 0
  ask_metadata iam/security-credentials/
  role=${body%%"$newline"*}
  case $status${role:-none} in
    404* | 200none) judge_missing_role ;;
    200*[!A-Za-z0-9+=,.@_-]*) role= ;;
    200*) judge_credentials ;;
    *)
      role=
      finding metadata metadata-unreachable transient "iam/security-credentials/ answers $status" ;;
  esac
}

# A role may be attached a moment after the launch.
judge_missing_role() {
  role=none
  class=transient
  [ "$now" -le 120 ] || class=fatal
  finding credentials credentials-missing "$class" 'the instance has no role: no instance profile is attached'
}

judge_credentials() {
  ask_metadata "iam/security-credentials/$role"
  code=$(json_text Code)
  expiration=$(json_text Expiration)
  body=
  answer=
  if [ "$status$code" != 200Success ]; then
    finding credentials credentials-refused transient "role $role: ${code:-metadata answers $status}"
    return
  fi
  end=$(seconds_of "$expiration")
  there=$(world_clock) # empty when a signal ended it
  credentials_until=$((now + ${end:-0} - ${there:-0}))
  if [ -n "$end" ] && [ "$now" -ge "$credentials_until" ]; then
    finding credentials credentials-expired transient "role $role: expired at $expiration"
  fi
}

# json_text NAME: the text of that field of body, which is flat.
json_text() {
  case $body in *"\"$1\""*) ;; *) return ;; esac
  text=${body#*"\"$1\""}
  text=${text#*\"}
  printf '%.60s' "${text%%\"*}"
}
