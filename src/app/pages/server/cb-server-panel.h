/* cb-server-panel.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CB_SERVER_MOST_COLUMNS 9

/* One column of a panel. */
typedef struct
{
  const char *title;              /* untranslated, N_() */
  gboolean    numeric;            /* to the right, and sorted by its number */
  gboolean    expand;
  int         width;              /* pixels at the least, at the usual size of text; 0 for what it needs */
} CbServerColumn;

/**
 * CbServerRow:
 *
 * One line of a panel: for each column a text and, where it is numeric, the number to sort by. It is known by its key.
 */
#define CB_TYPE_SERVER_ROW (cb_server_row_get_type ())
G_DECLARE_FINAL_TYPE (CbServerRow, cb_server_row, CB, SERVER_ROW, GObject)

CbServerRow *cb_server_row_new       (const char    *key);
/* @text is taken. */
void         cb_server_row_take_text (CbServerRow   *self,
                                      guint          column,
                                      char          *text,
                                      double         number);
const char  *cb_server_row_get_key   (CbServerRow   *self);
const char  *cb_server_row_get_text  (CbServerRow   *self,
                                      guint          column);

/**
 * CbServerPanel:
 *
 * A list of one kind of thing about a server: a line that says what it is, a filter, buttons, and a table that keeps its selection, its order
 * and its place while it is read again and again.
 *
 * Signals: `selected` (another row, or none), `row-activated` (row: CbServerRow).
 */
#define CB_TYPE_SERVER_PANEL (cb_server_panel_get_type ())
G_DECLARE_FINAL_TYPE (CbServerPanel, cb_server_panel, CB, SERVER_PANEL, AdwBin)

/* @columns: static. @name: what a screen reader calls the table. @empty: said where there is nothing in it. */
CbServerPanel *cb_server_panel_new          (const CbServerColumn *columns,
                                             guint                 n_columns,
                                             const char           *name,
                                             const char           *empty);
/* A button at the end of the line, which calls @callback with @data, swapped. */
GtkWidget     *cb_server_panel_add_button   (CbServerPanel        *self,
                                             const char           *label,
                                             GCallback             callback,
                                             gpointer              data);
/* Below the table. */
void           cb_server_panel_add_below    (CbServerPanel        *self,
                                             GtkWidget            *widget);
/* What it is, in a sentence or two; plain text. */
void           cb_server_panel_set_note     (CbServerPanel        *self,
                                             const char           *note);
/* Why it can't be read; nullable. */
void           cb_server_panel_set_problem  (CbServerPanel        *self,
                                             const char           *problem);
/* @rows: (transfer full) (element-type CbServerRow): all there are now, in their own order. */
void           cb_server_panel_take_rows    (CbServerPanel        *self,
                                             GPtrArray            *rows);
CbServerRow   *cb_server_panel_get_selected (CbServerPanel        *self);  /* transfer none, nullable */

/* Insensitive with its reason as the tooltip, where there is one; else @tooltip. */
void           cb_server_set_refusal        (GtkWidget            *widget,
                                             const char           *refusal,
                                             const char           *tooltip);

G_END_DECLS
