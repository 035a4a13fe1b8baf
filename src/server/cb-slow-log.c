/* cb-slow-log.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-slow-log.h"

#include <string.h>

#include "cb-json.h"

/* The server cuts at 32 arguments of 128 bytes; another may not. */
#define MOST_ARGUMENTS 64
#define LONGEST_ARGUMENT 256
#define LONGEST_COMMAND 1000

void
cb_slow_entry_free (CbSlowEntry *self)
{
  g_free (self->command);
  g_free (self->client);
  g_free (self->client_name);
  g_free (self);
}

static char *
dup_text (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL ? cb_text_display (text, (gssize) MIN (length, LONGEST_ARGUMENT), TRUE) : g_strdup ("");
}

/* As one would type it: what has white space or quotation marks in it is quoted. */
static void
append_argument (GString *text, const CbValue *value)
{
  gsize length;
  const char *bytes = cb_value_get_string (value, &length);
  g_autofree char *shown = dup_text (value);

  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (*shown != '\0' && strpbrk (shown, " \"'") == NULL)
    {
      g_string_append (text, shown);
    }
  else
    {
      g_string_append_c (text, '"');
      for (const char *c = shown; *c != '\0'; c++)
        {
          if (*c == '"')
            g_string_append_c (text, '\\');
          g_string_append_c (text, *c);
        }
      g_string_append_c (text, '"');
    }
  if (bytes != NULL && length > LONGEST_ARGUMENT)
    g_string_append (text, "…");
}

static char *
describe_command (const CbValue *arguments)
{
  GString *text = g_string_new (NULL);
  guint n = cb_value_get_length (arguments);

  for (guint i = 0; i < n; i++)
    {
      if (i == MOST_ARGUMENTS || text->len >= LONGEST_COMMAND)
        {
          g_string_append (text, " …");
          break;
        }
      append_argument (text, cb_value_get_element (arguments, i));
    }
  return g_string_free (text, FALSE);
}

GPtrArray *
cb_slow_log_parse (const CbValue *value)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_slow_entry_free);
  guint n = MIN (cb_value_get_length (value), CB_SLOW_LOG_LENGTH);

  for (guint i = 0; i < n; i++)
    {
      const CbValue *line = cb_value_get_element (value, i);
      CbSlowEntry *entry;
      gint64 id, seconds, duration;

      if (!cb_value_get_integer (cb_value_get_element (line, 0), &id))
        continue;
      entry = g_new0 (CbSlowEntry, 1);
      entry->id = id;
      entry->time = cb_value_get_integer (cb_value_get_element (line, 1), &seconds) && seconds >= 0 && seconds < G_MAXINT64 / G_USEC_PER_SEC
                      ? seconds * G_USEC_PER_SEC
                      : -1;
      entry->duration = cb_value_get_integer (cb_value_get_element (line, 2), &duration) && duration >= 0 ? duration : -1;
      entry->command = describe_command (cb_value_get_element (line, 3));
      entry->client = dup_text (cb_value_get_element (line, 4));
      entry->client_name = dup_text (cb_value_get_element (line, 5));
      g_ptr_array_add (entries, entry);
    }
  return entries;
}
