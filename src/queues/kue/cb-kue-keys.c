/* cb-kue-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-keys.h"

#include <string.h>

/*
 * A type may hold any byte but NUL, colons too, so names are only ever made here and never taken apart.
 */

/* No id has more digits: 18 fit into 64 bits, and Kue stops telling ids apart at 2^53. */
#define MAX_DIGITS 18

char *
cb_kue_key (const char *prefix,
            const char *name)
{
  return g_strconcat (prefix, ":", name, NULL);
}

char *
cb_kue_key_job (const char *prefix,
                const char *id)
{
  return g_strconcat (prefix, ":job:", id, NULL);
}

char *
cb_kue_key_log (const char *prefix,
                const char *id)
{
  return g_strconcat (prefix, ":job:", id, ":log", NULL);
}

char *
cb_kue_key_set (const char *prefix,
                const char *queue,
                const char *state)
{
  if (state == NULL)
    return g_strconcat (prefix, ":jobs", NULL);
  if (queue == NULL)
    return g_strconcat (prefix, ":jobs:", state, NULL);
  return g_strconcat (prefix, ":jobs:", queue, ":", state, NULL);
}

char *
cb_kue_key_tokens (const char *prefix,
                   const char *queue)
{
  return g_strconcat (prefix, ":", queue, ":jobs", NULL);
}

char *
cb_kue_key_leases (const char *prefix)
{
  return g_strconcat (prefix, ":callboard:leases", NULL);
}

/**
 * cb_kue_id_check:
 *
 * Whether @id is one that INCR gives: decimal, without sign and leading zeros. Only such ids are used in key names
 * and, unquoted, in the JSON of events, where anything else would end the Kue processes that hear it.
 */
gboolean
cb_kue_id_check (const char *id)
{
  gsize n = strspn (id, "0123456789");

  return n > 0 && n <= MAX_DIGITS && id[n] == 0 && (id[0] != '0' || n == 1);
}

/**
 * cb_kue_zid:
 *
 * Returns: (transfer full): the id as a member of Kue's sets: its length in two digits, a bar, and the id
 */
char *
cb_kue_zid (const char *id)
{
  return g_strdup_printf ("%02u|%s", (guint) strlen (id), id);
}

/**
 * cb_kue_id_from_member:
 * @canonical: (out) (optional): whether it is spelled as cb_kue_zid() does
 *
 * The id that Kue takes from a member of its sets: what follows the first bar, or all of it, as a number.
 *
 * Returns: (transfer full) (nullable): %NULL when that is no number
 */
char *
cb_kue_id_from_member (const char *member,
                       gsize       length,
                       gboolean   *canonical)
{
  const char *bar = memchr (member, '|', length);
  const char *end = member + length;
  const char *p = bar != NULL ? bar + 1 : member;
  g_autofree char *id = NULL;
  g_autofree char *zid = NULL;

  if (p == end)
    return NULL;
  for (const char *q = p; q < end; q++)
    {
      if (!g_ascii_isdigit (*q))
        return NULL;
    }
  if (end - p > MAX_DIGITS)
    return NULL;
  while (*p == '0' && p + 1 < end)
    p++;

  id = g_strndup (p, end - p);
  zid = cb_kue_zid (id);
  if (canonical != NULL)
    *canonical = strlen (zid) == length && memcmp (zid, member, length) == 0;

  return g_steal_pointer (&id);
}

/**
 * cb_kue_misspellings:
 *
 * How old programs wrote an id into Kue's sets: without its length, or with a wrong one. For removing a job wholly
 * without walking through the sets.
 *
 * Returns: (transfer full): some two dozen members, without the right one
 */
GStrv
cb_kue_misspellings (const char *id)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint length = strlen (id);

  g_strv_builder_add (builder, id);
  for (guint n = 0; n < 20; n++)
    {
      g_autofree char *member = g_strdup_printf ("%02u|%s", n, id);

      if (n != length)
        g_strv_builder_add (builder, member);
    }
  for (guint width = 1; width <= 4; width++)
    {
      g_autofree char *member = g_strdup_printf ("%0*u|%s", (int) width, length, id);

      if (width != 2 && (width > 1 || length < 10))
        g_strv_builder_add (builder, member);
    }

  return g_strv_builder_end (builder);
}
