case $SSM_waitSeconds in '' | *[!0-9]* | ????*)
  echo 'waitSeconds is not a number of seconds' >&2
  exit 2 ;;
esac
if ! command -v curl >/dev/null && ! command -v wget >/dev/null; then
  echo 'neither curl nor wget is installed' >&2
  exit 3
fi

look() {
  findings=
  agent_state=
  clock
  read_agent_settings
  check_boot
  check_package_lock
  check_metadata # this and the next three before the agent, whose trouble they may explain
  check_credentials
  check_network
  check_clock
  check_disk
  check_agent
  check_packages
  check_units
  check_commands
  check_ports
  check_url
}

# Sets installed to the deployment, of any group, whose event Install ended last. The agent writes the file then: later
# events may have failed.
find_installed() {
  read_agent_settings
  set +f
  newest=$(ls -t "$root$root_dir"/deployment-instructions/*_last_successful_install 2>/dev/null)
  set -f
  newest=${newest%%"$newline"*}
  installed=
  [ -n "$newest" ] || return 0
  { read -r installed <"$newest"; } 2>/dev/null
  installed=${installed##*/}
  case $installed in d-*[!A-Za-z0-9-]* | ??????????????????????*) installed= ;; d-?*) ;; *) installed= ;; esac
}

# SSM keeps the first 8,000 characters. Other errors of cloud-init are no finding, but worth a look.
print_evidence() {
  printf '%s' "$findings"
  if [ -n "$agent_state" ] && [ "$agent_state" != running ]; then
    tail_of "$root$log_dir/$program_name.log" 2400
  fi
  case $user_data_failed$findings in scripts* | *'|boot-running|'*) tail_of "$root/var/log/cloud-init-output.log" 1800 ;; esac
  case $(tr -d '[:space:]' 2>/dev/null <"$root/run/cloud-init/result.json") in
    *'"errors":["'*) tail_of "$root/run/cloud-init/result.json" 600 ;;
  esac
  # shellcheck disable=SC2086 # it is a list
  case $findings in *'|unit-not-active|'*)
    systemctl status --no-pager --lines=5 -- $inactive 2>&1 | cut -c 1-200 | head -c 1200 ;;
  esac
}

finish() {
  trap '' HUP INT TERM
  clock
  find_installed
  print_report || exit 4
  print_evidence 2>/dev/null | head -c 7000 >&2
  end_rest
  [ "$ready" = true ] && exit 0
  exit 10
}

# Half a look could pass for a better one than the last.
# shellcheck disable=SC2329 # the trap calls it
interrupted() {
  findings=${last_findings:-$findings}
  agent_state=$last_agent_state
  finish
}

# What is repairable can be mended at once, unless the boot still runs and may be about to mend it.
waiting_can_help() {
  case $SSM_repair$findings in
    *'|fatal|'*) return 1 ;;
    *'|boot-running|'*) ;;
    offered*'|repairable|'*) return 1 ;;
    *'|transient|'* | *'|repairable|'*) ;;
    *) return 1 ;;
  esac
  clock
  [ $((now - began)) -lt "$SSM_waitSeconds" ]
}

# In the background, so that a signal is answered at once.
rest() {
  sleep 2 >/dev/null 2>&1 &
  wait "$!"
}

# By now the number may be a stranger's. A signal that comes before the new process is a sleep is lost: wait.
end_rest() {
  if read_process "${!-}" && [ "$parent" = "$$" ]; then kill "$!" 2>/dev/null; fi
  wait
}

ready=false
findings=
last_findings=
last_agent_state=
version=
generation=
booted=
user_data_failed=
open_endpoints=
credentials_until=0
world=
world_at=0
clock
began=$now
trap 'interrupted' HUP INT TERM
[ -z "${stopped-}" ] || interrupted
while :; do
  look
  last_findings=$findings
  last_agent_state=$agent_state
  [ -n "$findings" ] || ready=true
  waiting_can_help || break
  rest
done
finish
