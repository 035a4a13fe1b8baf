/* cb-key-survey.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-survey.h"

#include <glib/gi18n.h>
#include <string.h>

/* How many keys are looked at, and then measured, in one portion. */
#define COUNT_FIRST 100
#define COUNT_LEAST 50
#define COUNT_MOST 500
#define PORTION_LONG_USEC (8 * G_TIME_SPAN_MILLISECOND)
#define PORTION_SHORT_USEC (4 * G_TIME_SPAN_MILLISECOND)

struct _CbKeySurvey
{
  GObject parent_instance;

  CbConnection *connection; /* (owned) */
  GBytes *pattern;          /* (owned) (nullable) */
  char *type;               /* (owned) (nullable) */
  char *separator;          /* (owned) */
  guint depth;
  guint n_biggest;
  guint64 sample;

  gboolean ran;
  gboolean running;
  guint64 n_total;
  guint64 n_scanned;
  guint64 n_found;
  guint64 n_measured;
  guint64 every;            /* one of so many is measured */
  guint count;
  char *cursor;             /* (owned) */
  gint64 began;             /* the portion, monotonic */
  GPtrArray *names;         /* (owned) (element-type GBytes) being measured */
  GPtrArray *biggest;       /* (owned) (element-type CbKeySize) a heap, the smallest on top */
  GHashTable *prefixes;     /* (owned) (element-type GBytes CbPrefixSize) */
  CbPrefixSize others;
};

enum
{
  PROP_0,
  PROP_N_TOTAL,
  PROP_N_SCANNED,
  PROP_N_MEASURED,
  PROP_RUNNING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbKeySurvey, cb_key_survey, G_TYPE_OBJECT)

static void ask (GTask *task);

static void
key_size_free (gpointer data)
{
  CbKeySize *size = data;

  g_bytes_unref (size->name);
  g_free (size->type);
  g_free (size);
}

static void
prefix_size_free (gpointer data)
{
  CbPrefixSize *size = data;

  g_clear_pointer (&size->prefix, g_bytes_unref);
  g_free (size);
}

/* --- the biggest --- */

static int
compare_sizes (const CbKeySize *a,
               const CbKeySize *b)
{
  if (a->bytes != b->bytes)
    return a->bytes < b->bytes ? -1 : 1;
  return -g_bytes_compare (a->name, b->name);
}

static void
swap (GPtrArray *heap,
      guint      a,
      guint      b)
{
  gpointer one = heap->pdata[a];

  heap->pdata[a] = heap->pdata[b];
  heap->pdata[b] = one;
}

static void
sink (GPtrArray *heap)
{
  guint at = 0;

  for (;;)
    {
      guint least = at;

      for (guint child = 2 * at + 1; child <= 2 * at + 2 && child < heap->len; child++)
        if (compare_sizes (heap->pdata[child], heap->pdata[least]) < 0)
          least = child;
      if (least == at)
        return;
      swap (heap, at, least);
      at = least;
    }
}

/* A key may come twice by SCAN. */
static gboolean
is_among_biggest (CbKeySurvey *self,
                  GBytes      *name)
{
  for (guint i = 0; i < self->biggest->len; i++)
    if (g_bytes_equal (((CbKeySize *) self->biggest->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

static void
consider (CbKeySurvey *self,
          GBytes      *name,
          guint64      bytes)
{
  CbKeySize size = { name, NULL, bytes };
  GPtrArray *heap = self->biggest;
  guint at = heap->len;

  if (self->n_biggest == 0 ||
      (at == self->n_biggest && compare_sizes (&size, heap->pdata[0]) <= 0) || is_among_biggest (self, name))
    return;

  size.name = g_bytes_ref (name);
  size.type = g_strdup ("");
  if (at == self->n_biggest)
    {
      key_size_free (heap->pdata[0]);
      heap->pdata[0] = g_memdup2 (&size, sizeof size);
      sink (heap);
      return;
    }
  g_ptr_array_add (heap, g_memdup2 (&size, sizeof size));
  for (; at > 0 && compare_sizes (heap->pdata[at], heap->pdata[(at - 1) / 2]) < 0; at = (at - 1) / 2)
    swap (heap, at, (at - 1) / 2);
}

/* --- prefixes --- */

static GBytes *
get_prefix (CbKeySurvey *self,
            const char  *name,
            gsize        length)
{
  gsize separator_length = strlen (self->separator);
  gsize end = 0;

  for (guint i = 0; i < self->depth; i++)
    {
      const char *found = end < length ? memmem (name + end, length - end, self->separator, separator_length) : NULL;

      if (found == NULL)
        break;
      end = (gsize) (found - name) + separator_length;
    }
  return g_bytes_new (name, end);
}

static CbPrefixSize *
find_prefix (CbKeySurvey *self,
             const char  *name,
             gsize        length)
{
  g_autoptr (GBytes) prefix = get_prefix (self, name, length);
  CbPrefixSize *size = g_hash_table_lookup (self->prefixes, prefix);

  if (size != NULL)
    return size;
  if (g_hash_table_size (self->prefixes) >= CB_KEY_SURVEY_MOST_PREFIXES)
    return &self->others;
  size = g_new0 (CbPrefixSize, 1);
  size->prefix = g_steal_pointer (&prefix);
  g_hash_table_insert (self->prefixes, size->prefix, size);
  return size;
}

/* --- looking --- */

static void
finish (GTask  *task,
        GError *error) /* transfer full */
{
  CbKeySurvey *self = g_task_get_source_object (task);

  self->running = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
types_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeySurvey *self = g_task_get_source_object (task);
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, NULL);

  /* Who may not ask for it sees their sizes all the same. */
  for (guint i = 0; replies != NULL && i < self->biggest->len; i++)
    {
      const CbValue *value = cb_reply_get_value (replies->pdata[i]);
      CbKeySize *size = self->biggest->pdata[i];
      gsize length;
      const char *text = cb_value_is_error (value) ? NULL : cb_value_get_string (value, &length);

      if (text != NULL)
        {
          g_free (size->type);
          size->type = g_utf8_make_valid (text, (gssize) length);
        }
    }
  finish (task, NULL);
}

static void
ask_types (GTask *task)
{
  CbKeySurvey *self = g_task_get_source_object (task);
  CbPipeline *pipeline;

  if (self->biggest->len == 0)
    {
      finish (task, NULL);
      return;
    }
  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < self->biggest->len; i++)
    cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (
                                 cb_command_new ("TYPE", NULL), ((CbKeySize *) self->biggest->pdata[i])->name)));
  cb_connection_pipeline_async (self->connection, pipeline, g_task_get_cancellable (task), types_cb, g_object_ref (task));
}

static void
go_on (GTask *task)
{
  CbKeySurvey *self = g_task_get_source_object (task);
  gint64 took = g_get_monotonic_time () - self->began;

  if (took > PORTION_LONG_USEC)
    self->count = MAX (self->count / 2, COUNT_LEAST);
  else if (took < PORTION_SHORT_USEC)
    self->count = MIN (self->count * 2, COUNT_MOST);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_SCANNED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_MEASURED]);
  if (g_str_equal (self->cursor, "0"))
    {
      self->n_scanned = MAX (self->n_scanned, self->n_total);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_SCANNED]);
      ask_types (task);
    }
  else
    {
      ask (task);
    }
}

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeySurvey *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  for (guint i = 0; replies != NULL && error == NULL && i < self->names->len; i++)
    {
      const CbValue *value = cb_reply_get_value (replies->pdata[i]);
      GBytes *name = self->names->pdata[i];
      gsize length, name_length;
      const char *text = cb_value_get_string (value, &length);
      gint64 bytes;

      if (cb_value_is_error (value))
        {
          error = cb_redis_error_new_from_reply ("MEMORY USAGE", text, length);
          /* One key that this user may not look at does not keep it from the others. */
          if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) && self->n_measured > 0)
            g_clear_error (&error);
          continue;
        }
      /* Gone since. */
      if (!cb_value_get_integer (value, &bytes) || bytes < 0)
        continue;

      self->n_measured++;
      consider (self, name, (guint64) bytes);
      if (self->depth > 0)
        {
          const char *data = g_bytes_get_data (name, &name_length);
          CbPrefixSize *size = find_prefix (self, data != NULL ? data : "", name_length);

          size->n_measured++;
          size->bytes += (guint64) bytes;
        }
    }

  if (error != NULL)
    finish (task, error);
  else
    go_on (task);
}

static void
scanned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeySurvey *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const CbValue *keys;
  CbPipeline *pipeline;
  const char *cursor;
  gsize length;

  if (reply == NULL)
    {
      finish (task, error);
      return;
    }
  cursor = cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), &length);
  keys = cb_value_get_element (cb_reply_get_value (reply), 1);
  if (cursor == NULL || length == 0 || length > 20 || strspn (cursor, "0123456789") != length || !cb_value_is_array (keys))
    {
      finish (task, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                                 _("SCAN: the server answered with something else than a cursor and keys.")));
      return;
    }
  g_free (self->cursor);
  self->cursor = g_strdup (cursor);

  g_ptr_array_set_size (self->names, 0);
  for (guint i = 0; i < cb_value_get_length (keys); i++)
    {
      const char *name = cb_value_get_string (cb_value_get_element (keys, i), &length);

      if (name == NULL)
        continue;
      if (self->depth > 0)
        find_prefix (self, name, length)->n_keys++;
      if (self->n_found++ % self->every == 0)
        g_ptr_array_add (self->names, g_bytes_new (name, length));
    }
  self->n_scanned += self->pattern != NULL || self->type != NULL ? self->count : cb_value_get_length (keys);
  if (self->n_total > 0)
    self->n_scanned = MIN (self->n_scanned, self->n_total);
  if (self->names->len == 0)
    {
      go_on (task);
      return;
    }

  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < self->names->len; i++)
    cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("MEMORY", "USAGE", NULL),
                                                                                 self->names->pdata[i])));
  cb_connection_pipeline_async (self->connection, pipeline, g_task_get_cancellable (task), measured_cb, g_object_ref (task));
}

static void
ask (GTask *task)
{
  CbKeySurvey *self = g_task_get_source_object (task);
  CbCommand *command;

  self->began = g_get_monotonic_time ();
  command = cb_command_new ("SCAN", self->cursor, NULL);
  if (self->pattern != NULL)
    cb_command_add_gbytes (cb_command_add (command, "MATCH"), self->pattern);
  cb_command_add_int (cb_command_add (command, "COUNT"), self->count);
  if (self->type != NULL)
    cb_command_add (cb_command_add (command, "TYPE"), self->type);
  cb_connection_call_async (self->connection, cb_command_set_repeatable (command), g_task_get_cancellable (task), scanned_cb,
                            g_object_ref (task));
}

static void
total_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeySurvey *self = g_task_get_source_object (task);
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  gint64 total = 0;

  if (reply != NULL && cb_value_get_integer (cb_reply_get_value (reply), &total) && total > 0)
    self->n_total = (guint64) total;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
  /* How many match is not known before: of a pattern rather too few are left out than too many. */
  self->every = self->sample == 0 || self->pattern != NULL || self->type != NULL ? 1 : MAX (1, self->n_total / self->sample);
  ask (task);
}

void
cb_key_survey_run_async (CbKeySurvey         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_KEY_SURVEY (self));
  g_return_if_fail (!self->ran);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_survey_run_async);
  self->ran = TRUE;
  self->running = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  cb_connection_call_async (self->connection, cb_command_set_repeatable (cb_command_new ("DBSIZE", NULL)), cancellable, total_cb,
                            g_object_ref (task));
}

gboolean
cb_key_survey_run_finish (CbKeySurvey   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
cb_key_survey_set_sample (CbKeySurvey *self,
                          guint64      n_keys)
{
  g_return_if_fail (CB_IS_KEY_SURVEY (self));
  self->sample = n_keys;
}

/* --- what was found --- */

guint64
cb_prefix_size_estimate (const CbPrefixSize *self)
{
  return self->n_measured == 0 ? 0 : (guint64) ((double) self->bytes / self->n_measured * self->n_keys + 0.5);
}

static int
compare_biggest (gconstpointer a,
                 gconstpointer b)
{
  return -compare_sizes (*(CbKeySize * const *) a, *(CbKeySize * const *) b);
}

GPtrArray *
cb_key_survey_list_biggest (CbKeySurvey *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (key_size_free);

  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), list);
  for (guint i = 0; i < self->biggest->len; i++)
    {
      const CbKeySize *size = self->biggest->pdata[i];
      CbKeySize copy = { g_bytes_ref (size->name), g_strdup (size->type), size->bytes };

      g_ptr_array_add (list, g_memdup2 (&copy, sizeof copy));
    }
  g_ptr_array_sort (list, compare_biggest);
  return list;
}

static int
compare_prefixes (gconstpointer a,
                  gconstpointer b)
{
  const CbPrefixSize *one = *(CbPrefixSize * const *) a;
  const CbPrefixSize *other = *(CbPrefixSize * const *) b;
  guint64 first = cb_prefix_size_estimate (one);
  guint64 second = cb_prefix_size_estimate (other);

  if (first != second)
    return first > second ? -1 : 1;
  if (one->prefix == NULL || other->prefix == NULL)
    return (one->prefix == NULL) - (other->prefix == NULL);
  return g_bytes_compare (one->prefix, other->prefix);
}

GPtrArray *
cb_key_survey_list_prefixes (CbKeySurvey *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (prefix_size_free);
  GHashTableIter iter;
  gpointer value;

  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), list);
  g_hash_table_iter_init (&iter, self->prefixes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      CbPrefixSize *copy = g_memdup2 (value, sizeof *copy);

      g_bytes_ref (copy->prefix);
      g_ptr_array_add (list, copy);
    }
  if (self->others.n_keys > 0)
    g_ptr_array_add (list, g_memdup2 (&self->others, sizeof self->others));
  g_ptr_array_sort (list, compare_prefixes);
  return list;
}

guint64
cb_key_survey_get_n_total (CbKeySurvey *self)
{
  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), 0);
  return self->n_total;
}

guint64
cb_key_survey_get_n_scanned (CbKeySurvey *self)
{
  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), 0);
  return self->n_scanned;
}

guint64
cb_key_survey_get_n_found (CbKeySurvey *self)
{
  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), 0);
  return self->n_found;
}

guint64
cb_key_survey_get_n_measured (CbKeySurvey *self)
{
  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), 0);
  return self->n_measured;
}

gboolean
cb_key_survey_get_running (CbKeySurvey *self)
{
  g_return_val_if_fail (CB_IS_KEY_SURVEY (self), FALSE);
  return self->running;
}

static void
cb_key_survey_finalize (GObject *object)
{
  CbKeySurvey *self = CB_KEY_SURVEY (object);

  g_clear_object (&self->connection);
  g_clear_pointer (&self->pattern, g_bytes_unref);
  g_free (self->type);
  g_free (self->separator);
  g_free (self->cursor);
  g_ptr_array_unref (self->names);
  g_ptr_array_set_free_func (self->biggest, key_size_free);
  g_ptr_array_unref (self->biggest);
  g_hash_table_unref (self->prefixes);

  G_OBJECT_CLASS (cb_key_survey_parent_class)->finalize (object);
}

static void
cb_key_survey_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  CbKeySurvey *self = CB_KEY_SURVEY (object);

  switch (property_id)
    {
    case PROP_N_TOTAL:
      g_value_set_uint64 (value, self->n_total);
      break;
    case PROP_N_SCANNED:
      g_value_set_uint64 (value, self->n_scanned);
      break;
    case PROP_N_MEASURED:
      g_value_set_uint64 (value, self->n_measured);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_key_survey_class_init (CbKeySurveyClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_key_survey_finalize;
  object_class->get_property = cb_key_survey_get_property;

  properties[PROP_N_TOTAL] = g_param_spec_uint64 ("n-total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_N_SCANNED] = g_param_spec_uint64 ("n-scanned", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_N_MEASURED] = g_param_spec_uint64 ("n-measured", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_key_survey_init (CbKeySurvey *self)
{
  self->cursor = g_strdup ("0");
  self->count = COUNT_FIRST;
  self->every = 1;
  self->names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->biggest = g_ptr_array_new ();
  self->prefixes = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, NULL, prefix_size_free);
}

/**
 * cb_key_survey_new:
 * @connection: a connection
 * @query: (nullable): whose pattern and type are looked for, %NULL for all keys; it is copied
 * @separator: (nullable): what prefixes end with, %NULL for a colon
 * @depth: behind how many of them, 0 when prefixes are not wanted
 * @n_biggest: how many of the biggest keys, at most %CB_KEY_SURVEY_MOST_BIGGEST
 *
 * Returns: (transfer full): it has not begun
 */
CbKeySurvey *
cb_key_survey_new (CbConnection     *connection,
                   const CbKeyQuery *query,
                   const char       *separator,
                   guint             depth,
                   guint             n_biggest)
{
  CbKeySurvey *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (n_biggest <= CB_KEY_SURVEY_MOST_BIGGEST, NULL);
  g_return_val_if_fail (query == NULL || query->expiry == CB_KEY_EXPIRY_ANY, NULL);

  self = g_object_new (CB_TYPE_KEY_SURVEY, NULL);
  self->connection = g_object_ref (connection);
  self->separator = g_strdup (separator != NULL && *separator != '\0' ? separator : ":");
  self->depth = depth;
  self->n_biggest = n_biggest;
  if (query == NULL)
    return self;
  self->type = g_strdup (query->type);
  if (query->text != NULL)
    self->pattern = query->match == CB_KEY_MATCH_PATTERN
                      ? g_bytes_ref (query->text)
                      : cb_key_pattern_escape (query->text, query->match == CB_KEY_MATCH_LITERAL);
  return self;
}
