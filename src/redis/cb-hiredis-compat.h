/* cb-hiredis-compat.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/*
 * The one seam to hiredis, from 0.14 (Debian 12) to 1.2 (Debian 13).
 *
 * Only its reader is used: bytes go in, redisReply trees come out, and the tree is ours. Its asynchronous
 * context is left aside on purpose. It holds assert()s on what a server sends (a reply nobody asked for, a
 * SUBSCRIBE answered with one element, UNSUBSCRIBE crossing SUBSCRIBE), and distributions build them in, so
 * that a confused or hostile peer ends the whole program; it handles every reply of a read at once, so that
 * its work can't be bounded; and connect, disconnect and free inside callbacks differ between the versions.
 * The reader has none of that and is the same on both ends but for what is written here.
 */

#include <glib.h>

#include <hiredis/hiredis.h>

#if HIREDIS_MAJOR >= 1
typedef size_t CbHiredisCount;
#else
typedef int CbHiredisCount;
#endif

/* The types of RESP3 came with 1.0. They are never asked for (no HELLO 3 is sent), but a peer may send anything. */
#if HIREDIS_MAJOR >= 1
#define CB_HIREDIS_HAS_RESP3 1
#else
#define CB_HIREDIS_HAS_RESP3 0
#endif

G_BEGIN_DECLS

redisReader *cb_hiredis_reader_new     (void);
gboolean     cb_hiredis_reader_feed    (redisReader *reader,
                                        const char  *data,
                                        gsize        length);
gboolean     cb_hiredis_reader_take    (redisReader *reader,
                                        redisReply **reply,
                                        GError     **error);

G_END_DECLS
