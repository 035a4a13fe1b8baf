/* cb-key-line.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-key-edit.h"

G_BEGIN_DECLS

/* One step of putting keys back that a line of a file asks for. */
typedef enum
{
  CB_KEY_STEP_FINISH,     /* what was put together takes its place */
  CB_KEY_STEP_BEGIN,      /* what comes next is of this key */
  CB_KEY_STEP_PART,       /* a command without its key */
  CB_KEY_STEP_END,        /* when the key ends */
  CB_KEY_STEP_RESTORE,
  CB_KEY_STEP_DUMP,       /* what was put together is a DUMP */
  CB_KEY_STEP_WRONG,      /* the line is none */
  CB_KEY_STEP_WRONG_TYPE,
} CbKeyStepKind;

typedef struct
{
  CbKeyStepKind kind;
  GBytes *key;           /* (owned) (nullable) */
  const char *command;   /* (nullable) */
  GPtrArray *words;      /* (owned) (nullable) (element-type GBytes) */
  gint64 ends_at;        /* ms since 1970, 0 never */
  CbKeyRemains *remains; /* (owned) (nullable) */
  char *type;            /* (owned) (nullable) */
} CbKeyStep;

CbKeyStep *cb_key_step_new   (CbKeyStepKind  kind,
                              GBytes        *key); /* (nullable) */
void       cb_key_step_free  (CbKeyStep     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyStep, cb_key_step_free)

/**
 * cb_key_line_parse:
 * @line: a line that an export wrote, in any of its three forms, without its end
 * @length: bytes of it
 *
 * Takes a line apart. Needs nothing but the line, and goes in a thread.
 *
 * Returns: (transfer full) (element-type CbKeyStep): never empty; a line that is none is a step that says so
 */
GPtrArray *cb_key_line_parse (const char    *line,
                              gsize          length);

G_END_DECLS
