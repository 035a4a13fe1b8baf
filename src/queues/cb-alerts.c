/* cb-alerts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-alerts.h"

/*
 * Failures are counted by how the set of failed jobs grows. Between two looks as many may have been taken out of it as came in, so
 * this can be too few, never too many. Growth is kept by the minute, so that a queue needs as many numbers as the rule has minutes.
 */

#define MINUTE           (60 * (gint64) G_USEC_PER_SEC)
#define MAX_MINUTES      (24 * 60)
/* What was told is not told again before so much time is over, even if it was better in between. */
#define REPEAT_MINUTES   15
#define MINUTES_OF_A_DAY (24 * 60)

/* One thing that may be told. */
typedef struct
{
  gboolean holds;
  gboolean told;              /* since it holds */
  gint64   told_at;           /* -1 never */
} Matter;

typedef struct
{
  Matter  matters[CB_N_ALERTS];
  gint64  n_failed;           /* at the last look; -1 */
  gint64  n_waiting;
  guint  *grown;              /* (owned) failures of a minute, by the minute modulo its length */
  guint   n_grown;
  gint64  minute;             /* the last that was counted; -1 */
  gint64  idle_since;         /* jobs wait and none runs; -1 */
  guint   look;               /* the last in which it was there */
} Watched;

struct _CbAlerts
{
  CbAlertRule  rules[CB_N_ALERTS];
  gboolean     has_quiet;
  guint        quiet_from;
  guint        quiet_to;
  GHashTable  *queues;        /* (owned) (element-type utf8 Watched) */
  Matter       doctor;
  guint        n_problems;
  guint        n_looks;
};

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  g_free (watched->grown);
  g_free (watched);
}

void
cb_alert_free (CbAlert *self)
{
  g_free (self->queue);
  g_free (self);
}

/**
 * cb_alerts_new:
 *
 * Returns: (transfer full): without a rule
 */
CbAlerts *
cb_alerts_new (void)
{
  CbAlerts *self = g_new0 (CbAlerts, 1);

  self->queues = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watched_free);
  self->doctor.told_at = -1;
  for (guint i = 0; i < CB_N_ALERTS; i++)
    self->rules[i].minutes = 1;

  return self;
}

void
cb_alerts_free (CbAlerts *self)
{
  g_hash_table_unref (self->queues);
  g_free (self);
}

static void
forget_growth (Watched *watched)
{
  g_clear_pointer (&watched->grown, g_free);
  watched->n_grown = 0;
  watched->minute = -1;
}

void
cb_alerts_set_rule (CbAlerts          *self,
                    CbAlertKind        kind,
                    const CbAlertRule *rule)
{
  guint minutes = CLAMP (rule->minutes, 1, MAX_MINUTES);
  GHashTableIter iter;
  gpointer watched;

  g_return_if_fail (kind < CB_N_ALERTS);

  if (kind == CB_ALERT_FAILURES && minutes != self->rules[kind].minutes)
    {
      g_hash_table_iter_init (&iter, self->queues);
      while (g_hash_table_iter_next (&iter, NULL, &watched))
        forget_growth (watched);
    }
  self->rules[kind] = *rule;
  self->rules[kind].minutes = minutes;
}

void
cb_alerts_set_quiet (CbAlerts *self,
                     gboolean  on,
                     guint     from,
                     guint     to)
{
  self->has_quiet = on;
  self->quiet_from = from % MINUTES_OF_A_DAY;
  self->quiet_to = to % MINUTES_OF_A_DAY;
}

gboolean
cb_alerts_is_quiet (CbAlerts *self,
                    guint     minute_of_day)
{
  if (!self->has_quiet)
    return FALSE;
  if (self->quiet_from < self->quiet_to)
    return minute_of_day >= self->quiet_from && minute_of_day < self->quiet_to;
  return minute_of_day >= self->quiet_from || minute_of_day < self->quiet_to;
}

/* --- failures --- */

static guint
count_failures (Watched            *watched,
                const CbQueueFacts *facts,
                gint64              now,
                guint               minutes)
{
  gint64 minute = now / MINUTE;
  guint n = 0;

  if (watched->grown == NULL)
    {
      watched->n_grown = minutes;
      watched->grown = g_new0 (guint, minutes);
    }

  /* Minutes in which nothing was looked at had none that are known of. */
  if (watched->minute >= 0)
    {
      gint64 passed = CLAMP (minute - watched->minute, 0, watched->n_grown);

      for (gint64 i = 0; i < passed; i++)
        watched->grown[(minute - i) % watched->n_grown] = 0;
    }
  watched->minute = minute;

  if (facts->n_failed >= 0)
    {
      if (watched->n_failed >= 0 && facts->n_failed > watched->n_failed)
        watched->grown[minute % watched->n_grown] += (guint) MIN (facts->n_failed - watched->n_failed, G_MAXINT / 2);
      watched->n_failed = facts->n_failed;
    }

  for (guint i = 0; i < watched->n_grown; i++)
    n += watched->grown[i];

  return n;
}

/* --- what is to be told --- */

static void
judge (CbAlerts   *self,
       GPtrArray  *alerts,
       Matter     *matter,
       CbAlertKind kind,
       const char *queue,
       gboolean    holds,
       gint64      value,
       gint64      now,
       gboolean    quiet)
{
  CbAlert *alert;

  holds = holds && self->rules[kind].on;
  if (!holds)
    matter->told = FALSE;
  matter->holds = holds;
  if (!holds || matter->told || quiet)
    return;
  if (matter->told_at >= 0 && now - matter->told_at < REPEAT_MINUTES * MINUTE)
    return;

  matter->told = TRUE;
  matter->told_at = now;
  alert = g_new0 (CbAlert, 1);
  alert->kind = kind;
  alert->queue = g_strdup (queue);
  alert->value = value;
  g_ptr_array_add (alerts, alert);
}

static void
look_at_queue (CbAlerts           *self,
               GPtrArray          *alerts,
               const CbQueueFacts *facts,
               gint64              now,
               gboolean            quiet)
{
  Watched *watched = g_hash_table_lookup (self->queues, facts->queue);
  const CbAlertRule *rules = self->rules;
  gint64 waits = -1, idle = -1;
  guint n_failures;

  if (watched == NULL)
    {
      watched = g_new0 (Watched, 1);
      watched->n_failed = watched->n_waiting = watched->minute = watched->idle_since = -1;
      for (guint i = 0; i < CB_N_ALERTS; i++)
        watched->matters[i].told_at = -1;
      g_hash_table_insert (self->queues, g_strdup (facts->queue), watched);
    }
  watched->look = self->n_looks;

  n_failures = count_failures (watched, facts, now, rules[CB_ALERT_FAILURES].minutes);
  judge (self, alerts, &watched->matters[CB_ALERT_FAILURES], CB_ALERT_FAILURES, facts->queue,
         n_failures > rules[CB_ALERT_FAILURES].count, n_failures, now, quiet);

  if (facts->n_waiting != 0 && facts->oldest_since >= 0)
    waits = now - facts->oldest_since;
  judge (self, alerts, &watched->matters[CB_ALERT_OLDEST], CB_ALERT_OLDEST, facts->queue,
         waits > rules[CB_ALERT_OLDEST].minutes * MINUTE, waits, now, quiet);

  /* Fewer wait than before: somebody takes them, too fast to be seen running. */
  if (facts->n_waiting <= 0 || facts->n_active != 0 || (watched->n_waiting >= 0 && facts->n_waiting < watched->n_waiting))
    watched->idle_since = -1;
  else if (watched->idle_since < 0)
    watched->idle_since = now;
  watched->n_waiting = facts->n_waiting;
  if (watched->idle_since >= 0)
    idle = now - watched->idle_since;
  judge (self, alerts, &watched->matters[CB_ALERT_NO_WORKER], CB_ALERT_NO_WORKER, facts->queue,
         idle >= rules[CB_ALERT_NO_WORKER].minutes * MINUTE, idle, now, quiet);
}

GPtrArray *
cb_alerts_look (CbAlerts           *self,
                const CbQueueFacts *facts,
                guint               n_facts,
                guint               n_problems,
                gint64              now,
                guint               minute_of_day)
{
  GPtrArray *alerts = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_alert_free);
  gboolean quiet = cb_alerts_is_quiet (self, minute_of_day);
  GHashTableIter iter;
  gpointer watched;

  self->n_looks++;
  for (guint i = 0; i < n_facts; i++)
    look_at_queue (self, alerts, &facts[i], now, quiet);

  g_hash_table_iter_init (&iter, self->queues);
  while (g_hash_table_iter_next (&iter, NULL, &watched))
    {
      if (((Watched *) watched)->look != self->n_looks)
        g_hash_table_iter_remove (&iter);
    }

  /* More than were told of is something new, at once. */
  if (n_problems > self->n_problems)
    {
      self->doctor.told = FALSE;
      self->doctor.told_at = -1;
    }
  self->n_problems = n_problems;
  judge (self, alerts, &self->doctor, CB_ALERT_DOCTOR, NULL, n_problems > 0, n_problems, now, quiet);

  return alerts;
}

void
cb_alerts_forget (CbAlerts *self)
{
  GHashTableIter iter;
  gpointer data;

  g_hash_table_iter_init (&iter, self->queues);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      Watched *watched = data;

      forget_growth (watched);
      watched->n_failed = watched->n_waiting = watched->idle_since = -1;
    }
}
