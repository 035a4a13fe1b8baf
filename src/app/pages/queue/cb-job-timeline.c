/* cb-job-timeline.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-timeline.h"

#include <glib/gi18n.h>

#include "cb-format.h"

static void
entry_free (CbTimelineEntry *entry)
{
  g_free (entry->label);
  g_free (entry->note);
  g_free (entry);
}

static void
add (GPtrArray *entries, CbTimelineKind kind, gint64 time, char *label, char *note)
{
  CbTimelineEntry *entry = g_new0 (CbTimelineEntry, 1);

  entry->kind = kind;
  entry->time = time;
  entry->label = label;
  entry->note = note;
  g_ptr_array_add (entries, entry);
}

/* NULL where one of both is unknown or they are the wrong way round. */
static char *
note_between (const char *which, gint64 from, gint64 to)
{
  g_autofree char *duration = NULL;

  if (from < 0 || to < from)
    return NULL;

  duration = cb_format_duration (to - from);
  if (g_str_equal (which, "waited"))
    /* Translators: a duration, from being ready to being started */
    return g_strdup_printf (_ ("waited %s"), duration);
  if (g_str_equal (which, "ran"))
    /* Translators: a duration, from being started to its end */
    return g_strdup_printf (_ ("ran %s"), duration);
  if (g_str_equal (which, "after"))
    /* Translators: a duration, from being created to being due */
    return g_strdup_printf (_ ("after %s"), duration);
  /* Translators: a duration, up to now */
  return g_strdup_printf (_ ("for %s"), duration);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const CbTimelineEntry *first = *(const CbTimelineEntry **) a;
  const CbTimelineEntry *second = *(const CbTimelineEntry **) b;

  /* What has no time is now; of two at the same instant the kinds are in their natural order. */
  if (first->time != second->time)
    {
      if (first->time < 0 || second->time < 0)
        return first->time < 0 ? 1 : -1;
      return first->time < second->time ? -1 : 1;
    }
  return (int) first->kind - (int) second->kind;
}

static void
add_due (GPtrArray *entries, CbJobRecord *job, gint64 now)
{
  gboolean is_retry = job->attempts_made > 0;

  if (job->promote_at < 0 || job->promote_at <= job->created_at)
    return;
  /* Of a job that has started since, the time it had been due is worth telling only where it explains the wait. */
  if (job->meaning != CB_JOB_MEANING_DELAYED && job->delay <= 0)
    return;

  if (job->meaning == CB_JOB_MEANING_DELAYED && job->promote_at > now)
    add (entries, CB_TIMELINE_DUE, job->promote_at, g_strdup (is_retry ? _ ("Will be tried again") : _ ("Due")),
         cb_format_relative (job->promote_at, now));
  else
    add (entries, CB_TIMELINE_DUE, job->promote_at, g_strdup (_ ("Due")),
         is_retry ? NULL : note_between ("after", job->created_at, job->promote_at));
}

static void
add_started (GPtrArray *entries, CbJobRecord *job)
{
  gint64 ready = -1;
  int attempt;

  if (job->started_at < 0)
    return;

  /* The counter goes up at the end of an attempt. */
  attempt = job->attempts_made + (job->meaning == CB_JOB_MEANING_ACTIVE ? 1 : 0);

  /* Since when it waited: the first attempt from its creation, a later one only where the failure before it is still known;
   * both from when it was due. */
  if (attempt <= 1)
    ready = job->created_at;
  else if (job->failed_at >= 0 && job->failed_at <= job->started_at)
    ready = job->failed_at;
  if (job->promote_at > ready && job->promote_at <= job->started_at && (attempt <= 1 || job->delay > 0))
    ready = job->promote_at;

  add (entries, CB_TIMELINE_STARTED, job->started_at,
       attempt > 1 ? g_strdup_printf (_ ("Attempt %d started"), attempt) : g_strdup (_ ("Started")),
       note_between ("waited", ready, job->started_at));
}

static void
add_failed (GPtrArray *entries, CbJobRecord *job)
{
  const char *label;

  if (job->failed_at < 0)
    return;

  if (job->meaning != CB_JOB_MEANING_FAILED)
    label = _ ("Last failed attempt");
  else if (job->attempts_max > 1)
    label = _ ("Failed for good");
  else
    label = _ ("Failed");

  /* The start that is known is that of the last attempt, which may be a later one than the one that failed. */
  add (entries, CB_TIMELINE_FAILED, job->failed_at, g_strdup (label),
       note_between ("ran", job->started_at, job->failed_at));
}

static void
add_end (GPtrArray *entries, CbJobRecord *job, gint64 now)
{
  g_autofree char *duration = NULL;

  switch (job->meaning)
    {
    case CB_JOB_MEANING_COMPLETE:
      if (job->duration >= 0)
        {
          duration = cb_format_duration (job->duration);
          add (entries, CB_TIMELINE_COMPLETE, job->updated_at, g_strdup (_ ("Completed")),
               g_strdup_printf (_ ("ran %s"), duration));
        }
      else
        {
          add (entries, CB_TIMELINE_COMPLETE, job->updated_at, g_strdup (_ ("Completed")),
               note_between ("ran", job->started_at, job->updated_at));
        }
      break;
    case CB_JOB_MEANING_ACTIVE:
      add (entries, CB_TIMELINE_NOW, -1, g_strdup (_ ("Running")), note_between ("for", job->started_at, now));
      break;
    case CB_JOB_MEANING_WAITING:
      add (entries, CB_TIMELINE_NOW, -1, g_strdup (_ ("Waiting")),
           job->updated_at >= 0 ? note_between ("for", MAX (job->created_at, MIN (job->updated_at, now)), now) : NULL);
      break;
    case CB_JOB_MEANING_DELAYED:
    case CB_JOB_MEANING_FAILED:
    case CB_JOB_MEANING_UNKNOWN:
    default:
      break;
    }
}

/**
 * cb_job_timeline_create:
 * @now: µs since 1970 UTC, by the clock that the job is stamped with
 *
 * Tells only what the times of the job say: engines as Kue keep the last start and the last failure, not each of them, so
 * a start that is later than the failure belongs to another attempt, and no duration is made up between them.
 *
 * Returns: (transfer full) (element-type CbTimelineEntry): oldest first, then what is going on
 */
GPtrArray *
cb_job_timeline_create (CbJobRecord *job, gint64 now)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  if (job->created_at >= 0)
    add (entries, CB_TIMELINE_CREATED, job->created_at, g_strdup (_ ("Created")), NULL);
  add_due (entries, job, now);
  add_started (entries, job);
  add_failed (entries, job);
  add_end (entries, job, now);
  g_ptr_array_sort (entries, compare);
  return entries;
}
