/* cb-cli-keys.h: what the commands about keys share
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"
#include "cb-key-edit.h"
#include "cb-key-finder.h"
#include "cb-key-value.h"

#include <glib/gi18n.h>

G_BEGIN_DECLS

/* The options by which keys are chosen, for the table of a command. */
#define CB_CLI_KEY_FILTERS                                                                                      \
  { "literal", CB_OPTION_TEXT, "TEXT", N_("whose name contains TEXT, in which no character is special") },      \
  { "type", CB_OPTION_TEXT, "TYPE", N_("of this type: string, list, hash, set, zset, stream, or a module’s") }, \
  { "no-ttl", CB_OPTION_FLAG, NULL, N_("that never expire") },                                                  \
  { "expires-within", CB_OPTION_TEXT, "TIME", N_("that expire within TIME: 90s, 5m, 2h, 7d") }
#define CB_CLI_KEY_MATCHING \
  { "matching", CB_OPTION_TEXT, "PATTERN", N_("all keys that match, instead of a KEY: *, ? and [a-z]") }
#define CB_CLI_KEY_ESCAPED \
  { "escaped", CB_OPTION_FLAG, NULL, N_("KEY and VALUE are written as they are printed: \\xNN, \\n, \\\\ and so on") }

/* What the options say; its text is to be unreffed. FALSE and the exit status for wrong ones. */
gboolean     cb_cli_keys_get_query  (CbCli       *cli,
                                     const char  *pattern,
                                     CbKeyQuery  *query,
                                     int         *status);
/* The finder for the options of the command; NULL and the exit status for wrong ones. Connects. */
CbKeyFinder *cb_cli_keys_new_finder (CbCli       *cli,
                                     const char  *pattern,
                                     const char  *separator,
                                     int         *status);
/* Until it is done; errors are told. */
int          cb_cli_keys_run        (CbCli       *cli,
                                     CbKeyFinder *finder);
/* The words of the command as keys, or what --matching and the filters find. NULL and the exit status. */
CbKeyStore  *cb_cli_keys_choose     (CbCli       *cli,
                                     int         *status);
GBytes      *cb_cli_keys_dup_name   (CbKeyStore  *keys,
                                     CbKeyId      id);
/* An argument, with --escaped unescaped; NULL and wrong usage told. */
GBytes      *cb_cli_keys_get_bytes  (CbCli       *cli,
                                     const char  *word,
                                     int         *status);
CbKeyInfo   *cb_cli_keys_inspect    (CbCli       *cli,
                                     GBytes      *key,
                                     GError     **error);
/* A line of “key export”, as “key import” reads it. */
char        *cb_cli_keys_write_dump (const CbKeyRemains *remains,
                                     const char         *type);
char        *cb_cli_keys_escape     (GBytes      *bytes);
char        *cb_cli_keys_escape_name (const char *name,
                                     gsize        length);

/* A number with its thousands apart, as long as the expression. */
typedef struct
{
  char text[32];
} CbCliNumber;
CbCliNumber  cb_cli_keys_number     (guint64      number);

G_END_DECLS
