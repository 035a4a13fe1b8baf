/* cb-command-key.c: key show, set, rename and copy
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bytes.h"
#include "cb-cli-groups.h"
#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-edit.h"

#include <string.h>

#define DEFAULT_COUNT 1000
/* What is read of a string to be shown. */
#define STRING_MOST (64 * 1024 * 1024)

/* Showing */

static char *
describe_ttl (CbCli *cli,
              gint64 msec)
{
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *text = NULL;

  if (msec < 0)
    return g_strdup (_("never expires"));
  if (msec < 1000)
    return g_strdup_printf (_("expires in %d ms"), (int) msec);
  if (msec < 3600 * 1000)
    return g_strdup_printf (_("expires in %d s"), (int) (msec / 1000));

  date = g_date_time_new_from_unix_utc (cb_connection_get_server_time (cli->connection) / G_USEC_PER_SEC + msec / 1000);
  text = date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M:%S UTC") : g_strdup ("?");
  return g_strdup_printf (_("expires on %s"), text);
}

static char *
describe_size (CbKeyInfo *info)
{
  guint size = (guint) MIN (info->size, G_MAXUINT);

  if (info->size < 0)
    return g_strdup (_("of unknown size"));
  if (g_str_equal (info->type, "string") || !cb_key_type_is_known (info->type))
    return g_strdup_printf (g_dngettext (NULL, "%u byte", "%u bytes", size), size);
  return g_strdup_printf (g_dngettext (NULL, "%u element", "%u elements", size), size);
}

static void
write_bytes (CbJsonWriter *writer,
             GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
}

static void
write_element (CbJsonWriter *writer,
               CbKeyElement *element)
{
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "name");
  write_bytes (writer, element->name);
  if (element->value != NULL)
    {
      cb_json_writer_name (writer, "value");
      write_bytes (writer, element->value);
    }
  if (element->fields != NULL)
    {
      cb_json_writer_name (writer, "fields");
      cb_json_writer_begin_array (writer);
      for (guint i = 0; i < element->fields->len; i++)
        write_bytes (writer, g_ptr_array_index (element->fields, i));
      cb_json_writer_end_array (writer);
    }
  cb_json_writer_end_object (writer);
}

static void
print_element (CbCli *cli,
               CbKeyElement *element)
{
  g_autofree char *name = cb_cli_keys_escape (element->name);
  g_autofree char *value = element->value != NULL ? cb_cli_keys_escape (element->value) : NULL;

  if (element->fields != NULL)
    {
      cb_cli_print (cli, "%s\n", name);
      for (guint i = 0; i + 1 < element->fields->len; i += 2)
        {
          g_autofree char *field = cb_cli_keys_escape (g_ptr_array_index (element->fields, i));
          g_autofree char *text = cb_cli_keys_escape (g_ptr_array_index (element->fields, i + 1));

          cb_cli_print (cli, "  %s: %s\n", field, text);
        }
    }
  else if (value != NULL)
    {
      cb_cli_print (cli, "%s: %s\n", name, value);
    }
  else
    {
      cb_cli_print (cli, "%s\n", name);
    }
}

static CbKeyPage *
read_page (CbCli *cli,
           GBytes *key,
           const char *type,
           const char *from,
           GBytes *filter,
           guint count,
           GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_page_async (cli->connection, key, type, from, filter, count, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  return cb_key_page_finish (cli->connection, result, error);
}

/* The whole of a string, in parts. */
static GBytes *
read_string (CbCli *cli,
             GBytes *key,
             gint64 size,
             GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *from = NULL;

  if (size > STRING_MOST)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                   "%s", _("The value is too long to be shown: use “callboardctl get”"));
      return NULL;
    }
  do
    {
      g_autoptr (CbKeyPage) page = read_page (cli, key, "string", from, NULL, 1024 * 1024, error);
      CbKeyElement *part;
      gsize length;
      const guint8 *data;

      if (page == NULL)
        return NULL;
      part = g_ptr_array_index (page->elements, 0);
      data = g_bytes_get_data (part->value, &length);
      g_byte_array_append (bytes, data, length);
      g_free (from);
      from = g_steal_pointer (&page->next);
    }
  while (from != NULL);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static int
show_string (CbCli *cli,
             GBytes *key,
             CbKeyInfo *info,
             CbJsonWriter *writer)
{
  const char *as = cb_arguments_get_text (cli->arguments, "as");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  CbBytesView view;

  if (as != NULL && !cb_bytes_view_parse (as, &view, &error))
    return cb_cli_tell_usage (cli, "--as: %s", error->message);
  bytes = read_string (cli, key, info->size, &error);
  if (bytes == NULL)
    return cb_cli_tell_error (cli, error);
  if (as == NULL)
    cb_bytes_guess (bytes, &view, &reason);
  text = cb_bytes_decode (&view, bytes, 0, &error);
  if (text == NULL)
    return cb_cli_tell_error (cli, error);

  name = cb_bytes_view_to_string (&view);
  if (writer != NULL)
    {
      cb_json_writer_name (writer, "value");
      write_bytes (writer, bytes);
      cb_json_writer_name (writer, "as");
      cb_json_writer_string (writer, name, -1);
      cb_json_writer_name (writer, "shown");
      cb_json_writer_string (writer, text, -1);
      return CB_EXIT_DONE;
    }
  if (as == NULL)
    cb_cli_print (cli, "%s (%s)\n", name, reason);
  cb_cli_write_value (cli, text, strlen (text));
  cb_cli_print (cli, "\n");
  return CB_EXIT_DONE;
}

static int
show_elements (CbCli *cli,
               GBytes *key,
               CbKeyInfo *info,
               CbJsonWriter *writer)
{
  const char *filter_text = cb_arguments_get_text (cli->arguments, "filter");
  g_autoptr (GBytes) filter = filter_text != NULL ? g_bytes_new (filter_text, strlen (filter_text)) : NULL;
  gint64 left = cb_arguments_get_number (cli->arguments, "count", DEFAULT_COUNT);
  g_autofree char *from = NULL;

  if (filter != NULL && !g_str_equal (info->type, "hash") && !g_str_equal (info->type, "set") &&
      !g_str_equal (info->type, "zset"))
    return cb_cli_tell_usage (cli, _("--filter is for the fields and members of hashes, sets and sorted sets"));

  if (writer != NULL)
    {
      cb_json_writer_name (writer, "elements");
      cb_json_writer_begin_array (writer);
    }
  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbKeyPage) page = read_page (cli, key, info->type, from, filter, (guint) MIN (left, 500), &error);

      if (page == NULL)
        return cb_cli_tell_error (cli, error);
      for (guint i = 0; i < page->elements->len && left > 0; i++, left--)
        {
          if (writer != NULL)
            write_element (writer, g_ptr_array_index (page->elements, i));
          else
            print_element (cli, g_ptr_array_index (page->elements, i));
        }
      if (left == 0 && (page->next != NULL || filter == NULL) &&
          info->size > cb_arguments_get_number (cli->arguments, "count", DEFAULT_COUNT))
        cb_cli_complain (cli, _("There are more elements: --count says how many to print"));
      g_free (from);
      from = g_steal_pointer (&page->next);
    }
  while (from != NULL && left > 0 && !cb_cli_is_interrupted (cli));

  if (writer != NULL)
    cb_json_writer_end_array (writer);
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : CB_EXIT_DONE;
}

static int
run_show (CbCli *cli)
{
  g_autoptr (GBytes) key = NULL;
  g_autoptr (CbKeyInfo) info = NULL;
  g_autoptr (CbJsonWriter) writer = cli->json ? cb_json_writer_new () : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *ttl = NULL;
  int status;

  key = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, 0), &status);
  if (key == NULL || !cb_cli_connect_or_tell (cli, &status))
    return status;
  info = cb_cli_keys_inspect (cli, key, &error);
  if (info == NULL)
    return cb_cli_tell_error (cli, error);
  if (g_str_equal (info->type, "none"))
    {
      g_autofree char *name = cb_cli_keys_escape (key);

      cb_cli_complain (cli, _("There is no key “%s”"), name);
      return CB_EXIT_FAILED;
    }

  if (writer != NULL)
    {
      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "key");
      write_bytes (writer, key);
      cb_json_writer_name (writer, "type");
      cb_json_writer_string (writer, info->type, -1);
      cb_json_writer_name (writer, "ttl");
      if (info->ttl_msec >= 0)
        cb_json_writer_int (writer, info->ttl_msec);
      else
        cb_json_writer_null (writer);
      cb_json_writer_name (writer, "size");
      cb_json_writer_int (writer, info->size);
      cb_json_writer_name (writer, "encoding");
      cb_json_writer_string (writer, info->encoding, -1);
      cb_json_writer_name (writer, "memory");
      cb_json_writer_int (writer, info->memory);
    }
  else
    {
      g_autofree char *size = describe_size (info);

      ttl = describe_ttl (cli, info->ttl_msec);
      cb_cli_print (cli, "%s, %s, %s\n", info->type, size, ttl);
    }

  status = CB_EXIT_DONE;
  if (g_str_equal (info->type, "string"))
    status = show_string (cli, key, info, writer);
  else if (cb_key_type_is_known (info->type))
    status = show_elements (cli, key, info, writer);
  else if (writer == NULL)
    cb_cli_complain (cli, _("Values of the type %s can’t be shown here"), info->type);
  if (g_str_equal (info->type, "stream") && status == CB_EXIT_DONE)
    status = cb_cli_groups_show (cli, key, writer);

  if (writer != NULL && status == CB_EXIT_DONE)
    {
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  return status;
}

/* Changing */

static int
run_edit (CbCli *cli,
          const CbKeyEdit *edit)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_key_edit_async (cli->connection, edit, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_key_edit_finish (cli->connection, result, &error))
    return cb_cli_tell_error (cli, error);
  return CB_EXIT_DONE;
}

/* The option that says where the value goes: at most one of them. */
static gboolean
find_place (CbCli *cli,
            CbKeyEdit *edit,
            const char **wanted,
            const char **place)
{
  static const struct { const char *option; CbKeyEditKind kind; const char *type; } places[] = {
    { "field", CB_KEY_EDIT_HASH_SET, "hash" },       { "index", CB_KEY_EDIT_LIST_SET, "list" },
    { "push", CB_KEY_EDIT_LIST_PUSH, "list" },       { "member", CB_KEY_EDIT_SET_ADD, "set" },
    { "score", CB_KEY_EDIT_ZSET_SET, "zset" },       { "entry", CB_KEY_EDIT_STREAM_ADD, "stream" },
  };
  guint n = 0;

  edit->kind = CB_KEY_EDIT_STRING_SET;
  *wanted = "string";
  *place = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (cb_arguments_has (cli->arguments, places[i].option))
      {
        n++;
        edit->kind = places[i].kind;
        *wanted = places[i].type;
        *place = cb_arguments_get_text (cli->arguments, places[i].option);
      }
  return n <= 1;
}

static int
run_set (CbCli *cli)
{
  const char *as = cb_arguments_get_text (cli->arguments, "as");
  const char *if_value = cb_arguments_get_text (cli->arguments, "if-value");
  const char *wanted;
  const char *place;
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GBytes) element = NULL;
  g_autoptr (GBytes) expected = NULL;
  g_autoptr (CbKeyInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyEdit edit = { 0, };
  int status;

  if (!find_place (cli, &edit, &wanted, &place))
    return cb_cli_tell_usage (cli, _("--field, --index, --push, --member, --score and --entry exclude each other"));
  if (edit.kind == CB_KEY_EDIT_LIST_PUSH && !g_str_equal (place, "head") && !g_str_equal (place, "tail"))
    return cb_cli_tell_usage (cli, _("--push is “head” or “tail”"));
  if (if_value != NULL && edit.kind != CB_KEY_EDIT_STRING_SET && edit.kind != CB_KEY_EDIT_HASH_SET &&
      edit.kind != CB_KEY_EDIT_LIST_SET && edit.kind != CB_KEY_EDIT_ZSET_SET)
    return cb_cli_tell_usage (cli, _("--if-value is for strings, fields, elements of lists and scores"));

  key = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, 0), &status);
  if (as != NULL)
    {
      CbBytesView view;

      if (!cb_bytes_view_parse (as, &view, &error))
        return cb_cli_tell_usage (cli, "--as: %s", error->message);
      value = cb_bytes_encode (&view, cb_arguments_get_word (cli->arguments, 1), NULL, &error);
      if (value == NULL)
        return cb_cli_tell_error (cli, error);
    }
  else
    {
      value = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, 1), &status);
    }
  if (place != NULL)
    element = cb_cli_keys_get_bytes (cli, place, &status);
  if (if_value != NULL)
    expected = cb_cli_keys_get_bytes (cli, if_value, &status);

  edit.key = key;
  edit.element = element;
  edit.value = value;
  edit.expected = expected;
  /* What stands behind KEY is the member, for a set and a sorted set. */
  if (edit.kind == CB_KEY_EDIT_SET_ADD)
    edit.element = value;
  if (edit.kind == CB_KEY_EDIT_ZSET_SET)
    {
      edit.element = value;
      edit.value = element;
    }

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;
  info = cb_cli_keys_inspect (cli, key, &error);
  if (info == NULL)
    return cb_cli_tell_error (cli, error);
  /* A key that is not there is made, unless a change of what it holds was meant. */
  edit.type = g_str_equal (info->type, "none") && if_value == NULL && edit.kind != CB_KEY_EDIT_LIST_SET ? "none" : wanted;
  return run_edit (cli, &edit);
}

static int
run_rename (CbCli *cli)
{
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GBytes) name = NULL;
  g_autoptr (CbKeyInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyEdit edit = { 0, };
  int status;

  key = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, 0), &status);
  name = cb_cli_keys_get_bytes (cli, cb_arguments_get_word (cli->arguments, 1), &status);
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;
  info = cb_cli_keys_inspect (cli, key, &error);
  if (info == NULL)
    return cb_cli_tell_error (cli, error);

  edit.kind = g_str_equal (cli->command->name, "key copy") ? CB_KEY_EDIT_COPY : CB_KEY_EDIT_RENAME;
  edit.key = key;
  edit.element = name;
  edit.type = g_str_equal (info->type, "none") ? "string" : info->type;
  return run_edit (cli, &edit);
}

static const CbOption show_options[] = {
  { "as", CB_OPTION_TEXT, "FORM", N_("show a string as text, json, msgpack, number, date or hex; with gzip/, zlib/ or base64/ "
                                     "before it, unpack it first (default: guessed)") },
  { "filter", CB_OPTION_TEXT, "PATTERN", N_("only fields and members that match") },
  { "count", CB_OPTION_NUMBER, "N", N_("how many elements to print (default: 1000)"), 1, G_MAXINT },
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

static const CbOption set_options[] = {
  { "field", CB_OPTION_TEXT, "FIELD", N_("of a hash") },
  { "index", CB_OPTION_TEXT, "N", N_("the place in a list, 0 for the first, -1 for the last") },
  { "push", CB_OPTION_TEXT, "END", N_("add to a list, at its head or tail") },
  { "member", CB_OPTION_FLAG, NULL, N_("add VALUE to a set") },
  { "score", CB_OPTION_TEXT, "SCORE", N_("VALUE is the member of a sorted set that gets this score") },
  { "entry", CB_OPTION_TEXT, "FIELD", N_("add an entry with this field to a stream") },
  { "if-value", CB_OPTION_TEXT, "OLD", N_("only when it is OLD now") },
  { "as", CB_OPTION_TEXT, "FORM", N_("how VALUE is written: hex, gzip/json and so on, as for “key show”") },
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

static const CbOption name_options[] = {
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

const CbCliCommand cb_command_key[] = {
  { .name = "key show",
    .usage = "KEY",
    .summary = N_("Print the value of a key of any type, in parts"),
    .options = show_options,
    .min_words = 1,
    .max_words = 1,
    .run = run_show },
  { .name = "key set",
    .usage = "KEY VALUE",
    .summary = N_("Set a value, or an element of one; the key is made when it is not there"),
    .description = N_("Without an option KEY is a string. A key of another type is never written over, and the time to live "
                      "stays as it is."),
    .options = set_options,
    .min_words = 2,
    .max_words = 2,
    .writes = TRUE,
    .run = run_set },
  { .name = "key rename",
    .usage = "KEY NEW",
    .summary = N_("Rename a key; never over one that is there"),
    .options = name_options,
    .min_words = 2,
    .max_words = 2,
    .writes = TRUE,
    .run = run_rename },
  { .name = "key copy",
    .usage = "KEY NEW",
    .summary = N_("Copy a key with its time to live; never over one that is there"),
    .options = name_options,
    .min_words = 2,
    .max_words = 2,
    .writes = TRUE,
    .run = run_rename },
  { NULL }
};
