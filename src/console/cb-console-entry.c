/* cb-console-entry.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-entry.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-console-line.h"

/* Shown at first, and more each time it is asked for. */
#define FIRST_ELEMENTS 100
#define MORE_ELEMENTS 1000
#define FIRST_LINES (16 * 1024) /* bytes of lines as they are */
#define MORE_PIECES 256

/* Characters in a row, about: laying out a line that is wrapped costs the square of its length, and ten thousand take seconds. */
#define MOST_IN_ROW 300

/* Of a stream. */
#define MOST_STREAMED 1000
#define MOST_STREAMED_BYTES (8 * 1024 * 1024)

struct _CbConsoleNode
{
  GObject parent_instance;

  char *label;         /* (owned) */
  char *text;          /* (owned) */
  CbResp *value;       /* (owned) (nullable) */
  GListStore *siblings; /* (unowned) (nullable) where one that is more stands */
  guint from;          /* the first that it stands for */
  gboolean more;
  gboolean raw;        /* text with its lines as they are */
  gboolean cut;        /* there is more of it than the text shows */
};

G_DEFINE_FINAL_TYPE (CbConsoleNode, cb_console_node, G_TYPE_OBJECT)

static void
cb_console_node_finalize (GObject *object)
{
  CbConsoleNode *self = CB_CONSOLE_NODE (object);

  g_free (self->label);
  g_free (self->text);
  g_clear_pointer (&self->value, cb_resp_unref);
  g_clear_weak_pointer (&self->siblings);

  G_OBJECT_CLASS (cb_console_node_parent_class)->finalize (object);
}

static void
cb_console_node_class_init (CbConsoleNodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_console_node_finalize;
}

static void
cb_console_node_init (CbConsoleNode *self)
{
}

static gboolean
has_pairs (CbResp *value)
{
  return cb_resp_get_kind (value) == CB_RESP_MAP || cb_resp_get_kind (value) == CB_RESP_ATTRIBUTE;
}

/* Of INFO and the like: lines of text, and nothing that would not be seen. */
static gboolean
is_lines (CbResp *value)
{
  gsize length;
  const char *bytes = cb_resp_get_bytes (value, &length);
  CbRespKind kind = cb_resp_get_kind (value);

  if ((kind != CB_RESP_STRING && kind != CB_RESP_VERBATIM) || memchr (bytes, '\n', length) == NULL ||
      !g_utf8_validate (bytes, (gssize) length, NULL))
    return FALSE;
  for (gsize i = 0, line = 0; i < length; i++)
    {
      if ((guchar) bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t')
        return FALSE;
      line = bytes[i] == '\n' ? 0 : line + 1;
      if (line > 2 * MOST_IN_ROW)
        return FALSE;
    }
  return TRUE;
}

/* As much as is shown, never in the middle of a character. */
static char *
lines_to_text (CbResp *value, gsize most)
{
  gsize length;
  const char *bytes = cb_resp_get_bytes (value, &length);
  g_autoptr (GString) text = NULL;

  if (length > most)
    {
      length = most;
      while (length > 0 && ((guchar) bytes[length] & 0xc0) == 0x80)
        length--;
    }
  text = g_string_new_len (bytes, (gssize) length);
  g_string_replace (text, "\r\n", "\n", 0);
  while (text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1);
  if (length < cb_resp_get_length (value))
    g_string_append (text, "…");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe (CbResp *value, gsize most, gboolean raw)
{
  g_autofree char *line = NULL;
  guint64 n = cb_resp_get_length (value);

  if (raw)
    return lines_to_text (value, most);
  switch (cb_resp_get_kind (value))
    {
    case CB_RESP_ARRAY:
      return n == 0 ? g_strdup ("(empty array)") : g_strdup_printf ("(array: %" G_GUINT64_FORMAT ")", n);
    case CB_RESP_SET:
      return n == 0 ? g_strdup ("(empty set)") : g_strdup_printf ("(set: %" G_GUINT64_FORMAT ")", n);
    case CB_RESP_PUSH:
      return cb_resp_to_line (value, most);
    case CB_RESP_MAP:
      return n == 0 ? g_strdup ("(empty hash)") : g_strdup_printf ("(hash: %" G_GUINT64_FORMAT ")", n / 2);
    case CB_RESP_ATTRIBUTE:
      return g_strdup_printf ("(attributes: %" G_GUINT64_FORMAT ")", n / 2);
    case CB_RESP_NULL:
    case CB_RESP_STATUS:
    case CB_RESP_ERROR:
    case CB_RESP_INTEGER:
    case CB_RESP_STRING:
    case CB_RESP_BOOLEAN:
    case CB_RESP_DOUBLE:
    case CB_RESP_BIG_NUMBER:
    case CB_RESP_VERBATIM:
    default:
      return cb_resp_to_line (value, most);
    }
}

/* Sets the text to what has room in a row. */
static void
set_text (CbConsoleNode *self, const char *text)
{
  glong length = g_utf8_strlen (text, -1);
  gsize kept;

  cb_resp_get_bytes (self->value, &kept);
  self->cut = !cb_resp_is_aggregate (self->value) && (kept > MOST_IN_ROW || length > MOST_IN_ROW + 20);
  if (length > MOST_IN_ROW + 20)
    {
      g_autofree char *beginning = g_utf8_substring (text, 0, MOST_IN_ROW);

      self->text = g_strconcat (beginning, "…", NULL);
    }
  else
    {
      self->text = g_strdup (text);
    }
}

static CbConsoleNode *
node_new (const char *label, CbResp *value, gboolean raw)
{
  CbConsoleNode *self = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);

  self->label = g_strdup (label);
  self->value = value != NULL ? cb_resp_ref (value) : NULL;
  self->raw = raw;
  if (raw)
    {
      gsize kept;

      cb_resp_get_bytes (value, &kept);
      self->text = describe (value, FIRST_LINES, TRUE);
      self->cut = kept > FIRST_LINES;
    }
  else
    {
      g_autofree char *text = describe (value, MOST_IN_ROW, FALSE);

      set_text (self, text);
    }
  return self;
}

static CbConsoleNode *
node_new_more (GListStore *siblings, CbResp *value, guint from)
{
  CbConsoleNode *self = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);
  guint kept = cb_resp_get_n_elements (value);
  guint step = has_pairs (value) ? 2 : 1;
  g_autofree char *number = NULL;

  self->label = g_strdup ("");
  self->value = cb_resp_ref (value);
  self->from = from;
  self->more = from < kept;
  g_set_weak_pointer (&self->siblings, siblings);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, (cb_resp_get_length (value) - (self->more ? from : kept)) / step);
  if (self->more)
    /* Translators: a number of elements */
    self->text = g_strdup_printf (_ ("%s more…"), number);
  else
    /* Translators: a number of elements */
    self->text = g_strdup_printf (_ ("%s more, which were counted and not kept: the reply was too big"), number);
  return self;
}

static CbConsoleNode *
node_new_more_text (GListStore *siblings, CbResp *value)
{
  CbConsoleNode *self = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);
  g_autofree char *size = g_format_size_full (cb_resp_get_length (value), G_FORMAT_SIZE_IEC_UNITS);

  self->label = g_strdup ("");
  self->value = cb_resp_ref (value);
  self->more = TRUE;
  g_set_weak_pointer (&self->siblings, siblings);
  /* Translators: a size */
  self->text = g_strdup_printf (_ ("More of %s…"), size);
  return self;
}

/* @n of the elements from @from on, and what stands for the rest. */
static void
fill (GListStore *store, CbResp *value, guint from, guint n)
{
  static const char marks[] = { [CB_RESP_ARRAY] = ')', [CB_RESP_MAP] = '#', [CB_RESP_SET] = '~', [CB_RESP_PUSH] = '>',
                                [CB_RESP_ATTRIBUTE] = '|' };
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_object_unref);
  guint kept = cb_resp_get_n_elements (value);
  gboolean pairs = has_pairs (value);
  guint step = pairs ? 2 : 1;
  guint i;

  if (from == 0 && cb_resp_get_attributes (value) != NULL)
    g_ptr_array_add (nodes, node_new ("|", cb_resp_get_attributes (value), FALSE));
  for (i = from; i + step <= kept && (i - from) / step < n; i += step)
    {
      g_autofree char *label = NULL;

      if (pairs)
        label = cb_resp_to_line (cb_resp_get_element (value, i), 60);
      else
        label = g_strdup_printf ("%u%c", i + 1, marks[cb_resp_get_kind (value)]);
      g_ptr_array_add (nodes, node_new (label, cb_resp_get_element (value, i + step - 1), FALSE));
    }
  if (i < cb_resp_get_length (value))
    g_ptr_array_add (nodes, node_new_more (store, value, MIN (i, kept)));
  g_list_store_splice (store, g_list_model_get_n_items (G_LIST_MODEL (store)), 0, nodes->pdata, nodes->len);
}

const char *
cb_console_node_get_label (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), NULL);

  return self->label;
}

const char *
cb_console_node_get_text (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), NULL);

  return self->text;
}

gboolean
cb_console_node_is_error (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), FALSE);

  return !self->more && cb_resp_get_kind (self->value) == CB_RESP_ERROR;
}

gboolean
cb_console_node_is_more (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), FALSE);

  return self->more;
}

CbResp *
cb_console_node_get_value (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), NULL);

  return self->value;
}

guint
cb_console_node_get_n_inside (CbConsoleNode *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), 0);

  return self->siblings != NULL ? 0 : cb_resp_get_n_elements (self->value);
}

GListModel *
cb_console_node_dup_children (CbConsoleNode *self)
{
  GListStore *store;

  g_return_val_if_fail (CB_IS_CONSOLE_NODE (self), NULL);

  if (self->siblings != NULL || (cb_console_node_get_n_inside (self) == 0 && !self->cut))
    return NULL;
  store = g_list_store_new (CB_TYPE_CONSOLE_NODE);
  if (self->cut)
    {
      g_autoptr (CbConsoleNode) more = node_new_more_text (store, self->value);

      g_list_store_append (store, more);
    }
  else
    {
      fill (store, self->value, 0, FIRST_ELEMENTS);
    }
  return G_LIST_MODEL (store);
}

/* The bytes from @from on that have room in a row; @n tells how many. */
static char *
dup_piece (const char *bytes, gsize length, gsize from, gsize *n)
{
  char *text;

  *n = MIN (length - from, MOST_IN_ROW);
  for (;;)
    {
      gsize at = *n;

      /* Not in the middle of a character, where it is text. */
      while (from + at < length && at + 4 > *n && at > 1 && ((guchar) bytes[from + at] & 0xc0) == 0x80)
        at--;
      if (from + at >= length || ((guchar) bytes[from + at] & 0xc0) != 0x80)
        *n = at;
      text = cb_console_escape (bytes + from, *n, TRUE);
      if (strlen (text) <= MOST_IN_ROW * 4 / 3 || *n <= MOST_IN_ROW / 4)
        return text;
      *n = MOST_IN_ROW / 4;
      g_free (text);
    }
}

/* All of a string from its beginning on, in pieces. */
static void
show_more_text (CbConsoleNode *self)
{
  guint position = g_list_model_get_n_items (G_LIST_MODEL (self->siblings)) - 1;
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_object_unref);
  gsize kept;
  const char *bytes = cb_resp_get_bytes (self->value, &kept);

  while (self->from < kept && nodes->len < MORE_PIECES)
    {
      CbConsoleNode *piece = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);
      gsize n;

      piece->label = g_strdup_printf ("@%u", self->from);
      piece->text = dup_piece (bytes, kept, self->from, &n);
      g_ptr_array_add (nodes, piece);
      self->from += (guint) n;
    }
  g_list_store_splice (self->siblings, position, self->from >= kept ? 1 : 0, nodes->pdata, nodes->len);
}

/**
 * cb_console_node_show_more:
 * @self: one that is more
 *
 * Puts the next elements, or the next bytes of a string, before it. It goes when nothing is left.
 */
void
cb_console_node_show_more (CbConsoleNode *self)
{
  g_autoptr (CbConsoleNode) kept = NULL;
  guint position;

  g_return_if_fail (CB_IS_CONSOLE_NODE (self));

  if (!self->more || self->siblings == NULL)
    return;
  kept = g_object_ref (self);
  if (!cb_resp_is_aggregate (self->value))
    {
      show_more_text (self);
      return;
    }
  if (g_list_store_find (self->siblings, self, &position))
    {
      g_autoptr (GListStore) siblings = g_object_ref (self->siblings);

      g_list_store_remove (siblings, position);
      fill (siblings, self->value, self->from, MORE_ELEMENTS);
    }
}

/* ---- entries ---- */

struct _CbConsoleEntry
{
  GObject parent_instance;

  char *prompt;          /* (owned) */
  char *line;            /* (owned) */
  CbConsoleEntryState state;
  gint64 begun;          /* µs monotonic, 0 as long as nothing was sent */
  gint64 duration;       /* µs, -1 */
  GListStore *children;  /* (owned) */
  GPtrArray *replies;    /* (owned) (element-type CbResp) that are no stream */
  char *why;             /* (owned) (nullable) */
  GQueue streamed;       /* (element-type CbResp) not shown yet */
  guint64 n_received;
  guint64 n_discarded;
  gsize size;
  guint64 n_shown;       /* of a stream, in its life */
};

G_DEFINE_FINAL_TYPE (CbConsoleEntry, cb_console_entry, G_TYPE_OBJECT)

static guint changed_signal;

static void
cb_console_entry_finalize (GObject *object)
{
  CbConsoleEntry *self = CB_CONSOLE_ENTRY (object);

  g_free (self->prompt);
  g_free (self->line);
  g_free (self->why);
  g_object_unref (self->children);
  g_ptr_array_unref (self->replies);
  g_queue_clear_full (&self->streamed, (GDestroyNotify) cb_resp_unref);

  G_OBJECT_CLASS (cb_console_entry_parent_class)->finalize (object);
}

static void
cb_console_entry_class_init (CbConsoleEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_console_entry_finalize;
  changed_signal = g_signal_new ("changed", CB_TYPE_CONSOLE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_console_entry_init (CbConsoleEntry *self)
{
  self->children = g_list_store_new (CB_TYPE_CONSOLE_NODE);
  self->replies = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_resp_unref);
  self->duration = -1;
}

CbConsoleEntry *
cb_console_entry_new (const char *prompt, const char *line)
{
  CbConsoleEntry *self = g_object_new (CB_TYPE_CONSOLE_ENTRY, NULL);

  self->prompt = g_strdup (prompt);
  self->line = g_strdup (line);
  return self;
}

CbConsoleEntry *
cb_console_entry_new_note (const char *text)
{
  CbConsoleEntry *self = cb_console_entry_new ("", text);

  self->state = CB_CONSOLE_ENTRY_NOTE;
  return self;
}

const char *
cb_console_entry_get_prompt (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), NULL);

  return self->prompt;
}

/* Without secrets. */
const char *
cb_console_entry_get_line (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), NULL);

  return self->line;
}

CbConsoleEntryState
cb_console_entry_get_state (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), CB_CONSOLE_ENTRY_DONE);

  return self->state;
}

gint64
cb_console_entry_get_duration (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), -1);

  return self->duration;
}

guint64
cb_console_entry_get_n_received (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), 0);

  return self->n_received;
}

guint64
cb_console_entry_get_n_discarded (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), 0);

  return self->n_discarded;
}

/* Bytes it takes, about. */
gsize
cb_console_entry_get_size (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), 0);

  return self->size;
}

GListModel *
cb_console_entry_get_children (CbConsoleEntry *self)
{
  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), NULL);

  return G_LIST_MODEL (self->children);
}

/**
 * cb_console_entry_dup_text:
 * @self: an entry
 *
 * Returns: (transfer full): the reply as redis-cli prints it, at most about 4 MiB of it; why there is none behind it
 */
char *
cb_console_entry_dup_text (CbConsoleEntry *self)
{
  const gsize most = 4 * 1024 * 1024;
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (CB_IS_CONSOLE_ENTRY (self), NULL);

  if (self->replies->len == 1 && is_lines (g_ptr_array_index (self->replies, 0)))
    return lines_to_text (g_ptr_array_index (self->replies, 0), most);
  for (guint i = 0; i < self->replies->len && text->len < most; i++)
    {
      g_autofree char *one = cb_resp_to_text (g_ptr_array_index (self->replies, i), most - text->len);

      g_string_append (text, one);
    }
  for (guint i = 0; self->n_received > 0 && i < g_list_model_get_n_items (G_LIST_MODEL (self->children)) && text->len < most; i++)
    {
      g_autoptr (CbConsoleNode) node = g_list_model_get_item (G_LIST_MODEL (self->children), i);

      if (node->value != NULL && !node->more && node->siblings == NULL)
        {
          g_autofree char *line = cb_resp_to_line (node->value, most - text->len);

          g_string_append_printf (text, "%s\n", line);
        }
    }
  if (self->why != NULL)
    g_string_append (text, self->why);
  while (text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The time counts from here. */
void
cb_console_entry_begin (CbConsoleEntry *self)
{
  self->begun = g_get_monotonic_time ();
}

/* The elements of an aggregate are rows; anything else is one. */
void
cb_console_entry_add_reply (CbConsoleEntry *self, CbResp *reply)
{
  g_ptr_array_add (self->replies, cb_resp_ref (reply));
  self->size += cb_resp_get_size (reply);
  if (cb_resp_is_aggregate (reply) && cb_resp_get_n_elements (reply) > 0)
    {
      fill (self->children, reply, 0, FIRST_ELEMENTS);
    }
  else
    {
      g_autoptr (CbConsoleNode) node = node_new ("", reply, is_lines (reply));

      g_list_store_append (self->children, node);
    }
}

/* Keeps it until the next cb_console_entry_flush(); the oldest of too many go unseen, and are counted. */
void
cb_console_entry_add_streamed (CbConsoleEntry *self, CbResp *reply)
{
  if (self->state == CB_CONSOLE_ENTRY_WAITING)
    self->state = CB_CONSOLE_ENTRY_STREAM;
  self->n_received++;
  self->size += cb_resp_get_size (reply);
  g_queue_push_tail (&self->streamed, cb_resp_ref (reply));
  while (self->streamed.length > MOST_STREAMED || (self->size > MOST_STREAMED_BYTES && self->streamed.length > 1))
    {
      CbResp *oldest = g_queue_pop_head (&self->streamed);

      self->size -= cb_resp_get_size (oldest);
      self->n_discarded++;
      cb_resp_unref (oldest);
    }
}

/* Returns: how many there were to show */
guint
cb_console_entry_flush (CbConsoleEntry *self)
{
  g_autoptr (GPtrArray) nodes = NULL;
  CbResp *reply;
  guint n, n_old = 0;

  if (g_queue_is_empty (&self->streamed))
    return 0;

  nodes = g_ptr_array_new_with_free_func (g_object_unref);
  while ((reply = g_queue_pop_head (&self->streamed)) != NULL)
    {
      CbConsoleNode *node = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);

      g_autofree char *text = cb_resp_to_line (reply, MOST_IN_ROW);

      node->label = g_strdup ("");
      node->value = reply;
      set_text (node, text);
      g_ptr_array_add (nodes, node);
    }

  n = g_list_model_get_n_items (G_LIST_MODEL (self->children));
  while (n_old < n && (n - n_old + nodes->len > MOST_STREAMED || self->size > MOST_STREAMED_BYTES))
    {
      g_autoptr (CbConsoleNode) node = g_list_model_get_item (G_LIST_MODEL (self->children), n_old++);

      self->size -= cb_resp_get_size (node->value);
      self->n_discarded++;
    }
  g_list_store_splice (self->children, 0, n_old, NULL, 0);
  g_list_store_splice (self->children, g_list_model_get_n_items (G_LIST_MODEL (self->children)), 0, nodes->pdata, nodes->len);
  g_signal_emit (self, changed_signal, 0);
  return nodes->len;
}

/* @why: (nullable): a sentence, where no reply tells it */
void
cb_console_entry_end (CbConsoleEntry *self, CbConsoleEntryState state, const char *why)
{
  cb_console_entry_flush (self);
  self->state = state;
  if (self->begun != 0)
    self->duration = g_get_monotonic_time () - self->begun;
  if (why != NULL)
    {
      CbConsoleNode *node = g_object_new (CB_TYPE_CONSOLE_NODE, NULL);

      g_free (self->why);
      self->why = g_strdup (why);
      node->label = g_strdup ("");
      node->text = g_strdup (why);
      g_list_store_append (self->children, node);
      g_object_unref (node);
    }
  g_signal_emit (self, changed_signal, 0);
}
