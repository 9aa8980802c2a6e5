#!/bin/sh
# Starts the service. It runs under systemd: a daemon that kept this script's output open would fail the lifecycle event.
set -eu
systemctl restart web
