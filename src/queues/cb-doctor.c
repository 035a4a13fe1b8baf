/* cb-doctor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-doctor.h"

#include <glib/gi18n.h>

#include "cb-engine-private.h"

/*
 * The doctor: finds what does not fit together in a queue, says how it knows, and puts it right when told to. What is wrong
 * and how it is repaired is the engine's business; here stands what all engines have in common.
 */

static const struct
{
  const char *word;
  const char *title;
} kinds[CB_N_FINDINGS] = {
  [CB_FINDING_PHANTOM] = { "phantom", N_("Id without a job") },
  [CB_FINDING_ENTRY] = { "entry", N_("Entry that is no id") },
  [CB_FINDING_SPELLING] = { "spelling", N_("Misspelled id") },
  [CB_FINDING_LOST] = { "lost", N_("Lost job") },
  [CB_FINDING_UNINDEXED] = { "unindexed", N_("Job missing from its lists") },
  [CB_FINDING_STATES] = { "states", N_("Job in two states") },
  [CB_FINDING_STATELESS] = { "stateless", N_("Job without a state") },
  [CB_FINDING_UNTYPED] = { "untyped", N_("Job without a type") },
  [CB_FINDING_ZOMBIE] = { "zombie", N_("Remains of a removed job") },
  [CB_FINDING_SCORE] = { "score", N_("Wrong place in a list") },
  [CB_FINDING_PRIORITY] = { "priority", N_("Priority that is no number") },
  [CB_FINDING_JSON] = { "json", N_("Data that are not JSON") },
  [CB_FINDING_LOG] = { "log", N_("Log without a job") },
  [CB_FINDING_DEAD] = { "dead", N_("Worker is dead") },
  [CB_FINDING_SUSPECT] = { "suspect", N_("Worker may be dead") },
  [CB_FINDING_TYPE] = { "type", N_("Type not registered") },
  [CB_FINDING_TOKENS] = { "tokens", N_("Too few wake-ups") },
  [CB_FINDING_SURPLUS] = { "surplus", N_("Too many wake-ups") },
  [CB_FINDING_KEY] = { "key", N_("Key of another type") },
};

CbFinding *
cb_finding_new (CbFindingKind kind)
{
  CbFinding *self = g_new0 (CbFinding, 1);

  self->kind = kind;
  return self;
}

void
cb_finding_free (CbFinding *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->queue);
  g_free (self->key);
  g_free (self->evidence);
  g_free (self->repair);
  g_clear_pointer (&self->place, g_bytes_unref);
  g_clear_pointer (&self->mark, g_bytes_unref);
  g_clear_pointer (&self->subject, g_ptr_array_unref);
  g_free (self);
}

/**
 * cb_finding_kind_word:
 *
 * Returns: (transfer none): the word for it in output that programs read
 */
const char *
cb_finding_kind_word (CbFindingKind kind)
{
  g_return_val_if_fail (kind < CB_N_FINDINGS, NULL);

  return kinds[kind].word;
}

/**
 * cb_finding_kind_title:
 *
 * Returns: (transfer none): a few words for people, translated
 */
const char *
cb_finding_kind_title (CbFindingKind kind)
{
  g_return_val_if_fail (kind < CB_N_FINDINGS, NULL);

  return _(kinds[kind].title);
}

/**
 * cb_examination_count_faults:
 *
 * Returns: how many of the findings are not harmless
 */
guint
cb_examination_count_faults (const CbExamination *self)
{
  guint n = 0;

  for (guint i = 0; i < self->findings->len; i++)
    n += !((const CbFinding *) g_ptr_array_index (self->findings, i))->harmless;

  return n;
}

void
cb_examination_free (CbExamination *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->findings);
  g_free (self);
}

/**
 * cb_engine_examine_async:
 * @options: (nullable): %NULL for the usual patience
 *
 * Looks for what does not fit together, portion by portion, and looks at each suspicion again when the grace is over: only
 * what is the same both times is told, so that a queue at work gives no findings. Nothing is written.
 */
void
cb_engine_examine_async (CbEngine               *self,
                         const CbExamineOptions *options,
                         GCancellable           *cancellable,
                         GAsyncReadyCallback     callback,
                         gpointer                user_data)
{
  static const CbExamineOptions usual = { CB_EXAMINE_GRACE_MSEC, CB_EXAMINE_SUSPECT_MSEC, NULL, NULL };
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->examine == NULL || (klass->capabilities & CB_ENGINE_CAN_EXAMINE) == 0)
    cb_engine_report_not_supported (self, "examine its queues", cb_engine_examine_async, callback, user_data);
  else
    klass->examine (self, options != NULL ? options : &usual, cancellable, callback, user_data);
}

/**
 * cb_engine_examine_finish:
 *
 * Returns: (transfer full): what was found
 */
CbExamination *
cb_engine_examine_finish (CbEngine      *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_repair_async:
 * @findings: (element-type CbFinding): of an examination of this engine; referenced until it is done
 *
 * Repairs each by one atomic step, in which it is first looked at again; only what is broken is touched.
 */
void
cb_engine_repair_async (CbEngine            *self,
                        GPtrArray           *findings,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (findings != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->repair == NULL || (klass->capabilities & CB_ENGINE_CAN_EXAMINE) == 0)
    cb_engine_report_not_supported (self, "repair its queues", cb_engine_repair_async, callback, user_data);
  else
    klass->repair (self, findings, cancellable, callback, user_data);
}

/**
 * cb_engine_repair_finish:
 *
 * Returns: (transfer full) (element-type CbJobOutcome): one a finding, in order; %CB_QUEUE_ERROR_STATE when it is not so any
 *   more, %CB_QUEUE_ERROR_NOT_SUPPORTED for what is left to a person
 */
GPtrArray *
cb_engine_repair_finish (CbEngine      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
