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

# Any distribution may have the tool of the other family, so what counts is whose list of packages is not empty.
is_debian() {
  [ -s "$root/var/lib/dpkg/status" ]
}

# Neither asks for the package lock. A name may also be what another package provides.
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
