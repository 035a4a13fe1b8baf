/* cb-key-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-list.h"

#include <string.h>

/* What is taken up in one go: about a millisecond. */
#define PORTION 10000

/* A row in a list: the id of a key, or of a folder with this. */
#define FOLDER 0x80000000u

struct _CbKeyRow
{
  GObject parent_instance;

  CbKeyStore *store; /* (owned) */
  guint32 what;
};

G_DEFINE_FINAL_TYPE (CbKeyRow, cb_key_row, G_TYPE_OBJECT)

static void
cb_key_row_finalize (GObject *object)
{
  g_clear_pointer (&CB_KEY_ROW (object)->store, cb_key_store_unref);
  G_OBJECT_CLASS (cb_key_row_parent_class)->finalize (object);
}

static void
cb_key_row_class_init (CbKeyRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = cb_key_row_finalize;
}

static void
cb_key_row_init (CbKeyRow *self)
{
}

gboolean
cb_key_row_is_folder (CbKeyRow *self)
{
  g_return_val_if_fail (CB_IS_KEY_ROW (self), FALSE);
  return (self->what & FOLDER) != 0;
}

CbKeyId
cb_key_row_get_key (CbKeyRow *self)
{
  g_return_val_if_fail (CB_IS_KEY_ROW (self), CB_KEY_NONE);
  return self->what & FOLDER ? CB_KEY_NONE : self->what;
}

CbFolderId
cb_key_row_get_folder (CbKeyRow *self)
{
  g_return_val_if_fail (CB_IS_KEY_ROW (self), CB_FOLDER_ROOT);
  return self->what & FOLDER ? self->what & ~FOLDER : cb_key_store_get_key_folder (self->store, self->what);
}

/**
 * cb_key_row_get_name:
 *
 * Returns: (transfer none): bytes without a NUL behind them, valid as long as the row
 */
const char *
cb_key_row_get_name (CbKeyRow *self,
                     gsize    *length)
{
  g_return_val_if_fail (CB_IS_KEY_ROW (self), NULL);

  if (self->what & FOLDER)
    return cb_key_store_get_folder_path (self->store, self->what & ~FOLDER, length);
  return cb_key_store_get_name (self->store, self->what, length);
}

guint
cb_key_row_count_keys (CbKeyRow *self)
{
  g_return_val_if_fail (CB_IS_KEY_ROW (self), 0);

  if (self->what & FOLDER)
    return cb_key_store_count_keys (self->store, self->what & ~FOLDER);
  return cb_key_store_get_gone (self->store, self->what) ? 0 : 1;
}

/* Characters that show themselves. Those that only change how others stand, the order of writing above all, could
 * make one name look like another. */
static gboolean
shows_itself (gunichar character)
{
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return character == 0x200d; /* joins emoji */
    case G_UNICODE_SPACE_SEPARATOR:
      return character == ' ';
    default:
      return TRUE;
    }
}

/**
 * cb_key_name_display:
 * @name: (array length=length): bytes
 * @length: how many
 * @max_chars: how many characters to show at most, 0 for all
 *
 * Different names look different, as long as they are not cut: what can't be seen is written as \xNN, and so is a
 * backslash that could be taken for the beginning of that.
 *
 * Returns: (transfer full): one line of valid UTF-8; `""` for the empty name
 */
char *
cb_key_name_display (const char *name,
                     gsize       length,
                     guint       max_chars)
{
  GString *text = g_string_sized_new (MIN (length, max_chars != 0 ? max_chars : length) + 8);
  const char *end = name + length;
  const char *last = end;
  guint n_chars = 0;

  if (length == 0)
    {
      g_string_append (text, "\"\"");
      return g_string_free (text, FALSE);
    }

  while (last > name && last[-1] == ' ')
    last--;
  for (const char *at = name; at < end;)
    {
      gunichar character = g_utf8_get_char_validated (at, MIN (end - at, 6));
      gboolean blank_at_end = at >= last || (at == name && *at == ' ');
      const char *next = at + 1;

      if (max_chars != 0 && n_chars + 1 >= max_chars)
        {
          g_string_append (text, "…");
          break;
        }
      if ((gint32) character >= 0 && *at != '\0')
        next = g_utf8_next_char (at);

      if ((gint32) character >= 0 && character != 0 && shows_itself (character) && !blank_at_end &&
          !(character == '\\' && end - at > 3 && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3])))
        {
          g_string_append_len (text, at, next - at);
          n_chars++;
        }
      else
        {
          for (const char *byte = at; byte < next; byte++)
            g_string_append_printf (text, "\\x%02x", (guchar) *byte);
          n_chars += 4 * (next - at);
        }
      at = next;
    }
  return g_string_free (text, FALSE);
}

char *
cb_key_row_dup_label (CbKeyRow *self,
                      gboolean  whole,
                      guint     max_chars)
{
  const char *name;
  gsize length;

  g_return_val_if_fail (CB_IS_KEY_ROW (self), NULL);

  if (self->what & FOLDER)
    {
      name = whole ? cb_key_store_get_folder_path (self->store, self->what & ~FOLDER, &length)
                   : cb_key_store_get_folder_name (self->store, self->what & ~FOLDER, &length);
    }
  else
    {
      gsize offset = whole ? 0 : cb_key_store_get_leaf_offset (self->store, self->what);

      name = cb_key_store_get_name (self->store, self->what, &length) + offset;
      length -= offset;
    }
  return cb_key_name_display (name, length, max_chars);
}

/* The list */

/* Children that are still to be taken up: from one of them to, and without, an older one. */
typedef struct
{
  guint32 from;
  guint32 until;
  gboolean folders;
} Stretch;

struct _CbKeyList
{
  GObject parent_instance;

  CbKeyStore *store; /* (owned) */
  CbFolderId folder;
  gboolean flat;
  GArray *rows;      /* (owned) (element-type guint32) */
  GArray *stretches; /* (owned) (element-type Stretch) */
  guint32 newest_folder;
  guint32 newest_key;
  guint n_taken;     /* flat: of the ids */
  guint idle;
  gboolean sorting;
};

static void cb_key_list_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbKeyList, cb_key_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, cb_key_list_iface_init))

static GType
cb_key_list_get_item_type (GListModel *model)
{
  return CB_TYPE_KEY_ROW;
}

static guint
cb_key_list_get_n_items (GListModel *model)
{
  return CB_KEY_LIST (model)->rows->len;
}

static gpointer
cb_key_list_get_item (GListModel *model,
                      guint       position)
{
  CbKeyList *self = CB_KEY_LIST (model);
  CbKeyRow *row;

  if (position >= self->rows->len)
    return NULL;

  row = g_object_new (CB_TYPE_KEY_ROW, NULL);
  row->store = cb_key_store_ref (self->store);
  row->what = g_array_index (self->rows, guint32, position);
  return row;
}

static void
cb_key_list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_key_list_get_item_type;
  iface->get_n_items = cb_key_list_get_n_items;
  iface->get_item = cb_key_list_get_item;
}

static void
cb_key_list_dispose (GObject *object)
{
  g_clear_handle_id (&CB_KEY_LIST (object)->idle, g_source_remove);
  G_OBJECT_CLASS (cb_key_list_parent_class)->dispose (object);
}

static void
cb_key_list_finalize (GObject *object)
{
  CbKeyList *self = CB_KEY_LIST (object);

  g_clear_pointer (&self->store, cb_key_store_unref);
  g_array_unref (self->rows);
  g_array_unref (self->stretches);

  G_OBJECT_CLASS (cb_key_list_parent_class)->finalize (object);
}

static void
cb_key_list_class_init (CbKeyListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cb_key_list_dispose;
  G_OBJECT_CLASS (class)->finalize = cb_key_list_finalize;
}

static void
cb_key_list_init (CbKeyList *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  self->newest_folder = CB_KEY_NONE;
  self->newest_key = CB_KEY_NONE;
}

/**
 * cb_key_list_new:
 * @store: the keys
 * @folder: whose children to list, #CB_FOLDER_ROOT for those at the top
 *
 * Returns: (transfer full): a list of what the store has already, or of the first of it
 */
CbKeyList *
cb_key_list_new (CbKeyStore *store,
                 CbFolderId  folder)
{
  CbKeyList *self;

  g_return_val_if_fail (store != NULL, NULL);
  g_return_val_if_fail (folder < cb_key_store_get_n_folders (store), NULL);

  self = g_object_new (CB_TYPE_KEY_LIST, NULL);
  self->store = cb_key_store_ref (store);
  self->folder = folder;
  cb_key_list_update (self);
  return self;
}

CbKeyList *
cb_key_list_new_flat (CbKeyStore *store)
{
  CbKeyList *self;

  g_return_val_if_fail (store != NULL, NULL);

  self = g_object_new (CB_TYPE_KEY_LIST, NULL);
  self->store = cb_key_store_ref (store);
  self->flat = TRUE;
  cb_key_list_update (self);
  return self;
}

static void
note_stretch (CbKeyList *self,
              guint32    first,
              guint32   *newest,
              gboolean   folders)
{
  Stretch stretch = { first, *newest, folders };

  if (first == *newest)
    return;
  g_array_append_val (self->stretches, stretch);
  *newest = first;
}

static void
take_flat (CbKeyList *self)
{
  guint n = MIN (cb_key_store_get_length (self->store) - self->n_taken, PORTION);

  for (guint i = 0; i < n; i++, self->n_taken++)
    g_array_append_val (self->rows, self->n_taken);
}

static void
take_children (CbKeyList *self)
{
  guint n = 0;
  guint done = 0;

  note_stretch (self, cb_key_store_get_first_folder (self->store, self->folder), &self->newest_folder, TRUE);
  note_stretch (self, cb_key_store_get_first_key (self->store, self->folder), &self->newest_key, FALSE);

  for (; done < self->stretches->len; done++)
    {
      Stretch *stretch = &g_array_index (self->stretches, Stretch, done);

      for (; stretch->from != stretch->until && n < PORTION; n++)
        {
          guint32 what = stretch->folders ? stretch->from | FOLDER : stretch->from;

          g_array_append_val (self->rows, what);
          stretch->from = stretch->folders ? cb_key_store_get_next_folder (self->store, stretch->from)
                                           : cb_key_store_get_next_key (self->store, stretch->from);
        }
      if (stretch->from != stretch->until)
        break;
    }
  if (done > 0)
    g_array_remove_range (self->stretches, 0, done);
}

gboolean
cb_key_list_is_complete (CbKeyList *self)
{
  g_return_val_if_fail (CB_IS_KEY_LIST (self), FALSE);

  if (self->flat)
    return self->n_taken == cb_key_store_get_length (self->store);
  return self->rows->len == cb_key_store_count_children (self->store, self->folder, NULL, NULL);
}

static gboolean
idle_cb (gpointer data)
{
  CbKeyList *self = data;

  self->idle = 0;
  cb_key_list_update (self);
  return G_SOURCE_REMOVE;
}

/**
 * cb_key_list_update:
 * @self: a list
 *
 * Takes up what has come to the store. What is more than a portion follows from an idle, with a signal for each.
 */
void
cb_key_list_update (CbKeyList *self)
{
  guint before;

  g_return_if_fail (CB_IS_KEY_LIST (self));

  if (self->idle != 0)
    return;

  before = self->rows->len;
  if (self->flat)
    take_flat (self);
  else
    take_children (self);
  if (!cb_key_list_is_complete (self))
    self->idle = g_idle_add (idle_cb, self);
  if (self->rows->len > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->rows->len - before);
}

/* Sorting */

typedef struct
{
  CbKeyStore *store;  /* (owned) */
  GArray *rows;       /* (owned) a copy */
  gboolean flat;
  gboolean descending;
} Sorting;

static void
sorting_free (gpointer data)
{
  Sorting *sorting = data;

  cb_key_store_unref (sorting->store);
  g_array_unref (sorting->rows);
  g_free (sorting);
}

static const char *
get_part (Sorting *sorting,
          guint32  what,
          gsize   *length)
{
  gsize offset;
  const char *name;

  if (what & FOLDER)
    return cb_key_store_get_folder_name (sorting->store, what & ~FOLDER, length);

  name = cb_key_store_get_name (sorting->store, what, length);
  offset = sorting->flat ? 0 : cb_key_store_get_leaf_offset (sorting->store, what);
  *length -= offset;
  return name + offset;
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  Sorting *sorting = data;
  guint32 first = *(const guint32 *) a;
  guint32 second = *(const guint32 *) b;
  gsize first_length, second_length;
  const char *first_part, *second_part;
  int order;

  if ((first ^ second) & FOLDER)
    return first & FOLDER ? -1 : 1;

  first_part = get_part (sorting, first, &first_length);
  second_part = get_part (sorting, second, &second_length);
  order = memcmp (first_part, second_part, MIN (first_length, second_length));
  if (order == 0)
    order = first_length < second_length ? -1 : first_length > second_length;
  return sorting->descending ? -order : order;
}

static void
sort_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  Sorting *sorting = data;

  g_array_sort_with_data (sorting->rows, compare_rows, sorting);
  g_task_return_boolean (task, TRUE);
}

/**
 * cb_key_list_sort_async:
 * @self: a list
 * @descending: the other way round; folders come first in any case
 * @cancellable: (nullable): leaves the list as it is
 * @callback: called when the rows stand in their order
 * @user_data: data for @callback
 *
 * Sorts what is there now by the bytes of the names. One at a time.
 *
 * Errors: %G_IO_ERROR_PENDING, %G_IO_ERROR_CANCELLED
 */
void
cb_key_list_sort_async (CbKeyList           *self,
                        gboolean             descending,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Sorting *sorting;

  g_return_if_fail (CB_IS_KEY_LIST (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_list_sort_async);
  if (self->sorting)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "The keys are being sorted.");
      return;
    }

  self->sorting = TRUE;
  sorting = g_new0 (Sorting, 1);
  sorting->store = cb_key_store_ref (self->store);
  sorting->rows = g_array_copy (self->rows);
  sorting->flat = self->flat;
  sorting->descending = descending;
  g_task_set_task_data (task, sorting, sorting_free);
  g_task_run_in_thread (task, sort_thread);
}

/**
 * cb_key_list_sort_finish:
 *
 * To be called from the callback: it puts the rows into their order.
 *
 * Returns: whether they are
 */
gboolean
cb_key_list_sort_finish (CbKeyList     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  Sorting *sorting;
  guint n;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (g_async_result_is_tagged (result, cb_key_list_sort_async) && g_task_get_task_data (G_TASK (result)) != NULL)
    self->sorting = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  sorting = g_task_get_task_data (G_TASK (result));
  n = sorting->rows->len;
  if (n > 0)
    {
      memcpy (self->rows->data, sorting->rows->data, n * sizeof (guint32));
      g_list_model_items_changed (G_LIST_MODEL (self), 0, n, n);
    }
  return TRUE;
}
