#!/bin/sh
# Asks Launchgate whether this instance serves the revision, again every few seconds until it knows, and fails unless the
# answer is healthy. The console shows what this script prints, in the log tail of the lifecycle event.
#
# Needs the AWS CLI, and the policy InvokeValidateService of the Launchgate stack on the instance role.
set -u
# The Region. Set it if the CLI does not find it by itself: version 1 does not read it from instance metadata.
region=
# The function to invoke: the output ValidateServiceFunction of the Launchgate stack, or its short form.
launchgate=${LAUNCHGATE_FUNCTION:-launchgate-validate-service:live}
# The checks that the service must pass. With an empty `checks=` the policy of the group decides.
checks='"checks":{"units":["web"],"ports":[8080],"url":"http://127.0.0.1:8080/health"}'
# Seconds for which Launchgate is asked: less than this script's timeout in appspec.yml (240).
patience=${LAUNCHGATE_PATIENCE:-200}
# Seconds between two questions.
apart=5

fail() {
  echo "ValidateService: $*"
  exit 1
}

# Asks once. The answer is in $work/answer, what the CLI says in $work/told and $work/trouble.
ask() {
  again=${question:+",\"question\":\"$question\",\"patience\":$1"}
  printf '{"deployment_id":"%s","instance_id":"%s","lifecycle_event":"%s"%s}' "${DEPLOYMENT_ID-}" "${session##*:}" \
    "${LIFECYCLE_EVENT-}" "${checks:+,$checks}$again" >"$work/request"
  aws lambda invoke --function-name "$launchgate" --payload "fileb://$work/request" --query FunctionError \
    --output text --cli-connect-timeout 10 --cli-read-timeout 200 "$work/answer" >"$work/told" 2>"$work/trouble"
}

# Reads verdict and reasons. Quotes inside a text are escaped, so a bare quote is the end of a text.
read_answer() {
  [ "$(cat "$work/told")" = None ] || fail "$launchgate failed: $(cat "$work/answer")"
  reasons=$(sed -n -e 's/.*"reasons": *\[//' -e 's/\], *"report":.*//' -e 's/\]}$//' -e 's/^"//' -e 's/"$//' \
    -e 's/", *"/\
/g' -e 's/\\"/"/g' -e 'p' "$work/answer")
  verdict=$(sed -e 's/^{"verdict": *"//' -e 's/".*//' "$work/answer")
  # A stack of the release before does not know the question: it answers once, within three minutes.
  case $reasons in *'unknown field'*question*) question='' verdict=pending reasons='the stack is of the release before' ;; esac
}

# Only a Lambda that has no execution left is asked again.
read_trouble() {
  case $(cat "$work/trouble") in
    *TooManyRequests*) verdict=pending reasons='Lambda has no execution left for this question' ;;
    *)
      cat "$work/trouble" >&2
      fail "could not ask $launchgate: the role needs the policy InvokeValidateService of the Launchgate stack, and 443 to Lambda"
      ;;
  esac
}

command -v aws >/dev/null || fail 'the AWS CLI is not installed: add it to the image, or to user data'
work=$(mktemp -d) || fail 'cannot create a temporary folder for the answer'
trap 'rm -r "$work"' EXIT

# If no Region is set, take it from cloud-init.
: "${AWS_DEFAULT_REGION:=${AWS_REGION:-${region:-$(cloud-init query region 2>/dev/null)}}}"
if [ -n "$AWS_DEFAULT_REGION" ]; then export AWS_DEFAULT_REGION; else unset AWS_DEFAULT_REGION; fi

# AWS names the session of an instance role after the instance, so the user id ends with the instance id.
session=$(aws sts get-caller-identity --query UserId --output text) ||
  fail 'AWS does not say who this instance is: it needs a role, 443 to STS, and a Region (set region= in this script)'

# The name by which Launchgate finds the run of this question again.
began=$(date +%s)
question=$began-$$
told='' left=$patience
while :; do
  if ask "$left"; then read_answer; else read_trouble; fi
  [ "$verdict" = pending ] || break
  # Tells progress, each step of it once.
  [ "$reasons" = "$told" ] || printf 'pending: %s\n' "$reasons"
  told=$reasons
  left=$((began + patience - $(date +%s)))
  [ "$left" -gt "$apart" ] || fail "pending: no verdict within $patience s"
  sleep "$apart"
  left=$((left - apart))
done
[ -z "$reasons" ] || printf '%s\n' "$reasons"
[ "$verdict" = healthy ] || fail "$verdict"
echo 'ValidateService: healthy'
