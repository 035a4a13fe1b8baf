/* cb-cli-reply.c: replies as text and as JSON
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-reply.h"

#include <stdio.h>

#include "cb-console-line.h"

char *
cb_cli_escape (const char *bytes,
               gsize length)
{
  return cb_console_escape (bytes, length, FALSE);
}

/* @indent: what stands before each line but the first. The depth is bounded by hiredis, which refuses deeper replies. */
static void
print_value (CbCli *cli,
             const CbValue *value,
             const char *indent)
{
  g_autofree char *text = NULL;
  const char *bytes;
  gsize length;
  gint64 integer = 0;

  switch (cb_value_get_kind (value))
    {
    case CB_VALUE_STRING:
      bytes = cb_value_get_string (value, &length);
      text = cb_console_escape (bytes, length, TRUE);
      cb_cli_print (cli, "%s\n", text);
      break;

    case CB_VALUE_STATUS:
      bytes = cb_value_get_string (value, &length);
      text = cb_text_display (bytes, (gssize) length, TRUE);
      cb_cli_print (cli, "%s\n", text);
      break;

    case CB_VALUE_ERROR:
      bytes = cb_value_get_string (value, &length);
      text = cb_text_display (bytes, (gssize) length, TRUE);
      cb_cli_print (cli, "(error) %s\n", text);
      break;

    case CB_VALUE_INTEGER:
      cb_value_get_integer (value, &integer);
      cb_cli_print (cli, "(integer) %" G_GINT64_FORMAT "\n", integer);
      break;

    case CB_VALUE_ARRAY:
      {
        guint n = cb_value_get_length (value);
        int width = snprintf (NULL, 0, "%u", n);
        g_autofree char *deeper = g_strdup_printf ("%s%*s", indent, width + 2, "");

        if (n == 0)
          cb_cli_print (cli, "(empty array)\n");
        for (guint i = 0; i < n && cli->output_errno == 0; i++)
          {
            cb_cli_print (cli, "%s%*u) ", i == 0 ? "" : indent, width, i + 1);
            print_value (cli, cb_value_get_element (value, i), deeper);
          }
      }
      break;

    case CB_VALUE_NIL:
    default:
      cb_cli_print (cli, "(nil)\n");
      break;
    }
}

void
cb_cli_print_reply (CbCli *cli,
                    const CbValue *value)
{
  print_value (cli, value, "");
}

void
cb_cli_print_named_reply (CbCli *cli,
                          const CbValue *value)
{
  gint64 integer;

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "reply");
      cb_cli_write_json_value (writer, value);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  else if (cb_value_get_kind (value) == CB_VALUE_INTEGER && cb_value_get_integer (value, &integer))
    cb_cli_print (cli, "Reply: %" G_GINT64_FORMAT "\n", integer);
  else
    {
      gsize length;
      const char *bytes = cb_value_get_string (value, &length);
      g_autofree char *text = bytes != NULL ? cb_text_display (bytes, (gssize) length, TRUE) : g_strdup ("null");

      cb_cli_print (cli, "Reply: %s\n", text);
    }
}

void
cb_cli_write_json_value (CbJsonWriter *writer,
                         const CbValue *value)
{
  const char *bytes;
  gsize length;
  gint64 integer = 0;

  switch (cb_value_get_kind (value))
    {
    case CB_VALUE_STRING:
    case CB_VALUE_STATUS:
      bytes = cb_value_get_string (value, &length);
      cb_json_writer_string (writer, bytes, (gssize) length);
      break;

    case CB_VALUE_INTEGER:
      cb_value_get_integer (value, &integer);
      cb_json_writer_int (writer, integer);
      break;

    case CB_VALUE_ERROR:
      bytes = cb_value_get_string (value, &length);
      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, bytes, (gssize) length);
      cb_json_writer_end_object (writer);
      break;

    case CB_VALUE_ARRAY:
      cb_json_writer_begin_array (writer);
      for (guint i = 0; i < cb_value_get_length (value); i++)
        cb_cli_write_json_value (writer, cb_value_get_element (value, i));
      cb_json_writer_end_array (writer);
      break;

    case CB_VALUE_NIL:
    default:
      cb_json_writer_null (writer);
      break;
    }
}
