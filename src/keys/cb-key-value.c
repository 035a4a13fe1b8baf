/* cb-key-value.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-value.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-key-list.h"

#define DEFAULT_ELEMENTS 100
#define DEFAULT_BYTES (64 * 1024)

typedef enum
{
  SHAPE_STRING,
  SHAPE_LIST,
  SHAPE_HASH,
  SHAPE_SET,
  SHAPE_ZSET,
  SHAPE_STREAM,
  SHAPE_JSON,
} Shape;

static const char * const types[] = { "string", "list", "hash", "set", "zset", "stream", "ReJSON-RL" };

static gboolean
find_shape (const char *type,
            Shape      *shape)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i], type))
      {
        *shape = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
cb_key_type_is_known (const char *type)
{
  Shape shape;

  return find_shape (type, &shape);
}

void
cb_key_info_free (CbKeyInfo *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->type);
  g_free (self->encoding);
  g_free (self);
}

static char *
dup_text (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL ? g_utf8_make_valid (text, length) : g_strdup ("");
}

static gint64
get_number (const CbValue *value)
{
  gint64 number;

  return cb_value_get_integer (value, &number) ? number : -1;
}

/* What is asked of a key; the first N_NEEDED have to be. */
static const char * const fact_names[][2] = { { "TYPE" }, { "PTTL" }, { "OBJECT", "ENCODING" }, { "MEMORY", "USAGE" } };
#define N_NEEDED 2

typedef struct
{
  GBytes *key;     /* (owned) */
  CbKeyInfo *info; /* (owned) */
  guint n_facts; /* that are asked: the first of fact_names */
} Inspection;

static void
inspection_free (gpointer data)
{
  Inspection *inspection = data;

  g_bytes_unref (inspection->key);
  g_clear_pointer (&inspection->info, cb_key_info_free);
  g_free (inspection);
}

static void
sized_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Inspection *inspection = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  gsize length;

  if (error != NULL && (cb_redis_error_is_connection (error) || error->domain != CB_REDIS_ERROR))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* Of another type since, or forbidden: then it is not known. */
  if (reply != NULL && cb_value_get_kind (cb_reply_get_value (reply)) == CB_VALUE_INTEGER)
    inspection->info->size = get_number (cb_reply_get_value (reply));
  else if (reply != NULL && cb_value_get_string (cb_reply_get_value (reply), &length) != NULL)
    inspection->info->size = length;
  g_task_return_pointer (task, g_steal_pointer (&inspection->info), (GDestroyNotify) cb_key_info_free);
}

/* A DUMP of more is not asked for only to know how long it is. */
#define DUMP_MOST (8 * 1024 * 1024)

static CbCommand *
size_command (Inspection *inspection)
{
  static const char * const names[] = { "STRLEN", "LLEN", "HLEN", "SCARD", "ZCARD", "XLEN", "DUMP" };
  CbKeyInfo *info = inspection->info;
  Shape shape;

  if (!find_shape (info->type, &shape))
    shape = SHAPE_JSON;
  if (shape == SHAPE_JSON && (info->memory < 0 || info->memory > DUMP_MOST))
    return NULL;
  return cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new (names[shape], NULL), inspection->key));
}

static void ask_facts (CbConnection *connection, GTask *task);

static void
inspected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Inspection *inspection = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *type = replies != NULL ? cb_reply_get_value (replies->pdata[0]) : NULL;
  GCancellable *cancellable;
  CbKeyInfo *info;
  CbCommand *command;

  /* What the server has under another name is not sent where only reading is allowed, and nothing of the pipeline with it: without it then. */
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY) && inspection->n_facts > N_NEEDED)
    {
      inspection->n_facts--;
      ask_facts (CB_CONNECTION (source), g_steal_pointer (&task));
      return;
    }
  if (cb_value_is_error (type))
    {
      gsize length;
      const char *text = cb_value_get_string (type, &length);

      error = cb_redis_error_new_from_reply ("TYPE", text, length);
    }
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  info = inspection->info = g_new0 (CbKeyInfo, 1);
  info->type = dup_text (type);
  info->ttl_msec = get_number (cb_reply_get_value (replies->pdata[1]));
  info->encoding = replies->len < 3 || cb_value_is_error (cb_reply_get_value (replies->pdata[2]))
                     ? g_strdup ("")
                     : dup_text (cb_reply_get_value (replies->pdata[2]));
  info->memory = replies->len < 4 ? -1 : get_number (cb_reply_get_value (replies->pdata[3]));
  info->size = -1;

  command = g_str_equal (info->type, "none") ? NULL : size_command (inspection);
  if (command == NULL)
    {
      g_task_return_pointer (task, g_steal_pointer (&inspection->info), (GDestroyNotify) cb_key_info_free);
      return;
    }
  cancellable = g_task_get_cancellable (task);
  cb_connection_call_async (CB_CONNECTION (source), command, cancellable, sized_cb, g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
ask_facts (CbConnection *connection,
           GTask        *task)
{
  Inspection *inspection = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < inspection->n_facts; i++)
    cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (
                                 cb_command_new (fact_names[i][0], fact_names[i][1], NULL), inspection->key)));
  cb_connection_pipeline_async (connection, pipeline, g_task_get_cancellable (task), inspected_cb, task);
}

/**
 * cb_key_inspect_async:
 * @connection: a connection
 * @key: the name
 * @cancellable: (nullable): drops the answer
 * @callback: called with it
 * @user_data: data for @callback
 *
 * Asks what a key is: TYPE, PTTL and the like, and then its length. By plain commands, so that it works for a user who
 * may only read (`+@read`), and neither run scripts nor transactions.
 *
 * Errors: any %CB_REDIS_ERROR; that there is no such key is none
 */
void
cb_key_inspect_async (CbConnection        *connection,
                      GBytes              *key,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  Inspection *inspection = g_new0 (Inspection, 1);

  inspection->key = g_bytes_ref (key);
  inspection->n_facts = G_N_ELEMENTS (fact_names);
  g_task_set_task_data (task, inspection, inspection_free);
  ask_facts (connection, task);
}

CbKeyInfo *
cb_key_inspect_finish (CbConnection  *connection,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Pages */

static void
element_free (gpointer data)
{
  CbKeyElement *element = data;

  g_bytes_unref (element->name);
  g_clear_pointer (&element->value, g_bytes_unref);
  g_clear_pointer (&element->fields, g_ptr_array_unref);
  g_free (element);
}

void
cb_key_page_free (CbKeyPage *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_unref (self->elements);
  g_free (self->next);
  g_free (self);
}

typedef struct
{
  GBytes *key;   /* (owned) */
  char *type;    /* (owned) */
  GBytes *name;  /* (owned) (nullable) of an element */
  Shape shape;
  gint64 offset;
  guint count;
  gboolean filtered;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_bytes_unref (request->key);
  g_free (request->type);
  g_clear_pointer (&request->name, g_bytes_unref);
  g_free (request);
}

static CbKeyElement *
add_element (CbKeyPage *page,
             GBytes    *name, /* transfer full */
             GBytes    *value) /* transfer full, nullable */
{
  CbKeyElement *element = g_new0 (CbKeyElement, 1);

  element->name = name != NULL ? name : g_bytes_new (NULL, 0);
  element->value = value;
  g_ptr_array_add (page->elements, element);
  return element;
}

static GBytes *
number_bytes (gint64 number)
{
  char *text = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  return g_bytes_new_take (text, strlen (text));
}

/* [name, value, name, value…], or only names. */
static void
take_pairs (CbKeyPage     *page,
            const CbValue *list,
            gboolean       with_values)
{
  guint step = with_values ? 2 : 1;

  for (guint i = 0; i + step <= cb_value_get_length (list); i += step)
    add_element (page, cb_value_dup_bytes (cb_value_get_element (list, i)),
                 with_values ? cb_value_dup_bytes (cb_value_get_element (list, i + 1)) : NULL);
}

static void
take_scan (CbKeyPage     *page,
           const CbValue *value,
           gboolean       with_values)
{
  const CbValue *cursor = cb_value_get_element (value, 0);

  take_pairs (page, cb_value_get_element (value, 1), with_values);
  if (!cb_value_equal_string (cursor, "0"))
    page->next = dup_text (cursor);
}

static void
take_stream (CbKeyPage     *page,
             const CbValue *value,
             guint          count)
{
  guint length = cb_value_get_length (value);

  for (guint i = 0; i < length; i++)
    {
      const CbValue *entry = cb_value_get_element (value, i);
      const CbValue *fields = cb_value_get_element (entry, 1);
      CbKeyElement *element = add_element (page, cb_value_dup_bytes (cb_value_get_element (entry, 0)), NULL);

      element->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      for (guint j = 0; j < cb_value_get_length (fields); j++)
        g_ptr_array_add (element->fields, cb_value_dup_bytes (cb_value_get_element (fields, j)));
    }
  if (length == count)
    {
      g_autofree char *last = dup_text (cb_value_get_element (cb_value_get_element (value, length - 1), 0));

      /* Behind the last id that can be, the server takes no beginning. */
      if (!g_str_equal (last, "18446744073709551615-18446744073709551615"))
        page->next = g_strconcat ("(", last, NULL);
    }
}

static void
take_value (CbKeyPage     *page,
            Request       *request,
            const CbValue *value)
{
  guint n;

  switch (request->shape)
    {
    case SHAPE_STRING:
      {
        gsize length;
        const char *bytes = cb_value_get_string (value, &length);

        add_element (page, number_bytes (request->offset), g_bytes_new (bytes, bytes != NULL ? length : 0));
        n = bytes != NULL ? length : 0;
      }
      if (n == request->count)
        page->next = g_strdup_printf ("%" G_GINT64_FORMAT, request->offset + n);
      break;
    case SHAPE_LIST:
      n = cb_value_get_length (value);
      for (guint i = 0; i < n; i++)
        add_element (page, number_bytes (request->offset + i), cb_value_dup_bytes (cb_value_get_element (value, i)));
      if (n == request->count)
        page->next = g_strdup_printf ("%" G_GINT64_FORMAT, request->offset + n);
      break;
    case SHAPE_HASH:
      take_scan (page, value, TRUE);
      break;
    case SHAPE_SET:
      take_scan (page, value, FALSE);
      break;
    case SHAPE_ZSET:
      if (request->filtered)
        {
          take_scan (page, value, TRUE);
          break;
        }
      take_pairs (page, value, TRUE);
      if (page->elements->len == request->count)
        page->next = g_strdup_printf ("%" G_GINT64_FORMAT, request->offset + page->elements->len);
      break;
    case SHAPE_STREAM:
      take_stream (page, value, request->count);
      break;
    case SHAPE_JSON:
    default:
      add_element (page, number_bytes (0), cb_value_dup_bytes (value));
    }
}

static GError *
wrong_type (Request       *request,
            const CbValue *type)
{
  gsize length;
  const char *name = g_bytes_get_data (request->key, &length);
  g_autofree char *shown = cb_key_name_display (name, length, 100);
  g_autofree char *now = dup_text (type);

  if (g_str_equal (now, "none"))
    return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_GONE,
                        _("“%s” is not there (any more): it was deleted, renamed, or its time was over."), shown);
  return g_error_new (CB_KEY_ERROR, CB_KEY_ERROR_TYPE, _("“%s” is of the type %s now, no longer %s."), shown, now,
                      request->type);
}

static void
page_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  Request *request = g_task_get_task_data (task);
  const CbValue *type;
  const CbValue *value;
  CbKeyPage *page;

  if (replies == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  value = cb_reply_get_value (replies->pdata[0]);
  type = cb_reply_get_value (replies->pdata[1]);
  if (!cb_value_is_error (type) && !cb_value_equal_string (type, request->type))
    {
      g_task_return_error (task, wrong_type (request, type));
      return;
    }
  if (cb_value_is_error (value))
    {
      gsize length;
      const char *text = cb_value_get_string (value, &length);

      g_task_return_error (task, cb_redis_error_new_from_reply (request->type, text, length));
      return;
    }

  page = g_new0 (CbKeyPage, 1);
  page->elements = g_ptr_array_new_with_free_func (element_free);
  page->ttl_msec = get_number (cb_reply_get_value (replies->pdata[2]));
  take_value (page, request, value);
  g_task_return_pointer (task, page, (GDestroyNotify) cb_key_page_free);
}

static void
ask_page (GTask   *task, /* transfer full */
          CbCommand *command) /* transfer full */
{
  Request *request = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("TYPE", NULL), request->key)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("PTTL", NULL), request->key)));
  cb_connection_pipeline_async (g_task_get_source_object (task), pipeline, g_task_get_cancellable (task), page_cb, task);
}

/* A document comes whole, so it is asked first what it takes. Who may not ask, or whose server can't tell, does without. */
static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  gint64 memory;

  if (error != NULL && (cb_redis_error_is_connection (error) || error->domain != CB_REDIS_ERROR))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (reply != NULL && cb_value_get_integer (cb_reply_get_value (reply), &memory) && memory > CB_KEY_MOST_DOCUMENT)
    {
      g_autofree char *takes = g_format_size_full ((guint64) memory, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *most = g_format_size_full (CB_KEY_MOST_DOCUMENT, G_FORMAT_SIZE_IEC_UNITS);

      g_task_return_new_error (task, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                               _("It takes %s, and a JSON document can’t be read in parts: one of more than %s is not shown."), takes, most);
      return;
    }
  ask_page (g_object_ref (task), cb_command_add_gbytes (cb_command_new ("JSON.GET", NULL), request->key));
}

static CbCommand *
page_command (Request    *request,
              const char *from,
              GBytes     *filter)
{
  static const char * const names[] = { "GETRANGE", "LRANGE", "HSCAN", "SSCAN", "ZRANGE", "XRANGE" };
  const char *name = request->shape == SHAPE_ZSET && filter != NULL ? "ZSCAN" : names[request->shape];
  CbCommand *command = cb_command_add_gbytes (cb_command_new (name, NULL), request->key);

  switch (request->shape)
    {
    case SHAPE_STRING:
    case SHAPE_LIST:
      cb_command_add_int (cb_command_add_int (command, request->offset), request->offset + request->count - 1);
      break;
    case SHAPE_STREAM:
      cb_command_add (cb_command_add (command, from != NULL ? from : "-"), "+");
      cb_command_add_int (cb_command_add (command, "COUNT"), request->count);
      break;
    case SHAPE_ZSET:
      if (filter == NULL)
        {
          cb_command_add_int (cb_command_add_int (command, request->offset), request->offset + request->count - 1);
          cb_command_add (command, "WITHSCORES");
          break;
        }
      G_GNUC_FALLTHROUGH;
    case SHAPE_HASH:
    case SHAPE_SET:
      cb_command_add (command, from != NULL ? from : "0");
      if (filter != NULL)
        cb_command_add_gbytes (cb_command_add (command, "MATCH"), filter);
      cb_command_add_int (cb_command_add (command, "COUNT"), request->count);
      break;
    case SHAPE_JSON: /* is asked for otherwise */
    default:
      break;
    }
  return command;
}

/**
 * cb_key_page_async:
 * @connection: a connection
 * @key: the name
 * @type: what cb_key_inspect_async() said
 * @from: (nullable): where to begin, %NULL at the beginning
 * @filter: (nullable): a pattern that fields and members must match; a list and a string have none
 * @count: how much
 * @cancellable: (nullable): drops the answer
 * @callback: called with it
 * @user_data: data for @callback
 *
 * Reads a part of a value, and whether it still is of that type. By plain commands, as cb_key_inspect_async().
 *
 * Errors: %CB_KEY_ERROR_GONE, %CB_KEY_ERROR_TYPE when it changed meanwhile, %CB_KEY_ERROR_INVALID when values of that
 * type can't be shown, %CB_KEY_ERROR_TOO_LARGE for a document of more than %CB_KEY_MOST_DOCUMENT; any %CB_REDIS_ERROR
 */
void
cb_key_page_async (CbConnection        *connection,
                   GBytes              *key,
                   const char          *type,
                   const char          *from,
                   GBytes              *filter,
                   guint                count,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->key = g_bytes_ref (key);
  request->type = g_strdup (type);
  g_task_set_task_data (task, request, request_free);
  if (!find_shape (type, &request->shape))
    {
      g_task_return_new_error (task, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                               _("Values of the type %s can’t be shown here. The key can be renamed, copied, exported and "
                                 "deleted, and its time to live be set."), type);
      g_object_unref (task);
      return;
    }

  request->offset = from != NULL ? g_ascii_strtoll (from, NULL, 10) : 0;
  request->count = count != 0 ? count : request->shape == SHAPE_STRING ? DEFAULT_BYTES : DEFAULT_ELEMENTS;
  request->filtered = filter != NULL;

  if (request->shape == SHAPE_JSON)
    cb_connection_call_async (connection,
                              cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("MEMORY", "USAGE", NULL), key)),
                              cancellable, measured_cb, task);
  else
    ask_page (task, page_command (request, from, filter));
}

CbKeyPage *
cb_key_page_finish (CbConnection  *connection,
                    GAsyncResult  *result,
                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
element_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  Request *request = g_task_get_task_data (task);
  const CbValue *type;
  const CbValue *value;
  gint64 number;

  if (replies == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  value = cb_reply_get_value (replies->pdata[0]);
  type = cb_reply_get_value (replies->pdata[1]);
  if (!cb_value_is_error (type) && !cb_value_equal_string (type, request->type))
    g_task_return_error (task, wrong_type (request, type));
  else if (cb_value_is_error (value))
    {
      gsize length;
      const char *text = cb_value_get_string (value, &length);

      g_task_return_error (task, cb_redis_error_new_from_reply (request->type, text, length));
    }
  else if (cb_value_get_kind (value) == CB_VALUE_INTEGER)
    g_task_return_pointer (task, cb_value_get_integer (value, &number) && number == 1 ? g_bytes_ref (request->name) : NULL,
                           (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_pointer (task, cb_value_dup_bytes (value), (GDestroyNotify) g_bytes_unref);
}

/**
 * cb_key_element_async:
 * @connection: a connection
 * @key: the name
 * @type: string, hash, list, set, zset, or ReJSON-RL
 * @name: field, index in decimal, or member; of a string and a document anything
 * @most: how much of a string
 * @cancellable: (nullable): drops the answer
 * @callback: called with it
 * @user_data: data for @callback
 *
 * Errors: as cb_key_page_async()
 */
void
cb_key_element_async (CbConnection        *connection,
                      GBytes              *key,
                      const char          *type,
                      GBytes              *name,
                      guint                most,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  static const char * const names[] = { "GETRANGE", "LINDEX", "HGET", "SISMEMBER", "ZSCORE", NULL, "JSON.GET" };
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);
  CbPipeline *pipeline;
  CbCommand *command;

  request->key = g_bytes_ref (key);
  request->type = g_strdup (type);
  request->name = g_bytes_ref (name);
  g_task_set_task_data (task, request, request_free);
  if (!find_shape (type, &request->shape) || names[request->shape] == NULL)
    {
      g_task_return_new_error (task, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("A value of the type %s has no such elements."), type);
      g_object_unref (task);
      return;
    }
  command = cb_command_add_gbytes (cb_command_new (names[request->shape], NULL), key);
  if (request->shape == SHAPE_STRING)
    cb_command_add_int (cb_command_add_int (command, 0), (gint64) most - 1);
  else if (request->shape != SHAPE_JSON)
    cb_command_add_gbytes (command, name);
  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_add_gbytes (cb_command_new ("TYPE", NULL), key)));
  cb_connection_pipeline_async (connection, pipeline, cancellable, element_cb, task);
}

GBytes *
cb_key_element_finish (CbConnection  *connection,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
