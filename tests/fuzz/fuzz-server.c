/* fuzz-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-client-list.h"
#include "cb-latency.h"
#include "cb-server-finding.h"
#include "cb-server-setting.h"
#include "cb-slow-log.h"
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

static void
look_at_clients (const char *text, gsize size)
{
  guint n_all;
  g_autoptr (GPtrArray) entries = cb_client_list_parse (text, size, &n_all);

  g_assert_cmpuint (entries->len, <=, CB_CLIENT_LIST_LENGTH);
  for (guint i = 0; i < entries->len; i++)
    {
      const CbClientEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *state = cb_client_entry_describe (entry);

      g_assert_cmpint (entry->id, >=, 0);
      g_assert_true (g_utf8_validate (entry->address, -1, NULL));
      g_assert_true (g_utf8_validate (entry->name, -1, NULL));
      g_assert_true (g_utf8_validate (state, -1, NULL));
    }
}

/* The same bytes as a reply, where they are one. */
static void
look_at_reply (const char *resp, gsize size)
{
  g_autoptr (CbReply) reply = cb_reply_new_from_resp (resp, (gssize) size, NULL);
  const CbValue *value = reply != NULL ? cb_reply_get_value (reply) : NULL;
  g_autoptr (GPtrArray) entries = cb_slow_log_parse (value);
  g_autoptr (GPtrArray) events = cb_latency_parse_latest (value);
  g_autoptr (GPtrArray) settings = cb_server_settings_parse (value);
  g_autoptr (GArray) samples = cb_latency_parse_history (value);

  g_assert_cmpuint (entries->len, <=, CB_SLOW_LOG_LENGTH);
  for (guint i = 0; i < entries->len; i++)
    {
      const CbSlowEntry *entry = g_ptr_array_index (entries, i);

      g_assert_true (g_utf8_validate (entry->command, -1, NULL));
      g_assert_null (strchr (entry->command, '\n'));
      g_assert_true (g_utf8_validate (entry->client, -1, NULL));
    }
  for (guint i = 0; i < settings->len; i++)
    g_assert_true (g_utf8_validate (((CbServerSetting *) g_ptr_array_index (settings, i))->value, -1, NULL));
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
  look_at_clients (text, size);
  look_at_reply (text, size);
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
  "id=3 addr=127.0.0.1:5 fd=8 name=a b age=12 idle=3 flags=bxMS db=2 sub=1 psub=9223372036854775807 ssub=2 tot-mem=1 cmd=get user=u\n",
  "*1\r\n*6\r\n:7\r\n:1700000000\r\n:12345\r\n*2\r\n$3\r\nGET\r\n$3\r\na b\r\n$3\r\nx:1\r\n$1\r\nw\r\n",
  "*1\r\n*4\r\n$7\r\ncommand\r\n:1700000000\r\n:12\r\n:9223372036854775807\r\n",
  "*4\r\n$4\r\nsave\r\n$6\r\n3600 1\r\n$11\r\nrequirepass\r\n$6\r\nsesame\r\n",
  NULL
};
