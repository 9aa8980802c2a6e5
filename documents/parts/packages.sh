check_packages() {
  if ! find_missing_packages; then
    finding packages package-database-unreadable transient "cannot tell whether packages are installed: $database_error"
  elif [ -n "$missing_packages" ]; then
    finding packages package-missing repairable "not installed:$missing_packages"
  fi
}

# Sets missing_packages. A package that provides the name counts too. Fails, and sets database_error, if the database
# could not be read; it is told as an empty list too, since neither is known. No query takes the package lock.
find_missing_packages() {
  missing_packages=
  database_error=
  [ -n "$SSM_packages" ] || return 0
  if is_debian; then ask_dpkg; else ask_rpm; fi
  if [ -z "$hung$database_error" ]; then return 0; fi
  missing_packages=
  [ -n "$hung" ]
}

# Looks for a list of packages, not for a command: either family may have the other's commands installed.
is_debian() {
  [ -s "$root/var/lib/dpkg/status" ]
}

ask_dpkg() {
  # shellcheck disable=SC2016 # dpkg-query expands it
  listed=$($bounded dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Package} ${Provides}\n' 2>/dev/null) || {
    database_error=$($bounded dpkg-query -W dpkg 2>&1 | head -n 1)
    database_error=${database_error:-dpkg-query failed}
    return
  }
  missing_packages=$(printf '%s\n' "$listed" | awk -v wanted="$SSM_packages" '
    $1 == "installed" { gsub(/,|\([^)]*\)/, " "); for (i = 2; i <= NF; i++) found[$i] = 1 }
    END {
      count = split(wanted, name, " ")
      for (i = 1; i <= count; i++) if (!(name[i] in found)) printf " %s", name[i]
    }')
}

# One call for all names, and one for what provides those that no package has. rpm says of an unreadable database that
# the packages are not installed, after a line that begins with "error:".
ask_rpm() {
  if ! command -v rpm >/dev/null; then
    database_error='neither rpm nor a list of dpkg is there'
    return
  fi
  # shellcheck disable=SC2086 # they are lists
  read_rpm -- $SSM_packages
  [ -n "$missing_packages" ] && [ -z "$database_error$hung" ] || return 0
  # shellcheck disable=SC2086 # they are lists
  read_rpm --whatprovides -- $missing_packages
}

# rpm fails if it names a package that is missing; if it names none, it could not look.
read_rpm() {
  said=$($bounded rpm -q "$@" 2>&1)
  ended=$?
  missing_packages=$(printf '%s\n' "$said" | awk '
    /^package .* is not installed$/ || /^no package provides / { printf " %s", $0 ~ /^package/ ? $2 : $4 }')
  database_error=$(printf '%s\n' "$said" | grep -m 1 -e '^error:' -e 'error while loading')
  [ -n "$missing_packages" ] || [ "$ended" -eq 0 ] || database_error=${database_error:-rpm ended with $ended: $said}
}
