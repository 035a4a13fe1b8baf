/* cb-pipeline.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-pipeline.h"

struct _CbPipeline
{
  GPtrArray *commands; /* (owned) (element-type CbCommand) */
  gboolean transaction;
};

CbPipeline *
cb_pipeline_new (void)
{
  CbPipeline *self = g_new0 (CbPipeline, 1);

  self->commands = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_command_free);
  return self;
}

void
cb_pipeline_free (CbPipeline *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_unref (self->commands);
  g_free (self);
}

/**
 * cb_pipeline_add:
 * @self: a pipeline
 * @command: (transfer full): what is sent after all that was added before
 */
void
cb_pipeline_add (CbPipeline *self,
                 CbCommand  *command)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (command != NULL);

  g_ptr_array_add (self->commands, command);
}

/**
 * cb_pipeline_set_transaction:
 * @self: a pipeline
 *
 * Wraps the commands in MULTI and EXEC: all of them run without anything in between, or, when the server does
 * not even accept one of them (%CB_REDIS_ERROR_EXECABORT), none.
 */
void
cb_pipeline_set_transaction (CbPipeline *self)
{
  g_return_if_fail (self != NULL);
  self->transaction = TRUE;
}

gboolean
cb_pipeline_get_transaction (CbPipeline *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->transaction;
}

guint
cb_pipeline_get_length (CbPipeline *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->commands->len;
}

CbCommand *
cb_pipeline_get_command (CbPipeline *self,
                         guint       index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->commands->len, NULL);
  return g_ptr_array_index (self->commands, index);
}
