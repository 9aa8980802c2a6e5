#!/bin/sh
# Asks Launchgate whether this instance serves the revision, and fails unless the answer is healthy. The console shows
# what this script prints, in the log tail of the lifecycle event.
#
# Needs the AWS CLI, and the policy InvokeValidateService of the Launchgate stack on the instance role.
set -u
# The Region. Set it if the CLI does not find it by itself: version 1 does not read it from instance metadata.
region=
# The function to invoke: the output ValidateServiceFunction of the Launchgate stack, or its short form.
launchgate=${LAUNCHGATE_FUNCTION:-launchgate-validate-service:live}
# The checks that the service must pass. With an empty `checks=` the policy of the group decides.
checks='"checks":{"units":["web"],"ports":[8080],"url":"http://127.0.0.1:8080/health"}'
# Seconds to wait for the answer: more than the function's timeout (180), less than this script's in appspec.yml (240).
patience=200

fail() {
  echo "ValidateService: $*"
  exit 1
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
request="\"deployment_id\":\"${DEPLOYMENT_ID-}\",\"instance_id\":\"${session##*:}\""
request="{$request,\"lifecycle_event\":\"${LIFECYCLE_EVENT-}\"${checks:+,$checks}}"
printf '%s' "$request" >"$work/request"

error=$(aws lambda invoke --function-name "$launchgate" --payload "fileb://$work/request" --query FunctionError \
  --output text --cli-connect-timeout 10 --cli-read-timeout "$patience" "$work/answer") ||
  fail "could not ask $launchgate: the role needs the policy InvokeValidateService of the Launchgate stack, and 443 to Lambda"
[ "$error" = None ] || fail "$launchgate failed: $(cat "$work/answer")"

# Prints each reason on a line of its own. Quotes inside a text are escaped, so a bare quote is the end of a text.
reasons=$(sed -n -e 's/.*"reasons": *\[//' -e 's/\], *"report":.*//' -e 's/\]}$//' -e 's/^"//' -e 's/"$//' -e 's/", *"/\
/g' -e 's/\\"/"/g' -e 'p' "$work/answer")
[ -z "$reasons" ] || printf '%s\n' "$reasons"
verdict=$(sed -e 's/^{"verdict": *"//' -e 's/".*//' "$work/answer")
[ "$verdict" = healthy ] || fail "$verdict"
echo 'ValidateService: healthy'
