/* fuzz-filter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-job-filter.h"
#include "fuzz.h"

/* Whatever is typed: a filter that can be asked, or a sentence and a place in the text. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (CbJobFilter) filter = NULL;
  g_autoptr (CbJobRecord) record = NULL;
  g_autoptr (CbJobRecord) empty = NULL;
  g_autoptr (GError) error = NULL;
  gsize at = G_MAXSIZE, length = G_MAXSIZE;

  filter = cb_job_filter_parse (text, &at, &length, &error);
  g_assert_true ((filter != NULL) == (error == NULL));
  if (filter == NULL)
    {
      g_assert_cmpuint (at, <=, strlen (text));
      g_assert_cmpuint (at + length, <=, strlen (text) + 1);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  /* A job that holds the input itself, and one that holds nothing. */
  record = cb_job_record_new ("17");
  record->queue = g_strdup (text);
  record->data = g_bytes_new (data, size);
  record->result = g_bytes_new (data, size);
  record->error = g_bytes_new (data, size);
  record->worker = g_strdup (text);
  cb_job_filter_matches (filter, record, 1000000);
  empty = cb_job_record_new ("");
  cb_job_filter_matches (filter, empty, 1000000);
  if (cb_job_filter_is_empty (filter))
    g_assert_true (cb_job_filter_matches (filter, empty, 0));

  return 0;
}

const char * const fuzz_seeds[] = {
  "mailbox \"two words\" -spam",
  "type:email* state:failed -data.to:ada* data.size>=3",
  "error~\"mailbox \\\"full\\\"\" worker:host-a error:*",
  "priority:high priority<-2.5 attempts>=3 progress=50 id:17",
  "age>1d12h idle<=90s duration>500ms delay>1.5w",
  "data.a.b.c:x result.ok:true -result:*",
  "http://example.com:80/ a:b \"open",
  "- -- -\"\" \"\"",
  "data.to~Ä data:Straße",
  NULL
};
