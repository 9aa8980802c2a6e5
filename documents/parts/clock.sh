# Sets aws_time from an HTTP answer, and aws_time_at, its uptime, so that a later step by chrony shows.
read_aws_time() {
  read_uptime
  aws_time=$(seconds_of "$http_date")
  aws_time_at=$now
}

print_aws_time() {
  if [ -n "$aws_time" ]; then echo $((aws_time + now - aws_time_at)); else date +%s; fi
}

# seconds_of DATE: prints the seconds since 1970 of "Sat, 31 Jan 2026 06:00:00 GMT" or 2026-01-31T06:00:00Z. Not every
# `date` reads both.
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

# AWS refuses signatures that are 300 s off; report at 240 s. It has just accepted those of an agent that polls.
check_clock() {
  [ -z "$agent_polls" ] && [ -n "$aws_time" ] || return 0
  read_uptime
  ahead=$(date +%s)
  [ -n "$ahead" ] || return 0
  ahead=$((ahead - aws_time - now + aws_time_at))
  if [ "$ahead" -gt 240 ]; then
    finding clock clock-skewed transient "the clock is $ahead s ahead of AWS"
  elif [ "$ahead" -lt -240 ]; then
    finding clock clock-skewed transient "the clock is ${ahead#-} s behind AWS"
  fi
}
