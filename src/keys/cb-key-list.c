/* cb-key-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-list.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-task-thread.h"

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
 * backslash that could be taken for the beginning of that, or a quote for that of the empty name.
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
      /* What would be read as something else: an escape, or the empty name. */
      gboolean ambiguous = (character == '\\' && end - at > 3 && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3])) ||
                           (at == name && length == 2 && memcmp (name, "\"\"", 2) == 0);
      gboolean plain = (gint32) character >= 0 && character != 0 && shows_itself (character) && !blank_at_end && !ambiguous;
      const char *next = (gint32) character >= 0 && *at != '\0' ? g_utf8_next_char (at) : at + 1;
      guint n_more = plain ? 1 : 4 * (guint) (next - at);

      if (max_chars != 0 && n_chars + n_more >= max_chars)
        {
          g_string_append (text, "…");
          break;
        }
      if (plain)
        g_string_append_len (text, at, next - at);
      else
        for (const char *byte = at; byte < next; byte++)
          g_string_append_printf (text, "\\x%02x", (guchar) *byte);
      n_chars += n_more;
      at = next;
    }
  return g_string_free (text, FALSE);
}

/**
 * cb_key_name_parse:
 * @text: a name as people see it and type it: \xNN is a byte, `""` the empty name, and everything else itself
 *
 * Returns: (transfer full): the name
 */
GBytes *
cb_key_name_parse (const char *text)
{
  GByteArray *name = g_byte_array_new ();

  if (g_str_equal (text, "\"\""))
    return g_byte_array_free_to_bytes (name);

  for (const char *at = text; *at != '\0';)
    {
      gboolean escaped = at[0] == '\\' && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]);
      guint8 byte = escaped ? g_ascii_xdigit_value (at[2]) << 4 | g_ascii_xdigit_value (at[3]) : *at;

      g_byte_array_append (name, &byte, 1);
      at += escaped ? 4 : 1;
    }
  return g_byte_array_free_to_bytes (name);
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
  GArray *dropped;   /* (owned) (element-type guint32) that were rows, and have gone */
  guint n_taken;     /* flat: of the ids */
  guint n_drops;     /* how often rows were taken out */
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
  g_array_unref (self->dropped);

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
  self->dropped = g_array_new (FALSE, FALSE, sizeof (guint32));
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

static gboolean
is_gone (CbKeyList *self,
         guint32    what)
{
  if (what & FOLDER)
    return cb_key_store_count_keys (self->store, what & ~FOLDER) == 0;
  return cb_key_store_get_gone (self->store, what);
}

static void
take (CbKeyList *self,
      guint32    what)
{
  g_array_append_val (is_gone (self, what) ? self->dropped : self->rows, what);
}

static void
take_flat (CbKeyList *self)
{
  guint n = MIN (cb_key_store_get_length (self->store) - self->n_taken, PORTION);

  for (guint i = 0; i < n; i++, self->n_taken++)
    take (self, self->n_taken);
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

          take (self, what);
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
  return self->rows->len + self->dropped->len == cb_key_store_count_children (self->store, self->folder, NULL, NULL);
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

/**
 * cb_key_list_peek:
 * @self: a list
 * @position: which row
 * @key: (out): the key, #CB_KEY_NONE where a folder stands
 * @folder: (out): the folder that stands there, or that the key is in
 *
 * Returns: whether there is such a row
 */
gboolean
cb_key_list_peek (CbKeyList  *self,
                  guint       position,
                  CbKeyId    *key,
                  CbFolderId *folder)
{
  guint32 what;

  g_return_val_if_fail (CB_IS_KEY_LIST (self), FALSE);

  if (position >= self->rows->len)
    return FALSE;

  what = g_array_index (self->rows, guint32, position);
  *key = what & FOLDER ? CB_KEY_NONE : what;
  *folder = what & FOLDER ? what & ~FOLDER : cb_key_store_get_key_folder (self->store, what);
  return TRUE;
}

guint
cb_key_list_find (CbKeyList  *self,
                  CbKeyId     key,
                  CbFolderId  folder)
{
  guint32 what = key != CB_KEY_NONE ? key : folder | FOLDER;

  g_return_val_if_fail (CB_IS_KEY_LIST (self), G_MAXUINT);

  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->rows, guint32, i) == what)
      return i;
  return G_MAXUINT;
}

static void
drop_gone (CbKeyList *self)
{
  guint first = G_MAXUINT;
  guint last = 0;
  guint n_kept = 0;
  guint n_between;

  for (guint i = 0; i < self->rows->len; i++)
    {
      guint32 what = g_array_index (self->rows, guint32, i);

      if (is_gone (self, what))
        {
          first = MIN (first, i);
          last = i;
          g_array_append_val (self->dropped, what);
        }
      else
        {
          g_array_index (self->rows, guint32, n_kept++) = what;
        }
    }
  if (first == G_MAXUINT)
    return;

  self->n_drops++;
  last += 1 - first;
  n_between = last - (self->rows->len - n_kept);
  g_array_set_size (self->rows, n_kept);
  g_list_model_items_changed (G_LIST_MODEL (self), first, last, n_between);
}

static void
put_back (CbKeyList *self)
{
  guint before = self->rows->len;

  for (guint i = self->dropped->len; i > 0; i--)
    {
      guint32 what = g_array_index (self->dropped, guint32, i - 1);

      if (is_gone (self, what))
        continue;
      g_array_remove_index_fast (self->dropped, i - 1);
      g_array_append_val (self->rows, what);
    }
  if (self->rows->len > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->rows->len - before);
}

/**
 * cb_key_list_update_gone:
 * @self: a list
 *
 * To be called after cb_key_store_set_gone(), once for all of them: it looks through all rows. Those that are there
 * again stand at the end.
 */
void
cb_key_list_update_gone (CbKeyList *self)
{
  g_return_if_fail (CB_IS_KEY_LIST (self));

  put_back (self);
  drop_gone (self);
}

/* Sorting */

typedef struct
{
  CbKeyStore *store;  /* (owned) */
  guint n_drops;      /* when it was copied */
  GArray *rows;       /* (owned) a copy */
  GArray *weights;    /* (owned) (nullable) (element-type gint64) by the id of a key */
  gboolean flat;
  gboolean descending;
} Sorting;

static void
sorting_free (gpointer data)
{
  Sorting *sorting = data;

  cb_key_store_unref (sorting->store);
  g_array_unref (sorting->rows);
  g_clear_pointer (&sorting->weights, g_array_unref);
  g_free (sorting);
}

static const char *
get_part (Sorting *sorting,
          guint32  what,
          gsize   *length)
{
  gsize offset = 0;
  const char *name;

  if (what & FOLDER)
    return cb_key_store_get_folder_name (sorting->store, what & ~FOLDER, length);

  if (!sorting->flat)
    offset = cb_key_store_get_leaf_offset (sorting->store, what);
  name = cb_key_store_get_name (sorting->store, what, length);
  *length -= offset;
  return name + offset;
}

static gsize
count_digits (const char *text,
              const char *end)
{
  const char *at = text;

  while (at < end && g_ascii_isdigit (*at))
    at++;
  return at - text;
}

/* By bytes, but numbers by their value, so that job 9 comes before job 10. */
static int
compare_names (const char *first,
               gsize       first_length,
               const char *second,
               gsize       second_length)
{
  const char *first_at = first, *first_end = first + first_length;
  const char *second_at = second, *second_end = second + second_length;
  int order;

  while (first_at < first_end && second_at < second_end)
    {
      gsize n_first, n_second;

      if (!g_ascii_isdigit (*first_at) || !g_ascii_isdigit (*second_at))
        {
          if (*first_at != *second_at)
            return (guchar) *first_at < (guchar) *second_at ? -1 : 1;
          first_at++;
          second_at++;
          continue;
        }

      while (first_at < first_end && *first_at == '0')
        first_at++;
      while (second_at < second_end && *second_at == '0')
        second_at++;
      n_first = count_digits (first_at, first_end);
      n_second = count_digits (second_at, second_end);
      if (n_first != n_second)
        return n_first < n_second ? -1 : 1;
      order = memcmp (first_at, second_at, n_first);
      if (order != 0)
        return order;
      first_at += n_first;
      second_at += n_second;
    }
  if (first_at < first_end || second_at < second_end)
    return first_at == first_end ? -1 : 1;

  /* Only noughts before the numbers are different. */
  order = memcmp (first, second, MIN (first_length, second_length));
  return order != 0 ? order : first_length < second_length ? -1 : first_length > second_length;
}

/* FALSE: it has none. */
static gboolean
get_weight (Sorting *sorting,
            guint32  what,
            gint64  *weight)
{
  if (what >= sorting->weights->len)
    return FALSE;
  *weight = g_array_index (sorting->weights, gint64, what);
  return TRUE;
}

static int
compare_weights (Sorting *sorting,
                 guint32  first,
                 guint32  second)
{
  gint64 first_weight = 0;
  gint64 second_weight = 0;
  gboolean has_first = get_weight (sorting, first, &first_weight);
  gboolean has_second = get_weight (sorting, second, &second_weight);
  int order = first_weight < second_weight ? -1 : first_weight > second_weight;

  if (!has_first || !has_second)
    return has_second - has_first;
  return sorting->descending ? -order : order;
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
  gboolean first_folder;
  int order;

  first_folder = (first & FOLDER) != 0;
  if (first_folder != ((second & FOLDER) != 0))
    return first_folder ? -1 : 1;
  if (sorting->weights != NULL && !first_folder)
    {
      order = compare_weights (sorting, first, second);
      if (order != 0)
        return order;
    }

  first_part = get_part (sorting, first, &first_length);
  second_part = get_part (sorting, second, &second_length);
  order = compare_names (first_part, first_length, second_part, second_length);
  return sorting->descending && sorting->weights == NULL ? -order : order;
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
 * @weights: (nullable) (element-type gint64): not changed until it is sorted; it is held
 * @descending: the other way round; folders come first in any case
 * @cancellable: (nullable): leaves the list as it is
 * @callback: called when the rows stand in their order
 * @user_data: data for @callback
 *
 * Sorts what is there now. One at a time.
 *
 * Errors: %G_IO_ERROR_PENDING, %G_IO_ERROR_CANCELLED, %G_IO_ERROR_BUSY when rows were taken out meanwhile: it is to be
 * sorted again
 */
void
cb_key_list_sort_async (CbKeyList           *self,
                        GArray              *weights,
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
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The keys are being sorted."));
      return;
    }

  self->sorting = TRUE;
  sorting = g_new0 (Sorting, 1);
  sorting->store = cb_key_store_ref (self->store);
  sorting->rows = g_array_copy (self->rows);
  sorting->n_drops = self->n_drops;
  sorting->flat = self->flat;
  sorting->weights = weights != NULL ? g_array_ref (weights) : NULL;
  sorting->descending = descending;
  g_task_set_task_data (task, sorting, sorting_free);
  cb_task_run_in_thread (task, sort_thread);
}

/* Takes over the order of the first rows. */
static void
tell_sorted (CbKeyList *self,
             GArray    *rows)
{
  guint first = 0;
  guint last = rows->len;

  while (first < last && g_array_index (self->rows, guint32, first) == g_array_index (rows, guint32, first))
    first++;
  while (last > first && g_array_index (self->rows, guint32, last - 1) == g_array_index (rows, guint32, last - 1))
    last--;
  if (first == last)
    return;

  memcpy (self->rows->data, rows->data, rows->len * sizeof (guint32));
  g_list_model_items_changed (G_LIST_MODEL (self), first, last - first, last - first);
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

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (g_async_result_is_tagged (result, cb_key_list_sort_async) && g_task_get_task_data (G_TASK (result)) != NULL)
    self->sorting = FALSE;
  if (!g_task_propagate_boolean (cb_task_in_thread_result (result), error))
    return FALSE;

  sorting = g_task_get_task_data (G_TASK (result));
  if (sorting->n_drops != self->n_drops)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("Keys have gone while they were sorted."));
      return FALSE;
    }
  tell_sorted (self, sorting->rows);
  return TRUE;
}

/**
 * cb_key_list_sort:
 * @self: a list of a few thousand rows at most, since it is done when this returns
 * @weights: (nullable): as for cb_key_list_sort_async()
 * @descending: the other way round
 */
void
cb_key_list_sort (CbKeyList *self,
                  GArray    *weights,
                  gboolean   descending)
{
  Sorting sorting = { .weights = weights, .descending = descending };
  g_autoptr (GArray) rows = NULL;

  g_return_if_fail (CB_IS_KEY_LIST (self));

  if (self->rows->len < 2)
    return;

  rows = g_array_copy (self->rows);
  sorting.store = self->store;
  sorting.flat = self->flat;
  /* What another thread is about to tell is of an order that is none any more. */
  self->n_drops++;
  g_array_sort_with_data (rows, compare_rows, &sorting);
  tell_sorted (self, rows);
}
