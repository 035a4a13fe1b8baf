/* cb-discovery.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-discovery.h"

#include <string.h>

#include "cb-scan.h"

/*
 * One SCAN over the keyspace, whatever is looked for: its pattern lets through what may be the sign of an engine or of another library.
 * Of each batch, what ends like such a sign is looked at, in rounds of one pipeline each, before the next batch is asked for. What
 * that can cost is bounded: most keys of other programs are left out by the server, and so many looks a sign are enough.
 */

#define MAX_LOOKS      10000    /* of each sign */
#define MAX_OTHERS     300      /* more than a person reads */
#define MAX_HEAD       4096     /* bytes of a name; it is sent for each of its parts */
#define MAX_COMMANDS   512      /* in one pipeline, about */
#define MAX_MEMBERS    1000     /* of a registry */
#define MAX_LISTS      16       /* of its queues, for one that is there */
#define MAX_ID         512      /* bytes */
#define MAX_OPTIONS    65536    /* bytes */
#define MAX_SIGNS      16

typedef enum
{
  STAGE_SIGN,                   /* is the key what its name says? */
  STAGE_PARTS,                  /* what is there beside it? */
  STAGE_IDS,                    /* which jobs are there? */
  STAGE_SIZES,                  /* how long are their options? */
  STAGE_OPTIONS,                /* what are these? */
  STAGE_LISTS,                  /* have the queues that it names lists? */
  STAGE_DONE,
} Stage;

/* One thing that may show queues, on its way through the stages. */
typedef struct
{
  Stage                stage;
  guint                n_commands;      /* in the pipeline under way */

  const CbEngineType  *engine;          /* (nullable) it would be the sign of this one */
  const CbLibrarySign *sign;            /* (nullable) or this */
  char                *registry;        /* (owned) (nullable) the part that is one */
  GString             *head;            /* (owned) */

  CbLibraryEvidence    evidence;
  GPtrArray           *members;         /* (owned) (nullable) (element-type GBytes) of the registry */
  GPtrArray           *ids;             /* (owned) (nullable) (element-type GBytes) of jobs */
  GBytes              *id;              /* (unowned) (nullable) of the one that is read */
} Look;

typedef struct
{
  CbDiscoverFlags  flags;
  CbDiscovery     *found;               /* (owned) */
  GError          *refusal;             /* (owned) (nullable): why the usual prefixes of an engine could not be looked at */

  guint            type;                /* the engine whose usual prefixes are looked at */
  CbScan          *scan;                /* (owned) (nullable) */
  gboolean         scanned;             /* to the end */
  guint            n_looks[MAX_SIGNS];
  GQueue           looks;               /* (owned) (element-type Look) waiting for the next pipeline */
  GPtrArray       *asked;               /* (owned) (element-type Look) in the pipeline under way */
  GHashTable      *judged;              /* (owned) (element-type GBytes) heads of queues, and of registries with an "s" behind */
} Walk;

static void go_on (GTask *task);

static void
look_free (Look *look)
{
  g_free (look->registry);
  g_string_free (look->head, TRUE);
  g_clear_pointer (&look->evidence.types, g_hash_table_unref);
  g_clear_pointer (&look->members, g_ptr_array_unref);
  g_clear_pointer (&look->ids, g_ptr_array_unref);
  g_free (look);
}

static void
prefix_free (CbDiscoveredPrefix *prefix)
{
  g_free (prefix->prefix);
  g_free (prefix);
}

void
cb_discovery_free (CbDiscovery *self)
{
  g_ptr_array_unref (self->prefixes);
  g_ptr_array_unref (self->others);
  g_free (self);
}

static void
walk_free (Walk *walk)
{
  g_clear_pointer (&walk->found, cb_discovery_free);
  g_clear_error (&walk->refusal);
  g_clear_object (&walk->scan);
  g_queue_clear_full (&walk->looks, (GDestroyNotify) look_free);
  g_ptr_array_unref (walk->asked);
  g_hash_table_unref (walk->judged);
  g_free (walk);
}

/* --- what was found --- */

static void
add_prefix (Walk               *walk,
            const CbEngineType *type,
            const char         *prefix,
            gsize               length)
{
  CbDiscoveredPrefix *item;

  /* An engine has no use for one with a NUL. */
  if (memchr (prefix, '\0', length) != NULL)
    return;
  for (guint i = 0; i < walk->found->prefixes->len; i++)
    {
      CbDiscoveredPrefix *known = g_ptr_array_index (walk->found->prefixes, i);

      if (known->type == type && strlen (known->prefix) == length && memcmp (known->prefix, prefix, length) == 0)
        return;
    }

  item = g_new0 (CbDiscoveredPrefix, 1);
  item->type = type;
  item->prefix = g_strndup (prefix, length);
  g_ptr_array_add (walk->found->prefixes, item);
}

static void
add_other (Walk            *walk,
           const CbLibrary *library,
           Look            *look,
           GBytes          *member)
{
  g_autoptr (GBytes) prefix = NULL;
  g_autoptr (GBytes) queue = NULL;

  if (!cb_library_split (library, look->head->str, look->head->len, member, &prefix, &queue))
    return;
  if (walk->found->others->len < MAX_OTHERS)
    g_ptr_array_add (walk->found->others, cb_other_queue_new (library, prefix, queue));
  else
    walk->found->has_more = TRUE;
}

static void
add_others (Walk            *walk,
            const CbLibrary *library,
            Look            *look)
{
  if (cb_library_get_registry (library) == NULL)
    add_other (walk, library, look, NULL);
  for (guint i = 0; cb_library_get_registry (library) != NULL && look->members != NULL && i < look->members->len; i++)
    add_other (walk, library, look, g_ptr_array_index (look->members, i));
}

/* --- looking --- */

static CbCommand *
add_key (CbCommand  *command,
         Look       *look,
         const char *part)
{
  g_autoptr (GString) key = g_string_new_len (look->head->str, (gssize) look->head->len);

  g_string_append (key, part);

  return cb_command_set_repeatable (cb_command_add_bytes (command, key->str, key->len));
}

static void
ask (Look       *look,
     CbPipeline *pipeline,
     CbCommand  *command)
{
  cb_pipeline_add (pipeline, command);
  look->n_commands++;
}

static void
ask_sign (Look       *look,
          CbPipeline *pipeline)
{
  if (look->engine != NULL)
    {
      ask (look, pipeline, add_key (cb_command_new ("TYPE", NULL), look, look->engine->sign));
    }
  else if (look->sign != NULL && look->sign->neighbours != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (look->sign->neighbours, " ", -1);
      CbCommand *command = cb_command_new ("EXISTS", NULL);

      for (guint i = 0; parts[i] != NULL; i++)
        command = add_key (command, look, parts[i]);
      ask (look, pipeline, command);
    }
  else
    {
      ask (look, pipeline, add_key (cb_command_new ("TYPE", NULL), look, look->registry != NULL ? look->registry : look->sign->end + 1));
    }
}

static void
ask_parts (Look       *look,
           CbPipeline *pipeline)
{
  const char * const *parts = cb_library_get_parts (look->registry != NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    ask (look, pipeline, add_key (cb_command_new ("TYPE", NULL), look, parts[i]));
  if (look->registry != NULL)
    ask (look, pipeline, cb_command_add_int (add_key (cb_command_new ("SRANDMEMBER", NULL), look, look->registry), MAX_MEMBERS));
  else
    ask (look, pipeline, cb_command_add (cb_command_add (add_key (cb_command_new ("HMGET", NULL), look, "meta"), "opts.maxLenEvents"),
                                         "version"));
}

/* One of each list and sorted set: a list may have an id whose job is gone. */
static void
ask_ids (Look       *look,
         CbPipeline *pipeline)
{
  const char * const *parts = cb_library_get_job_parts ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *type = g_hash_table_lookup (look->evidence.types, parts[i]);

      if (g_strcmp0 (type, "list") == 0)
        ask (look, pipeline, cb_command_add_int (add_key (cb_command_new ("LINDEX", NULL), look, parts[i]), 0));
      else if (g_strcmp0 (type, "zset") == 0)
        ask (look, pipeline, cb_command_add_int (cb_command_add_int (add_key (cb_command_new ("ZRANGE", NULL), look, parts[i]), 0), 0));
    }
}

static CbCommand *
add_job (CbCommand *command,
         Look      *look,
         GBytes    *id)
{
  g_autoptr (GString) key = g_string_new_len (look->head->str, (gssize) look->head->len);

  g_string_append_len (key, g_bytes_get_data (id, NULL), (gssize) g_bytes_get_size (id));

  return cb_command_set_repeatable (cb_command_add (cb_command_add_bytes (command, key->str, key->len), "opts"));
}

static void
ask_lists (Look       *look,
           CbPipeline *pipeline)
{
  for (guint i = 0; i < MIN (look->members->len, MAX_LISTS); i++)
    {
      GBytes *member = g_ptr_array_index (look->members, i);
      g_autoptr (GString) key = g_string_new_len (look->head->str, (gssize) look->head->len);

      g_string_append (key, "queue:");
      g_string_append_len (key, g_bytes_get_data (member, NULL), (gssize) g_bytes_get_size (member));
      ask (look, pipeline, cb_command_set_repeatable (cb_command_add_bytes (cb_command_new ("TYPE", NULL), key->str, key->len)));
    }
}

static void
ask_look (Look       *look,
          CbPipeline *pipeline)
{
  look->n_commands = 0;
  switch (look->stage)
    {
    case STAGE_SIGN:
      ask_sign (look, pipeline);
      break;
    case STAGE_PARTS:
      ask_parts (look, pipeline);
      break;
    case STAGE_IDS:
      ask_ids (look, pipeline);
      break;
    case STAGE_SIZES:
      for (guint i = 0; i < look->ids->len; i++)
        ask (look, pipeline, add_job (cb_command_new ("HSTRLEN", NULL), look, g_ptr_array_index (look->ids, i)));
      break;
    case STAGE_OPTIONS:
      ask (look, pipeline, add_job (cb_command_new ("HGET", NULL), look, look->id));
      break;
    case STAGE_LISTS:
      ask_lists (look, pipeline);
      break;
    case STAGE_DONE:
    default:
      break;
    }
}

/* With what is known by now: found, or what to look at next, or nothing. */
static void
judge (Walk *walk,
       Look *look)
{
  CbProof *wants;
  const CbLibrary *library = cb_library_judge (&look->evidence, &wants);

  look->stage = STAGE_DONE;
  if (library != NULL)
    add_others (walk, library, look);
  else if (wants == &look->evidence.lists && look->members != NULL && look->members->len > 0)
    look->stage = STAGE_LISTS;
  else if (wants == &look->evidence.bull_options || wants == &look->evidence.other_options)
    look->stage = STAGE_IDS;
}

static void
hear_sign (Walk          *walk,
           Look          *look,
           const CbValue *value)
{
  const char *type = look->engine != NULL ? look->engine->sign_type : look->sign != NULL ? look->sign->type : "set";
  g_autoptr (GString) key = NULL;
  gint64 n = 0;

  look->stage = STAGE_DONE;
  if (look->engine != NULL)
    {
      const char *text = cb_value_get_string (value, NULL);

      /* That it is there is all that is known of one that may not be looked at; its engine says why. */
      if ((cb_value_is_error (value) && g_str_has_prefix (text, "NOPERM")) || cb_value_equal_string (value, type))
        add_prefix (walk, look->engine, look->head->str, look->head->len);
      return;
    }
  if (look->sign != NULL && look->sign->neighbours != NULL ? !cb_value_get_integer (value, &n) || n == 0
                                                           : cb_value_is_error (value) || !cb_value_equal_string (value, type))
    return;

  /* Another sign may have led there before. */
  key = g_string_new_len (look->head->str, (gssize) look->head->len);
  if (look->registry != NULL)
    g_string_append_c (key, 's');
  if (g_hash_table_add (walk->judged, g_bytes_new (key->str, key->len)))
    look->stage = STAGE_PARTS;
}

static void
hear_parts (Walk      *walk,
            Look      *look,
            GPtrArray *replies,
            guint      from)
{
  const char * const *parts = cb_library_get_parts (look->registry != NULL);
  const CbValue *more;
  guint n_parts;

  look->evidence.head = look->head->str;
  look->evidence.head_length = look->head->len;
  look->evidence.types = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  for (n_parts = 0; parts[n_parts] != NULL; n_parts++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, from + n_parts));
      const char *type = cb_value_is_error (value) ? NULL : cb_value_get_string (value, NULL);

      if (type != NULL)
        g_hash_table_insert (look->evidence.types, (gpointer) parts[n_parts], g_strdup (type));
    }

  more = cb_reply_get_value (g_ptr_array_index (replies, from + n_parts));
  look->evidence.meta = CB_PROOF_NO;
  if (look->registry != NULL)
    look->members = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < cb_value_get_length (more); i++)
    {
      GBytes *bytes = cb_value_dup_bytes (cb_value_get_element (more, i));

      if (bytes != NULL && look->members == NULL)
        look->evidence.meta = CB_PROOF_YES;
      else if (bytes != NULL && g_bytes_get_size (bytes) <= MAX_HEAD)
        g_ptr_array_add (look->members, g_bytes_ref (bytes));
      g_clear_pointer (&bytes, g_bytes_unref);
    }
  judge (walk, look);
}

static void
hear_ids (Walk      *walk,
          Look      *look,
          GPtrArray *replies,
          guint      from)
{
  look->ids = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < look->n_commands; i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, from + i));
      GBytes *id = cb_value_is_error (value) ? NULL : cb_value_dup_bytes (cb_value_is_array (value) ? cb_value_get_element (value, 0) : value);

      if (id != NULL && g_bytes_get_size (id) <= MAX_ID)
        g_ptr_array_add (look->ids, id);
      else
        g_clear_pointer (&id, g_bytes_unref);
    }

  if (look->ids->len > 0)
    {
      look->stage = STAGE_SIZES;
      return;
    }
  cb_library_judge_options (&look->evidence, NULL);
  judge (walk, look);
}

static void
hear_sizes (Walk      *walk,
            Look      *look,
            GPtrArray *replies,
            guint      from)
{
  for (guint i = 0; i < look->n_commands; i++)
    {
      gint64 size = 0;

      if (cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, from + i)), &size) && size > 0 && size <= MAX_OPTIONS)
        {
          look->id = g_ptr_array_index (look->ids, i);
          look->stage = STAGE_OPTIONS;
          return;
        }
    }
  cb_library_judge_options (&look->evidence, NULL);
  judge (walk, look);
}

static void
hear_look (Walk      *walk,
           Look      *look,
           GPtrArray *replies,
           guint      from)
{
  const CbValue *first = look->n_commands > 0 ? cb_reply_get_value (g_ptr_array_index (replies, from)) : NULL;

  switch (look->stage)
    {
    case STAGE_SIGN:
      hear_sign (walk, look, first);
      break;
    case STAGE_PARTS:
      hear_parts (walk, look, replies, from);
      break;
    case STAGE_IDS:
      hear_ids (walk, look, replies, from);
      break;
    case STAGE_SIZES:
      hear_sizes (walk, look, replies, from);
      break;
    case STAGE_OPTIONS:
      {
        g_autoptr (GBytes) options = cb_value_is_error (first) ? NULL : cb_value_dup_bytes (first);

        cb_library_judge_options (&look->evidence, options);
        judge (walk, look);
      }
      break;
    case STAGE_LISTS:
      look->evidence.lists = CB_PROOF_NO;
      for (guint i = 0; i < look->n_commands; i++)
        if (cb_value_equal_string (cb_reply_get_value (g_ptr_array_index (replies, from + i)), "list"))
          look->evidence.lists = CB_PROOF_YES;
      judge (walk, look);
      break;
    case STAGE_DONE:
    default:
      break;
    }
}

static void
looked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  g_autoptr (GPtrArray) asked = g_steal_pointer (&walk->asked);
  guint from = 0;

  walk->asked = g_ptr_array_new_with_free_func ((GDestroyNotify) look_free);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < asked->len; i++)
    {
      Look *look = g_ptr_array_index (asked, i);

      hear_look (walk, look, replies, from);
      from += look->n_commands;
    }
  /* Those that go on come first, so that few are open at a time. */
  while (asked->len > 0)
    {
      Look *look = g_ptr_array_steal_index (asked, asked->len - 1);

      if (look->stage == STAGE_DONE)
        look_free (look);
      else
        g_queue_push_head (&walk->looks, look);
    }
  go_on (task);
}

static void
send_looks (GTask *task)
{
  Walk *walk = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  while (!g_queue_is_empty (&walk->looks) && cb_pipeline_get_length (pipeline) < MAX_COMMANDS)
    {
      Look *look = g_queue_pop_head (&walk->looks);

      ask_look (look, pipeline);
      g_ptr_array_add (walk->asked, look);
    }
  cb_connection_pipeline_async (g_task_get_source_object (task), pipeline, g_task_get_cancellable (task), looked_cb, g_object_ref (task));
}

/* --- what to look at --- */

static Look *
add_look (Walk       *walk,
          const char *head,
          gsize       length)
{
  Look *look = g_new0 (Look, 1);

  look->head = g_string_new_len (head, (gssize) length);
  g_queue_push_tail (&walk->looks, look);

  return look;
}

/* Registries that have a name of their own, which costs less than a look at all keys, and not all of which end like a sign. */
static void
add_usual_looks (Walk *walk)
{
  const char * const *usual = cb_library_get_usual ();

  for (guint i = 0; usual[i] != NULL; i += 2)
    add_look (walk, usual[i], strlen (usual[i]))->registry = g_strdup (usual[i + 1]);
}

static gboolean
ends_with (const char *key,
           gsize       length,
           const char *end)
{
  gsize n = strlen (end);

  return length > n && memcmp (key + length - n, end, n) == 0;
}

static void
add_key_looks (Walk       *walk,
               const char *key,
               gsize       length)
{
  const CbEngineType *types;
  const CbLibrarySign *signs;
  guint n_types, n_signs;

  types = cb_engines_get_types (&n_types);
  for (guint i = 0; i < n_types; i++)
    if (types[i].sign != NULL && ends_with (key, length, types[i].sign))
      add_look (walk, key, length - strlen (types[i].sign))->engine = &types[i];

  if (!(walk->flags & CB_DISCOVER_OTHERS) || length > MAX_HEAD)
    return;
  signs = cb_library_get_signs (&n_signs);
  for (guint i = 0; i < n_signs; i++)
    {
      Look *look;

      if (!ends_with (key, length, signs[i].end))
        continue;
      if (walk->n_looks[i]++ >= MAX_LOOKS)
        {
          walk->found->has_more = TRUE;
          continue;
        }
      /* With its colon. */
      look = add_look (walk, key, length - strlen (signs[i].end) + 1);
      look->sign = &signs[i];
      if (signs[i].is_registry)
        look->registry = g_strdup (signs[i].end + 1);
    }
}

static char *
make_pattern (Walk *walk)
{
  g_autoptr (GPtrArray) ends = g_ptr_array_new ();
  const CbEngineType *types;
  const CbLibrarySign *signs;
  guint n_types, n_signs;

  types = cb_engines_get_types (&n_types);
  for (guint i = 0; i < n_types; i++)
    if (types[i].sign != NULL)
      g_ptr_array_add (ends, (gpointer) types[i].sign);
  signs = cb_library_get_signs (&n_signs);
  for (guint i = 0; i < n_signs && (walk->flags & CB_DISCOVER_OTHERS); i++)
    g_ptr_array_add (ends, (gpointer) signs[i].end);
  g_ptr_array_add (ends, NULL);

  return cb_library_make_pattern ((const char * const *) ends->pdata);
}

static void
got_keys_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) keys = cb_scan_next_finish (CB_SCAN (source), result, &error);

  /* Who may not scan still sees the usual ones. */
  if (error != NULL && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) &&
      !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);

  if (keys == NULL)
    walk->scanned = TRUE;
  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      gsize length;
      const char *key = g_bytes_get_data (g_ptr_array_index (keys, i), &length);

      if (key != NULL)
        add_key_looks (walk, key, length);
    }
  go_on (task);
}

static int
compare_others (gconstpointer a,
                gconstpointer b)
{
  return cb_other_queue_compare (*(CbOtherQueue * const *) a, *(CbOtherQueue * const *) b);
}

static void
end (GTask *task)
{
  Walk *walk = g_task_get_task_data (task);

  /* Who may not look has not seen that there is nothing. */
  if (walk->found->prefixes->len == 0 && walk->found->others->len == 0 && walk->refusal != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&walk->refusal));
      return;
    }
  g_ptr_array_sort (walk->found->others, compare_others);
  /* A registry may name a queue twice, as Kombu does for each key that leads to it. */
  for (guint i = walk->found->others->len; i-- > 1;)
    if (cb_other_queue_compare (g_ptr_array_index (walk->found->others, i - 1), g_ptr_array_index (walk->found->others, i)) == 0)
      g_ptr_array_remove_index (walk->found->others, i);
  g_task_return_pointer (task, g_steal_pointer (&walk->found), (GDestroyNotify) cb_discovery_free);
}

static void
got_usual_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Walk *walk = g_task_get_task_data (task);
  const CbEngineType *type;
  guint n_types;
  GError *error = NULL;
  g_autoptr (GPtrArray) prefixes = NULL;

  type = &cb_engines_get_types (&n_types)[walk->type++];
  prefixes = type->discover_finish (CB_CONNECTION (source), result, &error);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM))
    {
      g_clear_error (&walk->refusal);
      walk->refusal = error;
    }
  else if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; prefixes != NULL && i < prefixes->len; i++)
    {
      const char *prefix = g_ptr_array_index (prefixes, i);

      add_prefix (walk, type, prefix, strlen (prefix));
    }
  go_on (task);
}

/* The next step: the usual prefixes of each engine, what is waiting to be looked at, the next batch of keys. */
static void
go_on (GTask *task)
{
  Walk *walk = g_task_get_task_data (task);
  CbConnection *connection = g_task_get_source_object (task);
  const CbEngineType *types;
  guint n_types;

  types = cb_engines_get_types (&n_types);
  while (walk->type < n_types && types[walk->type].discover_async == NULL)
    walk->type++;
  if (walk->type < n_types)
    {
      types[walk->type].discover_async (connection, g_task_get_cancellable (task), got_usual_cb, g_object_ref (task));
      return;
    }

  if (!(walk->flags & CB_DISCOVER_KEYSPACE))
    {
      end (task);
      return;
    }
  if (walk->scan == NULL)
    {
      g_autofree char *pattern = make_pattern (walk);

      walk->scan = cb_scan_new (connection, pattern, NULL, 0);
      if (walk->flags & CB_DISCOVER_OTHERS)
        add_usual_looks (walk);
    }

  if (!g_queue_is_empty (&walk->looks))
    send_looks (task);
  else if (!walk->scanned)
    cb_scan_next_async (walk->scan, g_task_get_cancellable (task), got_keys_cb, g_object_ref (task));
  else
    end (task);
}

/**
 * cb_discovery_run_async:
 *
 * Looks for the queues of a database. Each batch of keys is asked for when the one before it was looked at.
 */
void
cb_discovery_run_async (CbConnection        *connection,
                        CbDiscoverFlags      flags,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Walk *walk;

  g_return_if_fail (CB_IS_CONNECTION (connection));

  walk = g_new0 (Walk, 1);
  walk->flags = flags;
  walk->found = g_new0 (CbDiscovery, 1);
  walk->found->prefixes = g_ptr_array_new_with_free_func ((GDestroyNotify) prefix_free);
  walk->found->others = g_ptr_array_new_with_free_func (g_object_unref);
  walk->asked = g_ptr_array_new_with_free_func ((GDestroyNotify) look_free);
  walk->judged = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_queue_init (&walk->looks);

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_discovery_run_async);
  g_task_set_task_data (task, walk, (GDestroyNotify) walk_free);
  go_on (task);
}

/**
 * cb_discovery_run_finish:
 *
 * Errors: any %CB_REDIS_ERROR. Not being allowed to SCAN is none: what has a usual name is found all the same. Being refused all of that is
 * one, unless something else is found.
 *
 * Returns: (transfer full): what there is, perhaps nothing
 */
CbDiscovery *
cb_discovery_run_finish (CbConnection  *connection,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
