/* cb-program-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-program-view.h"

#include <glib/gi18n.h>

#include "cb-format.h"

static const CbServerColumn columns[] = {
  { N_ ("Command"), FALSE, TRUE, 130 },
  { N_ ("Sent"), TRUE, FALSE, 60 },
  { N_ ("Refused"), TRUE, FALSE, 60 },
  { N_ ("On Average"), TRUE, FALSE, 0 },
  { N_ ("Longest"), TRUE, FALSE, 60 },
  { N_ ("Received"), TRUE, FALSE, 70 },
};

struct _CbProgramView
{
  CbServerView parent_instance;
};

G_DEFINE_FINAL_TYPE (CbProgramView, cb_program_view, CB_TYPE_SERVER_VIEW)

/* Nothing is sent to tell what was sent. */
static CbPipeline *
cb_program_view_ask (CbServerView *view)
{
  CbConnection *connection = cb_server_view_get_connection (view);
  CbCommandStats *stats = cb_connection_get_command_stats (connection);
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 n_sent = 0, n_bytes = 0;
  g_autofree char *sent = NULL;
  g_autofree char *size = NULL;
  g_autofree char *note = NULL;

  for (guint i = 0; i < cb_command_stats_get_length (stats); i++)
    {
      const CbCommandFigures *figures = cb_command_stats_get (stats, i);
      CbServerRow *row = cb_server_row_new (figures->name);
      gint64 average = figures->n_replies > 0 ? figures->total_usec / (gint64) figures->n_replies : -1;

      n_sent += figures->n_sent;
      n_bytes += figures->n_bytes;
      cb_server_row_take_text (row, 0, figures->is_script ? g_strdup_printf (_ ("Script “%s”"), figures->name) : g_strdup (figures->name), 0);
      cb_server_row_take_text (row, 1, cb_format_exact_count ((gint64) figures->n_sent), (double) figures->n_sent);
      cb_server_row_take_text (row, 2, cb_format_exact_count ((gint64) figures->n_errors), (double) figures->n_errors);
      cb_server_row_take_text (row, 3, cb_format_duration (average), (double) average);
      cb_server_row_take_text (row, 4, cb_format_duration (figures->n_replies > 0 ? figures->longest_usec : -1),
                               (double) figures->longest_usec);
      cb_server_row_take_text (row, 5, g_format_size_full (figures->n_bytes, G_FORMAT_SIZE_IEC_UNITS), (double) figures->n_bytes);
      g_ptr_array_add (rows, row);
    }
  sent = cb_format_exact_count ((gint64) n_sent);
  size = g_format_size_full (n_bytes, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: a number of commands, and a size */
  note = g_strdup_printf (_ ("%s commands were sent to this server since the window came up, and %s received. The time is that until the "
                             "reply was here. What subscriptions and the two or three commands of a login send is not counted."), sent, size);
  cb_server_panel_set_note (cb_server_view_get_panel (view), note);
  cb_server_panel_take_rows (cb_server_view_get_panel (view), rows);
  return NULL;
}

static void
cb_program_view_class_init (CbProgramViewClass *klass)
{
  CB_SERVER_VIEW_CLASS (klass)->interval_msec = 1000;
  CB_SERVER_VIEW_CLASS (klass)->ask = cb_program_view_ask;
}

static void
cb_program_view_init (CbProgramView *self)
{
  cb_server_view_set_panel (CB_SERVER_VIEW (self),
                            cb_server_panel_new (columns, G_N_ELEMENTS (columns), _ ("Commands Sent"), _ ("Nothing was sent yet.")));
}
