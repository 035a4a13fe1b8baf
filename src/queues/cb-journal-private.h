/* cb-journal-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-journal-file.h"
#include "cb-journal.h"

G_BEGIN_DECLS

/* The records of an entry. What the number of each means, and its contents. */
#define CB_JOURNAL_HEAD CB_JOURNAL_TAG ('H', 'E', 'A', 'D')   /* 1: the version of all this; a{sv} */
#define CB_JOURNAL_TAKE CB_JOURNAL_TAG ('T', 'A', 'K', 'E')   /* how many jobs; a(sxaayaay): id, stamp, how it was, of a finding what it is */
#define CB_JOURNAL_DONE CB_JOURNAL_TAG ('D', 'O', 'N', 'E')   /* which batch, from 0; (ayaaay): 1 for each that was done, how each was left */
#define CB_JOURNAL_ENDS CB_JOURNAL_TAG ('E', 'N', 'D', 'S')   /* 0; ay, empty */
#define CB_JOURNAL_UNDO CB_JOURNAL_TAG ('U', 'N', 'D', 'O')   /* which batch; ay: 1 for each that is back by this */
#define CB_JOURNAL_UNDE CB_JOURNAL_TAG ('U', 'N', 'D', 'E')   /* 0; ay, empty */

CbJournalEntry *cb_journal_entry_copy    (const CbJournalEntry *self);
gboolean        cb_journal_entry_is_at   (const CbJournalEntry *self,
                                          const CbJournalEntry *place);
GVariant       *cb_journal_entry_to_head (const CbJournalEntry *self);
CbJournalEntry *cb_journal_entry_read    (CbJournalFile        *file,
                                          GError              **error);

G_END_DECLS
