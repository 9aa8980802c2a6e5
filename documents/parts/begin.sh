set -f -u
LC_ALL=C # count bytes: a log may contain any
export LC_ALL
# Unset on an instance; tests set them to run this script in a sandbox.
root=${LAUNCHGATE_ROOT-}
metadata=${LAUNCHGATE_METADATA-http://169.254.169.254}
newline='
'
return=$(printf '\r')

# Sets now to the seconds since boot, which no clock change affects.
read_uptime() {
  read -r now _ </proc/uptime
  now=${now%.*}
}

# finding CHECK CODE CLASS DETAIL
finding() {
  detail=$(printf '%s' "$4" | tr '\n\t|' '  /' | tr -cd '\040-\176' | cut -c 1-200)
  findings="$findings$1|$2|$3|$detail$newline"
}
