/* main.c: callboardctl
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

int
main (int argc,
      char *argv[])
{
  g_autoptr (CbCli) cli = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* A reader that has gone is an error of write(), not the end: the private server must be left in order. */
  signal (SIGPIPE, SIG_IGN);

  cli = cb_cli_new ();

  return cb_cli_run (cli, (const char * const *) argv + 1);
}
