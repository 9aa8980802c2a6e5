#!/bin/sh
# Stops what runs. That nothing does is no failure.
set -eu
if systemctl is-active --quiet web; then
  systemctl stop web
fi
