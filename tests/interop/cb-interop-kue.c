/* cb-interop-kue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-interop-kue.h"

#include <string.h>

#include "cb-test-child.h"
#include "cb-test-wait.h"

struct _CbInteropKue
{
  GSubprocess      *process;
  GOutputStream    *input;
  GDataInputStream *output;
};

const char *
cb_interop_kue_get_missing (void)
{
  g_autofree char *node = g_find_program_in_path ("node");
  g_autofree char *kue = g_test_build_filename (G_TEST_DIST, "interop", "node_modules", "kue", NULL);

  if (node == NULL)
    return "Node is not installed";
  if (!g_file_test (kue, G_FILE_TEST_IS_DIR))
    return "Kue is not installed: run npm ci in tests/interop";
  return NULL;
}

CbInteropKue *
cb_interop_kue_new (CbTestRedis *redis,
                    const char  *options)
{
  CbInteropKue *self = g_new0 (CbInteropKue, 1);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "interop", "kue", "life.js", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_null_terminated (0, NULL, TRUE);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, (gpointer) "node");
  g_ptr_array_add (argv, script);
  g_ptr_array_add (argv, (gpointer) "--socket");
  g_ptr_array_add (argv, (gpointer) cb_test_redis_get_path (redis));
  if (*options != 0)
    {
      g_shell_parse_argv (options, NULL, &words, &error);
      g_assert_no_error (error);
      for (guint i = 0; words[i] != NULL; i++)
        g_ptr_array_add (argv, words[i]);
    }

  self->process = cb_test_child_new ((const char * const *) argv->pdata, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  self->input = g_subprocess_get_stdin_pipe (self->process);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));

  return self;
}

/* The end of its input is what it ends at. */
void
cb_interop_kue_free (CbInteropKue *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_close (self->input, NULL, NULL);
  g_subprocess_wait_async (self->process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (self->process, cb_test_wait_result (&result), NULL);
  g_object_unref (self->output);
  g_object_unref (self->process);
  g_free (self);
}

JsonNode *
cb_interop_kue_do (CbInteropKue *self,
                   const char   *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autofree char *answer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_output_stream_write_all (self->input, text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &result);
  answer = g_data_input_stream_read_line_finish (self->output, cb_test_wait_result (&result), NULL, &error);
  g_assert_no_error (error);
  if (answer == NULL)
    g_error ("Kue ended at %s", line);

  node = json_from_string (answer, &error);
  g_assert_no_error (error);
  return node;
}
