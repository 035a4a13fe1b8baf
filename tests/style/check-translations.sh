#!/bin/sh
# Every file with a text for people is in po/POTFILES.in, and every language in po/LINGUAS has every text.
#
# usage: check-translations.sh SOURCE_ROOT
set -eu
cd "$1"

status=0

found=$(mktemp)
listed=$(mktemp)
pot=$(mktemp)
trap 'rm -f "$found" "$listed" "$pot" "$pot.po"' EXIT

{
  grep -rlE --include='*.[ch]' '(^|[^A-Za-z0-9_])(N?_|C_|NC_|ngettext|g_dngettext) ?\("' src || true
  grep -rlE --include='*.ui' 'translatable="(yes|1|true)"' ui || true
  ls data/*.desktop.in data/*.metainfo.xml.in data/*.gschema.xml 2>/dev/null || true
} | LC_ALL=C sort -u >"$found"
grep -vE '^(#|$)' po/POTFILES.in | LC_ALL=C sort -u >"$listed"

for file in $(LC_ALL=C comm -23 "$found" "$listed"); do
  echo "po/POTFILES.in lacks $file" >&2
  status=1
done
while read -r file; do
  if [ ! -f "$file" ]; then
    echo "po/POTFILES.in has $file, which is not there" >&2
    status=1
  fi
done <"$listed"

if ! command -v xgettext >/dev/null || ! command -v msgmerge >/dev/null; then
  echo "gettext is not installed: the translations were not compared"
  exit $status
fi

# The arguments are those of meson's preset "glib".
xgettext --from-code=UTF-8 --add-comments \
  --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2 --keyword=g_dcgettext:2 \
  --keyword=g_dngettext:2,3 --keyword=g_dpgettext2:2c,3 --keyword=ngettext:1,2 \
  --files-from=po/POTFILES.in --output="$pot" 2>/dev/null

for language in $(grep -vE '^#' po/LINGUAS); do
  msgmerge --quiet --no-fuzzy-matching --output-file="$pot.po" "po/$language.po" "$pot"
  # The header is among what is printed, when anything is.
  missing=$(msgattrib --untranslated --no-obsolete "$pot.po" | grep '^msgid "' | tail -n +2 | wc -l)
  fuzzy=$(msgattrib --only-fuzzy --no-obsolete "po/$language.po" | grep '^msgid "' | tail -n +2 | wc -l)
  if [ "$missing" -gt 0 ] || [ "$fuzzy" -gt 0 ]; then
    echo "po/$language.po: $missing texts are not translated, $fuzzy are fuzzy" >&2
    msgattrib --untranslated --no-obsolete "$pot.po" >&2
    status=1
  fi
  msgfmt --check --output-file=/dev/null "po/$language.po" || status=1
done

exit $status
