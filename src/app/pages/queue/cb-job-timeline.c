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

/* ---- what lies between ---- */

/* What is known of the time between two entries that follow each other. Where another attempt may have begun and ended in
 * between, nothing is. */
static CbTimelinePartKind
get_part_kind (CbJobRecord *job, CbTimelineKind begin, CbTimelineKind end)
{
  gboolean is_first = job->attempts_made + (job->meaning == CB_JOB_MEANING_ACTIVE ? 1 : 0) <= 1;

  switch (begin)
    {
    case CB_TIMELINE_CREATED:
      if (end == CB_TIMELINE_DUE || (end == CB_TIMELINE_NOW && job->meaning == CB_JOB_MEANING_DELAYED))
        return job->attempts_made == 0 || is_first ? CB_TIMELINE_PART_DELAYED : CB_TIMELINE_PART_UNKNOWN;
      if (end == CB_TIMELINE_STARTED)
        return is_first ? CB_TIMELINE_PART_WAITING : CB_TIMELINE_PART_UNKNOWN;
      if (end == CB_TIMELINE_NOW && job->meaning == CB_JOB_MEANING_WAITING && job->attempts_made == 0)
        return CB_TIMELINE_PART_WAITING;
      return CB_TIMELINE_PART_UNKNOWN;

    case CB_TIMELINE_DUE:
      if (end == CB_TIMELINE_STARTED)
        return is_first || (job->failed_at >= 0 && job->failed_at <= job->promote_at) ? CB_TIMELINE_PART_WAITING
                                                                                        : CB_TIMELINE_PART_UNKNOWN;
      if (end == CB_TIMELINE_NOW && (job->meaning == CB_JOB_MEANING_WAITING || job->meaning == CB_JOB_MEANING_DELAYED))
        return CB_TIMELINE_PART_WAITING;
      return CB_TIMELINE_PART_UNKNOWN;

    case CB_TIMELINE_STARTED:
      if (end == CB_TIMELINE_FAILED || end == CB_TIMELINE_COMPLETE ||
          (end == CB_TIMELINE_NOW && job->meaning == CB_JOB_MEANING_ACTIVE))
        return CB_TIMELINE_PART_RUNNING;
      return CB_TIMELINE_PART_UNKNOWN;

    case CB_TIMELINE_FAILED:
      if (end == CB_TIMELINE_DUE || (end == CB_TIMELINE_NOW && job->meaning == CB_JOB_MEANING_DELAYED))
        return CB_TIMELINE_PART_DELAYED;
      if (end == CB_TIMELINE_STARTED || (end == CB_TIMELINE_NOW && job->meaning == CB_JOB_MEANING_WAITING))
        return CB_TIMELINE_PART_WAITING;
      return CB_TIMELINE_PART_UNKNOWN;

    case CB_TIMELINE_NOW:
      return CB_TIMELINE_PART_AHEAD;

    case CB_TIMELINE_COMPLETE:
    default:
      return CB_TIMELINE_PART_UNKNOWN;
    }
}

static void
add_part (GArray *parts, CbJobRecord *job, CbTimelineKind begin, gint64 from, CbTimelineKind end, gint64 to)
{
  CbTimelinePart part = { .kind = get_part_kind (job, begin, end), .begin = begin, .end = end, .from = from, .to = to };

  g_array_append_val (parts, part);
}

/**
 * cb_job_timeline_get_parts:
 * @entries: (element-type CbTimelineEntry): of cb_job_timeline_create()
 * @now: as there
 *
 * A job that is not over goes on until @now, or has its next part between @now and when it is due.
 *
 * Returns: (transfer full) (element-type CbTimelinePart): oldest first, each beginning where the one before it ends
 */
GArray *
cb_job_timeline_get_parts (CbJobRecord *job, GPtrArray *entries, gint64 now)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (CbTimelinePart));
  const CbTimelineEntry *before = NULL;
  gboolean is_open = job->meaning == CB_JOB_MEANING_WAITING || job->meaning == CB_JOB_MEANING_DELAYED ||
                     job->meaning == CB_JOB_MEANING_ACTIVE;
  gboolean said_now = FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      const CbTimelineEntry *entry = g_ptr_array_index (entries, i);

      if (entry->time < 0)
        continue;
      if (before != NULL && is_open && !said_now && before->time <= now && entry->time > now)
        {
          add_part (parts, job, before->kind, before->time, CB_TIMELINE_NOW, now);
          add_part (parts, job, CB_TIMELINE_NOW, now, entry->kind, entry->time);
          said_now = TRUE;
        }
      else if (before != NULL)
        {
          add_part (parts, job, before->kind, before->time, entry->kind, entry->time);
        }
      before = entry;
    }
  if (before != NULL && is_open && !said_now && before->time < now)
    add_part (parts, job, before->kind, before->time, CB_TIMELINE_NOW, now);

  return parts;
}

int
cb_job_timeline_count_forgotten (CbJobRecord *job)
{
  int n = job->attempts_made + (job->meaning == CB_JOB_MEANING_ACTIVE ? 1 : 0);
  /* A failure before the last start is of the attempt before. */
  int n_kept = (job->started_at >= 0 ? 1 : 0) +
               (job->failed_at >= 0 && (job->started_at < 0 || job->failed_at < job->started_at) ? 1 : 0);

  return MAX (n - n_kept, 0);
}

/**
 * cb_timeline_part_describe:
 *
 * Returns: (transfer full): how long it took and what it was
 */
char *
cb_timeline_part_describe (const CbTimelinePart *part)
{
  g_autofree char *duration = cb_format_duration (part->to - part->from);

  switch (part->kind)
    {
    case CB_TIMELINE_PART_DELAYED:
      /* Translators: a duration, for which a job was not to be run */
      return g_strdup_printf (_ ("delayed %s"), duration);
    case CB_TIMELINE_PART_WAITING:
      return g_strdup_printf (_ ("waited %s"), duration);
    case CB_TIMELINE_PART_RUNNING:
      return g_strdup_printf (_ ("ran %s"), duration);
    case CB_TIMELINE_PART_AHEAD:
      /* Translators: a duration, until a job is to be run */
      return g_strdup_printf (_ ("due in %s"), duration);
    case CB_TIMELINE_PART_UNKNOWN:
    default:
      /* Translators: a duration, of which is not known what was done in it */
      return g_strdup_printf (_ ("%s of which nothing is kept"), duration);
    }
}

/* ---- where it is drawn ---- */

/* So many times as long as all others together, and a part is shortened. */
#define TOO_LONG 6
/* What a shortened part gets of the whole. */
#define SHORTENED_SHARE 0.2

static gint64
get_duration (const CbTimelinePart *part)
{
  return MAX (part->to - part->from, 0);
}

/* The longest of those that are neither shortened nor widened, where it would leave no room for the others. */
static CbTimelinePart *
find_too_long (CbTimelinePart *parts, guint n)
{
  CbTimelinePart *longest = NULL;
  double others = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!parts[i].is_shortened && (longest == NULL || get_duration (&parts[i]) > get_duration (longest)))
        longest = &parts[i];
    }
  for (guint i = 0; i < n; i++)
    {
      if (!parts[i].is_shortened && &parts[i] != longest)
        others += (double) get_duration (&parts[i]);
    }
  return longest != NULL && others > 0 && (double) get_duration (longest) > TOO_LONG * others ? longest : NULL;
}

/**
 * cb_timeline_place:
 * @parts: (array length=n_parts): as of cb_job_timeline_get_parts()
 * @width: of all of them, in pixels
 * @least: what a part gets at least, where there is room for that
 *
 * To scale, but for two kinds of parts, which are marked: one that is far longer than all others together is shortened, and one that
 * could not be seen is widened. All others are to the same scale.
 */
void
cb_timeline_place (CbTimelinePart *parts, guint n_parts, double width, double least)
{
  CbTimelinePart *too_long;
  double room = width, total = 0, x = 0;
  guint n_shortened = 0;
  gboolean changed = TRUE;

  if (n_parts == 0 || width <= 0)
    return;

  least = MIN (least, width / n_parts);
  for (guint i = 0; i < n_parts; i++)
    {
      parts[i].is_shortened = parts[i].is_widened = FALSE;
      parts[i].width = 0;
    }
  while ((too_long = find_too_long (parts, n_parts)) != NULL)
    {
      too_long->is_shortened = TRUE;
      n_shortened++;
    }
  for (guint i = 0; i < n_parts; i++)
    {
      if (parts[i].is_shortened)
        {
          parts[i].width = MAX (width * MIN (SHORTENED_SHARE, 0.6 / n_shortened), least);
          room -= parts[i].width;
        }
    }

  /* Each that is widened leaves less to the rest, of which another may then be too narrow. */
  while (changed)
    {
      changed = FALSE;
      total = 0;
      for (guint i = 0; i < n_parts; i++)
        {
          if (!parts[i].is_shortened && !parts[i].is_widened)
            total += (double) get_duration (&parts[i]);
        }
      for (guint i = 0; i < n_parts; i++)
        {
          CbTimelinePart *part = &parts[i];

          if (part->is_shortened || part->is_widened)
            continue;
          part->width = total > 0 ? room * (double) get_duration (part) / total : 0;
          if (part->width < least - 1e-6)
            {
              part->width = least;
              part->is_widened = TRUE;
              room -= least;
              changed = TRUE;
              break;
            }
        }
    }

  total = 0;
  for (guint i = 0; i < n_parts; i++)
    total += parts[i].width;
  for (guint i = 0; i < n_parts; i++)
    {
      /* All of one instant, or hardly any room: what is left, or lacking, is shared. */
      parts[i].width *= width / total;
      parts[i].x = x;
      x += parts[i].width;
    }
}
