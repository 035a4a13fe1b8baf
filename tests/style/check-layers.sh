#!/bin/sh
# A folder of src/ uses only the folders above it: redis, queues, worker, then cli and app, which don't use each
# other. That the core compiles without GTK is seen by every build; this sees the rest, by the includes.
set -eu
cd "${1:-.}/src"
status=0

# headers_below FOLDER…: the names of the headers in these folders.
headers_below () { find "$@" -name '*.h' -exec basename {} \; ; }

# forbid FOLDER FOLDER…: the first must not include a header of the others.
forbid () {
  folder=$1; shift
  pattern=$(headers_below "$@" | sed 's/\./\\./g' | paste -sd '|')
  [ -n "$pattern" ] || return 0
  if found=$(grep -rnE "^#include [\"<]($pattern)[\">]" "$folder"); then
    printf '%s must not use %s:\n%s\n' "$folder" "$*" "$found" >&2
    status=1
  fi
}

# forbid_system FOLDER PATTERN: the folder must not include such a system header.
forbid_system () {
  if found=$(grep -rnE "^#include <($2)" "$1"); then
    printf '%s must not include <%s>:\n%s\n' "$1" "$2" "$found" >&2
    status=1
  fi
}

forbid redis queues worker cli app
forbid queues worker cli app
forbid worker cli app
forbid cli app
forbid app cli
forbid queues/memory queues/kue
forbid queues/kue queues/memory
for folder in redis queues worker cli; do
  forbid_system $folder 'gtk/|gdk/|adwaita'
done
for folder in queues worker cli app; do
  forbid_system $folder 'hiredis'
done
forbid_system redis 'json-glib'

exit $status
