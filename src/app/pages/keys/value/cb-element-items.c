/* cb-element-items.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-element-items.h"

#include <string.h>

#include "cb-json.h"
#include "cb-key-list.h"

#define PORTION 100
/* Elements for a look by a filter, of which most don't match. */
#define FILTER_COUNT 1000
/* What one answer should have at most: elements may be large. */
#define ANSWER_BYTES (1024 * 1024)
#define MOST_RELOADED 1000
/* What is looked at for a line in a list. */
#define LABEL_BYTES 400
#define LABEL_CHARS 200

/* --- a row --- */

struct _CbElementItem
{
  GObject parent_instance;

  GBytes *name;      /* (owned) */
  GBytes *value;     /* (owned) (nullable) */
  GPtrArray *fields; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbElementItem, cb_element_item, G_TYPE_OBJECT)

static guint item_changed;

static void
cb_element_item_finalize (GObject *object)
{
  CbElementItem *self = CB_ELEMENT_ITEM (object);

  g_bytes_unref (self->name);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);

  G_OBJECT_CLASS (cb_element_item_parent_class)->finalize (object);
}

static void
cb_element_item_class_init (CbElementItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_element_item_finalize;
  item_changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_element_item_init (CbElementItem *self)
{
}

GBytes *
cb_element_item_get_name (CbElementItem *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEM (self), NULL);
  return self->name;
}

GBytes *
cb_element_item_get_value (CbElementItem *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEM (self), NULL);
  return self->value;
}

GPtrArray *
cb_element_item_get_fields (CbElementItem *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEM (self), NULL);
  return self->fields;
}

static void
append_label (GString *text, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gsize looked_at = MIN (length, LABEL_BYTES);
  g_autofree char *label = NULL;

  if (length == 0)
    {
      g_string_append (text, "\"\"");
      return;
    }
  /* Not in the middle of a character. */
  for (guint i = 0; i < 3 && looked_at < length && ((guchar) data[looked_at] & 0xc0) == 0x80; i++)
    looked_at--;
  label = cb_text_display (data, (gssize) looked_at, TRUE);
  if (g_utf8_strlen (label, -1) > LABEL_CHARS || length > LABEL_BYTES)
    {
      g_autofree char *cut = g_utf8_substring (label, 0, MIN (LABEL_CHARS, g_utf8_strlen (label, -1)));

      g_string_append_printf (text, "%s…", cut);
      return;
    }
  g_string_append (text, label);
}

char *
cb_element_item_dup_name_label (CbElementItem *self)
{
  gsize length;
  const char *data = g_bytes_get_data (self->name, &length);

  return cb_key_name_display (data != NULL ? data : "", length, LABEL_CHARS);
}

char *
cb_element_item_dup_value_label (CbElementItem *self)
{
  GString *text = g_string_new (NULL);

  if (self->value != NULL)
    append_label (text, self->value);
  for (guint i = 0; self->fields != NULL && i + 1 < self->fields->len && text->len < LABEL_BYTES; i += 2)
    {
      if (i > 0)
        g_string_append (text, "   ");
      append_label (text, self->fields->pdata[i]);
      g_string_append (text, ": ");
      append_label (text, self->fields->pdata[i + 1]);
    }
  return g_string_free (text, FALSE);
}

/* --- the list --- */

struct _CbElementItems
{
  GObject parent_instance;

  CbConnection *connection;   /* (owned) */
  GBytes *key;                /* (owned) */
  char *type;                 /* (owned) */
  guint count;                /* elements in a page */
  GBytes *filter;             /* (owned) (nullable) */
  gboolean filter_here;       /* the server can't */

  GPtrArray *items;           /* (owned) (element-type CbElementItem) */
  GHashTable *by_name;        /* (owned) (nullable) name of an element that stands in items: CbElementItem, borrowed */
  char *next;                 /* (owned) (nullable) where it goes on */
  gboolean complete;
  guint64 n_read;
  guint wanted;               /* so many items until reading stops */
  GPtrArray *coming;          /* (owned) (nullable): what is read again, put in place of `items` when it is there */
  GHashTable *coming_names;   /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) (nullable): reading */
  GError *error;              /* (owned) (nullable) */
};

enum
{
  PROP_0,
  PROP_LOADING,
  PROP_COMPLETE,
  PROP_ERROR_MESSAGE,
  PROP_N_READ,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static GType
get_item_type (GListModel *model)
{
  return CB_TYPE_ELEMENT_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return CB_ELEMENT_ITEMS (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  CbElementItems *self = CB_ELEMENT_ITEMS (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CbElementItems, cb_element_items, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void read_page (CbElementItems *self);

static void
notify_state (CbElementItems *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_READ]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
}

static gboolean
has_bytes (GBytes *bytes, GBytes *part)
{
  gsize length;
  gsize part_length;
  const char *data = g_bytes_get_data (bytes, &length);
  const char *needle = g_bytes_get_data (part, &part_length);

  return data != NULL && memmem (data, length, needle, part_length) != NULL;
}

static gboolean
matches (CbElementItems *self, CbKeyElement *element)
{
  if (!self->filter_here || self->filter == NULL)
    return TRUE;
  if (element->value != NULL && has_bytes (element->value, self->filter))
    return TRUE;
  for (guint i = 0; element->fields != NULL && i < element->fields->len; i++)
    if (has_bytes (element->fields->pdata[i], self->filter))
      return TRUE;
  return element->fields != NULL && has_bytes (element->name, self->filter);
}

static void
set_value (CbElementItem *item, CbKeyElement *element)
{
  gboolean same = (item->value == NULL && element->value == NULL) ||
                  (item->value != NULL && element->value != NULL && g_bytes_equal (item->value, element->value));

  if (element->fields != NULL && item->fields == NULL)
    item->fields = g_ptr_array_ref (element->fields);
  if (same)
    return;
  g_clear_pointer (&item->value, g_bytes_unref);
  if (element->value != NULL)
    item->value = g_bytes_ref (element->value);
  g_signal_emit (item, item_changed, 0);
}

static guint
get_count (CbElementItems *self)
{
  return self->filter != NULL ? self->count * (FILTER_COUNT / PORTION) : self->count;
}

static void
take_page (CbElementItems *self, CbKeyPage *page)
{
  GPtrArray *items = self->coming != NULL ? self->coming : self->items;
  GHashTable *names = self->coming != NULL ? self->coming_names : self->by_name;
  guint before = items->len;

  /* What doesn't match is not told of, only that so many were looked at, about. */
  self->n_read += self->filter != NULL && !self->filter_here ? get_count (self) : page->elements->len;
  for (guint i = 0; i < page->elements->len; i++)
    {
      CbKeyElement *element = page->elements->pdata[i];
      CbElementItem *item = g_hash_table_lookup (names, element->name);

      if (!matches (self, element))
        continue;
      if (item != NULL)
        {
          set_value (item, element);
          continue;
        }
      item = self->coming != NULL ? g_hash_table_lookup (self->by_name, element->name) : NULL;
      if (item != NULL)
        {
          g_object_ref (item);
        }
      else
        {
          item = g_object_new (CB_TYPE_ELEMENT_ITEM, NULL);
          item->name = g_bytes_ref (element->name);
        }
      set_value (item, element);
      g_ptr_array_add (items, item);
      g_hash_table_insert (names, item->name, item);
    }
  if (items == self->items && items->len > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, items->len - before);
}

/* Puts what was read again in place: only the part that differs is told of. */
static void
replace (CbElementItems *self)
{
  GPtrArray *old = g_steal_pointer (&self->items);
  guint n_old = old->len;
  guint n_new = self->coming->len;
  guint first = 0;
  guint last = 0;

  while (first < MIN (n_old, n_new) && old->pdata[first] == self->coming->pdata[first])
    first++;
  while (last < MIN (n_old, n_new) - first && old->pdata[n_old - 1 - last] == self->coming->pdata[n_new - 1 - last])
    last++;
  self->items = g_steal_pointer (&self->coming);
  g_hash_table_unref (self->by_name);
  self->by_name = g_steal_pointer (&self->coming_names);
  if (n_old - first - last > 0 || n_new - first - last > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), first, n_old - first - last, n_new - first - last);
  g_ptr_array_unref (old);
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbElementItems) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyPage) page = cb_key_page_finish (CB_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (page == NULL)
    {
      g_clear_object (&self->cancellable);
      g_clear_pointer (&self->coming, g_ptr_array_unref);
      g_clear_pointer (&self->coming_names, g_hash_table_unref);
      self->error = g_steal_pointer (&error);
      notify_state (self);
      return;
    }

  take_page (self, page);
  g_free (self->next);
  self->next = g_steal_pointer (&page->next);
  self->complete = self->next == NULL;
  if (!self->complete && (self->coming != NULL ? self->coming : self->items)->len < self->wanted)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_READ]);
      read_page (self);
      return;
    }
  g_clear_object (&self->cancellable);
  if (self->coming != NULL)
    replace (self);
  notify_state (self);
}

static void
read_page (CbElementItems *self)
{
  cb_key_page_async (self->connection, self->key, self->type, self->next, self->filter_here ? NULL : self->filter,
                     get_count (self), self->cancellable, page_cb, g_object_ref (self));
}

static void
start (CbElementItems *self, guint wanted)
{
  g_clear_error (&self->error);
  self->wanted = wanted;
  self->cancellable = g_cancellable_new ();
  notify_state (self);
  read_page (self);
}

static void
stop (CbElementItems *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->coming, g_ptr_array_unref);
  g_clear_pointer (&self->coming_names, g_hash_table_unref);
}

static void
cb_element_items_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbElementItems *self = CB_ELEMENT_ITEMS (object);

  switch (id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, cb_element_items_is_loading (self));
      break;
    case PROP_COMPLETE:
      g_value_set_boolean (value, self->complete);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, cb_element_items_get_error (self));
      break;
    case PROP_N_READ:
      g_value_set_uint64 (value, self->n_read);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_element_items_dispose (GObject *object)
{
  CbElementItems *self = CB_ELEMENT_ITEMS (object);

  stop (self);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (cb_element_items_parent_class)->dispose (object);
}

static void
cb_element_items_finalize (GObject *object)
{
  CbElementItems *self = CB_ELEMENT_ITEMS (object);

  g_bytes_unref (self->key);
  g_free (self->type);
  g_clear_pointer (&self->filter, g_bytes_unref);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->items);
  g_free (self->next);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (cb_element_items_parent_class)->finalize (object);
}

static void
cb_element_items_class_init (CbElementItemsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = cb_element_items_get_property;
  object_class->dispose = cb_element_items_dispose;
  object_class->finalize = cb_element_items_finalize;

  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, NULL, flags);
  properties[PROP_N_READ] = g_param_spec_uint64 ("n-read", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_element_items_init (CbElementItems *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_name = g_hash_table_new (g_bytes_hash, g_bytes_equal);
}

/**
 * cb_element_items_new:
 * @connection: a connection
 * @key: the name of a key
 * @info: what it is
 *
 * Returns: (transfer full): an empty list; cb_element_items_load_more() begins to read
 */
CbElementItems *
cb_element_items_new (CbConnection *connection, GBytes *key, const CbKeyInfo *info)
{
  CbElementItems *self = g_object_new (CB_TYPE_ELEMENT_ITEMS, NULL);
  gint64 average = info->memory > 0 && info->size > 0 ? info->memory / info->size : 0;

  self->connection = g_object_ref (connection);
  self->key = g_bytes_ref (key);
  self->type = g_strdup (info->type);
  self->count = average > 0 ? (guint) CLAMP (ANSWER_BYTES / average, 1, PORTION) : PORTION;
  self->filter_here = g_str_equal (info->type, "list") || g_str_equal (info->type, "stream");
  return self;
}

/**
 * cb_element_items_set_filter:
 * @filter: (nullable): as it was typed; %NULL or empty for all
 */
void
cb_element_items_set_filter (CbElementItems *self, const char *filter)
{
  guint n = self->items->len;

  g_return_if_fail (CB_IS_ELEMENT_ITEMS (self));

  stop (self);
  g_clear_pointer (&self->filter, g_bytes_unref);
  if (filter != NULL && *filter != '\0')
    {
      g_autofree char *pattern = self->filter_here || strpbrk (filter, "*?[\\") != NULL ? g_strdup (filter)
                                                                                     : g_strconcat ("*", filter, "*", NULL);

      self->filter = g_bytes_new (pattern, strlen (pattern));
    }
  g_hash_table_remove_all (self->by_name);
  g_ptr_array_set_size (self->items, 0);
  g_clear_pointer (&self->next, g_free);
  self->complete = FALSE;
  self->n_read = 0;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  cb_element_items_load_more (self);
}

void
cb_element_items_rename (CbElementItems *self, GBytes *key)
{
  g_return_if_fail (CB_IS_ELEMENT_ITEMS (self));

  g_bytes_ref (key);
  g_bytes_unref (self->key);
  self->key = key;
}

void
cb_element_items_load_more (CbElementItems *self)
{
  g_return_if_fail (CB_IS_ELEMENT_ITEMS (self));

  if (self->cancellable == NULL && !self->complete)
    start (self, self->items->len + PORTION);
}

void
cb_element_items_reload (CbElementItems *self)
{
  g_return_if_fail (CB_IS_ELEMENT_ITEMS (self));

  stop (self);
  g_clear_pointer (&self->next, g_free);
  self->complete = FALSE;
  self->n_read = 0;
  self->coming = g_ptr_array_new_with_free_func (g_object_unref);
  self->coming_names = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  start (self, CLAMP (self->items->len, PORTION, MOST_RELOADED));
}

gboolean
cb_element_items_is_loading (CbElementItems *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), FALSE);
  return self->cancellable != NULL;
}

gboolean
cb_element_items_is_complete (CbElementItems *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), FALSE);
  return self->complete;
}

const char *
cb_element_items_get_error (CbElementItems *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), NULL);
  return self->error != NULL ? self->error->message : NULL;
}

const GError *
cb_element_items_get_gerror (CbElementItems *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), NULL);
  return self->error;
}

guint64
cb_element_items_get_n_read (CbElementItems *self)
{
  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), 0);
  return self->n_read;
}

int
cb_element_items_find (CbElementItems *self, GBytes *name)
{
  CbElementItem *item;
  guint index;

  g_return_val_if_fail (CB_IS_ELEMENT_ITEMS (self), -1);

  item = g_hash_table_lookup (self->by_name, name);
  return item != NULL && g_ptr_array_find (self->items, item, &index) ? (int) index : -1;
}
