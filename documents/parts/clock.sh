# The time of AWS, as an answer tells it, and when that was by the uptime: what chrony steps since is seen.
read_world_clock() {
  clock
  world=$(seconds_of "$http_date")
  world_at=$now
}

world_clock() {
  if [ -n "$world" ]; then echo $((world + now - world_at)); else date +%s; fi
}

# seconds_of DATE: since the epoch, of "Sat, 31 Jan 2026 06:00:00 GMT" or 2026-01-31T06:00:00Z. Not every `date` reads
# both.
seconds_of() {
  printf '%s\n' "$1" | awk '
    /^[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9][0-9][0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT/ {
      month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr($0, 9, 3)) + 2) / 3
      $0 = substr($0, 13, 4) "-" month "-" substr($0, 6, 2) " " substr($0, 18, 8)
    }
    split($0, part, /[^0-9]+/) >= 6 {
      year = part[1]; month = part[2]
      if (month < 3) { year--; month += 12 }
      days = 365 * year + int(year / 4) - int(year / 100) + int(year / 400)
      days += int((153 * (month - 3) + 2) / 5) + part[3] - 719469
      printf "%.0f", ((days * 24 + part[4]) * 60 + part[5]) * 60 + part[6]
    }'
}

# A signature is refused when it is 300 s off; this tells before.
check_clock() {
  [ -n "$world" ] || return 0
  clock
  ahead=$(($(date +%s) - world - now + world_at))
  if [ "$ahead" -gt 240 ]; then
    finding clock clock-skewed transient "the clock is $ahead s ahead of the one of AWS"
  elif [ "$ahead" -lt -240 ]; then
    finding clock clock-skewed transient "the clock is ${ahead#-} s behind the one of AWS"
  fi
}
