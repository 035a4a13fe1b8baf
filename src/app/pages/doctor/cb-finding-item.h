/* cb-finding-item.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-doctor.h"

G_BEGIN_DECLS

typedef enum
{
  CB_FINDING_FOUND,         /* nothing was tried */
  CB_FINDING_REPAIRED,
  CB_FINDING_HEALED,        /* it was not so any more */
  CB_FINDING_NOT_REPAIRED,
} CbFindingOutcome;

/**
 * CbFindingItem:
 *
 * One thing the doctor found, as a row of a list. Properties: chosen (boolean: it is to be repaired; never so for what can't be), outcome
 * (uint, a #CbFindingOutcome), problem (string, nullable: why it was not repaired).
 */
#define CB_TYPE_FINDING_ITEM (cb_finding_item_get_type ())
G_DECLARE_FINAL_TYPE (CbFindingItem, cb_finding_item, CB, FINDING_ITEM, GObject)

CbFindingItem    *cb_finding_item_new            (CbFinding        *finding,
                                                  CbEngine         *engine);
CbFinding        *cb_finding_item_get_finding    (CbFindingItem    *self);
CbEngine         *cb_finding_item_get_engine     (CbFindingItem    *self);
gboolean          cb_finding_item_get_repairable (CbFindingItem    *self);
gboolean          cb_finding_item_get_chosen     (CbFindingItem    *self);
void              cb_finding_item_set_chosen     (CbFindingItem    *self,
                                                  gboolean          chosen);
CbFindingOutcome  cb_finding_item_get_outcome    (CbFindingItem    *self);
const char       *cb_finding_item_get_problem    (CbFindingItem    *self);
void              cb_finding_item_set_outcome    (CbFindingItem    *self,
                                                  CbFindingOutcome  outcome,
                                                  const char       *problem);

G_END_DECLS
