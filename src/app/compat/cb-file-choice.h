/* cb-file-choice.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for a file to be written, or to be read; %NULL and no error when nothing was chosen. */
void   cb_file_choice_save_async (GtkWidget           *parent,
                                  const char          *title,
                                  const char          *name,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data);
void   cb_file_choice_open_async (GtkWidget           *parent,
                                  const char          *title,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data);
GFile *cb_file_choice_finish     (GtkWidget           *parent,
                                  GAsyncResult        *result);

G_END_DECLS
