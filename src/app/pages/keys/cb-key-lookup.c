/* cb-key-lookup.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-lookup.h"

#include <string.h>

/* In one question: what a window shows, and the server answers in a millisecond. */
#define PORTION 60

struct _CbKeyLookup
{
  GObject parent_instance;

  CbSession *session;        /* (owned) (nullable) */
  CbConnection *connection;  /* (owned) (nullable) of another database than the session's */
  GQueue waiting;            /* (element-type CbKeyItem), owned */
  GHashTable *wanted;        /* (owned) item → its link in `waiting` */
  GCancellable *cancellable; /* (owned) (nullable) of what is out */
  guint idle_id;
  gboolean memory;
};

G_DEFINE_FINAL_TYPE (CbKeyLookup, cb_key_lookup, G_TYPE_OBJECT)

static guint gone_signal;

static void ask_later (CbKeyLookup *self);

/* One question: which items it is about. */
typedef struct
{
  CbKeyLookup *lookup;       /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GPtrArray *items;          /* (owned) (element-type CbKeyItem) */
} Question;

static Question *
question_new (CbKeyLookup *lookup, GPtrArray *items)
{
  Question *question = g_new0 (Question, 1);

  question->lookup = g_object_ref (lookup);
  question->cancellable = g_object_ref (lookup->cancellable);
  question->items = g_ptr_array_ref (items);
  return question;
}

static void
question_free (Question *question)
{
  g_object_unref (question->lookup);
  g_object_unref (question->cancellable);
  g_ptr_array_unref (question->items);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static gboolean
is_current (Question *question)
{
  return question->lookup->cancellable == question->cancellable;
}

static void
finish (CbKeyLookup *self)
{
  g_clear_object (&self->cancellable);
  ask_later (self);
}

/**
 * cb_key_find_job_engine:
 * @id: (out) (transfer full): of the job
 *
 * Returns: (transfer none) (nullable): the engine of a prefix that has queues; other keys may just be called alike
 */
CbEngine *
cb_key_find_job_engine (CbSession *session, const char *name, gsize length, char **id)
{
  CbBoard *board = session != NULL ? cb_session_get_board (session) : NULL;
  GListModel *engines = board != NULL ? cb_board_get_engines (board) : NULL;
  guint n = engines != NULL ? g_list_model_get_n_items (engines) : 0;
  gsize prefix_length;
  guint64 job;

  if (n == 0 || !cb_key_is_of_job (name, length, &prefix_length, &job))
    return NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (engines, i);
      const char *prefix = cb_engine_get_prefix (engine);

      if (prefix != NULL && strlen (prefix) == prefix_length && memcmp (prefix, name, prefix_length) == 0)
        {
          *id = g_strdup_printf ("%" G_GUINT64_FORMAT, job);
          return engine; /* kept by the board */
        }
    }
  return NULL;
}

static void
jobs_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (source), result, NULL);

  /* Without an answer the rows say no more than that they are of some job. */
  for (guint i = 0; records != NULL && i < MIN (records->len, question->items->len); i++)
    {
      CbJobRecord *job = g_ptr_array_index (records, i);

      if (!job->missing)
        cb_key_item_set_job (g_ptr_array_index (question->items, i), job);
    }
  if (is_current (question))
    finish (question->lookup);
}

/* The jobs of those that are keys of jobs: of one engine at a time, nearly always there is only one. */
static gboolean
ask_jobs (CbKeyLookup *self, GPtrArray *items)
{
  g_autoptr (GPtrArray) of_jobs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  CbEngine *engine = NULL;

  if (self->connection != NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      CbKeyItem *item = g_ptr_array_index (items, i);
      const CbKeyFacts *facts = cb_key_item_get_facts (item);
      g_autofree char *id = NULL;
      CbEngine *its;
      g_autoptr (GBytes) name = NULL;

      if (facts == NULL || g_str_equal (facts->type, "none") || cb_key_item_get_job (item) != NULL)
        continue;
      name = cb_key_item_dup_name (item);
      its = cb_key_find_job_engine (self->session, g_bytes_get_data (name, NULL), g_bytes_get_size (name), &id);
      if (its == NULL || (engine != NULL && its != engine))
        continue;
      engine = its;
      g_ptr_array_add (of_jobs, g_object_ref (item));
      g_ptr_array_add (ids, g_steal_pointer (&id));
    }
  if (engine == NULL)
    return FALSE;

  g_ptr_array_add (ids, NULL);
  cb_engine_get_many_async (engine, (const char *const *) ids->pdata, self->cancellable, jobs_cb,
                            question_new (self, of_jobs));
  return TRUE;
}

static void
facts_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  CbKeyLookup *self = question->lookup;
  g_autoptr (GArray) facts = cb_key_facts_finish (CB_CONNECTION (source), result, NULL);

  if (!is_current (question))
    return;

  for (guint i = 0; facts != NULL && i < facts->len; i++)
    {
      CbKeyItem *item = g_ptr_array_index (question->items, i);

      cb_key_item_set_facts (item, &g_array_index (facts, CbKeyFacts, i));
      if (g_str_equal (g_array_index (facts, CbKeyFacts, i).type, "none"))
        g_signal_emit (self, gone_signal, 0, item);
      if (!is_current (question))
        return;
    }
  if (facts == NULL || !ask_jobs (self, question->items))
    finish (self);
}

static gboolean
ask_cb (gpointer data)
{
  CbKeyLookup *self = data;
  CbConnection *connection = self->connection != NULL ? self->connection
                             : self->session != NULL  ? cb_session_get_connection (self->session)
                                                      : NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) names = NULL;

  self->idle_id = 0;
  if (connection == NULL || self->cancellable != NULL || g_queue_is_empty (&self->waiting))
    return G_SOURCE_REMOVE;

  items = g_ptr_array_new_with_free_func (g_object_unref);
  names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  while (items->len < PORTION && !g_queue_is_empty (&self->waiting))
    {
      CbKeyItem *item = g_queue_pop_head (&self->waiting);

      g_hash_table_remove (self->wanted, item);
      g_ptr_array_add (names, cb_key_item_dup_name (item));
      g_ptr_array_add (items, item);
    }
  self->cancellable = g_cancellable_new ();
  cb_key_facts_async (connection, names, self->memory, self->cancellable, facts_cb, question_new (self, items));
  return G_SOURCE_REMOVE;
}

/* Rows come by dozens. */
static void
ask_later (CbKeyLookup *self)
{
  if (self->idle_id == 0 && self->cancellable == NULL && !g_queue_is_empty (&self->waiting))
    self->idle_id = g_idle_add (ask_cb, self);
}

static void
cb_key_lookup_dispose (GObject *object)
{
  CbKeyLookup *self = CB_KEY_LOOKUP (object);

  cb_key_lookup_clear (self);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_clear_object (&self->session);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (cb_key_lookup_parent_class)->dispose (object);
}

static void
cb_key_lookup_finalize (GObject *object)
{
  g_hash_table_unref (CB_KEY_LOOKUP (object)->wanted);

  G_OBJECT_CLASS (cb_key_lookup_parent_class)->finalize (object);
}

static void
cb_key_lookup_class_init (CbKeyLookupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_key_lookup_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_key_lookup_finalize;

  gone_signal = g_signal_new ("gone", CB_TYPE_KEY_LOOKUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                              CB_TYPE_KEY_ITEM);
}

static void
cb_key_lookup_init (CbKeyLookup *self)
{
  g_queue_init (&self->waiting);
  self->wanted = g_hash_table_new (NULL, NULL);
}

CbKeyLookup *
cb_key_lookup_new (void)
{
  return g_object_new (CB_TYPE_KEY_LOOKUP, NULL);
}

void
cb_key_lookup_set_session (CbKeyLookup *self, CbSession *session)
{
  g_return_if_fail (CB_IS_KEY_LOOKUP (self));

  g_set_object (&self->session, session);
}

void
cb_key_lookup_set_connection (CbKeyLookup *self, CbConnection *connection)
{
  g_return_if_fail (CB_IS_KEY_LOOKUP (self));
  g_return_if_fail (connection == NULL || CB_IS_CONNECTION (connection));

  if (g_set_object (&self->connection, connection))
    cb_key_lookup_clear (self);
}

void
cb_key_lookup_set_memory (CbKeyLookup *self, gboolean memory)
{
  g_return_if_fail (CB_IS_KEY_LOOKUP (self));

  self->memory = memory;
}

/**
 * cb_key_lookup_add:
 * @item: a row that came into view; folders have nothing to be asked
 */
void
cb_key_lookup_add (CbKeyLookup *self, CbKeyItem *item)
{
  g_return_if_fail (CB_IS_KEY_LOOKUP (self));
  g_return_if_fail (CB_IS_KEY_ITEM (item));

  if (cb_key_item_is_folder (item) || g_hash_table_contains (self->wanted, item))
    return;

  g_queue_push_tail (&self->waiting, g_object_ref (item));
  g_hash_table_insert (self->wanted, item, g_queue_peek_tail_link (&self->waiting));
  ask_later (self);
}

void
cb_key_lookup_remove (CbKeyLookup *self, CbKeyItem *item)
{
  GList *link;

  g_return_if_fail (CB_IS_KEY_LOOKUP (self));

  link = g_hash_table_lookup (self->wanted, item);
  if (link == NULL)
    return;

  g_hash_table_remove (self->wanted, item);
  g_queue_delete_link (&self->waiting, link);
  g_object_unref (item);
}

void
cb_key_lookup_clear (CbKeyLookup *self)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_return_if_fail (CB_IS_KEY_LOOKUP (self));

  g_hash_table_remove_all (self->wanted);
  g_queue_clear_full (&self->waiting, g_object_unref);
  cancellable = g_steal_pointer (&self->cancellable);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}
