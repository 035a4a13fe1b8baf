/* cb-kue-oldest.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Which job waits longest. Kue keeps a state by priority and then by id, which is the order in which jobs were made, but one that was
 * tried before, or that was delayed, waits only since it was put back: the first of its priority may have come this moment and those
 * behind it long ago. No job waits for longer than it is there, though. So a priority is known as soon as a job of it is read that
 * was made later than the oldest that was found has been waiting: all behind it are younger.
 *
 * That is so with the first of each priority already, where nothing was put back. Else the beginnings are read, in which that job may
 * stand, and what is left is looked at here and there: then an older one may be among those that were not read, which is told.
 */

/* critical, high, medium, normal, low: lib/queue/job.js */
static const char * const borders[] = { "-15", "-10", "-5", "0", "10" };

/* Those of each, and what lies before, between and behind them. */
#define N_PARTS (2 * G_N_ELEMENTS (borders) + 1)

/* So many jobs are read of the beginnings, and then here and there. */
#define MOST_BEGINNINGS 500
#define MOST_SPREAD 100

typedef struct
{
  char    *from;           /* (owned) */
  char    *to;             /* (owned) */
  gboolean in_order;       /* by id alone: it is of one priority */
  gboolean known;          /* no job of it that was not read waits longer */
  gint64   last_made;      /* when the last one was made of those that were read; -1 */
} Part;

typedef enum
{
  LOOK_AT_HEADS,
  LOOK_AT_BEGINNINGS,
  LOOK_AROUND,
} Look;

typedef struct
{
  char          *key;              /* (owned) of the set */
  Part           parts[N_PARTS];
  Look           look;
  guint          limit;            /* so many of each part */
  gint64         total;
  GArray        *members;          /* (owned) (element-type Member) */
  CbOldestJob   *oldest;           /* (owned) */
} Search;

typedef struct
{
  char *id;                        /* (owned) (nullable) NULL: it is none */
  Part *part;                      /* (nullable) */
} Member;

static void look (GTask *task);

static void
member_clear (Member *member)
{
  g_free (member->id);
}

static void
search_free (Search *search)
{
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_free (search->parts[i].from);
      g_free (search->parts[i].to);
    }
  g_clear_pointer (&search->oldest, cb_oldest_job_free);
  g_array_unref (search->members);
  g_free (search->key);
  g_free (search);
}

static void
add_member (Search        *search,
            Part          *part,
            const CbValue *value)
{
  Member member = { NULL, part };
  gboolean canonical;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (text != NULL)
    member.id = cb_kue_id_from_member (text, length, &canonical);
  g_array_append_val (search->members, member);
}

/* Only its times. */
static CbJobRecord *
parse_times (const char    *id,
             const CbValue *times)
{
  const CbValue *values[CB_KUE_N_FIELDS] = { NULL };

  for (guint i = 0; i <= CB_KUE_FIELD_FAILED_AT - CB_KUE_FIELD_CREATED_AT; i++)
    values[CB_KUE_FIELD_CREATED_AT + i] = cb_value_get_element (times, i);

  return cb_kue_parse_job (id, values, CB_KUE_PARSE_CLAIMED);
}

static void
judge (GTask     *task,
       GPtrArray *replies)      /* (nullable) of each job's times */
{
  Search *search = g_task_get_task_data (task);
  CbOldestJob *oldest = search->oldest;
  gboolean all_known = TRUE;
  guint at = 0;

  for (guint i = 0; i < search->members->len; i++)
    {
      const Member *member = &g_array_index (search->members, Member, i);
      g_autoptr (CbJobRecord) record = NULL;
      gint64 since;

      if (member->id == NULL)
        continue;
      record = parse_times (member->id, cb_reply_get_value (g_ptr_array_index (replies, at++)));
      if (member->part != NULL && record->created_at >= 0)
        member->part->last_made = record->created_at;
      /* An id without a job waits for nothing. */
      since = record->missing ? -1 : cb_job_record_get_waiting_since (record);
      if (since < 0 || (oldest->id != NULL && since >= oldest->since))
        continue;
      g_free (oldest->id);
      oldest->id = g_strdup (member->id);
      oldest->since = since;
    }

  for (guint i = 0; i < N_PARTS; i++)
    {
      Part *part = &search->parts[i];

      part->known = part->known || (part->in_order && oldest->id != NULL && part->last_made >= oldest->since);
      all_known = all_known && part->known;
    }

  if (all_known || search->look == LOOK_AROUND)
    {
      oldest->certain = all_known;
      g_task_return_pointer (task, g_steal_pointer (&search->oldest), (GDestroyNotify) cb_oldest_job_free);
      return;
    }
  search->look++;
  look (task);
}

static void
got_times_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    g_task_return_error (task, error);
  else
    judge (task, replies);
}

static void
ask_times (GTask *task)
{
  CbEngine *self = g_task_get_source_object (task);
  Search *search = g_task_get_task_data (task);
  g_autoptr (CbPipeline) pipeline = cb_pipeline_new ();

  for (guint i = 0; i < search->members->len; i++)
    {
      const Member *member = &g_array_index (search->members, Member, i);
      CbCommand *command;

      if (member->id == NULL)
        continue;
      command = cb_kue_engine_command ("HMGET", cb_kue_key_job (cb_engine_get_prefix (self), member->id));
      for (guint field = CB_KUE_FIELD_CREATED_AT; field <= CB_KUE_FIELD_FAILED_AT; field++)
        cb_command_add (command, cb_kue_fields[field]);
      cb_pipeline_add (pipeline, command);
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    judge (task, NULL);
  else
    cb_connection_pipeline_async (cb_engine_get_connection (self), g_steal_pointer (&pipeline), g_task_get_cancellable (task),
                                  got_times_cb, g_object_ref (task));
}

/* The first of a part with its score, and the score of the last. */
static void
take_head (Search  *search,
           Part    *part,
           CbReply *first,
           CbReply *last)
{
  const CbValue *head = cb_reply_get_value (first);
  const CbValue *end = cb_reply_get_value (last);
  g_autoptr (GBytes) first_score = cb_value_dup_bytes (cb_value_get_element (head, 1));
  g_autoptr (GBytes) last_score = cb_value_dup_bytes (cb_value_get_element (end, 1));

  part->known = cb_value_get_length (head) == 0;
  part->in_order = first_score != NULL && last_score != NULL && g_bytes_equal (first_score, last_score);
  if (!part->known)
    add_member (search, part, cb_value_get_element (head, 0));
}

static void
take_beginning (Search  *search,
                Part    *part,
                CbReply *reply)
{
  const CbValue *members = cb_reply_get_value (reply);

  part->known = cb_value_get_length (members) < search->limit;
  for (guint i = 0; i < cb_value_get_length (members); i++)
    add_member (search, part, cb_value_get_element (members, i));
}

static void
got_members_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GPtrArray) replies = NULL;
  GError *error = NULL;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  for (guint i = 0; replies != NULL && error == NULL && i < replies->len; i++)
    error = cb_kue_read_error ("ZRANGEBYSCORE", search->key, g_ptr_array_index (replies, i));
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_array_set_size (search->members, 0);
  if (search->look == LOOK_AROUND)
    {
      for (guint i = 0; i < replies->len; i++)
        add_member (search, NULL, cb_value_get_element (cb_reply_get_value (g_ptr_array_index (replies, i)), 0));
      ask_times (task);
      return;
    }

  if (search->look == LOOK_AT_BEGINNINGS)
    cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, at++)), &search->total);
  for (guint i = 0; i < N_PARTS; i++)
    {
      Part *part = &search->parts[i];

      if (search->look == LOOK_AT_HEADS)
        {
          take_head (search, part, g_ptr_array_index (replies, at), g_ptr_array_index (replies, at + 1));
          at += 2;
        }
      else if (!part->known)
        {
          take_beginning (search, part, g_ptr_array_index (replies, at++));
        }
    }
  ask_times (task);
}

static void
add_range (CbPipeline *pipeline,
           Search     *search,
           const Part *part,
           gboolean    last,
           guint       limit)
{
  CbCommand *command = cb_kue_engine_command (last ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE", g_strdup (search->key));

  cb_command_add (cb_command_add (command, last ? part->to : part->from), last ? part->from : part->to);
  if (search->look == LOOK_AT_HEADS)
    cb_command_add (command, "WITHSCORES");
  cb_command_add_int (cb_command_add (cb_command_add (command, "LIMIT"), "0"), limit);
  cb_pipeline_add (pipeline, command);
}

static void
look (GTask *task)
{
  CbEngine *self = g_task_get_source_object (task);
  Search *search = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();
  guint n_unknown = 0;

  for (guint i = 0; i < N_PARTS; i++)
    n_unknown += !search->parts[i].known;

  switch (search->look)
    {
    case LOOK_AT_HEADS:
      for (guint i = 0; i < N_PARTS; i++)
        {
          add_range (pipeline, search, &search->parts[i], FALSE, 1);
          add_range (pipeline, search, &search->parts[i], TRUE, 1);
        }
      break;
    case LOOK_AT_BEGINNINGS:
      search->limit = MOST_BEGINNINGS / n_unknown;
      cb_pipeline_add (pipeline, cb_kue_engine_command ("ZCARD", g_strdup (search->key)));
      for (guint i = 0; i < N_PARTS; i++)
        if (!search->parts[i].known)
          add_range (pipeline, search, &search->parts[i], FALSE, search->limit);
      break;
    case LOOK_AROUND:
    default:
      for (guint i = 0; i < MOST_SPREAD; i++)
        {
          gint64 at = (MAX (search->total, 1) - 1) * i / (MOST_SPREAD - 1);
          CbCommand *command = cb_kue_engine_command ("ZRANGE", g_strdup (search->key));

          cb_pipeline_add (pipeline, cb_command_add_int (cb_command_add_int (command, at), at));
        }
      break;
    }

  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, g_task_get_cancellable (task), got_members_cb,
                                g_object_ref (task));
}

void
cb_kue_engine_find_oldest (CbEngine            *self,
                           const char          *queue,
                           const char          *state,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, cb_kue_engine_find_oldest);
  search->key = cb_kue_key_set (cb_engine_get_prefix (self), queue, state);
  search->members = g_array_new (FALSE, FALSE, sizeof (Member));
  g_array_set_clear_func (search->members, (GDestroyNotify) member_clear);
  search->oldest = cb_oldest_job_new ();
  for (guint i = 0; i < N_PARTS; i++)
    {
      guint border = i / 2;

      search->parts[i].last_made = -1;
      /* Before a border, on it, before the next … */
      if (i % 2 == 1)
        search->parts[i].from = g_strdup (borders[border]);
      else
        search->parts[i].from = border == 0 ? g_strdup ("-inf") : g_strconcat ("(", borders[border - 1], NULL);
      if (i % 2 == 1)
        search->parts[i].to = g_strdup (borders[border]);
      else
        search->parts[i].to = border == G_N_ELEMENTS (borders) ? g_strdup ("+inf") : g_strconcat ("(", borders[border], NULL);
    }
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);

  look (task);
}
