#!/bin/sh
# inside COMMAND...: runs a command in the instance's file system. Its /usr is the machine's, with the unpacked tools
# over it; so they find their libraries and settings where their packages have them. Nobody else sees these mounts.
# shellcheck disable=SC2016 # the inner sh expands it
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec unshare UNSHARE --mount -- sh -ec '
  root=$1 tools=$2
  shift 2
  if [ -d "$tools/usr" ]; then
    mount -t overlay -o "lowerdir=$tools/usr:/usr" overlay "$root/usr"
  else
    mount --rbind /usr "$root/usr"
  fi
  mount --rbind /proc "$root/proc"
  mount --rbind /dev "$root/dev"
  exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C "$@"
' sh ROOT TOOLS "$@"
