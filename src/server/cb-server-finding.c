/* cb-server-finding.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-finding.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MIB (1024 * 1024)
/* Below that a bad ratio is the program itself, not its data. */
#define LARGE_MEMORY (100 * MIB)
#define LARGE_FRAGMENTATION 1.5
#define FULL_PERCENT 90
#define DAY (24 * 60 * 60)
#define SLOW_FORK_USEC 500000
#define LONG_SILENCE 10

void
cb_server_finding_free (CbServerFinding *self)
{
  g_free (self->text);
  g_free (self->advice);
  g_free (self);
}

const char *
cb_server_severity_to_string (CbServerSeverity severity)
{
  switch (severity)
    {
    case CB_SERVER_ERROR:
      return N_("error");
    case CB_SERVER_WARNING:
      return N_("warning");
    case CB_SERVER_NOTICE:
    default:
      return N_("notice");
    }
}

/* @text is taken. */
static void
add (GPtrArray *findings, const char *name, CbServerSeverity severity, char *text, const char *advice)
{
  CbServerFinding *finding = g_new0 (CbServerFinding, 1);

  finding->name = name;
  finding->severity = severity;
  finding->text = text;
  finding->advice = g_strdup (advice);
  g_ptr_array_add (findings, finding);
}

static char *
format_count (gint64 count)
{
  return g_strdup_printf ("%'" G_GINT64_FORMAT, count);
}

static char *
format_size (gint64 size)
{
  return g_format_size_full ((guint64) MAX (size, 0), G_FORMAT_SIZE_IEC_UNITS);
}

static char *
format_seconds (gint64 seconds)
{
  if (seconds < 120)
    return g_strdup_printf (_ ("%d s"), (int) seconds);
  if (seconds < 2 * 60 * 60)
    return g_strdup_printf (_ ("%d min"), (int) (seconds / 60));
  if (seconds < 2 * DAY)
    return g_strdup_printf (_ ("%d h"), (int) (seconds / (60 * 60)));
  return g_strdup_printf (_ ("%d d"), (int) MIN (seconds / DAY, G_MAXINT));
}

static gulong
plural (gint64 count)
{
  return (gulong) MIN (count, G_MAXINT);
}

static void
find_memory (GPtrArray *findings, const CbServerInfo *info, CbServerHistory *history)
{
  gint64 used = cb_server_info_get_count (info, "used_memory");
  gint64 rss = cb_server_info_get_count (info, "used_memory_rss");
  gint64 most = cb_server_info_get_count (info, "maxmemory");
  gint64 system = cb_server_info_get_count (info, "total_system_memory");
  gint64 evicted = cb_server_info_get_count (info, "evicted_keys");
  const char *policy = cb_server_info_get (info, "maxmemory_policy");
  double ratio = cb_server_info_get_number (info, "mem_fragmentation_ratio");
  double evicting = history != NULL ? cb_server_history_get_last (history, CB_SERVER_EVICTED) : NAN;
  g_autofree char *used_text = format_size (used);
  g_autofree char *rss_text = format_size (rss);

  if (most > 0 && used >= 0 && (double) used >= (double) most * FULL_PERCENT / 100)
    {
      g_autofree char *most_text = format_size (most);
      int percent = (int) MIN (100.0 * (double) used / (double) most, 100000);

      add (findings, "memory-full", used >= most ? CB_SERVER_ERROR : CB_SERVER_WARNING,
           /* Translators: a number, and two sizes */
           g_strdup_printf (_ ("Memory is %d %% of maxmemory (%s of %s)."), percent, used_text, most_text),
           g_strcmp0 (policy, "noeviction") == 0
             ? _ ("When it is full every write is refused, and no job can be created or finished. Remove old jobs, or raise maxmemory.")
             : _ ("When it is full keys are evicted by the policy, jobs among them. Remove old jobs, or raise maxmemory."));
    }
  else if (most == 0 && system > 0 && used >= 0 && (double) used >= 0.8 * (double) system)
    {
      g_autofree char *system_text = format_size (system);

      add (findings, "memory-system", CB_SERVER_WARNING,
           /* Translators: two sizes */
           g_strdup_printf (_ ("The data take %s of the machine’s %s, and there is no maxmemory."), used_text, system_text),
           _ ("The operating system may end the server when memory runs out, most likely while it saves. Set maxmemory, or remove old jobs."));
    }

  if (most > 0 && policy != NULL && g_strcmp0 (policy, "noeviction") != 0)
    add (findings, "eviction-policy", CB_SERVER_WARNING,
         /* Translators: the value of a setting */
         g_strdup_printf (_ ("maxmemory-policy is %s, so keys of jobs may be evicted."), policy),
         _ ("A queue must not lose keys by itself: a job whose hash is gone can’t be run. Set maxmemory-policy to noeviction."));

  if (evicted > 0)
    {
      g_autofree char *evicted_text = format_count (evicted);

      add (findings, "evictions", evicting > 0 ? CB_SERVER_ERROR : CB_SERVER_WARNING,
           evicting > 0
             /* Translators: a number of keys, and a rate */
             ? g_strdup_printf (ngettext ("%s key was evicted since the start, %.0f a second now.",
                                          "%s keys were evicted since the start, %.0f a second now.", plural (evicted)),
                                evicted_text, evicting)
             : g_strdup_printf (ngettext ("%s key was evicted since the start.", "%s keys were evicted since the start.",
                                          plural (evicted)),
                                evicted_text),
           _ ("Whatever they held is lost. Raise maxmemory or remove what is old, and let the doctor look for jobs without their data."));
    }

  if (ratio > LARGE_FRAGMENTATION && rss > LARGE_MEMORY && used > 0 && rss - used > LARGE_MEMORY)
    add (findings, "fragmentation", CB_SERVER_WARNING,
         /* Translators: a ratio, and two sizes */
         g_strdup_printf (_ ("Memory is fragmented: %.1f times as much as the data need (%s for %s)."), ratio, rss_text, used_text),
         _ ("It comes after much was removed. Switch on activedefrag, try MEMORY PURGE, or restart the server when it is convenient."));
  else if (ratio > 0 && ratio < 0.9 && used > LARGE_MEMORY && rss >= 0)
    add (findings, "swapped", CB_SERVER_ERROR,
         /* Translators: two sizes */
         g_strdup_printf (_ ("Only %s of %s are in memory: the rest was swapped to disk."), rss_text, used_text),
         _ ("Each access to it waits for the disk, and everybody waits with it. Give the machine more memory, or remove data."));
}

static void
find_persistence (GPtrArray *findings, const CbServerInfo *info, const char *save, gint64 now)
{
  gboolean aof = cb_server_info_get_count (info, "aof_enabled") > 0;
  gint64 changes = cb_server_info_get_count (info, "rdb_changes_since_last_save");
  gint64 saved = cb_server_info_get_count (info, "rdb_last_save_time");
  gint64 age = saved > 0 ? MAX (now / G_USEC_PER_SEC - saved, 0) : -1;
  gint64 fork = cb_server_info_get_count (info, "latest_fork_usec");

  if (cb_server_info_is (info, "rdb_last_bgsave_status", "err"))
    add (findings, "save-failed", CB_SERVER_ERROR,
         g_strdup (_ ("The last attempt to save a snapshot failed.")),
         _ ("Until one succeeds the server may refuse every write (stop-writes-on-bgsave-error). Its log says why: most often the disk is full, "
            "the folder can’t be written to, or there is too little memory for a fork."));
  if (cb_server_info_is (info, "aof_last_write_status", "err"))
    add (findings, "aof-failed", CB_SERVER_ERROR,
         g_strdup (_ ("The append-only file can’t be written.")),
         _ ("Writes are refused until it can. Make room on the disk; the server’s log says more."));
  if (cb_server_info_is (info, "aof_last_bgrewrite_status", "err"))
    add (findings, "aof-rewrite-failed", CB_SERVER_WARNING,
         g_strdup (_ ("The last rewrite of the append-only file failed.")),
         _ ("Nothing is lost, but the file grows on. Look whether the disk has room for a second one."));

  if (!aof && save != NULL && *save == '\0')
    add (findings, "no-persistence", CB_SERVER_WARNING,
         g_strdup (_ ("Nothing is saved: the append-only file and snapshots are both off.")),
         _ ("All jobs are gone when the server ends. Set appendonly to yes, and save as well if you want snapshots."));
  else if (!aof && changes > 0 && age > DAY)
    {
      g_autofree char *changes_text = format_count (changes);
      g_autofree char *age_text = format_seconds (age);

      add (findings, "save-old", CB_SERVER_WARNING,
           /* Translators: a number of changes, and a duration */
           g_strdup_printf (ngettext ("%s change was not saved; the last snapshot is %s old.",
                                      "%s changes were not saved; the last snapshot is %s old.", plural (changes)),
                            changes_text, age_text),
           _ ("They are gone when the server ends. Save now (BGSAVE), and look at the setting save."));
    }

  if (fork > SLOW_FORK_USEC)
    add (findings, "slow-fork", CB_SERVER_NOTICE,
         /* Translators: a duration in milliseconds */
         g_strdup_printf (_ ("The last fork for saving stopped the server for %d ms."), (int) MIN (fork / 1000, G_MAXINT)),
         _ ("Everybody waited that long. Transparent huge pages and much memory make it slow; save less often, or on a replica."));
  if (cb_server_info_get_count (info, "loading") > 0)
    add (findings, "loading", CB_SERVER_NOTICE, g_strdup (_ ("The server is reading its data from disk.")),
         _ ("Until it is done most commands are refused."));
}

static void
find_clients (GPtrArray *findings, const CbServerInfo *info)
{
  gint64 clients = cb_server_info_get_count (info, "connected_clients");
  gint64 most = cb_server_info_get_count (info, "maxclients");
  gint64 rejected = cb_server_info_get_count (info, "rejected_connections");
  gint64 blocked = cb_server_info_get_count (info, "blocked_clients");
  gint64 slow = cb_server_info_get_count (info, "client_output_buffer_limit_disconnections");

  if (most > 0 && clients >= 0 && (double) clients >= (double) most * FULL_PERCENT / 100)
    {
      g_autofree char *clients_text = format_count (clients);
      g_autofree char *most_text = format_count (most);

      add (findings, "clients-full", CB_SERVER_WARNING,
           /* Translators: two numbers of clients */
           g_strdup_printf (_ ("%s of at most %s clients are connected."), clients_text, most_text),
           _ ("The next ones are turned away, workers too. Look for programs that open connections and don’t close them, or raise maxclients."));
    }
  if (rejected > 0)
    {
      g_autofree char *text = format_count (rejected);

      add (findings, "rejected", CB_SERVER_WARNING,
           g_strdup_printf (ngettext ("%s connection was turned away since the start.", "%s connections were turned away since the start.",
                                      plural (rejected)), text),
           _ ("There were more than maxclients. Look for programs that open connections and don’t close them, or raise maxclients."));
    }
  if (slow > 0)
    {
      g_autofree char *text = format_count (slow);

      add (findings, "slow-clients", CB_SERVER_NOTICE,
           g_strdup_printf (ngettext ("%s client was disconnected since the start, as it read too slowly.",
                                      "%s clients were disconnected since the start, as they read too slowly.", plural (slow)), text),
           _ ("What they had not read is lost to them: mostly messages of Pub/Sub. See client-output-buffer-limit."));
    }
  if (blocked > 0)
    {
      g_autofree char *text = format_count (blocked);

      add (findings, "blocked", CB_SERVER_NOTICE,
           g_strdup_printf (ngettext ("%s client is blocked.", "%s clients are blocked.", plural (blocked)), text),
           _ ("They wait for a key (BLPOP, BLMOVE, XREAD…). Workers do that while there is nothing to do; anybody else may have been forgotten."));
    }
}

static void
find_replication (GPtrArray *findings, const CbServerInfo *info)
{
  if (cb_server_info_is_replica (info))
    {
      const char *host = cb_server_info_get (info, "master_host");
      const char *port = cb_server_info_get (info, "master_port");

      if (!cb_server_info_is (info, "master_link_status", "up"))
        {
          gint64 down = cb_server_info_get_count (info, "master_link_down_since_seconds");
          g_autofree char *duration = format_seconds (MAX (down, 0));

          add (findings, "link-down", CB_SERVER_ERROR,
               down >= 0
                 /* Translators: host, port, and a duration */
                 ? g_strdup_printf (_ ("This replica has no link to its master %s:%s, for %s."), host != NULL ? host : "?",
                                    port != NULL ? port : "?", duration)
                 : g_strdup_printf (_ ("This replica has no link to its master %s:%s."), host != NULL ? host : "?",
                                    port != NULL ? port : "?"),
               _ ("What is shown here is old. Look whether the master runs and can be reached, and whether masterauth is right."));
        }
      else
        {
          add (findings, "replica", CB_SERVER_NOTICE,
               /* Translators: host, port */
               g_strdup_printf (_ ("This is a replica of %s:%s."), host != NULL ? host : "?", port != NULL ? port : "?"),
               _ ("It can only be read, and may be a little behind. Jobs are created and finished on the master."));
        }
    }

  for (guint i = 0; i < cb_server_info_get_n_replicas (info); i++)
    {
      const CbServerReplica *replica = cb_server_info_get_replica (info, i);

      if (*replica->state != '\0' && g_strcmp0 (replica->state, "online") != 0)
        add (findings, "replica-not-online", CB_SERVER_WARNING,
             /* Translators: an address, and a word of the server */
             g_strdup_printf (_ ("The replica %s is not online: %s."), replica->address, replica->state),
             _ ("It is being sent all data. If that begins again and again, raise repl-backlog-size and the limit for replicas in "
                "client-output-buffer-limit."));
      else if (replica->lag > LONG_SILENCE)
        {
          g_autofree char *lag = format_seconds (replica->lag);

          add (findings, "replica-silent", CB_SERVER_WARNING,
               /* Translators: an address, and a duration */
               g_strdup_printf (_ ("The replica %s was not heard of for %s."), replica->address, lag),
               _ ("What is written now would be lost with the master. Look at the replica and at the network between them."));
        }
    }
}

static int
compare_severity (gconstpointer a, gconstpointer b)
{
  const CbServerFinding *one = *(CbServerFinding * const *) a, *other = *(CbServerFinding * const *) b;

  return (int) other->severity - (int) one->severity;
}

GPtrArray *
cb_server_find (const CbServerInfo *info, CbServerHistory *history, const char *save, gint64 now)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_server_finding_free);

  find_memory (findings, info, history);
  find_persistence (findings, info, save, now);
  find_replication (findings, info);
  find_clients (findings, info);
  /* Stable, as it sorts by merging. */
  g_ptr_array_sort (findings, compare_severity);
  return findings;
}
