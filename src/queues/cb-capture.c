/* cb-capture.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-capture.h"

#include "cb-engine-private.h"

static const char * const deed_words[CB_N_DEEDS] = {
  [CB_DEED_RETRY] = "retry",
  [CB_DEED_PROMOTE] = "promote",
  [CB_DEED_REMOVE] = "remove",
  [CB_DEED_PRIORITY] = "priority",
  [CB_DEED_MOVE] = "move",
  [CB_DEED_RETRY_AS_NEW] = "retry-as-new",
  [CB_DEED_UPDATE] = "update",
  [CB_DEED_REPAIR] = "repair",
  [CB_DEED_EXPIRE] = "expire",
};

/**
 * cb_deed_new:
 * @number: what @kind says of it, else 0
 * @text: (nullable): the same, else %NULL
 *
 * Returns: (transfer full): the deed
 */
CbDeed *
cb_deed_new (CbDeedKind  kind,
             double      number,
             const char *text)
{
  CbDeed *self;

  g_return_val_if_fail (kind < CB_N_DEEDS, NULL);
  g_return_val_if_fail (kind != CB_DEED_MOVE || text != NULL, NULL);

  self = g_new0 (CbDeed, 1);
  self->kind = kind;
  self->number = number;
  self->text = g_strdup (text);

  return self;
}

/**
 * cb_deed_new_update:
 * @changes: (transfer none): what is to be different
 *
 * Returns: (transfer full): the deed
 */
CbDeed *
cb_deed_new_update (const CbJobChanges *changes)
{
  CbDeed *self;

  g_return_val_if_fail (changes != NULL, NULL);

  self = cb_deed_new (CB_DEED_UPDATE, 0, NULL);
  self->changes = cb_job_changes_copy (changes);

  return self;
}

CbDeed *
cb_deed_copy (const CbDeed *self)
{
  CbDeed *copy = cb_deed_new (self->kind, self->number, self->text);

  copy->changes = self->changes != NULL ? cb_job_changes_copy (self->changes) : NULL;

  return copy;
}

void
cb_deed_free (CbDeed *self)
{
  if (self == NULL)
    return;

  g_free (self->text);
  g_clear_pointer (&self->changes, cb_job_changes_free);
  g_free (self);
}

/**
 * cb_deed_kind_word:
 *
 * Returns: (transfer none): the word for it in files and in output that programs read
 */
const char *
cb_deed_kind_word (CbDeedKind kind)
{
  g_return_val_if_fail (kind < CB_N_DEEDS, NULL);

  return deed_words[kind];
}

/**
 * cb_deed_kind_parse:
 * @kind: (out): what the word says
 *
 * Returns: %FALSE for a word that is none
 */
gboolean
cb_deed_kind_parse (const char *word,
                    CbDeedKind *kind)
{
  for (guint i = 0; i < CB_N_DEEDS; i++)
    {
      if (g_strcmp0 (word, deed_words[i]) == 0)
        {
          *kind = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * cb_capture_new:
 *
 * For engines and the journal.
 *
 * Returns: (transfer full): a capture that holds nothing yet
 */
CbCapture *
cb_capture_new (const char *id)
{
  CbCapture *self = g_new0 (CbCapture, 1);

  self->id = g_strdup (id);
  self->state = g_intern_static_string ("");
  self->updated_at = -1;
  self->started_at = -1;

  return self;
}

void
cb_capture_free (CbCapture *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->queue);
  g_clear_pointer (&self->before, g_variant_unref);
  g_clear_pointer (&self->what, g_variant_unref);
  g_clear_pointer (&self->after, g_variant_unref);
  g_clear_error (&self->error);
  g_free (self);
}

gsize
cb_capture_get_size (CbCapture *self)
{
  return (self->before != NULL ? g_variant_get_size (self->before) : 0) +
         (self->after != NULL ? g_variant_get_size (self->after) : 0);
}

static gboolean
can_undo (CbEngine *self)
{
  return (CB_ENGINE_GET_CLASS (self)->capabilities & CB_ENGINE_CAN_UNDO) != 0;
}

/**
 * cb_engine_capture_async:
 * @deed: what is going to be done with them: it decides what of a job is looked at
 * @ids: ended by %NULL, at most %CB_CAPTURE_MOST
 * @whole: whether they are to be put back some day
 *
 * Reads all of these jobs that @deed may destroy or rewrite, with all entries in sets. It changes nothing.
 */
void
cb_engine_capture_async (CbEngine            *self,
                         const CbDeed        *deed,
                         const char * const  *ids,
                         gboolean             whole,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (deed != NULL);
  g_return_if_fail (ids != NULL && ids[0] != NULL);

  if (!can_undo (self))
    cb_engine_report_not_supported (self, "capture jobs", cb_engine_capture_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->capture (self, deed, ids, whole, cancellable, callback, user_data);
}

/**
 * cb_engine_capture_findings_async:
 * @findings: (element-type CbFinding): of an examination of this engine, each with a repair; at most %CB_CAPTURE_MOST, which the
 *   caller keeps until this is finished
 *
 * Reads all that the repair of these findings will destroy or rewrite. Finished by cb_engine_capture_finish().
 */
void
cb_engine_capture_findings_async (CbEngine            *self,
                                  GPtrArray           *findings,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (findings != NULL && findings->len > 0 && findings->len <= CB_CAPTURE_MOST);

  if (!can_undo (self) || CB_ENGINE_GET_CLASS (self)->capture_findings == NULL)
    cb_engine_report_not_supported (self, "capture what it repairs", cb_engine_capture_findings_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->capture_findings (self, findings, cancellable, callback, user_data);
}

/**
 * cb_engine_capture_finish:
 *
 * Returns: (transfer full) (element-type CbCapture): one an id, in order; what could not be captured has its error
 */
GPtrArray *
cb_engine_capture_finish (CbEngine      *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_act_captured_async:
 * @captures: (element-type CbCapture): of cb_engine_capture_async(), with the same @deed and @whole; referenced until it is done
 *
 * Does it with each job that is still as it was captured, each by one atomic step. A cancellable gives up waiting for the
 * answers; what was sent is done.
 */
void
cb_engine_act_captured_async (CbEngine            *self,
                              const CbDeed        *deed,
                              GPtrArray           *captures,
                              gboolean             whole,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (deed != NULL);
  g_return_if_fail (captures != NULL && captures->len <= CB_CAPTURE_MOST);

  if (!can_undo (self))
    cb_engine_report_not_supported (self, "act on captured jobs", cb_engine_act_captured_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->act_captured (self, deed, captures, whole, cancellable, callback, user_data);
}

/**
 * cb_engine_act_captured_finish:
 *
 * Returns: (transfer full) (element-type CbJobOutcome): in the order of the captures
 */
GPtrArray *
cb_engine_act_captured_finish (CbEngine      *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_restore_async:
 * @deed: what was done with them
 * @captures: (element-type CbCapture): as they were captured whole; the one that was acted on last comes first. Without an `after`
 *   it is not known whether the action was done. Referenced until it is done
 *
 * Puts each job back exactly as it was, by one atomic step that first looks whether it still is as the action left it.
 */
void
cb_engine_restore_async (CbEngine            *self,
                         const CbDeed        *deed,
                         GPtrArray           *captures,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (deed != NULL);
  g_return_if_fail (captures != NULL && captures->len > 0 && captures->len <= CB_CAPTURE_MOST);

  if (!can_undo (self))
    cb_engine_report_not_supported (self, "put jobs back", cb_engine_restore_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->restore (self, deed, captures, cancellable, callback, user_data);
}

/**
 * cb_engine_restore_finish:
 *
 * Returns: (transfer full) (element-type CbJobOutcome): in the order of the captures
 */
GPtrArray *
cb_engine_restore_finish (CbEngine      *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
