check_packages() {
  find_missing_packages
  [ -z "$missing_packages" ] || finding packages package-missing repairable "not installed:$missing_packages"
}

find_missing_packages() {
  missing_packages=
  for name in $SSM_packages; do
    has_package "$name" || missing_packages="$missing_packages $name"
  done
}

# Looks for a list of packages, not for a command: either family may have the other's commands installed.
is_debian() {
  [ -s "$root/var/lib/dpkg/status" ]
}

# Neither query takes the package lock. A package that provides the name counts too.
has_package() {
  if is_debian; then
    dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Package} ${Provides}\n' 2>/dev/null |
      awk -v name="$1" '
        $1 == "installed" { gsub(/,|\([^)]*\)/, " "); for (i = 2; i <= NF; i++) if ($i == name) found = 1 }
        END { exit !found }'
  else
    timeout 20 rpm -q --quiet -- "$1" 2>/dev/null || timeout 20 rpm -q --quiet --whatprovides -- "$1" >/dev/null 2>&1
  fi
}
