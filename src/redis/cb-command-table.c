/* cb-command-table.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-command-table.h"

#include <string.h>

#include "cb-command-private.h"

/*
 * What is decided, by the flags of https://redis.io/docs/latest/commands/command/:
 *
 * - `write`: never.
 * - `readonly`: yes, unless a key specification of it says that it writes after all (RW, OW, RM): PFCOUNT puts the
 *   count it found into the value. That a key was used is noted by all reading.
 * - neither: EVAL and FCALL run what nobody can foresee (EVAL_RO and FCALL_RO are `readonly`, and the server refuses
 *   writes and messages in them); PUBLISH and SPUBLISH make others act; and some end clients, change settings, empty
 *   caches or stop the server. Only those below may be sent, of which each just tells something.
 *
 * A command with subcommands is judged by the flags of the subcommand, and where the server tells none of those
 * (before Redis 7) only by the list below.
 */
static const char * const harmless[] = {
  "acl|cat", "acl|dryrun", "acl|getuser", "acl|help", "acl|list", "acl|log", "acl|users", "acl|whoami",
  "client|getname", "client|getredir", "client|help", "client|id", "client|info", "client|list", "client|trackinginfo",
  "cluster|countkeysinslot", "cluster|getkeysinslot", "cluster|help", "cluster|info", "cluster|keyslot",
  "cluster|links", "cluster|myid", "cluster|nodes", "cluster|replicas", "cluster|shards", "cluster|slots",
  "command", "command|count", "command|getkeys", "command|getkeysandflags", "command|help",
  "command|info", "command|list", "config|get", "config|help", "echo", "function|dump", "function|help",
  "function|list", "function|stats", "info", "lastsave", "latency|doctor", "latency|graph", "latency|help",
  "latency|histogram", "latency|history", "latency|latest", "memory|doctor", "memory|help", "memory|malloc-stats",
  "memory|stats", "module|help", "module|list", "object|help", "ping", "pubsub|channels", "pubsub|help",
  "pubsub|numpat", "pubsub|numsub", "pubsub|shardchannels", "pubsub|shardnumsub", "role", "script|exists",
  "script|help", "slowlog|get", "slowlog|help", "slowlog|len", "time", "xgroup|help", "xinfo|help",
  /* The commands between MULTI and EXEC are each looked at by themselves. */
  "discard", "exec", "multi", "unwatch", "watch",
  /* Puts the text of a script into a cache, as EVAL_RO does by the way. */
  "script|load",
};

typedef enum
{
  VERDICT_UNKNOWN,
  VERDICT_READS,
  VERDICT_WRITES,
  VERDICT_EFFECT, /* no write, but more than telling something */
} Verdict;

#define VERDICT_MASK 0xf
#define HAS_SUBCOMMANDS 0x10

struct _CbCommandTable
{
  GHashTable *verdicts; /* (owned) (element-type utf8 Verdict) by lower-case name, `config|get` */
  GPtrArray *asked;     /* (owned) (element-type utf8) by the check */
};

CbCommandTable *
cb_command_table_new (void)
{
  CbCommandTable *self = g_new0 (CbCommandTable, 1);

  self->verdicts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
cb_command_table_free (CbCommandTable *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_unref (self->verdicts);
  g_ptr_array_unref (self->asked);
  g_free (self);
}

static gboolean
is_harmless (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (harmless); i++)
    if (g_str_equal (harmless[i], name))
      return TRUE;
  return FALSE;
}

static gboolean
has_flag (const CbValue *flags,
          const char    *flag)
{
  for (guint i = 0; i < cb_value_get_length (flags); i++)
    if (cb_value_equal_string (cb_value_get_element (flags, i), flag))
      return TRUE;
  return FALSE;
}

static gboolean
writes_a_key (const CbValue *specifications)
{
  for (guint i = 0; i < cb_value_get_length (specifications); i++)
    {
      const CbValue *flags = cb_value_get_field (cb_value_get_element (specifications, i), "flags");

      if (has_flag (flags, "RW") || has_flag (flags, "OW") || has_flag (flags, "RM"))
        return TRUE;
    }
  return FALSE;
}

/* Of a command of a module that has told nothing of its keys the server says RW, whatever it does. What these do is documented:
 * https://redis.io/docs/latest/commands/json.get/ */
static gboolean
is_reader_of_module (const char    *name,
                     const CbValue *flags)
{
  return g_str_equal (name, "json.get") && has_flag (flags, "module") && has_flag (flags, "readonly") && !has_flag (flags, "write");
}

static Verdict
judge (const char    *name,
       const CbValue *flags,
       const CbValue *key_specifications)
{
  if (has_flag (flags, "write") || (writes_a_key (key_specifications) && !is_reader_of_module (name, flags)))
    return VERDICT_WRITES;
  if (has_flag (flags, "readonly") || is_harmless (name))
    return VERDICT_READS;
  return VERDICT_EFFECT;
}

static char *
dup_name (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL && length > 0 && strlen (text) == length ? g_ascii_strdown (text, length) : NULL;
}

/* One of [name, arity, flags, first, last, step, categories, tips, keys, subcommands]. */
static void
take_entry (CbCommandTable *self,
            const CbValue  *entry,
            gboolean        top)
{
  const CbValue *subcommands = cb_value_get_element (entry, 9);
  g_autofree char *name = dup_name (cb_value_get_element (entry, 0));
  guint verdict;

  if (name == NULL)
    return;

  verdict = judge (name, cb_value_get_element (entry, 2), cb_value_get_element (entry, 8));
  for (guint i = 0; top && i < cb_value_get_length (subcommands); i++)
    {
      verdict |= HAS_SUBCOMMANDS;
      take_entry (self, cb_value_get_element (subcommands, i), FALSE);
    }
  g_hash_table_insert (self->verdicts, g_steal_pointer (&name), GUINT_TO_POINTER (verdict));
}

/**
 * cb_command_table_take:
 * @self: a table
 * @commands: the reply of COMMAND
 *
 * Returns: (transfer full) (nullable): the command whose reply is for cb_command_table_take_check(); %NULL when the
 *   reply told of no command
 */
CbCommand *
cb_command_table_take (CbCommandTable *self,
                       const CbValue  *commands)
{
  CbCommand *check;

  g_hash_table_remove_all (self->verdicts);
  g_ptr_array_set_size (self->asked, 0);
  for (guint i = 0; i < cb_value_get_length (commands); i++)
    {
      char *name = dup_name (cb_value_get_element (cb_value_get_element (commands, i), 0));

      if (name != NULL)
        g_ptr_array_add (self->asked, name);
    }
  if (self->asked->len == 0)
    return NULL;

  check = cb_command_new ("COMMAND", "INFO", NULL);
  for (guint i = 0; i < self->asked->len; i++)
    cb_command_add (check, g_ptr_array_index (self->asked, i));
  return check;
}

/**
 * cb_command_table_take_check:
 * @self: a table
 * @infos: the reply of COMMAND INFO with the names that COMMAND told
 *
 * A server with `rename-command GET fetch` and `rename-command SET get` runs a SET when it is sent `get`, and COMMAND
 * still tells of a `get` that reads. COMMAND INFO looks for a name as running a command does, and answers with the
 * command's own.
 */
void
cb_command_table_take_check (CbCommandTable *self,
                             const CbValue  *infos)
{
  for (guint i = 0; i < cb_value_get_length (infos) && i < self->asked->len; i++)
    {
      const CbValue *entry = cb_value_get_element (infos, i);
      g_autofree char *name = dup_name (cb_value_get_element (entry, 0));

      if (g_strcmp0 (name, g_ptr_array_index (self->asked, i)) == 0)
        take_entry (self, entry, TRUE);
    }
  g_ptr_array_set_size (self->asked, 0);
}

guint
cb_command_table_get_length (CbCommandTable *self)
{
  return self != NULL ? g_hash_table_size (self->verdicts) : 0;
}

static char *
dup_argument (CbCommand *command,
              guint      index)
{
  gsize length;
  const char *text = cb_command_get_argument (command, index, &length);

  /* With a NUL in it, it is none of the server's. */
  return strlen (text) == length ? g_ascii_strdown (text, length) : g_strdup ("");
}

static gboolean
refuse (CbCommand   *command,
        const char  *why,
        GError     **error)
{
  g_autofree char *name = g_utf8_make_valid (cb_command_get_display_name (command), -1);

  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY,
               "%s was not sent: this connection is for reading only, and %s.", name, why);
  return FALSE;
}

static Verdict
look_up (CbCommandTable *self,
         CbCommand      *command)
{
  g_autofree char *name = dup_argument (command, 0);
  guint verdict = GPOINTER_TO_UINT (g_hash_table_lookup (self->verdicts, name));

  if (cb_command_get_n_arguments (command) > 1)
    {
      g_autofree char *second = dup_argument (command, 1);
      g_autofree char *both = g_strconcat (name, "|", second, NULL);

      if (verdict & HAS_SUBCOMMANDS)
        return GPOINTER_TO_UINT (g_hash_table_lookup (self->verdicts, both)) & VERDICT_MASK;
      /* A server that tells no subcommands. */
      if (verdict == VERDICT_EFFECT && is_harmless (both))
        return VERDICT_READS;
    }
  return verdict & VERDICT_MASK;
}

/**
 * cb_command_table_may_send:
 * @self: (nullable): what the server said, %NULL when it has said nothing
 * @command: what is to be sent
 * @error: says why it may not
 *
 * Decides whether a read-only connection may send a command. A #CbScript may go, as EVALSHA_RO or EVAL_RO, when its
 * first line declares `no-writes`.
 *
 * Errors: %CB_REDIS_ERROR_READONLY
 *
 * Returns: whether it may be sent
 */
gboolean
cb_command_table_may_send (CbCommandTable  *self,
                           CbCommand       *command,
                           GError         **error)
{
  CbScript *script = cb_command_get_script (command);
  Verdict verdict;

  if (cb_command_table_get_length (self) == 0)
    return refuse (command, "the server does not tell which of its commands write (COMMAND)", error);

  if (script != NULL)
    {
      if (!cb_script_get_reads_only (script))
        return refuse (command, "this script writes", error);
      verdict = GPOINTER_TO_UINT (g_hash_table_lookup (self->verdicts, "evalsha_ro")) & VERDICT_MASK;
      if (verdict == VERDICT_READS)
        verdict = GPOINTER_TO_UINT (g_hash_table_lookup (self->verdicts, "eval_ro")) & VERDICT_MASK;
      return verdict == VERDICT_READS ||
             refuse (command, "this server has no scripts that can't write (EVAL_RO, since Redis 7)", error);
    }

  verdict = look_up (self, command);
  switch (verdict)
    {
    case VERDICT_READS:
      return TRUE;
    case VERDICT_WRITES:
      return refuse (command, "this command writes", error);
    case VERDICT_EFFECT:
      return refuse (command, "this command may have effects besides what it tells", error);
    case VERDICT_UNKNOWN:
    default:
      return refuse (command, "the server does not tell whether this command writes", error);
    }
}
