#!/bin/sh
# Takes away what the revision before has installed and this one may not have.
set -eu
rm -rf /opt/web
