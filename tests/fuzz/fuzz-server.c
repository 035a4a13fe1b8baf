/* fuzz-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-server-finding.h"
#include "fuzz.h"

/* Whatever a server says of itself: figures are numbers or unknown, and what is said of them is text. */
static void
look_at_info (const char *text, gsize size)
{
  g_autoptr (CbServerInfo) info = cb_server_info_parse (text, size);
  g_autoptr (CbServerHistory) history = cb_server_history_new ();
  g_autoptr (GPtrArray) findings = NULL;
  double values[CB_SERVER_HISTORY_LENGTH];

  cb_server_history_add (history, info, G_USEC_PER_SEC, 0);
  cb_server_history_add (history, info, 2 * G_USEC_PER_SEC, G_MAXINT64);
  for (guint i = 0; i < CB_SERVER_N_SERIES; i++)
    {
      cb_server_history_get (history, i, 2 * G_USEC_PER_SEC, values);
      for (guint j = 0; j < CB_SERVER_HISTORY_LENGTH; j++)
        g_assert_true (isnan (values[j]) || isfinite (values[j]));
    }
  for (guint i = 0; i < cb_server_info_get_n_replicas (info); i++)
    g_assert_true (g_utf8_validate (cb_server_info_get_replica (info, i)->address, -1, NULL));

  findings = cb_server_find (info, history, "", 0);
  for (guint i = 0; i < findings->len; i++)
    {
      const CbServerFinding *finding = g_ptr_array_index (findings, i);

      g_assert_true (g_utf8_validate (finding->text, -1, NULL));
      g_assert_null (strchr (finding->text, '\n'));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  /* A copy of the exact size, so that a sanitizer sees every byte too many. */
  g_autofree char *text = g_memdup2 (data, size);

  if (text == NULL)
    return 0;
  look_at_info (text, size);
  return 0;
}

const char * const fuzz_seeds[] = {
  "# Server\r\nredis_version:7.0.15\r\nrun_id:a\r\nuptime_in_seconds:9\r\n",
  "used_memory:99999999999999999999\nmaxmemory:1\nmaxmemory_policy:allkeys-lru\nmem_fragmentation_ratio:1e300\nused_memory_rss:9223372036854775807\n",
  "role:master\nmaster_repl_offset:-5\nslave0:ip=::1,port=6379,state=online,offset=9223372036854775807,lag=0\n",
  "role:slave\nmaster_host:h\nmaster_port:1\nmaster_link_status:down\nmaster_link_down_since_seconds:9223372036854775807\n",
  "db0:keys=1,expires=1,avg_ttl=1\ndb99999999999:keys=,expires=-\ndb1:,,,keys==\n",
  "rdb_last_save_time:9223372036854775807\nlatest_fork_usec:9223372036854775807\nconnected_clients:1\nmaxclients:1\n",
  "evicted_keys:1\nrejected_connections:2\nblocked_clients:3\nrdb_last_bgsave_status:err\naof_enabled:0\n",
  NULL
};
