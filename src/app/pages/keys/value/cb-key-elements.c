/* cb-key-elements.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-elements.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-ask.h"
#include "cb-bytes-editor.h"
#include "cb-drop-down-name.h"
#include "cb-form-memory.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-key-add.h"
#include "cb-key-conflict.h"
#include "cb-element-items.h"
#include "cb-key-list.h"
#include "cb-refusal.h"
#include "cb-text-scale.h"

#define FILTER_MSEC 250

/* Pixels of the columns that don't take what is left. A score has up to 24 characters. */
#define FIELD_WIDTH 150
#define INDEX_WIDTH 90
#define ID_WIDTH 210
#define SCORE_WIDTH 200

struct _CbKeyElements
{
  GtkWidget parent_instance;

  CbConnection *connection;   /* (owned) (nullable) */
  GBytes *key;                /* (owned) (nullable) */
  char *type;                 /* (owned) (nullable) */
  gint64 size;
  gboolean writable;
  char *refusal;              /* (owned) (nullable): why it is not writable */
  CbElementItems *items;          /* (owned) (nullable) */
  CbElementItem *item;            /* (owned) (nullable): the one in the editor */
  GBytes *shown;              /* (owned) (nullable): its value when it was put there */
  gboolean selecting;         /* the selection is being set, not made */
  guint filter_id;
  GCancellable *cancellable;  /* (owned): until another key is shown */

  GtkWidget *box;             /* (owned): the only child */
  GtkSearchEntry *filter_entry;
  GtkMenuButton *add_button;
  CbKeyAdd *add;
  GtkLabel *error_label;
  GtkColumnView *view;
  GtkSingleSelection *selection;
  GtkColumnViewColumn *name_column;
  GtkColumnViewColumn *value_column;
  GtkLabel *count_label;
  GtkWidget *more_button;
  GtkWidget *spinner;
  GtkPaned *paned;
  GtkWidget *editor_box;
  CbBytesEditor *editor;
  CbKeyConflict *conflict;
  GtkDropDown *field_drop;
  GtkWidget *score_box;
  GtkEntry *score_entry;
  GtkWidget *rename_button;
  GtkPopover *rename_popover;
  GtkEntry *rename_entry;
  GtkWidget *delete_button;
};

G_DEFINE_FINAL_TYPE (CbKeyElements, cb_key_elements, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  STALE,
  BROKEN,
  TAKEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_type (CbKeyElements *self, const char *type)
{
  return g_strcmp0 (self->type, type) == 0;
}

/* --- errors --- */

static void
set_error (CbKeyElements *self, const char *message)
{
  cb_announce_problem (self->error_label, message);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), message != NULL);
}

/* FALSE when who asked is gone. */
static gboolean
tell (CbKeyElements *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  set_error (self, error->message);
  if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE) || g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE))
    g_signal_emit (self, signals[STALE], 0);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL))
    g_signal_emit (self, signals[BROKEN], 0);
  return TRUE;
}

/* --- the line below the rows --- */

static void
update_count (CbKeyElements *self)
{
  guint n;
  g_autofree char *shown = NULL;
  g_autofree char *all = NULL;
  g_autofree char *text = NULL;
  gboolean loading;
  gboolean filtered = *gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)) != '\0';

  if (self->items == NULL)
    return;
  n = g_list_model_get_n_items (G_LIST_MODEL (self->items));
  loading = cb_element_items_is_loading (self->items);
  shown = cb_format_exact_count (n);
  all = cb_format_exact_count (MAX (self->size, (gint64) n));
  if (filtered)
    {
      gint64 n_read = (gint64) cb_element_items_get_n_read (self->items);
      g_autofree char *looked_at = cb_format_exact_count (cb_element_items_is_complete (self->items) ? MAX (self->size, (gint64) n)
                                                                                                     : MIN (n_read, self->size));

      /* Translators: a filter: how many match, how many were looked at, how many there are */
      text = g_strdup_printf (_ ("%s match; %s of %s looked at"), shown, looked_at, all);
    }
  else
    {
      /* What they are called stands above: fields, members, entries. */
      text = g_strdup_printf (_ ("%s of %s shown"), shown, cb_element_items_is_complete (self->items) ? shown : all);
    }
  gtk_label_set_label (self->count_label, text);
  gtk_widget_set_visible (self->spinner, loading && n == 0);
  gtk_widget_set_visible (self->more_button, !cb_element_items_is_complete (self->items));
  gtk_widget_set_sensitive (self->more_button, !loading);
}

static void
items_state_cb (CbKeyElements *self)
{
  const GError *error = cb_element_items_get_gerror (self->items);

  if (error != NULL)
    tell (self, error);
  update_count (self);
}

static void
more_cb (CbKeyElements *self)
{
  if (self->items != NULL)
    cb_element_items_load_more (self->items);
}

static void
edge_cb (CbKeyElements *self, GtkPositionType position)
{
  if (position == GTK_POS_BOTTOM)
    more_cb (self);
}

static gboolean
filter_cb (gpointer user_data)
{
  CbKeyElements *self = user_data;

  self->filter_id = 0;
  if (self->items != NULL)
    {
      set_error (self, NULL);
      cb_element_items_set_filter (self->items, gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)));
      update_count (self);
    }
  return G_SOURCE_REMOVE;
}

static void
filter_changed_cb (CbKeyElements *self)
{
  g_clear_handle_id (&self->filter_id, g_source_remove);
  self->filter_id = g_timeout_add (FILTER_MSEC, filter_cb, self);
}

/* --- cells --- */

static void
update_cell (GtkListItem *list_item, CbElementItem *item, gboolean is_name)
{
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (list_item));
  g_autofree char *text = is_name ? cb_element_item_dup_name_label (item) : cb_element_item_dup_value_label (item);

  g_autofree char *shown = cb_direction_dup (text);

  gtk_label_set_label (label, shown);
}

static void
value_changed_cb (CbElementItem *item, GtkListItem *list_item)
{
  update_cell (list_item, item, FALSE);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_list_item_set_child (list_item, label);
}

static void
bind_name_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  update_cell (list_item, gtk_list_item_get_item (list_item), TRUE);
  gtk_widget_add_css_class (gtk_list_item_get_child (list_item), "dim-label");
}

static void
bind_value_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  CbElementItem *item = gtk_list_item_get_item (list_item);

  update_cell (list_item, item, FALSE);
  g_signal_connect_object (item, "changed", G_CALLBACK (value_changed_cb), list_item, 0);
}

static void
unbind_value_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), value_changed_cb, list_item);
}

static GtkListItemFactory *
create_factory (gboolean is_name)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", is_name ? G_CALLBACK (bind_name_cb) : G_CALLBACK (bind_value_cb), NULL);
  if (!is_name)
    g_signal_connect (factory, "unbind", G_CALLBACK (unbind_value_cb), NULL);
  return factory;
}

/* --- the chosen element --- */

/* What the editor has in it: a value, or of sets the member itself. */
static GBytes *
get_edited (CbKeyElements *self)
{
  GPtrArray *fields = cb_element_item_get_fields (self->item);
  guint selected = gtk_drop_down_get_selected (self->field_drop);

  if (fields != NULL)
    return selected != GTK_INVALID_LIST_POSITION && selected * 2 + 1 < fields->len ? fields->pdata[selected * 2 + 1] : NULL;
  if (is_type (self, "set") || is_type (self, "zset"))
    return cb_element_item_get_name (self->item);
  return cb_element_item_get_value (self->item);
}

static GBytes *
get_part (CbKeyElements *self)
{
  GPtrArray *fields = cb_element_item_get_fields (self->item);
  guint selected = gtk_drop_down_get_selected (self->field_drop);

  if (fields != NULL)
    return selected != GTK_INVALID_LIST_POSITION && selected * 2 < fields->len ? fields->pdata[selected * 2] : NULL;
  return is_type (self, "hash") ? cb_element_item_get_name (self->item) : NULL;
}

static void
show_field (CbKeyElements *self)
{
  g_autofree char *pattern = cb_form_memory_pattern (self->key, get_part (self));

  cb_bytes_editor_set_bytes (self->editor, get_edited (self), pattern);
}

static void
field_selected_cb (CbKeyElements *self)
{
  if (self->item != NULL && !self->selecting)
    show_field (self);
}

static void
update_writable (CbKeyElements *self)
{
  gboolean stream = is_type (self, "stream");
  gboolean offered = self->writable || self->refusal != NULL;
  GtkWidget *changing[] = { GTK_WIDGET (self->add_button), self->delete_button, self->rename_button, self->score_box };

  for (guint i = 0; i < G_N_ELEMENTS (changing); i++)
    {
      gtk_widget_set_sensitive (changing[i], self->writable);
      cb_refusal_explain_one (changing[i], self->refusal);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->add_button), offered);
  gtk_widget_set_visible (self->delete_button, offered);
  gtk_widget_set_visible (self->rename_button, offered && is_type (self, "hash"));
  cb_bytes_editor_set_editable (self->editor, self->writable && !stream);
}

static void
show_item (CbKeyElements *self)
{
  GPtrArray *fields;
  g_autofree char *name = NULL;

  g_clear_pointer (&self->shown, g_bytes_unref);
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  gtk_widget_set_visible (self->editor_box, self->item != NULL);
  if (self->item == NULL)
    {
      cb_bytes_editor_set_bytes (self->editor, NULL, NULL);
      return;
    }
  if (cb_element_item_get_value (self->item) != NULL)
    self->shown = g_bytes_ref (cb_element_item_get_value (self->item));

  fields = cb_element_item_get_fields (self->item);
  gtk_widget_set_visible (GTK_WIDGET (self->field_drop), fields != NULL);
  if (fields != NULL)
    {
      g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

      for (guint i = 0; i + 1 < fields->len; i += 2)
        {
          gsize length;
          const char *data = g_bytes_get_data (fields->pdata[i], &length);
          g_autofree char *label = cb_key_name_display (data != NULL ? data : "", length, 40);

          gtk_string_list_append (names, label);
        }
      self->selecting = TRUE;
      gtk_drop_down_set_model (self->field_drop, G_LIST_MODEL (names));
      self->selecting = FALSE;
    }
  gtk_widget_set_visible (self->score_box, is_type (self, "zset"));
  if (is_type (self, "zset") && self->shown != NULL)
    {
      gsize length;
      const char *score = g_bytes_get_data (self->shown, &length);
      g_autofree char *text = g_strndup (score, length);

      gtk_editable_set_text (GTK_EDITABLE (self->score_entry), text);
    }

  name = is_type (self, "set") || is_type (self, "zset") ? g_strdup (_ ("Member")) : cb_element_item_dup_name_label (self->item);
  cb_bytes_editor_set_title (self->editor, name);
  show_field (self);
}

static void
item_value_changed_cb (CbKeyElements *self)
{
  if (!cb_bytes_editor_get_modified (self->editor))
    show_item (self);
}

static void
set_item (CbKeyElements *self, CbElementItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, item_value_changed_cb, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_swapped (item, "changed", G_CALLBACK (item_value_changed_cb), self);
}

static void
selected_cb (CbKeyElements *self)
{
  CbElementItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (self->selecting || item == self->item)
    return;
  /* What is being edited is not thrown away by an arrow key: it is kept in sight, with what to do about it. */
  if (self->item != NULL && cb_bytes_editor_get_modified (self->editor))
    {
      int position = cb_element_items_find (self->items, cb_element_item_get_name (self->item));

      if (position >= 0)
        {
          self->selecting = TRUE;
          gtk_single_selection_set_selected (self->selection, position);
          self->selecting = FALSE;
          set_error (self, _ ("Save or discard what you changed first."));
          return;
        }
    }
  set_error (self, NULL);
  set_item (self, item);
  show_item (self);
}

/* Rows came or went: the chosen one is found again by its name. */
static void
items_changed_cb (CbKeyElements *self)
{
  int position = self->item != NULL ? cb_element_items_find (self->items, cb_element_item_get_name (self->item)) : -1;

  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position >= 0 ? (guint) position : GTK_INVALID_LIST_POSITION);
  self->selecting = FALSE;
  update_count (self);
  if (self->item == NULL)
    return;
  if (position < 0)
    {
      /* Gone, or not read yet: the edit is not thrown away. */
      if (cb_bytes_editor_get_modified (self->editor) || cb_element_items_is_loading (self->items))
        return;
      set_item (self, NULL);
      show_item (self);
    }
}

/* --- changing --- */

typedef struct
{
  CbKeyElements *self;   /* (owned) */
  GBytes *key;           /* (owned) */
  CbElementItem *item;       /* (owned) (nullable) */
  GBytes *edited;        /* (owned) (nullable): what was to be stored */
  char *message;         /* (owned) (nullable) */
  gboolean from_editor;
  gboolean from_add;
} Change;

static Change *
change_new (CbKeyElements *self, GBytes *edited)
{
  Change *change = g_new0 (Change, 1);

  change->self = g_object_ref (self);
  change->key = g_bytes_ref (self->key);
  change->item = self->item != NULL ? g_object_ref (self->item) : NULL;
  change->edited = edited != NULL ? g_bytes_ref (edited) : NULL;
  return change;
}

static void
change_free (Change *change)
{
  g_object_unref (change->self);
  g_bytes_unref (change->key);
  g_clear_object (&change->item);
  g_clear_pointer (&change->edited, g_bytes_unref);
  g_free (change->message);
  g_free (change);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static void
now_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  CbKeyElements *self = change->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) now = cb_key_element_finish (CB_CONNECTION (source), result, &error);
  CbBytesView view = { .form = CB_BYTES_TEXT };

  if (error != NULL)
    {
      tell (self, error);
      return;
    }
  if (change->item != self->item)
    return;
  cb_bytes_editor_get_view (self->editor, &view);
  cb_key_conflict_set (self->conflict, change->message, &view, now, change->edited, now != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), TRUE);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  CbKeyElements *self = change->self;
  g_autoptr (GError) error = NULL;

  if (cb_key_edit_finish (CB_CONNECTION (source), result, &error))
    {
      set_error (self, NULL);
      gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
      if (change->from_add)
        cb_key_add_done (self->add);
      /* The row of what was written is read again with the others; the editor shows it at once. */
      if (change->from_editor && change->item == self->item)
        {
          if (is_type (self, "set") || is_type (self, "zset"))
            {
              cb_bytes_editor_discard (self->editor);
              set_item (self, NULL);
              show_item (self);
            }
          else
            {
              g_autofree char *pattern = cb_form_memory_pattern (self->key, get_part (self));

              g_clear_pointer (&self->shown, g_bytes_unref);
              self->shown = g_bytes_ref (change->edited);
              cb_bytes_editor_set_bytes (self->editor, change->edited, pattern);
              cb_bytes_editor_discard (self->editor);
            }
        }
      gtk_popover_popdown (self->rename_popover);
      g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  if (change->from_add)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cb_key_add_fail (self->add, error->message);
      return;
    }
  if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED) && change->from_editor && change->item != NULL &&
      change->item == self->item && !is_type (self, "set") && !is_type (self, "zset"))
    {
      Change *again = change_new (self, change->edited);

      again->message = g_strdup (_ ("This was changed by somebody else after it was read, so nothing was stored. What is stored now "
                                    "(−) and what you wrote (+):"));
      cb_key_element_async (self->connection, self->key, self->type, cb_element_item_get_name (self->item), 0, self->cancellable,
                            now_cb, again);
      return;
    }
  tell (self, error);
}

static void
send_edit (CbKeyElements *self, CbKeyEdit *edit, Change *change)
{
  edit->key = self->key;
  edit->type = self->type;
  cb_key_edit_async (self->connection, edit, self->cancellable, changed_cb, change);
}

static void
store (CbKeyElements *self, GBytes *bytes, GBytes *expected)
{
  CbKeyEdit edit = { .element = cb_element_item_get_name (self->item), .value = bytes, .expected = expected };
  Change *change;

  if (is_type (self, "hash"))
    edit.kind = CB_KEY_EDIT_HASH_SET;
  else if (is_type (self, "list"))
    edit.kind = CB_KEY_EDIT_LIST_SET;
  else if (is_type (self, "set"))
    edit.kind = CB_KEY_EDIT_SET_CHANGE;
  else if (is_type (self, "zset"))
    edit.kind = CB_KEY_EDIT_ZSET_CHANGE;
  else
    return;
  change = change_new (self, bytes);
  change->from_editor = TRUE;
  send_edit (self, &edit, change);
}

static void
save_cb (CbKeyElements *self, GBytes *bytes)
{
  GBytes *edited = self->item != NULL ? get_edited (self) : NULL;

  if (edited == NULL || self->connection == NULL)
    return;
  if (g_bytes_equal (bytes, edited))
    cb_bytes_editor_discard (self->editor);
  else
    store (self, bytes, is_type (self, "set") ? NULL : self->shown);
}

static void
reload_cb (CbKeyElements *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  cb_bytes_editor_discard (self->editor);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
overwrite_cb (CbKeyElements *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = cb_bytes_editor_dup_edited (self->editor, &error);
  GBytes *now = cb_key_conflict_get_now (self->conflict);

  if (bytes == NULL)
    set_error (self, error->message);
  else if (self->item != NULL && now != NULL)
    store (self, bytes, now);
}

static void
conflict_closed_cb (CbKeyElements *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
}

static void
add_cb (CbKeyElements *self, GBytes *element, GBytes *value, GPtrArray *more)
{
  CbKeyEdit edit = { .element = element, .value = value, .expect_absent = TRUE, .more = more };
  Change *change;

  /* The key may have gone while it was written. */
  if (self->connection == NULL || !self->writable)
    return;
  if (is_type (self, "hash"))
    edit.kind = CB_KEY_EDIT_HASH_SET;
  else if (is_type (self, "list"))
    edit.kind = CB_KEY_EDIT_LIST_PUSH;
  else if (is_type (self, "set"))
    edit.kind = CB_KEY_EDIT_SET_ADD;
  else if (is_type (self, "zset"))
    edit.kind = CB_KEY_EDIT_ZSET_SET;
  else
    edit.kind = CB_KEY_EDIT_STREAM_ADD;
  change = change_new (self, value);
  change->from_add = TRUE;
  send_edit (self, &edit, change);
}

static void
score_cb (CbKeyElements *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->score_entry));
  g_autoptr (GBytes) score = g_bytes_new (text, strlen (text));
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_ZSET_SET, .value = score, .expected = self->shown };

  if (self->item == NULL || self->shown == NULL || g_bytes_equal (score, self->shown))
    return;
  edit.element = cb_element_item_get_name (self->item);
  send_edit (self, &edit, change_new (self, score));
}

static void
rename_cb (CbKeyElements *self)
{
  g_autoptr (GBytes) name = cb_key_add_read (gtk_editable_get_text (GTK_EDITABLE (self->rename_entry)), TRUE);
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_HASH_RENAME, .value = name, .expected = self->shown };

  if (self->item == NULL)
    return;
  edit.element = cb_element_item_get_name (self->item);
  if (!g_bytes_equal (name, edit.element))
    send_edit (self, &edit, change_new (self, name));
}

static void
rename_shown_cb (CbKeyElements *self)
{
  gsize length;
  const char *data;
  g_autofree char *text = NULL;

  if (self->item == NULL)
    return;
  data = g_bytes_get_data (cb_element_item_get_name (self->item), &length);
  text = length > 0 ? cb_key_name_display (data, length, 0) : g_strdup ("");
  gtk_editable_set_text (GTK_EDITABLE (self->rename_entry), text);
  gtk_widget_grab_focus (GTK_WIDGET (self->rename_entry));
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  CbKeyElements *self = change->self;
  g_autoptr (GError) error = NULL;
  CbKeyUndo *undo = NULL;

  if (!cb_key_take_element_finish (CB_CONNECTION (source), result, &undo, &error))
    {
      if (tell (self, error) && g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED))
        g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  set_error (self, NULL);
  if (change->item == self->item)
    {
      cb_bytes_editor_discard (self->editor);
      set_item (self, NULL);
      show_item (self);
    }
  if (undo != NULL)
    g_signal_emit (self, signals[TAKEN], 0, undo);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
take (CbKeyElements *self, CbElementItem *item)
{
  if (self->connection == NULL)
    return;
  cb_key_take_element_async (self->connection, self->key, self->type, cb_element_item_get_name (item), cb_element_item_get_value (item),
                             self->cancellable, taken_cb, change_new (self, NULL));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;

  if (cb_ask_finish (GTK_WIDGET (source), result) && change->item == change->self->item && change->item != NULL)
    take (change->self, change->item);
}

static void
delete_cb (CbKeyElements *self)
{
  g_autofree char *body = NULL;
  g_autofree char *name = NULL;

  if (self->item == NULL || !self->writable)
    return;
  if (!is_type (self, "stream"))
    {
      take (self, self->item);
      return;
    }
  name = cb_element_item_dup_name_label (self->item);
  body = g_strdup_printf (_ ("The entry %s can’t be put back: a stream takes no id that is behind its last one."), name);
  cb_ask_async (GTK_WIDGET (self), _ ("Delete the Entry?"), body, _ ("_Delete"), TRUE, self->cancellable, asked_cb,
                change_new (self, NULL));
}

static gboolean
delete_key_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  delete_cb (CB_KEY_ELEMENTS (user_data));
  return TRUE;
}

static void
activated_cb (CbKeyElements *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->editor));
}

/* --- the key --- */

/* With larger text wider, as long as that leaves the other column half of the room. */
static int
scale_width (CbKeyElements *self, int width)
{
  return MIN (cb_text_scale (GTK_WIDGET (self), width), MAX (width, gtk_widget_get_width (GTK_WIDGET (self)) / 2));
}

static void
set_widths (CbKeyElements *self)
{
  int name_width = is_type (self, "list") ? INDEX_WIDTH : is_type (self, "stream") ? ID_WIDTH : FIELD_WIDTH;
  gboolean is_named = is_type (self, "set") || is_type (self, "zset");

  gtk_column_view_column_set_fixed_width (self->name_column, is_named ? -1 : scale_width (self, name_width));
  gtk_column_view_column_set_fixed_width (self->value_column, is_type (self, "zset") ? scale_width (self, SCORE_WIDTH) : -1);
}

static void
set_words (CbKeyElements *self)
{
  const char *name = _ ("Field");
  const char *value = _ ("Value");
  const char *filter = _ ("Filter fields");
  const char *add = _ ("Add Field");

  if (is_type (self, "list"))
    {
      name = _ ("Index");
      filter = _ ("Filter values");
      add = _ ("Add Element");
    }
  else if (is_type (self, "set"))
    {
      name = _ ("Member");
      filter = _ ("Filter members");
      add = _ ("Add Member");
    }
  else if (is_type (self, "zset"))
    {
      name = _ ("Member");
      value = _ ("Score");
      filter = _ ("Filter members");
      add = _ ("Add Member");
    }
  else if (is_type (self, "stream"))
    {
      name = _ ("ID");
      value = _ ("Fields");
      filter = _ ("Filter entries");
      add = _ ("Add Entry");
    }
  gtk_column_view_column_set_title (self->name_column, name);
  gtk_column_view_column_set_title (self->value_column, value);
  gtk_column_view_column_set_visible (self->value_column, !is_type (self, "set"));
  gtk_column_view_column_set_expand (self->name_column, is_type (self, "set") || is_type (self, "zset"));
  gtk_column_view_column_set_expand (self->value_column, !is_type (self, "zset"));
  set_widths (self);
  g_object_set (self->filter_entry, "placeholder-text", filter, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter_entry), GTK_ACCESSIBLE_PROPERTY_LABEL, filter, -1);
  gtk_menu_button_set_label (self->add_button, add);
  cb_key_add_set_type (self->add, self->type);
}

void
cb_key_elements_refresh (CbKeyElements *self, const CbKeyInfo *info)
{
  g_return_if_fail (CB_IS_KEY_ELEMENTS (self));

  self->size = info->size;
  if (self->items != NULL)
    cb_element_items_reload (self->items);
}

/**
 * cb_key_elements_set_key:
 * @connection: (nullable): %NULL to show nothing
 * @key: the name of a key
 * @info: what it is: a hash, list, set, zset or stream
 */
void
cb_key_elements_set_key (CbKeyElements *self, CbConnection *connection, GBytes *key, const CbKeyInfo *info)
{
  g_return_if_fail (CB_IS_KEY_ELEMENTS (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_handle_id (&self->filter_id, g_source_remove);
  if (self->items != NULL)
    g_signal_handlers_disconnect_by_data (self->items, self);
  set_item (self, NULL);
  g_clear_object (&self->items);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->type, g_free);
  cb_bytes_editor_discard (self->editor);
  set_error (self, NULL);
  self->selecting = TRUE;
  gtk_single_selection_set_model (self->selection, NULL);
  if (connection != NULL)
    {
      self->connection = g_object_ref (connection);
      self->key = g_bytes_ref (key);
      self->type = g_strdup (info->type);
      self->size = info->size;
      set_words (self);
      gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
      g_clear_handle_id (&self->filter_id, g_source_remove);
      self->items = cb_element_items_new (connection, key, info);
      gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->items));
      g_signal_connect_swapped (self->items, "items-changed", G_CALLBACK (items_changed_cb), self);
      g_signal_connect_swapped (self->items, "notify::loading", G_CALLBACK (items_state_cb), self);
      g_signal_connect_swapped (self->items, "notify::n-read", G_CALLBACK (update_count), self);
      cb_element_items_load_more (self->items);
    }
  self->selecting = FALSE;
  show_item (self);
  update_writable (self);
}

void
cb_key_elements_rename (CbKeyElements *self, GBytes *key)
{
  g_return_if_fail (CB_IS_KEY_ELEMENTS (self));

  if (self->key == NULL)
    return;
  g_bytes_ref (key);
  g_bytes_unref (self->key);
  self->key = key;
  cb_element_items_rename (self->items, key);
}

/* @refusal: (nullable): why not, which the buttons say that can't be used then; without it they are not there at all. */
void
cb_key_elements_set_writable (CbKeyElements *self, gboolean writable, const char *refusal)
{
  g_return_if_fail (CB_IS_KEY_ELEMENTS (self));

  self->writable = writable;
  g_free (self->refusal);
  self->refusal = g_strdup (refusal);
  update_writable (self);
}

gboolean
cb_key_elements_get_modified (CbKeyElements *self)
{
  g_return_val_if_fail (CB_IS_KEY_ELEMENTS (self), FALSE);
  return cb_bytes_editor_get_modified (self->editor);
}

static void
cb_key_elements_dispose (GObject *object)
{
  CbKeyElements *self = CB_KEY_ELEMENTS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->filter_id, g_source_remove);
  if (self->items != NULL)
    g_signal_handlers_disconnect_by_data (self->items, self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  set_item (self, NULL);
  g_clear_object (&self->items);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->shown, g_bytes_unref);

  G_OBJECT_CLASS (cb_key_elements_parent_class)->dispose (object);
}

static void
cb_key_elements_finalize (GObject *object)
{
  g_free (CB_KEY_ELEMENTS (object)->type);
  g_free (CB_KEY_ELEMENTS (object)->refusal);

  G_OBJECT_CLASS (cb_key_elements_parent_class)->finalize (object);
}

static void
cb_key_elements_class_init (CbKeyElementsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_key_elements_dispose;
  object_class->finalize = cb_key_elements_finalize;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STALE] = g_signal_new ("stale", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[BROKEN] = g_signal_new ("broken", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TAKEN] = g_signal_new ("taken", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_POINTER);

  g_type_ensure (CB_TYPE_BYTES_EDITOR);
  g_type_ensure (CB_TYPE_KEY_ADD);
  g_type_ensure (CB_TYPE_KEY_CONFLICT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-elements.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, CbKeyElements, child)
  BIND (box);
  BIND (filter_entry);
  BIND (add_button);
  BIND (add);
  BIND (error_label);
  BIND (view);
  BIND (selection);
  BIND (name_column);
  BIND (value_column);
  BIND (count_label);
  BIND (more_button);
  BIND (spinner);
  BIND (paned);
  BIND (editor_box);
  BIND (editor);
  BIND (conflict);
  BIND (field_drop);
  BIND (score_box);
  BIND (score_entry);
  BIND (rename_button);
  BIND (rename_popover);
  BIND (rename_entry);
  BIND (delete_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
  gtk_widget_class_bind_template_callback (widget_class, edge_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, field_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
  gtk_widget_class_bind_template_callback (widget_class, overwrite_cb);
  gtk_widget_class_bind_template_callback (widget_class, conflict_closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, score_cb);
  gtk_widget_class_bind_template_callback (widget_class, rename_cb);
  gtk_widget_class_bind_template_callback (widget_class, rename_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, delete_cb);
}

static void
cb_key_elements_init (CbKeyElements *self)
{
  g_autoptr (GtkListItemFactory) names = create_factory (TRUE);
  g_autoptr (GtkListItemFactory) values = create_factory (FALSE);
  GtkEventController *keys;

  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (self->field_drop);
  gtk_column_view_column_set_factory (self->name_column, names);
  gtk_column_view_column_set_factory (self->value_column, values);

  cb_text_scale_watch (GTK_WIDGET (self), G_CALLBACK (set_widths), self);

  /* Only among the rows: in a text Delete takes a character. */
  keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Delete, 0),
                                                          gtk_callback_action_new (delete_key_cb, self, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}
