/* cb-backoff.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-backoff.h"

#include "cb-redis-error.h"

#define MIN_INTERVAL (1 * G_TIME_SPAN_SECOND)
#define MAX_INTERVAL (5 * G_TIME_SPAN_SECOND)
#define LONG_INTERVAL (10 * G_TIME_SPAN_SECOND)
#define LONGEST_INTERVAL (30 * G_TIME_SPAN_SECOND)
#define GROWTH 1.5

/* After the loss of a connection that had worked, the first attempt comes almost at once. */
#define QUICK_PAUSE (50 * G_TIME_SPAN_MILLISECOND)

/* A connection that has worked for so long has outlived what ailed the one before it. */
#define GOOD_SESSION (30 * G_TIME_SPAN_SECOND)

static gboolean
is_stubborn (int kind)
{
  switch ((CbRedisError) kind)
    {
    case CB_REDIS_ERROR_CONNECT:
    case CB_REDIS_ERROR_RESOLVE:
    case CB_REDIS_ERROR_LOST:
    case CB_REDIS_ERROR_TIMED_OUT:
    case CB_REDIS_ERROR_MAXCLIENTS:
      return FALSE;
    default:
      return TRUE;
    }
}

void
cb_backoff_attempted (CbBackoff *self,
                      gint64     now)
{
  self->last_attempt = now;
  self->ready_since = 0;
}

void
cb_backoff_ready (CbBackoff *self,
                  gint64     now)
{
  self->ready_since = now;
}

/**
 * cb_backoff_failed:
 * @self: the state so far
 * @error: why the attempt failed or the connection was lost
 * @now: µs monotonic
 * @random: a number from 0 to 1, so that many clients of one server do not come back in step
 *
 * Returns: when to try again, µs monotonic
 */
gint64
cb_backoff_failed (CbBackoff    *self,
                   const GError *error,
                   gint64        now,
                   double        random)
{
  int kind = error->domain == CB_REDIS_ERROR ? error->code : (int) CB_REDIS_ERROR_FAILED;
  gboolean stubborn = is_stubborn (kind);
  gboolean worked = self->ready_since != 0;
  double interval = MIN_INTERVAL;

  if (worked && (!stubborn || now - self->ready_since >= GOOD_SESSION))
    self->n_failures = 0;
  self->ready_since = 0;

  /* A loss of what had worked is not counted: it is followed by a first attempt. */
  if (worked && !stubborn)
    return MAX (now + QUICK_PAUSE, self->last_attempt + MIN_INTERVAL);

  self->n_failures = self->n_failures > 0 && self->kind == kind ? self->n_failures + 1 : 1;
  self->kind = kind;

  if (!stubborn)
    {
      for (guint i = 1; i < self->n_failures && interval < MAX_INTERVAL; i++)
        interval *= GROWTH;
      interval = MIN (interval, MAX_INTERVAL);
    }
  else if (self->n_failures < 5)
    {
      /* What was there a moment ago and spoke Redis may be tried sooner, but not in a loop. */
      interval = worked ? MIN_INTERVAL : MAX_INTERVAL;
    }
  else
    {
      interval = self->n_failures < 10 ? LONG_INTERVAL : LONGEST_INTERVAL;
    }

  /* Only upwards, so that the bounds above hold; but not above 5 seconds. */
  if (!stubborn)
    interval = MIN (interval * (1 + 0.2 * random), MAX_INTERVAL);
  else
    interval *= 1 + 0.2 * random;

  return MAX (self->last_attempt + MIN_INTERVAL, now + (gint64) interval);
}

/* Somebody asks to try again now. */
void
cb_backoff_forget (CbBackoff *self)
{
  self->n_failures = 0;
}
