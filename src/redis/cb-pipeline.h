/* cb-pipeline.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-command.h"

G_BEGIN_DECLS

/**
 * CbPipeline:
 *
 * Many commands that are sent together, with one answer. With cb_pipeline_set_transaction() they are wrapped in
 * MULTI and EXEC and the replies are those of EXEC.
 */
typedef struct _CbPipeline CbPipeline;

CbPipeline *cb_pipeline_new             (void);
void        cb_pipeline_free            (CbPipeline *self);
void        cb_pipeline_add             (CbPipeline *self,
                                         CbCommand  *command);  /* transfer full */
void        cb_pipeline_set_transaction (CbPipeline *self);
gboolean    cb_pipeline_get_transaction (CbPipeline *self);
guint       cb_pipeline_get_length      (CbPipeline *self);
CbCommand  *cb_pipeline_get_command     (CbPipeline *self,
                                         guint       index);    /* transfer none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbPipeline, cb_pipeline_free)

G_END_DECLS
