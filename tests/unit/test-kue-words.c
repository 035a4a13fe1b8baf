/* test-kue-words.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-words.h"

#include <string.h>

/* Each line of the fixture is a word and what reds 0.2.5 with natural 0.2.1 makes of it, `-` for nothing. */
static void
test_codes (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "words.txt", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      char *space = strchr (lines[i], ' ');
      g_auto (GStrv) codes = NULL;

      g_assert_nonnull (space);
      *space = '\0';
      codes = cb_kue_words_encode (lines[i]);
      if (g_strcmp0 (codes[0], strcmp (space + 1, "-") == 0 ? NULL : space + 1) != 0)
        {
          g_test_message ("%s: %s instead of %s", lines[i], codes[0] != NULL ? codes[0] : "nothing", space + 1);
          g_test_fail ();
        }
      n++;
    }
  g_assert_cmpuint (n, >, 1000);
}

static void
test_text (void)
{
  g_auto (GStrv) codes = cb_kue_words_encode ("To verify: account, accounts — this 5002 №7 naïve");
  g_auto (GStrv) none = cb_kue_words_encode (" … and the of 7 ");
  g_autofree char *joined = g_strjoinv (" ", codes);

  g_assert_cmpstr (joined, ==, "T FRF AKKNT 502 N F");
  g_assert_null (none[0]);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* Texts, and what Search.index() of reds 0.2.5 keeps of them. */
static void
test_counts (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "5002 502 502 accounts account 5002x", "502=1 502KS=1 AKKNT=2" },
    { "The accounting of accounts: ww www 007 7 1111 11", "07=1 0=1 11=1 1=1 =1 AKKNT=2 W=1" },
    { "AB ab abb b_c", "AB=1 B_K=1" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *joined = NULL;
      GHashTableIter iter;
      gpointer code, count;

      cb_kue_words_count (cases[i].text, strlen (cases[i].text), codes);
      g_hash_table_iter_init (&iter, codes);
      while (g_hash_table_iter_next (&iter, &code, &count))
        g_ptr_array_add (found, g_strdup_printf ("%s=%u", (char *) code, GPOINTER_TO_UINT (count)));
      g_ptr_array_sort (found, compare);
      g_ptr_array_add (found, NULL);
      joined = g_strjoinv (" ", (GStrv) found->pdata);
      g_assert_cmpstr (joined, ==, cases[i].expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/kue-words/codes", test_codes);
  g_test_add_func ("/kue-words/text", test_text);
  g_test_add_func ("/kue-words/counts", test_counts);

  return g_test_run ();
}
