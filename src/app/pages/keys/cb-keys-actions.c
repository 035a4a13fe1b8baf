/* cb-keys-actions.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-format.h"
#include "cb-key-ask.h"
#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-engine.h"
#include "cb-key-facts.h"
#include "cb-new-key-dialog.h"
#include "cb-undo.h"
#include "cb-window.h"

/*
 * What is done with the keys that are selected, or with the one that is shown when it is in no list. What can be undone is on the disk
 * before anything is sent, and the toast that tells of it has a button to put it back. Deleting is asked about all the same: a program
 * that looks for the key before it is back may make another one, or fail.
 */

/* What can be selected and acted on at once; for more there are the actions on all that match. */
#define MAX_SELECTED 10000
/* So many of those that could not be are told by name. */
#define MAX_REFUSED 20
/* So many are named before they are deleted. */
#define MAX_NAMED 3
/* And one alone in full, as far as that is for reading. */
#define LONGEST_SHOWN 600

/* ---- which keys ---- */

/* NULL: none, too many, or folders among them. */
static GPtrArray *
dup_subjects (CbKeysPage *self)
{
  g_autoptr (GPtrArray) names = cb_keys_page_dup_selected (self, MAX_SELECTED);
  GBytes *shown = self->view != NULL ? cb_key_view_get_key (self->view) : NULL;

  if (names == NULL)
    return NULL;
  if (names->len == 0 && shown != NULL)
    g_ptr_array_add (names, g_bytes_ref (shown));
  return names->len > 0 ? g_steal_pointer (&names) : NULL;
}

static char *
display (GBytes *name, guint max_chars)
{
  gsize length;
  const char *bytes = g_bytes_get_data (name, &length);

  return cb_key_name_display (bytes != NULL ? bytes : "", length, max_chars);
}

static CbJournal *
get_journal (CbKeysPage *self)
{
  return cb_session_get_journal (cb_page_get_session (CB_PAGE (self)));
}

void
cb_keys_page_update_actions (CbKeysPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  CbConnection *connection = cb_keys_page_get_connection (self);
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  const char *why = session != NULL ? cb_session_get_refusal (session, CB_RIGHT_CHANGE_KEYS, NULL) : NULL;
  gboolean writable = connection != NULL && why == NULL;
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  g_autoptr (GPtrArray) names = dup_subjects (self);
  CbJobRecord *job = item != NULL ? cb_key_item_get_job (item) : NULL;

  gtk_widget_action_set_enabled (widget, "key.show-job", job != NULL && job->queue != NULL && g_utf8_validate (job->queue, -1, NULL));
  gtk_widget_action_set_enabled (widget, "key.copy-name", names != NULL);
  gtk_widget_action_set_enabled (widget, "key.delete", names != NULL && writable);
  gtk_widget_action_set_enabled (widget, "key.expire", names != NULL && writable);
  gtk_widget_action_set_enabled (widget, "key.persist", names != NULL && writable);
  gtk_widget_action_set_enabled (widget, "key.rename", names != NULL && names->len == 1 && writable);
  gtk_widget_action_set_enabled (widget, "key.copy", names != NULL && names->len == 1 && writable);
  gtk_widget_action_set_enabled (widget, "key.new", writable);
  gtk_widget_action_set_enabled (widget, "key.undo", writable);

  gtk_widget_set_tooltip_text (self->new_button, why != NULL ? why : _ ("New Key"));
  gtk_widget_set_tooltip_text (self->delete_button, why != NULL ? why : _ ("Delete (Del)"));
  gtk_widget_set_visible (self->key_bar, names != NULL || cb_list_detail_get_folded (self->panes));
  gtk_widget_set_visible (self->key_buttons, names != NULL);
}

/* ---- telling of it ---- */

typedef struct
{
  CbKeysPage *page;           /* (owned) */
  CbConnection *connection;   /* (owned): of the database in which it was done */
  char *undo_id;              /* (owned) */
  GBytes *from;               /* (owned) (nullable): a key that was renamed, to be called `to` again */
  GBytes *to;                 /* (owned) (nullable) */
} Undo;

static void
undo_free (gpointer data, GClosure *closure)
{
  Undo *undo = data;

  g_object_unref (undo->page);
  g_clear_object (&undo->connection);
  g_free (undo->undo_id);
  g_clear_pointer (&undo->from, g_bytes_unref);
  g_clear_pointer (&undo->to, g_bytes_unref);
  g_free (undo);
}

static void tell (CbKeysPage *self, const char *text, Undo *undo);
static void run_undo (CbKeysPage *self, const char *undo_id);
static void rename_back (CbKeysPage *self, GBytes *from, GBytes *to);

static Undo *
undo_new (CbKeysPage *self, CbConnection *connection)
{
  Undo *undo = g_new0 (Undo, 1);

  undo->page = g_object_ref (self);
  undo->connection = g_object_ref (connection);
  return undo;
}

static void
undo_clicked_cb (AdwToast *toast, Undo *undo)
{
  CbConnection *shown = cb_keys_page_get_connection (undo->page);

  /* The way to a database is made anew each time that it is shown. */
  if (shown == NULL
      || cb_address_get_db (cb_connection_get_address (undo->connection)) != cb_address_get_db (cb_connection_get_address (shown)))
    tell (undo->page, _ ("That was in another database. Show it first, and undo it there."), NULL);
  else if (undo->from != NULL)
    rename_back (undo->page, undo->from, undo->to);
  else
    run_undo (undo->page, undo->undo_id);
}

/* @undo: (nullable) (transfer full) */
static void
tell (CbKeysPage *self, const char *text, Undo *undo)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *title = g_markup_escape_text (text, -1);
  AdwToast *toast;

  if (!CB_IS_WINDOW (root))
    {
      if (undo != NULL)
        undo_free (undo, NULL);
      return;
    }

  toast = adw_toast_new (title);
  if (undo != NULL)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_timeout (toast, 10);
      g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_clicked_cb), undo, undo_free, 0);
    }
  cb_window_add_toast (CB_WINDOW (root), toast);
}

/* What is done is read first, which would wait for the connection, so that it was done whenever that comes back. @text: (nullable): what is
 * told of a server that is not there. */
static gboolean
can_begin (CbKeysPage *self, CbConnection *connection, const char *text)
{
  if (cb_connection_get_state (connection) == CB_CONNECTION_READY)
    return TRUE;

  tell (self, text != NULL ? text : _ ("Not connected: nothing was done"), NULL);
  return FALSE;
}

/* The row that had the keyboard is gone, and Ctrl+Z would go nowhere. */
static void
keep_focus (CbKeysPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (root != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)) && gtk_root_get_focus (root) == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

/* What is shown is read again where it may be another now. */
static void
show_changes (CbKeysPage *self, GPtrArray *names)
{
  GBytes *shown = self->view != NULL ? cb_key_view_get_key (self->view) : NULL;

  for (guint i = 0; shown != NULL && i < names->len; i++)
    if (g_bytes_equal (shown, g_ptr_array_index (names, i)))
      {
        cb_key_view_refresh (self->view);
        break;
      }
  cb_keys_page_look_again (self);
  cb_keys_page_count (self);
  cb_keys_page_update_actions (self);
  keep_focus (self);
}

/* ---- many at once ---- */

typedef struct
{
  CbKeysPage *page;           /* (owned) */
  CbConnection *connection;   /* (owned) */
  CbKeyBulkKind kind;
  CbKeyStore *keys;           /* (owned) */
  GPtrArray *gone;            /* (owned) (element-type GBytes) */
  GPtrArray *names;           /* (owned) (element-type GBytes) */
  GString *refused;           /* (owned): a line each */
  guint n_refused;
  char *first_refusal;        /* (owned) (nullable) */
} Deed;

static void
deed_free (Deed *deed)
{
  g_object_unref (deed->page);
  g_object_unref (deed->connection);
  cb_key_store_unref (deed->keys);
  g_ptr_array_unref (deed->gone);
  g_ptr_array_unref (deed->names);
  g_string_free (deed->refused, TRUE);
  g_free (deed->first_refusal);
  g_free (deed);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Deed, deed_free)

static void
outcome_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, Deed *deed)
{
  gsize length;
  const char *name = cb_key_store_get_name (deed->keys, id, &length);

  if (outcome == CB_KEY_BULK_GONE || (outcome == CB_KEY_BULK_DONE && deed->kind == CB_KEY_BULK_DELETE))
    g_ptr_array_add (deed->gone, g_bytes_new (name, length));
  if (outcome == CB_KEY_BULK_DONE || message == NULL)
    return;

  if (deed->n_refused++ < MAX_REFUSED)
    g_string_append_printf (deed->refused, "%s%s", deed->refused->len > 0 ? "\n" : "", message);
  if (deed->first_refusal == NULL)
    deed->first_refusal = g_strdup (message);
}

static char *
describe_success (Deed *deed, guint n)
{
  if (deed->names->len == 1)
    {
      g_autofree char *name = display (g_ptr_array_index (deed->names, 0), 60);

      switch (deed->kind)
        {
        case CB_KEY_BULK_DELETE:
          return g_strdup_printf (_ ("“%s” deleted"), name);
        case CB_KEY_BULK_EXPIRE:
          return g_strdup_printf (_ ("“%s” has a time to live now"), name);
        case CB_KEY_BULK_PERSIST:
        case CB_KEY_BULK_COPY:
        default:
          return g_strdup_printf (_ ("“%s” does not expire any more"), name);
        }
    }

  switch (deed->kind)
    {
    case CB_KEY_BULK_DELETE:
      return g_strdup_printf (ngettext ("%u key deleted", "%u keys deleted", n), n);
    case CB_KEY_BULK_EXPIRE:
      return g_strdup_printf (ngettext ("%u key has a time to live now", "%u keys have a time to live now", n), n);
    case CB_KEY_BULK_PERSIST:
    case CB_KEY_BULK_COPY:
    default:
      return g_strdup_printf (ngettext ("%u key does not expire any more", "%u keys do not expire any more", n), n);
    }
}

static void
present_refusals (Deed *deed)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (deed->page))), NULL, NULL);
  g_autofree char *heading =
    g_strdup_printf (ngettext ("%u Key Was Left As It Is", "%u Keys Were Left As They Are", deed->n_refused), deed->n_refused);

  if (deed->n_refused > MAX_REFUSED)
    g_string_append_printf (deed->refused, "\n…");
  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (dialog), heading);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), deed->refused->str);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Deed) deed = data;
  CbKeyBulk *bulk = CB_KEY_BULK (source);
  CbKeysPage *self = deed->page;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n_done;
  Undo *undo = NULL;

  cb_key_bulk_run_finish (bulk, result, &error);
  n_done = cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE);
  if (n_done > 0)
    text = describe_success (deed, n_done);
  if (error != NULL && text != NULL)
    {
      g_autofree char *success = g_steal_pointer (&text);

      /* Translators: %s says what was done, and then why it did not go on */
      text = g_strdup_printf (_ ("%s; then it ended: %s"), success, error->message);
    }
  else if (text == NULL)
    {
      text = g_strdup (error != NULL                 ? error->message
                       : deed->first_refusal != NULL ? deed->first_refusal
                                                     : _ ("There was nothing to do."));
    }

  if (cb_key_bulk_get_undo_id (bulk) != NULL && n_done > 0)
    {
      undo = undo_new (self, deed->connection);
      undo->undo_id = g_strdup (cb_key_bulk_get_undo_id (bulk));
      g_clear_pointer (&self->renamed_from, g_bytes_unref);
      g_clear_pointer (&self->renamed_to, g_bytes_unref);
    }
  tell (self, text, undo);
  if (deed->names->len > 1 && deed->n_refused > 0 && gtk_widget_get_root (GTK_WIDGET (self)) != NULL)
    present_refusals (deed);
  if (deed->connection != cb_keys_page_get_connection (self))
    return;
  cb_keys_page_set_gone_many (self, deed->gone, TRUE);
  show_changes (self, deed->names);
}

/* Not cancelled when the window goes: it was asked for. */
static void
run (CbKeysPage *self, CbKeyBulkKind kind, GPtrArray *names, gint64 msec)
{
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autoptr (CbKeyBulk) bulk = NULL;
  Deed *deed;

  if (connection == NULL || names == NULL)
    return;
  if (!can_begin (self, connection, kind == CB_KEY_BULK_DELETE ? _ ("Not connected: nothing was deleted") : NULL))
    return;

  deed = g_new0 (Deed, 1);
  deed->page = g_object_ref (self);
  deed->connection = g_object_ref (connection);
  deed->kind = kind;
  deed->keys = cb_key_store_new (NULL);
  deed->gone = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  deed->names = g_ptr_array_ref (names);
  deed->refused = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    {
      gsize length;
      const char *bytes = g_bytes_get_data (g_ptr_array_index (names, i), &length);

      cb_key_store_add (deed->keys, bytes != NULL ? bytes : "", length, NULL);
    }

  bulk = cb_key_bulk_new (connection, get_journal (self), kind, deed->keys);
  if (kind == CB_KEY_BULK_EXPIRE)
    cb_key_bulk_set_ttl (bulk, msec);
  g_signal_connect (bulk, "outcome", G_CALLBACK (outcome_cb), deed);
  cb_key_bulk_run_async (bulk, NULL, done_cb, deed);
}

typedef struct
{
  CbConnection *connection; /* (owned): of the database in which they were seen */
  GPtrArray *names;         /* (owned) (element-type GBytes) */
} Doomed;

static void
doomed_free (Doomed *doomed)
{
  g_object_unref (doomed->connection);
  g_ptr_array_unref (doomed->names);
  g_free (doomed);
}

static void
delete_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbKeysPage *self = CB_KEYS_PAGE (source);
  Doomed *doomed = data;

  /* Another database may be shown by now, with keys of the same names. */
  if (cb_ask_finish (GTK_WIDGET (self), result) && doomed->connection == cb_keys_page_get_connection (self))
    run (self, CB_KEY_BULK_DELETE, doomed->names, 0);
  doomed_free (doomed);
}

/* The names, and of a single one its type where it is known. */
static char *
describe_doomed (CbKeysPage *self, GPtrArray *names)
{
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  const CbKeyFacts *facts = item != NULL ? cb_key_item_get_facts (item) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (names->len, MAX_NAMED); i++)
    {
      g_autofree char *name = display (g_ptr_array_index (names, i), names->len == 1 ? LONGEST_SHOWN : 60);

      /* Translators: the name of a key */
      g_string_append_printf (text, _ ("“%s”"), name);
      if (i + 1 < MIN (names->len, MAX_NAMED))
        g_string_append (text, ", ");
    }
  if (names->len > MAX_NAMED)
    {
      guint n = names->len - MAX_NAMED;

      /* Translators: after the names of some keys; “%u” more are not named */
      g_string_append_printf (text, ngettext (" and %u more", " and %u more", n), n);
    }
  if (names->len == 1 && facts != NULL && *facts->type != '\0')
    g_string_append_printf (text, " (%s)", facts->type);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autoptr (GPtrArray) names = dup_subjects (self);
  g_autofree char *heading = NULL;
  g_autofree char *which = NULL;
  g_autofree char *body = NULL;
  Doomed *doomed;

  if (connection == NULL || names == NULL)
    return;

  heading = names->len == 1 ? g_strdup (_ ("Delete This Key?"))
                            : g_strdup_printf (ngettext ("Delete %u Key?", "Delete %u Keys?", names->len), names->len);
  which = describe_doomed (self, names);
  body = g_strdup_printf (_ ("%s\n\nWhat is deleted is gone for every program on this server, until it is undone."), which);
  doomed = g_new0 (Doomed, 1);
  doomed->connection = g_object_ref (connection);
  doomed->names = g_ptr_array_ref (names);
  cb_ask_async (widget, heading, body, _ ("_Delete"), TRUE, NULL, delete_asked_cb, doomed);
}

static void
persist_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  g_autoptr (GPtrArray) names = dup_subjects (self);

  run (self, CB_KEY_BULK_PERSIST, names, 0);
}

static char *
check_ttl (const char *text)
{
  g_autoptr (GError) error = NULL;
  gint64 msec;

  if (*text == '\0')
    return g_strdup ("");
  return cb_key_parse_ttl (text, &msec, &error) ? NULL : g_strdup (error->message);
}

static void
ttl_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GPtrArray) names = data;
  g_autofree char *text = cb_key_ask_finish (GTK_WIDGET (source), result);
  gint64 msec;

  if (text != NULL && cb_key_parse_ttl (text, &msec, NULL))
    run (CB_KEYS_PAGE (source), CB_KEY_BULK_EXPIRE, names, msec);
}

static void
expire_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  g_autoptr (GPtrArray) names = dup_subjects (self);
  g_autofree char *subject = NULL;

  if (names == NULL)
    return;

  subject = names->len == 1 ? display (g_ptr_array_index (names, 0), 100)
                            : g_strdup_printf (ngettext ("%u key", "%u keys", names->len), names->len);
  cb_key_ask_async (widget, _ ("Set Time to Live"), subject, _ ("Time to live, like 90s, 5m, 2h or 7d"), "1h", _ ("Set"), check_ttl,
                    ttl_cb, g_steal_pointer (&names));
}

/* ---- undo ---- */

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeysPage) self = data;
  CbUndo *undo = CB_UNDO (source);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GPtrArray *outcomes;
  GPtrArray *ids;
  guint n_back, n_left;

  cb_undo_run_finish (undo, result, &error);
  n_back = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  n_left = cb_undo_get_n_kept (undo) + cb_undo_get_n_failed (undo);
  outcomes = cb_undo_get_outcomes (undo);
  ids = cb_undo_get_ids (undo);
  if (n_back == 0)
    text = g_strdup (error != NULL                                ? error->message
                     : outcomes != NULL && outcomes->len > 0 ? ((CbJobOutcome *) g_ptr_array_index (outcomes, 0))->error->message
                                                             : _ ("There was nothing to do."));
  else if (n_left > 0)
    text = g_strdup_printf (ngettext ("Undone, but %u key was left as it is", "Undone, but %u keys were left as they are", n_left),
                            n_left);
  else if (n_back == 1 && ids != NULL && ids->len == 1)
    text = g_strdup_printf (_ ("Undone: “%s” is as it was"), (const char *) g_ptr_array_index (ids, 0));
  else
    text = g_strdup_printf (ngettext ("Undone: %u key is as it was", "Undone: %u keys are as they were", n_back), n_back);
  tell (self, text, NULL);
  if (n_back == 0 || g_object_get_data (source, "connection") != cb_keys_page_get_connection (self))
    return;

  /* Long names are not told whole, and not all of very many. */
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!g_str_has_suffix (g_ptr_array_index (ids, i), "…"))
      g_ptr_array_add (names, cb_key_name_parse (g_ptr_array_index (ids, i)));
  if (names->len < n_back)
    cb_keys_page_search (self);
  else
    cb_keys_page_set_gone_many (self, names, FALSE);
  if (names->len == 1)
    cb_keys_page_open_key (self, g_ptr_array_index (names, 0));
  show_changes (self, names);
}

/* @undo_id: (nullable): the latest */
static void
run_undo (CbKeysPage *self, const char *undo_id)
{
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbUndo) undo = NULL;

  if (connection == NULL || !can_begin (self, connection, NULL))
    return;

  engine = cb_key_engine_new (connection);
  undo = cb_undo_new (engine, get_journal (self), undo_id);
  g_object_set_data_full (G_OBJECT (undo), "connection", g_object_ref (connection), g_object_unref);
  cb_undo_run_async (undo, NULL, undone_cb, g_object_ref (self));
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);

  if (self->renamed_from != NULL)
    {
      g_autoptr (GBytes) from = g_steal_pointer (&self->renamed_from);
      g_autoptr (GBytes) to = g_steal_pointer (&self->renamed_to);

      rename_back (self, to, from);
    }
  else
    {
      run_undo (self, NULL);
    }
}

/* ---- another name ---- */

typedef struct
{
  CbKeysPage *page;           /* (owned) */
  CbConnection *connection;   /* (owned) (nullable): of the database that was shown when it began */
  CbKeyEditKind kind;
  GBytes *key;                /* (owned) */
  GBytes *name;               /* (owned) the new one */
  char type[24];
  gboolean back;              /* it is an undo */
} Naming;

static Naming *
naming_new (CbKeysPage *page, CbKeyEditKind kind, GBytes *key, GBytes *name)
{
  Naming *naming = g_new0 (Naming, 1);

  naming->page = g_object_ref (page);
  g_set_object (&naming->connection, cb_keys_page_get_connection (page));
  naming->kind = kind;
  naming->key = g_bytes_ref (key);
  naming->name = name != NULL ? g_bytes_ref (name) : NULL;
  return naming;
}

static void
naming_free (Naming *naming)
{
  g_object_unref (naming->page);
  g_clear_object (&naming->connection);
  g_bytes_unref (naming->key);
  g_clear_pointer (&naming->name, g_bytes_unref);
  g_free (naming);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Naming, naming_free)

static void send_naming (Naming *naming);

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Naming) naming = data;
  g_autoptr (GError) error = NULL;

  cb_key_bulk_run_finish (CB_KEY_BULK (source), result, &error);
  if (error != NULL || cb_key_bulk_get_n (CB_KEY_BULK (source), CB_KEY_BULK_REFUSED) > 0 ||
      cb_key_bulk_get_n (CB_KEY_BULK (source), CB_KEY_BULK_UNKNOWN) > 0)
    {
      tell (naming->page, error != NULL ? error->message : _ ("The key that is there could not be deleted. Nothing was done."), NULL);
      return;
    }
  send_naming (g_steal_pointer (&naming));
}

/* The one that is there goes into the journal before. */
static void
replace_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Naming) naming = data;
  CbConnection *connection = naming->connection;
  g_autoptr (CbKeyStore) keys = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data (naming->name, &length);

  if (!cb_ask_finish (GTK_WIDGET (source), result) || connection == NULL)
    return;
  if (!can_begin (naming->page, connection, NULL))
    return;

  keys = cb_key_store_new (NULL);
  cb_key_store_add (keys, bytes != NULL ? bytes : "", length, NULL);
  bulk = cb_key_bulk_new (connection, get_journal (naming->page), CB_KEY_BULK_DELETE, keys);
  cb_key_bulk_run_async (bulk, NULL, replaced_cb, g_steal_pointer (&naming));
}

static void
ask_replace (Naming *naming)
{
  g_autofree char *name = display (naming->name, 100);
  g_autofree char *body = g_strdup_printf (_ ("There is a key “%s” already. It would be deleted; “callboardctl undo” can put it back "
                                              "when the name is free again."),
                                           name);

  if (gtk_widget_get_root (GTK_WIDGET (naming->page)) == NULL)
    {
      naming_free (naming);
      return;
    }
  cb_ask_async (GTK_WIDGET (naming->page), _ ("Replace the Other Key?"), body, _ ("_Replace"), TRUE, NULL, replace_cb, naming);
}

static void
tell_named (Naming *naming)
{
  CbKeysPage *self = naming->page;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *name = display (naming->name, 60);
  g_autofree char *text = NULL;
  Undo *undo = NULL;

  if (naming->connection != cb_keys_page_get_connection (self))
    return;
  if (naming->kind == CB_KEY_EDIT_RENAME)
    {
      text = g_strdup_printf (_ ("Renamed to “%s”"), name);
      g_clear_pointer (&self->renamed_from, g_bytes_unref);
      g_clear_pointer (&self->renamed_to, g_bytes_unref);
      if (!naming->back)
        {
          undo = undo_new (self, naming->connection);
          undo->from = g_bytes_ref (naming->name);
          undo->to = g_bytes_ref (naming->key);
          self->renamed_from = g_bytes_ref (naming->key);
          self->renamed_to = g_bytes_ref (naming->name);
        }
      if (self->view != NULL && cb_key_view_get_key (self->view) != NULL &&
          g_bytes_equal (cb_key_view_get_key (self->view), naming->key))
        cb_key_view_rename (self->view, naming->name);
      cb_keys_page_set_gone (self, naming->key, TRUE);
    }
  else
    {
      text = g_strdup_printf (_ ("Copied to “%s”"), name);
    }
  tell (self, text, undo);
  g_ptr_array_add (names, g_bytes_ref (naming->name));
  cb_keys_page_set_gone_many (self, names, FALSE);
  cb_keys_page_open_key (self, naming->name);
  cb_keys_page_count (self);
  keep_focus (self);
}

static void
named_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Naming) naming = data;
  g_autoptr (GError) error = NULL;

  if (cb_key_edit_finish (CB_CONNECTION (source), result, &error))
    tell_named (naming);
  else if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_EXISTS) && !naming->back)
    ask_replace (g_steal_pointer (&naming));
  else
    tell (naming->page, error->message, NULL);
}

static void
send_naming (Naming *naming)
{
  CbConnection *connection = naming->connection;
  CbKeyEdit edit = { .kind = naming->kind, .key = naming->key, .type = naming->type, .element = naming->name };

  if (connection != NULL)
    cb_key_edit_async (connection, &edit, NULL, named_cb, naming);
  else
    naming_free (naming);
}

/* The type goes along, so that nothing is renamed that became another thing meanwhile. */
static void
typed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Naming) naming = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) facts = cb_key_facts_finish (CB_CONNECTION (source), result, &error);

  if (facts == NULL)
    {
      tell (naming->page, error->message, NULL);
      return;
    }
  g_strlcpy (naming->type, g_array_index (facts, CbKeyFacts, 0).type, sizeof naming->type);
  send_naming (g_steal_pointer (&naming));
}

static void
start_naming (Naming *naming)
{
  CbConnection *connection = naming->connection;
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  if (connection == NULL)
    {
      naming_free (naming);
      return;
    }
  g_ptr_array_add (keys, naming->key);
  cb_key_facts_async (connection, keys, FALSE, NULL, typed_cb, naming);
}

static void
rename_back (CbKeysPage *self, GBytes *from, GBytes *to)
{
  Naming *naming = naming_new (self, CB_KEY_EDIT_RENAME, from, to);

  naming->back = TRUE;
  start_naming (naming);
}

static char *
check_name (const char *text)
{
  return *text != '\0' ? NULL : g_strdup ("");
}

static void
name_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Naming) naming = data;
  g_autofree char *text = cb_key_ask_finish (GTK_WIDGET (source), result);

  if (text == NULL)
    return;

  naming->name = cb_key_name_parse (text);
  if (!g_bytes_equal (naming->name, naming->key))
    start_naming (g_steal_pointer (&naming));
}

static void
ask_name (CbKeysPage *self, CbKeyEditKind kind)
{
  g_autoptr (GPtrArray) names = dup_subjects (self);
  g_autofree char *name = NULL;
  gboolean copy = kind == CB_KEY_EDIT_COPY;

  if (names == NULL || names->len != 1)
    return;

  name = display (g_ptr_array_index (names, 0), 0);
  cb_key_ask_async (GTK_WIDGET (self), copy ? _ ("Copy Key") : _ ("Rename Key"), NULL, _ ("New name"), name,
                    copy ? _ ("Copy") : _ ("Rename"), check_name, name_cb,
                    naming_new (self, kind, g_ptr_array_index (names, 0), NULL));
}

static void
rename_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask_name (CB_KEYS_PAGE (widget), CB_KEY_EDIT_RENAME);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask_name (CB_KEYS_PAGE (widget), CB_KEY_EDIT_COPY);
}

/* ---- a new one ---- */

static void
created_cb (CbKeysPage *self, GBytes *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *shown = display (name, 60);
  g_autofree char *text = g_strdup_printf (_ ("“%s” created"), shown);

  g_ptr_array_add (names, g_bytes_ref (name));
  cb_keys_page_set_gone_many (self, names, FALSE);
  cb_keys_page_open_key (self, name);
  cb_keys_page_count (self);
  tell (self, text, NULL);
}

/* It begins in the folder that is selected. */
static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  g_autofree char *folder = NULL;
  CbNewKeyDialog *dialog;

  if (connection == NULL)
    return;

  if (item != NULL && cb_key_item_is_folder (item))
    folder = cb_key_item_dup_whole_label (item, 0);
  dialog = cb_new_key_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), connection, folder);
  g_signal_connect_object (dialog, "created", G_CALLBACK (created_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- without writing ---- */

static void
show_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (CB_KEYS_PAGE (widget));
  CbJobRecord *job = item != NULL ? cb_key_item_get_job (item) : NULL;
  g_autoptr (GBytes) key = NULL;
  g_autofree char *id = NULL;
  CbEngine *engine;

  /* A name that is no text can't travel in an action's target. */
  if (job == NULL || job->queue == NULL || !g_utf8_validate (job->queue, -1, NULL) || !g_utf8_validate (job->id, -1, NULL))
    return;
  key = cb_key_item_dup_name (item);
  engine = cb_key_find_job_engine (cb_page_get_session (CB_PAGE (widget)), g_bytes_get_data (key, NULL), g_bytes_get_size (key), &id);
  gtk_widget_activate_action (widget, "win.show-job", "(^ayss)", engine != NULL ? cb_engine_get_prefix (engine) : "", job->queue, job->id);
}

/* As people see them, a line each: what can't be typed is written as \xNN. */
static void
copy_name_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GPtrArray) names = dup_subjects (CB_KEYS_PAGE (widget));
  g_autoptr (GString) text = g_string_new (NULL);

  if (names == NULL)
    return;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *label = display (g_ptr_array_index (names, i), 0);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", label);
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
  cb_toast (widget, names->len > 1 ? _ ("Names copied") : _ ("Name copied"));
}

void
cb_keys_page_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "key.show-job", NULL, show_job_action);
  gtk_widget_class_install_action (widget_class, "key.copy-name", NULL, copy_name_action);
  gtk_widget_class_install_action (widget_class, "key.rename", NULL, rename_action);
  gtk_widget_class_install_action (widget_class, "key.copy", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "key.expire", NULL, expire_action);
  gtk_widget_class_install_action (widget_class, "key.persist", NULL, persist_action);
  gtk_widget_class_install_action (widget_class, "key.delete", NULL, delete_action);
  gtk_widget_class_install_action (widget_class, "key.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "key.new", NULL, new_action);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "key.copy-name", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "key.rename", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_t, GDK_CONTROL_MASK, "key.expire", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "key.undo", NULL);
}
