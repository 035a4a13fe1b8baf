/* cb-library.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CbLibrary:
 *
 * A library that keeps queues in Redis and has no engine here (yet): how its queues are told from those of the others by their keys, so
 * that they are named and not taken for broken ones of another library. All of them are one table in cb-library.c. Nothing here asks a
 * server; #CbDiscovery does.
 */
typedef struct _CbLibrary CbLibrary;

/* The keys that may show a queue, by the end of their names: what is asked of the server first. */
typedef struct
{
  const char *end;              /* ":meta" */
  const char *type;             /* its type… */
  const char *neighbours;       /* …or, where its name means little by itself: one of these is there, too */
  gboolean    is_registry;      /* a set of the names of queues */
} CbLibrarySign;

typedef enum
{
  CB_PROOF_UNKNOWN,             /* nobody has looked yet */
  CB_PROOF_NO,
  CB_PROOF_YES,                 /* with what CbLibraryEvidence says */
} CbProof;

/* What was seen of the keys whose names begin with the same (the head: "bull:mail:", "resque:"). */
typedef struct
{
  const char *head;             /* up to the name of the part */
  gsize       head_length;
  GHashTable *types;            /* of the parts that are there: "wait": "list" */
  CbProof     meta;             /* the hash "meta" has what only BullMQ writes */
  CbProof     bull_options;     /* the options of a job are as Bull writes them */
  CbProof     other_options;    /* there is a job, and its options are not as Bull writes them */
  CbProof     lists;            /* one of the queues that are named has a list */
} CbLibraryEvidence;

const CbLibrarySign *cb_library_get_signs     (guint       *n_signs);
/* A pattern for SCAN that all of these match at their end, and of other names as few as one pattern can. */
char                *cb_library_make_pattern  (const char * const *ends);
/* The names of the parts that are looked at, of a queue or of what stands beside a registry. */
const char * const  *cb_library_get_parts     (gboolean     is_registry);
/* The names of the parts that hold ids of jobs. */
const char * const  *cb_library_get_job_parts (void);
/* The heads under which a registry has a name that is known, with what it is called there: pairs. */
const char * const  *cb_library_get_usual     (void);

/* Whose it is; NULL: nobody's, or @wants says what should be looked at first (a member of the evidence, as a pointer). */
const CbLibrary     *cb_library_judge         (CbLibraryEvidence  *evidence,
                                               CbProof           **wants);
/* What the options of a job say; they are as they were read, or NULL. */
void                 cb_library_judge_options (CbLibraryEvidence  *evidence,
                                               GBytes             *options);

const char          *cb_library_get_name      (const CbLibrary    *self);     /* "bullmq" */
const char          *cb_library_get_title     (const CbLibrary    *self);     /* "BullMQ", a name, not translated */
const char          *cb_library_get_prefix    (const CbLibrary    *self);     /* the one it uses unless told otherwise */
const char          *cb_library_get_registry  (const CbLibrary    *self);     /* nullable: which part names the queues */
const char          *cb_library_get_keys      (const CbLibrary    *self);     /* their names: %p prefix, %P with a colon, if any; %q queue */
/* From the head, or from what the registry has; FALSE when there is no queue in it. */
gboolean             cb_library_split         (const CbLibrary    *self,
                                               const char         *head,
                                               gsize               head_length,
                                               GBytes             *member,    /* nullable */
                                               GBytes            **prefix,
                                               GBytes            **queue);

G_END_DECLS
