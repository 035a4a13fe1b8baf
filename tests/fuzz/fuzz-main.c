/* fuzz-main.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "fuzz.h"

/*
 * Runs a fuzz target as a test: over its seeds, each of them cut off everywhere, and so many mutations of them, the same ones
 * every time. A file given as an argument is run alone, to look at what a real fuzzer has found.
 */

#define N_MUTATIONS 20000
#define MAX_LENGTH  4096

static void
mutate (GRand      *rand,
        GByteArray *input)
{
  static const char alphabet[] = "{}[]\",:\\u0truefalsn-.eE \n\xff\xc3\xed";       /* with the NUL */
  guint n = g_rand_int_range (rand, 1, 5);

  for (guint i = 0; i < n; i++)
    {
      guint at = input->len > 0 ? (guint) g_rand_int_range (rand, 0, input->len) : 0;
      guint8 byte;

      switch (input->len > 0 ? g_rand_int_range (rand, 0, 6) : 0)
        {
        case 0:
          byte = alphabet[g_rand_int_range (rand, 0, sizeof alphabet)];
          g_byte_array_append (input, &byte, 1);
          break;
        case 1:
          input->data[at] = g_rand_int_range (rand, 0, 256);
          break;
        case 2:
          input->data[at] ^= 1 << g_rand_int_range (rand, 0, 8);
          break;
        case 3:
          g_byte_array_remove_range (input, at, MIN (input->len - at, 1 + at % 7));
          break;
        case 4:
          g_byte_array_set_size (input, at);
          break;
        case 5:
          {
            /* A part once more. */
            g_autofree guint8 *part = g_memdup2 (input->data + at, input->len - at);

            if (input->len < MAX_LENGTH)
              g_byte_array_append (input, part, input->len - at);
          }
          break;
        default:
          g_assert_not_reached ();
        }
    }
}

static void
test_seeds (void)
{
  for (guint i = 0; fuzz_seeds[i] != NULL; i++)
    {
      for (gsize length = 0; length <= strlen (fuzz_seeds[i]); length++)
        LLVMFuzzerTestOneInput ((const guint8 *) fuzz_seeds[i], length);
    }
}

static void
test_mutations (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);
  guint n_seeds = g_strv_length ((char **) fuzz_seeds);

  for (guint i = 0; i < N_MUTATIONS; i++)
    {
      const char *seed = fuzz_seeds[i % n_seeds];
      g_autoptr (GByteArray) input = g_byte_array_new ();

      g_byte_array_append (input, (const guint8 *) seed, strlen (seed));
      mutate (rand, input);
      LLVMFuzzerTestOneInput (input->data != NULL ? input->data : (const guint8 *) "", input->len);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (argc > 1)
    {
      g_autofree char *contents = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;

      g_file_get_contents (argv[1], &contents, &length, &error);
      g_assert_no_error (error);
      return LLVMFuzzerTestOneInput ((const guint8 *) contents, length);
    }

  g_test_add_func ("/fuzz/seeds", test_seeds);
  g_test_add_func ("/fuzz/mutations", test_mutations);

  return g_test_run ();
}
