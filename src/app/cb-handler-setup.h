/* cb-handler-setup.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbHandlerSetup:
 *
 * Which handler does the jobs of a queue, and what each of them is told. Everything is kept when another handler is chosen, so
 * that going back loses nothing.
 */
typedef struct
{
  char *name;        /* (owned) "notify" */
  GStrv block_list;  /* (owned) */
  GStrv argv;        /* (owned) of `command`: the program and its arguments; empty: none yet */
  char *url;         /* (owned) of `webhook`; "": none yet */
  char *secret_id;   /* (owned) (nullable) what its secret header is called where it is kept; NULL: there is none */
  char *server;      /* (owned) of `notify`: what a notification leads back to; not kept in the settings */
  char *prefix;      /* (owned) the same */
  char *secret;      /* (owned) (nullable) NULL although there is one: it was not read yet, or can't be */
} CbHandlerSetup;

void       cb_handler_setup_init          (CbHandlerSetup   *self);
void       cb_handler_setup_clear         (CbHandlerSetup   *self);
void       cb_handler_setup_read          (CbHandlerSetup   *self,
                                           GVariant         *variant);
void       cb_handler_setup_write         (CbHandlerSetup   *self,
                                           GVariantDict     *dict);
CbHandler *cb_handler_setup_create        (CbHandlerSetup   *self,
                                           GError          **error);

gboolean   cb_handler_setup_check_url     (const char       *url,
                                           GError          **error);
gboolean   cb_handler_setup_check_secret  (const char       *secret,
                                           GError          **error);
gboolean   cb_handler_setup_is_open       (const char       *url);
void       cb_handler_setup_check_program_async  (const char           *program,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
char      *cb_handler_setup_check_program_finish (GAsyncResult         *result,
                                                  GError              **error);

G_END_DECLS
