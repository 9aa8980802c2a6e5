#!/bin/sh
# Starts the service under systemd. A daemon started by this script itself would keep the script's output open, and then
# the lifecycle event fails.
set -eu
systemctl restart web
