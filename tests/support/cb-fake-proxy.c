/* cb-fake-proxy.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-fake-proxy.h"

#include <string.h>

static void
append_resp (GByteArray *resp, const CbValue *value)
{
  g_autofree char *head = NULL;
  gsize length = 0;
  gint64 number;
  const char *text = cb_value_get_string (value, &length);

  if (cb_value_is_error (value))
    head = g_strdup_printf ("-%s\r\n", text);
  else if (cb_value_is_nil (value))
    head = g_strdup ("$-1\r\n");
  else if (text != NULL)
    head = g_strdup_printf ("$%" G_GSIZE_FORMAT "\r\n", length);
  else if (cb_value_get_integer (value, &number))
    head = g_strdup_printf (":%" G_GINT64_FORMAT "\r\n", number);
  else
    head = g_strdup_printf ("*%u\r\n", cb_value_get_length (value));
  g_byte_array_append (resp, (const guint8 *) head, strlen (head));
  if (*head == '*')
    {
      for (guint i = 0; i < cb_value_get_length (value); i++)
        append_resp (resp, cb_value_get_element (value, i));
    }
  else if (*head == '$' && head[1] != '-')
    {
      g_byte_array_append (resp, (const guint8 *) text, length);
      g_byte_array_append (resp, (const guint8 *) "\r\n", 2);
    }
}

gboolean
cb_fake_client_pass_on (CbFakeClient  *self,
                        CbTestRedis   *redis,
                        const CbValue *words)
{
  static const char * const own[] = { "HELLO", "CLIENT", "AUTH", "SELECT", "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE",
                                      "QUIT", NULL };
  g_autofree char *name = g_ascii_strup (cb_value_get_string (cb_value_get_element (words, 0), NULL), -1);
  guint n = cb_value_get_length (words);
  g_autofree const char **texts = g_new (const char *, n);
  g_autofree gsize *lengths = g_new (gsize, n);
  g_autoptr (GByteArray) resp = g_byte_array_new ();
  g_autoptr (CbReply) reply = NULL;

  if (g_strv_contains (own, name))
    return FALSE;

  for (guint i = 0; i < n; i++)
    texts[i] = cb_value_get_string (cb_value_get_element (words, i), &lengths[i]);
  reply = cb_test_redis_call_argv (redis, n, texts, lengths);
  append_resp (resp, cb_reply_get_value (reply));
  cb_fake_client_send (self, (const char *) resp->data, (gssize) resp->len);
  return TRUE;
}
