#!/bin/sh
# Stops the service. It is not an error if it does not run.
set -eu
if systemctl is-active --quiet web; then
  systemctl stop web
fi
