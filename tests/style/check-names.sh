#!/bin/sh
# A drop-down has a name, and one that its template gives is told: newer versions of GTK tell only what is chosen in it, unless its class
# calls cb_drop_down_use_name ().
set -eu
cd "${1:-.}"
status=0

for template in ui/*.ui; do
  class=$(basename "$template" .ui)
  # The id of each, with what it is named by.
  named=$(awk '
    /<object class="GtkDropDown"/ { id = $0; sub (/.* id="/, "", id); sub (/".*/, "", id); indent = index ($0, "<"); by = "nothing" }
    id != "" && /<property name="label"/ { by = "label" }
    id != "" && /<relation name="labelled-by"/ { by = "relation" }
    id != "" && /<\/object>/ && index ($0, "<") == indent { print id "=" by; id = "" }' "$template")
  for one in $named; do
    id=${one%=*}
    case ${one#*=} in
      label)
        grep -rqE "cb_drop_down_use_name \((GTK_DROP_DOWN \()?self->$id\)" --include="$class.c" src/app || {
          printf '%s: %s.c must call cb_drop_down_use_name () for %s.\n' "$template" "$class" "$id" >&2
          status=1
        } ;;
      nothing)
        printf '%s: %s has no name for a screen reader.\n' "$template" "$id" >&2
        status=1 ;;
    esac
  done
done

exit $status
