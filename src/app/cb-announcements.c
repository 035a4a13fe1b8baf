/* cb-announcements.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-announcements.h"

struct _CbAnnouncements
{
  char *urgent;               /* (owned) (nullable) */
  char *other;                /* (owned) (nullable) */
  gint64 last_at;             /* -1: nothing has been said */
};

CbAnnouncements *
cb_announcements_new (void)
{
  CbAnnouncements *self = g_new0 (CbAnnouncements, 1);

  self->last_at = -1;
  return self;
}

void
cb_announcements_free (CbAnnouncements *self)
{
  g_free (self->urgent);
  g_free (self->other);
  g_free (self);
}

void
cb_announcements_add (CbAnnouncements *self, const char *text, gboolean urgent)
{
  char **kept = urgent ? &self->urgent : &self->other;

  g_free (*kept);
  *kept = g_strdup (text);
}

gint64
cb_announcements_get_due (CbAnnouncements *self, gint64 now)
{
  if (self->urgent == NULL && self->other == NULL)
    return -1;
  return self->last_at < 0 ? now : MAX (now, self->last_at + CB_ANNOUNCEMENTS_INTERVAL);
}

char *
cb_announcements_take (CbAnnouncements *self, gint64 now)
{
  gint64 due = cb_announcements_get_due (self, now);

  if (due < 0 || due > now)
    return NULL;

  self->last_at = now;
  return self->urgent != NULL ? g_steal_pointer (&self->urgent) : g_steal_pointer (&self->other);
}
