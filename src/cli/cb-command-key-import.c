/* cb-command-key-import.c: key import
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A line is what “key export” writes, in any of its three forms. What comes in several parts is put together under a name of its
 * own, which ends by itself within the hour if this is killed, and then takes its place in one step.
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-edit.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

/* How many elements are sent at once. */
#define PORTION 100
#define STAGED_MSEC (3600 * 1000)

typedef struct
{
  CbCli *cli;
  gboolean dry_run;
  guint n_line;
  guint n_keys;
  int worst;

  GBytes *key;         /* (owned) (nullable) being put together */
  GBytes *staged;      /* (owned) (nullable) its name meanwhile */
  gint64 ends_at;      /* ms since 1970, 0 never */
  gboolean begun;      /* something of it is on the server */
  gboolean given_up;   /* it was told why */
} Import;

static GBytes *
new_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* Returns whether it can go on. */
static gboolean
tell (Import *import,
      const GError *error)
{
  int status = cb_cli_tell_error (import->cli, error);

  import->worst = MAX (import->worst, status);
  return status == CB_EXIT_FAILED;
}

static void
tell_line (Import *import)
{
  cb_cli_complain (import->cli, _("Line %u is none that “key export” writes: nothing was done for it"), import->n_line);
  import->worst = MAX (import->worst, CB_EXIT_FAILED);
}

static void
drop_staged (Import *import)
{
  g_autoptr (CbReply) reply = NULL;

  if (import->begun)
    reply = cb_cli_call (import->cli, cb_command_add_gbytes (cb_command_new ("UNLINK", NULL), import->staged), NULL);
  import->begun = FALSE;
}

/* Returns whether it can go on. */
static gboolean
finish_key (Import *import)
{
  g_autoptr (GBytes) key = g_steal_pointer (&import->key);
  g_autoptr (GBytes) staged = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_LAND, .key = key, .type = "none", .msec = import->ends_at };
  gboolean goes_on = TRUE;

  if (key == NULL)
    return TRUE;
  if (import->dry_run)
    {
      import->n_keys++;
      g_clear_pointer (&import->staged, g_bytes_unref);
      return TRUE;
    }
  if (import->begun && !import->given_up)
    {
      edit.element = import->staged;
      cb_key_edit_async (import->cli->connection, &edit, NULL, cb_cli_take_result, &result);
      cb_cli_await (&result);
      if (cb_key_edit_finish (import->cli->connection, result, &error))
        {
          import->n_keys++;
          import->begun = FALSE;
        }
      else
        {
          goes_on = tell (import, error);
        }
    }
  drop_staged (import);
  staged = g_steal_pointer (&import->staged);
  return goes_on;
}

/* What comes next is of this key. Returns whether it can go on. */
static gboolean
begin_key (Import *import,
           GBytes *key)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = g_strconcat ("callboard:import:", uuid, NULL);
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  gint64 there = 0;

  if (import->key != NULL && g_bytes_equal (import->key, key))
    return TRUE;
  if (!finish_key (import))
    return FALSE;

  import->key = g_bytes_ref (key);
  import->staged = new_bytes (name);
  import->ends_at = 0;
  import->begun = FALSE;
  import->given_up = FALSE;
  if (import->dry_run)
    return TRUE;

  reply = cb_cli_call (import->cli, cb_command_add_gbytes (cb_command_new ("EXISTS", NULL), key), &error);
  if (reply == NULL)
    {
      import->given_up = TRUE;
      return tell (import, error);
    }
  if (cb_value_get_integer (cb_reply_get_value (reply), &there) && there > 0)
    {
      g_autofree char *shown = cb_cli_keys_escape (key);

      cb_cli_complain (import->cli, _("There is a key “%s” already: it was left as it is"), shown);
      import->worst = MAX (import->worst, CB_EXIT_FAILED);
      import->given_up = TRUE;
    }
  return TRUE;
}

/* @words: of the command, without the key. Returns whether it can go on. */
static gboolean
add_part (Import *import,
          const char *command_name,
          GPtrArray *words,
          guint from)
{
  CbCommand *command;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (import->given_up || import->dry_run)
    return TRUE;
  command = cb_command_add_gbytes (cb_command_new (command_name, NULL), import->staged);
  for (guint i = from; i < words->len; i++)
    cb_command_add_gbytes (command, g_ptr_array_index (words, i));
  reply = cb_cli_call (import->cli, command, &error);
  if (reply != NULL && !import->begun)
    {
      import->begun = TRUE;
      cb_reply_unref (reply);
      reply = cb_cli_call (import->cli, cb_command_add_int (cb_command_add_gbytes (cb_command_new ("PEXPIRE", NULL),
                                                                                   import->staged), STAGED_MSEC), &error);
    }
  if (reply != NULL)
    return TRUE;
  import->given_up = TRUE;
  return tell (import, error);
}

/* A DUMP: one step. Returns whether it can go on. */
static gboolean
restore (Import *import,
         CbKeyRemains *remains)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (!finish_key (import))
    return FALSE;
  if (import->dry_run)
    {
      import->n_keys++;
      return TRUE;
    }
  cb_key_restore_async (import->cli->connection, remains, import->cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_key_restore_finish (import->cli->connection, result, &error))
    return tell (import, error);
  import->n_keys++;
  return TRUE;
}

/* JSON */

static GBytes *
get_base64 (JsonObject *object,
            const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  const char *text = node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
  gsize length;
  guchar *bytes;

  if (text == NULL || strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen (text) ||
      strlen (text) % 4 != 0)
    return NULL;
  bytes = g_base64_decode (text, &length);
  return g_bytes_new_take (bytes, length);
}

static gboolean
get_end (JsonObject *object,
         gint64 *ends_at)
{
  JsonNode *node = json_object_get_member (object, "expires_at");

  *ends_at = 0;
  if (node == NULL || (!JSON_NODE_HOLDS_NULL (node) && json_node_get_value_type (node) != G_TYPE_INT64))
    return FALSE;
  if (!JSON_NODE_HOLDS_NULL (node))
    *ends_at = MAX (json_node_get_int (node), 0);
  return TRUE;
}

/* The bytes of a string with all its escapes, a NUL among them, and of what stands for bytes that are no text. */
static GBytes *
get_value (const char *json,
           gsize length)
{
  g_autoptr (JsonNode) node = NULL;
  GByteArray *bytes;

  if (length >= 2 && json[0] == '"' && memmem (json, length, "\\u0000", 6) != NULL)
    {
      /* json-glib's strings end at a NUL: each part by itself. */
      bytes = g_byte_array_new ();
      for (const char *at = json + 1, *end = json + length - 1; at <= end;)
        {
          const char *stop = at;
          g_autofree char *part = NULL;

          while (stop < end && strncmp (stop, "\\u0000", 6) != 0)
            stop += *stop == '\\' ? 2 : 1;
          stop = MIN (stop, end);
          part = g_strdup_printf ("[\"%.*s\"]", (int) (stop - at), at);
          g_clear_pointer (&node, json_node_unref);
          node = cb_json_parse (part, -1, NULL);
          if (node != NULL)
            {
              const char *text = json_array_get_string_element (json_node_get_array (node), 0);

              g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
            }
          if (stop >= end)
            break;
          g_byte_array_append (bytes, (const guint8 *) "", 1);
          at = stop + 6;
        }
      return g_byte_array_free_to_bytes (bytes);
    }

  node = cb_json_parse (json, (gssize) length, NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return get_base64 (json_node_get_object (node), "base64");
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return new_bytes (json_node_get_string (node));
  return NULL;
}

static GPtrArray *
get_values (GBytes *json)
{
  gsize length;
  const char *text = g_bytes_get_data (json, &length);
  g_autoptr (GPtrArray) parts = cb_json_split_array (text, (gssize) length, NULL);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      gsize part_length;
      const char *part = g_bytes_get_data (g_ptr_array_index (parts, i), &part_length);
      GBytes *value = get_value (part, part_length);

      if (value == NULL)
        return NULL;
      g_ptr_array_add (values, value);
    }
  return parts != NULL ? g_steal_pointer (&values) : NULL;
}

/* The command that adds elements of a type, and which parts of an element it takes, in order; -1: all. */
static const struct { const char *type, *command; int parts[2]; guint n_parts; } adders[] = {
  { "string", "APPEND", { 1 }, 1 },   { "list", "RPUSH", { 1 }, 1 }, { "hash", "HSET", { 0, 1 }, 2 },
  { "set", "SADD", { 0 }, 1 },        { "zset", "ZADD", { 1, 0 }, 2 }, { "stream", "XADD", { -1 }, 1 },
};

/* Returns whether it can go on. */
static gboolean
import_elements (Import *import,
                 const char *type,
                 GPtrArray *elements)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize adder = 0;

  while (adder < G_N_ELEMENTS (adders) && !g_str_equal (adders[adder].type, type))
    adder++;
  if (adder == G_N_ELEMENTS (adders))
    {
      cb_cli_complain (import->cli, _("Line %u: values of the type %s are put back from the format “dump” only"), import->n_line, type);
      import->worst = MAX (import->worst, CB_EXIT_FAILED);
      import->given_up = TRUE;
      return TRUE;
    }

  for (guint i = 0; i < elements->len && !import->given_up; i++)
    {
      g_autoptr (GPtrArray) values = get_values (g_ptr_array_index (elements, i));
      gboolean alone = g_str_equal (type, "stream") || g_str_equal (type, "string");

      for (guint j = 0; values != NULL && j < adders[adder].n_parts; j++)
        {
          int part = adders[adder].parts[j];

          if (part >= (int) values->len || (part < 0 && (values->len < 3 || values->len % 2 == 0)))
            g_clear_pointer (&values, g_ptr_array_unref);
          else if (part >= 0)
            g_ptr_array_add (words, g_bytes_ref (g_ptr_array_index (values, part)));
          else
            for (guint k = 0; k < values->len; k++)
              g_ptr_array_add (words, g_bytes_ref (g_ptr_array_index (values, k)));
        }
      if (values == NULL)
        {
          tell_line (import);
          import->given_up = TRUE;
          return TRUE;
        }
      if (alone || words->len >= PORTION * adders[adder].n_parts)
        {
          /* APPEND of nothing makes no key. */
          const char *command = g_str_equal (type, "string") && i == 0 ? "SET" : adders[adder].command;

          if (!add_part (import, command, words, 0))
            return FALSE;
          g_ptr_array_set_size (words, 0);
        }
    }
  return words->len == 0 || import->given_up || add_part (import, adders[adder].command, words, 0);
}

/* Returns whether it can go on. */
static gboolean
import_json (Import *import,
             const char *line,
             gsize length)
{
  g_autoptr (GBytes) name = NULL;
  g_autoptr (GBytes) type_json = cb_json_dup_member (line, (gssize) length, "type");
  g_autoptr (GBytes) name_json = cb_json_dup_member (line, (gssize) length, "name");
  g_autoptr (GBytes) end_json = cb_json_dup_member (line, (gssize) length, "expires_at");
  g_autoptr (GBytes) elements_json = cb_json_dup_member (line, (gssize) length, "elements");
  g_autoptr (GPtrArray) elements = NULL;
  g_autofree char *type = cb_json_dup_member_text (line, (gssize) length, "type");
  g_autofree char *end = NULL;
  const char *text;
  gsize text_length;

  if (name_json != NULL)
    {
      text = g_bytes_get_data (name_json, &text_length);
      name = get_value (text, text_length);
    }
  if (elements_json != NULL)
    {
      text = g_bytes_get_data (elements_json, &text_length);
      elements = cb_json_split_array (text, (gssize) text_length, NULL);
    }
  if (name == NULL || type == NULL || end_json == NULL || (elements_json != NULL && elements == NULL))
    {
      tell_line (import);
      return TRUE;
    }

  if (!finish_key (import) || !begin_key (import, name))
    return FALSE;
  text = g_bytes_get_data (end_json, &text_length);
  end = g_strndup (text, text_length);
  import->ends_at = MAX (g_ascii_strtoll (end, NULL, 10), 0);
  if (elements == NULL)
    elements = g_ptr_array_new ();
  if (!import_elements (import, elements_json != NULL ? type : "", elements))
    return FALSE;
  return finish_key (import);
}

/* Commands */

static int
hex (char digit)
{
  return g_ascii_xdigit_value (digit);
}

/* The words of a line, as redis-cli reads it. NULL for quotes without their end. */
static GPtrArray *
split_words (const char *line,
             gsize length)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *end = line + length;

  for (const char *at = line;;)
    {
      g_autoptr (GByteArray) word = g_byte_array_new ();
      gboolean closed = TRUE;

      while (at < end && g_ascii_isspace (*at))
        at++;
      if (at == end)
        return g_steal_pointer (&words);

      if (*at == '"')
        {
          closed = FALSE;
          for (at++; at < end && !closed; at++)
            {
              static const char names[] = "nrtab";
              static const char values[] = "\n\r\t\a\b";
              guint8 byte = *at;

              if (*at == '"')
                {
                  closed = TRUE;
                  continue;
                }
              if (*at == '\\' && end - at > 3 && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]))
                {
                  byte = hex (at[2]) << 4 | hex (at[3]);
                  at += 3;
                }
              else if (*at == '\\' && end - at > 1)
                {
                  const char *found = at[1] != '\0' ? strchr (names, at[1]) : NULL;

                  byte = found != NULL ? values[found - names] : at[1];
                  at++;
                }
              g_byte_array_append (word, &byte, 1);
            }
        }
      else
        {
          for (; at < end && !g_ascii_isspace (*at); at++)
            g_byte_array_append (word, (const guint8 *) at, 1);
        }
      if (!closed)
        return NULL;
      g_ptr_array_add (words, g_byte_array_free_to_bytes (g_steal_pointer (&word)));
    }
}

static gboolean
is_word (GBytes *bytes,
         const char *word)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return length == strlen (word) && g_ascii_strncasecmp (data, word, length) == 0;
}

static gint64
get_number (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);

  return g_ascii_strtoll (text, NULL, 10);
}

/* Returns whether it can go on. */
static gboolean
import_command (Import *import,
                const char *line,
                gsize length)
{
  static const char * const adding[] = { "SET", "APPEND", "RPUSH", "HSET", "SADD", "ZADD", "XADD" };
  g_autoptr (GPtrArray) words = split_words (line, length);
  GBytes *key = words != NULL && words->len >= 3 ? g_ptr_array_index (words, 1) : NULL;

  for (gsize i = 0; key != NULL && i < G_N_ELEMENTS (adding); i++)
    if (is_word (words->pdata[0], adding[i]))
      {
        /* One that is set once more is another. */
        if (g_str_equal (adding[i], "SET") && import->key != NULL && !finish_key (import))
          return FALSE;
        return begin_key (import, key) && add_part (import, adding[i], words, 2);
      }
  if (key != NULL && words->len == 3 && is_word (words->pdata[0], "PEXPIREAT") && import->key != NULL &&
      g_bytes_equal (import->key, key))
    {
      import->ends_at = MAX (get_number (words->pdata[2]), 0);
      return TRUE;
    }
  if (key != NULL && words->len == 5 && is_word (words->pdata[0], "RESTORE") && is_word (words->pdata[4], "ABSTTL"))
    {
      g_autoptr (CbKeyRemains) remains = cb_key_remains_new (key, words->pdata[3], get_number (words->pdata[2]));

      return restore (import, remains);
    }
  tell_line (import);
  return TRUE;
}

/* Returns whether it can go on. */
static gboolean
import_line (Import *import,
             const char *line,
             gsize length)
{
  g_autoptr (GBytes) dump_json = NULL;

  if (line[0] != '{')
    return import_command (import, line, length);

  dump_json = cb_json_dup_member (line, (gssize) length, "dump");
  if (dump_json != NULL)
    {
      g_autoptr (JsonNode) root = cb_json_parse (line, (gssize) length, NULL);
      JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
      g_autoptr (GBytes) key = object != NULL ? get_base64 (object, "key") : NULL;
      g_autoptr (GBytes) dump = object != NULL ? get_base64 (object, "dump") : NULL;
      g_autoptr (CbKeyRemains) remains = NULL;
      gint64 ends_at;

      if (key == NULL || dump == NULL || !get_end (object, &ends_at))
        {
          tell_line (import);
          return TRUE;
        }
      remains = cb_key_remains_new (key, dump, ends_at);
      return restore (import, remains);
    }
  return import_json (import, line, length);
}

static GInputStream *
open_input (CbCli *cli,
            GError **error)
{
  const char *path = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (GFile) file = NULL;

  if (g_str_equal (path, "-"))
    return g_unix_input_stream_new (STDIN_FILENO, FALSE);
  file = g_file_new_for_commandline_arg (path);
  return G_INPUT_STREAM (g_file_read (file, NULL, error));
}

static int
run_import (CbCli *cli)
{
  Import import = { .cli = cli, .dry_run = cb_arguments_has (cli->arguments, "dry-run") };
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GError) error = NULL;
  gboolean goes_on = TRUE;
  int status;

  input = open_input (cli, &error);
  if (input == NULL)
    return cb_cli_tell_error (cli, error);
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  lines = g_data_input_stream_new (input);
  while (goes_on && !cb_cli_is_interrupted (cli))
    {
      g_autofree char *line = NULL;
      gsize length;

      line = g_data_input_stream_read_line (lines, &length, cli->cancellable, &error);
      if (line == NULL)
        break;
      import.n_line++;
      if (length > 0)
        goes_on = import_line (&import, line, length);
    }
  if (cb_cli_is_interrupted (cli))
    import.given_up = TRUE;
  finish_key (&import);
  g_clear_pointer (&import.key, g_bytes_unref);
  g_clear_pointer (&import.staged, g_bytes_unref);
  if (error != NULL)
    return cb_cli_tell_error (cli, error);

  if (import.dry_run)
    cb_cli_print (cli, g_dngettext (NULL, "%u key would be put back\n", "%u keys would be put back\n", import.n_keys), import.n_keys);
  else
    cb_cli_print (cli, g_dngettext (NULL, "%u key was put back\n", "%u keys were put back\n", import.n_keys), import.n_keys);
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : import.worst;
}

static const CbOption import_options[] = {
  { "dry-run", CB_OPTION_FLAG, NULL, N_("read the file and say how many keys it has, and do nothing") },
  { NULL }
};

const CbCliCommand cb_command_key_import[] = {
  { .name = "key import",
    .usage = "FILE",
    .summary = N_("Put keys back that “key export” has written; never over one that is there"),
    .description = N_("FILE is what “key export” wrote, in any format; “-” is standard input. Each key appears at once and whole. "
                      "A key whose time is over by now stays away."),
    .options = import_options,
    .min_words = 1,
    .max_words = 1,
    .writes = TRUE,
    .run = run_import },
  { NULL }
};
