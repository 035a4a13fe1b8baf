/* cb-kue-index.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-index.h"

#include <string.h>

#include "cb-json-scanner.h"
#include "cb-json.h"
#include "cb-kue-words.h"

/*
 * What Kue's search index is to hold of a job: kue 0.11.6, Job.update() in lib/queue/job.js. The data are taken as they are
 * stored, while Kue writes them anew first; that makes a difference only for characters written as \\uXXXX.
 */

/* A member by a path as lodash has it: the whole as a name first, then a.b[0].c step by step. */
static GBytes *
dup_by_path (GBytes     *data,
             const char *path)
{
  gsize length;
  const char *text = g_bytes_get_data (data, &length);
  GBytes *found = cb_json_dup_member (text, (gssize) length, path);
  g_auto (GStrv) steps = NULL;

  if (found != NULL)
    return found;

  steps = g_strsplit_set (path, ".[", -1);
  found = g_bytes_ref (data);
  for (guint i = 0; steps[i] != NULL && found != NULL; i++)
    {
      g_autoptr (GBytes) inside = g_steal_pointer (&found);
      gsize n = strlen (steps[i]);
      guint64 index;

      if (n > 0 && steps[i][n - 1] == ']')
        steps[i][n - 1] = 0;
      text = g_bytes_get_data (inside, &length);
      if (length > 0 && text[0] == '[')
        {
          g_autoptr (GPtrArray) elements = cb_json_split_array (text, (gssize) length, NULL);

          if (elements != NULL && g_ascii_string_to_unsigned (steps[i], 10, 0, G_MAXUINT, &index, NULL) && index < elements->len)
            found = g_bytes_ref (g_ptr_array_index (elements, index));
        }
      else
        {
          found = cb_json_dup_member (text, (gssize) length, steps[i]);
        }
    }

  return found;
}

static void
count_value (GBytes     *value,
             gsize       max_bytes,
             GHashTable *codes)
{
  gsize length;
  const char *text = g_bytes_get_data (value, &length);

  if (length > 0 && text[0] == '"')
    {
      g_autofree char *decoded = cb_json_decode_string (text, length, max_bytes, NULL);

      cb_kue_words_count (decoded, strlen (decoded), codes);
    }
  else
    {
      cb_kue_words_count (text, MIN (length, max_bytes), codes);
    }
}

/**
 * cb_kue_index_words:
 * @data: JSON
 * @keys: (nullable): paths of the members to be found by; %NULL or none: all of the data
 *
 * @max_bytes: how much of each text is looked at; there is a bound in any case
 *
 * May take a while for long texts; it can be called in any thread.
 *
 * Returns: (transfer full): a line `COUNT CODE` for each word, as the scripts take it; "" when there are none
 */
char *
cb_kue_index_words (GBytes             *data,
                    const char * const *keys,
                    gsize               max_bytes)
{
  g_autoptr (GHashTable) codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *words = g_string_new (NULL);
  GHashTableIter iter;
  gpointer code, count;

  if (keys == NULL || keys[0] == NULL)
    {
      gsize length;
      const char *text = g_bytes_get_data (data, &length);

      cb_kue_words_count (text, MIN (length, max_bytes), codes);
    }
  else
    {
      for (guint i = 0; keys[i] != NULL; i++)
        {
          g_autoptr (GBytes) value = dup_by_path (data, keys[i]);

          if (value != NULL)
            count_value (value, max_bytes, codes);
        }
    }

  g_hash_table_iter_init (&iter, codes);
  while (g_hash_table_iter_next (&iter, &code, &count))
    g_string_append_printf (words, "%u %s\n", GPOINTER_TO_UINT (count), (const char *) code);

  return g_string_free (words, FALSE);
}
