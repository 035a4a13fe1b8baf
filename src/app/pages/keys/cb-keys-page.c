/* cb-keys-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

#include "cb-drop-down-name.h"
#include "cb-format.h"
#include "cb-settings.h"
#include "cb-wrap-box.h"

/* How often the number of keys beside the name of the page is asked for. */
#define COUNT_SECONDS 5
/* So many times rarer while another page is shown: then it is a number in the sidebar. */
#define COUNT_RARELY 4

G_DEFINE_FINAL_TYPE (CbKeysPage, cb_keys_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_SORT,
  PROP_DESCENDING,
  PROP_SEPARATOR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

CbConnection *
cb_keys_page_get_connection (CbKeysPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  if (self->other != NULL)
    return self->other;
  return session != NULL ? cb_session_get_connection (session) : NULL;
}

/* ---- how many keys there are ---- */

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeysPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  g_autofree char *status = NULL;
  gint64 n;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->count_cancellable);
  if (reply == NULL || !cb_value_get_integer (cb_reply_get_value (reply), &n))
    n = -1;
  if (n == self->n_keys)
    return;
  self->n_keys = n;
  /* Who may not ask for it still may look at keys. */
  status = n >= 0 ? cb_format_count (n) : NULL;
  g_object_set (self, "status", status, NULL);
}

void
cb_keys_page_count (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);

  if (connection == NULL || self->count_cancellable != NULL || cb_connection_get_state (connection) != CB_CONNECTION_READY)
    return;

  self->count_cancellable = g_cancellable_new ();
  cb_connection_call_async (connection, cb_command_new ("DBSIZE", NULL), self->count_cancellable, counted_cb,
                            g_object_ref (self));
}

static gboolean
count_cb (gpointer data)
{
  CbKeysPage *self = data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) || ++self->n_not_counted >= COUNT_RARELY)
    {
      self->n_not_counted = 0;
      cb_keys_page_count (self);
    }
  return G_SOURCE_CONTINUE;
}

/* ---- the session ---- */

void
cb_keys_page_connection_changed (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);

  cb_keys_page_update_database (self);
  cb_keys_page_update_server (self);
  if (connection == NULL)
    return;

  if (cb_connection_get_state (connection) == CB_CONNECTION_READY)
    {
      g_autofree char *subtitle = NULL;

      subtitle = g_strdup_printf (_ ("database %u"), cb_address_get_db (cb_connection_get_address (connection)));
      cb_page_set_subtitle (CB_PAGE (self), subtitle);
      cb_keys_page_count (self);
      if (!self->searched && gtk_widget_get_mapped (GTK_WIDGET (self)))
        cb_keys_page_search (self);
    }
  cb_keys_page_update_actions (self);
  cb_keys_page_update_search (self);
}

/* When somebody looks at the page first: it has an editor for each type of key, and the page itself is made before that, as it counts the keys. */
static void
ensure_view (CbKeysPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  if (self->view == NULL && session != NULL && cb_session_get_connection (session) != NULL)
    cb_keys_page_set_view (self, CB_KEY_VIEW (cb_key_view_new (session)));
}

static void
session_cb (CbKeysPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  CbConnection *connection = cb_session_get_connection (session);

  cb_keys_page_clear_database (self);
  g_signal_group_set_target (self->connection_signals, connection);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ensure_view (self);
  cb_key_lookup_set_session (self->lookup, session);
  cb_keys_page_connection_changed (self);
}

static void
cb_keys_page_set_up (CbPage *page, CbSession *session)
{
  CbKeysPage *self = CB_KEYS_PAGE (page);

  g_signal_connect_object (session, "notify::connection", G_CALLBACK (session_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "rights-changed", G_CALLBACK (cb_keys_page_update_actions), self, G_CONNECT_SWAPPED);
  session_cb (self);
  self->count_id = g_timeout_add_seconds (COUNT_SECONDS, count_cb, self);
}

static void
cb_keys_page_refresh (CbPage *page)
{
  CbKeysPage *self = CB_KEYS_PAGE (page);

  cb_keys_page_count (self);
  cb_keys_page_search (self);
  if (self->view != NULL)
    cb_key_view_refresh (self->view);
}

/* ---- what stands beside the list ---- */

static void
folded_cb (CbKeysPage *self)
{
  gtk_widget_set_visible (self->back_button, cb_list_detail_get_folded (self->panes));
  cb_keys_page_update_actions (self);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);

  if (!cb_list_detail_get_show_detail (self->panes))
    return;

  cb_list_detail_set_show_detail (self->panes, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
find_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_keys_page_start_find (CB_KEYS_PAGE (widget));
}

/* ---- object ---- */

static void
cb_keys_page_map (GtkWidget *widget)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);

  ensure_view (self);
  GTK_WIDGET_CLASS (cb_keys_page_parent_class)->map (widget);
  cb_clock_set_running (self->clock, TRUE);
  cb_keys_page_connection_changed (self);
}

static void
cb_keys_page_unmap (GtkWidget *widget)
{
  GSettings *settings = cb_settings_get_default ();
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  int width = 0;

  cb_clock_set_running (self->clock, FALSE);
  g_object_get (self->panes, "detail-width", &width, NULL);
  if (settings != NULL && width != g_settings_get_int (settings, "key-width"))
    g_settings_set_int (settings, "key-width", width);
  GTK_WIDGET_CLASS (cb_keys_page_parent_class)->unmap (widget);
}

static void
set_separator (CbKeysPage *self, const char *separator)
{
  GSettings *settings = cb_settings_get_default ();

  if (g_strcmp0 (self->separator, separator) == 0)
    return;

  g_free (self->separator);
  self->separator = g_strdup (separator);
  if (settings != NULL)
    g_settings_set_string (settings, "key-separator", separator);
  if (self->searched)
    cb_keys_page_search (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEPARATOR]);
}

static void
cb_keys_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbKeysPage *self = CB_KEYS_PAGE (object);

  switch (id)
    {
    case PROP_SORT:
      g_value_set_string (value, self->sort);
      break;
    case PROP_DESCENDING:
      g_value_set_boolean (value, self->descending);
      break;
    case PROP_SEPARATOR:
      g_value_set_string (value, self->separator);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_keys_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbKeysPage *self = CB_KEYS_PAGE (object);

  switch (id)
    {
    case PROP_SORT:
      if (g_strcmp0 (self->sort, g_value_get_string (value)) != 0)
        {
          cb_keys_page_set_sort (self, g_value_get_string (value));
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_DESCENDING:
      if (self->descending != g_value_get_boolean (value))
        {
          self->descending = g_value_get_boolean (value);
          cb_keys_page_sort (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_SEPARATOR:
      set_separator (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_keys_page_dispose (GObject *object)
{
  CbKeysPage *self = CB_KEYS_PAGE (object);

  self->selecting = TRUE;
  g_clear_handle_id (&self->count_id, g_source_remove);
  g_clear_handle_id (&self->click_id, g_source_remove);
  if (self->count_cancellable != NULL)
    g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
  cb_keys_page_clear_server (self);
  cb_keys_page_clear_database (self);
  cb_keys_page_stop_search (self);
  g_clear_object (&self->finder_signals);
  g_clear_object (&self->connection_signals);
  cb_clock_set_running (self->clock, FALSE);
  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->menu));
  self->menu = NULL;
  cb_key_lookup_clear (self->lookup);
  self->view = NULL;

  G_OBJECT_CLASS (cb_keys_page_parent_class)->dispose (object);
}

static void
cb_keys_page_finalize (GObject *object)
{
  CbKeysPage *self = CB_KEYS_PAGE (object);

  g_clear_object (&self->tree);
  g_clear_object (&self->lookup);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->wanted, g_bytes_unref);
  g_clear_pointer (&self->renamed_from, g_bytes_unref);
  g_clear_pointer (&self->renamed_to, g_bytes_unref);
  g_free (self->run_id);
  g_free (self->separator);
  g_free (self->sort);

  G_OBJECT_CLASS (cb_keys_page_parent_class)->finalize (object);
}

static void
cb_keys_page_class_init (CbKeysPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_keys_page_get_property;
  object_class->set_property = cb_keys_page_set_property;
  object_class->dispose = cb_keys_page_dispose;
  object_class->finalize = cb_keys_page_finalize;
  widget_class->map = cb_keys_page_map;
  widget_class->unmap = cb_keys_page_unmap;
  CB_PAGE_CLASS (klass)->set_up = cb_keys_page_set_up;
  CB_PAGE_CLASS (klass)->refresh = cb_keys_page_refresh;

  properties[PROP_SORT] = g_param_spec_string ("sort", NULL, NULL, NULL,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_DESCENDING] =
    g_param_spec_boolean ("descending", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SEPARATOR] =
    g_param_spec_string ("separator", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CB_TYPE_LIST_DETAIL);
  g_type_ensure (CB_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-keys-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, panes);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, database_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, type_dropdown);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, expiry_dropdown);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, tree_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, flat_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, view_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, kind_revealer);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, kind_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, kind_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, exact_revealer);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, exact_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, list_view);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, list_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, problem_page);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, problem_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, progress_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, selection_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, row_menu);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, new_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, key_bar);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, key_buttons);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, delete_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, detail_stack);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, view_bin);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, folder_page);
  gtk_widget_class_bind_template_child (widget_class, CbKeysPage, many_page);
  cb_keys_page_install_search (widget_class);
  cb_keys_page_install_list (widget_class);
  cb_keys_page_install_actions (widget_class);
  cb_keys_page_install_many (widget_class);

  gtk_widget_class_install_property_action (widget_class, "keys.sort", "sort");
  gtk_widget_class_install_property_action (widget_class, "keys.descending", "descending");
  gtk_widget_class_install_property_action (widget_class, "keys.separator", "separator");
  gtk_widget_class_install_action (widget_class, "keys.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "keys.find", NULL, find_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "keys.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "keys.back", NULL);
}

static void
cb_keys_page_init (CbKeysPage *self)
{
  GSettings *settings = cb_settings_get_default ();

  self->n_keys = -1;
  self->sort = g_strdup ("name");
  self->separator = settings != NULL ? g_settings_get_string (settings, "key-separator") : g_strdup (":");
  self->clock = cb_clock_new ();
  self->tree = cb_key_tree_new ();
  self->lookup = cb_key_lookup_new ();
  self->connection_signals = g_signal_group_new (CB_TYPE_CONNECTION);
  g_signal_group_connect_swapped (self->connection_signals, "notify::state", G_CALLBACK (cb_keys_page_connection_changed), self);
  g_signal_group_connect_swapped (self->connection_signals, "notify::read-only", G_CALLBACK (cb_keys_page_connection_changed), self);

  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (self->type_dropdown);
  cb_drop_down_use_name (self->expiry_dropdown);

  cb_keys_page_set_up_database (self);
  cb_keys_page_set_up_search (self);
  cb_keys_page_set_up_list (self);
  g_signal_connect_object (self->panes, "notify::folded", G_CALLBACK (folded_cb), self, G_CONNECT_SWAPPED);
  if (settings != NULL)
    g_object_set (self->panes, "detail-width", g_settings_get_int (settings, "key-width"), NULL);
}

void
cb_keys_page_start_find (CbKeysPage *self)
{
  g_return_if_fail (CB_IS_KEYS_PAGE (self));

  cb_list_detail_set_show_detail (self->panes, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

void
cb_keys_page_open_key (CbKeysPage *self, GBytes *name)
{
  g_clear_pointer (&self->wanted, g_bytes_unref);
  self->wanted = g_bytes_ref (name);
  ensure_view (self);
  if (self->view != NULL)
    {
      cb_key_view_set_key (self->view, name);
      gtk_stack_set_visible_child_name (self->detail_stack, "key");
    }
  cb_keys_page_update_actions (self);
  cb_list_detail_set_show_detail (self->panes, TRUE);
  cb_keys_page_select_wanted (self);
}

/* Back to the session's database; FALSE when the one that is shown can't be left yet, which the popover says. */
static gboolean
return_to_database (CbKeysPage *self)
{
  CbConnection *connection = cb_session_get_connection (cb_page_get_session (CB_PAGE (self)));

  if (self->other == NULL)
    return TRUE;

  cb_keys_page_set_database (self, cb_address_get_db (cb_connection_get_address (connection)));
  if (self->other == NULL)
    return TRUE;
  gtk_menu_button_popup (self->database_button);
  cb_keys_page_set_database (self, cb_address_get_db (cb_connection_get_address (connection)));
  return FALSE;
}

/**
 * cb_keys_page_show_key:
 * @name: a key of the session's database, whether it is in the list or not
 *
 * It is shown beside the list, and selected in it when it is there, or comes.
 */
void
cb_keys_page_show_key (CbKeysPage *self, GBytes *name)
{
  g_return_if_fail (CB_IS_KEYS_PAGE (self));

  if (return_to_database (self))
    cb_keys_page_open_key (self, name);
}

/**
 * cb_keys_page_find:
 * @text: what to look for in the session's database, as it would be typed: a pattern when it has the signs of one
 *
 * All keys that match are looked for, of whatever type, and however long they live.
 */
void
cb_keys_page_find (CbKeysPage *self, const char *text)
{
  g_return_if_fail (CB_IS_KEYS_PAGE (self));
  g_return_if_fail (text != NULL);

  if (!return_to_database (self))
    return;

  self->literal = FALSE;
  gtk_drop_down_set_selected (self->type_dropdown, 0);
  gtk_drop_down_set_selected (self->expiry_dropdown, 0);
  cb_list_detail_set_show_detail (self->panes, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
}
