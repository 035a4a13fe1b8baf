/* cb-console-guard.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-guard.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-console-line.h"

/* By `name` or `name|subcommand`. */
static const struct
{
  const char *name;
  const char *what;
} list[] = {
  { "keys", N_ ("KEYS looks at every key of the database in one go, and the server does nothing else meanwhile. SCAN does it in parts.") },
  { "flushall", N_ ("FLUSHALL removes every key of every database. It can’t be undone.") },
  { "flushdb", N_ ("FLUSHDB removes every key of this database. It can’t be undone.") },
  { "debug", N_ ("DEBUG is for people who develop the server: it can stop it for any time, crash it or lose its data.") },
  { "shutdown", N_ ("SHUTDOWN ends the server, for everybody.") },
  { "save", N_ ("SAVE writes everything to the disk, and the server does nothing else meanwhile. BGSAVE does it beside.") },
  { "monitor", N_ ("MONITOR shows every command of everybody. It can halve what the server does in a second, and shows what others write.") },
  { "config|set", N_ ("CONFIG SET changes how the server works, for everybody and at once.") },
  { "config|rewrite", N_ ("CONFIG REWRITE writes over the configuration file of the server.") },
  { "config|resetstat", N_ ("CONFIG RESETSTAT sets the statistics of the server to 0, also those that others watch.") },
  { "client|kill", N_ ("CLIENT KILL ends connections of programs; what they had under way may be lost.") },
  { "client|pause", N_ ("CLIENT PAUSE lets all programs wait.") },
  { "client|no-evict", N_ ("CLIENT NO-EVICT keeps this connection where the server would end it for its memory.") },
  { "script|flush", N_ ("SCRIPT FLUSH removes the scripts of everybody; programs that don’t send them again fail.") },
  { "script|kill", N_ ("SCRIPT KILL ends the script that runs, whoever’s it is.") },
  { "function|flush", N_ ("FUNCTION FLUSH removes all libraries of functions. It can’t be undone.") },
  { "function|delete", N_ ("FUNCTION DELETE removes a library of functions. It can’t be undone.") },
  { "function|restore", N_ ("FUNCTION RESTORE changes the libraries of functions.") },
  { "function|kill", N_ ("FUNCTION KILL ends the function that runs, whoever’s it is.") },
  { "swapdb", N_ ("SWAPDB exchanges two databases under the programs that use them.") },
  { "replicaof", N_ ("REPLICAOF can make this server a copy of another one: its own data are gone then.") },
  { "slaveof", N_ ("SLAVEOF can make this server a copy of another one: its own data are gone then.") },
  { "failover", N_ ("FAILOVER makes another server the master.") },
  { "migrate", N_ ("MIGRATE moves keys to another server, and they are gone from here.") },
  { "acl|setuser", N_ ("ACL SETUSER changes what a user may do, at once.") },
  { "acl|deluser", N_ ("ACL DELUSER removes users and ends their connections.") },
  { "acl|load", N_ ("ACL LOAD reads the users anew and ends connections of those that are changed.") },
  { "module|load", N_ ("MODULE LOAD runs foreign code in the server.") },
  { "module|loadex", N_ ("MODULE LOADEX runs foreign code in the server.") },
  { "module|unload", N_ ("MODULE UNLOAD takes commands and types away.") },
  { "latency|reset", N_ ("LATENCY RESET forgets the times that were measured.") },
  { "slowlog|reset", N_ ("SLOWLOG RESET forgets the slow commands that were noted.") },
};

/* Without a question though the server calls them administration: they touch nothing but a note or a copy. */
static const char * const quiet[] = { "bgsave", "bgrewriteaof", "lastsave", "slowlog", "latency", "replconf", "pfselftest",
                                      "client", "config", "acl", "cluster", "module", "debug|help", "slowlog|help", NULL };

static const char * const own[] = {
  "auth", "hello", "select", "reset", "quit", "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe",
  "sunsubscribe", "monitor", "asking", "readonly", "readwrite", "client|setname", "client|setinfo", "client|tracking",
  "client|caching", NULL
};

static char *
dup_both (GPtrArray *words)
{
  g_autofree char *name = cb_console_line_dup_name (words, 0);
  g_autofree char *second = cb_console_line_dup_name (words, 1);

  return words->len > 1 ? g_strdup_printf ("%s|%s", name, second) : g_steal_pointer (&name);
}

/**
 * cb_console_guard_describe:
 * @commands: what the server says of its commands; may know nothing yet
 * @words: (element-type GBytes): what is to be sent
 *
 * By the list above; and otherwise what the server flags `admin`, unless the table of commands has it that it just tells something.
 *
 * Returns: (transfer full) (nullable): what would happen
 */
char *
cb_console_guard_describe (CbConsoleCommands *commands, GPtrArray *words)
{
  g_autofree char *name = cb_console_line_dup_name (words, 0);
  g_autofree char *both = dup_both (words);
  CbCommandTable *table = cb_console_commands_get_table (commands);
  const char *known;

  if (g_str_has_suffix (both, "|help"))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (list); i++)
    if (g_str_equal (list[i].name, both) || g_str_equal (list[i].name, name))
      return g_strdup (_ (list[i].what));

  known = cb_console_commands_knows (commands, both) ? both : name;
  if (!cb_console_commands_has_flag (commands, known, "admin") || g_strv_contains (quiet, known))
    return NULL;
  if (table != NULL)
    {
      g_autoptr (CbCommand) command = cb_command_new (name, NULL);

      for (guint i = 1; i < words->len; i++)
        cb_command_add_gbytes (command, g_ptr_array_index (words, i));
      if (cb_command_table_may_send (table, command, NULL))
        return NULL;
    }
  {
    g_autofree char *shown = g_ascii_strup (known, -1);

    g_strdelimit (shown, "|", ' ');
    /* Translators: the name of a command */
    return g_strdup_printf (_ ("%s is a command for administration: it changes the server, and not only keys."), shown);
  }
}

gboolean
cb_console_guard_counts_keys (GPtrArray *words, gboolean *all)
{
  g_autofree char *name = cb_console_line_dup_name (words, 0);

  *all = g_str_equal (name, "flushall");
  return *all || g_str_equal (name, "flushdb") || g_str_equal (name, "keys");
}

char *
cb_console_guard_refuse (GPtrArray *words, gboolean in_multi)
{
  static const char * const streams[] = { "subscribe", "psubscribe", "ssubscribe", "monitor", NULL };
  g_autofree char *name = cb_console_line_dup_name (words, 0);
  g_autofree char *both = dup_both (words);
  g_autofree char *third = cb_console_line_dup_name (words, 2);
  g_autofree char *shown = g_ascii_strup (name, -1);

  if (g_str_equal (name, "sync") || g_str_equal (name, "psync"))
    /* Translators: the name of a command */
    return g_strdup_printf (_ ("%s was not sent: it makes the connection that of a replica, on which no reply can be told."), shown);
  if (g_str_equal (both, "client|reply") && !g_str_equal (third, "on"))
    return g_strdup (_ ("CLIENT REPLY was not sent: without replies the console has nothing to show, and would wait for ever."));
  if (in_multi && g_strv_contains (streams, name))
    return g_strdup_printf (_ ("%s was not sent: what it brings can’t be told from the replies of a transaction. EXEC or DISCARD it "
                               "first."), shown);
  return NULL;
}

gboolean
cb_console_guard_is_own (GPtrArray *words)
{
  g_autofree char *name = cb_console_line_dup_name (words, 0);
  g_autofree char *both = dup_both (words);

  return g_strv_contains (own, name) || g_strv_contains (own, both);
}
