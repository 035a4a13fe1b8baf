/* cb-job-diff.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-diff.h"

/*
 * A list shows a window of a set that moves on the server. The window is read again, and what has changed in it has to be
 * told as arrivals and departures, so that a view which stands in the middle stays where it is.
 *
 * Jobs known before and now, in the same order, are *anchors*: the longest increasing run of positions. Between two anchors
 * lies a gap, old and new, of which the lengths are known and perhaps some jobs. Each gap is one change at most:
 *
 *   - jobs of the old gap whose place was read and is taken by another job now have gone, and are removed;
 *   - what else the lengths differ by came or went unseen. Before the first anchor that is told at the front, since there the
 *     known jobs are those next to the anchor; in all other gaps at the back, for the same reason.
 */

typedef struct
{
  guint old_index;
  guint new_index;
} Pair;

/* Each old job with the new place of the same id; of one that stands twice the first with the first. */
static GArray *
match_ids (const CbJobPlace *old,
           guint             n_old,
           const CbJobPlace *new,
           guint             n_new)
{
  g_autoptr (GHashTable) first = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree guint *next = g_new (guint, n_new + 1);
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (Pair));

  /* Chains of equal ids, from the back so that they run forward. Indexes count from 1. */
  for (guint i = n_new; i > 0; i--)
    {
      next[i] = GPOINTER_TO_UINT (g_hash_table_lookup (first, new[i - 1].id));
      g_hash_table_insert (first, (gpointer) new[i - 1].id, GUINT_TO_POINTER (i));
    }

  for (guint i = 0; i < n_old; i++)
    {
      guint at = GPOINTER_TO_UINT (g_hash_table_lookup (first, old[i].id));
      Pair pair = { i, at - 1 };

      if (at == 0)
        continue;
      g_array_append_val (pairs, pair);
      g_hash_table_insert (first, (gpointer) old[i].id, GUINT_TO_POINTER (next[at]));
    }

  return pairs;
}

/* The longest part of @pairs in which new_index rises too (patience sorting). */
static GArray *
find_anchors (GArray *pairs)
{
  g_autofree guint *tails = g_new (guint, pairs->len + 1);        /* last pair of the best run of a length */
  g_autofree guint *before = g_new (guint, pairs->len + 1);       /* the pair before, counted from 1 */
  GArray *anchors;
  guint longest = 0;

  for (guint i = 0; i < pairs->len; i++)
    {
      guint value = g_array_index (pairs, Pair, i).new_index, low = 0, high = longest;

      while (low < high)
        {
          guint middle = (low + high) / 2;

          if (g_array_index (pairs, Pair, tails[middle]).new_index < value)
            low = middle + 1;
          else
            high = middle;
        }

      tails[low] = i;
      before[i] = low > 0 ? tails[low - 1] + 1 : 0;
      longest = MAX (longest, low + 1);
    }

  anchors = g_array_sized_new (FALSE, FALSE, sizeof (Pair), longest);
  g_array_set_size (anchors, longest);
  for (guint i = longest, at = longest > 0 ? tails[longest - 1] + 1 : 0; at > 0; at = before[at - 1])
    g_array_index (anchors, Pair, --i) = g_array_index (pairs, Pair, at - 1);

  return anchors;
}

static gboolean
was_read (const CbJobPlace *new,
          guint             n_new,
          gint64            position)
{
  guint low = 0, high = n_new;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (new[middle].position < position)
        low = middle + 1;
      else
        high = middle;
    }

  return low < n_new && new[low].position == position;
}

static void
add_change (GArray *changes,
            gint64  position,
            gint64  removed,
            gint64  added)
{
  CbJobChange change = { position, removed, added };

  if (removed > 0 || added > 0)
    g_array_append_val (changes, change);
}

GArray *
cb_job_diff (const CbJobPlace *old,
             guint             n_old,
             guint             old_total,
             const CbJobPlace *new,
             guint             n_new,
             guint             new_total,
             guint            *n_kept)
{
  g_autoptr (GArray) pairs = match_ids (old, n_old, new, n_new);
  g_autoptr (GArray) anchors = find_anchors (pairs);
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (CbJobChange));
  gint64 last_old = -1, last_new = -1;          /* the anchor in front of the gap */
  guint at = 0;                                 /* in old */

  for (guint i = 0; i <= anchors->len; i++)
    {
      gboolean ends = i == anchors->len, front = i == 0 && !ends;
      Pair *anchor = ends ? NULL : &g_array_index (anchors, Pair, i);
      gint64 next_old = ends ? old_total : old[anchor->old_index].position;
      gint64 next_new = ends ? new_total : new[anchor->new_index].position;
      gint64 old_length = next_old - last_old - 1, new_length = next_new - last_new - 1;
      gint64 difference = new_length - old_length;
      gint64 shift = front ? next_new - next_old : last_new - last_old;
      gint64 gone_first = -1, gone_last = -1;

      for (; at < n_old && old[at].position < next_old; at++)
        {
          gint64 now = old[at].position + shift;

          if (now >= 0 && now < new_total && !was_read (new, n_new, now))
            continue;
          if (gone_first < 0)
            gone_first = old[at].position;
          gone_last = old[at].position;
        }

      if (gone_first >= 0)
        {
          gint64 removed = gone_last - gone_first + 1;
          gint64 added = removed + difference;

          /* More went than we knew of: those next to them. */
          if (added < 0)
            {
              gint64 behind = MIN (-added, next_old - 1 - gone_last);

              removed += behind;
              gone_first -= -added - behind;
              removed += -added - behind;
              added = 0;
            }
          add_change (changes, last_new + 1 + gone_first - (last_old + 1), removed, added);
        }
      else if (front)
        {
          add_change (changes, 0, MAX (-difference, 0), MAX (difference, 0));
        }
      else
        {
          add_change (changes, last_new + 1 + old_length + MIN (difference, 0),
                      MAX (-difference, 0), MAX (difference, 0));
        }

      if (!ends)
        {
          last_old = next_old;
          last_new = next_new;
          at = anchor->old_index + 1;
        }
    }

  if (n_kept != NULL)
    *n_kept = anchors->len;
  return changes;
}
