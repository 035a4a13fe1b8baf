/* test-command.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-backoff.h"
#include "cb-command-private.h"
#include "cb-redis-error.h"

#include <locale.h>
#include <math.h>
#include <string.h>

static char *
wire (CbCommand *command,
      gboolean   whole_script)
{
  g_autoptr (GByteArray) output = g_byte_array_new ();

  cb_command_write (command, whole_script, FALSE, output);
  return g_strndup ((const char *) output->data, output->len);
}

static void
test_wire (void)
{
  g_autoptr (CbCommand) command = cb_command_new ("SET", "k", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new ("\0", 1);
  g_autoptr (GByteArray) output = g_byte_array_new ();
  static const char expected[] = "*7\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n$4\r\na\0\r\n\r\n$1\r\n\0\r\n$2\r\n-7\r\n$3\r\n1.5\r\n";
  gsize length;

  g_assert_true (cb_command_add (command, "") == command);
  cb_command_add_bytes (command, "a\0\r\n", 4);
  cb_command_add_gbytes (command, bytes);
  cb_command_add_int (command, -7);
  cb_command_add_double (command, 1.5);
  cb_command_write (command, FALSE, FALSE, output);
  g_assert_cmpmem (output->data, output->len, expected, sizeof expected - 1);

  g_assert_cmpstr (cb_command_get_name (command), ==, "SET");
  g_assert_cmpuint (cb_command_get_n_arguments (command), ==, 7);
  g_assert_cmpmem (cb_command_get_argument (command, 3, &length), 4, "a\0\r\n", 4);
  g_assert_cmpuint (length, ==, 4);
  g_assert_false (cb_command_get_repeatable (command));
  g_assert_cmpint (cb_command_get_timeout (command), ==, 0);
}

static void
test_script (void)
{
  static const char * const keys[] = { "a", "b" };
  CbScript *script = cb_script_new ("one", "return 1");
  g_autoptr (CbCommand) command = cb_command_add (cb_command_new_script (script, 2, keys), "x");
  g_autofree char *short_form = wire (command, FALSE);
  g_autofree char *long_form = wire (command, TRUE);

  /* The digest as redis-cli SCRIPT LOAD "return 1" tells it. */
  g_assert_cmpstr (cb_script_get_sha (script), ==, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  g_assert_cmpstr (short_form, ==,
                   "*6\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n2\r\n"
                   "$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n");
  g_assert_cmpstr (long_form, ==,
                   "*6\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n");
  g_assert_cmpstr (cb_command_get_name (command), ==, "EVALSHA");
  g_assert_cmpstr (cb_command_get_argument (command, 3, NULL), ==, "a");
  g_assert_cmpstr (cb_command_get_display_name (command), ==, "one");
}

static void
test_double (void)
{
  static const struct
  {
    double number;
    const char *text;
  } cases[] = {
    { 0, "0" }, { -1, "-1" }, { 0.1, "0.1" }, { 1.0 / 3, "0.3333333333333333" }, { 1700000000123.0, "1700000000123" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" }, { 5e-324, "5e-324" }, { INFINITY, "inf" },
    { -INFINITY, "-inf" }, { 123456.789, "123456.789" }, { 9007199254740993.0, "9007199254740992" },
  };
  const char *locale = setlocale (LC_ALL, "");

  g_test_message ("locale %s", locale);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbCommand) command = cb_command_add_double (cb_command_new ("X", NULL), cases[i].number);

      g_assert_true (g_ascii_strtod (cb_command_get_argument (command, 1, NULL), NULL) == cases[i].number);
      if (i != 10)
        g_assert_cmpstr (cb_command_get_argument (command, 1, NULL), ==, cases[i].text);
    }
}

#define SECOND G_TIME_SPAN_SECOND

static void
test_backoff (void)
{
  g_autoptr (GError) refused = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "x");
  g_autoptr (GError) lost = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "x");
  g_autoptr (GError) protocol = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL, "x");

  for (int luck = 0; luck < 2; luck++)
    {
      CbBackoff backoff = { 0 };
      gint64 now = 100 * SECOND;
      gint64 previous = 0;

      /* Growing, never more often than once a second, never less often than every five. */
      for (int i = 0; i < 20; i++)
        {
          gint64 wait;

          cb_backoff_attempted (&backoff, now);
          wait = cb_backoff_failed (&backoff, refused, now, luck) - now;
          g_assert_cmpint (wait, >=, SECOND);
          g_assert_cmpint (wait, <=, 5 * SECOND);
          g_assert_cmpint (wait, >=, previous);
          previous = wait;
          now += wait;
        }
      g_assert_cmpint (previous, ==, 5 * SECOND);

      /* After a loss at once, but attempts stay a second apart. */
      cb_backoff_attempted (&backoff, now);
      cb_backoff_ready (&backoff, now);
      g_assert_cmpint (cb_backoff_failed (&backoff, lost, now + 60 * SECOND, luck), <, now + 61 * SECOND);
      cb_backoff_attempted (&backoff, now);
      cb_backoff_ready (&backoff, now);
      g_assert_cmpint (cb_backoff_failed (&backoff, lost, now, luck), ==, now + SECOND);

      /* What does not go away by itself: from the fifth of a kind on ten seconds at least, although it was ready. */
      for (int i = 1; i <= 6; i++)
        {
          gint64 wait;

          cb_backoff_attempted (&backoff, now);
          cb_backoff_ready (&backoff, now);
          wait = cb_backoff_failed (&backoff, protocol, now, luck) - now;
          g_assert_cmpint (wait, >=, i < 5 ? SECOND : 10 * SECOND);
          now += wait;
        }
      cb_backoff_forget (&backoff);
      cb_backoff_attempted (&backoff, now);
      g_assert_cmpint (cb_backoff_failed (&backoff, protocol, now, luck), >=, now + 5 * SECOND);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/command/wire", test_wire);
  g_test_add_func ("/command/script", test_script);
  g_test_add_func ("/command/double", test_double);
  g_test_add_func ("/command/backoff", test_backoff);

  return g_test_run ();
}
