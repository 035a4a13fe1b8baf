/* fuzz-kue-parse.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-kue-keys.h"
#include "cb-kue-parse.h"
#include "fuzz.h"

static void
check_record (CbJobRecord *record)
{
  const gint64 times[] = { record->created_at, record->promote_at, record->updated_at, record->started_at, record->failed_at,
                           record->duration, record->delay, record->ttl };

  g_assert_nonnull (record->id);
  g_assert_true (record->problem == NULL || g_utf8_validate (record->problem, -1, NULL));
  g_assert_true (isnan (record->priority) || isfinite (record->priority));
  g_assert_cmpint (record->progress, >=, -1);
  g_assert_cmpint (record->progress, <=, 100);
  g_assert_cmpint (record->attempts_made, >=, 0);
  g_assert_cmpint (record->attempts_max, >=, 1);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    g_assert_cmpint (times[i], >=, -1);
}

/* Whatever a server sends as the fields of a job, and whatever anybody publishes or puts into a set. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  /* A copy of the exact size, so that a sanitizer sees every byte too many. */
  g_autofree char *text = size > 0 ? g_memdup2 (data, size) : g_strdup ("");
  g_autoptr (CbReply) reply = cb_reply_new_from_resp (text, size, NULL);
  g_autoptr (CbJobEvent) event = cb_kue_parse_event (text, size);
  g_autoptr (CbJobRecord) member = cb_kue_parse_member (text, size);
  gboolean canonical = FALSE;
  g_autofree char *id = cb_kue_id_from_member (text, size, &canonical);

  if (reply != NULL)
    {
      for (guint first = 0; first < 3; first++)
        {
          g_autoptr (CbJobRecord) record = cb_kue_parse_reply ("1", cb_reply_get_value (reply), first, CB_KUE_PARSE_WHOLE);

          check_record (record);
        }
    }

  if (event != NULL)
    {
      gsize length;
      const char *args = g_bytes_get_data (event->args, &length);

      g_assert_true (cb_kue_id_check (event->id));
      g_assert_true (length >= 2 && args[0] == '[' && args[length - 1] == ']');
    }

  check_record (member);
  if (id != NULL)
    {
      g_autofree char *zid = cb_kue_zid (id);

      g_assert_true (cb_kue_id_check (id));
      g_assert_cmpint (canonical, ==, strlen (zid) == size && memcmp (zid, text, size) == 0);
    }
  cb_kue_json_is_truthy (text, size);

  return 0;
}

const char * const fuzz_seeds[] = {
  "*21\r\n$5\r\nemail\r\n$8\r\ninactive\r\n$2\r\n{}\r\n$-1\r\n$-1\r\n$-1\r\n$4\r\n-2.5\r\n$3\r\n100\r\n$1\r\n1\r\n$1\r\n3\r\n"
  "$13\r\n1700000000000\r\n$-1\r\n$3\r\nNaN\r\n$5\r\n1.7e9\r\n$0\r\n\r\n$2\r\n-1\r\n$1\r\n5\r\n$1\r\n9\r\n$1\r\nw\r\n$4\r\ntrue\r\n$4\r\ntrue\r\n",
  "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
  "{\"id\":1,\"event\":\"progress\",\"args\":[\"progress\",50,{\"a\":[1]}]}",
  "{\"id\":\"14\",\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}",
  "01|7",
  "002|17",
  NULL
};
