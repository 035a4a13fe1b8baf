/* cb-job-find.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-find.h"

/* Few enough that the loop goes on in between. */
#define PAGE 200

/*
 * So many pages are asked for at once: while the server reads one, another one is looked through, where one after the other left each
 * waiting for its turn. They are looked through in their order. A page that is not what was expected, as jobs have left the set
 * meanwhile, makes those behind it worthless; for some pages then only one is asked for. The same where jobs are so big that four pages
 * are much to hold, and where they take so long that what others ask on this connection would wait behind them. Of a queue in all its
 * states only one is, always: that is several sets, and how many are in them is told before they are read, so that it would go
 * unnoticed that some have left in between.
 */
#define AHEAD 4
#define CAREFUL_PAGES 16
#define HEAVY_BYTES (1024 * 1024)
#define SLOW_USEC G_USEC_PER_SEC

struct _CbJobFind
{
  GObject      parent_instance;

  CbEngine    *engine;       /* (owned) */
  char        *queue;        /* (owned) (nullable) */
  char        *state;        /* (owned) (nullable) */
  CbJobFilter *filter;       /* (owned) (nullable) */
  gboolean     reversed;
  guint        max_hits;

  gboolean     ran;
  gboolean     running;
  gboolean     cut;
  gint64       offset;       /* everything before it was looked through */
  gint64       next_offset;  /* of the page to ask for next */
  GQueue       asked;        /* (element-type Request) (unowned): the pages that are asked for, in their order */
  guint        careful;      /* so many pages are still to be asked for one by one */
  gint64       total;        /* of the last page, -1: none yet */
  gint64       steps_back;   /* how many more places it may go back */
  guint64      n_looked;
  GHashTable  *told;         /* (owned) ids */
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_QUEUE,
  PROP_STATE,
  PROP_REVERSED,
  PROP_MAX_HITS,
  PROP_N_LOOKED,
  PROP_N_TOTAL,
  PROP_N_HITS,
  PROP_RUNNING,
  PROP_CUT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint hit_signal;

G_DEFINE_FINAL_TYPE (CbJobFind, cb_job_find, G_TYPE_OBJECT)

typedef struct
{
  GTask     *task;    /* (owned) */
  gint64     asked_at; /* µs monotonic */
  gboolean   dropped;  /* nobody waits for it any more */
  gboolean   arrived;
  CbJobPage *page;    /* (owned) (nullable) */
  GError    *error;   /* (owned) (nullable) */
} Request;

static void
request_free (Request *request)
{
  g_clear_pointer (&request->page, cb_job_page_free);
  g_clear_error (&request->error);
  g_object_unref (request->task);
  g_free (request);
}

/* Of those that are still under way the answers are thrown away when they come. */
static void
drop_requests (CbJobFind *self)
{
  Request *request;

  while ((request = g_queue_pop_head (&self->asked)) != NULL)
    {
      if (request->arrived)
        request_free (request);
      else
        request->dropped = TRUE;
    }
}

/* @error is taken. */
static void
finish (GTask  *task,
        GError *error)
{
  CbJobFind *self = g_task_get_source_object (task);

  drop_requests (self);
  self->running = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
tell (CbJobFind   *self,
      CbJobRecord *record,
      gint64       now)
{
  if ((self->filter != NULL && !cb_job_filter_matches (self->filter, record, now)) || g_hash_table_contains (self->told, record->id))
    return;
  if (self->max_hits > 0 && g_hash_table_size (self->told) == self->max_hits)
    {
      self->cut = TRUE;
      return;
    }

  g_hash_table_add (self->told, g_strdup (record->id));
  g_signal_emit (self, hit_signal, 0, record);
}

static gsize
weigh (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_get_size (bytes) : 0;
}

/* Takes the next one to begin at @offset. */
static void
go_on_at (CbJobFind *self,
          gint64     offset)
{
  drop_requests (self);
  self->next_offset = offset;
  self->careful = CAREFUL_PAGES;
}

/* TRUE: that was the last one. */
static gboolean
look_through (CbJobFind *self,
              CbJobPage *page)
{
  gint64 now = cb_engine_get_time (self->engine);
  guint n = page->records->len;
  gsize weight = 0;
  gint64 back;

  for (guint i = 0; i < n && !self->cut; i++)
    {
      CbJobRecord *record = g_ptr_array_index (page->records, i);

      weight += weigh (record->data) + weigh (record->result) + weigh (record->progress_data) + weigh (record->error);
      tell (self, record, now);
    }

  /* So many have left the set since the last page, perhaps before this one: then those behind them have moved up, and as many
   * were passed over. In a set that never rests one may not go back for ever. */
  if (self->total < 0)
    self->steps_back = page->total + 10 * PAGE;
  back = CLAMP (self->total - page->total, 0, MIN (self->steps_back, self->offset));
  self->steps_back -= back;
  self->total = page->total;
  if (self->careful > 0)
    self->careful--;
  if (weight > HEAVY_BYTES)
    self->careful = MAX (self->careful, 1);

  if (back > 0)
    {
      self->offset -= back;
      go_on_at (self, self->offset);
    }
  else
    {
      self->offset += n;
      self->n_looked = MAX (self->n_looked, (guint64) self->offset);
      if (n != PAGE)
        go_on_at (self, self->offset);
    }
  for (guint i = PROP_N_LOOKED; i <= PROP_N_HITS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);

  if (self->cut)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CUT]);
  return self->cut || (back == 0 && (n == 0 || self->offset >= page->total));
}

static void page_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data);

static void
ask (GTask *task)
{
  CbJobFind *self = g_task_get_source_object (task);
  gboolean several_sets = self->queue != NULL && self->state == NULL;
  guint most = self->careful > 0 || self->total < 0 || several_sets ? 1 : AHEAD;

  while (self->asked.length < most && (self->asked.length == 0 || self->next_offset < self->total))
    {
      Request *request = g_new0 (Request, 1);

      request->task = g_object_ref (task);
      request->asked_at = g_get_monotonic_time ();
      g_queue_push_tail (&self->asked, request);
      cb_engine_page_async (self->engine, self->queue, self->state, self->next_offset, PAGE, self->reversed,
                            g_task_get_cancellable (task), page_cb, request);
      self->next_offset += PAGE;
    }
}

static void
page_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Request *request = user_data;
  g_autoptr (GTask) task = g_object_ref (request->task);
  CbJobFind *self = g_task_get_source_object (task);
  GError *error = NULL;
  gboolean last = FALSE;

  request->page = cb_engine_page_finish (CB_ENGINE (source), result, &request->error);
  request->arrived = TRUE;
  if (g_get_monotonic_time () - request->asked_at > SLOW_USEC)
    self->careful = MAX (self->careful, CAREFUL_PAGES);
  if (request->dropped)
    {
      request_free (request);
      return;
    }

  /* Who is told of a hit may cancel. */
  while (!last && error == NULL && (request = g_queue_peek_head (&self->asked)) != NULL && request->arrived)
    {
      g_queue_pop_head (&self->asked);
      if (request->page == NULL)
        error = g_steal_pointer (&request->error);
      else if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
        last = look_through (self, request->page);
      request_free (request);
    }

  if (last || error != NULL)
    finish (task, error);
  else
    ask (task);
}

/**
 * cb_job_find_run_async:
 *
 * Looks for them.
 */
void
cb_job_find_run_async (CbJobFind           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_JOB_FIND (self));
  g_return_if_fail (!self->ran);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_job_find_run_async);
  self->ran = TRUE;
  self->running = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  ask (task);
}

gboolean
cb_job_find_run_finish (CbJobFind     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

guint64
cb_job_find_get_n_looked (CbJobFind *self)
{
  return self->n_looked;
}

guint64
cb_job_find_get_n_total (CbJobFind *self)
{
  return MAX ((guint64) MAX (self->total, 0), self->n_looked);
}

guint
cb_job_find_get_n_hits (CbJobFind *self)
{
  return g_hash_table_size (self->told);
}

gboolean
cb_job_find_get_cut (CbJobFind *self)
{
  return self->cut;
}

static void
cb_job_find_finalize (GObject *object)
{
  CbJobFind *self = CB_JOB_FIND (object);

  g_clear_object (&self->engine);
  g_free (self->queue);
  g_free (self->state);
  cb_job_filter_free (self->filter);
  g_hash_table_unref (self->told);

  G_OBJECT_CLASS (cb_job_find_parent_class)->finalize (object);
}

static void
cb_job_find_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  CbJobFind *self = CB_JOB_FIND (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;

    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;

    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;

    case PROP_REVERSED:
      g_value_set_boolean (value, self->reversed);
      break;

    case PROP_MAX_HITS:
      g_value_set_uint (value, self->max_hits);
      break;

    case PROP_N_LOOKED:
      g_value_set_uint64 (value, self->n_looked);
      break;

    case PROP_N_TOTAL:
      g_value_set_uint64 (value, cb_job_find_get_n_total (self));
      break;

    case PROP_N_HITS:
      g_value_set_uint (value, g_hash_table_size (self->told));
      break;

    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;

    case PROP_CUT:
      g_value_set_boolean (value, self->cut);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_job_find_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  CbJobFind *self = CB_JOB_FIND (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;

    case PROP_QUEUE:
      self->queue = g_value_dup_string (value);
      break;

    case PROP_STATE:
      self->state = g_value_dup_string (value);
      break;

    case PROP_REVERSED:
      self->reversed = g_value_get_boolean (value);
      break;

    case PROP_MAX_HITS:
      self->max_hits = g_value_get_uint (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_job_find_class_init (CbJobFindClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags set = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_job_find_finalize;
  object_class->get_property = cb_job_find_get_property;
  object_class->set_property = cb_job_find_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, given);
  properties[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, given);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, given);
  properties[PROP_REVERSED] = g_param_spec_boolean ("reversed", NULL, NULL, TRUE, set);
  properties[PROP_MAX_HITS] = g_param_spec_uint ("max-hits", NULL, NULL, 0, G_MAXUINT, 0, set);
  properties[PROP_N_LOOKED] = g_param_spec_uint64 ("n-looked", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  properties[PROP_N_TOTAL] = g_param_spec_uint64 ("n-total", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  properties[PROP_N_HITS] = g_param_spec_uint ("n-hits", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, readable);
  properties[PROP_CUT] = g_param_spec_boolean ("cut", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  hit_signal = g_signal_new ("hit", CB_TYPE_JOB_FIND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, CB_TYPE_JOB_RECORD);
}

static void
cb_job_find_init (CbJobFind *self)
{
  self->reversed = TRUE;
  self->total = -1;
  g_queue_init (&self->asked);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * cb_job_find_new:
 * @queue: (nullable): only of this type; %NULL for what @filter says, or all
 * @state: (nullable): the same of states
 * @filter: (nullable) (transfer full): what must hold
 *
 * Returns: (transfer full): a search that has not begun
 */
CbJobFind *
cb_job_find_new (CbEngine    *engine,
                 const char  *queue,
                 const char  *state,
                 CbJobFilter *filter)
{
  CbJobFind *self;

  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);

  if (queue == NULL && filter != NULL)
    queue = cb_job_filter_get_queue (filter);
  if (state == NULL && filter != NULL)
    state = cb_job_filter_get_state (filter);
  self = g_object_new (CB_TYPE_JOB_FIND, "engine", engine, "queue", queue, "state", state, NULL);
  self->filter = filter;

  return self;
}
