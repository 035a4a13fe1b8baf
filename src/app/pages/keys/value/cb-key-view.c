/* cb-key-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-key-elements.h"
#include "cb-key-expiry.h"
#include "cb-key-groups.h"
#include "cb-key-list.h"
#include "cb-key-string.h"
#include "cb-key-undo.h"
#include "cb-key-value.h"

/* What is there quickly is shown without a spinner before. */
#define SPINNER_MSEC 300
/* Who comes back soon finds everything as it was. */
#define REST_SECONDS 10
#define NAME_CHARS 300
#define TOOLTIP_CHARS 1000

struct _CbKeyView
{
  GtkWidget parent_instance;

  CbSession *session;         /* (owned) */
  CbConnection *other;        /* (owned) (nullable): of another database than the session's */
  CbConnection *base;         /* (owned) (nullable): one of these two */
  CbConnection *connection;   /* (owned) (nullable): the view's own, to the same database; @base where there is none to be had */
  gboolean has_own;           /* it is open, or was: the server gives it to us */
  guint rest_id;              /* until it is given back, as nobody looks */
  gboolean broken;            /* what came for the key was no reply: it is not asked for again before somebody wants it */
  GBytes *key;                /* (owned) (nullable) */
  GBytes *wanted;             /* (owned) (nullable): the key that is shown when what is written is stored or thrown away */
  CbKeyInfo *info;            /* (owned) (nullable): of what is on screen; NULL until it is known */
  gboolean gone;
  gboolean told;              /* that it is gone */
  CbKeyUndo *undo;            /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) (nullable): the inspection under way */
  guint spinner_id;

  GtkStack *stack;            /* (owned): the only child */
  AdwStatusPage *message;
  GtkLabel *name_label;
  GtkLabel *type_label;
  GtkLabel *facts_label;
  CbKeyExpiry *expiry;
  GtkWidget *read_only_label;
  GtkWidget *problem_box;
  GtkLabel *problem_label;
  GtkButton *problem_button;
  GtkStack *value_stack;
  GtkStackSwitcher *switcher;
  CbKeyString *string;
  CbKeyElements *elements;
  CbKeyGroups *groups;
  GtkLabel *unknown_label;
  GtkWidget *undo_box;
  GtkLabel *undo_label;
};

G_DEFINE_FINAL_TYPE (CbKeyView, cb_key_view, GTK_TYPE_WIDGET)

enum
{
  KEY_GONE,
  KEY_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void inspect (CbKeyView *self);

static char *
display (GBytes *name, guint max_chars)
{
  gsize length;
  const char *data = g_bytes_get_data (name, &length);

  return cb_key_name_display (data != NULL ? data : "", length, max_chars);
}

static gboolean
is_elements (const char *type)
{
  static const char * const types[] = { "hash", "list", "set", "zset", "stream", NULL };

  return g_strv_contains (types, type);
}

static gboolean
is_modified (CbKeyView *self)
{
  return cb_key_string_get_modified (self->string) || cb_key_elements_get_modified (self->elements);
}

static void
show_message (CbKeyView *self, const char *title, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, markup);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

/* --- what is the matter, and what can be done --- */

static void
set_problem (CbKeyView *self, const char *text, const char *button)
{
  gtk_label_set_label (self->problem_label, text != NULL ? text : "");
  gtk_button_set_label (self->problem_button, button != NULL ? button : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_button), button != NULL);
  gtk_widget_set_visible (self->problem_box, text != NULL);
}

/* Why nothing can be changed: the connection is for reading, or the user may not. */
static const char *
get_refusal (CbKeyView *self)
{
  if (self->connection != NULL && cb_connection_get_read_only (self->connection))
    return _ ("This connection is read-only.");
  return cb_session_get_refusal (self->session, CB_RIGHT_CHANGE_KEYS, NULL);
}

static void
update_writable (CbKeyView *self)
{
  const char *refusal = get_refusal (self);
  gboolean there = self->connection != NULL && !self->gone;

  gtk_widget_set_visible (self->read_only_label, refusal != NULL);
  if (refusal != NULL)
    gtk_widget_set_tooltip_text (self->read_only_label, refusal);
  cb_key_string_set_writable (self->string, there && refusal == NULL);
  cb_key_elements_set_writable (self->elements, there && refusal == NULL, there ? refusal : NULL);
  cb_key_expiry_set_writable (self->expiry, there && refusal == NULL, there ? refusal : NULL);
}

static void
update_facts (CbKeyView *self)
{
  g_autoptr (GString) facts = g_string_new (NULL);
  g_autofree char *size = NULL;
  const char *type = self->info->type;
  guint n = (guint) CLAMP (self->info->size, 0, G_MAXUINT);

  if (self->info->size >= 0)
    {
      g_autofree char *count = cb_format_exact_count (self->info->size);

      if (g_str_equal (type, "hash"))
        g_string_append_printf (facts, ngettext ("%s field", "%s fields", n), count);
      else if (g_str_equal (type, "list"))
        g_string_append_printf (facts, ngettext ("%s element", "%s elements", n), count);
      else if (g_str_equal (type, "set") || g_str_equal (type, "zset"))
        g_string_append_printf (facts, ngettext ("%s member", "%s members", n), count);
      else if (g_str_equal (type, "stream"))
        g_string_append_printf (facts, ngettext ("%s entry", "%s entries", n), count);
      else if (g_str_equal (type, "string"))
        g_string_append_printf (facts, ngettext ("%s byte", "%s bytes", n), count);
      else
        /* Translators: of a type that is not known here: how long the server's DUMP of it is */
        g_string_append_printf (facts, ngettext ("%s byte as DUMP", "%s bytes as DUMP", n), count);
    }
  if (self->info->memory >= 0)
    {
      size = g_format_size_full ((guint64) self->info->memory, G_FORMAT_SIZE_IEC_UNITS);
      g_string_append (facts, facts->len > 0 ? " · " : "");
      /* Translators: %s is a size in the server's memory */
      g_string_append_printf (facts, _ ("%s in memory"), size);
    }
  else
    {
      /* Refused, or there under another name. */
      g_string_append_printf (facts, "%s%s", facts->len > 0 ? " · " : "", _ ("memory not told"));
    }
  if (*self->info->encoding != '\0')
    g_string_append_printf (facts, "%s%s", facts->len > 0 ? " · " : "", self->info->encoding);
  gtk_label_set_label (self->facts_label, facts->str);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->facts_label), facts->str);
}

static void
update_name (CbKeyView *self)
{
  g_autofree char *name = display (self->key, NAME_CHARS);
  g_autofree char *tooltip = display (self->key, TOOLTIP_CHARS);

  gtk_label_set_label (self->name_label, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label), tooltip);
}

static void
set_type (CbKeyView *self, const char *type)
{
  const char *old = self->info != NULL ? self->info->type : NULL;

  if (old != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self->type_label), old);
  gtk_widget_add_css_class (GTK_WIDGET (self->type_label), type);
  gtk_label_set_label (self->type_label, type);
}

/* --- showing --- */

static void
clear_value (CbKeyView *self)
{
  cb_key_string_set_key (self->string, NULL, NULL, NULL);
  cb_key_elements_set_key (self->elements, NULL, NULL, NULL);
  cb_key_groups_set_key (self->groups, NULL, NULL);
}

/* Another key, or one of another type than was shown. */
static void
show_value (CbKeyView *self, CbConnection *connection, CbKeyInfo *info)
{
  gboolean is_stream = g_str_equal (info->type, "stream");

  clear_value (self);
  set_type (self, info->type);
  g_clear_pointer (&self->info, cb_key_info_free);
  self->info = info;
  gtk_widget_set_visible (GTK_WIDGET (self->switcher), is_stream);
  if (is_elements (info->type))
    {
      cb_key_elements_set_key (self->elements, connection, self->key, info);
      if (is_stream)
        cb_key_groups_set_key (self->groups, connection, self->key);
      gtk_stack_set_visible_child_name (self->value_stack, "elements");
    }
  else if (cb_key_type_is_known (info->type))
    {
      cb_key_string_set_key (self->string, connection, self->key, info);
      gtk_stack_set_visible_child_name (self->value_stack, "string");
    }
  else
    {
      g_autofree char *text = g_strdup_printf (_ ("Values of the type %s can’t be shown here: the type is not known. The key can be "
                                                  "renamed, copied and deleted, and its time to live be set."), info->type);

      gtk_label_set_label (self->unknown_label, text);
      gtk_stack_set_visible_child_name (self->value_stack, "unknown");
    }
}

static void
refresh_value (CbKeyView *self, CbConnection *connection, CbKeyInfo *info)
{
  g_clear_pointer (&self->info, cb_key_info_free);
  self->info = info;
  if (is_elements (info->type))
    {
      cb_key_elements_refresh (self->elements, info);
      if (g_str_equal (info->type, "stream"))
        cb_key_groups_set_key (self->groups, connection, self->key);
    }
  else if (cb_key_type_is_known (info->type))
    {
      cb_key_string_refresh (self->string, info);
    }
}

static void
show_gone (CbKeyView *self)
{
  self->gone = TRUE;
  cb_key_expiry_set (self->expiry, -1, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->expiry), FALSE);
  if (self->info == NULL)
    show_message (self, _ ("The Key Is Gone"), _ ("It was deleted, renamed, or its time is over."));
  else
    set_problem (self, _ ("This key is gone: it was deleted, renamed, or its time is over. Below is what was last seen of it."),
                 cb_key_string_is_whole (self->string) && self->connection != NULL && get_refusal (self) == NULL
                   ? _ ("_Create It Again") : NULL);
  update_writable (self);
  if (!self->told)
    {
      self->told = TRUE;
      g_signal_emit (self, signals[KEY_GONE], 0, self->key);
    }
}

static void share_connection (CbKeyView *self);

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbKeyView) self = user_data;
  CbConnection *connection = CB_CONNECTION (source);
  g_autoptr (GError) error = NULL;
  CbKeyInfo *info = cb_key_inspect_finish (connection, result, &error);
  gboolean same_type;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  g_clear_object (&self->cancellable);
  /* A server that is full is looked at as well. */
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED) && connection == self->connection && !self->has_own &&
      self->base != self->connection && cb_connection_get_state (self->base) == CB_CONNECTION_READY)
    {
      share_connection (self);
      inspect (self);
      return;
    }
  if (info == NULL)
    {
      self->broken = g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
      /* What was loaded stays. */
      if (self->info == NULL)
        show_message (self, _ ("The Key Can’t Be Read"), error->message);
      else
        set_problem (self, error->message, NULL);
      return;
    }
  if (g_str_equal (info->type, "none"))
    {
      cb_key_info_free (info);
      show_gone (self);
      return;
    }

  self->gone = FALSE;
  self->told = FALSE;
  same_type = self->info != NULL && g_str_equal (self->info->type, info->type);
  if (self->info != NULL && !same_type && is_modified (self))
    {
      g_autofree char *text = g_strdup_printf (_ ("The key is of the type %s now. What you wrote was not stored."), info->type);

      set_problem (self, text, _ ("_Discard It and Show the Value"));
      self->gone = TRUE;
      update_writable (self);
      cb_key_info_free (info);
      return;
    }
  set_problem (self, NULL, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->expiry), TRUE);
  cb_key_expiry_set (self->expiry, info->ttl_msec, cb_connection_get_server_time (connection));
  if (same_type)
    refresh_value (self, connection, info);
  else
    show_value (self, connection, info);
  update_name (self);
  update_facts (self);
  update_writable (self);
  gtk_stack_set_visible_child_name (self->stack, "value");
}

static gboolean
spinner_cb (gpointer user_data)
{
  CbKeyView *self = user_data;

  self->spinner_id = 0;
  if (self->info == NULL)
    gtk_stack_set_visible_child_name (self->stack, "loading");
  return G_SOURCE_REMOVE;
}

static gboolean
rest_cb (gpointer user_data)
{
  CbKeyView *self = user_data;

  /* What is being done comes to its end. */
  if (!cb_connection_is_idle (self->connection))
    return G_SOURCE_CONTINUE;
  self->rest_id = 0;
  cb_connection_close (self->connection);
  return G_SOURCE_REMOVE;
}

static void
rest_later (CbKeyView *self)
{
  if (self->rest_id == 0 && self->connection != self->base)
    self->rest_id = g_timeout_add_seconds (REST_SECONDS, rest_cb, self);
}

/* What is asked for now is not to wait for the time at which it would connect again by itself. */
static void
ensure_connection (CbKeyView *self)
{
  if (cb_connection_get_state (self->base) == CB_CONNECTION_READY)
    {
      if (cb_connection_get_state (self->connection) == CB_CONNECTION_CLOSED)
        cb_connection_open (self->connection);
      else
        cb_connection_reconnect_now (self->connection);
    }
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    rest_later (self);
}

static void
inspect (CbKeyView *self)
{
  self->broken = FALSE;
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->key == NULL || self->connection == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }
  ensure_connection (self);
  self->cancellable = g_cancellable_new ();
  self->spinner_id = g_timeout_add (SPINNER_MSEC, spinner_cb, self);
  cb_key_inspect_async (self->connection, self->key, self->cancellable, inspected_cb, g_object_ref (self));
}

static void
set_undo (CbKeyView *self, CbKeyUndo *undo)
{
  g_clear_pointer (&self->undo, cb_key_undo_free);
  self->undo = undo;
  gtk_widget_set_visible (self->undo_box, undo != NULL);
  if (undo != NULL)
    {
      GBytes *element = cb_key_undo_get_element (undo);
      g_autofree char *name = display (element, 60);
      g_autofree char *text = g_strdup_printf (_ ("“%s” was deleted."), name);

      gtk_label_set_label (self->undo_label, text);
    }
}

static void
show_key (CbKeyView *self, GBytes *name)
{
  set_undo (self, NULL);
  clear_value (self);
  set_problem (self, NULL, NULL);
  if (self->info != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self->type_label), self->info->type);
  g_clear_pointer (&self->info, cb_key_info_free);
  g_clear_pointer (&self->wanted, g_bytes_unref);
  if (name != NULL)
    g_bytes_ref (name);
  g_clear_pointer (&self->key, g_bytes_unref);
  self->key = name;
  self->gone = FALSE;
  self->told = FALSE;
  inspect (self);
}

/* --- what is done here --- */

static void
changed_cb (CbKeyView *self)
{
  g_signal_emit (self, signals[KEY_CHANGED], 0, self->key);
  inspect (self);
}

static void
stale_cb (CbKeyView *self)
{
  inspect (self);
}

static void
broken_cb (CbKeyView *self)
{
  self->broken = TRUE;
  if (self->wanted == NULL)
    set_problem (self, _ ("What the server sent for this value can’t be understood. It is not asked for again by itself."),
                 _ ("_Read It Again"));
}

static void
taken_cb (CbKeyView *self, CbKeyUndo *undo)
{
  set_undo (self, undo);
}

static void
problem_clicked_cb (CbKeyView *self)
{
  if (self->wanted != NULL)
    {
      g_autoptr (GBytes) wanted = g_steal_pointer (&self->wanted);

      show_key (self, wanted);
    }
  else if (self->gone && self->told)
    {
      cb_key_string_create (self->string);
    }
  else if (self->broken)
    {
      set_problem (self, NULL, NULL);
      inspect (self);
    }
  else if (self->key != NULL)
    {
      g_autoptr (GBytes) key = g_bytes_ref (self->key);

      show_key (self, key);
    }
}

typedef struct
{
  CbKeyView *self;   /* (owned) */
  GBytes *key;       /* (owned) */
  CbKeyUndo *undo;   /* (owned) (nullable) */
} Request;

static Request *
request_new (CbKeyView *self)
{
  Request *request = g_new0 (Request, 1);

  request->self = g_object_ref (self);
  request->key = g_bytes_ref (self->key);
  return request;
}

static void
request_free (Request *request)
{
  g_object_unref (request->self);
  g_bytes_unref (request->key);
  g_clear_pointer (&request->undo, cb_key_undo_free);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  CbKeyView *self = request->self;
  g_autoptr (GError) error = NULL;

  if (self->key == NULL || !g_bytes_equal (self->key, request->key))
    return;
  if (!cb_key_undo_finish (CB_CONNECTION (source), result, &error))
    {
      gtk_label_set_label (self->undo_label, error->message);
      gtk_widget_set_visible (self->undo_box, TRUE);
      return;
    }
  changed_cb (self);
}

static void
undo_cb (CbKeyView *self)
{
  Request *request;

  if (self->undo == NULL || self->connection == NULL)
    return;
  request = request_new (self);
  request->undo = g_steal_pointer (&self->undo);
  gtk_widget_set_visible (self->undo_box, FALSE);
  cb_key_undo_async (self->connection, request->undo, NULL, undone_cb, request);
}

static void
undo_closed_cb (CbKeyView *self)
{
  set_undo (self, NULL);
}

static void
expiry_changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  CbKeyView *self = request->self;
  g_autoptr (GError) error = NULL;
  gboolean done = cb_key_edit_finish (CB_CONNECTION (source), result, &error);

  if (self->key == NULL || !g_bytes_equal (self->key, request->key))
    return;
  cb_key_expiry_tell (self->expiry, done ? NULL : error->message);
  if (done)
    changed_cb (self);
  else if (error->domain == CB_KEY_ERROR)
    inspect (self);
}

static void
expiry_change_cb (CbKeyView *self, gint64 msec)
{
  CbKeyEdit edit = { .kind = msec < 0 ? CB_KEY_EDIT_PERSIST : CB_KEY_EDIT_EXPIRE, .key = self->key, .msec = msec };

  if (self->connection == NULL || self->info == NULL)
    return;
  edit.type = self->info->type;
  cb_key_edit_async (self->connection, &edit, NULL, expiry_changed_cb, request_new (self));
}

static void
expiry_over_cb (CbKeyView *self)
{
  if (!self->gone && self->cancellable == NULL)
    inspect (self);
}

static void
refresh_cb (CbKeyView *self)
{
  cb_key_view_refresh (self);
}

/* --- the connection --- */

/* What comes for a value may be anything, and a connection on which something comes that is no reply is lost. So the view has one of its
 * own, while somebody looks at it: that of the pages and of the list of keys stays. */

static void
state_cb (CbKeyView *self)
{
  self->has_own |= cb_connection_get_state (self->connection) == CB_CONNECTION_READY;
  /* An inspection that is under way waits for the connection, and a value that broke it would do so again. */
  if (cb_connection_get_state (self->connection) == CB_CONNECTION_READY && self->key != NULL && self->wanted == NULL &&
      self->cancellable == NULL && !self->broken)
    inspect (self);
}

static void
base_state_cb (CbKeyView *self)
{
  CbConnectionState state = cb_connection_get_state (self->base);

  if (self->connection == self->base)
    return;
  if (state == CB_CONNECTION_CLOSED)
    cb_connection_close (self->connection);
  else if (state == CB_CONNECTION_READY && self->key != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    ensure_connection (self);
}

static void
drop_connection (CbKeyView *self)
{
  if (self->base != NULL)
    g_signal_handlers_disconnect_by_func (self->base, base_state_cb, self);
  if (self->connection != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->connection, update_writable, self);
      g_signal_handlers_disconnect_by_func (self->connection, state_cb, self);
    }
  g_clear_handle_id (&self->rest_id, g_source_remove);
  g_clear_object (&self->base);
  g_clear_object (&self->connection);
}

static void
watch_connection (CbKeyView *self)
{
  g_signal_connect_object (self->base, "notify::state", G_CALLBACK (base_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::read-only", G_CALLBACK (update_writable), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
}

/* From now on: one that comes late would be in the way of whoever waits for one. */
static void
share_connection (CbKeyView *self)
{
  g_autoptr (CbConnection) base = g_object_ref (self->base);
  g_autoptr (CbConnection) own = g_object_ref (self->connection);

  drop_connection (self);
  cb_connection_close (own);
  self->base = g_object_ref (base);
  self->connection = g_steal_pointer (&base);
  watch_connection (self);
}

static void
connection_cb (CbKeyView *self)
{
  CbConnection *base = self->other != NULL ? self->other : cb_session_get_connection (self->session);
  g_autoptr (CbConnection) old = NULL;

  if (base == self->base)
    return;
  if (self->connection != self->base)
    g_set_object (&old, self->connection);
  drop_connection (self);
  if (base != NULL)
    {
      self->base = g_object_ref (base);
      self->connection = cb_connection_new_sibling (base, "callboard-keys");
      self->has_own = FALSE;
      watch_connection (self);
    }
  /* Without a server nothing is left to be done. Else what is under way comes to its end and lets it go, but not what is being edited. */
  if (old != NULL && (base == NULL || is_modified (self)))
    cb_connection_close (old);
  update_writable (self);
  if (self->key != NULL && !is_modified (self))
    {
      g_autoptr (GBytes) key = g_bytes_ref (self->key);

      show_key (self, key);
    }
}

void
cb_key_view_refresh (CbKeyView *self)
{
  g_return_if_fail (CB_IS_KEY_VIEW (self));

  if (self->wanted == NULL)
    inspect (self);
}

/**
 * cb_key_view_set_connection:
 * @connection: (nullable): of another database than the session's, which keys are read from from now on; %NULL for the session's
 */
void
cb_key_view_set_connection (CbKeyView *self, CbConnection *connection)
{
  g_return_if_fail (CB_IS_KEY_VIEW (self));
  g_return_if_fail (connection == NULL || CB_IS_CONNECTION (connection));

  g_set_object (&self->other, connection);
  connection_cb (self);
}

/* Whether something is written and not stored. */
gboolean
cb_key_view_get_modified (CbKeyView *self)
{
  g_return_val_if_fail (CB_IS_KEY_VIEW (self), FALSE);
  return self->key != NULL && is_modified (self);
}

GBytes *
cb_key_view_get_key (CbKeyView *self)
{
  g_return_val_if_fail (CB_IS_KEY_VIEW (self), NULL);
  return self->key;
}

/**
 * cb_key_view_set_key:
 * @name: (nullable): the name of a key, %NULL for none
 *
 * When something is written and not stored, that is asked about first, in the view itself.
 */
void
cb_key_view_set_key (CbKeyView *self, GBytes *name)
{
  g_return_if_fail (CB_IS_KEY_VIEW (self));

  if (name != NULL && self->key != NULL && g_bytes_equal (name, self->key))
    {
      if (self->wanted != NULL)
        {
          g_clear_pointer (&self->wanted, g_bytes_unref);
          set_problem (self, NULL, NULL);
        }
      inspect (self);
    }
  else if (name != NULL && self->key != NULL && is_modified (self))
    {
      g_autofree char *here = display (self->key, 60);
      g_autofree char *there = display (name, 60);
      g_autofree char *text = g_strdup_printf (_ ("What you changed in “%s” is not stored yet."), here);
      g_autofree char *button = g_strdup_printf (_ ("Discard It and Show “%s”"), there);

      g_bytes_ref (name);
      g_clear_pointer (&self->wanted, g_bytes_unref);
      self->wanted = name;
      set_problem (self, text, button);
    }
  else
    {
      show_key (self, name);
    }
}

/**
 * cb_key_view_rename:
 * @name: what the key that is shown is called now
 */
void
cb_key_view_rename (CbKeyView *self, GBytes *name)
{
  g_return_if_fail (CB_IS_KEY_VIEW (self));
  g_return_if_fail (name != NULL);

  if (self->info == NULL)
    {
      show_key (self, name);
      return;
    }
  /* What would be undone was in a key of the old name. */
  set_undo (self, NULL);
  g_bytes_ref (name);
  g_clear_pointer (&self->key, g_bytes_unref);
  self->key = name;
  self->gone = FALSE;
  self->told = FALSE;
  cb_key_string_rename (self->string, name);
  cb_key_elements_rename (self->elements, name);
  update_name (self);
  inspect (self);
}

static void
cb_key_view_dispose (GObject *object)
{
  CbKeyView *self = CB_KEY_VIEW (object);

  g_clear_handle_id (&self->spinner_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->wanted, g_bytes_unref);
  g_clear_pointer (&self->info, cb_key_info_free);
  g_clear_pointer (&self->undo, cb_key_undo_free);
  drop_connection (self);
  g_clear_object (&self->other);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (cb_key_view_parent_class)->dispose (object);
}

static void
cb_key_view_map (GtkWidget *widget)
{
  CbKeyView *self = CB_KEY_VIEW (widget);

  GTK_WIDGET_CLASS (cb_key_view_parent_class)->map (widget);
  g_clear_handle_id (&self->rest_id, g_source_remove);
  if (self->key != NULL && self->connection != NULL && cb_connection_get_state (self->connection) == CB_CONNECTION_CLOSED)
    ensure_connection (self);
}

static void
cb_key_view_unmap (GtkWidget *widget)
{
  rest_later (CB_KEY_VIEW (widget));
  GTK_WIDGET_CLASS (cb_key_view_parent_class)->unmap (widget);
}

static void
cb_key_view_class_init (CbKeyViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_key_view_dispose;
  widget_class->map = cb_key_view_map;
  widget_class->unmap = cb_key_view_unmap;

  signals[KEY_GONE] = g_signal_new ("key-gone", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[KEY_CHANGED] = g_signal_new ("key-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_BYTES);

  g_type_ensure (CB_TYPE_KEY_ELEMENTS);
  g_type_ensure (CB_TYPE_KEY_EXPIRY);
  g_type_ensure (CB_TYPE_KEY_GROUPS);
  g_type_ensure (CB_TYPE_KEY_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-view.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, CbKeyView, child)
  BIND (stack);
  BIND (message);
  BIND (name_label);
  BIND (type_label);
  BIND (facts_label);
  BIND (expiry);
  BIND (read_only_label);
  BIND (problem_box);
  BIND (problem_label);
  BIND (problem_button);
  BIND (value_stack);
  BIND (switcher);
  BIND (string);
  BIND (elements);
  BIND (groups);
  BIND (unknown_label);
  BIND (undo_box);
  BIND (undo_label);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stale_cb);
  gtk_widget_class_bind_template_callback (widget_class, broken_cb);
  gtk_widget_class_bind_template_callback (widget_class, taken_cb);
  gtk_widget_class_bind_template_callback (widget_class, problem_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, undo_cb);
  gtk_widget_class_bind_template_callback (widget_class, undo_closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, expiry_change_cb);
  gtk_widget_class_bind_template_callback (widget_class, expiry_over_cb);
  gtk_widget_class_bind_template_callback (widget_class, refresh_cb);
}

static void
cb_key_view_init (CbKeyView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * cb_key_view_new:
 * @session: whose server it reads from
 *
 * Returns: (transfer floating): a view of no key
 */
GtkWidget *
cb_key_view_new (CbSession *session)
{
  CbKeyView *self;

  g_return_val_if_fail (CB_IS_SESSION (session), NULL);

  self = g_object_new (CB_TYPE_KEY_VIEW, NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::connection", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "rights-changed", G_CALLBACK (update_writable), self, G_CONNECT_SWAPPED);
  connection_cb (self);
  return GTK_WIDGET (self);
}
