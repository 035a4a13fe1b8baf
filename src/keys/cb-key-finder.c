/* cb-key-finder.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-finder.h"

#include <glib/gi18n.h>
#include <string.h>
#include <time.h>

/* How many keys the server looks at for one SCAN. The first answer is to be seen at once; then as many as it gets
 * done in the time that others may have to wait. */
#define COUNT_FIRST 100
#define COUNT_LEAST 500
#define COUNT_MOST 2000
#define ANSWER_LONG_USEC 4000
#define ANSWER_SHORT_USEC 2000
/* Of so many answers the fastest counts. */
#define ANSWERS 8

struct _CbKeyFinder
{
  GObject parent_instance;

  CbConnection *connection; /* (owned) */
  CbKeyStore *store;        /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable) of what is out */
  GBytes *pattern;          /* (owned) (nullable) of SCAN */
  GBytes *name;             /* (owned) (nullable) asked for directly */
  char *type;               /* (owned) (nullable) */
  char *cursor;             /* (owned) */
  char *behind;             /* (owned) (nullable) the cursor of keys whose times are asked: to go back to when stopped */
  GError *error;            /* (owned) (nullable) */
  CbKeyExpiry expiry;
  gint64 within_msec;
  guint count;
  gint64 asked_at;          /* µs monotonic */
  gint64 asked_work;         /* what this thread had worked then */
  gint64 fastest;            /* µs of the answers since @count was thought about */
  guint n_answers;           /* that are in it */
  guint64 n_scanned;
  guint64 n_total;
  gboolean filters;         /* what comes is less than what was looked at */
  gboolean running;
  gboolean done;
};

enum
{
  PROP_0,
  PROP_RUNNING,
  PROP_DONE,
  PROP_N_SCANNED,
  PROP_N_TOTAL,
  PROP_ERROR_MESSAGE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint found_signal;

G_DEFINE_FINAL_TYPE (CbKeyFinder, cb_key_finder, G_TYPE_OBJECT)

static void ask (CbKeyFinder *self);

/* One question on its way. When the finder was stopped and started meanwhile, its answer is none of it any more. */
typedef struct
{
  CbKeyFinder *finder;       /* (owned) */
  GCancellable *cancellable; /* (owned) */
  CbReply *keys;             /* (owned) (nullable) of a SCAN, while their times are asked */
} Question;

static Question *
question_new (CbKeyFinder *self)
{
  Question *question = g_new0 (Question, 1);

  question->finder = g_object_ref (self);
  question->cancellable = g_object_ref (self->cancellable);
  return question;
}

static void
question_free (Question *question)
{
  g_object_unref (question->finder);
  g_object_unref (question->cancellable);
  g_clear_pointer (&question->keys, cb_reply_unref);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static gboolean
is_current (Question *question)
{
  return question->finder->running && question->finder->cancellable == question->cancellable;
}

static void
set_running (CbKeyFinder *self,
             gboolean     running)
{
  if (self->running == running)
    return;
  self->running = running;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

static void
set_scanned (CbKeyFinder *self,
             guint64      n_scanned)
{
  if (self->n_scanned == n_scanned)
    return;
  self->n_scanned = n_scanned;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_SCANNED]);
}

static void
fail (CbKeyFinder *self,
      GError      *error) /* transfer full */
{
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  self->error = error;
  g_object_freeze_notify (G_OBJECT (self));
  set_running (self, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
finish (CbKeyFinder *self)
{
  g_clear_object (&self->cancellable);
  self->done = TRUE;
  g_object_freeze_notify (G_OBJECT (self));
  set_running (self, FALSE);
  /* The estimate becomes exact: everything there was has been looked at. */
  set_scanned (self, MAX (self->n_scanned, self->n_total));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DONE]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
has_expiry (CbKeyFinder   *self,
            const CbValue *pttl)
{
  gint64 msec;

  if (self->expiry == CB_KEY_EXPIRY_ANY)
    return TRUE;
  if (!cb_value_get_integer (pttl, &msec))
    return FALSE;
  if (self->expiry == CB_KEY_EXPIRY_NONE)
    return msec == -1;
  return msec >= 0 && msec <= self->within_msec;
}

/* @times: the replies of PTTL, one a key, or NULL. */
static void
take_keys (CbKeyFinder   *self,
           const CbValue *keys,
           GPtrArray     *times)
{
  guint first = cb_key_store_get_length (self->store);
  guint n_keys = cb_value_get_length (keys);
  g_autofree const char **names = g_new (const char *, MAX (n_keys, 1));
  g_autofree gsize *lengths = g_new (gsize, MAX (n_keys, 1));
  guint n_new = 0;

  for (guint i = 0; i < n_keys; i++)
    {
      const char *name = cb_value_get_string (cb_value_get_element (keys, i), &lengths[n_new]);

      if (name != NULL && (times == NULL || has_expiry (self, cb_reply_get_value (g_ptr_array_index (times, i)))))
        names[n_new++] = name;
    }
  cb_key_store_add_many (self->store, n_new, names, lengths);
  n_new = cb_key_store_get_length (self->store) - first;
  if (n_new > 0)
    g_signal_emit (self, found_signal, 0, first, n_new);
}

static void
times_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Question) question = user_data;
  CbKeyFinder *self = question->finder;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) times = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  if (!is_current (question))
    return;
  if (times == NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }

  g_clear_pointer (&self->behind, g_free);
  take_keys (self, cb_value_get_element (cb_reply_get_value (question->keys), 1), times);
  if (!is_current (question))
    return;
  if (g_str_equal (self->cursor, "0"))
    finish (self);
  else
    ask (self);
}

static void
ask_times (CbKeyFinder *self,
           CbReply     *reply)
{
  const CbValue *keys = cb_value_get_element (cb_reply_get_value (reply), 1);
  Question *question = question_new (self);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < cb_value_get_length (keys); i++)
    {
      gsize length;
      const char *name = cb_value_get_string (cb_value_get_element (keys, i), &length);

      cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_bytes (cb_command_new ("PTTL", NULL), name,
                                                                                 length)));
    }
  question->keys = cb_reply_ref (reply);
  cb_connection_pipeline_async (self->connection, pipeline, question->cancellable, times_cb, question);
}

/* In µs, of this thread. */
static gint64
get_work (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* By how long the server was waited for: what this thread did meanwhile, such as drawing a window, says nothing of the server. Nor does one
 * long wait, which may have been for the display, or for a processor. */
static void
pace (CbKeyFinder *self)
{
  gint64 took = g_get_monotonic_time () - self->asked_at - (get_work () - self->asked_work);

  self->fastest = self->n_answers == 0 ? took : MIN (self->fastest, took);
  self->n_answers++;
  if (self->fastest < ANSWER_SHORT_USEC)
    self->count = MIN (self->count * 2, COUNT_MOST);
  else if (self->n_answers < ANSWERS)
    return;
  else if (self->fastest > ANSWER_LONG_USEC)
    self->count = MAX (self->count / 2, COUNT_LEAST);
  self->n_answers = 0;
}

static gboolean
take_cursor (CbKeyFinder   *self,
             const CbValue *value)
{
  const CbValue *cursor = cb_value_get_element (value, 0);
  gsize length;
  const char *text = cb_value_get_string (cursor, &length);

  if (text == NULL || length == 0 || length > 20 || strspn (text, "0123456789") != length ||
      !cb_value_is_array (cb_value_get_element (value, 1)))
    return FALSE;

  g_free (self->behind);
  self->behind = self->cursor;
  self->cursor = g_strdup (text);
  return TRUE;
}

static void
scanned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (Question) question = user_data;
  CbKeyFinder *self = question->finder;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const CbValue *keys;
  guint64 looked_at;
  gboolean last;

  if (!is_current (question))
    return;
  if (reply != NULL && !take_cursor (self, cb_reply_get_value (reply)))
    error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                         _("SCAN: the server answered with something else than a cursor and keys."));
  if (error != NULL)
    {
      if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND) ||
          g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM))
        g_prefix_error (&error, _("Keys can’t be listed on this server, but each can be opened by its exact name. "));
      fail (self, g_steal_pointer (&error));
      return;
    }

  pace (self);
  keys = cb_value_get_element (cb_reply_get_value (reply), 1);
  last = g_str_equal (self->cursor, "0");
  looked_at = self->n_scanned + (self->filters ? self->count : cb_value_get_length (keys));

  /* The server works on the next batch while this one is put away. */
  if (self->expiry != CB_KEY_EXPIRY_ANY && cb_value_get_length (keys) > 0)
    {
      ask_times (self, reply);
    }
  else
    {
      g_clear_pointer (&self->behind, g_free);
      if (!last)
        ask (self);
    }
  cb_connection_flush (self->connection);

  g_object_freeze_notify (G_OBJECT (self));
  set_scanned (self, MIN (looked_at, MAX (self->n_total, self->n_scanned)));
  if (self->expiry == CB_KEY_EXPIRY_ANY)
    take_keys (self, keys, NULL);
  g_object_thaw_notify (G_OBJECT (self));

  if (last && is_current (question) && (self->expiry == CB_KEY_EXPIRY_ANY || cb_value_get_length (keys) == 0))
    finish (self);
}

static void
total_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Question) question = user_data;
  CbKeyFinder *self = question->finder;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  gint64 total;

  /* Who may not ask for it still may list: the progress is unknown then. */
  if (reply == NULL || !cb_value_get_integer (cb_reply_get_value (reply), &total) || total < 0)
    return;
  self->n_total = total;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
}

/* The one key of a name: whether it is there, of which type, and for how long. */
static void
named_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Question) question = user_data;
  CbKeyFinder *self = question->finder;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *type;
  gsize length;
  const char *text;

  if (!is_current (question))
    return;
  if (replies != NULL && cb_value_is_error (cb_reply_get_value (replies->pdata[0])))
    {
      text = cb_value_get_string (cb_reply_get_value (replies->pdata[0]), &length);
      error = cb_redis_error_new_from_reply ("TYPE", text, length);
    }
  if (error != NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }

  type = cb_reply_get_value (replies->pdata[0]);
  if (!cb_value_equal_string (type, "none") && (self->type == NULL || cb_value_equal_string (type, self->type)) &&
      has_expiry (self, cb_reply_get_value (replies->pdata[1])))
    {
      CbKeyId id;

      text = g_bytes_get_data (self->name, &length);
      if (cb_key_store_add (self->store, text, length, &id))
        g_signal_emit (self, found_signal, 0, id, 1);
    }
  if (is_current (question))
    finish (self);
}

static void
ask (CbKeyFinder *self)
{
  Question *question = question_new (self);
  CbCommand *command;

  self->asked_at = g_get_monotonic_time ();
  self->asked_work = get_work ();
  if (self->name != NULL)
    {
      CbPipeline *pipeline = cb_pipeline_new ();

      for (guint i = 0; i < 2; i++)
        cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (
                                     cb_command_new (i == 0 ? "TYPE" : "PTTL", NULL), self->name)));
      cb_connection_pipeline_async (self->connection, pipeline, question->cancellable, named_cb, question);
      return;
    }

  command = cb_command_new ("SCAN", self->cursor, NULL);
  if (self->pattern != NULL)
    cb_command_add_gbytes (cb_command_add (command, "MATCH"), self->pattern);
  cb_command_add_int (cb_command_add (command, "COUNT"), self->count);
  if (self->type != NULL)
    cb_command_add (cb_command_add (command, "TYPE"), self->type);
  cb_connection_call_async (self->connection, cb_command_set_repeatable (command), question->cancellable, scanned_cb,
                            question);
}

/* GObject */

static void
cb_key_finder_finalize (GObject *object)
{
  CbKeyFinder *self = CB_KEY_FINDER (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->store, cb_key_store_unref);
  g_clear_pointer (&self->pattern, g_bytes_unref);
  g_clear_pointer (&self->name, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self->type);
  g_free (self->cursor);
  g_free (self->behind);

  G_OBJECT_CLASS (cb_key_finder_parent_class)->finalize (object);
}

static void
cb_key_finder_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  CbKeyFinder *self = CB_KEY_FINDER (object);

  switch (property_id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    case PROP_DONE:
      g_value_set_boolean (value, self->done);
      break;
    case PROP_N_SCANNED:
      g_value_set_uint64 (value, self->n_scanned);
      break;
    case PROP_N_TOTAL:
      g_value_set_uint64 (value, self->n_total);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->error != NULL ? self->error->message : NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_key_finder_class_init (CbKeyFinderClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_key_finder_finalize;
  object_class->get_property = cb_key_finder_get_property;

  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  properties[PROP_DONE] = g_param_spec_boolean ("done", NULL, NULL, FALSE, flags);
  properties[PROP_N_SCANNED] = g_param_spec_uint64 ("n-scanned", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_N_TOTAL] = g_param_spec_uint64 ("n-total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  found_signal = g_signal_new ("found", CB_TYPE_KEY_FINDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                               G_TYPE_UINT, G_TYPE_UINT);
}

static void
cb_key_finder_init (CbKeyFinder *self)
{
  self->cursor = g_strdup ("0");
  self->count = COUNT_FIRST;
}

/**
 * cb_key_pattern_escape:
 * @text: any bytes
 * @anywhere: whether other bytes may stand around them
 *
 * Returns: (transfer full): a pattern of SCAN, in which nothing of @text is special
 */
GBytes *
cb_key_pattern_escape (GBytes   *text,
                       gboolean  anywhere)
{
  GByteArray *pattern = g_byte_array_new ();
  gsize length;
  const guint8 *bytes = g_bytes_get_data (text, &length);

  if (anywhere)
    g_byte_array_append (pattern, (const guint8 *) "*", 1);
  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] != '\0' && strchr ("*?[]\\^-", bytes[i]) != NULL)
        g_byte_array_append (pattern, (const guint8 *) "\\", 1);
      g_byte_array_append (pattern, bytes + i, 1);
    }
  if (anywhere)
    g_byte_array_append (pattern, (const guint8 *) "*", 1);
  return g_byte_array_free_to_bytes (pattern);
}

/**
 * cb_key_finder_new:
 * @connection: a connection
 * @query: (nullable): what to look for, %NULL for all keys; it is copied
 * @separator: (nullable): what parts names into folders
 *
 * Returns: (transfer full): a finder that has not begun
 */
CbKeyFinder *
cb_key_finder_new (CbConnection     *connection,
                   const CbKeyQuery *query,
                   const char       *separator)
{
  CbKeyFinder *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_KEY_FINDER, NULL);
  self->connection = g_object_ref (connection);
  self->store = cb_key_store_new (separator);
  if (query == NULL)
    return self;

  self->type = g_strdup (query->type);
  self->expiry = query->expiry;
  self->within_msec = query->within_msec;
  if (query->text != NULL)
    switch (query->match)
      {
      case CB_KEY_MATCH_NAME:
        self->name = g_bytes_ref (query->text);
        break;
      case CB_KEY_MATCH_LITERAL:
        self->pattern = cb_key_pattern_escape (query->text, TRUE);
        break;
      case CB_KEY_MATCH_PATTERN:
      default:
        self->pattern = g_bytes_ref (query->text);
        break;
      }
  self->filters = self->pattern != NULL || self->type != NULL;
  return self;
}

/**
 * cb_key_finder_start:
 * @self: a finder
 *
 * Looks, until it has looked at everything, is stopped or meets an error; then it can be started again and goes on
 * where it was. Does nothing when it runs or is done. It lives until it has stopped.
 */
void
cb_key_finder_start (CbKeyFinder *self)
{
  g_return_if_fail (CB_IS_KEY_FINDER (self));

  if (self->running || self->done)
    return;

  if (self->behind != NULL)
    {
      g_free (self->cursor);
      self->cursor = g_steal_pointer (&self->behind);
    }
  self->cancellable = g_cancellable_new ();
  g_object_freeze_notify (G_OBJECT (self));
  set_running (self, TRUE);
  if (self->error != NULL)
    {
      g_clear_error (&self->error);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
    }
  if (self->name == NULL && self->n_total == 0)
    cb_connection_call_async (self->connection, cb_command_set_repeatable (cb_command_new ("DBSIZE", NULL)),
                              self->cancellable, total_cb, question_new (self));
  ask (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
cb_key_finder_stop (CbKeyFinder *self)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_return_if_fail (CB_IS_KEY_FINDER (self));

  if (!self->running)
    return;
  cancellable = g_steal_pointer (&self->cancellable);
  set_running (self, FALSE);
  g_cancellable_cancel (cancellable);
}

void
cb_key_finder_add (CbKeyFinder *self,
                   GBytes      *name)
{
  gsize length;
  const char *bytes = g_bytes_get_data (name, &length);
  CbKeyId id;

  g_return_if_fail (CB_IS_KEY_FINDER (self));

  if (cb_key_store_add (self->store, bytes != NULL ? bytes : "", length, &id))
    g_signal_emit (self, found_signal, 0, id, 1);
}

CbKeyStore *
cb_key_finder_get_store (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), NULL);
  return self->store;
}

void
cb_key_finder_get_query (CbKeyFinder *self,
                         CbKeyQuery  *query)
{
  g_return_if_fail (CB_IS_KEY_FINDER (self));

  query->match = self->name != NULL ? CB_KEY_MATCH_NAME : CB_KEY_MATCH_PATTERN;
  query->text = self->name != NULL ? self->name : self->pattern;
  query->type = self->type;
  query->expiry = self->expiry;
  query->within_msec = self->within_msec;
}

static CbKeyList *
keep_up_to_date (CbKeyFinder *self,
                 CbKeyList   *list)
{
  g_signal_connect_object (self, "found", G_CALLBACK (cb_key_list_update), list, G_CONNECT_SWAPPED);
  return list;
}

/**
 * cb_key_finder_list_folder:
 *
 * Returns: (transfer full): the children of a folder, as they are found
 */
CbKeyList *
cb_key_finder_list_folder (CbKeyFinder *self,
                           CbFolderId   folder)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), NULL);
  return keep_up_to_date (self, cb_key_list_new (self->store, folder));
}

/**
 * cb_key_finder_list_all:
 *
 * Returns: (transfer full): all keys, as they are found
 */
CbKeyList *
cb_key_finder_list_all (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), NULL);
  return keep_up_to_date (self, cb_key_list_new_flat (self->store));
}

gboolean
cb_key_finder_get_running (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), FALSE);
  return self->running;
}

gboolean
cb_key_finder_get_done (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), FALSE);
  return self->done;
}

guint64
cb_key_finder_get_n_scanned (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), 0);
  return self->n_scanned;
}

guint64
cb_key_finder_get_n_total (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), 0);
  return self->n_total;
}

const GError *
cb_key_finder_get_error (CbKeyFinder *self)
{
  g_return_val_if_fail (CB_IS_KEY_FINDER (self), NULL);
  return self->error;
}
