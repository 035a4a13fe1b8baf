/* cb-checkup.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-checkup.h"

#include <glib/gi18n.h>

#include "cb-bulk.h"
#include "cb-queue-error.h"
#include "cb-redis-error.h"

struct _CbCheckup
{
  GObject parent_instance;

  CbBoard *board;             /* (owned) */
  CbJournal *journal;         /* (owned) */
  CbCheckupState state;
  GListStore *findings;       /* (owned) (element-type CbFindingItem) */
  GQueue engines;             /* (element-type CbEngine) (owned) still to be looked at */
  GCancellable *cancellable;  /* (owned) (nullable) of what is under way */

  guint64 n_before;           /* jobs of the engines that are done */
  guint64 n_jobs;
  gboolean again;
  gboolean cut;
  guint64 n_unread;
  char *problem;              /* (owned) (nullable) */
  gboolean read_only;         /* the server said so when something was to be repaired */
  guint n_chosen;
  guint n_repairable;
  gboolean counting;          /* many change at once */

  GPtrArray *chosen;          /* (owned) (nullable) (element-type CbFindingItem) being repaired */
  gboolean undoable;
  guint n_begun;              /* of the chosen, those of the bulks before this one */
  guint n_done;
  GPtrArray *bulks;           /* (owned) (element-type CbBulk) of this repair, the last being under way */
};

G_DEFINE_FINAL_TYPE (CbCheckup, cb_checkup, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (CbCheckupState, cb_checkup_state,
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_EXAMINING, "examining"),
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_HEALTHY, "healthy"),
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_FOUND, "found"),
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_REPAIRING, "repairing"),
                    G_DEFINE_ENUM_VALUE (CB_CHECKUP_FAILED, "failed"))

enum
{
  PROP_0,
  PROP_STATE,
  PROP_N_JOBS,
  PROP_LOOKING_AGAIN,
  PROP_N_CHOSEN,
  PROP_N_DONE,
  PROP_CUT,
  PROP_PROBLEM,
  PROP_READ_ONLY,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void examine_next (CbCheckup *self);
static void repair_next (CbCheckup *self);

static void
set_state (CbCheckup *self, CbCheckupState state)
{
  if (state != CB_CHECKUP_EXAMINING && state != CB_CHECKUP_REPAIRING)
    g_clear_object (&self->cancellable);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static void
set_problem (CbCheckup *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
}

static void
count (CbCheckup *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->findings));

  if (self->counting)
    return;

  self->n_chosen = 0;
  self->n_repairable = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->findings), i);

      self->n_chosen += cb_finding_item_get_chosen (item) ? 1 : 0;
      self->n_repairable += cb_finding_item_get_repairable (item) ? 1 : 0;
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CHOSEN]);
}

/* --- looking --- */

static void
progress_cb (guint64 n_jobs, gboolean again, gpointer user_data)
{
  CbCheckup *self = user_data;

  self->n_jobs = self->n_before + n_jobs;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_JOBS]);
  if (self->again != again)
    {
      self->again = again;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOOKING_AGAIN]);
    }
}

static void
finish_examination (CbCheckup *self)
{
  count (self);
  set_state (self, g_list_model_get_n_items (G_LIST_MODEL (self->findings)) > 0 || self->cut ? CB_CHECKUP_FOUND : CB_CHECKUP_HEALTHY);
}

static void
examined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbCheckup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbExamination) examination = cb_engine_examine_finish (CB_ENGINE (source), result, &error);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      set_state (self, CB_CHECKUP_IDLE);
      return;
    }
  if (examination == NULL)
    {
      set_problem (self, error->message);
      set_state (self, CB_CHECKUP_FAILED);
      return;
    }

  self->n_before += examination->n_jobs;
  self->n_jobs = self->n_before;
  self->cut = self->cut || examination->cut;
  self->n_unread += examination->n_unread;
  g_ptr_array_set_free_func (examination->findings, NULL);
  for (guint i = 0; i < examination->findings->len; i++)
    {
      CbFindingItem *item = cb_finding_item_new (g_ptr_array_index (examination->findings, i), CB_ENGINE (source));

      g_signal_connect_object (item, "notify::chosen", G_CALLBACK (count), self, G_CONNECT_SWAPPED);
      g_ptr_array_add (items, item);
    }
  g_list_store_splice (self->findings, g_list_model_get_n_items (G_LIST_MODEL (self->findings)), 0, items->pdata, items->len);
  examine_next (self);
}

static void
examine_next (CbCheckup *self)
{
  g_autoptr (CbEngine) engine = g_queue_pop_head (&self->engines);
  CbExamineOptions options = { 0 };

  if (engine == NULL)
    {
      finish_examination (self);
      return;
    }

  options.grace_msec = CB_EXAMINE_GRACE_MSEC;
  options.suspect_after_msec = CB_EXAMINE_SUSPECT_MSEC;
  options.progress = progress_cb;
  options.progress_data = self;
  cb_engine_examine_async (engine, &options, self->cancellable, examined_cb, g_object_ref (self));
}

/* --- repairing --- */

static gboolean
take_refusal (CbCheckup *self, const GError *error)
{
  if (!g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM)
      && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY))
    return FALSE;

  self->read_only = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_READ_ONLY]);
  set_problem (self, error->message);
  g_cancellable_cancel (self->cancellable);
  return TRUE;
}

static void
outcome_cb (CbCheckup *self, guint index, CbBulk *bulk)
{
  CbFindingItem *item = g_ptr_array_index (self->chosen, self->n_begun + index);
  const GError *error = cb_bulk_get_error (bulk, index);

  switch (cb_bulk_get_outcome (bulk, index, NULL, NULL, NULL))
    {
    case CB_BULK_DONE:
      cb_finding_item_set_outcome (item, CB_FINDING_REPAIRED, NULL);
      break;
    case CB_BULK_CHANGED:
    case CB_BULK_GONE:
      cb_finding_item_set_outcome (item, CB_FINDING_HEALED, NULL);
      break;
    case CB_BULK_PENDING:
    case CB_BULK_REFUSED:
    case CB_BULK_UNKNOWN:
    default:
      cb_finding_item_set_outcome (item, CB_FINDING_NOT_REPAIRED, error != NULL ? error->message : NULL);
      break;
    }
  self->n_done++;

  /* Whoever may not write this may not write the next thing either. */
  if (error != NULL)
    take_refusal (self, error);
}

static void
progress_done_cb (CbCheckup *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_DONE]);
}

static void
finish_repair (CbCheckup *self)
{
  g_clear_pointer (&self->chosen, g_ptr_array_unref);
  self->counting = FALSE;
  count (self);
  /* A type that was not registered has a queue now. */
  cb_board_refresh (self->board);
  set_state (self, CB_CHECKUP_FOUND);
}

static void
repaired_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbCheckup) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!cb_bulk_run_finish (CB_BULK (source), result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !take_refusal (self, error))
        set_problem (self, error->message);
      finish_repair (self);
      return;
    }

  self->n_begun += cb_bulk_get_n_total (CB_BULK (source));
  repair_next (self);
}

/* Engine by engine. */
static void
repair_next (CbCheckup *self)
{
  static const CbDeed deed = { CB_DEED_REPAIR, 0, NULL, NULL };
  g_autoptr (CbBulk) bulk = NULL;
  CbEngine *engine;

  if (g_cancellable_is_cancelled (self->cancellable) || self->n_begun >= self->chosen->len)
    {
      finish_repair (self);
      return;
    }

  engine = cb_finding_item_get_engine (g_ptr_array_index (self->chosen, self->n_begun));
  bulk = cb_bulk_new (engine, self->undoable ? self->journal : NULL, &deed);
  for (guint i = self->n_begun; i < self->chosen->len; i++)
    {
      CbFindingItem *item = g_ptr_array_index (self->chosen, i);

      if (cb_finding_item_get_engine (item) != engine)
        break;
      cb_bulk_add_finding (bulk, cb_finding_item_get_finding (item));
    }
  g_ptr_array_add (self->bulks, g_object_ref (bulk));
  g_signal_connect_object (bulk, "outcome", G_CALLBACK (outcome_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (bulk, "notify::progress", G_CALLBACK (progress_done_cb), self, G_CONNECT_SWAPPED);
  cb_bulk_run_async (bulk, self->cancellable, repaired_cb, g_object_ref (self));
}

/* --- object --- */

static void
cb_checkup_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbCheckup *self = CB_CHECKUP (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_N_JOBS:
      g_value_set_uint64 (value, self->n_jobs);
      break;
    case PROP_LOOKING_AGAIN:
      g_value_set_boolean (value, self->again);
      break;
    case PROP_N_CHOSEN:
      g_value_set_uint (value, self->n_chosen);
      break;
    case PROP_N_DONE:
      g_value_set_uint (value, self->n_done);
      break;
    case PROP_CUT:
      g_value_set_boolean (value, self->cut);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_checkup_finalize (GObject *object)
{
  CbCheckup *self = CB_CHECKUP (object);

  g_queue_clear_full (&self->engines, g_object_unref);
  g_clear_object (&self->findings);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->board);
  g_clear_object (&self->journal);
  g_ptr_array_unref (self->bulks);
  g_clear_pointer (&self->chosen, g_ptr_array_unref);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_checkup_parent_class)->finalize (object);
}

static void
cb_checkup_class_init (CbCheckupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_checkup_get_property;
  object_class->finalize = cb_checkup_finalize;

  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, CB_TYPE_CHECKUP_STATE, CB_CHECKUP_IDLE, flags);
  props[PROP_N_JOBS] = g_param_spec_uint64 ("n-jobs", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_LOOKING_AGAIN] = g_param_spec_boolean ("looking-again", NULL, NULL, FALSE, flags);
  props[PROP_N_CHOSEN] = g_param_spec_uint ("n-chosen", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_CUT] = g_param_spec_boolean ("cut", NULL, NULL, FALSE, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  props[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
cb_checkup_init (CbCheckup *self)
{
  g_queue_init (&self->engines);
  self->findings = g_list_store_new (CB_TYPE_FINDING_ITEM);
  self->bulks = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * cb_checkup_new:
 * @journal: where it is written down what a repair overwrites
 */
CbCheckup *
cb_checkup_new (CbBoard *board, CbJournal *journal)
{
  CbCheckup *self = g_object_new (CB_TYPE_CHECKUP, NULL);

  self->board = g_object_ref (board);
  self->journal = g_object_ref (journal);

  return self;
}

/**
 * cb_checkup_start:
 *
 * Looks through all engines that the board has found, one after the other, and forgets what was found before. Nothing happens while
 * it is at work already.
 */
void
cb_checkup_start (CbCheckup *self)
{
  GListModel *engines = cb_board_get_engines (self->board);

  g_return_if_fail (CB_IS_CHECKUP (self));

  if (self->state == CB_CHECKUP_EXAMINING || self->state == CB_CHECKUP_REPAIRING)
    return;

  g_ptr_array_set_size (self->bulks, 0);
  g_queue_clear_full (&self->engines, g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (engines); i++)
    {
      CbEngine *engine = g_list_model_get_item (engines, i);

      if ((cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_EXAMINE) != 0)
        g_queue_push_tail (&self->engines, engine);
      else
        g_object_unref (engine);
    }

  g_list_store_remove_all (self->findings);
  self->n_before = 0;
  self->n_jobs = 0;
  self->again = FALSE;
  self->cut = FALSE;
  self->n_unread = 0;
  self->n_done = 0;
  self->read_only = FALSE;
  set_problem (self, NULL);
  if (g_queue_is_empty (&self->engines) && g_list_model_get_n_items (engines) > 0)
    {
      set_problem (self, _("These queues are of a kind that can’t be checked."));
      set_state (self, CB_CHECKUP_FAILED);
      return;
    }

  self->cancellable = g_cancellable_new ();
  set_state (self, CB_CHECKUP_EXAMINING);
  examine_next (self);
}

/**
 * cb_checkup_cancel:
 *
 * Ends what is under way; a repair after the portion that it is at, so that what was done is known and can be undone.
 */
void
cb_checkup_cancel (CbCheckup *self)
{
  g_return_if_fail (CB_IS_CHECKUP (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

/**
 * cb_checkup_repair:
 *
 * @undoable: whether it is to be in the journal
 *
 * Repairs what is chosen. What came of each stands in its item.
 */
void
cb_checkup_repair (CbCheckup *self, gboolean undoable)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->findings));

  g_return_if_fail (CB_IS_CHECKUP (self));

  if (self->state != CB_CHECKUP_FOUND)
    return;

  self->chosen = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->findings), i);

      if (cb_finding_item_get_chosen (item))
        g_ptr_array_add (self->chosen, g_steal_pointer (&item));
    }

  self->undoable = undoable;
  self->n_begun = 0;
  self->n_done = 0;
  g_ptr_array_set_size (self->bulks, 0);
  self->counting = TRUE;
  self->cancellable = g_cancellable_new ();
  set_problem (self, NULL);
  set_state (self, CB_CHECKUP_REPAIRING);
  repair_next (self);
}

/**
 * cb_checkup_choose_all:
 * @chosen: whether all that can be repaired is to be, or nothing
 */
void
cb_checkup_choose_all (CbCheckup *self, gboolean chosen)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->findings));

  g_return_if_fail (CB_IS_CHECKUP (self));

  if (self->state != CB_CHECKUP_FOUND)
    return;

  self->counting = TRUE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->findings), i);

      cb_finding_item_set_chosen (item, chosen);
    }
  self->counting = FALSE;
  count (self);
}

CbCheckupState
cb_checkup_get_state (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), CB_CHECKUP_IDLE);

  return self->state;
}

GListModel *
cb_checkup_get_findings (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), NULL);

  return G_LIST_MODEL (self->findings);
}

GPtrArray *
cb_checkup_get_bulks (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), NULL);

  return self->bulks;
}

guint
cb_checkup_get_n_chosen (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), 0);

  return self->n_chosen;
}

guint
cb_checkup_get_n_repairable (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), 0);

  return self->n_repairable;
}

guint
cb_checkup_count (CbCheckup *self, CbFindingOutcome outcome)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->findings));
  guint n_found = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->findings), i);

      n_found += cb_finding_item_get_outcome (item) == outcome ? 1 : 0;
    }

  return n_found;
}

guint
cb_checkup_count_remarks (CbCheckup *self, gboolean left)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->findings));
  guint n_found = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbFindingItem) item = g_list_model_get_item (G_LIST_MODEL (self->findings), i);
      CbFindingOutcome outcome = cb_finding_item_get_outcome (item);

      n_found += cb_finding_item_get_finding (item)->harmless &&
                 (!left || (outcome != CB_FINDING_REPAIRED && outcome != CB_FINDING_HEALED));
    }

  return n_found;
}

guint64
cb_checkup_get_n_unread (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), 0);

  return self->n_unread;
}

const char *
cb_checkup_get_problem (CbCheckup *self)
{
  g_return_val_if_fail (CB_IS_CHECKUP (self), NULL);

  return self->problem;
}

/**
 * cb_checkup_get_n_known:
 *
 * Returns: how many jobs there are by the counts of the queues, to compare n-jobs with; 0 when that is not known
 */
gint64
cb_checkup_get_n_known (CbCheckup *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  gint64 n_known = 0;

  g_return_val_if_fail (CB_IS_CHECKUP (self), 0);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      gint64 total = 0;

      g_object_get (queue, "total", &total, NULL);
      n_known += MAX (total, 0);
    }

  return n_known;
}
