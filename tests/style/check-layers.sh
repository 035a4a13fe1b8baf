#!/bin/sh
# A folder of src/ uses only the folders above it: redis, queues, worker, then api, cli and app, which don't use each
# other, except that the command line starts the HTTP service. That the core compiles without GTK is seen by every build; this sees the rest, by the includes.
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

forbid redis console queues keys pubsub server worker api cli app
forbid keys console pubsub server queues/kue queues/memory worker api cli app
forbid pubsub console keys server queues/kue queues/memory worker api cli app
forbid server console keys pubsub queues/kue queues/memory worker api cli app
forbid queues console keys pubsub server worker api cli app
forbid worker console keys pubsub server api cli app
forbid console queues keys server worker api cli app
forbid api cli app
forbid cli app
forbid app api cli
forbid queues/memory queues/kue
forbid queues/kue queues/memory
for folder in redis console queues keys pubsub server worker api cli; do
  forbid_system $folder 'gtk/|gdk/|adwaita'
done
for folder in console queues keys pubsub server worker api cli app; do
  forbid_system $folder 'hiredis'
done
for folder in redis console queues keys pubsub server cli app $(find worker/* -maxdepth 1 -mindepth 1 -type d ! -name webhook) $(find worker -maxdepth 1 -name '*.[ch]'); do
  forbid_system $folder 'libsoup/'
done
# The command line knows one thing of the HTTP service: how to start it.
if found=$(grep -rn '^#include [<"]cb-\(api\|route\)-' cli | grep -v '"cb-api-server.h"'); then
  printf 'cli must use nothing of api but cb-api-server.h:\n%s\n' "$found" >&2
  status=1
fi
# The thread may be the last to let go of such a task, and of its source with it.
if found=$(grep -rn 'g_task_run_in_thread' --include='*.c' . | grep -v '^./redis/cb-task-thread.c'); then
  printf 'What runs in a thread is started by cb_task_run_in_thread():\n%s\n' "$found" >&2
  status=1
fi
forbid_system redis 'json-glib'
forbid_system console 'json-glib'

exit $status
