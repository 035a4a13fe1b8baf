/* cb-keys-search.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"
#include "cb-key-weights.h"
#include "cb-settings.h"

#define SPINNER_DELAY_MSEC 300
/* Numbers that change more often can't be read. */
#define PROGRESS_MSEC 100
/* So many rows are always in sight. */
#define NEAR_TOP 10

static const struct
{
  const char *label;
  const char *type;           /* NULL: all */
} types[] = {
  { N_ ("All types"), NULL },
  { "string", "string" },
  { "list", "list" },
  { "hash", "hash" },
  { "set", "set" },
  { "zset", "zset" },
  { "stream", "stream" },
  { "JSON", "ReJSON-RL" },
};

static const struct
{
  const char *label;
  CbKeyExpiry expiry;
  gint64 within_msec;
} expiries[] = {
  { N_ ("Any time to live"), CB_KEY_EXPIRY_ANY, 0 },
  { N_ ("Never expire"), CB_KEY_EXPIRY_NONE, 0 },
  { N_ ("Expire in a minute"), CB_KEY_EXPIRY_WITHIN, 60 * 1000 },
  { N_ ("Expire in an hour"), CB_KEY_EXPIRY_WITHIN, 60 * 60 * 1000 },
  { N_ ("Expire in a day"), CB_KEY_EXPIRY_WITHIN, 24 * 60 * 60 * 1000 },
  { N_ ("Expire in a week"), CB_KEY_EXPIRY_WITHIN, 7 * 24 * 60 * 60 * 1000 },
};

/* ---- what is looked for ---- */

/* Whether a text could be meant as a pattern. What it is taken for stands below it, and can be changed there. */
static gboolean
looks_like_pattern (const char *text)
{
  return strpbrk (text, "*?[") != NULL;
}

static void
update_kind (CbKeysPage *self, const char *text)
{
  gtk_label_set_label (self->kind_label, self->literal ? _ ("Searched as plain text") : _ ("Searched as a pattern"));
  gtk_button_set_label (self->kind_button, self->literal ? _ ("Use as Pattern") : _ ("Use as Text"));
  gtk_revealer_set_reveal_child (self->kind_revealer, looks_like_pattern (text));
}

static void
kind_clicked_cb (CbKeysPage *self)
{
  self->literal = !self->literal;
  cb_keys_page_search (self);
}

/* A pattern as it is typed, with \xNN for the bytes that can't be typed. */
static GBytes *
parse_pattern (const char *text)
{
  GByteArray *pattern = g_byte_array_new ();

  for (const char *at = text; *at != '\0';)
    {
      if (at[0] == '\\' && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]))
        {
          g_autofree char *escape = g_strndup (at, 4);
          g_autoptr (GBytes) byte = cb_key_name_parse (escape);
          g_autoptr (GBytes) literal = cb_key_pattern_escape (byte, FALSE);

          g_byte_array_append (pattern, g_bytes_get_data (literal, NULL), g_bytes_get_size (literal));
          at += 4;
        }
      else
        {
          g_byte_array_append (pattern, (const guint8 *) at, 1);
          at++;
        }
    }
  return g_byte_array_free_to_bytes (pattern);
}

static const char *
get_text (CbKeysPage *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

static gboolean
is_filtered (CbKeysPage *self)
{
  return *get_text (self) != '\0' || gtk_drop_down_get_selected (self->type_dropdown) > 0 ||
         gtk_drop_down_get_selected (self->expiry_dropdown) > 0;
}

/* ---- how it is going ---- */

static gboolean
show_spinner_cb (gpointer data)
{
  CbKeysPage *self = data;

  self->spinner_id = 0;
  gtk_stack_set_visible_child_name (self->list_stack, "loading");
  return G_SOURCE_REMOVE;
}

static void
show_list_view (CbKeysPage *self, const char *name)
{
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  gtk_stack_set_visible_child_name (self->list_stack, name);
}

static void
update_list_view (CbKeysPage *self)
{
  const GError *error = self->finder != NULL ? cb_key_finder_get_error (self->finder) : NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->tree));
  CbConnection *connection = cb_keys_page_get_connection (self);

  if (n > 0)
    {
      show_list_view (self, "list");
    }
  else if (error != NULL)
    {
      g_autofree char *text = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->problem_page, text);
      show_list_view (self, "problem");
    }
  else if (self->finder != NULL && cb_key_finder_get_done (self->finder))
    {
      adw_status_page_set_title (self->empty_page, is_filtered (self) ? _ ("No Key Matches") : _ ("No Keys"));
      adw_status_page_set_description (self->empty_page,
                                       is_filtered (self) ? NULL : _ ("This database is empty. Keys appear here when somebody writes them."));
      show_list_view (self, "empty");
    }
  else if (self->finder == NULL && connection == NULL)
    {
      adw_status_page_set_title (self->empty_page, _ ("No Server"));
      adw_status_page_set_description (self->empty_page, _ ("There are keys only where there is a connection to a server."));
      show_list_view (self, "empty");
    }
  else if (self->spinner_id == 0 && g_strcmp0 (gtk_stack_get_visible_child_name (self->list_stack), "loading") != 0)
    {
      gtk_stack_set_visible_child_name (self->list_stack, "blank");
      self->spinner_id = g_timeout_add (SPINNER_DELAY_MSEC, show_spinner_cb, self);
    }
}

static char *
dup_progress (CbKeysPage *self)
{
  guint64 n_scanned = cb_key_finder_get_n_scanned (self->finder);
  guint64 n_total = cb_key_finder_get_n_total (self->finder);
  guint n = cb_key_store_count_keys (cb_key_finder_get_store (self->finder), CB_FOLDER_ROOT);
  g_autofree char *found = cb_format_exact_count (n);
  g_autofree char *scanned = cb_format_exact_count ((gint64) n_scanned);
  g_autofree char *total = cb_format_exact_count ((gint64) n_total);
  g_autofree char *of = NULL;

  if (cb_key_finder_get_done (self->finder))
    {
      if (is_filtered (self))
        /* Translators: two numbers of keys */
        return g_strdup_printf (_ ("%s of %s keys match"), found, scanned);
      return g_strdup_printf (ngettext ("%s key", "%s keys", n), found);
    }

  of = n_total > 0
         /* Translators: two numbers of keys, as in "120,000 of 1,204,331 scanned" */
         ? g_strdup_printf (_ ("%s of %s scanned"), scanned, total)
         : g_strdup_printf (_ ("%s scanned"), scanned);
  if (is_filtered (self))
    /* Translators: a number of keys, and how many were looked at */
    return g_strdup_printf (_ ("%s found · %s"), found, of);
  return g_steal_pointer (&of);
}

/* What the order is, where it is not the usual one. */
static const char *
get_order (CbKeysPage *self)
{
  guint n = cb_key_store_get_length (cb_key_finder_get_store (self->finder));

  if (g_str_equal (self->sort, "name"))
    return NULL;
  if (self->weigh_cancellable != NULL)
    return _ ("sorting…");
  if (self->weights == NULL)
    return _ ("sorted by name");
  if (n > CB_KEY_WEIGHTS_MOST)
    return _ ("the first 100,000 sorted");
  return g_str_equal (self->sort, "type") ? _ ("sorted by type")
         : g_str_equal (self->sort, "ttl") ? _ ("sorted by time to live")
                                           : _ ("sorted by size");
}

/* The banner of the window says why; here it is about the list. */
static gboolean
is_away (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);

  return connection != NULL && self->searched && cb_connection_get_state (connection) != CB_CONNECTION_READY;
}

static void
update_progress (CbKeysPage *self)
{
  gboolean running = self->finder != NULL && cb_key_finder_get_running (self->finder);
  const GError *error = self->finder != NULL ? cb_key_finder_get_error (self->finder) : NULL;
  gboolean stopped = self->finder != NULL && !running && !cb_key_finder_get_done (self->finder);
  guint64 n_total = self->finder != NULL ? cb_key_finder_get_n_total (self->finder) : 0;
  g_autofree char *numbers = self->finder != NULL ? dup_progress (self) : NULL;
  gboolean away = is_away (self);
  const char *order = away ? _ ("not connected, as it was last seen") : self->finder != NULL ? get_order (self) : NULL;
  g_autofree char *text = numbers != NULL && order != NULL ? g_strdup_printf ("%s · %s", numbers, order) : g_strdup (numbers);

  self->progress_at = g_get_monotonic_time ();
  gtk_label_set_label (self->progress_label, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->progress_label), error != NULL ? error->message : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), running || stopped);
  if (n_total > 0)
    gtk_progress_bar_set_fraction (self->progress_bar,
                                   MIN ((double) cb_key_finder_get_n_scanned (self->finder) / (double) n_total, 1));
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), (running || stopped) && !away);
  gtk_button_set_label (self->stop_button, running ? _ ("Stop") : _ ("Go On"));
  cb_key_tree_count (self->tree);
  cb_keys_page_update_folder (self);
}

static gboolean
progress_cb (gpointer data)
{
  CbKeysPage *self = data;

  self->progress_id = 0;
  update_progress (self);
  return G_SOURCE_REMOVE;
}

static void
weighed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeysPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) weights = cb_key_weights_finish (CB_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->weigh_cancellable);
  if (weights != NULL)
    {
      self->weights = g_steal_pointer (&weights);
      cb_keys_page_sort (self);
    }
  update_progress (self);
}

static void
stop_weighing (CbKeysPage *self)
{
  if (self->weigh_cancellable != NULL)
    g_cancellable_cancel (self->weigh_cancellable);
  g_clear_object (&self->weigh_cancellable);
  g_clear_pointer (&self->weights, g_array_unref);
}

/* Only when all keys are there: those that came later would not be asked about. */
static void
weigh (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);

  if (g_str_equal (self->sort, "name") || self->weigh_cancellable != NULL || self->weights != NULL || connection == NULL ||
      self->finder == NULL || cb_key_finder_get_running (self->finder))
    return;

  self->weigh_cancellable = g_cancellable_new ();
  cb_key_weights_async (connection, cb_key_finder_get_store (self->finder),
                        g_str_equal (self->sort, "type")  ? CB_KEY_WEIGHT_TYPE
                        : g_str_equal (self->sort, "ttl") ? CB_KEY_WEIGHT_TTL
                                                          : CB_KEY_WEIGHT_MEMORY,
                        self->weigh_cancellable, weighed_cb, g_object_ref (self));
}

void
cb_keys_page_set_sort (CbKeysPage *self, const char *sort)
{
  g_free (self->sort);
  self->sort = g_strdup (sort);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_scroller), 0);
  stop_weighing (self);
  cb_key_lookup_set_memory (self->lookup, g_str_equal (sort, "size"));
  weigh (self);
  cb_keys_page_sort (self);
  cb_keys_page_look_again (self);
  update_progress (self);
}

/* A batch came, some hundred times a second. */
static void
scanned_cb (CbKeysPage *self)
{
  if (self->progress_id == 0)
    self->progress_id = g_timeout_add (PROGRESS_MSEC, progress_cb, self);
}

static void
finder_cb (CbKeysPage *self)
{
  /* It goes on: what came until now is in order, but what comes is not. */
  if (self->finder != NULL && cb_key_finder_get_running (self->finder)
      && (self->weights != NULL || self->weigh_cancellable != NULL))
    {
      stop_weighing (self);
      cb_keys_page_sort (self);
    }
  if (self->finder != NULL && !cb_key_finder_get_running (self->finder))
    weigh (self);

  update_progress (self);
  update_list_view (self);
}

/* A view goes with the row that is its first, which may be anywhere when rows were put in order; who looks at the beginning, and has
 * chosen nothing far from it, goes on to look at the beginning. */
static void
stay_at_top (CbKeysPage *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));

  if (gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->list_scroller)) < 1 &&
      g_list_model_get_n_items (G_LIST_MODEL (self->tree)) > 0 &&
      (gtk_bitset_is_empty (selected) || gtk_bitset_get_minimum (selected) < NEAR_TOP))
    gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u", 0);
}

/* Where the list is empty until the first keys come, and what was to be selected may be among them. */
static void
rows_cb (CbKeysPage *self, guint position, guint removed, guint added)
{
  if (removed > 0 || position < NEAR_TOP)
    stay_at_top (self);
  if (added > 0 && self->wanted != NULL)
    cb_keys_page_select_wanted (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->tree)) == added || added == 0)
    update_list_view (self);
  if (removed > 0 && g_list_model_get_n_items (G_LIST_MODEL (self->tree)) == 0 && !self->selecting)
    cb_keys_page_update_selection (self);
}

void
cb_keys_page_update_search (CbKeysPage *self)
{
  update_progress (self);
  update_list_view (self);
}

/* ---- the one of exactly this name ---- */

static void
set_exact (CbKeysPage *self, GBytes *name)
{
  g_autofree char *label = NULL;
  gsize length;
  const char *bytes;

  g_clear_pointer (&self->exact_name, g_bytes_unref);
  gtk_revealer_set_reveal_child (self->exact_revealer, name != NULL);
  if (name == NULL)
    return;

  self->exact_name = g_bytes_ref (name);
  bytes = g_bytes_get_data (name, &length);
  label = cb_key_name_display (bytes != NULL ? bytes : "", length, 300);
  gtk_label_set_label (self->exact_label, label);
}

static void
open_exact (CbKeysPage *self)
{
  if (self->exact_name != NULL)
    cb_keys_page_open_key (self, self->exact_name);
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
exact_cb (CbKeysPage *self)
{
  gsize length;
  const char *bytes;
  g_autoptr (GBytes) name = NULL;

  if (cb_key_finder_get_running (self->exact))
    return;

  if (cb_key_store_get_length (cb_key_finder_get_store (self->exact)) > 0)
    {
      bytes = cb_key_store_get_name (cb_key_finder_get_store (self->exact), 0, &length);
      name = g_bytes_new (bytes, length);
    }
  set_exact (self, name);
  if (self->open_exact)
    {
      self->open_exact = FALSE;
      open_exact (self);
    }
}

static void
stop_exact (CbKeysPage *self)
{
  if (self->exact == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->exact, self);
  cb_key_finder_stop (self->exact);
  g_clear_object (&self->exact);
}

static void
search_exact (CbKeysPage *self)
{
  CbKeyQuery query = { .match = CB_KEY_MATCH_NAME };
  g_autoptr (GBytes) name = NULL;

  stop_exact (self);
  if (*get_text (self) == '\0')
    {
      self->open_exact = FALSE;
      set_exact (self, NULL);
      return;
    }

  name = cb_key_name_parse (get_text (self));
  query.text = name;
  self->exact = cb_key_finder_new (cb_keys_page_get_connection (self), &query, NULL);
  g_signal_connect_swapped (self->exact, "notify::running", G_CALLBACK (exact_cb), self);
  cb_key_finder_start (self->exact);
}

static void
exact_clicked_cb (CbKeysPage *self)
{
  if (self->exact_name != NULL)
    cb_keys_page_open_key (self, self->exact_name);
}

/* ---- all that match ---- */

void
cb_keys_page_stop_search (CbKeysPage *self)
{
  g_clear_handle_id (&self->progress_id, g_source_remove);
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  stop_exact (self);
  self->open_exact = FALSE;
  stop_weighing (self);
  g_clear_pointer (&self->exact_name, g_bytes_unref);
  if (self->finder_signals != NULL)
    g_signal_group_set_target (self->finder_signals, NULL);
  if (self->finder != NULL)
    cb_key_finder_stop (self->finder);
  g_clear_object (&self->finder);
}

/* Looks again from the beginning. What is selected and expanded is so again when it comes. */
void
cb_keys_page_search (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);
  guint type = gtk_drop_down_get_selected (self->type_dropdown);
  guint expiry = gtk_drop_down_get_selected (self->expiry_dropdown);
  const char *text = get_text (self);
  gboolean flat = !gtk_toggle_button_get_active (self->tree_button);
  g_autoptr (CbKeyFinder) finder = NULL;
  g_autoptr (CbKeyItem) item = NULL;
  g_autoptr (GBytes) bytes = NULL;
  CbKeyQuery query = { 0, };

  update_kind (self, text);
  if (connection == NULL)
    return;

  self->searched = TRUE;
  if (*text != '\0')
    {
      gboolean pattern = looks_like_pattern (text) && !self->literal;

      query.match = pattern ? CB_KEY_MATCH_PATTERN : CB_KEY_MATCH_LITERAL;
      bytes = pattern ? parse_pattern (text) : cb_key_name_parse (text);
      query.text = bytes;
    }
  query.type = type < G_N_ELEMENTS (types) ? types[type].type : NULL;
  if (expiry < G_N_ELEMENTS (expiries))
    {
      query.expiry = expiries[expiry].expiry;
      query.within_msec = expiries[expiry].within_msec;
    }

  item = cb_keys_page_dup_selected_item (self);
  if (item != NULL && !cb_key_item_is_folder (item) && self->wanted == NULL)
    self->wanted = cb_key_item_dup_name (item);

  finder = cb_key_finder_new (connection, &query, self->separator);
  if (self->finder != NULL)
    cb_key_finder_stop (self->finder);
  self->selecting = TRUE;
  cb_key_lookup_clear (self->lookup);
  stop_weighing (self);
  cb_keys_page_sort (self);
  g_set_object (&self->finder, finder);
  g_signal_group_set_target (self->finder_signals, finder);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_scroller), 0);
  cb_key_tree_set_finder (self->tree, finder, flat);
  self->selecting = FALSE;
  if (self->wanted == NULL)
    cb_keys_page_update_selection (self);
  cb_key_finder_start (finder);
  search_exact (self);
  cb_keys_page_update_search (self);
}

static void
search_changed_cb (CbKeysPage *self)
{
  if (self->searched)
    cb_keys_page_search (self);
}

/* Enter: to the one that is called like this, else into the list. Who types fast is not known to have a name yet. */
static void
search_activated_cb (CbKeysPage *self)
{
  g_autoptr (GBytes) name = cb_key_name_parse (get_text (self));

  if (*get_text (self) == '\0' || cb_keys_page_get_connection (self) == NULL
      || (self->exact_name != NULL && g_bytes_equal (self->exact_name, name)))
    {
      open_exact (self);
      return;
    }

  search_exact (self);
  self->open_exact = TRUE;
}

static void
search_stopped_cb (CbKeysPage *self)
{
  self->literal = FALSE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
tree_toggled_cb (CbKeysPage *self)
{
  GSettings *settings = cb_settings_get_default ();
  gboolean tree = gtk_toggle_button_get_active (self->tree_button);
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);

  if (settings != NULL && tree != g_settings_get_boolean (settings, "key-tree"))
    g_settings_set_boolean (settings, "key-tree", tree);
  if (self->finder == NULL)
    return;

  /* The keys are there, they are only shown in another way. */
  if (item != NULL && !cb_key_item_is_folder (item) && self->wanted == NULL)
    self->wanted = cb_key_item_dup_name (item);
  self->selecting = TRUE;
  cb_key_lookup_clear (self->lookup);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_scroller), 0);
  cb_key_tree_set_finder (self->tree, self->finder, !tree);
  self->selecting = FALSE;
  if (self->wanted == NULL)
    cb_keys_page_update_selection (self);
  cb_keys_page_select_wanted (self);
  update_list_view (self);
}

static void
go_on_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);

  if (self->finder == NULL || cb_key_finder_get_done (self->finder))
    return;
  if (cb_key_finder_get_running (self->finder))
    cb_key_finder_stop (self->finder);
  else
    cb_key_finder_start (self->finder);
}

static void
stop_clicked_cb (CbKeysPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "keys.go-on", NULL);
}

static void
fill (GtkDropDown *dropdown, const char *const *labels)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (labels);

  gtk_drop_down_set_model (dropdown, G_LIST_MODEL (list));
}

void
cb_keys_page_sort (CbKeysPage *self)
{
  cb_key_tree_set_sorted (self->tree, TRUE, self->weights, self->descending);
}

void
cb_keys_page_set_up_search (CbKeysPage *self)
{
  GSettings *settings = cb_settings_get_default ();
  const char *type_labels[G_N_ELEMENTS (types) + 1] = { NULL };
  const char *expiry_labels[G_N_ELEMENTS (expiries) + 1] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    type_labels[i] = types[i].type == NULL ? _ (types[i].label) : types[i].label;
  for (gsize i = 0; i < G_N_ELEMENTS (expiries); i++)
    expiry_labels[i] = _ (expiries[i].label);
  fill (self->type_dropdown, type_labels);
  fill (self->expiry_dropdown, expiry_labels);
  if (settings != NULL)
    {
      gboolean tree = g_settings_get_boolean (settings, "key-tree");

      gtk_toggle_button_set_active (tree ? self->tree_button : self->flat_button, TRUE);
    }

  self->finder_signals = g_signal_group_new (CB_TYPE_KEY_FINDER);
  g_signal_group_connect_swapped (self->finder_signals, "notify::n-scanned", G_CALLBACK (scanned_cb), self);
  g_signal_group_connect_swapped (self->finder_signals, "notify::n-total", G_CALLBACK (scanned_cb), self);
  g_signal_group_connect_swapped (self->finder_signals, "notify::running", G_CALLBACK (finder_cb), self);
  g_signal_group_connect_swapped (self->finder_signals, "notify::done", G_CALLBACK (finder_cb), self);
  g_signal_group_connect_swapped (self->finder_signals, "notify::error-message", G_CALLBACK (finder_cb), self);
  g_signal_connect_object (self->tree, "items-changed", G_CALLBACK (rows_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->type_dropdown, "notify::selected", G_CALLBACK (search_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->expiry_dropdown, "notify::selected", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  cb_keys_page_sort (self);
}

void
cb_keys_page_install_search (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_stopped_cb);
  gtk_widget_class_bind_template_callback (widget_class, kind_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, exact_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, tree_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_clicked_cb);
  gtk_widget_class_install_action (widget_class, "keys.go-on", NULL, go_on_action);
}
