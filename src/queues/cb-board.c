/* cb-board.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-board.h"

#include <string.h>

#include "cb-discovery.h"
#include "cb-json.h"

/*
 * What it costs to watch. While nothing happens, the board asks five counts (of the whole prefix) every ten seconds, later
 * every thirty. An event makes it read the counts of all queues in one pipeline, four times a second at most. Names of queues
 * are read again when an event names a queue that is not known, or the counts of the prefix change without an event. Only where events
 * can't be had everything is read every two seconds. While nobody sees it (cb_board_set_seen()) counts are read every thirty seconds at
 * most, and what changed in between is told when somebody looks again.
 */

#define COUNT_INTERVAL  (G_USEC_PER_SEC / 4)
#define EMIT_INTERVAL   (G_USEC_PER_SEC / 10)
#define POLL_MSEC       2000
#define UNSEEN_MSEC     30000           /* between two looks while nobody sees it */
#define IDLE_MSEC       10000
#define LONG_IDLE_MSEC  30000
#define SEARCH_MSEC     3000            /* from the first counts to the search of the whole keyspace */

/* An engine as the board watches it. Calls under way hold it, not the board. */
typedef struct
{
  gatomicrefcount  ref_count;
  CbBoard         *board;               /* (unowned) (nullable) NULL: stopped */
  CbEngine        *engine;              /* (owned) */
  GCancellable    *cancellable;         /* (owned) */

  gboolean         busy;                /* counts are being read */
  gboolean         again;
  gboolean         list_first;          /* the names of queues too */
  gint64           counted_at;          /* µs monotonic */
  guint            count_id;
  gint64           sums[CB_MAX_STATES]; /* of the whole prefix, as they were at the last tick */
  gboolean         sums_known;          /* and no event came since */

  GHashTable      *changed;             /* (owned) ids of jobs */
  gboolean         changed_unknown;     /* also others */
  gint64           emitted_at;          /* µs monotonic */
  guint            emit_id;

  guint            tick_id;
  guint            idle_msec;
} Watched;

struct _CbBoard
{
  GObject       parent_instance;

  CbConnection *connection;             /* (owned) (nullable) */
  char         *prefix;                 /* (owned) (nullable) */
  CbEngine     *default_engine;         /* (owned) (nullable) */

  GListStore   *engines;                /* (owned) */
  GListStore   *queues;                 /* (owned) sorted */
  GListStore   *others;                 /* (owned) (element-type CbOtherQueue) sorted; as the latest search found them */
  gboolean      others_cut;             /* there may be more than these */
  GHashTable   *all;                    /* (owned) (element-type CbEngine CbQueue) all queues of each, as far as somebody asked */
  GPtrArray    *watched;                /* (owned) (element-type Watched) */
  GCancellable *cancellable;            /* (owned) (nullable) of discovering, while started */
  gulong        state_id;
  guint         search_id;
  gboolean      searched;               /* the whole keyspace, or is about to be */
  guint         n_searches;             /* of the whole keyspace, under way */

  gboolean      started;
  gboolean      unseen;
  gboolean      loading;
  gboolean      live;
  char         *problem;                /* (owned) (nullable) */
};

enum
{
  PROP_0,
  PROP_CONNECTION,
  PROP_PREFIX,
  PROP_LOADING,
  PROP_PROBLEM,
  PROP_LIVE,
  PROP_ENGINES,
  N_PROPS
};

enum
{
  JOBS_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);
static void schedule_count (Watched *watched);
static void schedule_emit (Watched *watched);
static void schedule_tick (Watched *watched);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbBoard, cb_board, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static Watched *
watched_ref (Watched *watched)
{
  g_atomic_ref_count_inc (&watched->ref_count);
  return watched;
}

static void
watched_unref (Watched *watched)
{
  if (!g_atomic_ref_count_dec (&watched->ref_count))
    return;

  g_object_unref (watched->engine);
  g_object_unref (watched->cancellable);
  g_hash_table_unref (watched->changed);
  g_free (watched);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watched, watched_unref)

static gboolean
is_ready (CbBoard *self)
{
  return self->connection == NULL || cb_connection_get_state (self->connection) == CB_CONNECTION_READY;
}

static void
set_loading (CbBoard  *self,
             gboolean  loading)
{
  if (self->loading == loading)
    return;

  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
set_problem (CbBoard    *self,
             const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
update_live (CbBoard *self)
{
  gboolean live = self->watched->len > 0;

  for (guint i = 0; i < self->watched->len; i++)
    live = live && cb_engine_get_live (((Watched *) g_ptr_array_index (self->watched, i))->engine);

  if (self->live == live)
    return;

  self->live = live;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
}

static int
compare_queues (gconstpointer a,
                gconstpointer b,
                gpointer      user_data)
{
  CbQueue *x = (CbQueue *) a, *y = (CbQueue *) b;
  int order = strcmp (cb_queue_get_name (x), cb_queue_get_name (y));

  if (order == 0)
    order = strcmp (cb_engine_get_prefix (cb_queue_get_engine (x)), cb_engine_get_prefix (cb_queue_get_engine (y)));

  return order;
}

static CbQueue *
find_queue (CbBoard    *self,
            CbEngine   *engine,
            const char *name)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queues));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->queues), i);

      if (cb_queue_get_engine (queue) == engine && strcmp (cb_queue_get_name (queue), name) == 0)
        return queue;
    }

  return NULL;
}

/* --- counts --- */

static void
counts_ended (Watched    *watched,
              const char *problem)
{
  g_autoptr (CbBoard) self = g_object_ref (watched->board);

  watched->busy = FALSE;
  set_problem (self, problem);
  set_loading (self, FALSE);
  if (watched->board != NULL && watched->again)
    {
      watched->again = FALSE;
      schedule_count (watched);
    }
}

static void
sum_queues (CbBoard  *self,
            CbEngine *engine)
{
  CbQueue *all = g_hash_table_lookup (self->all, engine);

  if (all != NULL)
    cb_queue_sum (all, G_LIST_MODEL (self->queues));
}

static void
got_counts_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (Watched) watched = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = cb_engine_count_finish (CB_ENGINE (source), result, &error);
  g_autoptr (CbBoard) self = watched->board != NULL ? g_object_ref (watched->board) : NULL;

  if (self == NULL)
    return;

  if (counts == NULL)
    {
      counts_ended (watched, error->message);
      return;
    }

  for (guint i = 0; i < counts->len; i++)
    {
      CbQueueCounts *of_queue = g_ptr_array_index (counts, i);
      CbQueue *queue = find_queue (self, watched->engine, of_queue->queue);

      if (queue != NULL)
        cb_queue_set_counts (queue, of_queue);
    }
  sum_queues (self, watched->engine);

  if (watched->board != NULL)
    counts_ended (watched, NULL);
}

static void
count_queues (Watched *watched)
{
  CbBoard *self = watched->board;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queues));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->queues), i);

      /* The store has another reference, which keeps the name. */
      if (cb_queue_get_engine (queue) == watched->engine)
        g_ptr_array_add (names, (gpointer) cb_queue_get_name (queue));
    }
  g_ptr_array_add (names, NULL);

  cb_engine_count_async (watched->engine, (const char * const *) names->pdata, watched->cancellable, got_counts_cb,
                         watched_ref (watched));
}

/* Those of one name stand side by side. */
static void
tell_apart (CbBoard *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->queues));
  g_autoptr (CbQueue) last = NULL;
  gboolean shared = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->queues), i);
      gboolean same = last != NULL && strcmp (cb_queue_get_name (last), cb_queue_get_name (queue)) == 0;

      if (last != NULL)
        cb_queue_set_shares_name (last, shared || same);
      shared = same;
      g_set_object (&last, queue);
    }
  if (last != NULL)
    cb_queue_set_shares_name (last, shared);
}

/* New queues come, and those go that the server does not know any more. */
static void
take_names (Watched   *watched,
            GPtrArray *names)
{
  CbBoard *self = watched->board;
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < names->len; i++)
    g_hash_table_add (known, g_ptr_array_index (names, i));

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->queues)); i > 0; i--)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->queues), i - 1);

      if (queue != NULL && cb_queue_get_engine (queue) == watched->engine &&
          !g_hash_table_remove (known, cb_queue_get_name (queue)))
        g_list_store_remove (self->queues, i - 1);
    }

  /* What is left in it is new. */
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (CbQueue) queue = NULL;

      if (!g_hash_table_remove (known, name))
        continue;
      queue = cb_queue_new (watched->engine, name);
      g_list_store_insert_sorted (self->queues, queue, compare_queues, NULL);
    }
  tell_apart (self);
}

static void
got_names_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (Watched) watched = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = cb_engine_list_queues_finish (CB_ENGINE (source), result, &error);
  g_autoptr (CbBoard) self = watched->board != NULL ? g_object_ref (watched->board) : NULL;

  if (self == NULL)
    return;

  if (names == NULL)
    {
      watched->list_first = TRUE;
      counts_ended (watched, error->message);
      return;
    }

  take_names (watched, names);
  if (watched->board != NULL)
    count_queues (watched);
}

static gboolean
count_cb (gpointer data)
{
  Watched *watched = data;

  watched->count_id = 0;
  if (!is_ready (watched->board))
    return G_SOURCE_REMOVE;

  watched->busy = TRUE;
  watched->counted_at = g_get_monotonic_time ();
  if (watched->list_first)
    {
      watched->list_first = FALSE;
      cb_engine_list_queues_async (watched->engine, watched->cancellable, got_names_cb, watched_ref (watched));
    }
  else
    {
      count_queues (watched);
    }

  return G_SOURCE_REMOVE;
}

static void
schedule_count (Watched *watched)
{
  gint64 wait;

  if (watched->busy)
    watched->again = TRUE;
  if (watched->busy || watched->count_id != 0)
    return;

  wait = watched->board->unseen ? UNSEEN_MSEC * (gint64) 1000 : COUNT_INTERVAL;
  wait = MAX (watched->counted_at + wait - g_get_monotonic_time (), 0);
  watched->count_id = g_timeout_add ((wait + 999) / 1000, count_cb, watched);
}

/* --- events --- */

static gboolean
emit_cb (gpointer data)
{
  g_autoptr (Watched) watched = watched_ref (data);
  g_autoptr (CbBoard) self = g_object_ref (watched->board);
  g_auto (GStrv) ids = g_new0 (char *, g_hash_table_size (watched->changed) + 1);
  GHashTableIter iter;
  gpointer id;
  guint n = 0;

  watched->emit_id = 0;
  watched->emitted_at = g_get_monotonic_time ();
  g_hash_table_iter_init (&iter, watched->changed);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_hash_table_iter_steal (&iter);
      ids[n++] = id;
    }

  if (watched->changed_unknown && n > 0)
    {
      g_signal_emit (self, signals[JOBS_CHANGED], 0, watched->engine, ids);
      n = 0;
      g_clear_pointer (&ids, g_strfreev);
      ids = g_new0 (char *, 1);
    }
  watched->changed_unknown = FALSE;
  g_signal_emit (self, signals[JOBS_CHANGED], 0, watched->engine, ids);

  return G_SOURCE_REMOVE;
}

static void
schedule_emit (Watched *watched)
{
  gint64 wait;

  if (watched->emit_id != 0)
    return;

  wait = MAX (watched->emitted_at + EMIT_INTERVAL - g_get_monotonic_time (), 0);
  watched->emit_id = g_timeout_add ((wait + 999) / 1000, emit_cb, watched);
}

/* Whether the event is about a queue that the board has not seen: ["enqueue","name"]. */
static gboolean
names_new_queue (Watched    *watched,
                 CbJobEvent *event)
{
  g_autoptr (GPtrArray) args = NULL;
  g_autoptr (JsonNode) name = NULL;
  const char *text;
  gsize size;

  if (strcmp (event->name, "enqueue") != 0 || event->args == NULL)
    return FALSE;

  text = g_bytes_get_data (event->args, &size);
  args = text != NULL ? cb_json_split_array (text, size, NULL) : NULL;
  if (args == NULL || args->len < 2)
    return FALSE;

  text = g_bytes_get_data (g_ptr_array_index (args, 1), &size);
  name = cb_json_parse (text, size, NULL);
  if (name == NULL || !JSON_NODE_HOLDS_VALUE (name) || json_node_get_value_type (name) != G_TYPE_STRING)
    return FALSE;

  return find_queue (watched->board, watched->engine, json_node_get_string (name)) == NULL;
}

static void
event_cb (CbEngine   *engine,
          CbJobEvent *event,
          gpointer    user_data)
{
  Watched *watched = user_data;

  /* Nobody wants to know which; there may be very many by the time somebody does. */
  if (!watched->board->unseen)
    {
      g_hash_table_add (watched->changed, g_strdup (event->id));
      schedule_emit (watched);
    }

  /* Progress moves no job from one state to another. */
  if (strcmp (event->name, "progress") == 0)
    return;
  if (!watched->list_first && names_new_queue (watched, event))
    watched->list_first = TRUE;
  watched->idle_msec = IDLE_MSEC;
  watched->sums_known = FALSE;
  schedule_count (watched);
}

/* Everything may be different: after a reconnect, or where nobody tells. */
static void
all_changed (Watched *watched)
{
  watched->list_first = TRUE;
  watched->changed_unknown = TRUE;
  watched->idle_msec = IDLE_MSEC;
  schedule_count (watched);
  if (!watched->board->unseen)
    schedule_emit (watched);
}

static void
live_changed_cb (CbEngine   *engine,
                 GParamSpec *pspec,
                 gpointer    user_data)
{
  g_autoptr (Watched) watched = watched_ref (user_data);

  update_live (watched->board);
  if (watched->board == NULL)
    return;

  /* What happened between the last look and the first event is not told by one. */
  if (cb_engine_get_live (engine) && !watched->board->loading)
    all_changed (watched);
  schedule_tick (watched);
}

/* --- when nothing happens --- */

static void
got_sums_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (Watched) watched = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = cb_engine_count_finish (CB_ENGINE (source), result, &error);
  CbQueueCounts *sums;

  if (watched->board == NULL)
    return;

  if (counts == NULL)
    {
      set_problem (watched->board, error->message);
      return;
    }

  /* They are compared with what they were, not with the sum over the queues, which in a damaged prefix never fits. */
  sums = g_ptr_array_index (counts, 0);
  if (watched->sums_known && memcmp (sums->counts, watched->sums, sizeof watched->sums) != 0)
    all_changed (watched);
  else
    watched->idle_msec = MIN (watched->idle_msec + IDLE_MSEC, LONG_IDLE_MSEC);

  memcpy (watched->sums, sums->counts, sizeof watched->sums);
  watched->sums_known = TRUE;
  set_problem (watched->board, NULL);
}

static gboolean
tick_cb (gpointer data)
{
  Watched *watched = data;

  watched->tick_id = 0;
  if (is_ready (watched->board) && !watched->busy)
    {
      if (cb_engine_get_live (watched->engine))
        cb_engine_count_async (watched->engine, NULL, watched->cancellable, got_sums_cb, watched_ref (watched));
      else
        all_changed (watched);
    }
  schedule_tick (watched);

  return G_SOURCE_REMOVE;
}

static void
schedule_tick (Watched *watched)
{
  guint msec = cb_engine_get_live (watched->engine) ? watched->idle_msec : POLL_MSEC;

  if (watched->board->unseen)
    msec = UNSEEN_MSEC;
  g_clear_handle_id (&watched->tick_id, g_source_remove);
  watched->tick_id = g_timeout_add (msec, tick_cb, watched);
}

/* --- engines --- */

static void
watch_engine (CbBoard  *self,
              CbEngine *engine)
{
  Watched *watched = g_new0 (Watched, 1);

  g_atomic_ref_count_init (&watched->ref_count);
  watched->board = self;
  watched->engine = g_object_ref (engine);
  watched->cancellable = g_cancellable_new ();
  watched->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  watched->list_first = TRUE;
  watched->idle_msec = IDLE_MSEC;
  watched->counted_at = g_get_monotonic_time () - COUNT_INTERVAL;
  watched->emitted_at = g_get_monotonic_time () - EMIT_INTERVAL;
  g_ptr_array_add (self->watched, watched);

  g_signal_connect (engine, "event", G_CALLBACK (event_cb), watched);
  g_signal_connect (engine, "notify::live", G_CALLBACK (live_changed_cb), watched);
  cb_engine_watch (engine);
  update_live (self);
  schedule_count (watched);
  schedule_tick (watched);
}

/* The free function of the list of watched ones. */
static void
unwatch_engine (gpointer data)
{
  Watched *watched = data;

  watched->board = NULL;
  g_cancellable_cancel (watched->cancellable);
  g_clear_handle_id (&watched->count_id, g_source_remove);
  g_clear_handle_id (&watched->emit_id, g_source_remove);
  g_clear_handle_id (&watched->tick_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (watched->engine, watched);
  cb_engine_unwatch (watched->engine);
  watched_unref (watched);
}

static CbEngine *
find_engine (CbBoard    *self,
             const char *name,
             const char *prefix)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->engines));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (G_LIST_MODEL (self->engines), i);

      if (strcmp (cb_engine_get_name (engine), name) == 0 && strcmp (cb_engine_get_prefix (engine), prefix) == 0)
        return engine;
    }

  return NULL;
}

static void
add_engine (CbBoard  *self,
            CbEngine *engine)
{
  g_list_store_append (self->engines, engine);
  if (self->started)
    watch_engine (self, engine);
}

/* --- discovering --- */

typedef struct
{
  GWeakRef board;
  gboolean whole_keyspace;
} Search;

/* Those that stay are the same objects, and one change is told: there may be hundreds. */
static void
set_others (CbBoard   *self,
            GPtrArray *others)
{
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (self->others));
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_object_unref);
  guint begin = 0, end = 0;

  for (guint i = 0; i < n_before; i++)
    g_ptr_array_add (before, g_list_model_get_item (G_LIST_MODEL (self->others), i));

  /* Both are sorted. */
  for (guint i = 0, j = 0; i < others->len && j < before->len;)
    {
      CbOtherQueue *known = g_ptr_array_index (before, j);
      int order = cb_other_queue_compare (g_ptr_array_index (others, i), known);

      if (order == 0)
        {
          g_object_unref (g_ptr_array_index (others, i));
          g_ptr_array_index (others, i) = g_object_ref (known);
        }
      i += order <= 0;
      j += order >= 0;
    }

  while (begin < MIN (others->len, before->len) && g_ptr_array_index (others, begin) == g_ptr_array_index (before, begin))
    begin++;
  while (end < MIN (others->len, before->len) - begin &&
         g_ptr_array_index (others, others->len - 1 - end) == g_ptr_array_index (before, before->len - 1 - end))
    end++;
  if (others->len != before->len || begin < others->len)
    g_list_store_splice (self->others, begin, before->len - begin - end, others->pdata + begin, others->len - begin - end);
}

static void
discovered_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Search *search = user_data;
  g_autoptr (CbBoard) self = g_weak_ref_get (&search->board);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbDiscovery) found = cb_discovery_run_finish (CB_CONNECTION (source), result, &error);
  gboolean whole_keyspace = search->whole_keyspace;
  g_autofree char *tagged = NULL;

  if (self != NULL && whole_keyspace)
    self->n_searches--;
  g_weak_ref_clear (&search->board);
  g_free (search);
  if (self == NULL || !self->started || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (found == NULL)
    {
      /* Who wants one prefix only may be refused the usual ones: that it exists need not be found out. */
      if (self->prefix == NULL || !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM))
        set_problem (self, error->message);
      else if (self->watched->len > 0)
        return;
      set_loading (self, FALSE);
      return;
    }

  tagged = g_strdup_printf ("{%s}", self->prefix != NULL ? self->prefix : "");
  for (guint i = 0; i < found->prefixes->len; i++)
    {
      const CbDiscoveredPrefix *item = g_ptr_array_index (found->prefixes, i);
      g_autoptr (CbEngine) engine = NULL;

      if (self->prefix != NULL && strcmp (item->prefix, self->prefix) != 0 && strcmp (item->prefix, tagged) != 0)
        continue;
      if (find_engine (self, item->type->name, item->prefix) != NULL)
        continue;
      engine = item->type->create (self->connection, item->prefix);
      add_engine (self, engine);
    }
  if (whole_keyspace)
    {
      self->others_cut = found->has_more;
      set_others (self, found->others);
    }

  if (self->watched->len == 0)
    set_loading (self, FALSE);
}

static void
discover (CbBoard  *self,
          gboolean  whole_keyspace)
{
  Search *search = g_new0 (Search, 1);

  g_weak_ref_init (&search->board, self);
  search->whole_keyspace = whole_keyspace;
  if (whole_keyspace)
    self->n_searches++;
  cb_discovery_run_async (self->connection, whole_keyspace ? CB_DISCOVER_KEYSPACE | CB_DISCOVER_OTHERS : CB_DISCOVER_USUAL,
                          self->cancellable, discovered_cb, search);
}

static gboolean
search_cb (gpointer data)
{
  CbBoard *self = data;

  self->search_id = 0;
  if (is_ready (self))
    discover (self, TRUE);
  else
    self->searched = FALSE;

  return G_SOURCE_REMOVE;
}

static void
connection_ready (CbBoard *self)
{
  cb_board_get_default_engine (self);
  discover (self, FALSE);
  for (guint i = 0; i < self->watched->len; i++)
    all_changed (g_ptr_array_index (self->watched, i));

  /* Queues under names that nobody would guess, once and without haste. */
  if (!self->searched && self->prefix == NULL)
    {
      self->searched = TRUE;
      self->search_id = g_timeout_add (SEARCH_MSEC, search_cb, self);
    }
}

static void
state_changed_cb (CbBoard *self)
{
  if (cb_connection_get_state (self->connection) == CB_CONNECTION_READY)
    connection_ready (self);
}

/* --- GListModel --- */

static GType
cb_board_get_item_type (GListModel *model)
{
  return CB_TYPE_QUEUE;
}

static guint
cb_board_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (CB_BOARD (model)->queues));
}

static gpointer
cb_board_get_item (GListModel *model,
                   guint       position)
{
  return g_list_model_get_item (G_LIST_MODEL (CB_BOARD (model)->queues), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_board_get_item_type;
  iface->get_n_items = cb_board_get_n_items;
  iface->get_item = cb_board_get_item;
}

/* --- GObject --- */

static void
cb_board_dispose (GObject *object)
{
  CbBoard *self = CB_BOARD (object);

  cb_board_stop (self);

  G_OBJECT_CLASS (cb_board_parent_class)->dispose (object);
}

static void
cb_board_finalize (GObject *object)
{
  CbBoard *self = CB_BOARD (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->default_engine);
  g_free (self->prefix);
  g_free (self->problem);
  g_object_unref (self->engines);
  g_object_unref (self->queues);
  g_object_unref (self->others);
  g_hash_table_unref (self->all);
  g_ptr_array_unref (self->watched);

  G_OBJECT_CLASS (cb_board_parent_class)->finalize (object);
}

static void
cb_board_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  CbBoard *self = CB_BOARD (object);

  switch (prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_PREFIX:
      g_value_set_string (value, self->prefix);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, self->live);
      break;
    case PROP_ENGINES:
      g_value_set_object (value, self->engines);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_board_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  CbBoard *self = CB_BOARD (object);

  switch (prop_id)
    {
    case PROP_CONNECTION:
      self->connection = g_value_dup_object (value);
      break;
    case PROP_PREFIX:
      self->prefix = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_board_class_init (CbBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = cb_board_dispose;
  object_class->finalize = cb_board_finalize;
  object_class->get_property = cb_board_get_property;
  object_class->set_property = cb_board_set_property;

  properties[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL, CB_TYPE_CONNECTION, construct);
  properties[PROP_PREFIX] = g_param_spec_string ("prefix", NULL, NULL, NULL, construct);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, flags);
  properties[PROP_ENGINES] = g_param_spec_object ("engines", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * CbBoard::jobs-changed:
   * @engine: whose jobs
   * @ids: the jobs, each once; empty: not known which, all may have changed
   *
   * At most ten times a second for an engine.
   */
  signals[JOBS_CHANGED] =
    g_signal_new ("jobs-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, CB_TYPE_ENGINE, G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
cb_board_init (CbBoard *self)
{
  self->engines = g_list_store_new (CB_TYPE_ENGINE);
  self->queues = g_list_store_new (CB_TYPE_QUEUE);
  self->others = g_list_store_new (CB_TYPE_OTHER_QUEUE);
  self->all = g_hash_table_new_full (NULL, NULL, g_object_unref, g_object_unref);
  self->watched = g_ptr_array_new_with_free_func (unwatch_engine);
  g_signal_connect_object (self->queues, "items-changed", G_CALLBACK (g_list_model_items_changed), self,
                           G_CONNECT_SWAPPED);
}

/**
 * cb_board_new:
 * @connection: may be not ready yet
 * @prefix: (nullable): %NULL for all there are
 *
 * Returns: (transfer full): a board, empty until cb_board_start()
 */
CbBoard *
cb_board_new (CbConnection *connection,
              const char   *prefix)
{
  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  return g_object_new (CB_TYPE_BOARD, "connection", connection, "prefix", prefix, NULL);
}

/**
 * cb_board_new_for_engine:
 *
 * Returns: (transfer full): a board of one engine, which need not have a connection
 */
CbBoard *
cb_board_new_for_engine (CbEngine *engine)
{
  CbBoard *self;

  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);

  self = g_object_new (CB_TYPE_BOARD, NULL);
  self->default_engine = g_object_ref (engine);
  add_engine (self, engine);

  return self;
}

/**
 * cb_board_start:
 *
 * Looks for queues, as soon as the connection is ready, and keeps them up to date. Idempotent.
 */
void
cb_board_start (CbBoard *self)
{
  guint n;

  g_return_if_fail (CB_IS_BOARD (self));

  if (self->started)
    return;

  self->started = TRUE;
  self->cancellable = g_cancellable_new ();
  set_loading (self, TRUE);

  n = g_list_model_get_n_items (G_LIST_MODEL (self->engines));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (G_LIST_MODEL (self->engines), i);

      watch_engine (self, engine);
    }

  if (self->connection != NULL)
    {
      self->state_id = g_signal_connect_object (self->connection, "notify::state", G_CALLBACK (state_changed_cb), self,
                                                G_CONNECT_SWAPPED);
      state_changed_cb (self);
    }
}

/**
 * cb_board_stop:
 *
 * Asks nothing any more; what was read stays. Idempotent.
 */
void
cb_board_stop (CbBoard *self)
{
  g_return_if_fail (CB_IS_BOARD (self));

  if (!self->started)
    return;

  self->started = FALSE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->search_id, g_source_remove);
  if (self->connection != NULL)
    g_clear_signal_handler (&self->state_id, self->connection);
  g_ptr_array_set_size (self->watched, 0);
  self->searched = FALSE;
  update_live (self);
  set_loading (self, FALSE);
}

/**
 * cb_board_set_seen:
 *
 * Whether somebody can see what the board knows. While not, it looks every thirty seconds at most and tells no jobs; seen again it reads
 * everything at once.
 */
void
cb_board_set_seen (CbBoard  *self,
                   gboolean  seen)
{
  g_return_if_fail (CB_IS_BOARD (self));

  if (self->unseen == !seen)
    return;

  self->unseen = !seen;
  for (guint i = 0; i < self->watched->len; i++)
    {
      Watched *watched = g_ptr_array_index (self->watched, i);
      gboolean waits = watched->count_id != 0;

      g_clear_handle_id (&watched->count_id, g_source_remove);
      if (seen)
        all_changed (watched);
      else if (waits)
        schedule_count (watched);
      schedule_tick (watched);
    }
}

/**
 * cb_board_refresh:
 *
 * Reads names and counts again, as soon as the four times a second allow.
 */
void
cb_board_refresh (CbBoard *self)
{
  g_return_if_fail (CB_IS_BOARD (self));

  for (guint i = 0; i < self->watched->len; i++)
    {
      Watched *watched = g_ptr_array_index (self->watched, i);

      watched->list_first = TRUE;
      schedule_count (watched);
    }
}

/**
 * cb_board_search:
 *
 * Looks through the whole keyspace for queues under other names than the usual ones, as is done once after connecting: one may
 * have come since. Nothing is done while that is under way.
 */
void
cb_board_search (CbBoard *self)
{
  g_return_if_fail (CB_IS_BOARD (self));

  if (!self->started || self->prefix != NULL || self->n_searches > 0 || self->search_id != 0 || !is_ready (self))
    return;

  discover (self, TRUE);
}

/**
 * cb_board_find:
 * @prefix: (nullable): %NULL for the first queue of that name
 *
 * Returns: (transfer none) (nullable): the queue
 */
CbQueue *
cb_board_find (CbBoard    *self,
               const char *name,
               const char *prefix)
{
  guint n;

  g_return_val_if_fail (CB_IS_BOARD (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  n = g_list_model_get_n_items (G_LIST_MODEL (self->queues));
  for (guint i = 0; i < n; i++)
    {
      /* The store goes on holding it. */
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->queues), i);

      if (strcmp (cb_queue_get_name (queue), name) == 0 &&
          (prefix == NULL || strcmp (cb_engine_get_prefix (cb_queue_get_engine (queue)), prefix) == 0))
        return queue;
    }

  return NULL;
}

/**
 * cb_board_get_all:
 *
 * Returns: (transfer none): all queues of @engine, whose counts are the sums of theirs
 */
CbQueue *
cb_board_get_all (CbBoard  *self,
                  CbEngine *engine)
{
  CbQueue *all;

  g_return_val_if_fail (CB_IS_BOARD (self), NULL);
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);

  all = g_hash_table_lookup (self->all, engine);
  if (all == NULL)
    {
      all = cb_queue_new_for_all (engine);
      g_hash_table_insert (self->all, g_object_ref (engine), all);
      cb_queue_sum (all, G_LIST_MODEL (self->queues));
    }

  return all;
}

/**
 * cb_board_get_engines:
 *
 * Returns: (transfer none): a list model of #CbEngine; grows as more are found
 */
GListModel *
cb_board_get_engines (CbBoard *self)
{
  g_return_val_if_fail (CB_IS_BOARD (self), NULL);

  return G_LIST_MODEL (self->engines);
}

/**
 * cb_board_get_others:
 *
 * Returns: (transfer none): a list model of #CbOtherQueue: queues of libraries that have no engine here, as the latest search of the whole
 *   keyspace found them
 */
GListModel *
cb_board_get_others (CbBoard *self)
{
  g_return_val_if_fail (CB_IS_BOARD (self), NULL);

  return G_LIST_MODEL (self->others);
}

/**
 * cb_board_get_others_cut:
 *
 * Returns: whether there may be more of these than were found, as too much had to be looked at
 */
gboolean
cb_board_get_others_cut (CbBoard *self)
{
  g_return_val_if_fail (CB_IS_BOARD (self), FALSE);

  return self->others_cut;
}

/**
 * cb_board_get_default_engine:
 *
 * The engine that jobs of an unknown queue go to: Kue under the prefix of the board, or "q". It is watched like those that were
 * found, so that the first job of a server is seen to arrive.
 *
 * Returns: (transfer none) (nullable): the engine
 */
CbEngine *
cb_board_get_default_engine (CbBoard *self)
{
  const char *prefix;
  CbEngine *known;

  g_return_val_if_fail (CB_IS_BOARD (self), NULL);

  if (self->default_engine != NULL || self->connection == NULL)
    return self->default_engine;

  prefix = self->prefix != NULL ? self->prefix : "q";
  known = find_engine (self, "kue", prefix);
  if (known != NULL)
    {
      self->default_engine = g_object_ref (known);
    }
  else
    {
      self->default_engine = cb_engines_create ("kue", self->connection, prefix);
      if (self->default_engine != NULL)
        add_engine (self, self->default_engine);
    }

  return self->default_engine;
}
