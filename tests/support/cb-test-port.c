/* cb-test-port.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-port.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

/* Below what Linux gives to who asks for any, from 32768 on. */
#define FIRST 10000
#define AFTER_LAST 32768

/* What holds each: a socket by an abstract name, which is free again when the program has ended, however it ended. */
static GHashTable *held;       /* (owned) (nullable): port -> GSocket */

static gboolean
hold (guint port)
{
  g_autofree char *name = g_strdup_printf ("callboard-test-port-%u", port);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new_with_type (name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  if (!g_socket_bind (socket, address, FALSE, NULL))
    {
      g_object_unref (socket);
      return FALSE;
    }
  if (held == NULL)
    held = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_hash_table_insert (held, GUINT_TO_POINTER (port), socket);
  return TRUE;
}

/* Whatever else runs on this machine may listen there. */
static gboolean
is_free (guint port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, (guint16) port);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  return g_socket_bind (socket, address, TRUE, NULL) && g_socket_listen (socket, NULL);
}

guint
cb_test_port_take (void)
{
  for (guint i = 0; i < 1000; i++)
    {
      guint port = (guint) g_random_int_range (FIRST, AFTER_LAST);

      if (!hold (port))
        continue;
      if (is_free (port))
        return port;
      cb_test_port_release (port);
    }
  g_error ("No port is free");
}

void
cb_test_port_release (guint port)
{
  g_hash_table_remove (held, GUINT_TO_POINTER (port));
}

char *
cb_test_port_dup (void)
{
  return g_strdup_printf ("%u", cb_test_port_take ());
}
