/* cb-redis-error.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-redis-error.h"

#include <gio/gio.h>
#include <string.h>

G_DEFINE_QUARK (cb-redis-error-quark, cb_redis_error)

typedef struct
{
  const char *word;
  CbRedisError code;
  const char *advice; /* (nullable) what a person can do */
} Kind;

/* The first words of error replies: src/server.c (createSharedObjects), src/networking.c, src/acl.c, src/cluster.c
 * and src/script.c of Redis 7.0. */
static const Kind kinds[] = {
  { "WRONGTYPE", CB_REDIS_ERROR_WRONGTYPE, "The key holds another type than this needs." },
  { "NOAUTH", CB_REDIS_ERROR_NOAUTH, "Give the password, and the user name if there is one, in the server's address." },
  { "WRONGPASS", CB_REDIS_ERROR_WRONGPASS, "Check the user name and the password." },
  { "NOPERM", CB_REDIS_ERROR_NOPERM, "Ask whoever runs the server for the permission, or connect as another user." },
  { "READONLY", CB_REDIS_ERROR_READONLY, "This server is a read-only replica: connect to its primary to change something." },
  { "LOADING", CB_REDIS_ERROR_LOADING, "The server is still reading its data from disk: try again in a moment." },
  { "MASTERDOWN", CB_REDIS_ERROR_MASTERDOWN,
    "This server is a replica that has lost its primary and does not serve old data." },
  { "MISCONF", CB_REDIS_ERROR_MISCONF,
    "The server can't save to disk and refuses changes: look at its log and at the free space of its disk." },
  { "OOM", CB_REDIS_ERROR_OOM, "The server has reached its memory limit (maxmemory): free something or raise it." },
  { "BUSY", CB_REDIS_ERROR_BUSY, "A script is running there for too long: wait, or end it with SCRIPT KILL." },
  { "NOSCRIPT", CB_REDIS_ERROR_NOSCRIPT, NULL },
  { "EXECABORT", CB_REDIS_ERROR_EXECABORT, "Nothing of it was done." },
  { "NOREPLICAS", CB_REDIS_ERROR_NOREPLICAS, "The server takes changes only while enough replicas are connected." },
  { "UNBLOCKED", CB_REDIS_ERROR_UNBLOCKED, NULL },
  { "MOVED", CB_REDIS_ERROR_MOVED, "The key lives on another node of the cluster: connect to the node that is named." },
  { "ASK", CB_REDIS_ERROR_ASK, "The key is being moved to another node of the cluster: try again in a moment." },
  { "TRYAGAIN", CB_REDIS_ERROR_TRYAGAIN, "The keys are being moved to another node of the cluster: try again in a moment." },
  { "CROSSSLOT", CB_REDIS_ERROR_CROSSSLOT,
    "In a cluster all keys of one command must be on one node: use a prefix in braces, such as {q}." },
  { "CLUSTERDOWN", CB_REDIS_ERROR_CLUSTERDOWN, "Too many nodes of the cluster are down." },
  /* Our own word: of a node that a cluster sends to and that can't be connected to (cb-cluster.c). */
  { "NODEDOWN", CB_REDIS_ERROR_NOT_CONNECTED, NULL },
  { "DENIED", CB_REDIS_ERROR_DENIED, NULL },
};

/* Commands whose arguments are secret. Redis quotes the arguments of a command it does not know. */
static gboolean
has_secret_arguments (const char *command)
{
  static const char * const names[] = { "AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_ascii_strcasecmp (command, names[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Where in which of our scripts a command was refused, which Redis appends (src/script.c, scriptCall() of Redis 7.0): it
 * helps nobody, and makes two refusals of the same kind look different. */
static void
cut_script_position (char *words)
{
  static const char start[] = " script: ";
  char *found = g_strrstr (words, start);
  gsize n_digits;

  if (found == NULL)
    return;

  n_digits = strspn (found + strlen (start), "0123456789abcdef");
  if (n_digits == 40 && g_str_has_prefix (found + strlen (start) + n_digits, ", on @user_script:"))
    *found = '\0';
}

static gboolean
has_first_word (const char *text,
                const char *word)
{
  gsize length = strlen (word);

  return strncmp (text, word, length) == 0 && (text[length] == ' ' || text[length] == '\0');
}

static const Kind *
find_kind (const char *text)
{
  static const Kind unknown_command = {
    "ERR", CB_REDIS_ERROR_UNKNOWN_COMMAND, "This server does not have the command, or it was renamed or switched off."
  };
  static const Kind max_clients = {
    "ERR", CB_REDIS_ERROR_MAXCLIENTS, "The server takes no more connections: close some, or raise its maxclients."
  };
  static const Kind no_password_set = {
    "ERR", CB_REDIS_ERROR_WRONGPASS, "The server knows no password: leave it out of the address."
  };
  static const Kind no_such_database = {
    "ERR", CB_REDIS_ERROR_FAILED, "The server has no database of that number: check the number at the end of the address."
  };
  /* What NOPERM is when a script runs the command: src/script.c. */
  static const Kind no_permission_in_script = {
    "ERR", CB_REDIS_ERROR_NOPERM, "Ask whoever runs the server for the permission, or connect as another user."
  };
  static const Kind other = { "ERR", CB_REDIS_ERROR_FAILED, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (has_first_word (text, kinds[i].word))
        return &kinds[i];
    }

  if (g_str_has_prefix (text, "ERR unknown command") || g_str_has_prefix (text, "ERR unknown subcommand") ||
      g_str_has_prefix (text, "ERR Unknown subcommand"))
    return &unknown_command;
  if (g_str_has_prefix (text, "ERR max number of clients"))
    return &max_clients;
  if (g_str_has_prefix (text, "ERR AUTH <password> called without any password configured") ||
      g_str_has_prefix (text, "ERR Client sent AUTH, but no password is set"))
    return &no_password_set;
  if (g_str_has_prefix (text, "ERR DB index is out of range"))
    return &no_such_database;
  if (g_str_has_prefix (text, "ERR The user executing the script can't ") ||
      g_str_has_prefix (text, "ERR ACL failure in script: ")) /* Redis 7.2 and later */
    return &no_permission_in_script;
  return &other;
}

/**
 * cb_redis_error_new_from_reply:
 * @command: (nullable): the name of the command that was refused; %NULL when the server spoke unasked
 * @text: the error reply, without its leading minus
 * @length: its length in bytes
 *
 * Turns an error reply into an error whose code tells its kind and whose message is a sentence: the command,
 * the server's words as they are (without the place in a script that it appends), and, for the kinds that are known,
 * what can be done. Bytes that are not UTF-8
 * are replaced. No argument of the command is repeated unless the server does so, and never one of AUTH.
 *
 * Returns: (transfer full): the error, of the domain %CB_REDIS_ERROR
 */
GError *
cb_redis_error_new_from_reply (const char *command,
                               const char *text,
                               gsize       length)
{
  g_autofree char *words = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GString) message = g_string_new (NULL);
  const Kind *kind;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  words = g_utf8_make_valid (text != NULL ? text : "", length);
  cut_script_position (words);
  g_strchomp (words);
  if (words[0] == '\0')
    {
      g_free (words);
      words = g_strdup ("ERR");
    }
  kind = find_kind (words);

  if (command != NULL && has_secret_arguments (command))
    {
      char *quoted = strstr (words, ", with args beginning with");

      if (quoted != NULL)
        *quoted = '\0';
    }

  if (command != NULL)
    {
      name = g_utf8_make_valid (command, -1);
      g_string_append_printf (message, "%s: ", name);
    }
  g_string_append (message, words);

  if (kind->advice != NULL)
    {
      if (strchr (".!?", message->str[message->len - 1]) == NULL)
        g_string_append_c (message, '.');
      g_string_append_printf (message, " %s", kind->advice);
    }

  return g_error_new_literal (CB_REDIS_ERROR, kind->code, message->str);
}

/**
 * cb_redis_error_is_connection:
 * @error: (nullable): an error
 *
 * Returns: whether it is about reaching the server, so that trying again later may help, rather than about what
 *   was asked of it
 */
gboolean
cb_redis_error_is_connection (const GError *error)
{
  if (error == NULL || error->domain != CB_REDIS_ERROR)
    return FALSE;

  switch ((CbRedisError) error->code)
    {
    case CB_REDIS_ERROR_RESOLVE:
    case CB_REDIS_ERROR_CONNECT:
    case CB_REDIS_ERROR_NOT_CONNECTED:
    case CB_REDIS_ERROR_LOST:
    case CB_REDIS_ERROR_TIMED_OUT:
    case CB_REDIS_ERROR_PROTOCOL:
    case CB_REDIS_ERROR_DENIED:
    case CB_REDIS_ERROR_MAXCLIENTS:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * cb_redis_error_may_have_run:
 * @error: (nullable): an error
 *
 * Returns: whether the server may have done what was asked although the reply is missing: a change must then be
 *   looked for before it is made again
 */
gboolean
cb_redis_error_may_have_run (const GError *error)
{
  return g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOST) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_TIMED_OUT) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}
