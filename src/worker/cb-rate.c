/* cb-rate.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-rate.h"

void
cb_rate_clear (CbRate *self)
{
  g_clear_pointer (&self->starts, g_free);
  self->limit = 0;
}

/**
 * cb_rate_set:
 * @limit: how many starts, at most %CB_RATE_MAX; 0: any number
 * @interval_msec: in how long a time
 *
 * What was started before is remembered as far as the new limit goes, so that changing it does not open a gap.
 */
void
cb_rate_set (CbRate *self, guint limit, guint interval_msec)
{
  gint64 *starts;

  self->interval_msec = interval_msec;
  limit = MIN (limit, CB_RATE_MAX);
  if (limit == self->limit)
    return;

  starts = limit > 0 ? g_new (gint64, limit) : NULL;
  for (guint i = 0; i < limit; i++)
    starts[i] = G_MININT64 / 2;
  /* The latest ones, the oldest of them first. */
  for (guint i = 0; i < MIN (limit, self->limit); i++)
    starts[limit - 1 - i] = self->starts[(self->next + self->limit - 1 - i) % self->limit];

  g_free (self->starts);
  self->starts = starts;
  self->limit = limit;
  self->next = 0;
}

void
cb_rate_note (CbRate *self, gint64 now)
{
  if (self->limit == 0)
    return;

  self->starts[self->next] = now;
  self->next = (self->next + 1) % self->limit;
}

guint
cb_rate_get_room (CbRate *self, gint64 now)
{
  guint room = 0;

  if (self->limit == 0)
    return G_MAXUINT;

  while (room < self->limit &&
         self->starts[(self->next + room) % self->limit] <= now - (gint64) self->interval_msec * 1000)
    room++;

  return room;
}

gint64
cb_rate_get_wait (CbRate *self, gint64 now)
{
  if (self->limit == 0)
    return 0;

  return MAX (self->starts[self->next] + (gint64) self->interval_msec * 1000 - now, 0);
}
