/* cb-history.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-history.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "cb-task-thread.h"

/*
 * A step of a ring is found by the number of its interval since 1970 modulo the length of the ring, and knows that number, so that
 * nothing has to be moved when time goes by: a step that has another number is an old one. That is also how two programs that watched
 * the same server share a file: of each step the larger number is right, as neither can have seen what did not happen.
 *
 * The file: a magic word, then the steps of all rings, each as seven little-endian numbers.
 */

#define MAGIC "Callboard history 1\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define STEP_SIZE (8 + 4 * (CB_N_HISTORIES + 1))

#define N_STEPS (300 + 360 + 288)
#define FILE_SIZE (MAGIC_SIZE + N_STEPS * STEP_SIZE)

static const struct
{
  gint64 step;
  guint  length;
  guint  first;
} spans[CB_N_HISTORY_SPANS] = {
  [CB_HISTORY_MINUTES] = { G_USEC_PER_SEC, 300, 0 },
  [CB_HISTORY_HOUR] = { 10 * G_USEC_PER_SEC, 360, 300 },
  [CB_HISTORY_DAY] = { 300 * (gint64) G_USEC_PER_SEC, 288, 660 },
};

typedef struct
{
  gint64  number;           /* at / step; 0: never used */
  guint32 counts[CB_N_HISTORIES];
  guint32 watched_msec;
} Step;

struct _CbHistory
{
  GObject parent_instance;

  char   *file;             /* (owned) (nullable) */
  Step    steps[N_STEPS];
};

G_DEFINE_FINAL_TYPE (CbHistory, cb_history, G_TYPE_OBJECT)

static void
cb_history_finalize (GObject *object)
{
  g_free (CB_HISTORY (object)->file);

  G_OBJECT_CLASS (cb_history_parent_class)->finalize (object);
}

static void
cb_history_class_init (CbHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_history_finalize;
}

static void
cb_history_init (CbHistory *self)
{
}

/**
 * cb_history_new:
 * @file: (nullable): where it is kept; nothing is read or written before it is asked for
 */
CbHistory *
cb_history_new (const char *file)
{
  CbHistory *self = g_object_new (CB_TYPE_HISTORY, NULL);

  self->file = g_strdup (file);

  return self;
}

/**
 * cb_history_dup_path:
 *
 * The name is a checksum: the address of a server is no file name, and nobody's business who lists the folder.
 */
char *
cb_history_dup_path (const char *server_id)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, server_id, -1);
  g_autofree char *name = g_strdup_printf ("%.16s.ring", sum);

  return g_build_filename (g_get_user_data_dir (), "callboard", "history", name, NULL);
}

guint
cb_history_get_length (CbHistorySpan span)
{
  g_return_val_if_fail (span < CB_N_HISTORY_SPANS, 0);

  return spans[span].length;
}

gint64
cb_history_get_step (CbHistorySpan span)
{
  g_return_val_if_fail (span < CB_N_HISTORY_SPANS, 0);

  return spans[span].step;
}

/* The step of that time, emptied if it was another one's. NULL: it has been given away to a later one. */
static Step *
get_step (CbHistory     *self,
          CbHistorySpan  span,
          gint64         at)
{
  gint64 number = at / spans[span].step;
  Step *step = &self->steps[spans[span].first + (guint) (number % spans[span].length)];

  if (step->number > number)
    {
      /* Unless the clock was set back by more than the ring is long: then the later one is a mistake. */
      if (step->number - number < spans[span].length * (gint64) 2)
        return NULL;
    }
  if (step->number != number)
    *step = (Step) { .number = number };

  return step;
}

static guint32
add_bounded (guint32 a,
             guint64 b)
{
  return (guint32) MIN (a + b, G_MAXUINT32);
}

/**
 * cb_history_add:
 * @at: when it happened, µs since 1970 UTC
 */
void
cb_history_add (CbHistory     *self,
                CbHistoryKind  kind,
                guint          n,
                gint64         at)
{
  g_return_if_fail (CB_IS_HISTORY (self));
  g_return_if_fail (kind < CB_N_HISTORIES);

  if (at <= 0)
    return;

  for (guint span = 0; span < CB_N_HISTORY_SPANS; span++)
    {
      Step *step = get_step (self, span, at);

      if (step != NULL)
        step->counts[kind] = add_bounded (step->counts[kind], n);
    }
}

void
cb_history_add_watched (CbHistory *self,
                        gint64     from,
                        gint64     to)
{
  g_return_if_fail (CB_IS_HISTORY (self));

  if (from <= 0 || to <= from)
    return;

  for (guint span = 0; span < CB_N_HISTORY_SPANS; span++)
    {
      gint64 width = spans[span].step;
      gint64 at = MAX (from, to - width * spans[span].length);

      while (at < to)
        {
          gint64 end = MIN ((at / width + 1) * width, to);
          Step *step = get_step (self, span, at);

          /* In whole milliseconds of the clock, so that short pieces add up. */
          if (step != NULL)
            step->watched_msec = (guint32) MIN (add_bounded (step->watched_msec, (guint64) (end / 1000 - at / 1000)), width / 1000);
          at = end;
        }
    }
}

/**
 * cb_history_get:
 *
 * Returns: (transfer full) (element-type CbHistoryPoint): oldest first, without a hole; where nothing is known nobody watched
 */
GArray *
cb_history_get (CbHistory     *self,
                CbHistorySpan  span,
                gint64         now)
{
  GArray *points;
  gint64 last;

  g_return_val_if_fail (CB_IS_HISTORY (self), NULL);
  g_return_val_if_fail (span < CB_N_HISTORY_SPANS, NULL);

  points = g_array_sized_new (FALSE, TRUE, sizeof (CbHistoryPoint), spans[span].length);
  last = now / spans[span].step;
  for (gint64 number = last - spans[span].length + 1; number <= last; number++)
    {
      CbHistoryPoint point = { .at = number * spans[span].step };
      const Step *step = number > 0 ? &self->steps[spans[span].first + (guint) (number % spans[span].length)] : NULL;

      if (step != NULL && step->number == number)
        {
          memcpy (point.counts, step->counts, sizeof point.counts);
          point.watched_msec = step->watched_msec;
        }
      g_array_append_val (points, point);
    }

  return points;
}

void
cb_history_sum (CbHistory      *self,
                CbHistorySpan   span,
                gint64          now,
                CbHistoryPoint *sum)
{
  g_autoptr (GArray) points = cb_history_get (self, span, now);

  *sum = (CbHistoryPoint) { .at = g_array_index (points, CbHistoryPoint, 0).at };
  for (guint i = 0; i < points->len; i++)
    {
      const CbHistoryPoint *point = &g_array_index (points, CbHistoryPoint, i);

      for (guint kind = 0; kind < CB_N_HISTORIES; kind++)
        sum->counts[kind] = add_bounded (sum->counts[kind], point->counts[kind]);
      sum->watched_msec = add_bounded (sum->watched_msec, point->watched_msec);
    }
}

/* --- the file --- */

static GBytes *
serialize (CbHistory *self)
{
  guint8 *data = g_malloc (FILE_SIZE);
  guint8 *at = data + MAGIC_SIZE;

  memcpy (data, MAGIC, MAGIC_SIZE);
  for (guint i = 0; i < N_STEPS; i++)
    {
      gint64 number = GINT64_TO_LE (self->steps[i].number);
      guint32 values[CB_N_HISTORIES + 1];

      for (guint kind = 0; kind < CB_N_HISTORIES; kind++)
        values[kind] = GUINT32_TO_LE (self->steps[i].counts[kind]);
      values[CB_N_HISTORIES] = GUINT32_TO_LE (self->steps[i].watched_msec);
      memcpy (at, &number, sizeof number);
      memcpy (at + sizeof number, values, sizeof values);
      at += STEP_SIZE;
    }

  return g_bytes_new_take (data, FILE_SIZE);
}

static guint
find_span (guint step)
{
  guint span = 0;

  while (span + 1 < CB_N_HISTORY_SPANS && step >= spans[span + 1].first)
    span++;

  return span;
}

/* Of each step the later one, and of the same the larger numbers. */
static void
merge (CbHistory *self,
       GBytes    *bytes)
{
  const guint8 *at = (const guint8 *) g_bytes_get_data (bytes, NULL) + MAGIC_SIZE;

  for (guint i = 0; i < N_STEPS; i++, at += STEP_SIZE)
    {
      Step *mine = &self->steps[i];
      guint span = find_span (i);
      Step step = { 0 };
      guint32 values[CB_N_HISTORIES + 1];

      memcpy (&step.number, at, sizeof step.number);
      memcpy (values, at + sizeof step.number, sizeof values);
      step.number = GINT64_FROM_LE (step.number);
      /* A number that does not belong there was not written by us. */
      if (step.number <= 0 || step.number % spans[span].length != i - spans[span].first || step.number < mine->number)
        continue;

      for (guint kind = 0; kind < CB_N_HISTORIES; kind++)
        step.counts[kind] = GUINT32_FROM_LE (values[kind]);
      step.watched_msec = (guint32) MIN (GUINT32_FROM_LE (values[CB_N_HISTORIES]), spans[span].step / 1000);
      if (step.number > mine->number)
        {
          *mine = step;
          continue;
        }
      for (guint kind = 0; kind < CB_N_HISTORIES; kind++)
        mine->counts[kind] = MAX (mine->counts[kind], step.counts[kind]);
      mine->watched_msec = MAX (mine->watched_msec, step.watched_msec);
    }
}

/* In a thread. Not more than a history has is ever read, whatever lies there. */
static GBytes *
read_file (const char    *path,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree guint8 *data = NULL;
  gsize n = 0;

  if (stream == NULL)
    return NULL;

  data = g_malloc (FILE_SIZE + 1);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), data, FILE_SIZE + 1, &n, cancellable, error))
    return NULL;
  if (n != FILE_SIZE || memcmp (data, MAGIC, MAGIC_SIZE) != 0)
    {
      /* Translators: the name of a file */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("%s is no history of Callboard, and is written anew"), path);
      return NULL;
    }

  return g_bytes_new_take (g_steal_pointer (&data), n);
}

static void
load_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  GError *error = NULL;
  GBytes *bytes = read_file (task_data, cancellable, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

/**
 * cb_history_load_async:
 *
 * What was counted here meanwhile stays.
 */
void
cb_history_load_async (CbHistory           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_HISTORY (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_history_load_async);
  if (self->file == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  g_task_set_task_data (task, g_strdup (self->file), g_free);
  cb_task_run_in_thread (task, load_thread);
}

gboolean
cb_history_load_finish (CbHistory     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) problem = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  bytes = g_task_propagate_pointer (cb_task_in_thread_result (result), &problem);
  if (problem != NULL && !g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }

  if (bytes != NULL)
    merge (self, bytes);

  return TRUE;
}

typedef struct
{
  char   *file;             /* (owned) */
  GBytes *bytes;            /* (owned) */
} Save;

static void
save_free (Save *save)
{
  g_free (save->file);
  g_bytes_unref (save->bytes);
  g_free (save);
}

static void
save_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Save *save = task_data;
  g_autofree char *folder = g_path_get_dirname (save->file);
  g_autoptr (CbHistory) merged = cb_history_new (NULL);
  g_autoptr (GBytes) before = read_file (save->file, cancellable, NULL);
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  /* Another program may have written to it since. */
  merge (merged, save->bytes);
  if (before != NULL)
    merge (merged, before);
  bytes = serialize (merged);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int code = errno;

      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (code), _("%s can’t be made: %s"), folder,
                               g_strerror (code));
      return;
    }
  if (!g_file_set_contents_full (save->file, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * cb_history_save_async:
 *
 * The file is replaced at once or not at all, off this thread.
 */
void
cb_history_save_async (CbHistory           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Save *save;

  g_return_if_fail (CB_IS_HISTORY (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_history_save_async);
  if (self->file == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  save = g_new0 (Save, 1);
  save->file = g_strdup (self->file);
  save->bytes = serialize (self);
  g_task_set_task_data (task, save, (GDestroyNotify) save_free);
  cb_task_run_in_thread (task, save_thread);
}

gboolean
cb_history_save_finish (CbHistory     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (cb_task_in_thread_result (result), error);
}
