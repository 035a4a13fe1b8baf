/* cb-json-node.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json-node.h"

#include <string.h>

#include "cb-json-children.h"
#include "cb-json.h"

struct _CbJsonNode
{
  GObject parent_instance;

  GBytes *bytes;              /* (owned): all of the text */
  CbJsonChild value;
  CbJsonNode *above;          /* (nullable): what it is in; a weak pointer, as that owns this one */
  gsize n_left;               /* more than 0: not a value, but as many of them */
  GPtrArray *children;        /* (owned) (nullable) (element-type CbJsonNode): those that have been asked for */
};

static void list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbJsonNode, cb_json_node, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static const char *
get_text (CbJsonNode *self)
{
  return g_bytes_get_data (self->bytes, NULL);
}

static CbJsonNode *
create_child (CbJsonNode *self, const CbJsonChild *value, gsize n_left)
{
  CbJsonNode *child = g_object_new (CB_TYPE_JSON_NODE, NULL);

  child->bytes = g_bytes_ref (self->bytes);
  if (value != NULL)
    child->value = *value;
  child->n_left = n_left;
  g_set_weak_pointer (&child->above, self);
  return child;
}

/* Adds the next of them behind those that are there. */
static void
append_page (CbJsonNode *self)
{
  g_autoptr (GArray) found = cb_json_find_children (get_text (self), &self->value, self->children->len, CB_JSON_NODE_PAGE);
  gsize n;

  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (self->children, create_child (self, &g_array_index (found, CbJsonChild, i), 0));
  n = self->children->len;
  if (n < self->value.n_children && found->len > 0)
    g_ptr_array_add (self->children, create_child (self, NULL, self->value.n_children - n));
}

static void
ensure_children (CbJsonNode *self)
{
  if (self->children != NULL)
    return;

  self->children = g_ptr_array_new_with_free_func (g_object_unref);
  append_page (self);
}

/* ---- list ---- */

static GType
get_item_type (GListModel *model)
{
  return CB_TYPE_JSON_NODE;
}

static guint
get_n_items (GListModel *model)
{
  CbJsonNode *self = CB_JSON_NODE (model);

  ensure_children (self);
  return self->children->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  CbJsonNode *self = CB_JSON_NODE (model);

  ensure_children (self);
  return position < self->children->len ? g_object_ref (g_ptr_array_index (self->children, position)) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* ---- object ---- */

static void
cb_json_node_finalize (GObject *object)
{
  CbJsonNode *self = CB_JSON_NODE (object);

  g_clear_weak_pointer (&self->above);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);

  G_OBJECT_CLASS (cb_json_node_parent_class)->finalize (object);
}

static void
cb_json_node_class_init (CbJsonNodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_json_node_finalize;
}

static void
cb_json_node_init (CbJsonNode *self)
{
}

/**
 * cb_json_node_new:
 *
 * Reads @bytes once; what is in it is looked at when it is asked for.
 *
 * Returns: (transfer full) (nullable): the outermost value
 */
CbJsonNode *
cb_json_node_new (GBytes *bytes, GError **error)
{
  CbJsonChild value;
  CbJsonNode *self;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (!cb_json_find_value (text != NULL ? text : "", size, &value, error))
    return NULL;

  self = g_object_new (CB_TYPE_JSON_NODE, NULL);
  self->bytes = g_bytes_ref (bytes);
  self->value = value;
  return self;
}

gboolean
cb_json_node_has_children (CbJsonNode *self)
{
  return self->value.n_children > 0;
}

gsize
cb_json_node_get_n_left (CbJsonNode *self)
{
  return self->n_left;
}

void
cb_json_node_load_more (CbJsonNode *self)
{
  g_autoptr (CbJsonNode) above = NULL;
  guint n;

  g_return_if_fail (CB_IS_JSON_NODE (self));

  if (self->n_left == 0 || self->above == NULL)
    return;

  above = g_object_ref (self->above);
  n = above->children->len - 1;
  g_ptr_array_set_size (above->children, (int) n);   /* from here on @self may be gone */
  append_page (above);
  g_list_model_items_changed (G_LIST_MODEL (above), n, 1, above->children->len - n);
}

gboolean
cb_json_node_is_repeated (CbJsonNode *self)
{
  return self->value.is_repeated;
}

const char *
cb_json_node_get_kind (CbJsonNode *self)
{
  switch ((int) self->value.type)
    {
    case CB_JSON_BEGIN_OBJECT:
      return "object";
    case CB_JSON_BEGIN_ARRAY:
      return "array";
    case CB_JSON_STRING:
      return "string";
    case CB_JSON_NUMBER:
      return "number";
    default:
      return "word";
    }
}

static char *
display (const char *text, gsize length, gsize max_bytes)
{
  gsize shown = MIN (length, max_bytes);
  g_autofree char *line = NULL;

  /* Not in the middle of a character. */
  while (shown < length && shown > 0 && ((guchar) text[shown] & 0xc0) == 0x80)
    shown--;
  line = cb_text_display (text, (gssize) shown, TRUE);
  return shown < length ? g_strconcat (line, "…", NULL) : g_steal_pointer (&line);
}

char *
cb_json_node_dup_name (CbJsonNode *self, gsize max_bytes)
{
  if (self->value.name_length > 0)
    return display (get_text (self) + self->value.name_at, self->value.name_length, max_bytes);
  if (self->above != NULL)
    return g_strdup_printf ("[%" G_GSIZE_FORMAT "]", self->value.index);
  return g_strdup ("");
}

char *
cb_json_node_dup_label (CbJsonNode *self, gsize max_bytes)
{
  gboolean is_object = self->value.type == CB_JSON_BEGIN_OBJECT;

  if (!is_object && self->value.type != CB_JSON_BEGIN_ARRAY)
    return display (get_text (self) + self->value.at, self->value.length, max_bytes);
  if (self->value.n_children == 0)
    return g_strdup (is_object ? "{}" : "[]");
  return g_strdup_printf (is_object ? "{ %" G_GSIZE_FORMAT " }" : "[ %" G_GSIZE_FORMAT " ]", self->value.n_children);
}

char *
cb_json_node_dup_value (CbJsonNode *self)
{
  const char *token = get_text (self) + self->value.at;

  if (self->value.type == CB_JSON_STRING)
    return cb_json_decode_string (token, (gssize) self->value.length, self->value.length, NULL);
  return g_strndup (token, self->value.length);
}

/* Whether it can stand behind a dot. */
static gboolean
is_plain_name (const char *name, gsize length)
{
  if (length == 0 || g_ascii_isdigit (name[0]))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (name[i]) && name[i] != '_')
        return FALSE;
    }
  return TRUE;
}

char *
cb_json_node_dup_path (CbJsonNode *self)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  GString *path = g_string_new ("$");

  for (CbJsonNode *node = self; node != NULL && node->above != NULL; node = node->above)
    g_ptr_array_add (nodes, node);
  for (guint i = nodes->len; i > 0; i--)
    {
      CbJsonNode *node = g_ptr_array_index (nodes, i - 1);
      const char *token = get_text (node) + node->value.name_at;
      gsize length = node->value.name_length;

      if (length == 0)
        g_string_append_printf (path, "[%" G_GSIZE_FORMAT "]", node->value.index);
      else if (is_plain_name (token + 1, length - 2))
        g_string_append_printf (path, ".%.*s", (int) (length - 2), token + 1);
      else
        g_string_append_printf (path, "[%.*s]", (int) length, token);
    }
  return g_string_free (path, FALSE);
}
