/* fuzz-redis.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-address.h"
#include "cb-reply.h"
#include "fuzz.h"

/* What reads bytes of strangers: a reply of whoever listens there, an address somebody pasted. */

const char * const fuzz_seeds[] = {
  "*4\r\n$1\r\nf\r\n:-12\r\n$-1\r\n*2\r\n+OK\r\n-ERR x\r\n",
  "*-1\r\n",
  "$3\r\n1.5\r\n",
  ":9223372036854775807\r\n",
  "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
  "%1\r\n+a\r\n#t\r\n",
  ",1.5\r\n",
  ">2\r\n+a\r\n+b\r\n",
  "redis://user:p%40ss@[::1]:6379/3?db=4",
  "unix://u:p@/a%20b?db=1&user=x&password=y",
  "host.example:6379",
  "/run/redis.sock",
  "[fe80::1%25eth0]:1",
  NULL
};

static void
look_at (const CbValue *value)
{
  g_autoptr (GBytes) bytes = cb_value_dup_bytes (value);
  gint64 integer;
  double number;

  cb_value_get_integer (value, &integer);
  cb_value_get_double (value, &number);
  cb_value_get_field (value, "f");
  for (guint i = 0; i < cb_value_get_length (value); i++)
    look_at (cb_value_get_element (value, i));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (CbReply) reply = cb_reply_new_from_resp ((const char *) data, size, NULL);
  g_autoptr (CbAddress) address = cb_address_parse (text, NULL);

  if (reply != NULL)
    {
      cb_reply_get_size (reply);
      look_at (cb_reply_get_value (reply));
    }
  if (address != NULL)
    {
      g_autofree char *uri = cb_address_to_uri (address);
      g_autoptr (CbAddress) again = cb_address_parse (uri, NULL);

      g_assert_nonnull (again);
      g_assert_cmpstr (cb_address_get_label (again), ==, cb_address_get_label (address));
    }
  return 0;
}
