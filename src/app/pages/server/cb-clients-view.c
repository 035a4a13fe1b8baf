/* cb-clients-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-clients-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-ask.h"
#include "cb-client-list.h"
#include "cb-format.h"
#include "cb-task-thread.h"

static const CbServerColumn columns[] = {
  { N_ ("Address"), FALSE, TRUE, 130 },
  { N_ ("Name"), FALSE, TRUE, 100 },
  { N_ ("User"), FALSE, FALSE, 55 },
  /* Translators: the number of a database, as short as can be */
  { N_ ("DB"), TRUE, FALSE, 0 },
  { N_ ("Last Command"), FALSE, FALSE, 100 },
  { N_ ("State"), FALSE, TRUE, 95 },
  /* Translators: how long a client is connected */
  { N_ ("Age"), TRUE, FALSE, 50 },
  /* Translators: how long a client has sent nothing */
  { N_ ("Idle For"), TRUE, FALSE, 50 },
  { N_ ("Memory"), TRUE, FALSE, 65 },
};

struct _CbClientsView
{
  CbServerView parent_instance;

  GtkWidget *kill_button;
  char *own_key;                  /* (owned) (nullable) of our connection */
  char *wanted_key;               /* (owned) (nullable) that is to be disconnected, while it is asked about */
  guint n_told;                   /* by the last list */
  gboolean reading;               /* a list is looked through */
};

G_DEFINE_FINAL_TYPE (CbClientsView, cb_clients_view, CB_TYPE_SERVER_VIEW)

static CbPipeline *
cb_clients_view_ask (CbServerView *view)
{
  CbClientsView *self = CB_CLIENTS_VIEW (view);
  CbServerInfo *info = cb_server_watch_get_info (cb_server_view_get_watch (view));
  gint64 n = info != NULL ? cb_server_info_get_count (info, "connected_clients") : -1;
  CbPipeline *pipeline;

  if (self->reading)
    return NULL;
  /* Who may not ask for the number learns it by the first list. */
  if (n < 0)
    n = self->n_told;

  if (n > CB_CLIENT_LIST_LENGTH)
    {
      g_autofree char *number = cb_format_exact_count (n);
      /* Translators: a number of clients */
      g_autofree char *problem = g_strdup_printf (_ ("%s clients are connected. A list of so many is not asked for, as it would stop the server "
                                                     "while it writes it."), number);

      cb_server_panel_set_problem (cb_server_view_get_panel (view), problem);
      return NULL;
    }
  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_new ("CLIENT", "LIST", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("CLIENT", "ID", NULL));
  return pipeline;
}

static void
update_rights (CbServerView *view)
{
  CbClientsView *self = CB_CLIENTS_VIEW (view);
  CbServerRow *row = cb_server_panel_get_selected (cb_server_view_get_panel (view));
  const char *refusal = cb_server_view_get_refusal (view, CB_SERVER_RIGHT_CLIENT_KILL);

  if (refusal == NULL && row == NULL)
    refusal = _ ("Choose a client first.");
  else if (refusal == NULL && g_strcmp0 (cb_server_row_get_key (row), self->own_key) == 0)
    refusal = _ ("This is the connection that asks.");
  cb_server_set_refusal (self->kill_button, refusal, _ ("End the connection of the chosen client"));
}

static CbServerRow *
create_row (const CbClientEntry *entry, gboolean own)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, entry->id);
  CbServerRow *row = cb_server_row_new (key);
  g_autofree char *state = cb_client_entry_describe (entry);
  char *shown = own ? g_strdup_printf ("%s%s%s", _ ("this window"), *state != '\0' ? ", " : "", state) : g_steal_pointer (&state);

  cb_server_row_take_text (row, 0, g_strdup (entry->address), 0);
  cb_server_row_take_text (row, 1, g_strdup (entry->name), 0);
  cb_server_row_take_text (row, 2, g_strdup (entry->user), 0);
  cb_server_row_take_text (row, 3, cb_format_count (entry->database), (double) entry->database);
  cb_server_row_take_text (row, 4, g_ascii_strup (entry->command, -1), 0);
  cb_server_row_take_text (row, 5, shown, 0);
  cb_server_row_take_text (row, 6, cb_format_age (entry->age >= 0 ? MIN (entry->age, G_MAXINT32) * G_USEC_PER_SEC : -1),
                           (double) entry->age);
  cb_server_row_take_text (row, 7, cb_format_age (entry->idle >= 0 ? MIN (entry->idle, G_MAXINT32) * G_USEC_PER_SEC : -1),
                           (double) entry->idle);
  cb_server_row_take_text (row, 8,
                           entry->memory >= 0 ? g_format_size_full ((guint64) entry->memory, G_FORMAT_SIZE_IEC_UNITS) : g_strdup ("–"),
                           (double) entry->memory);
  return row;
}

/* A list that is looked through beside the main loop: thousands of lines take longer than a frame. */
typedef struct
{
  CbReply *reply;                 /* (owned) */
  gint64 own;                     /* the id of our connection */
  GPtrArray *rows;                /* (owned) (nullable) */
  guint n_all;
  guint n_blocked;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  cb_reply_unref (reading->reply);
  g_clear_pointer (&reading->rows, g_ptr_array_unref);
  g_free (reading);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  gsize length;
  const char *text = cb_value_get_string (cb_reply_get_value (reading->reply), &length);
  g_autoptr (GPtrArray) entries = cb_client_list_parse (text != NULL ? text : "", text != NULL ? length : 0, &reading->n_all);

  reading->rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < entries->len; i++)
    {
      const CbClientEntry *entry = g_ptr_array_index (entries, i);

      reading->n_blocked += strchr (entry->flags, 'b') != NULL;
      g_ptr_array_add (reading->rows, create_row (entry, entry->id == reading->own));
    }
  g_task_return_boolean (task, TRUE);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbClientsView *self = CB_CLIENTS_VIEW (source);
  CbServerPanel *panel = cb_server_view_get_panel (CB_SERVER_VIEW (self));
  Reading *reading = g_task_get_task_data (G_TASK (result));
  g_autoptr (GString) note = g_string_new (NULL);

  self->reading = FALSE;
  /* It may be closed. */
  if (panel == NULL || gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;

  g_free (self->own_key);
  self->own_key = g_strdup_printf ("%" G_GINT64_FORMAT, reading->own);
  self->n_told = reading->n_all;
  /* Translators: two numbers of clients */
  g_string_append_printf (note, ngettext ("%u client, %u of them blocked: it waits for a key, as workers do that have nothing to do.",
                                          "%u clients, %u of them blocked: they wait for a key, as workers do that have nothing to do.",
                                          reading->rows->len), reading->rows->len, reading->n_blocked);
  if (reading->n_all > reading->rows->len)
    {
      g_autofree char *number = cb_format_exact_count (reading->n_all);

      g_string_append_c (note, ' ');
      /* Translators: a number of clients */
      g_string_append_printf (note, _ ("These are the first of %s that are connected; the others are not shown."), number);
    }
  cb_server_panel_set_note (panel, note->str);
  cb_server_panel_take_rows (panel, g_steal_pointer (&reading->rows));
  update_rights (CB_SERVER_VIEW (self));
}

static void
cb_clients_view_take (CbServerView *view, GPtrArray *replies)
{
  CbClientsView *self = CB_CLIENTS_VIEW (view);
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  if (cb_server_view_is_refused (view, "CLIENT LIST", g_ptr_array_index (replies, 0)) || self->reading)
    return;

  reading = g_new0 (Reading, 1);
  reading->reply = cb_reply_ref (g_ptr_array_index (replies, 0));
  if (!cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &reading->own))
    reading->own = -1;
  self->reading = TRUE;
  task = g_task_new (self, NULL, read_cb, NULL);
  g_task_set_source_tag (task, cb_clients_view_take);
  g_task_set_task_data (task, reading, reading_free);
  cb_task_run_in_thread (task, read_in_thread);
}

/* Whoever comes back may ask once more. */
static void
cb_clients_view_unmap (GtkWidget *widget)
{
  CB_CLIENTS_VIEW (widget)->n_told = 0;
  GTK_WIDGET_CLASS (cb_clients_view_parent_class)->unmap (widget);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbClientsView *self = CB_CLIENTS_VIEW (source);
  g_autofree char *key = g_steal_pointer (&self->wanted_key);

  /* By its id, which is never given to another. */
  if (cb_ask_finish (GTK_WIDGET (source), result) && key != NULL)
    cb_server_view_run (CB_SERVER_VIEW (self), cb_command_new ("CLIENT", "KILL", "ID", key, NULL), _ ("The client was disconnected"));
}

static void
kill_cb (CbClientsView *self)
{
  CbServerRow *row = cb_server_panel_get_selected (cb_server_view_get_panel (CB_SERVER_VIEW (self)));
  g_autofree char *heading = NULL;

  if (row == NULL)
    return;
  g_free (self->wanted_key);
  self->wanted_key = g_strdup (cb_server_row_get_key (row));
  /* Translators: an address */
  heading = g_strdup_printf (_ ("Disconnect %s?"), cb_server_row_get_text (row, 0));
  cb_ask_async (GTK_WIDGET (self), heading,
                _ ("What it had sent and not been answered may or may not be done. Most programs connect again by themselves. This can’t be "
                   "undone."),
                _ ("_Disconnect"), TRUE, NULL, answered_cb, NULL);
}

static void
cb_clients_view_finalize (GObject *object)
{
  g_free (CB_CLIENTS_VIEW (object)->own_key);
  g_free (CB_CLIENTS_VIEW (object)->wanted_key);

  G_OBJECT_CLASS (cb_clients_view_parent_class)->finalize (object);
}

static void
cb_clients_view_class_init (CbClientsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_clients_view_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = cb_clients_view_unmap;
  CB_SERVER_VIEW_CLASS (klass)->interval_msec = 2000;
  CB_SERVER_VIEW_CLASS (klass)->ask = cb_clients_view_ask;
  CB_SERVER_VIEW_CLASS (klass)->take = cb_clients_view_take;
  CB_SERVER_VIEW_CLASS (klass)->update_rights = update_rights;
}

static void
cb_clients_view_init (CbClientsView *self)
{
  CbServerPanel *panel = cb_server_panel_new (columns, G_N_ELEMENTS (columns), _ ("Clients"), _ ("Nobody is connected."));

  self->kill_button = cb_server_panel_add_button (panel, _ ("Disconnect…"), G_CALLBACK (kill_cb), self);
  g_signal_connect_object (panel, "selected", G_CALLBACK (update_rights), self, G_CONNECT_SWAPPED);
  cb_server_view_set_panel (CB_SERVER_VIEW (self), panel);
  update_rights (CB_SERVER_VIEW (self));
}
