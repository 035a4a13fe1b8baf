/* cb-case.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

G_BEGIN_DECLS

/*
 * Faults that users of queue libraries, dashboards and workers have reported, made anew and met with the program as it is
 * installed: data are put on a server behind its back, callboardctl is run, and what it says and leaves is looked at.
 */

/* Runs the commands of data/NAME.redis, one a line, quoted as redis-cli has it. None may be refused. */
void         cb_case_load      (CbTestRedis *redis,
                                const char  *name);
/* Runs the script data/NAME.lua with arguments. */
void         cb_case_script    (CbTestRedis *redis,
                                const char  *name,
                                ...) G_GNUC_NULL_TERMINATED;
/* Whole jobs with the prefix q; ids go on from q:ids. Job N was created at 2023-11-14 22:13:20 UTC plus N seconds. */
void         cb_case_make      (CbTestRedis *redis,
                                const char  *type,
                                const char  *state,
                                guint        n);
/* One command, quoted as in a shell, which may not be refused. */
void         cb_case_do        (CbTestRedis *redis,
                                const char  *format,
                                ...) G_GNUC_PRINTF (2, 3);
/* The same for its reply: a string, a number, or the elements of an array with blanks between; nil is "(nil)". */
char        *cb_case_ask       (CbTestRedis *redis,
                                const char  *format,
                                ...) G_GNUC_PRINTF (2, 3);

#define cb_case_assert(redis, expected, ...)                     \
  G_STMT_START                                                   \
  {                                                              \
    g_autofree char *cb_answer_ = cb_case_ask (redis, __VA_ARGS__); \
    g_assert_cmpstr (cb_answer_, ==, expected);                  \
  }                                                              \
  G_STMT_END

/* Whether as many jobs of the type are "inactive active complete failed delayed", in the sets of all types, too. */
gboolean     cb_case_has_counts (CbTestRedis *redis,
                                 const char  *type,
                                 const char  *counts);
/* How often commands were refused with that word, since the server started or CONFIG RESETSTAT. */
guint        cb_case_count_errors (CbTestRedis *redis,
                                   const char  *word);
/* How often the command was called, also in scripts. */
guint        cb_case_count_calls (CbTestRedis *redis,
                                  const char  *command);
/* That nobody has written or read without a bound since CONFIG RESETSTAT. */
void         cb_case_assert_only_looked (CbTestRedis *redis);

/* callboardctl that goes on by itself; what it says is collected while the main context runs. */
typedef struct
{
  GSubprocess *process;
  GString *output;
  GString *errors;
  guint n_open;
} CbCaseRun;

CbCaseRun   *cb_case_start     (CbTestRedis *redis,   /* nullable: none is named */
                                const char  *word,
                                ...) G_GNUC_NULL_TERMINATED;
CbCaseRun   *cb_case_startv    (CbTestRedis *redis,
                                const char  *locale,
                                const char * const *words);
void         cb_case_signal    (CbCaseRun   *self,
                                int          number);
/* Until it has ended and all it said is there: its exit status, or minus the signal it died of. */
int          cb_case_wait      (CbCaseRun   *self);
/* How often a text was said so far. */
guint        cb_case_count     (GString     *said,
                                const char  *text);
/* Processor time that it has used, in ms. */
guint        cb_case_get_cpu   (CbCaseRun   *self);
/* Ends it if it still runs. */
void         cb_case_run_free  (CbCaseRun   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCaseRun, cb_case_run_free)

/* The path of the handler program; see case-handler.c for its words. */
char        *cb_case_dup_handler (void);

G_END_DECLS
