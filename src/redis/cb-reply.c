/* cb-reply.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cb-hiredis-compat.h"
#include "cb-redis-error.h"
#include "cb-reply-private.h"

/*
 * A CbReply owns the tree that hiredis made; a CbValue is a node of that tree under another name, so that no
 * header outside this folder knows hiredis. Nothing is copied: the reader hands the tree over whole.
 */
struct _CbReply
{
  redisReply *root; /* (owned) */
};

G_DEFINE_BOXED_TYPE (CbReply, cb_reply, cb_reply_ref, cb_reply_unref)

static inline const redisReply *
node (const CbValue *self)
{
  return (const redisReply *) (gconstpointer) self;
}

static gsize
payload_size (const redisReply *reply)
{
  gsize size = 0;

  if (reply == NULL)
    return 0;
  if (reply->str != NULL)
    size += reply->len;
  for (gsize i = 0; i < reply->elements; i++)
    size += payload_size (reply->element[i]);
  return size;
}

/**
 * cb_reply_new_take:
 * @hiredis_reply: (transfer full) (not nullable): a `redisReply`
 *
 * Takes over what hiredis parsed.
 *
 * Returns: (transfer full): the reply
 */
CbReply *
cb_reply_new_take (gpointer hiredis_reply)
{
  CbReply *self;

  g_return_val_if_fail (hiredis_reply != NULL, NULL);

  self = g_atomic_rc_box_new0 (CbReply);
  self->root = hiredis_reply;
  return self;
}

/**
 * cb_reply_new_strings:
 * @strings: (array length=n_strings): bytes
 * @lengths: (array length=n_strings): of them
 * @n_strings: how many
 *
 * An array of copies of them, as hiredis would have it: for what came in another form.
 *
 * Returns: (transfer full): the reply
 */
CbReply *
cb_reply_new_strings (const char * const *strings,
                      const gsize        *lengths,
                      guint               n_strings)
{
  /* freeReplyObject() gives back what malloc() gave. */
  redisReply *root = calloc (1, sizeof *root);

  root->type = REDIS_REPLY_ARRAY;
  root->elements = n_strings;
  root->element = calloc (MAX (n_strings, 1), sizeof *root->element);
  for (guint i = 0; i < n_strings; i++)
    {
      redisReply *element = calloc (1, sizeof *element);

      element->type = REDIS_REPLY_STRING;
      element->len = lengths[i];
      element->str = malloc (lengths[i] + 1);
      memcpy (element->str, strings[i], lengths[i]);
      element->str[lengths[i]] = '\0';
      root->element[i] = element;
    }
  return cb_reply_new_take (root);
}

/**
 * cb_reply_new_from_resp:
 * @resp: exactly one reply in the Redis protocol
 * @length: its length in bytes, or -1 when it ends with a NUL
 * @error: return location for an error
 *
 * Parses a reply that did not come from a connection: tests, and parse functions that take replies.
 *
 * Errors: %CB_REDIS_ERROR_PROTOCOL when it is no reply, is not complete, or more than one.
 *
 * Returns: (transfer full) (nullable): the reply
 */
CbReply *
cb_reply_new_from_resp (const char  *resp,
                        gssize       length,
                        GError     **error)
{
  redisReader *reader;
  redisReply *root = NULL;
  CbReply *self = NULL;

  g_return_val_if_fail (resp != NULL, NULL);

  if (length < 0)
    length = strlen (resp);

  reader = cb_hiredis_reader_new ();
  cb_hiredis_reader_feed (reader, resp, length);

  if (cb_hiredis_reader_take (reader, &root, error))
    {
      if (root == NULL)
        g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL, "Protocol error: the reply is not complete.");
      else if (reader->pos != reader->len)
        g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL, "Protocol error: more than one reply.");
      else
        self = cb_reply_new_take (g_steal_pointer (&root));
    }

  if (root != NULL)
    freeReplyObject (root);
  redisReaderFree (reader);
  return self;
}

/**
 * cb_reply_ref:
 * @self: a reply
 *
 * Takes another reference. Safe from any thread.
 *
 * Returns: (transfer full): @self
 */
CbReply *
cb_reply_ref (CbReply *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_atomic_rc_box_acquire (self);
}

static void
clear_reply (gpointer data)
{
  CbReply *self = data;

  freeReplyObject (self->root);
}

/**
 * cb_reply_unref:
 * @self: (transfer full): a reply
 *
 * Lets go of a reference. The last one frees the whole tree, at a cost that grows with its elements.
 */
void
cb_reply_unref (CbReply *self)
{
  g_return_if_fail (self != NULL);
  g_atomic_rc_box_release_full (self, clear_reply);
}

/**
 * cb_reply_get_value:
 * @self: a reply
 *
 * Returns: (transfer none): its root, valid as long as @self
 */
const CbValue *
cb_reply_get_value (CbReply *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return (const CbValue *) (gconstpointer) self->root;
}

/*
 * Takes an element out of an array as a reply of its own, leaving a hole; NULL when there is none. Only for whoever
 * just got the reply and has shown it to nobody.
 */
CbReply *
cb_reply_steal_element (CbReply *self,
                        guint    index)
{
  redisReply *element;

  if (index >= cb_value_get_length (cb_reply_get_value (self)))
    return NULL;

  element = g_steal_pointer (&self->root->element[index]);
  return element != NULL ? cb_reply_new_take (element) : NULL;
}

/**
 * cb_reply_get_size:
 * @self: a reply
 *
 * Adds up the bytes of all strings in the reply; walks all of it.
 *
 * Returns: bytes
 */
gsize
cb_reply_get_size (CbReply *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return payload_size (self->root);
}

/**
 * cb_value_get_kind:
 * @self: (nullable): a value
 *
 * The kinds of RESP3, which are never asked for, are folded into those of RESP2: maps, sets and pushes are
 * arrays, booleans are integers, doubles and big numbers are strings.
 *
 * Returns: what it is; %CB_VALUE_NIL for %NULL
 */
CbValueKind
cb_value_get_kind (const CbValue *self)
{
  if (self == NULL)
    return CB_VALUE_NIL;

  switch (node (self)->type)
    {
    case REDIS_REPLY_STATUS:
      return CB_VALUE_STATUS;
    case REDIS_REPLY_ERROR:
      return CB_VALUE_ERROR;
    case REDIS_REPLY_INTEGER:
      return CB_VALUE_INTEGER;
    case REDIS_REPLY_ARRAY:
      return CB_VALUE_ARRAY;
    case REDIS_REPLY_STRING:
      return CB_VALUE_STRING;
#if CB_HIREDIS_HAS_RESP3
    case REDIS_REPLY_MAP:
    case REDIS_REPLY_SET:
    case REDIS_REPLY_ATTR:
    case REDIS_REPLY_PUSH:
      return CB_VALUE_ARRAY;
    case REDIS_REPLY_BOOL:
      return CB_VALUE_INTEGER;
    case REDIS_REPLY_DOUBLE:
    case REDIS_REPLY_BIGNUM:
    case REDIS_REPLY_VERB:
      return CB_VALUE_STRING;
#endif
    default:
      return CB_VALUE_NIL;
    }
}

gboolean
cb_value_is_nil (const CbValue *self)
{
  return cb_value_get_kind (self) == CB_VALUE_NIL;
}

gboolean
cb_value_is_error (const CbValue *self)
{
  return cb_value_get_kind (self) == CB_VALUE_ERROR;
}

gboolean
cb_value_is_array (const CbValue *self)
{
  return cb_value_get_kind (self) == CB_VALUE_ARRAY;
}

/**
 * cb_value_get_string:
 * @self: (nullable): a value
 * @length: (out) (optional): its length in bytes; 0 when there is none
 *
 * The bytes of a string, a status or an error. They need not be UTF-8 and may hold NULs; one more NUL stands
 * behind them.
 *
 * Returns: (nullable) (transfer none): the bytes, %NULL for other kinds
 */
const char *
cb_value_get_string (const CbValue *self,
                     gsize         *length)
{
  const char *string = NULL;

  switch (cb_value_get_kind (self))
    {
    case CB_VALUE_STRING:
    case CB_VALUE_STATUS:
    case CB_VALUE_ERROR:
      string = node (self)->str;
      break;
    case CB_VALUE_NIL:
    case CB_VALUE_INTEGER:
    case CB_VALUE_ARRAY:
    default:
      break;
    }

  if (length != NULL)
    *length = string != NULL ? (gsize) node (self)->len : 0;
  return string;
}

/**
 * cb_value_dup_bytes:
 * @self: (nullable): a value
 *
 * Returns: (nullable) (transfer full): a copy of the bytes of a string, a status or an error
 */
GBytes *
cb_value_dup_bytes (const CbValue *self)
{
  gsize length;
  const char *string = cb_value_get_string (self, &length);

  return string != NULL ? g_bytes_new (string, length) : NULL;
}

/**
 * cb_value_equal_string:
 * @self: (nullable): a value
 * @string: what it is compared with
 *
 * Returns: whether it is a string, status or error of exactly these bytes
 */
gboolean
cb_value_equal_string (const CbValue *self,
                       const char    *string)
{
  gsize length;
  const char *bytes = cb_value_get_string (self, &length);

  g_return_val_if_fail (string != NULL, FALSE);

  return bytes != NULL && length == strlen (string) && memcmp (bytes, string, length) == 0;
}

/**
 * cb_value_get_integer:
 * @self: (nullable): a value
 * @integer: (out) (optional): the number
 *
 * Reads an integer, or a string that is a decimal integer and nothing else: no blanks, no plus sign, nothing
 * behind it, within 64 bits.
 *
 * Returns: whether it is one; @integer is left alone otherwise
 */
gboolean
cb_value_get_integer (const CbValue *self,
                      gint64        *integer)
{
  const char *string;
  gsize length;
  gint64 number;

  if (cb_value_get_kind (self) == CB_VALUE_INTEGER)
    {
      number = node (self)->integer;
    }
  else
    {
      if (cb_value_get_kind (self) != CB_VALUE_STRING && cb_value_get_kind (self) != CB_VALUE_STATUS)
        return FALSE;
      string = cb_value_get_string (self, &length);
      if (string == NULL || length == 0 || strlen (string) != length || string[0] == '+')
        return FALSE;
      /* Skips no blanks and does not look at the locale, unlike strtoll(). */
      if (!g_ascii_string_to_signed (string, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return FALSE;
    }

  if (integer != NULL)
    *integer = number;
  return TRUE;
}

/**
 * cb_value_get_double:
 * @self: (nullable): a value
 * @number: (out) (optional): the number
 *
 * Reads a score as Redis writes it, `inf` and `-inf` among them, or an integer.
 *
 * Returns: whether it is one; @number is left alone otherwise
 */
gboolean
cb_value_get_double (const CbValue *self,
                     double        *number)
{
  const char *string;
  char *end = NULL;
  gsize length;
  double parsed;

  if (cb_value_get_kind (self) == CB_VALUE_INTEGER)
    {
      parsed = (double) node (self)->integer;
    }
  else
    {
      if (cb_value_get_kind (self) != CB_VALUE_STRING && cb_value_get_kind (self) != CB_VALUE_STATUS)
        return FALSE;
      string = cb_value_get_string (self, &length);
      /* strtod() would take hexadecimal, too. */
      if (string == NULL || length == 0 || g_ascii_isspace (string[0]) || strpbrk (string, "xX") != NULL)
        return FALSE;
      parsed = g_ascii_strtod (string, &end);
      if (end != string + length || isnan (parsed))
        return FALSE;
    }

  if (number != NULL)
    *number = parsed;
  return TRUE;
}

/**
 * cb_value_get_length:
 * @self: (nullable): a value
 *
 * Returns: the number of elements of an array, 0 for other kinds
 */
guint
cb_value_get_length (const CbValue *self)
{
  return cb_value_is_array (self) ? (guint) node (self)->elements : 0;
}

/**
 * cb_value_get_element:
 * @self: (nullable): a value
 * @index: which element, from 0
 *
 * Returns: (nullable) (transfer none): the element; %NULL, which reads as nil, when there is none
 */
const CbValue *
cb_value_get_element (const CbValue *self,
                      guint          index)
{
  if (index >= cb_value_get_length (self))
    return NULL;
  return (const CbValue *) (gconstpointer) node (self)->element[index];
}

/**
 * cb_value_get_field:
 * @self: (nullable): an array of field, value, field, value, as HGETALL gives it
 * @field: the name of a field
 *
 * Walks the array, so it is meant for hashes of a few dozen fields.
 *
 * Returns: (nullable) (transfer none): the value behind the first such field
 */
const CbValue *
cb_value_get_field (const CbValue *self,
                    const char    *field)
{
  guint length = cb_value_get_length (self);

  g_return_val_if_fail (field != NULL, NULL);

  for (guint i = 0; i + 1 < length; i += 2)
    {
      if (cb_value_equal_string (cb_value_get_element (self, i), field))
        return cb_value_get_element (self, i + 1);
    }
  return NULL;
}
