/* cb-resp.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-resp.h"

#include <string.h>

#include "cb-console-line.h"
#include "cb-redis-error.h"

/* What is kept of one reply. A reply of a million keys is read to its end, and the rest of it counted. */
#define MOST_BYTES (16 * 1024 * 1024)
#define MOST_NODES 200000

/* Deeper is none of Redis: COMMAND DOCS nests about 12. */
#define MOST_DEPTH 64

/* https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md, without the streamed types, which Redis
 * does not send. */

struct _CbResp
{
  CbRespKind kind;
  guint64 length;       /* as sent */
  char *bytes;          /* (owned) (nullable) */
  gsize n_bytes;        /* kept */
  GPtrArray *elements;  /* (owned) (nullable) (element-type CbResp) kept */
  CbResp *attributes;   /* (owned) (nullable) */
};

typedef struct
{
  CbResp *node;       /* (owned) */
  CbResp *attributes; /* (owned) (nullable) of what comes next */
  guint64 left;
} Frame;

struct _CbRespReader
{
  GArray *frames;     /* (owned) (element-type Frame) */
  GQueue ready;       /* (element-type CbResp) */
  CbResp *attributes; /* (owned) (nullable) of the next reply */
  CbResp *string;     /* (owned) (nullable) whose bytes are coming */
  guint64 string_left; /* with the end of line */
  GString *text;      /* (owned) of the line or string that is coming, as far as it is kept */
  guint64 text_length; /* as it came */
  char type;          /* of the line that is coming; 0 before it has begun */
  gsize most_bytes;
  guint most_nodes;
  gsize n_bytes;      /* of this reply */
  guint n_nodes;
  gboolean failed;
};

G_DEFINE_BOXED_TYPE (CbResp, cb_resp, cb_resp_ref, cb_resp_unref)

static CbResp *
resp_new (CbRespKind kind, guint64 length)
{
  CbResp *self = g_atomic_rc_box_new0 (CbResp);

  self->kind = kind;
  self->length = length;
  return self;
}

CbResp *
cb_resp_ref (CbResp *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  CbResp *self = data;

  g_free (self->bytes);
  g_clear_pointer (&self->elements, g_ptr_array_unref);
  g_clear_pointer (&self->attributes, cb_resp_unref);
}

void
cb_resp_unref (CbResp *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

CbRespKind
cb_resp_get_kind (CbResp *self)
{
  return self != NULL ? self->kind : CB_RESP_NULL;
}

gboolean
cb_resp_is_aggregate (CbResp *self)
{
  switch (cb_resp_get_kind (self))
    {
    case CB_RESP_ARRAY:
    case CB_RESP_MAP:
    case CB_RESP_SET:
    case CB_RESP_PUSH:
    case CB_RESP_ATTRIBUTE:
      return TRUE;
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
      return FALSE;
    }
}

const char *
cb_resp_get_bytes (CbResp *self, gsize *length)
{
  if (length != NULL)
    *length = self != NULL ? self->n_bytes : 0;
  return self != NULL && self->bytes != NULL ? self->bytes : "";
}

guint64
cb_resp_get_length (CbResp *self)
{
  return self != NULL ? self->length : 0;
}

guint
cb_resp_get_n_elements (CbResp *self)
{
  return self != NULL && self->elements != NULL ? self->elements->len : 0;
}

/* Returns: (transfer none) (nullable): %NULL, which reads as null, when there is none */
CbResp *
cb_resp_get_element (CbResp *self, guint index)
{
  return index < cb_resp_get_n_elements (self) ? g_ptr_array_index (self->elements, index) : NULL;
}

CbResp *
cb_resp_get_attributes (CbResp *self)
{
  return self != NULL ? self->attributes : NULL;
}

gsize
cb_resp_get_size (CbResp *self)
{
  gsize size = sizeof *self + self->n_bytes;

  for (guint i = 0; i < cb_resp_get_n_elements (self); i++)
    size += sizeof (gpointer) + cb_resp_get_size (g_ptr_array_index (self->elements, i));
  return self->attributes != NULL ? size + cb_resp_get_size (self->attributes) : size;
}

gboolean
cb_resp_equal_string (CbResp *self, const char *string)
{
  return self != NULL && self->bytes != NULL && self->n_bytes == strlen (string) &&
         memcmp (self->bytes, string, self->n_bytes) == 0;
}

gboolean
cb_resp_get_integer (CbResp *self, gint64 *integer)
{
  return self != NULL && self->kind == CB_RESP_INTEGER && self->bytes != NULL &&
         g_ascii_string_to_signed (self->bytes, 10, G_MININT64, G_MAXINT64, integer, NULL);
}

/* The value behind a name, in a map or in an array of name, value, name, value… */
CbResp *
cb_resp_get_field (CbResp *self, const char *field)
{
  for (guint i = 0; i + 1 < cb_resp_get_n_elements (self); i += 2)
    if (cb_resp_equal_string (cb_resp_get_element (self, i), field))
      return cb_resp_get_element (self, i + 1);
  return NULL;
}

/* ---- as text ---- */

static char *
scalar_to_text (CbResp *self, gsize most)
{
  gsize kept;
  const char *bytes = cb_resp_get_bytes (self, &kept);
  gsize length = MIN (kept, most);
  g_autofree char *text = NULL;
  const char *more = length < cb_resp_get_length (self) ? "…" : "";

  switch (cb_resp_get_kind (self))
    {
    case CB_RESP_STATUS:
      text = cb_console_escape (bytes, length, FALSE);
      return g_strconcat (text, more, NULL);
    case CB_RESP_ERROR:
      text = cb_console_escape (bytes, length, FALSE);
      return g_strconcat ("(error) ", text, more, NULL);
    case CB_RESP_INTEGER:
      text = g_strndup (bytes, length);
      return g_strconcat ("(integer) ", text, more, NULL);
    case CB_RESP_DOUBLE:
      text = g_strndup (bytes, length);
      return g_strconcat ("(double) ", text, more, NULL);
    case CB_RESP_BIG_NUMBER:
      text = g_strndup (bytes, length);
      return g_strconcat ("(big number) ", text, more, NULL);
    case CB_RESP_BOOLEAN:
      return g_strdup (*bytes == 't' ? "(true)" : "(false)");
    case CB_RESP_STRING:
    case CB_RESP_VERBATIM:
      text = cb_console_escape (bytes, length, TRUE);
      return g_strconcat (text, more, NULL);
    case CB_RESP_NULL:
    case CB_RESP_ARRAY:
    case CB_RESP_MAP:
    case CB_RESP_SET:
    case CB_RESP_PUSH:
    case CB_RESP_ATTRIBUTE:
    default:
      return g_strdup ("(nil)");
    }
}

static void
append_text (CbResp *self, GString *out, const char *indent, gsize most)
{
  static const char * const names[] = { [CB_RESP_ARRAY] = "array", [CB_RESP_MAP] = "hash", [CB_RESP_SET] = "set",
                                        [CB_RESP_PUSH] = "push", [CB_RESP_ATTRIBUTE] = "attribute" };
  static const char marks[] = { [CB_RESP_ARRAY] = ')', [CB_RESP_MAP] = '#', [CB_RESP_SET] = '~', [CB_RESP_PUSH] = '>',
                                [CB_RESP_ATTRIBUTE] = '|' };
  CbRespKind kind = cb_resp_get_kind (self);
  gboolean pairs = kind == CB_RESP_MAP || kind == CB_RESP_ATTRIBUTE;
  guint step = pairs ? 2 : 1;
  guint n;
  int width;
  g_autofree char *deeper = NULL;
  char number[16];

  if (!cb_resp_is_aggregate (self))
    {
      g_autofree char *text = scalar_to_text (self, most > out->len ? most - out->len : 0);

      g_string_append_printf (out, "%s\n", text);
      return;
    }
  if (self->length == 0)
    {
      g_string_append_printf (out, "(empty %s)\n", names[kind]);
      return;
    }

  n = cb_resp_get_n_elements (self);
  width = g_snprintf (number, sizeof number, "%u", (n + step - 1) / step);
  deeper = g_strdup_printf ("%s%*s", indent, width + 2, "");
  for (guint i = 0; i + step <= n; i += step)
    {
      if (out->len >= most)
        break;
      g_string_append_printf (out, "%s%*u%c ", i == 0 ? "" : indent, width, i / step + 1, marks[kind]);
      if (pairs)
        {
          g_autofree char *key = cb_resp_to_line (cb_resp_get_element (self, i), 1000);

          g_string_append_printf (out, "%s => ", key);
        }
      append_text (cb_resp_get_element (self, i + step - 1), out, deeper, most);
    }
  if (out->len >= most || n < self->length)
    g_string_append_printf (out, "%s…\n", indent);
}

char *
cb_resp_to_text (CbResp *self, gsize most)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_text (self, out, "", most);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
append_line (CbResp *self, GString *out, gsize most)
{
  if (!cb_resp_is_aggregate (self))
    {
      g_autofree char *text = scalar_to_text (self, most > out->len ? most - out->len : 0);

      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '[');
  for (guint i = 0; i < cb_resp_get_n_elements (self); i++)
    {
      if (i > 0)
        g_string_append_c (out, ' ');
      if (out->len >= most)
        {
          g_string_append (out, "…");
          break;
        }
      append_line (cb_resp_get_element (self, i), out, most);
    }
  g_string_append_c (out, ']');
}

char *
cb_resp_to_line (CbResp *self, gsize most)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_line (self, out, most);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* ---- reading ---- */

CbRespReader *
cb_resp_reader_new (void)
{
  CbRespReader *self = g_new0 (CbRespReader, 1);

  self->frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  self->text = g_string_new (NULL);
  self->most_bytes = MOST_BYTES;
  self->most_nodes = MOST_NODES;
  return self;
}

void
cb_resp_reader_free (CbRespReader *self)
{
  for (guint i = 0; i < self->frames->len; i++)
    {
      Frame *frame = &g_array_index (self->frames, Frame, i);

      cb_resp_unref (frame->node);
      g_clear_pointer (&frame->attributes, cb_resp_unref);
    }
  g_array_unref (self->frames);
  g_queue_clear_full (&self->ready, (GDestroyNotify) cb_resp_unref);
  g_clear_pointer (&self->attributes, cb_resp_unref);
  g_clear_pointer (&self->string, cb_resp_unref);
  g_string_free (self->text, TRUE);
  g_free (self);
}

void
cb_resp_reader_set_limits (CbRespReader *self, gsize most_bytes, guint most_nodes)
{
  self->most_bytes = most_bytes;
  self->most_nodes = most_nodes;
}

static gboolean
fail (CbRespReader *self, const char *why, GError **error)
{
  self->failed = TRUE;
  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL, "Protocol error: what came is no Redis reply (%s).", why);
  return FALSE;
}

/* @node is whole: it goes to what it is in, which may be whole with it. */
static void
complete (CbRespReader *self, CbResp *node)
{
  for (;;)
    {
      Frame *frame = self->frames->len > 0 ? &g_array_index (self->frames, Frame, self->frames->len - 1) : NULL;
      CbResp **attributes = frame != NULL ? &frame->attributes : &self->attributes;

      if (node->kind == CB_RESP_ATTRIBUTE)
        {
          g_clear_pointer (attributes, cb_resp_unref);
          *attributes = node;
          return;
        }
      node->attributes = g_steal_pointer (attributes);
      if (frame == NULL)
        {
          g_queue_push_tail (&self->ready, node);
          self->n_bytes = 0;
          self->n_nodes = 0;
          return;
        }

      /* No hole: what is missing is missing at the end. */
      if (self->n_nodes < self->most_nodes)
        {
          if (frame->node->elements == NULL)
            frame->node->elements = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_resp_unref);
          g_ptr_array_add (frame->node->elements, node);
          self->n_nodes++;
        }
      else
        {
          cb_resp_unref (node);
        }
      if (--frame->left > 0)
        return;
      node = frame->node;
      g_clear_pointer (&frame->attributes, cb_resp_unref);
      g_array_set_size (self->frames, self->frames->len - 1);
    }
}

static void
keep_text (CbRespReader *self, const char *data, gsize length)
{
  gsize room = self->most_bytes > self->n_bytes + self->text->len ? self->most_bytes - self->n_bytes - self->text->len : 0;

  self->text_length += length;
  /* Numbers must not be cut, and are short. */
  if (self->text->len < 64)
    room = MAX (room, 64 - self->text->len);
  g_string_append_len (self->text, data, (gssize) MIN (length, room));
}

/* The text that came becomes that of @node, which is whole with it. */
static void
complete_text (CbRespReader *self, CbResp *node)
{
  node->length = self->text_length;
  node->n_bytes = self->text->len;
  if (node->kind == CB_RESP_VERBATIM && node->n_bytes >= 4 && self->text->str[3] == ':')
    {
      node->length -= 4;
      node->n_bytes -= 4;
      g_string_erase (self->text, 0, 4);
    }
  self->n_bytes += node->n_bytes;
  node->bytes = g_malloc (self->text->len + 1);
  memcpy (node->bytes, self->text->str, self->text->len + 1);
  if (self->text->allocated_len > 64 * 1024)
    {
      g_string_free (self->text, TRUE);
      self->text = g_string_new (NULL);
    }
  g_string_truncate (self->text, 0);
  self->text_length = 0;
  complete (self, node);
}

static gboolean
begin_aggregate (CbRespReader *self, CbRespKind kind, gint64 n, GError **error)
{
  Frame frame = { NULL, NULL, 0 };

  if (n == -1 && kind == CB_RESP_ARRAY)
    {
      complete (self, resp_new (CB_RESP_NULL, 0));
      return TRUE;
    }
  if (n < 0 || n > G_MAXINT32)
    return fail (self, "a length that can't be", error);
  if (self->frames->len >= MOST_DEPTH)
    return fail (self, "nested too deep", error);

  if (kind == CB_RESP_MAP || kind == CB_RESP_ATTRIBUTE)
    n *= 2;
  frame.node = resp_new (kind, (guint64) n);
  frame.left = (guint64) n;
  if (n == 0)
    complete (self, frame.node);
  else
    g_array_append_val (self->frames, frame);
  return TRUE;
}

static gboolean
begin_string (CbRespReader *self, CbRespKind kind, gint64 n, GError **error)
{
  if (n == -1 && kind == CB_RESP_STRING)
    {
      complete (self, resp_new (CB_RESP_NULL, 0));
      return TRUE;
    }
  if (n < 0 || n > G_MAXINT64 / 4)
    return fail (self, "a length that can't be", error);
  self->string = resp_new (kind, (guint64) n);
  self->string_left = (guint64) n + 2;
  return TRUE;
}

/* By its characters: "-1.5e300", "inf", "nan", or any number of digits. */
static gboolean
is_number (CbRespReader *self)
{
  gsize length = self->text->len;

  return length > 0 && strspn (self->text->str, "0123456789+-.eEinfat") == length;
}

static gboolean
take_line (CbRespReader *self, GError **error)
{
  static const struct
  {
    char type;
    CbRespKind kind;
  } kinds[] = { { '+', CB_RESP_STATUS }, { '-', CB_RESP_ERROR }, { ':', CB_RESP_INTEGER }, { '$', CB_RESP_STRING },
                { '*', CB_RESP_ARRAY }, { '_', CB_RESP_NULL }, { '#', CB_RESP_BOOLEAN }, { ',', CB_RESP_DOUBLE },
                { '(', CB_RESP_BIG_NUMBER }, { '!', CB_RESP_ERROR }, { '=', CB_RESP_VERBATIM }, { '%', CB_RESP_MAP },
                { '~', CB_RESP_SET }, { '>', CB_RESP_PUSH }, { '|', CB_RESP_ATTRIBUTE } };
  CbRespKind kind = CB_RESP_NULL;
  char type = self->type;
  gint64 n = 0;
  gsize i;

  self->type = '\0';
  for (i = 0; i < G_N_ELEMENTS (kinds) && kinds[i].type != type; i++)
    ;
  if (i == G_N_ELEMENTS (kinds))
    return fail (self, "a type that is none", error);
  kind = kinds[i].kind;

  /* Its end of line. */
  if (self->text->len > 0 && self->text->len == self->text_length && self->text->str[self->text->len - 1] == '\r')
    g_string_truncate (self->text, self->text->len - 1);
  if (self->text_length > 0)
    self->text_length--;

  if (strchr ("+-:,(#", type) != NULL)
    {
      if (type == ':' && !g_ascii_string_to_signed (self->text->str, 10, G_MININT64, G_MAXINT64, &n, NULL))
        return fail (self, "a number that is none", error);
      if (type == '#' && strcmp (self->text->str, "t") != 0 && strcmp (self->text->str, "f") != 0)
        return fail (self, "neither true nor false", error);
      if ((type == ',' || type == '(') && !is_number (self))
        return fail (self, "a number that is none", error);
      complete_text (self, resp_new (kind, 0));
      return TRUE;
    }

  if (type != '_' && !g_ascii_string_to_signed (self->text->str, 10, G_MININT64, G_MAXINT64, &n, NULL))
    return fail (self, "a length that is none", error);
  g_string_truncate (self->text, 0);
  self->text_length = 0;
  if (type == '_')
    complete (self, resp_new (CB_RESP_NULL, 0));
  else if (strchr ("$!=", type) != NULL)
    return begin_string (self, kind, n, error);
  else
    return begin_aggregate (self, kind, n, error);
  return TRUE;
}

/**
 * cb_resp_reader_feed:
 * @self: a reader
 * @data: bytes that came
 * @length: how many
 * @error: return location for an error
 *
 * Costs what the bytes cost, and keeps of a reply what the limits allow.
 *
 * Errors: %CB_REDIS_ERROR_PROTOCOL; the reader can't be used any more then
 *
 * Returns: whether it is RESP so far
 */
gboolean
cb_resp_reader_feed (CbRespReader *self, const char *data, gsize length, GError **error)
{
  const char *end = data + length;

  if (self->failed)
    return fail (self, "behind an error", error);

  while (data < end)
    {
      if (self->string != NULL)
        {
          gsize n = (gsize) MIN ((guint64) (end - data), self->string_left);

          /* The end of line is not of it. */
          if (self->string_left > 2)
            {
              gsize own = (gsize) MIN ((guint64) n, self->string_left - 2);

              keep_text (self, data, own);
              n = own;
            }
          else if (*data != (self->string_left == 2 ? '\r' : '\n'))
            {
              return fail (self, "a string that is longer than it says", error);
            }
          else
            {
              n = 1;
            }
          data += n;
          self->string_left -= n;
          if (self->string_left == 0)
            complete_text (self, g_steal_pointer (&self->string));
        }
      else if (self->type == '\0')
        {
          self->type = *data++;
          if (self->type == '\0' || strchr ("+-:$*_#,(!=%~>|", self->type) == NULL)
            return fail (self, "a type that is none", error);
        }
      else
        {
          const char *newline = memchr (data, '\n', (gsize) (end - data));
          gsize n = (gsize) ((newline != NULL ? newline : end) - data);

          keep_text (self, data, n);
          data += n;
          if (newline == NULL)
            break;
          data++;
          if (!take_line (self, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): the next reply that is whole */
CbResp *
cb_resp_reader_take (CbRespReader *self)
{
  return g_queue_pop_head (&self->ready);
}
