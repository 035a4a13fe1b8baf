/* test-command-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-command-handler.h"
#include "cb-handler-context-private.h"
#include "cb-json.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A run with a program that a test writes as a line of shell: the shell is the program, the handler has none. */
typedef struct
{
  CbHandler *handler;
  CbHandlerContext *context;
  GString *said;              /* progress and log, a line each */
  GAsyncResult *result;
  GBytes *json;
  GError *error;
} Run;

static void
progress_cb (CbHandlerContext *context, int percent, Run *run)
{
  g_string_append_printf (run->said, "%d%%\n", percent);
}

static void
log_cb (CbHandlerContext *context, const char *line, Run *run)
{
  g_string_append_printf (run->said, "%s\n", line);
}

static void
run_init (Run *run, const char * const *argv, const char *data)
{
  g_autoptr (CbJobRecord) job = cb_job_record_new ("7");

  memset (run, 0, sizeof *run);
  job->queue = g_strdup ("video conversion");
  job->state = g_intern_string ("active");
  job->data = g_bytes_new (data, strlen (data));
  job->priority = -10;
  job->attempts_max = 3;
  job->attempts_made = 1;
  job->created_at = G_GINT64_CONSTANT (1709283600000000);

  run->said = g_string_new (NULL);
  run->handler = g_object_new (CB_TYPE_COMMAND_HANDLER, "argv", argv, NULL);
  run->context = cb_handler_context_new (job, NULL);
  g_signal_connect (run->context, "progress", G_CALLBACK (progress_cb), run);
  g_signal_connect (run->context, "log", G_CALLBACK (log_cb), run);
}

static void
run_start (Run *run)
{
  cb_handler_run_async (run->handler, run->context, cb_test_store_result, &run->result);
}

static void
run_wait (Run *run)
{
  cb_test_wait_result (&run->result);
  cb_handler_run_finish (run->handler, run->result, &run->json, &run->error);
  g_clear_object (&run->result);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->json, g_bytes_unref);
  g_clear_error (&run->error);
  g_string_free (run->said, TRUE);
  g_assert_finalize_object (run->handler);
  g_assert_finalize_object (run->context);
}

static void
run_shell (Run *run, const char *script)
{
  run_init (run, (const char *[]) { "/bin/sh", "-c", script, NULL }, "{\"to\":\"4153518780\"}");
  run_start (run);
  run_wait (run);
}

static void
assert_result (Run *run, const char *expected)
{
  gsize length;
  const char *text;

  g_assert_no_error (run->error);
  if (expected == NULL)
    {
      g_assert_null (run->json);
      return;
    }
  g_assert_nonnull (run->json);
  text = g_bytes_get_data (run->json, &length);
  g_assert_cmpmem (text, length, expected, strlen (expected));
}

/* The program is not run at all for somebody who is on the block-list. */
static void
test_blocked (void)
{
  static const char * const argv[] = { "/bin/sh", "-c", "echo log ran", NULL };
  static const char * const block_list[] = { "4153518780", "4153518781", NULL };
  Run run;

  run_init (&run, argv, "{\"phoneNumber\":\"4153518781\"}");
  g_object_set (run.handler, "block-list", block_list, NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_BLOCKED);
  g_assert_cmpstr (run.error->message, ==, "Phone number 4153518781 is blacklisted");
  g_assert_cmpstr (run.said->str, ==, "");
  run_clear (&run);

  run_init (&run, argv, "{\"phoneNumber\":\"4153518782\"}");
  g_object_set (run.handler, "block-list", block_list, NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_no_error (run.error);
  g_assert_cmpstr (run.said->str, ==, "ran\n");
  run_clear (&run);
}

static void
test_lines (void)
{
  Run run;

  run_shell (&run, "echo progress 10; echo log on its way; echo 'progress 55.9%'; echo plain; echo 'result {\"n\":1}';"
                   "echo 'result {\"n\":2}'; echo progress 100; printf 'no end of line'");
  g_assert_cmpstr (run.said->str, ==, "10%\non its way\n55%\nplain\n100%\nno end of line\n");
  assert_result (&run, "{\"n\":2}");
  run_clear (&run);
}

/* What only looks like one of the three words is a line like any other. */
static void
test_no_words (void)
{
  Run run;

  run_shell (&run, "echo progressive; echo 'progress half'; echo progress; echo 'progress -5'; echo 'progress 900';"
                   "echo logs; echo log; echo; echo result; echo ' log x'; printf 'log win\\r\\n'");
  g_assert_cmpstr (run.said->str, ==,
                   "progressive\nprogress half\nprogress\n0%\n100%\nlogs\n\n\nresult\n log x\nwin\n");
  assert_result (&run, NULL);
  run_clear (&run);
}

static void
test_bad_result (void)
{
  Run run;

  run_shell (&run, "echo 'result [1]'; echo 'result {bad'");
  g_assert_nonnull (strstr (run.said->str, "{bad\n(This result is no JSON and was left out. Line 1, column 2"));
  assert_result (&run, "[1]");
  run_clear (&run);
}

/* The job is one line of JSON; the program sees the end behind it. */
static void
test_input (void)
{
  Run run;

  run_shell (&run, "wc -l >&2; exit 0");
  g_assert_cmpstr (g_strstrip (run.said->str), ==, "1");
  assert_result (&run, NULL);
  run_clear (&run);

  run_shell (&run, "read -r line; echo \"result $line\"");
  assert_result (&run, "{\"id\":7,\"type\":\"video conversion\",\"state\":\"active\",\"data\":{\"to\":\"4153518780\"},"
                       "\"priority\":-10,\"created_at\":1709283600000,\"attempts\":{\"made\":1,\"remaining\":2,\"max\":3}}");
  run_clear (&run);
}

/* A program that closes its input, or ends, before it has read a job of 4 MB is no failure. */
static void
test_input_unread (void)
{
  g_autofree char *filling = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *data = g_strdup_printf ("\"%s\"", filling);
  Run run;

  run_init (&run, (const char *[]) { "/bin/sh", "-c", "exec <&-; echo result 1", NULL }, data);
  run_start (&run);
  run_wait (&run);
  assert_result (&run, "1");
  run_clear (&run);
}

/* Both pipes at once, and a job that is larger than a pipe: nobody waits for the other. */
static void
test_input_large (void)
{
  g_autofree char *filling = g_strnfill (1024 * 1024, 'x');
  g_autofree char *data = g_strdup_printf ("\"%s\"", filling);
  g_autofree char *count = NULL;
  Run run;

  run_init (&run, (const char *[]) { "/bin/sh", "-c", "wc -c | { read n; echo result $n; }", NULL }, data);
  run_start (&run);
  run_wait (&run);
  g_assert_no_error (run.error);
  count = g_strndup (g_bytes_get_data (run.json, NULL), g_bytes_get_size (run.json));
  g_assert_cmpint (atoi (count), >, 1024 * 1024);
  run_clear (&run);
}

static void
test_status (void)
{
  Run run;

  run_shell (&run, "echo result 1; echo some >&2; echo 'no credit' >&2; exit 3");
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_cmpstr (run.error->message, ==, "The program “/bin/sh” ended with status 3: no credit");
  g_assert_cmpstr (run.said->str, ==, "some\nno credit\n");
  g_assert_null (run.json);
  run_clear (&run);

  run_shell (&run, "exit 1");
  g_assert_cmpstr (run.error->message, ==, "The program “/bin/sh” ended with status 1");
  run_clear (&run);

  run_shell (&run, "kill -9 $$");
  g_assert_cmpstr (run.error->message, ==, "The program “/bin/sh” was ended by signal 9 (Killed)");
  run_clear (&run);
}

static void
test_missing (void)
{
  Run run;

  run_init (&run, (const char *[]) { "no-such-program-here", NULL }, "1");
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_cmpstr (run.error->message, ==,
                   "The program “no-such-program-here” can't be started: there is no such program");
  run_clear (&run);

  run_init (&run, (const char *[]) { "/etc/passwd", NULL }, "1");
  run_start (&run);
  run_wait (&run);
  g_assert_cmpstr (run.error->message, ==, "The program “/etc/passwd” can't be started: it may not be executed");
  run_clear (&run);

  run_init (&run, (const char *[]) { "true", NULL }, "1");
  g_object_set (run.handler, "directory", "/no/such/folder", NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_cmpstr (run.error->message, ==, "The program “true” can't be started: there is no folder “/no/such/folder”");
  run_clear (&run);

  run_init (&run, (const char *[]) { NULL }, "1");
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER);
  run_clear (&run);
}

/* No shell: what would be words, variables and redirections to one is plain text. */
static void
test_no_shell (void)
{
  Run run;

  run_init (&run, (const char *[]) { "printf", "result \"%s\"\n", "$HOME; echo `id` > /x *", NULL }, "1");
  run_start (&run);
  run_wait (&run);
  assert_result (&run, "\"$HOME; echo `id` > /x *\"");
  run_clear (&run);
}

static void
test_surroundings (void)
{
  g_autofree char *directory = g_dir_make_tmp ("callboard-XXXXXX", NULL);
  g_autofree char *expected = g_strdup_printf ("\"%s a=b\"", directory);
  const char *environment[] = { "GATEWAY=a=b", "=broken", "broken", NULL };
  Run run;

  run_init (&run, (const char *[]) { "sh", "-c", "echo \"result \\\"$PWD $GATEWAY\\\"\"", NULL }, "1");
  g_object_set (run.handler, "directory", directory, "environment", environment, NULL);
  run_start (&run);
  run_wait (&run);
  assert_result (&run, expected);
  run_clear (&run);

  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* A log is bounded; what matters behind the flood is heard all the same. */
static void
test_flood (void)
{
  Run run;

  run_shell (&run, "yes 'a line of some length that says nothing at all' | head -n 200000; echo progress 9;"
                   "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo 'result \"end\"'; yes err | head -n 50000 >&2");
  assert_result (&run, "\"end\"");
  g_assert_nonnull (strstr (run.said->str, "(The program writes more than a log may hold; the rest is left out)\n9%\n"));
  g_assert_cmpuint (run.said->len, <, CB_COMMAND_MAX_LOG + CB_COMMAND_MAX_LINES + 1000);
  run_clear (&run);
}

static void
test_long_line (void)
{
  Run run;

  run_shell (&run, "head -c 100000 /dev/zero | tr '\\0' x; echo;"
                   "printf 'result \"'; head -c 2000000 /dev/zero | tr '\\0' x; echo '\"'; echo after");
  assert_result (&run, NULL);
  g_assert_nonnull (strstr (run.said->str, "xxx…\n(A result of more than 1048576 bytes was left out)\nafter\n"));
  run_clear (&run);
}

/* Bytes that are no text, and what would drive a terminal. */
static void
test_bytes (void)
{
  Run run;

  run_shell (&run, "printf '\\033[31mred \\377 nul \\000 percent %%s %%n\\n'");
  g_assert_cmpstr (run.said->str, ==, "\\x1b[31mred \\xff nul \\x00 percent %s %n\n");
  run_clear (&run);
}

static pid_t
child_named_in (Run *run)
{
  cb_test_wait_until (strchr (run->said->str, '\n') != NULL);
  return (pid_t) atoi (run->said->str);
}

static gboolean
is_gone (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *stat = NULL;

  /* Where nobody reaps what lost its parent, it stays as a zombie. */
  return kill (pid, 0) != 0 || !g_file_get_contents (path, &stat, NULL, NULL) || strstr (stat, ") Z ") != NULL;
}

/* Cancelling ends the program and its children, and is answered when they are gone. */
static void
test_cancel (void)
{
  pid_t child;
  Run run;

  run_init (&run, (const char *[]) { "sh", "-c", "sleep 1000 & echo $!; wait", NULL }, "1");
  run_start (&run);
  child = child_named_in (&run);

  g_cancellable_cancel (cb_handler_context_get_cancellable (run.context));
  run_wait (&run);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (is_gone (child));
  run_clear (&run);
}

/* Who won't hear SIGTERM gets SIGKILL after the grace, and so does a child whose parent went at once. */
static void
test_cancel_deaf (void)
{
  const char *scripts[] = {
    "trap '' TERM; echo $$; while :; do sleep 0.1; done",
    "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.1; done' & wait",
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      gint64 start;
      pid_t child;
      Run run;

      run_init (&run, (const char *[]) { "sh", "-c", scripts[i], NULL }, "1");
      g_object_set (run.handler, "grace", 300, NULL);
      run_start (&run);
      child = child_named_in (&run);

      start = g_get_monotonic_time ();
      g_cancellable_cancel (cb_handler_context_get_cancellable (run.context));
      run_wait (&run);
      g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (g_get_monotonic_time () - start, >=, 300 * 1000);
      cb_test_wait_until (is_gone (child));
      run_clear (&run);
    }
}

static void
test_cancelled_before (void)
{
  Run run;

  run_init (&run, (const char *[]) { "sh", "-c", "echo started", NULL }, "1");
  g_cancellable_cancel (cb_handler_context_get_cancellable (run.context));
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (run.said->str, ==, "");
  run_clear (&run);
}

/* A child left behind, which holds the output open, neither delays the outcome for long nor lives on. */
static void
test_leftover (void)
{
  pid_t child;
  Run run;

  run_init (&run, (const char *[]) { "sh", "-c", "sleep 1000 & echo $!; echo 'result \"done\"'", NULL }, "1");
  run_start (&run);
  child = child_named_in (&run);
  run_wait (&run);
  assert_result (&run, "\"done\"");
  cb_test_wait_until (is_gone (child));
  run_clear (&run);
}

/* One that left the group (a daemon) is not ours to end, but can't keep the job from ending. */
static void
test_daemon (void)
{
  pid_t child;
  Run run;

  run_init (&run, (const char *[]) { "sh", "-c", "setsid sleep 1000 & echo $!; sleep 0.2; echo 'result 1'", NULL }, "1");
  run_start (&run);
  child = child_named_in (&run);
  run_wait (&run);
  assert_result (&run, "1");
  g_assert_false (is_gone (child));
  kill (child, SIGKILL);
  run_clear (&run);
}

/* Twenty at once keep their lines apart. */
static void
test_many (void)
{
  Run runs[20];

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *script = g_strdup_printf ("for i in 1 2 3; do echo %u; done; echo result %u", i, i);

      run_init (&runs[i], (const char *[]) { "sh", "-c", script, NULL }, "1");
      run_start (&runs[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *lines = g_strdup_printf ("%u\n%u\n%u\n", i, i, i);
      g_autofree char *result = g_strdup_printf ("%u", i);

      run_wait (&runs[i]);
      g_assert_cmpstr (runs[i].said->str, ==, lines);
      assert_result (&runs[i], result);
      run_clear (&runs[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/command-handler/lines", test_lines);
  g_test_add_func ("/command-handler/blocked", test_blocked);
  g_test_add_func ("/command-handler/no-words", test_no_words);
  g_test_add_func ("/command-handler/bad-result", test_bad_result);
  g_test_add_func ("/command-handler/input", test_input);
  g_test_add_func ("/command-handler/input-unread", test_input_unread);
  g_test_add_func ("/command-handler/input-large", test_input_large);
  g_test_add_func ("/command-handler/status", test_status);
  g_test_add_func ("/command-handler/missing", test_missing);
  g_test_add_func ("/command-handler/no-shell", test_no_shell);
  g_test_add_func ("/command-handler/surroundings", test_surroundings);
  g_test_add_func ("/command-handler/flood", test_flood);
  g_test_add_func ("/command-handler/long-line", test_long_line);
  g_test_add_func ("/command-handler/bytes", test_bytes);
  g_test_add_func ("/command-handler/cancel", test_cancel);
  g_test_add_func ("/command-handler/cancel-deaf", test_cancel_deaf);
  g_test_add_func ("/command-handler/cancelled-before", test_cancelled_before);
  g_test_add_func ("/command-handler/leftover", test_leftover);
  g_test_add_func ("/command-handler/daemon", test_daemon);
  g_test_add_func ("/command-handler/many", test_many);

  return g_test_run ();
}
