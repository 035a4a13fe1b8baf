/* cb-command-stats.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-command-stats.h"

#include <string.h>

#include "cb-command-private.h"

#define MOST_NAMES 255
#define LONGEST_NAME 48
#define OTHERS "…"

/* Their first argument is part of the name. */
static const char * const containers[] = {
  "ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "FUNCTION", "LATENCY", "MEMORY", "MODULE", "OBJECT", "PUBSUB", "SCRIPT", "SLOWLOG",
  "XGROUP", "XINFO",
};

struct _CbCommandStats
{
  int ref_count;
  GHashTable *by_name;        /* (element-type utf8 CbCommandFigures) of those in the array */
  GPtrArray *figures;         /* (owned) (element-type CbCommandFigures) */
};

static void
free_figures (gpointer data)
{
  CbCommandFigures *figures = data;

  g_free ((char *) figures->name);
  g_free (figures);
}

CbCommandStats *
cb_command_stats_new (void)
{
  CbCommandStats *self = g_new0 (CbCommandStats, 1);

  self->ref_count = 1;
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->figures = g_ptr_array_new_with_free_func (free_figures);
  return self;
}

CbCommandStats *
cb_command_stats_ref (CbCommandStats *self)
{
  self->ref_count++;
  return self;
}

void
cb_command_stats_unref (CbCommandStats *self)
{
  if (--self->ref_count > 0)
    return;
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->figures);
  g_free (self);
}

static CbCommandFigures *
get_figures (CbCommandStats *self,
             const char     *name)
{
  CbCommandFigures *figures = g_hash_table_lookup (self->by_name, name);

  if (figures != NULL)
    return figures;
  if (self->figures->len >= MOST_NAMES && strcmp (name, OTHERS) != 0)
    return get_figures (self, OTHERS);

  figures = g_new0 (CbCommandFigures, 1);
  figures->name = g_strdup (name);
  g_ptr_array_add (self->figures, figures);
  g_hash_table_insert (self->by_name, (char *) figures->name, figures);
  return figures;
}

/* Upper case and harmless, whatever somebody had sent. Returns the length. */
static gsize
append_word (char       *name,
             gsize       length,
             const char *word,
             gsize       word_length)
{
  for (gsize i = 0; i < word_length && length < LONGEST_NAME; i++)
    name[length++] = g_ascii_isgraph (word[i]) ? g_ascii_toupper (word[i]) : '?';
  name[length] = '\0';
  return length;
}

static gboolean
is_container (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (strcmp (containers[i], name) == 0)
      return TRUE;
  return FALSE;
}

CbCommandFigures *
cb_command_stats_count (CbCommandStats *self,
                        CbCommand      *command)
{
  const char *word = cb_command_get_display_name (command);
  CbCommandFigures *figures;
  char name[LONGEST_NAME + 1];
  gsize length, size;

  if (cb_command_get_script (command) != NULL)
    {
      figures = get_figures (self, word);
      figures->is_script = TRUE;
    }
  else
    {
      length = append_word (name, 0, word, strlen (word));
      if (cb_command_get_n_arguments (command) > 1 && is_container (name))
        {
          const char *argument = cb_command_get_argument (command, 1, &size);

          length = append_word (name, length, "?", 1);
          name[length - 1] = ' ';
          append_word (name, length, argument, size);
        }
      figures = get_figures (self, name);
    }
  figures->n_sent++;
  return figures;
}

CbCommandFigures *
cb_command_stats_count_word (CbCommandStats *self,
                             const char     *name)
{
  CbCommandFigures *figures = get_figures (self, name);

  figures->n_sent++;
  return figures;
}

void
cb_command_figures_take (CbCommandFigures *self,
                         gint64            usec,
                         gsize             n_bytes,
                         gboolean          is_error)
{
  self->n_replies++;
  self->n_errors += is_error;
  self->n_bytes += n_bytes;
  self->total_usec += usec;
  self->longest_usec = MAX (self->longest_usec, usec);
}

guint
cb_command_stats_get_length (CbCommandStats *self)
{
  return self->figures->len;
}

const CbCommandFigures *
cb_command_stats_get (CbCommandStats *self,
                      guint           index)
{
  g_return_val_if_fail (index < self->figures->len, NULL);
  return g_ptr_array_index (self->figures, index);
}
