/* cb-key-string.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-string.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-bytes-editor.h"
#include "cb-form-memory.h"
#include "cb-format.h"
#include "cb-key-conflict.h"
#include "cb-key-edit.h"

/* Of what is longer, parts are shown. */
#define WHOLE_MOST (1024 * 1024)
#define PART (64 * 1024)

struct _CbKeyString
{
  GtkWidget parent_instance;

  CbConnection *connection;   /* (owned) (nullable) */
  GBytes *key;                /* (owned) (nullable) */
  char *type;                 /* (owned) (nullable) */
  gint64 size;
  gint64 offset;              /* of the part that is shown */
  gboolean in_parts;
  gboolean writable;
  GBytes *shown;              /* (owned) (nullable): the whole value, or the part, as it was read */
  gint64 shown_at;            /* where in the value it begins */
  gboolean shown_is_part;
  GCancellable *cancellable;  /* (owned): until another key is shown */

  GtkWidget *box;             /* (owned): the only child */
  GtkLabel *error_label;
  CbKeyConflict *conflict;
  GtkWidget *part_box;
  GtkLabel *part_label;
  GtkWidget *previous_button;
  GtkWidget *next_button;
  GtkEntry *offset_entry;
  CbBytesEditor *editor;
};

G_DEFINE_FINAL_TYPE (CbKeyString, cb_key_string, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  STALE,
  BROKEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_error (CbKeyString *self, const char *message)
{
  cb_announce_problem (self->error_label, message);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), message != NULL);
}

static void
tell (CbKeyString *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE) || g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE))
    {
      g_signal_emit (self, signals[STALE], 0);
      return;
    }
  set_error (self, error->message);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL))
    g_signal_emit (self, signals[BROKEN], 0);
}

static gboolean
is_document (CbKeyString *self)
{
  return g_strcmp0 (self->type, "ReJSON-RL") == 0;
}

static void
update_writable (CbKeyString *self)
{
  cb_bytes_editor_set_editable (self->editor, self->writable && (g_strcmp0 (self->type, "string") == 0 || is_document (self)));
}

static void
update_part (CbKeyString *self, gsize length)
{
  g_autofree char *first = cb_format_exact_count (self->offset);
  g_autofree char *last = cb_format_exact_count (self->offset + MAX ((gint64) length, 1) - 1);
  g_autofree char *all = cb_format_exact_count (self->size);
  /* Translators: bytes from…to of so many */
  g_autofree char *text = g_strdup_printf (_ ("Bytes %s to %s of %s"), first, last, all);

  gtk_label_set_label (self->part_label, text);
  gtk_widget_set_sensitive (self->previous_button, self->offset > 0);
  gtk_widget_set_sensitive (self->next_button, self->offset + PART < self->size);
}

/* Without the pieces of characters that were cut in two, where the rest is text. */
static GBytes *
trim_part (GBytes *part, gboolean at_begin, gsize *begun_at)
{
  gsize length;
  const char *data = g_bytes_get_data (part, &length);
  gsize begin = 0;
  gsize end = length;

  *begun_at = 0;
  if (data == NULL)
    return g_bytes_ref (part);
  while (!at_begin && begin < MIN (3, length) && ((guchar) data[begin] & 0xc0) == 0x80)
    begin++;
  for (guint i = 1; i <= 3 && i <= length - begin; i++)
    {
      guchar byte = (guchar) data[length - i];

      if ((byte & 0xc0) == 0xc0)
        {
          guint needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;

          end = needed > i ? length - i : length;
          break;
        }
      if (byte < 0x80)
        break;
    }
  if ((begin > 0 || end < length) && g_utf8_validate_len (data + begin, end - begin, NULL))
    {
      *begun_at = begin;
      return g_bytes_new_from_bytes (part, begin, end - begin);
    }
  return g_bytes_ref (part);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbKeyString) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyPage) page = cb_key_page_finish (CB_CONNECTION (source), result, &error);
  g_autofree char *pattern = NULL;
  CbKeyElement *element;

  if (page == NULL)
    {
      /* A type of a module, without the commands of it. */
      if (error->domain == CB_REDIS_ERROR && !cb_redis_error_is_connection (error) && self->type != NULL &&
          !g_str_equal (self->type, "string"))
        {
          g_autofree char *message = g_strdup_printf (_ ("Values of the type %s can’t be shown here: %s"), self->type, error->message);

          set_error (self, message);
        }
      else
        {
          tell (self, error);
        }
      return;
    }
  if (self->key == NULL)
    return;
  set_error (self, NULL);
  element = g_ptr_array_index (page->elements, 0);
  pattern = cb_form_memory_pattern (self->key, NULL);
  if (self->in_parts)
    {
      gsize begin;
      g_autoptr (GBytes) part = trim_part (element->value, self->offset == 0, &begin);

      update_part (self, g_bytes_get_size (element->value));
      if (cb_bytes_editor_get_modified (self->editor))
        return;
      g_clear_pointer (&self->shown, g_bytes_unref);
      self->shown = g_bytes_ref (part);
      self->shown_at = self->offset + (gint64) begin;
      self->shown_is_part = TRUE;
      cb_bytes_editor_set_bytes (self->editor, part, pattern);
      return;
    }
  if (element->value == NULL)
    return;
  /* What is being edited stays, and is judged by what it was begun with: that it is another now is told when it is saved. */
  if (cb_bytes_editor_get_modified (self->editor))
    return;
  g_clear_pointer (&self->shown, g_bytes_unref);
  self->shown = g_bytes_ref (element->value);
  self->shown_is_part = FALSE;
  cb_bytes_editor_set_bytes (self->editor, element->value, pattern);
}

static void
read_value (CbKeyString *self)
{
  g_autofree char *from = g_strdup_printf ("%" G_GINT64_FORMAT, self->offset);

  if (self->connection == NULL)
    return;
  self->in_parts = g_str_equal (self->type, "string") && self->size > WHOLE_MOST;
  gtk_widget_set_visible (self->part_box, self->in_parts);
  update_writable (self);
  cb_key_page_async (self->connection, self->key, self->type, self->in_parts ? from : NULL, NULL,
                     self->in_parts ? PART : WHOLE_MOST + 1, self->cancellable, read_cb, g_object_ref (self));
}

static void
go_to (CbKeyString *self, gint64 offset)
{
  if (cb_bytes_editor_get_modified (self->editor))
    {
      set_error (self, _ ("What you changed in this part is not stored yet: save it or take it back first."));
      return;
    }
  set_error (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  self->offset = CLAMP (offset, 0, MAX (self->size - 1, 0));
  read_value (self);
}

static void
previous_cb (CbKeyString *self)
{
  go_to (self, self->offset - PART);
}

static void
next_cb (CbKeyString *self)
{
  go_to (self, self->offset + PART);
}

static void
offset_cb (CbKeyString *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->offset_entry));
  gint64 offset;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &offset, NULL) || offset >= self->size)
    {
      g_autofree char *all = cb_format_exact_count (self->size - 1);
      g_autofree char *message = g_strdup_printf (_ ("There is no such byte: give a whole number from 0 to %s."), all);

      set_error (self, message);
      return;
    }
  go_to (self, offset);
}

/* --- changing --- */

typedef struct
{
  CbKeyString *self;   /* (owned) */
  GBytes *key;         /* (owned) */
  GBytes *edited;      /* (owned) */
  gboolean is_part;
} Change;

static Change *
change_new (CbKeyString *self, GBytes *edited, gboolean is_part)
{
  Change *change = g_new0 (Change, 1);

  change->self = g_object_ref (self);
  change->key = g_bytes_ref (self->key);
  change->edited = g_bytes_ref (edited);
  change->is_part = is_part;
  return change;
}

static void
change_free (Change *change)
{
  g_object_unref (change->self);
  g_bytes_unref (change->key);
  g_bytes_unref (change->edited);
  g_free (change);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static void
show_conflict (Change *change, GBytes *now)
{
  CbKeyString *self = change->self;
  CbBytesView view = { .form = CB_BYTES_TEXT };
  gboolean can_overwrite = now != NULL && (change->is_part ? g_bytes_get_size (now) > 0 : g_bytes_get_size (now) <= WHOLE_MOST);

  cb_bytes_editor_get_view (self->editor, &view);
  cb_key_conflict_set (self->conflict,
                       _ ("This was changed by somebody else after it was read, so nothing was stored. What is stored now (−) and what "
                          "you wrote (+):"),
                       &view, now, change->edited, can_overwrite);
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), TRUE);
}

static void
part_now_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyPage) page = cb_key_page_finish (CB_CONNECTION (source), result, &error);

  if (page == NULL)
    tell (change->self, error);
  else
    show_conflict (change, ((CbKeyElement *) g_ptr_array_index (page->elements, 0))->value);
}

static void
now_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) now = cb_key_element_finish (CB_CONNECTION (source), result, &error);

  if (error != NULL)
    tell (change->self, error);
  else
    show_conflict (change, now);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Change) change = user_data;
  CbKeyString *self = change->self;
  g_autoptr (GError) error = NULL;

  if (cb_key_edit_finish (CB_CONNECTION (source), result, &error))
    {
      g_autofree char *pattern = cb_form_memory_pattern (self->key, NULL);

      set_error (self, NULL);
      gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
      g_clear_pointer (&self->shown, g_bytes_unref);
      self->shown = g_bytes_ref (change->edited);
      cb_bytes_editor_set_bytes (self->editor, change->edited, pattern);
      cb_bytes_editor_discard (self->editor);
      g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED) && change->is_part)
    {
      /* As much of it as was shown. */
      g_autofree char *from = g_strdup_printf ("%" G_GINT64_FORMAT, self->shown_at);

      cb_key_page_async (self->connection, self->key, self->type, from, NULL, (guint) g_bytes_get_size (self->shown),
                         self->cancellable, part_now_cb, change_new (self, change->edited, TRUE));
    }
  else if (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED))
    cb_key_element_async (self->connection, self->key, self->type, self->key, WHOLE_MOST + 1, self->cancellable, now_cb,
                          change_new (self, change->edited, FALSE));
  else
    tell (self, error);
}

static void
store (CbKeyString *self, GBytes *bytes, GBytes *expected, const char *type)
{
  CbKeyEdit edit = { .kind = is_document (self) ? CB_KEY_EDIT_JSON_SET : CB_KEY_EDIT_STRING_SET, .key = self->key, .type = type,
                     .value = bytes, .expected = expected, .expect_absent = expected == NULL };

  cb_key_edit_async (self->connection, &edit, self->cancellable, stored_cb, change_new (self, bytes, FALSE));
}

static void
store_part (CbKeyString *self, GBytes *bytes, GBytes *expected)
{
  char *text = g_strdup_printf ("%" G_GINT64_FORMAT, self->shown_at);
  g_autoptr (GBytes) at = g_bytes_new_take (text, strlen (text));
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_STRING_SPLICE, .key = self->key, .type = "string", .element = at, .value = bytes,
                     .expected = expected };

  cb_key_edit_async (self->connection, &edit, self->cancellable, stored_cb, change_new (self, bytes, TRUE));
}

static void
save_cb (CbKeyString *self, GBytes *bytes)
{
  if (self->connection == NULL || self->shown == NULL)
    return;
  if (g_bytes_equal (bytes, self->shown))
    cb_bytes_editor_discard (self->editor);
  else if (self->shown_is_part)
    store_part (self, bytes, self->shown);
  else
    store (self, bytes, self->shown, self->type);
}

static void
reload_cb (CbKeyString *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  cb_bytes_editor_discard (self->editor);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
overwrite_cb (CbKeyString *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = cb_bytes_editor_dup_edited (self->editor, &error);
  GBytes *now = cb_key_conflict_get_now (self->conflict);

  if (bytes == NULL)
    set_error (self, error->message);
  else if (now != NULL && self->connection != NULL && self->shown_is_part)
    store_part (self, bytes, now);
  else if (now != NULL && self->connection != NULL)
    store (self, bytes, now, self->type);
}

static void
conflict_closed_cb (CbKeyString *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
}

/* --- the key --- */

void
cb_key_string_set_key (CbKeyString *self, CbConnection *connection, GBytes *key, const CbKeyInfo *info)
{
  g_return_if_fail (CB_IS_KEY_STRING (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_object (&self->connection);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->type, g_free);
  g_clear_pointer (&self->shown, g_bytes_unref);
  self->offset = 0;
  set_error (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  cb_bytes_editor_discard (self->editor);
  cb_bytes_editor_set_bytes (self->editor, NULL, NULL);
  if (connection == NULL)
    return;
  self->connection = g_object_ref (connection);
  self->key = g_bytes_ref (key);
  self->type = g_strdup (info->type);
  self->size = info->size;
  cb_bytes_editor_set_title (self->editor, g_str_equal (info->type, "string") ? _ ("Value") : _ ("JSON document"));
  read_value (self);
}

void
cb_key_string_refresh (CbKeyString *self, const CbKeyInfo *info)
{
  g_return_if_fail (CB_IS_KEY_STRING (self));

  self->size = info->size;
  if (self->offset >= self->size)
    self->offset = 0;
  read_value (self);
}

void
cb_key_string_rename (CbKeyString *self, GBytes *key)
{
  g_return_if_fail (CB_IS_KEY_STRING (self));

  if (self->key == NULL)
    return;
  g_bytes_ref (key);
  g_bytes_unref (self->key);
  self->key = key;
}

void
cb_key_string_set_writable (CbKeyString *self, gboolean writable)
{
  g_return_if_fail (CB_IS_KEY_STRING (self));

  self->writable = writable;
  update_writable (self);
}

gboolean
cb_key_string_get_modified (CbKeyString *self)
{
  g_return_val_if_fail (CB_IS_KEY_STRING (self), FALSE);
  return cb_bytes_editor_get_modified (self->editor);
}

gboolean
cb_key_string_is_whole (CbKeyString *self)
{
  g_return_val_if_fail (CB_IS_KEY_STRING (self), FALSE);
  return self->shown != NULL && !self->shown_is_part && g_strcmp0 (self->type, "string") == 0;
}

/**
 * cb_key_string_create:
 *
 * Signal `changed` when it is done.
 */
void
cb_key_string_create (CbKeyString *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_if_fail (CB_IS_KEY_STRING (self));

  if (self->connection == NULL || !cb_key_string_is_whole (self))
    return;
  bytes = cb_bytes_editor_dup_edited (self->editor, &error);
  if (bytes == NULL)
    set_error (self, error->message);
  else
    store (self, bytes, NULL, "none");
}

static void
cb_key_string_dispose (GObject *object)
{
  CbKeyString *self = CB_KEY_STRING (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->shown, g_bytes_unref);
  g_clear_pointer (&self->type, g_free);

  G_OBJECT_CLASS (cb_key_string_parent_class)->dispose (object);
}

static void
cb_key_string_class_init (CbKeyStringClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_key_string_dispose;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STALE] = g_signal_new ("stale", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[BROKEN] = g_signal_new ("broken", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CB_TYPE_BYTES_EDITOR);
  g_type_ensure (CB_TYPE_KEY_CONFLICT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-string.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, error_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, conflict);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, part_box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, part_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, previous_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, next_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, offset_entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyString, editor);
  gtk_widget_class_bind_template_callback (widget_class, previous_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, offset_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
  gtk_widget_class_bind_template_callback (widget_class, overwrite_cb);
  gtk_widget_class_bind_template_callback (widget_class, conflict_closed_cb);
}

static void
cb_key_string_init (CbKeyString *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
