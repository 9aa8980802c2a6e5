set -f -u
LC_ALL=C # count bytes: a log may contain any
export LC_ALL
# Unset on an instance; tests set them to run this script in a sandbox.
root=${LAUNCHGATE_ROOT-}
metadata=${LAUNCHGATE_METADATA-http://169.254.169.254}
newline='
'
return=$(printf '\r')
findings=
suspects=
hung=
tell=

# Sets now to the seconds since boot, which no clock change affects.
read_uptime() {
  read -r now _ </proc/uptime
  now=${now%.*}
}

# finding CHECK CODE CLASS DETAIL. A fatal finding is told as transient until an earlier look, 10 s ago, found the same.
finding() {
  weight=$3
  [ "$weight" != fatal ] || prove "$2" || weight=transient
  detail=$(printf '%s' "$4" | tr '\n\t|' '  /' | tr -cd '\040-\176' | cut -c 1-200)
  findings="$findings$1|$2|$weight|$detail$newline"
  [ -z "$tell" ] || printf '%s\n' "finding $1|$2|$weight|$detail"
}

# prove CODE: whether this run found it first 10 s ago, and in every look since.
prove() {
  first=$now
  case $suspects in *" $1:"*)
    first=${suspects##*" $1:"}
    first=${first%% *} ;;
  esac
  new_suspects="${new_suspects-} $1:$first "
  [ $((now - first)) -gt 10 ]
}
