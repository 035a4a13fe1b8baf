# Makes C strings of Lua scripts: one `static const char cb_kue_lua_NAME[]` for each file given, or with another prefix.
# Lines that are only a comment become empty lines, so that what goes to the server is short and the line
# numbers in its messages are those of the file.

BEGIN { if (prefix == "") prefix = "cb_kue_lua_" }

function finish() { if (open) print "  ;\n" }

FNR == 1 {
  finish()
  open = 1
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.lua$/, "", name)
  gsub(/-/, "_", name)
  print "static const char " prefix name "[] ="
}

{
  line = $0
  if (line ~ /^[ \t]*--/)
    line = ""
  gsub(/\\/, "&&", line)
  gsub(/"/, "\\\\&", line)
  print "  \"" line "\\n\""
}

END { finish() }
