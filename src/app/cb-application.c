/* cb-application.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-application.h"

#include <glib/gi18n.h>
#include <glib-unix.h>

#include "cb-about.h"
#include "cb-drawing.h"
#include "cb-keyring.h"
#include "cb-memory-engine.h"
#include "cb-open-rdb.h"
#include "cb-password-dialog.h"
#include "cb-private-server.h"
#include "cb-production.h"
#include "cb-window.h"

/*
 * One instance a user. Its command line, also that of a second start, opens a window on the server it names; windows on the same
 * server share a session. The program ends with its last window, but not before every session has let go of its server:
 * the private one is to save first.
 */

struct _CbApplication
{
  AdwApplication parent_instance;

  GHashTable *sessions;         /* (owned) (element-type utf8 CbSession): by URI, "" the private one */
};

G_DEFINE_FINAL_TYPE (CbApplication, cb_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "server", 's', 0, G_OPTION_ARG_STRING, NULL,
    N_ ("The Redis server: redis[s]://HOST:PORT/DB or unix:PATH. Without it a private one is started."), N_ ("URI") },
  { "page", 'p', 0, G_OPTION_ARG_STRING, NULL, N_ ("The page to show: the name of a queue, or “worker”"), N_ ("PAGE") },
  { "memory", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show invented queues, without a server"), NULL },
  { "new-window", 'w', 0, G_OPTION_ARG_NONE, NULL, N_ ("Open another window"), NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and end"), NULL },
  { NULL },
};

static CbSession *
create_memory_session (void)
{
  g_autoptr (CbEngine) engine = cb_memory_engine_new ();

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (engine));
  return cb_session_new_for_engine (engine, _ ("Samples"));
}

static CbSession *
find_session (CbApplication *self, const char *key)
{
  return g_hash_table_lookup (self->sessions, key);
}

static CbSession *
add_session (CbApplication *self, const char *key, CbSession *session)
{
  g_hash_table_insert (self->sessions, g_strdup (key), session);
  cb_session_start (session);
  return session;
}

static CbWindow *
find_window (CbApplication *self, CbSession *session)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    {
      if (CB_IS_WINDOW (l->data) && cb_window_get_session (l->data) == session)
        return l->data;
    }
  return NULL;
}

/* Files of the command line; those of a second start are where that one was. */
static gboolean
open_files (CbApplication *self, GApplicationCommandLine *command_line)
{
  g_auto (GStrv) words = g_application_command_line_get_arguments (command_line, NULL);

  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (command_line, words[i]);

      cb_application_open_rdb (self, file);
    }
  return words[0] != NULL && words[1] != NULL;
}

static int
cb_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  CbApplication *self = CB_APPLICATION (application);
  GVariantDict *dict = g_application_command_line_get_options_dict (command_line);
  g_autoptr (GError) error = NULL;
  const char *server = NULL;
  const char *page = NULL;
  gboolean memory = FALSE;
  gboolean new_window = FALSE;
  CbSession *session;
  CbWindow *window;

  if (open_files (self, command_line))
    return 0;

  g_variant_dict_lookup (dict, "server", "&s", &server);
  g_variant_dict_lookup (dict, "page", "&s", &page);
  g_variant_dict_lookup (dict, "memory", "b", &memory);
  g_variant_dict_lookup (dict, "new-window", "b", &new_window);
  if (g_strcmp0 (g_application_command_line_getenv (command_line, "CALLBOARD_ENGINE"), "memory") == 0)
    memory = TRUE;
  if (server == NULL)
    server = g_application_command_line_getenv (command_line, "CALLBOARD_SERVER");

  if (memory)
    {
      session = find_session (self, "memory:");
      if (session == NULL)
        session = add_session (self, "memory:", create_memory_session ());
    }
  else
    {
      session = cb_application_get_session (self, server, &error);
    }
  if (session == NULL)
    {
      g_application_command_line_printerr (command_line, "callboard: %s\n", error->message);
      return 2;
    }

  window = new_window ? NULL : find_window (self, session);
  if (window != NULL)
    {
      if (page != NULL)
        cb_window_show_page (window, page);
      gtk_window_present (GTK_WINDOW (window));
    }
  else
    {
      cb_application_open_window (self, session, page);
    }
  return 0;
}

static int
cb_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  if (g_variant_dict_contains (dict, "version"))
    {
      g_print ("callboard %s\n", PACKAGE_VERSION);
      return 0;
    }
  return -1;
}

/* Without a command line: started by the desktop over D-Bus, or a notification was clicked. */
static void
cb_application_activate (GApplication *application)
{
  CbApplication *self = CB_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window != NULL)
    gtk_window_present (window);
  else
    cb_application_open_window (self, cb_application_get_session (self, NULL, NULL), NULL);
}

/* Files that the file manager opens. */
static void
cb_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    cb_application_open_rdb (CB_APPLICATION (application), files[i]);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbApplication) self = data;
  g_autoptr (GError) error = NULL;

  if (!cb_session_stop_finish (CB_SESSION (source), result, &error))
    g_debug ("A session did not end in order: %s", error->message);
  g_application_release (G_APPLICATION (self));
}

/* Ends the sessions that no window shows any more. Each holds the program until it has let go of its server. */
static void
stop_unused_sessions (CbApplication *self)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      if (find_window (self, session) != NULL)
        continue;

      g_application_hold (G_APPLICATION (self));
      cb_session_stop_async (session, stopped_cb, g_object_ref (self));
      g_hash_table_iter_remove (&iter);
    }
}

static void
cb_application_window_removed (GtkApplication *application, GtkWindow *window)
{
  GTK_APPLICATION_CLASS (cb_application_parent_class)->window_removed (application, window);

  if (CB_IS_WINDOW (window))
    stop_unused_sessions (CB_APPLICATION (application));
}

static gboolean
signal_cb (gpointer data)
{
  cb_window_close_all (data);
  return G_SOURCE_CONTINUE;
}

static CbWindow *
get_active_window (CbApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window != NULL && !CB_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  return window != NULL ? CB_WINDOW (window) : NULL;
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  cb_window_quit (data);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  cb_about_present (gtk_application_get_active_window (GTK_APPLICATION (data)));
}

static void
new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  CbApplication *self = data;
  CbWindow *window = get_active_window (self);
  CbSession *session = window != NULL ? cb_window_get_session (window) : cb_application_get_session (self, NULL, NULL);

  cb_application_open_window (self, session, NULL);
}

static void
open_rdb_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  cb_open_rdb_choose (data, GTK_WINDOW (get_active_window (data)));
}

static void
new_job_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  CbWindow *window = get_active_window (data);

  if (window != NULL)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.new-job", NULL);
}

/* The session that runs on a server, which is named as in notifications and settings. */
static CbSession *
peek_session_by_id (CbApplication *self, const char *server_id)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      g_autofree char *id = cb_session_dup_server_id (session);

      if (g_str_equal (id, server_id))
        return session;
    }
  return NULL;
}

static CbSession *
add_saved_session (CbApplication *self, const CbSavedServer *server, CbAddress *address)
{
  g_autofree char *server_id = cb_session_make_server_id (address, server->prefix);
  g_autofree char *key = g_strdup (server_id);
  CbSession *session = cb_session_new (address);

  /* The key only has to be another one: a session that is there ends with its windows. */
  for (guint i = 0; find_session (self, key) != NULL; i++)
    {
      g_free (key);
      key = g_strdup_printf ("%s#%u", server_id, i);
    }
  cb_session_set_prefix (session, server->prefix);
  cb_session_set_read_only (session, server->read_only);
  return add_session (self, key, session);
}

/* That, or a new one: a notification may be clicked long after the program has ended and begun again. */
static CbSession *
find_session_by_id (CbApplication *self, const char *server_id)
{
  CbSession *session = peek_session_by_id (self, server_id);
  g_auto (GStrv) parts = NULL;
  const CbSavedServer *saved;

  if (session != NULL)
    return session;

  /* Neither of these is there any more when its window is closed. */
  if (g_str_equal (server_id, "memory") || g_str_equal (server_id, "rdb"))
    return NULL;
  if (g_str_equal (server_id, "private"))
    return cb_application_get_session (self, NULL, NULL);

  /* Where it asks for a password it lets nobody in yet, but it is guarded as that server is to be. */
  parts = g_strsplit (server_id, "#", 2);
  saved = cb_saved_servers_find_uri (cb_saved_servers_get_default (), parts[0], parts[1]);
  if (saved != NULL)
    return add_saved_session (self, saved, saved->address);
  return cb_application_get_session (self, parts[0], NULL);
}

/* What a notification does when it is clicked. Another window may be on another server, or on this one a queue of another prefix, which
 * has a job of that number, too. */
static CbWindow *
open_window_on (CbApplication *self, const char *server_id)
{
  CbSession *session = find_session_by_id (self, server_id);
  CbWindow *window;

  if (session == NULL)
    return NULL;

  window = get_active_window (self);
  if (window == NULL || cb_window_get_session (window) != session)
    window = find_window (self, session);
  if (window == NULL)
    {
      cb_application_open_window (self, session, NULL);
      window = find_window (self, session);
    }
  return window;
}

/* An action that was asked for before the saved servers were read. */
typedef struct
{
  GApplication *application;    /* (owned), and held */
  char *name;                   /* (owned) */
  GVariant *parameter;          /* (owned) */
} Later;

static void
later_free (gpointer data, GClosure *closure)
{
  Later *later = data;

  g_application_release (later->application);
  g_object_unref (later->application);
  g_variant_unref (later->parameter);
  g_free (later->name);
  g_free (later);
}

static void
later_cb (CbSavedServers *servers, Later *later)
{
  if (!cb_saved_servers_is_loaded (servers))
    return;

  g_action_group_activate_action (G_ACTION_GROUP (later->application), later->name, later->parameter);
  g_signal_handlers_disconnect_by_func (servers, later_cb, later);
}

/* A click on a notification may be what the program is started by: the list tells under which prefix a server is shown, and whether
 * it may be written to. Returns whether the action is gone through later. */
static gboolean
put_off (GSimpleAction *action, GVariant *parameter, GApplication *application)
{
  CbSavedServers *servers = cb_saved_servers_get_default ();
  Later *later;

  if (cb_saved_servers_is_loaded (servers))
    return FALSE;

  later = g_new0 (Later, 1);
  later->application = g_object_ref (application);
  later->name = g_strdup (g_action_get_name (G_ACTION (action)));
  later->parameter = g_variant_ref (parameter);
  g_application_hold (application);
  g_signal_connect_data (servers, "changed", G_CALLBACK (later_cb), later, later_free, 0);
  return TRUE;
}

/* (server, prefix, queue, id) */
static void
open_job_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  CbWindow *window;
  const char *server_id;
  const char *prefix;
  const char *queue;
  const char *id;

  if (put_off (action, parameter, data))
    return;

  g_variant_get (parameter, "(&s&s&s&s)", &server_id, &prefix, &queue, &id);
  window = open_window_on (data, server_id);
  if (window == NULL)
    return;

  cb_window_show_job (window, prefix, queue, id);
  gtk_window_present (GTK_WINDOW (window));
}

/* (server, prefix, queue, state): the jobs of a queue; without a queue the doctor. */
static void
open_place_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  CbWindow *window;
  CbBoard *board;
  CbQueue *known = NULL;
  const char *server_id;
  const char *prefix;
  const char *queue;
  const char *state;

  if (put_off (action, parameter, data))
    return;

  g_variant_get (parameter, "(&s&s&s&s)", &server_id, &prefix, &queue, &state);
  window = open_window_on (data, server_id);
  if (window == NULL)
    return;

  board = cb_session_get_board (cb_window_get_session (window));
  if (board != NULL && *queue != '\0')
    known = cb_board_find (board, queue, prefix);
  if (known != NULL)
    {
      cb_window_show_jobs (window, known, *state != '\0' ? state : NULL, NULL);
    }
  else if (*queue != '\0')
    {
      g_autofree char *place = g_strdup_printf ("queue/%s", queue);

      cb_window_show_page (window, place);
    }
  else
    {
      cb_window_show_page (window, "doctor");
    }
  gtk_window_present (GTK_WINDOW (window));
}

static const GActionEntry actions[] = {
  { .name = "quit", .activate = quit_cb },
  { .name = "about", .activate = about_cb },
  { .name = "new-window", .activate = new_window_cb },
  { .name = "open-rdb", .activate = open_rdb_cb },
  { .name = "new-job", .activate = new_job_cb },
  { .name = "open-job", .activate = open_job_cb, .parameter_type = "(ssss)" },
  { .name = "open-place", .activate = open_place_cb, .parameter_type = "(ssss)" },
};

static void
swept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!cb_private_server_sweep_finish (CB_PRIVATE_SERVER (source), result, &error))
    g_debug ("Copies of RDB files that were left could not be removed: %s", error->message);
}

static void
cb_application_startup (GApplication *application)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "app.new-window", { "<Control><Shift>n" } },
    { "app.open-rdb", { "<Control>o" } },
    { "app.new-job", { "<Control>n" } },
    { "window.close", { "<Control>w" } },
    { "win.toggle-sidebar", { "F9" } },
    { "win.refresh", { "F5" } },
    { "win.filter", { "<Control>f" } },
    { "win.quick-find", { "<Control>k" } },
    { "win.show-shortcuts", { "<Control>question", "F1" } },
    { "win.menu", { "F10" } },
  };

  G_APPLICATION_CLASS (cb_application_parent_class)->startup (application);
  cb_drawing_restore ();

  gtk_window_set_default_icon_name (APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);

  /* What an earlier run that was killed has left. */
  {
    g_autoptr (CbPrivateServer) server = cb_private_server_new (NULL);

    cb_private_server_sweep_async (server, swept_cb, NULL);
  }

  g_unix_signal_add (SIGTERM, signal_cb, application);
  g_unix_signal_add (SIGINT, signal_cb, application);
}

static void
cb_application_finalize (GObject *object)
{
  CbApplication *self = CB_APPLICATION (object);

  g_hash_table_unref (self->sessions);

  G_OBJECT_CLASS (cb_application_parent_class)->finalize (object);
}

static void
cb_application_class_init (CbApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  GtkApplicationClass *gtk_application_class = GTK_APPLICATION_CLASS (klass);

  object_class->finalize = cb_application_finalize;
  application_class->startup = cb_application_startup;
  application_class->activate = cb_application_activate;
  application_class->open = cb_application_open;
  application_class->command_line = cb_application_command_line;
  application_class->handle_local_options = cb_application_handle_local_options;
  gtk_application_class->window_removed = cb_application_window_removed;
}

static void
cb_application_init (CbApplication *self)
{
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE.rdb…] – see and work the jobs of Redis queues"));
}

CbApplication *
cb_application_new (void)
{
  return g_object_new (CB_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN |
                                  G_APPLICATION_SEND_ENVIRONMENT,
                       "resource-base-path", "/io/github/callboard/Callboard",
                       NULL);
}

/**
 * cb_application_get_session:
 * @server: (nullable): how the server is written on the command line; the private one with %NULL
 *
 * Windows on the same server share one session, which ends with the last of them.
 *
 * Errors: %CB_REDIS_ERROR_ADDRESS when @server can't be understood.
 *
 * Returns: (transfer none) (nullable): the session, started
 */
CbSession *
cb_application_get_session (CbApplication *self, const char *server, GError **error)
{
  g_autoptr (CbAddress) address = NULL;
  g_autofree char *key = NULL;
  CbSession *session;

  g_return_val_if_fail (CB_IS_APPLICATION (self), NULL);

  if (server != NULL && *server != '\0')
    {
      address = cb_address_parse (server, error);
      if (address == NULL)
        return NULL;

      key = g_strdup (server);
    }
  else
    {
      key = g_strdup ("");
    }

  session = find_session (self, key);
  return session != NULL ? session : add_session (self, key, cb_session_new (address));
}

/* Nobody could be let in with what was given before: asking again makes sense. */
static gboolean
was_refused (CbSession *session)
{
  return !cb_session_get_was_ready (session) && cb_session_get_state (session) == CB_SESSION_DISCONNECTED;
}

/* Brings the window to the front that is there already, unless somebody has to be let in there. */
static gboolean
present_saved (CbApplication *self, const CbSavedServer *server)
{
  g_autofree char *server_id = cb_session_make_server_id (server->address, server->prefix);
  CbSession *session = peek_session_by_id (self, server_id);
  CbWindow *window = session != NULL ? find_window (self, session) : NULL;

  if (window == NULL || (server->asks_password && was_refused (session)))
    return FALSE;

  /* It may have been opened by its address alone. */
  if (server->read_only)
    cb_session_set_read_only (session, TRUE);
  gtk_window_present (GTK_WINDOW (window));
  return TRUE;
}

/* What opens a saved server, while the keyring and the user are asked. */
typedef struct
{
  GtkWidget *parent;       /* (owned): of the window that asks */
  CbSavedServer *server;   /* (owned) */
  gboolean can_keep;       /* the keyring did not refuse */
} Opening;

static Opening *
opening_new (GtkWidget *parent, const CbSavedServer *server)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->parent = g_object_ref (parent);
  opening->server = cb_saved_server_copy (server);
  opening->can_keep = server->keeps_password;
  return opening;
}

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->parent);
  cb_saved_server_free (opening->server);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  CbWindow *window = get_active_window (CB_APPLICATION (g_application_get_default ()));

  if (cb_keyring_store_finish (result, &error) || window == NULL)
    return;
  {
    /* Translators: a sentence that says why */
    g_autofree char *text = g_strdup_printf (_ ("The password is not kept. %s"), error->message);

    cb_toast (GTK_WIDGET (window), text);
  }
}

/* One that lets nobody in is not worth keeping. */
static void
let_in_cb (CbSession *session, GParamSpec *pspec, CbSavedServer *server)
{
  CbConnection *connection = cb_session_get_connection (session);
  const char *password = connection != NULL ? cb_address_get_password (cb_connection_get_address (connection)) : NULL;
  const CbSavedServer *saved = cb_saved_servers_find (cb_saved_servers_get_default (), server->id);

  if (!cb_session_get_was_ready (session) || password == NULL)
    return;
  /* The server may have been long about it, and is no longer in the list, or is another one there. */
  if (saved != NULL && saved->keeps_password && cb_address_equal (saved->address, server->address))
    cb_keyring_store_async (server, password, kept_cb, NULL);
  g_signal_handlers_disconnect_by_func (session, let_in_cb, server);
}

static void
open_saved (CbApplication *self, const CbSavedServer *server, CbAddress *address, gboolean keep)
{
  g_autofree char *server_id = cb_session_make_server_id (address, server->prefix);
  CbSession *refused = peek_session_by_id (self, server_id);
  CbSession *session;
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (self)));

  /* It may have let somebody in while the password was typed. */
  if (refused != NULL && !was_refused (refused))
    refused = NULL;

  session = add_saved_session (self, server, address);
  if (keep)
    g_signal_connect_data (session, "notify::was-ready", G_CALLBACK (let_in_cb), cb_saved_server_copy (server),
                           (GClosureNotify) (GCallback) cb_saved_server_free, 0);
  cb_application_open_window (self, session, NULL);

  for (GList *l = windows; refused != NULL && l != NULL; l = l->next)
    {
      if (CB_IS_WINDOW (l->data) && cb_window_get_session (l->data) == refused)
        gtk_window_close (l->data);
    }
}

static void
password_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Opening) opening = data;
  g_autofree char *password = cb_password_dialog_ask_finish (GTK_WIDGET (source), result);
  CbSavedServer *server = opening->server;
  g_autoptr (CbAddress) address = NULL;

  if (password == NULL)
    return;

  address = cb_address_with_login (server->address, cb_address_get_user (server->address), password);
  open_saved (CB_APPLICATION (g_application_get_default ()), server, address, opening->can_keep);
}

static void
ask_password (Opening *opening, const char *problem)
{
  CbSavedServer *server = opening->server;
  const char *remark = opening->can_keep ? _ ("It will be kept in the keyring.") : _ ("It is not kept.");
  /* Translators: why, and what becomes of the password; two sentences */
  g_autofree char *both = problem != NULL ? g_strdup_printf (_ ("%s %s"), remark, problem) : NULL;

  cb_password_dialog_ask_async (opening->parent, server->name, cb_address_get_user (server->address),
                                both != NULL ? both : remark, password_cb, opening);
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Opening) opening = data;
  CbSavedServer *server = opening->server;
  g_autoptr (GError) error = NULL;
  g_autofree char *password = cb_keyring_lookup_finish (result, &error);

  /* Its window may have been closed while the keyring waited for the user. */
  if (!gtk_widget_get_visible (opening->parent))
    return;
  /* Who was not patient with the keyring has clicked again. */
  if (present_saved (CB_APPLICATION (g_application_get_default ()), server))
    return;
  if (password != NULL)
    {
      g_autoptr (CbAddress) address =
        cb_address_with_login (server->address, cb_address_get_user (server->address), password);

      open_saved (CB_APPLICATION (g_application_get_default ()), server, address, FALSE);
      return;
    }
  opening->can_keep = error == NULL;
  ask_password (g_steal_pointer (&opening), error != NULL ? error->message : NULL);
}

/**
 * cb_application_open_saved:
 * @parent: a widget of the window that asks
 *
 * Opens a window on a saved server, with the password that is kept for it or that the user types. One that is there already comes to the front, unless nobody was let in there and a password can be
 * asked for again; then the new window takes its place.
 */
void
cb_application_open_saved (CbApplication *self, GtkWidget *parent, const CbSavedServer *server)
{
  g_autofree char *server_id = NULL;
  CbSession *session;
  CbWindow *window;

  g_return_if_fail (CB_IS_APPLICATION (self));
  g_return_if_fail (server != NULL);

  if (present_saved (self, server))
    return;

  server_id = cb_session_make_server_id (server->address, server->prefix);
  session = peek_session_by_id (self, server_id);
  window = session != NULL ? find_window (self, session) : NULL;
  if (server->asks_password && server->keeps_password && window == NULL)
    cb_keyring_lookup_async (server, NULL, looked_up_cb, opening_new (parent, server));
  else if (server->asks_password)
    ask_password (opening_new (parent, server), NULL);
  else
    open_saved (self, server, server->address, FALSE);
}

void
cb_application_set_read_only (CbApplication *self, const CbSavedServer *server)
{
  g_autofree char *server_id = NULL;
  GHashTableIter iter;
  gpointer session;

  g_return_if_fail (CB_IS_APPLICATION (self));
  g_return_if_fail (server != NULL);

  server_id = cb_session_make_server_id (server->address, server->prefix);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      g_autofree char *id = cb_session_dup_server_id (session);

      if (g_str_equal (id, server_id))
        cb_session_set_read_only (session, server->read_only);
    }
}

void
cb_application_open_private (CbApplication *self)
{
  CbSession *session;
  CbWindow *window;

  g_return_if_fail (CB_IS_APPLICATION (self));

  session = cb_application_get_session (self, NULL, NULL);
  window = find_window (self, session);
  if (window != NULL)
    gtk_window_present (GTK_WINDOW (window));
  else
    cb_application_open_window (self, session, NULL);
}

gboolean
cb_application_mark_production (CbApplication *self, CbAddress *address, gboolean production)
{
  g_autofree char *name = NULL;
  GHashTableIter iter;
  gpointer session;

  g_return_val_if_fail (CB_IS_APPLICATION (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);

  if (cb_production_is_marked (address) == !!production)
    return TRUE;
  if (!cb_production_mark (address, production))
    return FALSE;

  name = cb_production_dup_name (address);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    {
      g_autofree char *uri = cb_session_dup_uri (session);
      g_autoptr (CbAddress) other = uri != NULL ? cb_address_parse (uri, NULL) : NULL;
      g_autofree char *other_name = other != NULL ? cb_production_dup_name (other) : NULL;

      if (g_strcmp0 (name, other_name) == 0)
        cb_session_set_production (session, production);
    }
  return TRUE;
}

/**
 * cb_application_open_rdb:
 * @file: an RDB file, which is only read
 *
 * Shows the keys of a copy of it in a window of its own; one that is shown already comes to the front.
 */
void
cb_application_open_rdb (CbApplication *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *key = NULL;
  CbSession *session;
  CbWindow *window;

  g_return_if_fail (CB_IS_APPLICATION (self));

  if (path == NULL)
    {
      /* It is told by the server that can't read it. */
      path = g_file_get_parse_name (file);
    }
  key = g_strconcat ("rdb:", path, NULL);
  session = find_session (self, key);
  window = session != NULL ? find_window (self, session) : NULL;
  if (window != NULL)
    {
      gtk_window_present (GTK_WINDOW (window));
      return;
    }
  if (session == NULL)
    session = add_session (self, key, cb_session_new_for_rdb (path));
  cb_application_open_window (self, session, "keys");
}

/**
 * cb_application_open_window:
 * @page: (nullable): the page to show; what was shown last with %NULL
 */
void
cb_application_open_window (CbApplication *self, CbSession *session, const char *page)
{
  CbWindow *window;

  g_return_if_fail (CB_IS_APPLICATION (self));
  g_return_if_fail (CB_IS_SESSION (session));

  window = cb_window_new (GTK_APPLICATION (self), session);
  if (page != NULL)
    cb_window_show_page (window, page);
  gtk_window_present (GTK_WINDOW (window));
}
