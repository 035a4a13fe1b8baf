/* cb-fake-server.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-address.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/**
 * CbFakeServer:
 *
 * A server that answers what a test tells it to: with any bytes, late, in pieces, not at all, or with the end of
 * the connection. It listens on a TCP port of 127.0.0.1 or on a Unix socket, and lives in the thread-default main
 * context, so that everything happens in the order the test sees.
 *
 * What comes from clients is parsed into commands. Each goes to the handler, which answers it with the functions
 * below; without one, or when it returns %FALSE, the commands of the handshake are answered as Redis would, and
 * others with `+OK`.
 *
 * With cb_fake_server_new_relay() commands go to a real server and its replies come back, and may be spoiled.
 */
typedef struct _CbFakeServer CbFakeServer;
typedef struct _CbFakeClient CbFakeClient;

typedef gboolean (*CbFakeHandler) (CbFakeServer  *server,
                                   CbFakeClient  *client,
                                   const CbValue *command,  /* an array of strings */
                                   gpointer       user_data);

typedef enum
{
  CB_SPOIL_RESET,     /* the connection is reset in place of the reply */
  CB_SPOIL_CLOSE,     /* it is closed */
  CB_SPOIL_HALF,      /* half of the reply, then it is closed */
  CB_SPOIL_GARBAGE,   /* bytes that are no reply */
  CB_SPOIL_ERROR,     /* `-ERR spoiled` in place of the reply */
  CB_SPOIL_SILENCE,   /* neither it nor anything after it */
  CB_N_SPOILS
} CbSpoil;

CbFakeServer *cb_fake_server_new         (void);
CbFakeServer *cb_fake_server_new_unix    (void);
CbFakeServer *cb_fake_server_new_relay   (const char    *socket_path);
void          cb_fake_server_free        (CbFakeServer  *self);

CbAddress    *cb_fake_server_get_address (CbFakeServer  *self);  /* transfer none */
guint         cb_fake_server_get_n_clients  (CbFakeServer *self);  /* at the moment */
guint         cb_fake_server_get_n_accepted (CbFakeServer *self);  /* ever */
guint         cb_fake_server_get_n_commands (CbFakeServer *self);  /* ever */
void          cb_fake_server_set_handler (CbFakeServer  *self,
                                          CbFakeHandler  handler,
                                          gpointer       user_data);
/* What is sent to each new client before it has said anything; nullable. */
void          cb_fake_server_set_greeting (CbFakeServer *self,
                                           const char   *resp,
                                           gboolean      then_close);
/* Splits all that is sent into pieces of so many bytes, 0 for none. */
void          cb_fake_server_set_pieces  (CbFakeServer  *self,
                                          guint          n_bytes);
/* Of a relay: spoils the reply with that number, counted from 1 over all connections from now on; 0 for none. */
void          cb_fake_server_spoil       (CbFakeServer  *self,
                                          guint          number,
                                          CbSpoil        how);
gboolean      cb_fake_server_was_spoiled (CbFakeServer  *self);
/* Of a relay, before anybody connects: what TIME answers is so many seconds ahead. */
void          cb_fake_server_set_clock   (CbFakeServer  *self,
                                          gint64         seconds);
/* Stops accepting, or starts again, on the same address. */
void          cb_fake_server_set_listening (CbFakeServer *self,
                                            gboolean      listening);
void          cb_fake_server_drop_clients  (CbFakeServer *self,
                                            gboolean      reset);

void          cb_fake_client_send        (CbFakeClient  *self,
                                          const char    *resp,
                                          gssize         length);
void          cb_fake_client_send_later  (CbFakeClient  *self,
                                          const char    *resp,
                                          guint          msec);
void          cb_fake_client_close       (CbFakeClient  *self,
                                          gboolean       reset);  /* after what was sent */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbFakeServer, cb_fake_server_free)

G_END_DECLS
