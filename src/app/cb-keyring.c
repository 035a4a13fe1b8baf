/* cb-keyring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keyring.h"

#include <glib/gi18n.h>
#include <string.h>

#ifdef HAVE_KEYRING

#include <libsecret/secret.h>

static const SecretSchema schema = {
  APPLICATION_ID ".Server",
  SECRET_SCHEMA_NONE,
  {
    { "server", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "host", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "port", SECRET_SCHEMA_ATTRIBUTE_INTEGER },
    { "socket", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "sentinel", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
  },
};

/* One task: look up what was kept for one server, keep it for another, and take out what is not to stay. */
typedef struct
{
  void (*begin) (GTask *task);
  CbSavedServer *from;    /* (owned) (nullable) */
  CbSavedServer *to;      /* (owned) (nullable) */
  char *password;         /* (owned) (nullable) */
  gboolean forget;
  GHashTable *sought;     /* (owned) (nullable): what nothing came of: it may be there and locked */
} Work;

static void
clear_password (char **password)
{
  if (*password != NULL)
    memset (*password, 0, strlen (*password));
  g_clear_pointer (password, g_free);
}

static void
free_password (gpointer password)
{
  clear_password ((char **) &password);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_clear_pointer (&work->from, cb_saved_server_free);
  g_clear_pointer (&work->to, cb_saved_server_free);
  clear_password (&work->password);
  g_clear_pointer (&work->sought, g_hash_table_unref);
  g_free (work);
}

static GHashTable *
create_attributes (const CbSavedServer *server)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  CbAddress *address = server->address;
  const char *user = cb_address_get_user (address);

  g_hash_table_insert (attributes, (gpointer) "server", g_strdup (server->id));
  g_hash_table_insert (attributes, (gpointer) "user", g_strdup (user != NULL ? user : ""));
  if (cb_address_get_path (address) != NULL)
    {
      g_hash_table_insert (attributes, (gpointer) "socket", g_strdup (cb_address_get_path (address)));
    }
  else
    {
      g_hash_table_insert (attributes, (gpointer) "host", g_strdup (cb_address_get_host (address)));
      g_hash_table_insert (attributes, (gpointer) "port", g_strdup_printf ("%u", cb_address_get_port (address)));
      /* Also where there is none: who asks for a part of the attributes gets what has more of them as well. */
      g_hash_table_insert (attributes, (gpointer) "sentinel",
                           g_strdup (cb_address_get_sentinel (address) != NULL ? cb_address_get_sentinel (address) : ""));
    }
  return attributes;
}

/* An address may hold bytes that are no text. libsecret takes no attribute of them, and never answers then. Returns whether the task may
 * go on. */
static gboolean
can_be_found (GTask *task, const CbSavedServer *server)
{
  const char *user = cb_address_get_user (server->address);
  const char *path = cb_address_get_path (server->address);

  if ((user == NULL || g_utf8_validate (user, -1, NULL)) && (path == NULL || g_utf8_validate (path, -1, NULL)))
    return TRUE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                           _ ("The user name or the path of the socket is no text, and the keyring keeps text only."));
  return FALSE;
}

/* Whether one is kept in the place of the other. */
static gboolean
is_same_place (const CbSavedServer *a, const CbSavedServer *b)
{
  g_autoptr (GHashTable) one = create_attributes (a);
  g_autoptr (GHashTable) two = create_attributes (b);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, one);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (g_strcmp0 (g_hash_table_lookup (two, name), value) != 0)
      return FALSE;
  return g_hash_table_size (one) == g_hash_table_size (two);
}

/* What libsecret and the bus say is for programmers. */
static GError *
explain (GError *error)
{
  g_autoptr (GError) taken = error;
  g_autofree char *remote = g_dbus_error_get_remote_error (taken);

  if (g_error_matches (taken, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&taken);
  if (g_error_matches (taken, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (taken, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
      (remote != NULL && g_str_has_prefix (remote, "org.freedesktop.DBus.Error.Spawn")))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                        _ ("No keyring runs in this session. Install one, such as GNOME Keyring or KWallet."));
  if (g_error_matches (taken, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
      (remote != NULL && g_str_equal (remote, "org.freedesktop.Secret.Error.IsLocked")))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The keyring is locked and was not opened."));
  /* Which libsecret says of GNOME Keyring when nobody was there, or wanted, to make one. */
  if (g_error_matches (taken, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
      g_error_matches (taken, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
      g_error_matches (taken, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
      (remote != NULL && g_str_equal (remote, "org.freedesktop.Secret.Error.NoSuchObject")))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _ ("There is no keyring to keep it in yet, and none was made."));

  g_dbus_error_strip_remote_error (taken);
  /* Translators: what the keyring said */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The keyring can’t be had: %s"), taken->message);
}

static void
got_service_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  static char *last_owner;
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);
  g_autofree char *owner = NULL;

  if (service == NULL)
    {
      g_task_return_error (task, explain (error));
      return;
    }

  owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (service));
  if (last_owner != NULL && g_strcmp0 (owner, last_owner) != 0)
    secret_service_disconnect ();
  g_free (last_owner);
  last_owner = g_steal_pointer (&owner);
  work->begin (task);
}

/* Each begins with a look at who speaks for the keyring: libsecret keeps what it agreed on with one that has ended, and the one that took
 * its place knows nothing of that. @begin may return the task, or have it held on. @from and @to: nullable. */
static void
begin_task (gpointer tag, void (*begin) (GTask *task), const CbSavedServer *from, const CbSavedServer *to, const char *password,
            gboolean forget, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, tag);
  work->begin = begin;
  work->from = from != NULL ? cb_saved_server_copy (from) : NULL;
  work->to = to != NULL ? cb_saved_server_copy (to) : NULL;
  work->password = g_strdup (password);
  work->forget = forget;
  g_task_set_task_data (task, work, work_free);
  secret_service_get (SECRET_SERVICE_NONE, cancellable, got_service_cb, task);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);

  if (service != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, explain (error));
}

static void
probe (GTask *task)
{
  secret_service_get (SECRET_SERVICE_OPEN_SESSION, g_task_get_cancellable (task), probed_cb, g_object_ref (task));
}

void
cb_keyring_probe_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  begin_task (cb_keyring_probe_async, probe, NULL, NULL, NULL, FALSE, cancellable, callback, user_data);
}

/* The end of each: the password, which most only look at for an error. */
static void
finish (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&work->password), free_password);
}

static void forget (GTask *task, GHashTable *attributes);

/* ---- what is there and can't be had ---- */

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  g_autoptr (GVariant) open = NULL;
  g_autoptr (GVariant) locked = NULL;

  if (answer == NULL)
    {
      g_task_return_error (task, explain (error));
      return;
    }
  open = g_variant_get_child_value (answer, 0);
  locked = g_variant_get_child_value (answer, 1);
  if (g_variant_n_children (locked) > 0)
    g_task_return_error (task, explain (g_error_new_literal (SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "")));
  else if (work->forget && g_variant_n_children (open) > 0)
    forget (task, work->sought);
  else
    finish (task);
}

static void
search_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);
  GVariantBuilder attributes;
  GHashTableIter iter;
  gpointer name, value;

  if (service == NULL)
    {
      g_task_return_error (task, explain (error));
      return;
    }
  g_variant_builder_init (&attributes, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&attributes, "{ss}", "xdg:schema", schema.name);
  g_hash_table_iter_init (&iter, work->sought);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_variant_builder_add (&attributes, "{ss}", name, value);
  g_dbus_proxy_call (G_DBUS_PROXY (service), "SearchItems", g_variant_new ("(a{ss})", &attributes), G_DBUS_CALL_FLAGS_NONE, -1,
                     g_task_get_cancellable (task), searched_cb, g_object_ref (task));
}

static void
seek (Work *work, GHashTable *attributes)
{
  GHashTable *before = work->sought;

  work->sought = g_hash_table_ref (attributes);
  g_clear_pointer (&before, g_hash_table_unref);
}

/* Nothing came of @attributes. libsecret says the same whether there is nothing or the user would not open the keyring, and who takes
 * the second for the first leaves a password there, or promises to keep one. Ends the task. */
static void
finish_unless_locked (GTask *task, GHashTable *attributes)
{
  seek (g_task_get_task_data (task), attributes);
  secret_service_get (SECRET_SERVICE_NONE, g_task_get_cancellable (task), search_cb, g_object_ref (task));
}

/* ---- taking out, putting in, looking up ---- */

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean cleared = secret_password_clear_finish (result, &error);

  if (error != NULL)
    g_task_return_error (task, explain (error));
  else if (cleared)
    finish (task);
  else
    finish_unless_locked (task, work->sought);
}

static void
forget (GTask *task, GHashTable *attributes)
{
  Work *work = g_task_get_task_data (task);

  work->forget = FALSE;
  seek (work, attributes);
  secret_password_clearv (&schema, attributes, g_task_get_cancellable (task), cleared_cb, g_object_ref (task));
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  if (!secret_password_store_finish (result, &error))
    {
      g_task_return_error (task, explain (error));
    }
  else if (!is_same_place (work->from, work->to))
    {
      g_autoptr (GHashTable) attributes = create_attributes (work->from);

      if (can_be_found (task, work->from))
        forget (task, attributes);
    }
  else
    {
      finish (task);
    }
}

static void
store (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = create_attributes (work->to);
  /* Translators: the name of a server; this is shown by programs that list what is in the keyring */
  g_autofree char *label = g_strdup_printf (_ ("Redis password of %s"), work->to->name);

  if (!can_be_found (task, work->to))
    return;
  if (!g_utf8_validate (work->password, -1, NULL))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                               _ ("The password is no text, and the keyring keeps text only."));
      return;
    }
  secret_password_storev (&schema, attributes, SECRET_COLLECTION_DEFAULT, label, work->password, g_task_get_cancellable (task),
                          stored_cb, g_object_ref (task));
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  char *password = secret_password_lookup_finish (result, &error);

  work->password = g_strdup (password);
  secret_password_free (password);
  if (error != NULL)
    {
      g_task_return_error (task, explain (error));
    }
  else if (work->password != NULL && work->to != NULL)
    {
      store (task);
    }
  else if (work->forget)
    {
      /* By its id alone: whatever there is. */
      g_autoptr (GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);

      g_hash_table_insert (attributes, (gpointer) "server", work->from->id);
      /* Who would not open it once is not asked again. */
      if (work->password != NULL)
        forget (task, attributes);
      else
        finish_unless_locked (task, attributes);
    }
  else if (work->password == NULL)
    {
      g_autoptr (GHashTable) attributes = create_attributes (work->from);

      finish_unless_locked (task, attributes);
    }
  else
    {
      finish (task);
    }
}

static void
look_up (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = create_attributes (work->from);

  if (can_be_found (task, work->from))
    secret_password_lookupv (&schema, attributes, g_task_get_cancellable (task), looked_up_cb, g_object_ref (task));
}

void
cb_keyring_lookup_async (const CbSavedServer *server, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  begin_task (cb_keyring_lookup_async, look_up, server, NULL, NULL, FALSE, cancellable, callback, user_data);
}

void
cb_keyring_store_async (const CbSavedServer *server, const char *password, GAsyncReadyCallback callback, gpointer user_data)
{
  begin_task (cb_keyring_store_async, store, server, server, password, FALSE, NULL, callback, user_data);
}

void
cb_keyring_move_async (const CbSavedServer *old, const CbSavedServer *server, const char *password,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  begin_task (cb_keyring_move_async, password != NULL ? store : look_up, old, server, password, FALSE, NULL, callback, user_data);
}

void
cb_keyring_take_async (const CbSavedServer *server, GAsyncReadyCallback callback, gpointer user_data)
{
  begin_task (cb_keyring_take_async, look_up, server, NULL, NULL, TRUE, NULL, callback, user_data);
}

#else

static void
refuse (gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                           _ ("This Callboard was built without a keyring."));
}

void
cb_keyring_probe_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (cb_keyring_probe_async, cancellable, callback, user_data);
}

void
cb_keyring_lookup_async (const CbSavedServer *server, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (cb_keyring_lookup_async, cancellable, callback, user_data);
}

void
cb_keyring_store_async (const CbSavedServer *server, const char *password, GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (cb_keyring_store_async, NULL, callback, user_data);
}

void
cb_keyring_move_async (const CbSavedServer *old, const CbSavedServer *server, const char *password,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (cb_keyring_move_async, NULL, callback, user_data);
}

void
cb_keyring_take_async (const CbSavedServer *server, GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (cb_keyring_take_async, NULL, callback, user_data);
}

#endif

gboolean
cb_keyring_probe_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

char *
cb_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Of those that bring a password which nobody wants. */
static gboolean
finish_quietly (GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  char *password = g_task_propagate_pointer (G_TASK (result), &local_error);

  if (password != NULL)
    memset (password, 0, strlen (password));
  g_free (password);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
cb_keyring_store_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return finish_quietly (result, error);
}

gboolean
cb_keyring_move_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return finish_quietly (result, error);
}

char *
cb_keyring_take_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
