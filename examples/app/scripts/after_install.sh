#!/bin/sh
# Makes systemd read the unit that was just installed.
set -eu
systemctl daemon-reload
systemctl enable web
