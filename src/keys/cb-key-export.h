/* cb-key-export.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-json.h"
#include "cb-key-store.h"
#include "cb-key-value.h"

G_BEGIN_DECLS

typedef enum
{
  CB_KEY_EXPORT_COMMANDS,   /* as redis-cli reads them */
  CB_KEY_EXPORT_JSON,       /* an object a line */
} CbKeyExportForm;

/**
 * CbKeyExport:
 *
 * The values of many keys as text, into a stream, in parts, as #CbKeyImport reads it; %CB_KEY_BULK_EXPORT is the form that is exact for
 * every type. A key that can't be read whole leaves nothing in the stream. It holds the text of one key,
 * of which the escapes are made in a thread when they are long; a key that is larger than what is held is left out and said so.
 *
 * Properties: progress (double, 0 to 1, explicit notify some times a second). Signal `problem` (string): a sentence for each key
 * that was left out, and `gone` (#GBytes): the name of each that is not there any more.
 */
#define CB_TYPE_KEY_EXPORT (cb_key_export_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyExport, cb_key_export, CB, KEY_EXPORT, GObject)

/* @keys: which they are: those that it has now, and that are not gone. @output: not closed by this. */
CbKeyExport *cb_key_export_new        (CbConnection         *connection,
                                       CbKeyStore           *keys,
                                       CbKeyExportForm       form,
                                       GOutputStream        *output);
/* Before it runs: how many bytes of elements are held of one key; one with more is left out. 512 MiB, when it is not set. */
void         cb_key_export_set_most   (CbKeyExport          *self,
                                       guint64               most);
/* Once. TRUE also when single keys were left out; an error when it could not go on, and G_IO_ERROR_CANCELLED. */
void         cb_key_export_run_async  (CbKeyExport          *self,
                                       GCancellable         *cancellable,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);
gboolean     cb_key_export_run_finish (CbKeyExport          *self,
                                       GAsyncResult         *result,
                                       GError              **error);

guint        cb_key_export_get_n_done    (CbKeyExport       *self);
guint        cb_key_export_get_n_gone    (CbKeyExport       *self);  /* not there any more */
guint        cb_key_export_get_n_total   (CbKeyExport       *self);

/* The commands that make a part of a value, a line or more; @first: it is the first of the key. */
void         cb_key_export_append_commands (GString           *text,
                                       GBytes               *key,
                                       const char           *type,
                                       CbKeyPage            *page,
                                       gboolean              first);
/* "PEXPIREAT …" and "RESTORE …", a line each. @ends_at: ms since 1970. */
void         cb_key_export_append_end (GString              *text,
                                       GBytes               *key,
                                       gint64                ends_at);
void         cb_key_export_append_restore (GString          *text,
                                       GBytes               *key,
                                       GBytes               *dump,
                                       gint64                ends_at);
/* The object of JSON up to the elements, then each part of them. */
void         cb_key_export_begin_json (CbJsonWriter         *writer,
                                       GBytes               *key,
                                       const char           *type,
                                       gint64                ends_at);  /* -1 never */
void         cb_key_export_write_json (CbJsonWriter         *writer,
                                       CbKeyPage            *page);

G_END_DECLS
