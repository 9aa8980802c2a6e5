#!/bin/sh
# Removes the files of the previous revision: this revision may not have all of them.
set -eu
rm -rf /opt/web
