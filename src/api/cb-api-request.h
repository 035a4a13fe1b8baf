/* cb-api-request.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "cb-engine.h"
#include "cb-json.h"

G_BEGIN_DECLS

#define CB_API_MAX_PARAMS 5

typedef struct _CbApiStreams CbApiStreams;

/**
 * CbApiRequest:
 *
 * One request until it is answered, which is once. The message waits meanwhile; when its client goes, the cancellable is
 * triggered and an answer falls on the floor. Counted.
 */
typedef struct
{
  CbEngine          *engine;        /* (owned) */
  SoupServerMessage *message;       /* (owned) */
  CbApiStreams      *streams;       /* (borrowed) (nullable) */
  GHashTable        *query;         /* (owned) (nullable) decoded */
  GByteArray        *body;          /* (owned) at most so much as is allowed */
  char              *params[CB_API_MAX_PARAMS];  /* (owned) what stands in the place of the route's names, decoded */
  GCancellable      *cancellable;   /* (owned) for what only reads */

  gsize              max_body;
  gsize              received;
  gboolean           is_too_large;
  gboolean           is_paused;
  gboolean           is_answered;
  gboolean           is_gone;       /* the client is */
} CbApiRequest;

CbApiRequest *cb_api_request_new          (CbEngine          *engine,
                                           SoupServerMessage *message,
                                           gsize              max_body);
CbApiRequest *cb_api_request_ref          (CbApiRequest      *self);
void          cb_api_request_unref        (CbApiRequest      *self);

void          cb_api_request_pause        (CbApiRequest      *self);
/* With the text of the writer; @status 200 is given an ETag. */
void          cb_api_request_reply_json   (CbApiRequest      *self,
                                           guint              status,
                                           CbJsonWriter      *writer);
void          cb_api_request_reply_text   (CbApiRequest      *self,
                                           guint              status,
                                           const char        *type,
                                           char              *text,
                                           gsize              length);
/* {"message":…} with 200, {"error":…}. */
void          cb_api_request_reply_message (CbApiRequest     *self,
                                           const char        *format,
                                           ...) G_GNUC_PRINTF (2, 3);
void          cb_api_request_reply_error  (CbApiRequest      *self,
                                           guint              status,
                                           const char        *format,
                                           ...) G_GNUC_PRINTF (3, 4);
/* An error of the engine: as in Kue, with 200. */
void          cb_api_request_reply_failure (CbApiRequest     *self,
                                           const GError      *error);
/* A page as Express makes for errors. */
void          cb_api_request_reply_page   (CbApiRequest      *self,
                                           guint              status,
                                           const char        *text);
void          cb_api_request_reply_empty  (CbApiRequest      *self,
                                           guint              status);

/* Connections are told apart by the address object that the library keeps of each: it doesn't give its socket away. */
void          cb_api_connection_remember  (GSocketAddress    *remote,
                                           GSocket           *socket);
/* Ends the connection of a client that asks too much of us. */
void          cb_api_connection_cut       (SoupServerMessage *message);

/* parseInt (text, 10); FALSE where that is not a number, or none that Redis takes. */
gboolean      cb_api_parse_number         (const char        *text,
                                           double            *number);
/* The same for an integer. */
gboolean      cb_api_parse_int            (const char        *text,
                                           gint64            *number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbApiRequest, cb_api_request_unref)

G_END_DECLS
