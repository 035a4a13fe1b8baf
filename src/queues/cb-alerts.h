/* cb-alerts.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CB_ALERT_FAILURES,          /* more than n jobs of a queue failed in so many minutes */
  CB_ALERT_OLDEST,            /* a job waits longer than so many minutes */
  CB_ALERT_NO_WORKER,         /* jobs wait, none runs and none begins, for so many minutes */
  CB_ALERT_DOCTOR,            /* the doctor has found something */
  CB_N_ALERTS
} CbAlertKind;

typedef struct
{
  gboolean on;
  guint    count;             /* n; of failures alone */
  guint    minutes;           /* at least 1 */
} CbAlertRule;

/* What is known of a queue at one moment. */
typedef struct
{
  const char *queue;          /* by which it is known again */
  gint64      n_waiting;      /* -1 where it is not known; so for all of these */
  gint64      n_active;
  gint64      n_failed;       /* in the set of failed jobs now */
  gint64      oldest_since;   /* since when the one waits that waits longest, µs */
} CbQueueFacts;

typedef struct
{
  CbAlertKind kind;
  char       *queue;          /* (owned) (nullable) NULL: of the server */
  gint64      value;          /* failed jobs, or problems; else for how long, in µs */
} CbAlert;

void cb_alert_free (CbAlert *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbAlert, cb_alert_free)

/**
 * CbAlerts:
 *
 * Rules by which somebody is told that a queue needs a look. It asks nobody: it is shown what is known, now and then, and says what of it is
 * to be told. Each thing is told once, and again only when it was over in between and some time has passed. In quiet hours nothing is told;
 * what goes on behind them is told then.
 */
typedef struct _CbAlerts CbAlerts;

CbAlerts  *cb_alerts_new       (void);
void       cb_alerts_free      (CbAlerts           *self);

void       cb_alerts_set_rule  (CbAlerts           *self,
                                CbAlertKind         kind,
                                const CbAlertRule  *rule);
/* Minutes since midnight. What ends before it begins goes over midnight; what ends when it begins is the whole day. */
void       cb_alerts_set_quiet (CbAlerts           *self,
                                gboolean            on,
                                guint               from,
                                guint               to);
gboolean   cb_alerts_is_quiet  (CbAlerts           *self,
                                guint               minute_of_day);
/* What is to be told now; (element-type CbAlert) (transfer full). Queues that are not among @facts any more are forgotten.
 * @n_problems: that the doctor has found; @now: µs, by the same clock as the times of the facts. */
GPtrArray *cb_alerts_look      (CbAlerts           *self,
                                const CbQueueFacts *facts,
                                guint               n_facts,
                                guint               n_problems,
                                gint64              now,
                                guint               minute_of_day);
/* Another server, or it was away: what was counted until now says nothing of what comes. */
void       cb_alerts_forget    (CbAlerts           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbAlerts, cb_alerts_free)

G_END_DECLS
