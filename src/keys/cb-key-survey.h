/* cb-key-survey.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-key-finder.h"

G_BEGIN_DECLS

/* One of the biggest keys. */
typedef struct
{
  GBytes *name;   /* (owned) */
  char *type;     /* (owned) "" unknown */
  guint64 bytes;
} CbKeySize;

/* The keys whose names begin alike. */
typedef struct
{
  GBytes *prefix;       /* (owned) with the separator at its end; empty for those without one; NULL for all that had no room */
  guint64 n_keys;
  guint64 n_measured;   /* of them */
  guint64 bytes;        /* of those that were measured */
} CbPrefixSize;

#define CB_KEY_SURVEY_MOST_BIGGEST 1000
/* More prefixes than these are counted together. */
#define CB_KEY_SURVEY_MOST_PREFIXES 10000

/**
 * CbKeySurvey:
 *
 * What takes the memory of a server: the biggest keys, and how much the keys take by the beginning of their names. By SCAN
 * and MEMORY USAGE, a portion at a time, so that others wait no more than a few milliseconds. What it says of one list,
 * hash, set, sorted set or stream is the server's estimate by five of its elements.
 *
 * It may measure one of every few keys only. Then the biggest are those of a sample, and prefixes are told how many
 * of their keys were measured.
 *
 * Properties (explicit notify, once a portion): n-total (uint64: DBSIZE when it began), n-scanned (uint64: keys that were
 * looked at, with a pattern an estimate), n-measured (uint64), running (boolean).
 */
#define CB_TYPE_KEY_SURVEY (cb_key_survey_get_type ())
G_DECLARE_FINAL_TYPE (CbKeySurvey, cb_key_survey, CB, KEY_SURVEY, GObject)

/* @query (nullable): its pattern and type count. @separator, @depth: prefixes end behind so many separators, 0: no prefixes. */
CbKeySurvey *cb_key_survey_new            (CbConnection        *connection,
                                           const CbKeyQuery    *query,
                                           const char          *separator,
                                           guint                depth,
                                           guint                n_biggest);
/* Before it runs: how many keys to measure, about; 0 all of them. */
void         cb_key_survey_set_sample     (CbKeySurvey         *self,
                                           guint64              n_keys);

/* Once. Cancelled, it has what was found until then. */
void         cb_key_survey_run_async      (CbKeySurvey         *self,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);
gboolean     cb_key_survey_run_finish     (CbKeySurvey         *self,
                                           GAsyncResult        *result,
                                           GError             **error);

guint64      cb_key_survey_get_n_total    (CbKeySurvey         *self);
guint64      cb_key_survey_get_n_scanned  (CbKeySurvey         *self);
guint64      cb_key_survey_get_n_found    (CbKeySurvey         *self);   /* that match */
guint64      cb_key_survey_get_n_measured (CbKeySurvey         *self);
gboolean     cb_key_survey_get_running    (CbKeySurvey         *self);
/* (transfer full) (element-type CbKeySize) the biggest first, and of the same size by name */
GPtrArray   *cb_key_survey_list_biggest   (CbKeySurvey         *self);
/* (transfer full) (element-type CbPrefixSize) what takes most first */
GPtrArray   *cb_key_survey_list_prefixes  (CbKeySurvey         *self);
/* What all keys of a prefix take, by those that were measured. */
guint64      cb_prefix_size_estimate      (const CbPrefixSize  *self);

G_END_DECLS
