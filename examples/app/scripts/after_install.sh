#!/bin/sh
# Makes systemd know the unit that was just installed.
set -eu
systemctl daemon-reload
systemctl enable web
