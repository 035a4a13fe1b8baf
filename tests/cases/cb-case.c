/* cb-case.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-case.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cb-test-child.h"

/* --- on the server --- */

static void
expect_no_error (CbReply *reply,
                 const char *what)
{
  const CbValue *value = cb_reply_get_value (reply);

  if (cb_value_is_error (value))
    g_error ("%s: %s", what, cb_value_get_string (value, NULL));
}

/* One word of a line as redis-cli reads it: in double quotes \xHH, \n, \r, \t, \a, \b and the character itself. */
static GBytes *
read_word (const char **line)
{
  g_autoptr (GByteArray) word = g_byte_array_new ();
  const char *p = *line;
  gboolean quoted = *p == '"';

  for (p += quoted; *p != '\0' && *p != (quoted ? '"' : ' '); p++)
    {
      static const char from[] = "nrtab", to[] = "\n\r\t\a\b";
      guint8 byte = (guint8) *p;

      if (quoted && *p == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]))
        {
          byte = (guint8) (g_ascii_xdigit_value (p[2]) * 16 + g_ascii_xdigit_value (p[3]));
          p += 3;
        }
      else if (quoted && *p == '\\' && p[1] != '\0')
        {
          const char *found = strchr (from, *++p);

          byte = (guint8) (found != NULL ? to[found - from] : *p);
        }
      g_byte_array_append (word, &byte, 1);
    }
  *line = p + (quoted && *p == '"');

  return g_byte_array_free_to_bytes (g_steal_pointer (&word));
}

static void
run_line (CbTestRedis *redis,
          const char *line)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree const char **arguments = NULL;
  g_autofree gsize *lengths = NULL;
  g_autoptr (CbReply) reply = NULL;
  const char *p = line;

  while (*p != '\0')
    if (*p == ' ')
      p++;
    else
      g_ptr_array_add (words, read_word (&p));
  if (words->len == 0)
    return;

  arguments = g_new0 (const char *, words->len);
  lengths = g_new0 (gsize, words->len);
  for (guint i = 0; i < words->len; i++)
    {
      arguments[i] = g_bytes_get_data (g_ptr_array_index (words, i), &lengths[i]);
      if (arguments[i] == NULL)
        arguments[i] = "";
    }
  reply = cb_test_redis_call_argv (redis, words->len, arguments, lengths);
  expect_no_error (reply, line);
}

static char *
read_file (const char *name,
           const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "cases", "data", file, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return text;
}

void
cb_case_load (CbTestRedis *redis,
              const char *name)
{
  g_autofree char *text = read_file (name, ".redis");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '#')
      run_line (redis, lines[i]);
}

void
cb_case_script (CbTestRedis *redis,
                const char *name,
                ...)
{
  g_autofree char *script = read_file (name, ".lua");
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (CbReply) reply = NULL;
  const char *word;
  va_list more;

  g_ptr_array_add (words, (gpointer) "EVAL");
  g_ptr_array_add (words, script);
  g_ptr_array_add (words, (gpointer) "0");
  va_start (more, name);
  while ((word = va_arg (more, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer) word);
  va_end (more);

  reply = cb_test_redis_call_argv (redis, words->len, (const char * const *) words->pdata, NULL);
  expect_no_error (reply, name);
}

void
cb_case_make (CbTestRedis *redis,
              const char *type,
              const char *state,
              guint n)
{
  g_autofree char *number = g_strdup_printf ("%u", n);

  cb_case_script (redis, "make", "q", type, state, number, NULL);
}

static CbReply *
call_line (CbTestRedis *redis,
           const char *format,
           va_list more)
{
  g_autofree char *line = g_strdup_vprintf (format, more);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  CbReply *reply;

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (redis, g_strv_length (words), (const char * const *) words, NULL);
  expect_no_error (reply, line);

  return reply;
}

void
cb_case_do (CbTestRedis *redis,
            const char *format,
            ...)
{
  g_autoptr (CbReply) reply = NULL;
  va_list more;

  va_start (more, format);
  reply = call_line (redis, format, more);
  va_end (more);
}

static void
append_value (GString *text,
              const CbValue *value)
{
  gint64 integer;

  if (cb_value_is_nil (value))
    g_string_append (text, "(nil)");
  else if (cb_value_get_string (value, NULL) != NULL)
    g_string_append (text, cb_value_get_string (value, NULL));
  else if (cb_value_get_integer (value, &integer))
    g_string_append_printf (text, "%" G_GINT64_FORMAT, integer);
  else
    for (guint i = 0; i < cb_value_get_length (value); i++)
      {
        if (i > 0)
          g_string_append_c (text, ' ');
        append_value (text, cb_value_get_element (value, i));
      }
}

char *
cb_case_ask (CbTestRedis *redis,
             const char *format,
             ...)
{
  g_autoptr (CbReply) reply = NULL;
  GString *text = g_string_new (NULL);
  va_list more;

  va_start (more, format);
  reply = call_line (redis, format, more);
  va_end (more);
  append_value (text, cb_reply_get_value (reply));

  return g_string_free (text, FALSE);
}

gboolean
cb_case_has_counts (CbTestRedis *redis,
                    const char *type,
                    const char *counts)
{
  static const char * const states[] = { "inactive", "active", "complete", "failed", "delayed" };
  g_auto (GStrv) expected = g_strsplit (counts, " ", -1);

  g_assert_cmpuint (g_strv_length (expected), ==, G_N_ELEMENTS (states));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *all = cb_case_ask (redis, "ZCARD q:jobs:%s", states[i]);
      g_autofree char *of_type = cb_case_ask (redis, "ZCARD 'q:jobs:%s:%s'", type, states[i]);

      if (strcmp (all, expected[i]) != 0 || strcmp (of_type, expected[i]) != 0)
        return FALSE;
    }

  return TRUE;
}

/* The number behind PREFIX in a section of INFO; 0 when it is not there. */
static guint
count_in_info (CbTestRedis *redis,
               const char *section,
               const char *prefix)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", section, NULL);
  const char *found = strstr (info, prefix);

  return found != NULL ? (guint) g_ascii_strtoull (found + strlen (prefix), NULL, 10) : 0;
}

guint
cb_case_count_errors (CbTestRedis *redis,
                      const char *word)
{
  g_autofree char *prefix = g_strdup_printf ("errorstat_%s:count=", word);

  return count_in_info (redis, "errorstats", prefix);
}

guint
cb_case_count_calls (CbTestRedis *redis,
                     const char *command)
{
  g_autofree char *prefix = g_strdup_printf ("cmdstat_%s:calls=", command);

  return count_in_info (redis, "commandstats", prefix);
}

void
cb_case_assert_only_looked (CbTestRedis *redis)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_auto (GStrv) lines = g_strsplit (info, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      static const char * const unbound[] = { "keys", "hgetall", "smembers", "hvals" };
      g_autofree char *name = NULL;
      g_autofree char *flags = NULL;

      if (!g_str_has_prefix (lines[i], "cmdstat_"))
        continue;
      name = g_strndup (lines[i] + strlen ("cmdstat_"), strcspn (lines[i] + strlen ("cmdstat_"), ":"));
      for (guint j = 0; j < G_N_ELEMENTS (unbound); j++)
        g_assert_cmpstr (name, !=, unbound[j]);

      /* Sub-commands, such as those of CONFIG and CLIENT, change no key. */
      if (strchr (name, '|') != NULL)
        continue;
      flags = cb_case_ask (redis, "COMMAND INFO %s", name);
      if (g_regex_match_simple ("\\bwrite\\b", flags, 0, 0))
        g_error ("%s was called: %s", name, lines[i]);
    }
}

/* --- callboardctl --- */

typedef struct
{
  CbCaseRun *run;
  GString *said;
  char buffer[4096];
} Collector;

static void
read_more_cb (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  GInputStream *stream = G_INPUT_STREAM (source);
  Collector *collector = user_data;
  gssize n = g_input_stream_read_finish (stream, result, NULL);

  if (n <= 0)
    {
      collector->run->n_open--;
      g_free (collector);
      return;
    }

  g_string_append_len (collector->said, collector->buffer, n);
  g_input_stream_read_async (stream, collector->buffer, sizeof collector->buffer, G_PRIORITY_DEFAULT, NULL, read_more_cb,
                             collector);
}

static GString *
collect (CbCaseRun *self,
         GInputStream *stream)
{
  Collector *collector = g_new0 (Collector, 1);

  collector->run = self;
  collector->said = g_string_new (NULL);
  self->n_open++;
  g_input_stream_read_async (stream, collector->buffer, sizeof collector->buffer, G_PRIORITY_DEFAULT, NULL, read_more_cb,
                             collector);

  return collector->said;
}

CbCaseRun *
cb_case_startv (CbTestRedis *redis,
                const char *locale,
                const char * const *words)
{
  CbCaseRun *self = g_new0 (CbCaseRun, 1);

  self->process = cb_test_cli_spawn_full (redis, locale, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                          words);
  self->output = collect (self, g_subprocess_get_stdout_pipe (self->process));
  self->errors = collect (self, g_subprocess_get_stderr_pipe (self->process));

  return self;
}

CbCaseRun *
cb_case_start (CbTestRedis *redis,
               const char *word,
               ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  va_list more;

  va_start (more, word);
  for (; word != NULL; word = va_arg (more, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (more);
  g_ptr_array_add (words, NULL);

  return cb_case_startv (redis, "C", (const char * const *) words->pdata);
}

void
cb_case_signal (CbCaseRun *self,
                int number)
{
  if (number == SIGSTOP)
    {
      cb_test_child_stop (self->process);
      return;
    }

  /* From here and not from another thread, as g_subprocess_send_signal() does: what is looked at next is what it stood at. */
  g_assert_nonnull (g_subprocess_get_identifier (self->process));
  g_assert_cmpint (kill ((pid_t) atoi (g_subprocess_get_identifier (self->process)), number), ==, 0);
}

int
cb_case_wait (CbCaseRun *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_async (self->process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (self->process, cb_test_wait_result (&result), NULL);
  cb_test_wait_until (self->n_open == 0);

  return g_subprocess_get_if_exited (self->process) ? g_subprocess_get_exit_status (self->process)
                                                    : -g_subprocess_get_term_sig (self->process);
}

guint
cb_case_count (GString *said,
               const char *text)
{
  guint n = 0;

  for (const char *p = said->str; (p = strstr (p, text)) != NULL; p += strlen (text))
    n++;

  return n;
}

guint
cb_case_get_cpu (CbCaseRun *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", g_subprocess_get_identifier (self->process));
  g_autofree char *stat = NULL;
  g_auto (GStrv) fields = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &stat, NULL, &error);
  g_assert_no_error (error);
  /* Behind the name in parentheses come the state (3), … utime (14) and stime (15) in ticks. */
  fields = g_strsplit (strrchr (stat, ')') + 2, " ", -1);

  return (guint) ((g_ascii_strtoull (fields[11], NULL, 10) + g_ascii_strtoull (fields[12], NULL, 10)) * 1000 /
                  (guint64) sysconf (_SC_CLK_TCK));
}

void
cb_case_run_free (CbCaseRun *self)
{
  if (self == NULL)
    return;

  g_subprocess_send_signal (self->process, SIGKILL);
  cb_case_wait (self);
  g_object_unref (self->process);
  g_string_free (self->output, TRUE);
  g_string_free (self->errors, TRUE);
  g_free (self);
}

char *
cb_case_dup_handler (void)
{
  const char *root = g_getenv ("CB_TEST_BUILD_ROOT");

  g_assert_nonnull (root);
  return g_build_filename (root, "tests", "cases", "case-handler", NULL);
}
