/* cb-key-edit.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-edit.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-key-list.h"
#include "cb-key-lua.h"

/* 10,000 years: the server's own bound is that the date in ms fits 63 bits. */
#define LONGEST_TTL (G_GINT64_CONSTANT (10000) * 366 * 24 * 3600 * 1000)

#define NEEDS_ELEMENT 1
#define NEEDS_VALUE 2
#define NEEDS_EXPECTED 4

static const struct
{
  const char *name;
  guint needs;
} kinds[] = {
  [CB_KEY_EDIT_STRING_SET] = { "string-set", NEEDS_VALUE },
  [CB_KEY_EDIT_STRING_SPLICE] = { "string-splice", NEEDS_ELEMENT | NEEDS_VALUE | NEEDS_EXPECTED },
  [CB_KEY_EDIT_JSON_SET] = { "json-set", NEEDS_VALUE },
  [CB_KEY_EDIT_HASH_SET] = { "hash-set", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_HASH_DELETE] = { "hash-delete", NEEDS_ELEMENT },
  [CB_KEY_EDIT_HASH_RENAME] = { "hash-rename", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_LIST_SET] = { "list-set", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_LIST_DELETE] = { "list-delete", NEEDS_ELEMENT | NEEDS_EXPECTED },
  [CB_KEY_EDIT_LIST_PUSH] = { "list-push", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_LIST_INSERT] = { "list-insert", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_SET_ADD] = { "set-add", NEEDS_ELEMENT },
  [CB_KEY_EDIT_SET_DELETE] = { "set-delete", NEEDS_ELEMENT },
  [CB_KEY_EDIT_SET_CHANGE] = { "set-change", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_ZSET_SET] = { "zset-set", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_ZSET_DELETE] = { "zset-delete", NEEDS_ELEMENT },
  [CB_KEY_EDIT_ZSET_CHANGE] = { "zset-change", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_STREAM_ADD] = { "stream-add", NEEDS_ELEMENT | NEEDS_VALUE },
  [CB_KEY_EDIT_STREAM_DELETE] = { "stream-delete", NEEDS_ELEMENT },
  [CB_KEY_EDIT_EXPIRE] = { "expire", 0 },
  [CB_KEY_EDIT_PERSIST] = { "persist", 0 },
  [CB_KEY_EDIT_RENAME] = { "rename", NEEDS_ELEMENT },
  [CB_KEY_EDIT_COPY] = { "copy", NEEDS_ELEMENT },
  [CB_KEY_EDIT_LAND] = { "land", NEEDS_ELEMENT },
  [CB_KEY_EDIT_LAND_DUMP] = { "land-dump", NEEDS_ELEMENT },
};

static CbScript *
get_script (void)
{
  static CbScript *script;

  if (g_once_init_enter (&script))
    g_once_init_leave (&script, cb_script_new ("key/edit", cb_key_lua_edit));
  return script;
}

static CbScript *
get_capture_script (void)
{
  static CbScript *script;

  if (g_once_init_enter (&script))
    g_once_init_leave (&script, cb_script_new ("key/capture", cb_key_lua_capture));
  return script;
}

static char *
display (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return cb_key_name_display (data, length, 100);
}

static gboolean
is_score (GBytes *value)
{
  gsize length;
  const char *data = g_bytes_get_data (value, &length);
  g_autofree char *text = g_strndup (data, length);
  char *end;
  double number;

  if (length == 0 || length > 100 || strlen (text) != length || g_ascii_isspace (*text))
    return FALSE;
  number = g_ascii_strtod (text, &end);
  return *end == '\0' && !isnan (number);
}

static gboolean
is_index (GBytes *element)
{
  gsize length;
  const char *data = g_bytes_get_data (element, &length);
  gsize sign = length > 1 && data[0] == '-';

  if (length == sign || length > 18)
    return FALSE;
  for (gsize i = sign; i < length; i++)
    if (!g_ascii_isdigit (data[i]))
      return FALSE;
  return TRUE;
}

gboolean
cb_key_edit_check (const CbKeyEdit  *edit,
                   GError          **error)
{
  guint needs = kinds[edit->kind].needs;

  g_return_val_if_fail (edit->key != NULL && edit->type != NULL, FALSE);
  g_return_val_if_fail (!(needs & NEEDS_ELEMENT) || edit->element != NULL, FALSE);
  g_return_val_if_fail (!(needs & NEEDS_VALUE) || edit->value != NULL, FALSE);
  g_return_val_if_fail (!(needs & NEEDS_EXPECTED) || edit->expected != NULL, FALSE);

  if (edit->kind == CB_KEY_EDIT_ZSET_SET && !is_score (edit->value))
    {
      g_autofree char *shown = display (edit->value);

      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                   _ ("“%s” is no score: give a number with a dot, like 1.5, or inf or -inf."), shown);
      return FALSE;
    }
  if ((edit->kind == CB_KEY_EDIT_LIST_SET || edit->kind == CB_KEY_EDIT_LIST_DELETE || edit->kind == CB_KEY_EDIT_LIST_INSERT) &&
      !is_index (edit->element))
    {
      g_autofree char *shown = display (edit->element);

      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                   _ ("“%s” is no place in a list: give a whole number, 0 for the first, -1 for the last."), shown);
      return FALSE;
    }
  if (edit->kind == CB_KEY_EDIT_STRING_SPLICE && (!is_index (edit->element) || g_bytes_get_size (edit->expected) == 0 ||
                                                  *(const char *) g_bytes_get_data (edit->element, NULL) == '-'))
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _ ("A part of a string has at least one byte and begins at 0 or behind it."));
      return FALSE;
    }
  if (edit->kind == CB_KEY_EDIT_EXPIRE && (edit->msec < 1 || edit->msec > LONGEST_TTL))
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                   _ ("The time to live must be from 1 ms to 10,000 years. To keep a key for ever, take its time away; to be "
                      "rid of it, delete it."));
      return FALSE;
    }
  return TRUE;
}

static void
add_expectation (CbCommand       *command,
                 const CbKeyEdit *edit)
{
  g_autofree char *sum = NULL;
  g_autofree char *text = NULL;

  if (edit->expected == NULL)
    {
      cb_command_add (command, edit->expect_absent ? "-" : "*");
      return;
    }
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, edit->expected);
  text = g_strconcat ("=", sum, NULL);
  cb_command_add (command, text);
}

static GError *
type_error (GBytes        *key,
            const char    *shown,
            const CbValue *now)
{
  g_autofree char *name = display (key);
  gsize length;
  const char *text = cb_value_get_string (now, &length);
  g_autofree char *type = g_utf8_make_valid (text != NULL ? text : "", text != NULL ? (gssize) length : 0);

  if (g_str_equal (type, "none"))
    return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_GONE,
                        _ ("“%s” is not there any more: it was deleted, renamed, or its time was over. Nothing was done."), name);
  if (g_str_equal (shown, "none"))
    return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_EXISTS,
                        _ ("There is a key “%s” already, of the type %s. Choose another name, or change that key."), name, type);
  return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TYPE,
                      _ ("“%s” has changed meanwhile: it was of the type %s and is now of the type %s. Nothing was done; "
                         "look at it again."), name, shown, type);
}

static GError *
changed_error (GBytes        *key,
               const CbValue *reply)
{
  g_autofree char *name = display (key);
  gsize length;
  const char *now = cb_value_get_string (cb_value_get_element (reply, 1), &length);
  g_autofree char *shown = now != NULL ? cb_key_name_display (now, length, 200) : NULL;

  if (now == NULL)
    return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_CHANGED,
                        _ ("“%s” has changed meanwhile: what was to be changed is not in it any more. Nothing was done; look at "
                           "it again."), name);
  return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_CHANGED,
                      _ ("“%s” has changed meanwhile: it is now %s. Nothing was done; look at it again."), name, shown);
}

/* What was asked, kept for what is said about it. */
typedef struct
{
  GBytes *key;   /* (owned) */
  GBytes *other; /* (owned) (nullable) */
  char *type;    /* (owned) */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_bytes_unref (request->key);
  g_clear_pointer (&request->other, g_bytes_unref);
  g_free (request->type);
  g_free (request);
}

static char *
dup_number (const CbValue *value)
{
  gint64 number = 0;

  cb_value_get_integer (value, &number);
  return g_strdup_printf ("%" G_GINT64_FORMAT, number);
}

static GError *
refusal (Request       *request,
         const CbValue *reply)
{
  const CbValue *word = cb_value_get_element (reply, 0);

  if (cb_value_equal_string (word, "OK"))
    return NULL;
  if (cb_value_equal_string (word, "TYPE"))
    return type_error (request->key, request->type, cb_value_get_element (reply, 1));
  if (cb_value_equal_string (word, "CHANGED"))
    return changed_error (request->key, reply);
  if (cb_value_equal_string (word, "EXISTS"))
    {
      g_autofree char *name = display (request->other != NULL ? request->other : request->key);

      return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_EXISTS, _ ("There is a “%s” already. Nothing was done."), name);
    }
  if (cb_value_equal_string (word, "LARGE"))
    {
      g_autofree char *name = display (request->key);
      g_autofree char *bytes = dup_number (cb_value_get_element (reply, 1));

      return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                          _ ("“%s” has %s bytes, which is more than what is kept to put a key back. Nothing was done."), name, bytes);
    }
  if (cb_value_equal_string (word, "LONG"))
    {
      g_autofree char *name = display (request->key);
      g_autofree char *bytes = dup_number (cb_value_get_element (reply, 1));

      return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                          _ ("“%s” has %s bytes: above %d, a part can only be replaced by as many bytes as it had. Nothing was done."),
                          name, bytes, CB_KEY_EDIT_MOST_REWRITTEN);
    }
  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, _ ("The server answered with something unexpected."));
}

static void
edited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  if (reply != NULL)
    error = refusal (g_task_get_task_data (task), cb_reply_get_value (reply));
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_steal_pointer (&reply), (GDestroyNotify) cb_reply_unref);
}

static GTask *
new_task (CbConnection        *connection,
          GBytes              *key,
          GBytes              *other,
          const char          *type,
          GCancellable        *cancellable,
          GAsyncReadyCallback  callback,
          gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->key = g_bytes_ref (key);
  request->other = other != NULL ? g_bytes_ref (other) : NULL;
  request->type = g_strdup (type);
  g_task_set_task_data (task, request, request_free);
  return task;
}

/* What no element of a list is. */
static char *
new_token (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strconcat ("callboard-deleted-", uuid, NULL);
}

static gboolean
takes_element (CbKeyEditKind kind)
{
  return kind == CB_KEY_EDIT_HASH_DELETE || kind == CB_KEY_EDIT_LIST_DELETE || kind == CB_KEY_EDIT_SET_DELETE ||
         kind == CB_KEY_EDIT_ZSET_DELETE;
}

/**
 * cb_key_edit_async:
 * @connection: a connection
 * @edit: what to change
 * @cancellable: (nullable): drops the outcome; what was sent can't be unsent
 * @callback: called with the outcome
 * @user_data: data for @callback
 *
 * Makes one change by one script, only when the key has the type, and the element the value, that were shown.
 *
 * Errors: any %CB_KEY_ERROR, and then nothing was changed; any %CB_REDIS_ERROR, of which
 * cb_redis_error_may_have_run() tells whether something may have been
 */
void
cb_key_edit_async (CbConnection        *connection,
                   const CbKeyEdit     *edit,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  gboolean lands = edit->kind == CB_KEY_EDIT_LAND || edit->kind == CB_KEY_EDIT_LAND_DUMP;
  gboolean two_keys = edit->kind == CB_KEY_EDIT_RENAME || edit->kind == CB_KEY_EDIT_COPY || lands;
  GBytes *keys[] = { edit->key, edit->element };
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;
  CbCommand *command;
  GBytes *other = NULL; /* what there may be already */
  GTask *task;

  g_return_if_fail (CB_IS_CONNECTION (connection));
  g_return_if_fail (edit->more == NULL || (edit->more->len % 2 == 0 && edit->more->len <= 2 * CB_KEY_EDIT_MOST_FIELDS));

  if (two_keys || edit->kind == CB_KEY_EDIT_SET_ADD)
    other = edit->element;
  else if (edit->kind == CB_KEY_EDIT_HASH_RENAME || edit->kind == CB_KEY_EDIT_SET_CHANGE ||
           edit->kind == CB_KEY_EDIT_ZSET_CHANGE)
    other = edit->value;
  task = new_task (connection, edit->key, other, edit->type, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_edit_async);
  if (!cb_key_edit_check (edit, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }

  command = cb_command_new_script_bytes (get_script (), two_keys ? 2 : 1, keys);
  cb_command_add (command, kinds[edit->kind].name);
  cb_command_add (command, edit->type);
  if (edit->element != NULL)
    cb_command_add_gbytes (command, edit->element);
  else
    cb_command_add (command, "");

  if (edit->kind == CB_KEY_EDIT_EXPIRE || lands)
    {
      cb_command_add_int (command, edit->msec);
    }
  else if (edit->kind == CB_KEY_EDIT_LIST_DELETE)
    {
      token = new_token ();
      cb_command_add (command, token);
    }
  else if (edit->value != NULL)
    {
      cb_command_add_gbytes (command, edit->value);
    }
  else
    {
      cb_command_add (command, "");
    }
  add_expectation (command, edit);
  if (edit->kind == CB_KEY_EDIT_STRING_SPLICE)
    cb_command_add_int (cb_command_add_int (command, (gint64) g_bytes_get_size (edit->expected)), CB_KEY_EDIT_MOST_REWRITTEN);
  if (edit->kind == CB_KEY_EDIT_LIST_INSERT)
    {
      token = new_token ();
      cb_command_add (command, token);
    }
  if (takes_element (edit->kind))
    cb_command_add_int (command, CB_KEY_EDIT_MOST_KEPT);
  for (guint i = 0; edit->kind == CB_KEY_EDIT_STREAM_ADD && edit->more != NULL && i < edit->more->len; i++)
    cb_command_add_gbytes (command, g_ptr_array_index (edit->more, i));
  cb_connection_call_async (connection, command, cancellable, edited_cb, task);
}

static CbReply *
take_reply (CbConnection  *connection,
            GAsyncResult  *result,
            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
cb_key_edit_finish (CbConnection  *connection,
                    GAsyncResult  *result,
                    GError       **error)
{
  g_autoptr (CbReply) reply = take_reply (connection, result, error);

  return reply != NULL;
}

/* What a reply has behind its OK: a DUMP and when the key would have ended, or nothing. */
static CbKeyRemains *
dup_remains (GAsyncResult  *result,
             const CbValue *value)
{
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autoptr (GBytes) dump = cb_value_dup_bytes (cb_value_get_element (value, 1));
  gint64 expires_at = 0;

  cb_value_get_integer (cb_value_get_element (value, 2), &expires_at);
  return dump != NULL ? cb_key_remains_new (request->key, dump, expires_at) : NULL;
}

/**
 * cb_key_edit_take_finish:
 * @remains: (out) (transfer full) (nullable): the key as it was, when it was the only element that was taken out
 *
 * The end of an edit that takes an element out of a hash, list, set or sorted set.
 */
gboolean
cb_key_edit_take_finish (CbConnection  *connection,
                         GAsyncResult  *result,
                         CbKeyRemains **remains,
                         GError       **error)
{
  g_autoptr (CbReply) reply = take_reply (connection, result, error);

  *remains = reply != NULL ? dup_remains (result, cb_reply_get_value (reply)) : NULL;
  return reply != NULL;
}

CbKeyRemains *
cb_key_remains_new (GBytes *key,
                    GBytes *dump,
                    gint64  expires_at)
{
  CbKeyRemains *self = g_new0 (CbKeyRemains, 1);

  self->key = g_bytes_ref (key);
  self->dump = g_bytes_ref (dump);
  self->expires_at = MAX (expires_at, 0);
  return self;
}

void
cb_key_remains_free (CbKeyRemains *self)
{
  g_return_if_fail (self != NULL);

  g_bytes_unref (self->key);
  g_bytes_unref (self->dump);
  g_free (self);
}

/**
 * cb_key_delete_async:
 * @connection: a connection
 * @key: its name
 * @type: the type it had when it was shown
 * @most: how long a DUMP to keep, so that the key can be put back; 0 to keep none
 * @cancellable: (nullable): drops the outcome
 * @callback: called with the outcome
 * @user_data: data for @callback
 *
 * Errors: %CB_KEY_ERROR_TOO_LARGE when there would be more to keep, and as cb_key_edit_async()
 */
void
cb_key_delete_async (CbConnection        *connection,
                     GBytes              *key,
                     const char          *type,
                     gsize                most,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  CbCommand *command = cb_command_new_script_bytes (get_script (), 1, &key);

  cb_command_add (cb_command_add (cb_command_add (command, "delete"), type), "");
  if (most > 0)
    cb_command_add_int (command, most);
  else
    cb_command_add (command, "-");
  cb_command_add (command, "*");
  cb_connection_call_async (connection, command, cancellable, edited_cb,
                            new_task (connection, key, NULL, type, cancellable, callback, user_data));
}

/**
 * cb_key_delete_finish:
 * @remains: (out) (optional) (nullable): what is needed to put it back, when that was asked for
 *
 * Returns: whether it was deleted
 */
gboolean
cb_key_delete_finish (CbConnection  *connection,
                      GAsyncResult  *result,
                      CbKeyRemains **remains,
                      GError       **error)
{
  g_autoptr (CbReply) reply = take_reply (connection, result, error);

  if (remains != NULL)
    *remains = reply != NULL ? dup_remains (result, cb_reply_get_value (reply)) : NULL;
  return reply != NULL;
}

void
cb_key_delete_captured_async (CbConnection        *connection,
                              const CbKeyRemains  *remains,
                              const char          *type,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GBytes *key = remains->key;
  CbCommand *command = cb_command_new_script_bytes (get_script (), 1, &key);
  g_autofree char *sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, remains->dump);
  g_autofree char *expected = g_strconcat ("=", sum, NULL);

  cb_command_add (cb_command_add (cb_command_add (command, "delete"), type), "");
  cb_command_add (cb_command_add (command, "-"), expected);
  cb_connection_call_async (connection, command, cancellable, edited_cb,
                            new_task (connection, key, NULL, type, cancellable, callback, user_data));
}

static void
captured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const CbValue *value = reply != NULL ? cb_reply_get_value (reply) : NULL;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GBytes) dump = cb_value_dup_bytes (cb_value_get_element (value, 2));
  gint64 expires_at = 0;

  if (error == NULL && dump == NULL)
    {
      g_autofree char *name = display (request->key);

      error = g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_GONE, _ ("There is no key “%s”."), name);
    }
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  cb_value_get_integer (cb_value_get_element (value, 1), &expires_at);
  g_task_return_pointer (task, cb_key_remains_new (request->key, dump, expires_at), (GDestroyNotify) cb_key_remains_free);
}

/**
 * cb_key_capture_async:
 * @connection: a connection
 * @key: a name
 * @cancellable: (nullable): drops the answer
 * @callback: called with it
 * @user_data: data for @callback
 *
 * Reads the whole of a key as DUMP has it, however long that is, and the date it ends (PEXPIRETIME), in one step: by a script that may
 * not write, which also finds the key on another node of a cluster.
 */
void
cb_key_capture_async (CbConnection        *connection,
                      GBytes              *key,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  CbCommand *command = cb_command_new_script_bytes (get_capture_script (), 1, &key);

  cb_command_add_int (cb_command_set_repeatable (command), G_MAXINT64);
  cb_connection_call_async (connection, command, cancellable, captured_cb,
                            new_task (connection, key, NULL, "none", cancellable, callback, user_data));
}

CbKeyRemains *
cb_key_capture_finish (CbConnection  *connection,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
cb_key_restore_async (CbConnection        *connection,
                      const CbKeyRemains  *remains,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  GBytes *key = remains->key;
  CbCommand *command = cb_command_new_script_bytes (get_script (), 1, &key);

  cb_command_add (cb_command_add (command, "restore"), "none");
  cb_command_add_int (command, remains->expires_at);
  cb_command_add_gbytes (command, remains->dump);
  cb_command_add (command, "*");
  cb_connection_call_async (connection, command, cancellable, edited_cb,
                            new_task (connection, key, NULL, "none", cancellable, callback, user_data));
}

gboolean
cb_key_restore_finish (CbConnection  *connection,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_autoptr (CbReply) reply = take_reply (connection, result, error);

  return reply != NULL;
}

/**
 * cb_key_parse_ttl:
 * @text: what was written
 * @msec: (out): milliseconds, at least 1
 * @error: says what is wrong with it
 *
 * Errors: %CB_KEY_ERROR_INVALID
 */
gboolean
cb_key_parse_ttl (const char  *text,
                  gint64      *msec,
                  GError     **error)
{
  static const struct { const char *unit; gint64 msec; } units[] = {
    { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    { "w", 604800000 },
  };
  g_autofree char *own = g_strstrip (g_strdup (text));
  const char *unit = own;
  gint64 number = 0;

  for (; g_ascii_isdigit (*unit) && number <= LONGEST_TTL; unit++)
    number = number * 10 + (*unit - '0');
  for (gsize i = 0; unit > own && i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (unit + strspn (unit, " "), units[i].unit) && number > 0 && number <= LONGEST_TTL / units[i].msec)
      {
        *msec = number * units[i].msec;
        return TRUE;
      }

  g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
               _ ("“%s” is no time to live: give a whole number from 1, with ms, s, m, h, d or w behind it (without, it is "
                  "seconds). To keep a key for ever, take its time away; to be rid of it, delete it."), own);
  return FALSE;
}
