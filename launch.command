#!/bin/sh
# Double-clicked in the macOS Finder: a terminal opens and this runs in it.
exec "$(dirname "$0")/launch.sh" "$@"
