/* cb-bytes-render.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bytes-render.h"

#include <string.h>

#include "cb-task-thread.h"

/* A line that is folded is laid out in pieces of this length. */
#define FOLD 2000

void
cb_bytes_render_free (CbBytesRender *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->reason);
  g_free (self->text);
  g_clear_error (&self->error);
  g_free (self);
}

static void
cut_text (CbBytesRender *self, gsize most)
{
  if (strlen (self->text) <= most)
    return;
  while (most > 0 && ((guchar) self->text[most] & 0xc0) == 0x80)
    most--;
  self->text[most] = '\0';
  self->cut = TRUE;
}

/* A line of a megabyte is laid out as a whole, several times, which takes seconds. */
static void
fold_text (CbBytesRender *self)
{
  GString *folded;
  gsize column = 0;
  gsize longest = 0;

  for (const char *at = self->text; *at != '\0'; at++)
    {
      column = *at == '\n' ? 0 : column + 1;
      longest = MAX (longest, column);
    }
  if (longest <= CB_BYTES_RENDER_LINE)
    return;

  folded = g_string_sized_new (strlen (self->text) + strlen (self->text) / FOLD + 1);
  column = 0;
  for (const char *at = self->text; *at != '\0'; at++)
    {
      if (column >= FOLD && ((guchar) *at & 0xc0) != 0x80)
        {
          g_string_append_c (folded, '\n');
          column = 0;
        }
      column = *at == '\n' ? 0 : column + 1;
      g_string_append_c (folded, *at);
    }
  g_free (self->text);
  self->text = g_string_free (folded, FALSE);
  self->folded = TRUE;
}

/* The beginning of bytes; of what is text, up to the end of a character. */
static GBytes *
cut_bytes (GBytes *bytes, gsize most, CbBytesForm form)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (length <= most)
    return g_bytes_ref (bytes);
  for (guint i = 0; i < 3 && form == CB_BYTES_TEXT && ((guchar) data[most] & 0xc0) == 0x80; i++)
    most--;
  return g_bytes_new_from_bytes (bytes, 0, most);
}

/**
 * cb_bytes_render:
 * @bytes: any bytes
 * @view: (nullable): how they are to be shown; %NULL to guess
 *
 * Returns: (transfer full): the text, or why there is none
 */
CbBytesRender *
cb_bytes_render (GBytes *bytes, const CbBytesView *view)
{
  CbBytesRender *self = g_new0 (CbBytesRender, 1);
  g_autoptr (GBytes) part = NULL;
  gsize most = CB_BYTES_RENDER_MOST;

  if (view != NULL)
    self->view = *view;
  else
    cb_bytes_guess (bytes, &self->view, &self->reason);

  /* Text and hex show the beginning without looking at the rest; of the others the whole must be well-formed. */
  if (self->view.n_wrappings == 0 && (self->view.form == CB_BYTES_TEXT || self->view.form == CB_BYTES_HEX))
    part = cut_bytes (bytes, self->view.form == CB_BYTES_HEX ? most / 3 : most, self->view.form);
  else
    part = g_bytes_ref (bytes);
  self->text = cb_bytes_decode (&self->view, part, 0, &self->error);
  self->cut = g_bytes_get_size (part) != g_bytes_get_size (bytes);
  if (self->text != NULL)
    {
      cut_text (self, most);
      fold_text (self);
    }
  return self;
}

typedef struct
{
  GBytes *bytes;       /* (owned) */
  CbBytesView view;
  gboolean guess;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_bytes_unref (request->bytes);
  g_free (request);
}

static void
render_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;

  g_task_return_pointer (task, cb_bytes_render (request->bytes, request->guess ? NULL : &request->view),
                         (GDestroyNotify) cb_bytes_render_free);
}

void
cb_bytes_render_async (GBytes              *bytes,
                       const CbBytesView   *view,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->bytes = g_bytes_ref (bytes);
  request->guess = view == NULL;
  if (view != NULL)
    request->view = *view;
  g_task_set_task_data (task, request, request_free);
  cb_task_run_in_thread (task, render_thread);
}

CbBytesRender *
cb_bytes_render_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}
