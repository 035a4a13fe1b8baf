/* cb-key-slot.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-slot.h"

#include <string.h>

#define N_SLOTS 16384

/* CRC16 as the specification has it (XMODEM). */
static guint
get_slot (const char *data,
          gsize       length)
{
  guint crc = 0;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= (guint) (guchar) data[i] << 8;
      for (guint bit = 0; bit < 8; bit++)
        crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
  return crc % N_SLOTS;
}

/* What stands between the first { and the first } behind it, if anything does. */
static const char *
find_tag (const char *name,
          gsize       length,
          gsize      *tag_length)
{
  const char *open = memchr (name, '{', length);
  const char *close = open != NULL ? memchr (open, '}', (gsize) (name + length - open)) : NULL;

  if (close == NULL || close == open + 1)
    return NULL;
  *tag_length = (gsize) (close - open) - 1;
  return open + 1;
}

GBytes *
cb_key_slot_new_name_beside (GBytes     *key,
                             const char *prefix)
{
  gsize length, tag_length = 0;
  const char *data = g_bytes_get_data (key, &length);
  const char *name = data != NULL ? data : "";
  const char *tag = find_tag (name, length, &tag_length);
  g_autoptr (GByteArray) beside = g_byte_array_new ();
  char number[16];

  if (tag == NULL && length > 0 && memchr (name, '}', length) == NULL)
    {
      tag = name;
      tag_length = length;
    }
  /* No name at all, or a brace that would end it too early: a number of the same slot, found after some ten thousand. */
  for (guint i = 0, slot = tag == NULL ? get_slot (name, length) : 0; tag == NULL; i++)
    {
      tag_length = (gsize) g_snprintf (number, sizeof number, "%u", i);
      if (get_slot (number, tag_length) == slot)
        tag = number;
    }

  g_byte_array_append (beside, (const guint8 *) prefix, (guint) strlen (prefix));
  g_byte_array_append (beside, (const guint8 *) "{", 1);
  g_byte_array_append (beside, (const guint8 *) tag, (guint) tag_length);
  g_byte_array_append (beside, (const guint8 *) "}", 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&beside));
}
