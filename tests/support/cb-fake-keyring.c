/* cb-fake-keyring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Source of the interfaces: Secret Service API Draft 0.2 of freedesktop.org. Sessions are "plain", as a service may offer no other. */

#include "cb-fake-keyring.h"

#include "cb-test-wait.h"

#include <string.h>

#define NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define COLLECTION_PATH SERVICE_PATH "/collection/test"
#define ALIAS_PATH SERVICE_PATH "/aliases/default"
#define SESSION_PATH SERVICE_PATH "/session/s1"
#define NO_PROMPT "/"

static const char interface_xml[]
  = "<node><interface name='org.freedesktop.Secret.Service'>"
    "<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/>"
    "<arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
    "<method name='SearchItems'><arg type='a{ss}' direction='in'/><arg type='ao' direction='out'/>"
    "<arg type='ao' direction='out'/></method>"
    "<method name='Unlock'><arg type='ao' direction='in'/><arg type='ao' direction='out'/>"
    "<arg type='o' direction='out'/></method>"
    "<method name='GetSecrets'><arg type='ao' direction='in'/><arg type='o' direction='in'/>"
    "<arg type='a{o(oayays)}' direction='out'/></method>"
    "<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' direction='out'/></method>"
    "<property name='Collections' type='ao' access='read'/>"
    "</interface><interface name='org.freedesktop.Secret.Collection'>"
    "<method name='CreateItem'><arg type='a{sv}' direction='in'/><arg type='(oayays)' direction='in'/>"
    "<arg type='b' direction='in'/><arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
    "<property name='Items' type='ao' access='read'/><property name='Label' type='s' access='read'/>"
    "<property name='Locked' type='b' access='read'/><property name='Created' type='t' access='read'/>"
    "<property name='Modified' type='t' access='read'/>"
    "</interface><interface name='org.freedesktop.Secret.Item'>"
    "<method name='Delete'><arg type='o' direction='out'/></method>"
    "</interface><interface name='org.freedesktop.Secret.Prompt'>"
    "<method name='Prompt'><arg type='s' direction='in'/></method>"
    "<method name='Dismiss'/>"
    "<signal name='Completed'><arg type='b'/><arg type='v'/></signal>"
    "</interface></node>";

typedef struct
{
  char *path;             /* (owned) */
  GHashTable *attributes; /* (owned) */
  char *secret;           /* (owned) */
  guint registered;
} Item;

struct _CbFakeKeyring
{
  GDBusConnection *bus;   /* (owned) */
  GDBusNodeInfo *info;    /* (owned) */
  GPtrArray *items;       /* (owned) (element-type Item) */
  GPtrArray *registered;  /* (owned): ids of objects */
  guint own_id;
  gboolean owned;
  gboolean locked;
  gboolean opens;
  GVariant *wanted;       /* (owned) (nullable): what is to be unlocked by the prompt */
  guint last_item;
};

static const GDBusInterfaceVTable vtable;

static gboolean
has_attributes (Item *item, GVariant *wanted)
{
  GVariantIter iter;
  const char *name;
  const char *value;

  g_variant_iter_init (&iter, wanted);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    if (g_strcmp0 (g_hash_table_lookup (item->attributes, name), value) != 0)
      return FALSE;
  return TRUE;
}

static void
add_object (CbFakeKeyring *self, const char *path, const char *interface, guint *id)
{
  g_autoptr (GError) error = NULL;
  guint registered = g_dbus_connection_register_object (self->bus, path, g_dbus_node_info_lookup_interface (self->info, interface),
                                                        &vtable, self, NULL, &error);

  g_assert_no_error (error);
  if (id != NULL)
    *id = registered;
  else
    g_ptr_array_add (self->registered, GUINT_TO_POINTER (registered));
}

static void
item_free (Item *item)
{
  g_free (item->path);
  g_hash_table_unref (item->attributes);
  g_free (item->secret);
  g_free (item);
}

static void
search (CbFakeKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) wanted = g_variant_get_child_value (parameters, 0);
  GVariantBuilder found, none;

  g_variant_builder_init (&found, G_VARIANT_TYPE ("ao"));
  g_variant_builder_init (&none, G_VARIANT_TYPE ("ao"));
  for (guint i = 0; i < self->items->len; i++)
    {
      Item *item = g_ptr_array_index (self->items, i);

      if (has_attributes (item, wanted))
        g_variant_builder_add (&found, "o", item->path);
    }
  g_dbus_method_invocation_return_value (
    invocation, self->locked ? g_variant_new ("(aoao)", &none, &found) : g_variant_new ("(aoao)", &found, &none));
}

static void
get_secrets (CbFakeKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariantIter) paths = NULL;
  GVariantBuilder builder;
  const char *path;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{o(oayays)}"));
  g_variant_get (parameters, "(ao&o)", &paths, NULL);
  while (g_variant_iter_next (paths, "&o", &path))
    for (guint i = 0; i < self->items->len; i++)
      {
        Item *item = g_ptr_array_index (self->items, i);
        GVariant *none = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1);
        GVariant *secret;

        if (!g_str_equal (item->path, path) || self->locked)
          {
            g_variant_unref (g_variant_ref_sink (none));
            continue;
          }
        secret = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, item->secret, strlen (item->secret), 1);
        g_variant_builder_add (&builder, "{o@(oayays)}", path,
                               g_variant_new ("(o@ay@ays)", SESSION_PATH, none, secret, "text/plain"));
      }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{o(oayays)})", &builder));
}

static void
create_item (CbFakeKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GVariant) attributes = NULL;
  g_autoptr (GVariant) bytes = NULL;
  gboolean replace;
  Item *item = NULL;
  GVariantIter iter;
  const char *name;
  const char *value;
  gsize length;
  const char *data;

  if (self->locked)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.Secret.Error.IsLocked", "It is locked");
      return;
    }
  g_variant_get (parameters, "(@a{sv}(&o@ay@ay&s)b)", &settings, NULL, NULL, &bytes, NULL, &replace);
  attributes = g_variant_lookup_value (settings, "org.freedesktop.Secret.Item.Attributes", G_VARIANT_TYPE ("a{ss}"));
  g_assert_nonnull (attributes);
  data = g_variant_get_fixed_array (bytes, &length, 1);

  for (guint i = 0; replace && i < self->items->len; i++)
    {
      Item *other = g_ptr_array_index (self->items, i);

      if (has_attributes (other, attributes) && g_hash_table_size (other->attributes) == g_variant_n_children (attributes))
        item = other;
    }
  if (item == NULL)
    {
      item = g_new0 (Item, 1);
      item->path = g_strdup_printf (COLLECTION_PATH "/%u", ++self->last_item);
      item->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_variant_iter_init (&iter, attributes);
      while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
        g_hash_table_insert (item->attributes, g_strdup (name), g_strdup (value));
      g_ptr_array_add (self->items, item);
      add_object (self, item->path, "org.freedesktop.Secret.Item", &item->registered);
    }
  g_free (item->secret);
  item->secret = g_strndup (data, length);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(oo)", item->path, NO_PROMPT));
}

static void
delete_item (CbFakeKeyring *self, const char *path, GDBusMethodInvocation *invocation)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      Item *item = g_ptr_array_index (self->items, i);

      if (!g_str_equal (item->path, path))
        continue;
      g_dbus_connection_unregister_object (self->bus, item->registered);
      g_ptr_array_remove_index (self->items, i);
      break;
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", NO_PROMPT));
}

/* What a person would do. */
static void
prompt (CbFakeKeyring *self, const char *path, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) wanted = g_steal_pointer (&self->wanted);
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("ao", NULL));

  g_dbus_method_invocation_return_value (invocation, NULL);
  if (self->opens)
    self->locked = FALSE;
  g_dbus_connection_emit_signal (self->bus, NULL, path, "org.freedesktop.Secret.Prompt", "Completed",
                                 g_variant_new ("(bv)", !self->opens, self->opens && wanted != NULL ? wanted : nothing), NULL);
}

static void
unlock (CbFakeKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) paths = g_variant_get_child_value (parameters, 0);

  if (!self->locked)
    {
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@aoo)", paths, NO_PROMPT));
      return;
    }
  g_clear_pointer (&self->wanted, g_variant_unref);
  self->wanted = g_variant_ref (paths);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aoo)", NULL, SERVICE_PATH "/prompt/p1"));
}

static void
method_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  CbFakeKeyring *self = data;

  if (g_str_equal (method, "OpenSession"))
    {
      const char *algorithm;

      g_variant_get (parameters, "(&sv)", &algorithm, NULL);
      if (g_str_equal (algorithm, "plain"))
        g_dbus_method_invocation_return_value (invocation, g_variant_new ("(vo)", g_variant_new_string (""), SESSION_PATH));
      else
        g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_NOT_SUPPORTED, "Only plain");
    }
  else if (g_str_equal (method, "SearchItems"))
    search (self, parameters, invocation);
  else if (g_str_equal (method, "Unlock"))
    unlock (self, parameters, invocation);
  else if (g_str_equal (method, "GetSecrets"))
    get_secrets (self, parameters, invocation);
  else if (g_str_equal (method, "ReadAlias"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", COLLECTION_PATH));
  else if (g_str_equal (method, "CreateItem"))
    create_item (self, parameters, invocation);
  else if (g_str_equal (method, "Delete"))
    delete_item (self, path, invocation);
  else if (g_str_equal (method, "Prompt"))
    prompt (self, path, invocation);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static GVariant *
property_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *name, GError **error,
             gpointer data)
{
  CbFakeKeyring *self = data;
  const char *collections[] = { COLLECTION_PATH, NULL };

  if (g_str_equal (name, "Collections"))
    return g_variant_new_objv (collections, -1);
  if (g_str_equal (name, "Items"))
    return g_variant_new ("ao", NULL);
  if (g_str_equal (name, "Label"))
    return g_variant_new_string ("Test");
  if (g_str_equal (name, "Locked"))
    return g_variant_new_boolean (self->locked);
  return g_variant_new_uint64 (0);
}

static const GDBusInterfaceVTable vtable = { method_cb, property_cb, NULL, { NULL } };

static void
acquired_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  CbFakeKeyring *self = data;

  self->owned = TRUE;
}

CbFakeKeyring *
cb_fake_keyring_new (const char *bus_address)
{
  CbFakeKeyring *self = g_new0 (CbFakeKeyring, 1);
  g_autoptr (GError) error = NULL;

  self->info = g_dbus_node_info_new_for_xml (interface_xml, &error);
  g_assert_no_error (error);
  self->bus = g_dbus_connection_new_for_address_sync (
    bus_address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  self->registered = g_ptr_array_new ();
  add_object (self, SERVICE_PATH, "org.freedesktop.Secret.Service", NULL);
  add_object (self, COLLECTION_PATH, "org.freedesktop.Secret.Collection", NULL);
  add_object (self, ALIAS_PATH, "org.freedesktop.Secret.Collection", NULL);
  add_object (self, SERVICE_PATH "/prompt/p1", "org.freedesktop.Secret.Prompt", NULL);
  self->own_id = g_bus_own_name_on_connection (self->bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, acquired_cb, NULL, self, NULL);
  cb_test_wait_until (self->owned);
  return self;
}

void
cb_fake_keyring_free (CbFakeKeyring *self)
{
  g_bus_unown_name (self->own_id);
  for (guint i = 0; i < self->registered->len; i++)
    g_dbus_connection_unregister_object (self->bus, GPOINTER_TO_UINT (g_ptr_array_index (self->registered, i)));
  for (guint i = 0; i < self->items->len; i++)
    g_dbus_connection_unregister_object (self->bus, ((Item *) g_ptr_array_index (self->items, i))->registered);
  g_dbus_connection_close_sync (self->bus, NULL, NULL);
  g_ptr_array_unref (self->registered);
  g_ptr_array_unref (self->items);
  g_clear_pointer (&self->wanted, g_variant_unref);
  g_dbus_node_info_unref (self->info);
  g_object_unref (self->bus);
  g_free (self);
}

guint
cb_fake_keyring_get_n_items (CbFakeKeyring *self)
{
  return self->items->len;
}

const char *
cb_fake_keyring_find (CbFakeKeyring *self, const char *attribute, const char *value)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      Item *item = g_ptr_array_index (self->items, i);

      if (g_strcmp0 (g_hash_table_lookup (item->attributes, attribute), value) == 0)
        return item->secret;
    }
  return NULL;
}

void
cb_fake_keyring_lock (CbFakeKeyring *self, gboolean opens)
{
  self->locked = TRUE;
  self->opens = opens;
}
