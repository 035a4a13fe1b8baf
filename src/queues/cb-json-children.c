/* cb-json-children.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json-children.h"

/* Names longer than that are compared by their beginnings and lengths only. */
#define MAX_NAME 1024

/* Behind an event that begins or is a value: goes to its end. FALSE when it is broken. */
static gboolean
finish_value (CbJsonScanner *scanner, const char *text, CbJsonEvent event, CbJsonChild *value)
{
  gsize depth = scanner->depth;

  value->type = event;
  value->at = (gsize) (scanner->token - text);
  value->n_children = 0;
  if (event != CB_JSON_BEGIN_OBJECT && event != CB_JSON_BEGIN_ARRAY)
    {
      value->length = scanner->length;
      return TRUE;
    }

  /* Depth counts what is open behind an event: a value directly in it leaves it as it was, or one more when it begins. */
  while (scanner->depth >= depth)
    {
      gsize before = scanner->depth;
      CbJsonEvent next = cb_json_scanner_next (scanner);

      if (next == CB_JSON_BROKEN || next == CB_JSON_END)
        return FALSE;
      if (before == depth && next != CB_JSON_NAME && next != CB_JSON_END_OBJECT && next != CB_JSON_END_ARRAY)
        value->n_children++;
    }
  value->length = (gsize) (scanner->token - text) + scanner->length - value->at;
  return TRUE;
}

/**
 * cb_json_find_value:
 * @value: (out): where it stands, without the white space around it
 *
 * Reads all of @text, once.
 */
gboolean
cb_json_find_value (const char *text, gsize length, CbJsonChild *value, GError **error)
{
  g_auto (CbJsonScanner) scanner;
  CbJsonEvent event;

  *value = (CbJsonChild) { 0 };
  cb_json_scanner_init (&scanner, text, (gssize) length);
  event = cb_json_scanner_next (&scanner);
  if (event == CB_JSON_BROKEN || !finish_value (&scanner, text, event, value) || cb_json_scanner_next (&scanner) != CB_JSON_END)
    {
      cb_json_scanner_set_error (&scanner, error);
      return FALSE;
    }
  return TRUE;
}

/* What names are compared by: "a" and "\u0061" are the same name. */
static char *
create_name_key (const char *token, gsize length)
{
  g_autofree char *name = cb_json_decode_string (token, (gssize) length, MAX_NAME, NULL);

  return length <= MAX_NAME ? g_steal_pointer (&name) : g_strdup_printf ("%" G_GSIZE_FORMAT ":%s", length, name);
}

GArray *
cb_json_find_children (const char *text, const CbJsonChild *value, gsize first, gsize most)
{
  GArray *children = g_array_new (FALSE, TRUE, sizeof (CbJsonChild));
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (CbJsonScanner) scanner;
  CbJsonChild child = { 0 };
  gsize index = 0;

  if (value->type != CB_JSON_BEGIN_OBJECT && value->type != CB_JSON_BEGIN_ARRAY)
    {
      cb_json_scanner_init (&scanner, text, 0);
      return children;
    }

  cb_json_scanner_init (&scanner, text + value->at, (gssize) value->length);
  cb_json_scanner_next (&scanner);
  while (children->len < most)
    {
      CbJsonEvent event = cb_json_scanner_next (&scanner);

      if (event == CB_JSON_END_OBJECT || event == CB_JSON_END_ARRAY || event == CB_JSON_BROKEN || event == CB_JSON_END)
        break;
      if (event == CB_JSON_NAME)
        {
          child.name_at = (gsize) (scanner.token - text);
          child.name_length = scanner.length;
          child.is_repeated = !g_hash_table_add (names, create_name_key (scanner.token, scanner.length));
          continue;
        }
      if (!finish_value (&scanner, text, event, &child))
        break;
      child.index = index++;
      if (child.index >= first)
        g_array_append_val (children, child);
      child = (CbJsonChild) { 0 };
    }
  return children;
}
