# The time of AWS, as an answer tells it, and when that was by the uptime: what chrony steps since is seen.
read_world_clock() {
  clock
  world=$(date -d "$http_date" +%s 2>/dev/null) && [ -n "$http_date" ] || world=
  world_at=$now
}

world_clock() {
  if [ -n "$world" ]; then echo $((world + now - world_at)); else date +%s; fi
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
