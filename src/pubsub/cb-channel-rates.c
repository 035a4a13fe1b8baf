/* cb-channel-rates.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-channel-rates.h"

#include <math.h>
#include <string.h>

/* How much of the past counts: what is older than this has lost two thirds of its weight. */
#define MEMORY_SEC 2.0

struct _CbChannelRates
{
  GHashTable *channels;  /* (owned) (element-type GBytes CbChannelRate) */
  CbChannelRate *last;   /* (unowned) (nullable) most messages come on the same */
  CbChannelRate others;
};

static void
rate_free (gpointer data)
{
  CbChannelRate *rate = data;

  g_bytes_unref (rate->name);
  g_free (rate);
}

CbChannelRates *
cb_channel_rates_new (void)
{
  CbChannelRates *self = g_new0 (CbChannelRates, 1);

  self->channels = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, NULL, rate_free);
  self->others.name = g_bytes_new_static ("", 0);
  return self;
}

void
cb_channel_rates_free (CbChannelRates *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->channels);
  g_bytes_unref (self->others.name);
  g_free (self);
}

static CbChannelRate *
find (CbChannelRates *self,
      const CbValue  *channel)
{
  gsize length, last_length;
  const char *text = cb_value_get_string (channel, &length);
  gconstpointer last = self->last != NULL ? g_bytes_get_data (self->last->name, &last_length) : NULL;
  g_autoptr (GBytes) name = NULL;
  CbChannelRate *rate;

  if (last != NULL && last_length == length && memcmp (last, text, length) == 0)
    return self->last;

  name = g_bytes_new_static (text, length);
  rate = g_hash_table_lookup (self->channels, name);
  if (rate == NULL)
    {
      if (g_hash_table_size (self->channels) >= CB_CHANNEL_RATES_MAX)
        return &self->others;
      rate = g_new0 (CbChannelRate, 1);
      rate->name = g_bytes_new (text, length);
      g_hash_table_insert (self->channels, rate->name, rate);
    }
  self->last = rate;
  return rate;
}

void
cb_channel_rates_count (CbChannelRates *self,
                        const CbValue  *channel,
                        gsize           size)
{
  CbChannelRate *rate = find (self, channel);

  rate->n++;
  rate->bytes += size;
}

double
cb_rate_follow (double  rate,
                guint64 n,
                gint64  elapsed_usec)
{
  double seconds = (double) elapsed_usec / G_USEC_PER_SEC;
  double weight;

  if (elapsed_usec <= 0)
    return rate;
  weight = exp (-seconds / MEMORY_SEC);
  rate = rate * weight + (double) n / seconds * (1 - weight);
  /* Less than one in a minute is quiet. */
  return n == 0 && rate < 1.0 / 60 ? 0 : rate;
}

static void
tick (CbChannelRate *rate,
      gint64         elapsed_usec)
{
  rate->rate = cb_rate_follow (rate->rate, rate->n - rate->n_before, elapsed_usec);
  rate->n_before = rate->n;
}

void
cb_channel_rates_tick (CbChannelRates *self,
                       gint64          elapsed_usec)
{
  GHashTableIter iter;
  gpointer rate;

  g_hash_table_iter_init (&iter, self->channels);
  while (g_hash_table_iter_next (&iter, NULL, &rate))
    tick (rate, elapsed_usec);
  tick (&self->others, elapsed_usec);
}

void
cb_channel_rates_clear (CbChannelRates *self)
{
  GBytes *name = self->others.name;

  self->last = NULL;
  g_hash_table_remove_all (self->channels);
  memset (&self->others, 0, sizeof self->others);
  self->others.name = name;
}

guint
cb_channel_rates_get_length (CbChannelRates *self)
{
  return g_hash_table_size (self->channels);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const CbChannelRate *first = *(const CbChannelRate * const *) a;
  const CbChannelRate *second = *(const CbChannelRate * const *) b;

  if (first->rate != second->rate)
    return first->rate > second->rate ? -1 : 1;
  if (first->n != second->n)
    return first->n > second->n ? -1 : 1;
  return g_bytes_compare (first->name, second->name);
}

GPtrArray *
cb_channel_rates_get_top (CbChannelRates *self,
                          guint           n)
{
  GPtrArray *all = g_ptr_array_sized_new (g_hash_table_size (self->channels));
  GHashTableIter iter;
  gpointer rate;

  g_hash_table_iter_init (&iter, self->channels);
  while (g_hash_table_iter_next (&iter, NULL, &rate))
    g_ptr_array_add (all, rate);
  g_ptr_array_sort (all, compare);
  if (all->len > n)
    g_ptr_array_set_size (all, (int) n);
  return all;
}

const CbChannelRate *
cb_channel_rates_get_others (CbChannelRates *self)
{
  return &self->others;
}
