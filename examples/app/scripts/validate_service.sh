#!/bin/sh
# Asks Launchgate whether this instance serves the revision, and fails unless the answer is healthy. What it prints
# stands in the lifecycle event's log tail, which the console shows.
#
# Needs the AWS CLI, and the Launchgate stack's policy InvokeValidateService on the instance role.
set -u
# The Region, where the CLI does not find it by itself: one of version 1 does not ask the instance metadata service.
region=
# The output ValidateServiceFunction of the Launchgate stack, or its short form.
launchgate=${LAUNCHGATE_FUNCTION:-launchgate-validate-service:live}
# What must be true of the service; `checks=` leaves it to the policy of the group.
checks='"checks":{"units":["web"],"ports":[8080],"url":"http://127.0.0.1:8080/health"}'
# Seconds to wait for the answer: longer than the function's own time-out, shorter than this script's in appspec.yml.
patience=200

fail() {
  echo "ValidateService: $*"
  exit 1
}

command -v aws >/dev/null || fail 'the AWS CLI is not installed: add it to the image, or to user data'
work=$(mktemp -d) || fail 'no folder for the answer'
trap 'rm -r "$work"' EXIT

# cloud-init knows the Region too.
: "${AWS_DEFAULT_REGION:=${AWS_REGION:-${region:-$(cloud-init query region 2>/dev/null)}}}"
if [ -n "$AWS_DEFAULT_REGION" ]; then export AWS_DEFAULT_REGION; else unset AWS_DEFAULT_REGION; fi

# The session of an instance role is named after the instance.
session=$(aws sts get-caller-identity --query UserId --output text) ||
  fail 'AWS does not say who this instance is: it needs a role, 443 to STS, and a Region (set region= in this script)'
question="\"deployment_id\":\"${DEPLOYMENT_ID-}\",\"instance_id\":\"${session##*:}\""
question="{$question,\"lifecycle_event\":\"${LIFECYCLE_EVENT-}\"${checks:+,$checks}}"
printf '%s' "$question" >"$work/question"

error=$(aws lambda invoke --function-name "$launchgate" --payload "fileb://$work/question" --query FunctionError \
  --output text --cli-connect-timeout 10 --cli-read-timeout "$patience" "$work/answer") ||
  fail "could not ask $launchgate: the role needs the policy InvokeValidateService of the Launchgate stack, and 443 to Lambda"
[ "$error" = None ] || fail "$launchgate failed: $(cat "$work/answer")"

# One reason a line. A quote inside a text is escaped, so these patterns only meet the ends of texts.
reasons=$(sed -n -e 's/.*"reasons": *\[//' -e 's/\], *"report":.*//' -e 's/\]}$//' -e 's/^"//' -e 's/"$//' -e 's/", *"/\
/g' -e 's/\\"/"/g' -e 'p' "$work/answer")
[ -z "$reasons" ] || printf '%s\n' "$reasons"
verdict=$(sed -e 's/^{"verdict": *"//' -e 's/".*//' "$work/answer")
[ "$verdict" = healthy ] || fail "$verdict"
echo 'ValidateService: healthy'
