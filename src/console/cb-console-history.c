/* cb-console-history.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-history.h"

#include <glib/gstdio.h>
#include <string.h>

#include "cb-task-thread.h"

#define MOST_LINES 2000
#define MOST_BYTES (1024 * 1024)
/* A line that is longer is not kept. */
#define MOST_LINE (16 * 1024)

struct _CbConsoleHistory
{
  GObject parent_instance;

  char *path;         /* (owned) */
  GPtrArray *lines;   /* (owned) (element-type utf8) the oldest first */
  GPtrArray *pending; /* (owned) (element-type utf8) not in the file yet */
  gboolean loaded;
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (CbConsoleHistory, cb_console_history, G_TYPE_OBJECT)

static void work (CbConsoleHistory *self);

static void
add_line (GPtrArray *lines, const char *line)
{
  if (lines->len > 0 && g_str_equal (g_ptr_array_index (lines, lines->len - 1), line))
    return;
  g_ptr_array_add (lines, g_strdup (line));
}

static void
bound (GPtrArray *lines)
{
  gsize size = 0;
  guint keep = 0;

  while (keep < lines->len && keep < MOST_LINES)
    {
      size += strlen (g_ptr_array_index (lines, lines->len - keep - 1)) + 1;
      if (size > MOST_BYTES)
        break;
      keep++;
    }
  if (keep < lines->len)
    g_ptr_array_remove_range (lines, 0, lines->len - keep);
}

typedef struct
{
  char *path;
  GPtrArray *lines; /* in: what is to be added; out: all */
} Work;

static void
work_free (gpointer data)
{
  Work *job = data;

  g_free (job->path);
  g_ptr_array_unref (job->lines);
  g_free (job);
}

/* In a thread: reads what is there, and writes it with what is new. */
static void
work_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *job = task_data;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *contents = NULL;
  g_autofree char *folder = g_path_get_dirname (job->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = NULL;
  GStatBuf status;
  gboolean is_there = g_stat (job->path, &status) == 0;

  /* One that somebody made bigger than we do is not read. */
  if (is_there && S_ISREG (status.st_mode) && status.st_size <= 4 * MOST_BYTES &&
      g_file_get_contents (job->path, &contents, NULL, NULL))
    {
      g_auto (GStrv) old = g_strsplit (contents, "\n", -1);

      for (guint i = 0; old[i] != NULL; i++)
        if (*old[i] != '\0' && strlen (old[i]) <= MOST_LINE && g_utf8_validate (old[i], -1, NULL))
          add_line (lines, old[i]);
    }
  for (guint i = 0; i < job->lines->len; i++)
    add_line (lines, g_ptr_array_index (job->lines, i));
  bound (lines);

  /* What could not be read is not ours to replace. */
  if (job->lines->len > 0 && (!is_there || contents != NULL))
    {
      text = g_string_new (NULL);
      for (guint i = 0; i < lines->len; i++)
        g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (lines, i));
      g_mkdir_with_parents (folder, 0700);
      if (!g_file_set_contents_full (job->path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        g_debug ("The history of the console was not kept: %s", error->message);
      else
        g_chmod (job->path, 0600);
    }
  g_ptr_array_unref (job->lines);
  job->lines = g_steal_pointer (&lines);
  g_task_return_boolean (task, TRUE);
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbConsoleHistory *self = CB_CONSOLE_HISTORY (source);
  Work *job = g_task_get_task_data (G_TASK (result));

  g_ptr_array_unref (self->lines);
  self->lines = g_ptr_array_ref (job->lines);
  for (guint i = 0; i < self->pending->len; i++)
    add_line (self->lines, g_ptr_array_index (self->pending, i));
  bound (self->lines);
  self->loaded = TRUE;
  self->busy = FALSE;
  work (self);
}

static void
work (CbConsoleHistory *self)
{
  g_autoptr (GTask) task = NULL;
  Work *job;

  if (self->busy || (self->loaded && self->pending->len == 0))
    return;

  job = g_new0 (Work, 1);
  job->path = g_strdup (self->path);
  job->lines = g_steal_pointer (&self->pending);
  self->pending = g_ptr_array_new_with_free_func (g_free);
  self->busy = TRUE;
  task = g_task_new (self, NULL, worked_cb, NULL);
  g_task_set_source_tag (task, work);
  g_task_set_task_data (task, job, work_free);
  cb_task_run_in_thread (task, work_in_thread);
}

static void
cb_console_history_finalize (GObject *object)
{
  CbConsoleHistory *self = CB_CONSOLE_HISTORY (object);

  g_free (self->path);
  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->pending);

  G_OBJECT_CLASS (cb_console_history_parent_class)->finalize (object);
}

static void
cb_console_history_class_init (CbConsoleHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_console_history_finalize;
}

static void
cb_console_history_init (CbConsoleHistory *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->pending = g_ptr_array_new_with_free_func (g_free);
}

/**
 * cb_console_history_new:
 * @path: a file, which need not be there
 *
 * Returns: (transfer full): the history; what is in the file comes soon
 */
CbConsoleHistory *
cb_console_history_new (const char *path)
{
  CbConsoleHistory *self = g_object_new (CB_TYPE_CONSOLE_HISTORY, NULL);

  self->path = g_strdup (path);
  work (self);
  return self;
}

CbConsoleHistory *
cb_console_history_get_default (void)
{
  static CbConsoleHistory *the_one = NULL;

  if (the_one == NULL)
    {
      g_autofree char *path = g_build_filename (g_get_user_data_dir (), "callboard", "console-history", NULL);

      the_one = cb_console_history_new (path);
      g_object_add_weak_pointer (G_OBJECT (the_one), (gpointer *) &the_one);
      return the_one;
    }
  return g_object_ref (the_one);
}

/* What is no line of text, or too long, is not kept. */
void
cb_console_history_add (CbConsoleHistory *self, const char *line)
{
  g_return_if_fail (CB_IS_CONSOLE_HISTORY (self));
  g_return_if_fail (line != NULL);

  if (*line == '\0' || strlen (line) > MOST_LINE || strpbrk (line, "\n\r") != NULL || !g_utf8_validate (line, -1, NULL))
    return;
  add_line (self->lines, line);
  bound (self->lines);
  g_ptr_array_add (self->pending, g_strdup (line));
  work (self);
}

guint
cb_console_history_get_length (CbConsoleHistory *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_HISTORY (self), 0);

  return self->lines->len;
}

const char *
cb_console_history_get (CbConsoleHistory *self, guint back)
{
  g_return_val_if_fail (CB_IS_CONSOLE_HISTORY (self), NULL);

  return back < self->lines->len ? g_ptr_array_index (self->lines, self->lines->len - back - 1) : NULL;
}

/**
 * cb_console_history_search:
 * @self: a history
 * @part: what a line must have, in any case
 * @back: (inout): where to begin, and where it was found
 *
 * Returns: whether it was found
 */
gboolean
cb_console_history_search (CbConsoleHistory *self, const char *part, guint *back)
{
  g_autofree char *folded = g_utf8_casefold (part, -1);

  g_return_val_if_fail (CB_IS_CONSOLE_HISTORY (self), FALSE);

  for (guint i = *back; i < self->lines->len; i++)
    {
      g_autofree char *line = g_utf8_casefold (cb_console_history_get (self, i), -1);

      if (strstr (line, folded) != NULL)
        {
          *back = i;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
cb_console_history_get_busy (CbConsoleHistory *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_HISTORY (self), FALSE);

  return self->busy;
}
