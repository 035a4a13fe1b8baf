/* cb-cli-keys.c: what the commands about keys share
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"

#include "cb-cli-reply.h"
#include "cb-key-edit.h"

#include <string.h>

gboolean
cb_cli_keys_get_query (CbCli *cli,
                       const char *pattern,
                       CbKeyQuery *query,
                       int *status)
{
  const char *literal = cb_arguments_get_text (cli->arguments, "literal");
  const char *within = cb_arguments_get_text (cli->arguments, "expires-within");
  g_autoptr (GError) error = NULL;

  *query = (CbKeyQuery) { 0, };
  *status = CB_EXIT_USAGE;
  if (literal != NULL && pattern != NULL)
    {
      cb_cli_tell_usage (cli, _("A PATTERN and --literal exclude each other"));
      return FALSE;
    }
  if (within != NULL && cb_arguments_has (cli->arguments, "no-ttl"))
    {
      cb_cli_tell_usage (cli, _("--no-ttl and --expires-within exclude each other"));
      return FALSE;
    }
  if (within != NULL)
    {
      if (!cb_key_parse_ttl (within, &query->within_msec, &error))
        {
          cb_cli_tell_usage (cli, "--expires-within: %s", error->message);
          return FALSE;
        }
      query->expiry = CB_KEY_EXPIRY_WITHIN;
    }
  else if (cb_arguments_has (cli->arguments, "no-ttl"))
    {
      query->expiry = CB_KEY_EXPIRY_NONE;
    }

  query->match = literal != NULL ? CB_KEY_MATCH_LITERAL : CB_KEY_MATCH_PATTERN;
  if (literal != NULL || pattern != NULL)
    {
      const char *own = literal != NULL ? literal : pattern;

      query->text = g_bytes_new (own, strlen (own));
    }
  query->type = cb_arguments_get_text (cli->arguments, "type");
  *status = CB_EXIT_DONE;
  return TRUE;
}

CbKeyFinder *
cb_cli_keys_new_finder (CbCli *cli,
                        const char *pattern,
                        const char *separator,
                        int *status)
{
  g_autoptr (GBytes) text = NULL;
  CbKeyQuery query;

  if (!cb_cli_keys_get_query (cli, pattern, &query, status))
    return NULL;
  text = query.text;
  if (!cb_cli_connect_or_tell (cli, status))
    return NULL;
  return cb_key_finder_new (cli->connection, &query, separator);
}

static void
stopped_cb (CbKeyFinder *finder,
            GParamSpec *pspec,
            gboolean *stopped)
{
  *stopped = !cb_key_finder_get_running (finder);
}

int
cb_cli_keys_run (CbCli *cli,
                 CbKeyFinder *finder)
{
  gboolean stopped = FALSE;
  gulong handler = g_signal_connect (finder, "notify::running", G_CALLBACK (stopped_cb), &stopped);

  cb_key_finder_start (finder);
  if (!stopped)
    cb_cli_run_until (cli, &stopped);
  g_signal_handler_disconnect (finder, handler);
  if (!stopped)
    {
      cb_key_finder_stop (finder);
      return CB_EXIT_INTERRUPTED;
    }
  if (cb_key_finder_get_error (finder) != NULL)
    return cb_cli_tell_error (cli, cb_key_finder_get_error (finder));
  return CB_EXIT_DONE;
}

static int
digit_value (char digit)
{
  return g_ascii_xdigit_value (digit);
}

/* What cb_cli_escape() writes, backwards; a backslash before anything else is itself. */
static GBytes *
unescape (const char *word)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *at = word; *at != '\0';)
    {
      static const char names[] = "nrtab\\\"";
      static const char values[] = "\n\r\t\a\b\\\"";
      guint8 byte = *at;
      gsize used = 1;

      if (at[0] == '\\' && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]))
        {
          byte = digit_value (at[2]) << 4 | digit_value (at[3]);
          used = 4;
        }
      else if (at[0] == '\\' && at[1] != '\0' && strchr (names, at[1]) != NULL)
        {
          byte = values[strchr (names, at[1]) - names];
          used = 2;
        }
      g_byte_array_append (bytes, &byte, 1);
      at += used;
    }
  return g_byte_array_free_to_bytes (bytes);
}

GBytes *
cb_cli_keys_get_bytes (CbCli *cli,
                       const char *word,
                       int *status)
{
  *status = CB_EXIT_DONE;
  if (cb_arguments_has (cli->arguments, "escaped"))
    return unescape (word);
  return g_bytes_new (word, strlen (word));
}

CbKeyStore *
cb_cli_keys_choose (CbCli *cli,
                    int *status)
{
  static const char * const filters[] = { "matching", "literal", "type", "no-ttl", "expires-within" };
  guint n_words = cb_arguments_get_length (cli->arguments);
  g_autoptr (CbKeyStore) keys = NULL;
  g_autoptr (CbKeyFinder) finder = NULL;
  gboolean filtered = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (filters); i++)
    filtered |= cb_arguments_has (cli->arguments, filters[i]);

  if (filtered == (n_words > 0))
    {
      *status = cb_cli_tell_usage (cli, filtered ? _("Keys are either named or chosen by --matching and the like, not both")
                                                 : _("Which keys? Name them, or choose them by --matching and the like"));
      return NULL;
    }
  if (filtered)
    {
      finder = cb_cli_keys_new_finder (cli, cb_arguments_get_text (cli->arguments, "matching"), NULL, status);
      if (finder == NULL)
        return NULL;
      *status = cb_cli_keys_run (cli, finder);
      return *status == CB_EXIT_DONE ? cb_key_store_ref (cb_key_finder_get_store (finder)) : NULL;
    }

  keys = cb_key_store_new (NULL);
  for (guint i = 0; i < n_words; i++)
    {
      g_autoptr (GBytes) key = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, i), status);
      gsize length;
      const char *name;

      if (key == NULL)
        return NULL;
      name = g_bytes_get_data (key, &length);
      cb_key_store_add (keys, name != NULL ? name : "", length, NULL);
    }
  return cb_cli_connect_or_tell (cli, status) ? g_steal_pointer (&keys) : NULL;
}

GBytes *
cb_cli_keys_dup_name (CbKeyStore *keys,
                      CbKeyId id)
{
  gsize length;
  const char *name = cb_key_store_get_name (keys, id, &length);

  return g_bytes_new (name, length);
}

CbKeyInfo *
cb_cli_keys_inspect (CbCli *cli,
                     GBytes *key,
                     GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_inspect_async (cli->connection, key, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  return cb_key_inspect_finish (cli->connection, result, error);
}

static void
write_base64 (CbJsonWriter *writer,
              GBytes *bytes)
{
  gsize length;
  const guchar *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_base64_encode (data, length);

  cb_json_writer_string (writer, text, -1);
}

char *
cb_cli_keys_write_dump (const CbKeyRemains *remains,
                        const char *type)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  gsize length;
  const char *name = g_bytes_get_data (remains->key, &length);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "name");
  cb_json_writer_string (writer, name != NULL ? name : "", (gssize) length);
  cb_json_writer_name (writer, "type");
  cb_json_writer_string (writer, type, -1);
  cb_json_writer_name (writer, "expires_at");
  if (remains->expires_at > 0)
    cb_json_writer_int (writer, remains->expires_at);
  else
    cb_json_writer_null (writer);
  cb_json_writer_name (writer, "key");
  write_base64 (writer, remains->key);
  cb_json_writer_name (writer, "dump");
  write_base64 (writer, remains->dump);
  cb_json_writer_end_object (writer);
  return cb_json_writer_steal (writer);
}

char *
cb_cli_keys_escape (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return cb_cli_keys_escape_name (data, length);
}

/* As cb_cli_escape() has it, but so that --escaped can tell \n from a backslash and an n. */
char *
cb_cli_keys_escape_name (const char *name,
                         gsize length)
{
  g_autoptr (GString) doubled = g_string_sized_new (length + 8);

  for (gsize i = 0; i < length; i++)
    {
      if (name[i] == '\\')
        g_string_append_c (doubled, '\\');
      g_string_append_c (doubled, name[i]);
    }
  return cb_cli_escape (doubled->str, doubled->len);
}

CbCliNumber
cb_cli_keys_number (guint64 number)
{
  CbCliNumber result;

  g_snprintf (result.text, sizeof result.text, "%'" G_GUINT64_FORMAT, number);
  return result;
}
