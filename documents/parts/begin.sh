set -f -u
LC_ALL=C # bytes: a log may hold anything
export LC_ALL
# Unset on an instance; a sandbox points them at a made-up tree and metadata service to run this very script.
root=${LAUNCHGATE_ROOT-}
metadata=${LAUNCHGATE_METADATA-http://169.254.169.254}
newline='
'
return=$(printf '\r')

# Sets now from the uptime, which no clock step moves.
clock() {
  read -r now _ </proc/uptime
  now=${now%.*}
}

# finding CHECK CODE CLASS DETAIL
finding() {
  detail=$(printf '%s' "$4" | tr '\n\t|' '  /' | tr -cd '\040-\176' | cut -c 1-200)
  findings="$findings$1|$2|$3|$detail$newline"
}
