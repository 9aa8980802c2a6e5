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
look_began=0
hung=
tell=

# Sets now to the seconds since boot, which no clock change affects.
read_uptime() {
  read -r now _ </proc/uptime
  now=${now%.*}
}

# read_stat FILE: sets stat. The name of the process, field 2, may have spaces, brackets and line ends.
read_stat() {
  stat=
  { while read -r line; do stat=$stat$line; done <"$1"; } 2>/dev/null
}

# finding CHECK CODE CLASS DETAIL. A fatal finding is told as transient until an earlier look, 10 s ago, found the same.
finding() {
  weight=$3
  [ "$weight" != fatal ] || prove "$2" || weight=transient
  clean_text "$4" 200
  findings="$findings$1|$2|$weight|$text$newline"
  [ -z "$tell" ] || printf '%s\n' "finding $1|$2|$weight|$text"
}

# clean_text TEXT BYTES: sets text to so many of its bytes, printable ones only. Without another program, as all that a
# report needs: any program may hang.
clean_text() {
  rest=$(printf "%.$2s" "$1")
  text=
  while :; do
    case $rest in *[!\ -~]* | *'|'*) ;; *) break ;; esac
    part=${rest%%[!\ -{\}~]*}
    rest=${rest#"$part"}
    case $rest in '|'*) text=$text$part/ ;; *) text="$text$part " ;; esac
    rest=${rest#?}
  done
  text=$text$rest
}

# prove CODE: whether this run found it first 10 s ago, and in every look since. Counts from the beginning of a look, so
# that findings of the same looks are proven together.
prove() {
  first=$look_began
  case $suspects in *" $1:"*)
    first=${suspects##*" $1:"}
    first=${first%% *} ;;
  esac
  new_suspects="${new_suspects-} $1:$first "
  [ $((look_began - first)) -gt 10 ]
}
