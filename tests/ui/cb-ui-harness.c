/* cb-ui-harness.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* GTK 4.8 tells assistive technologies less than one would like, and the finder below makes up for it: SHOWING is set on
 * windows alone, so VISIBLE with an extent stands for it; extents are relative to the window without its shadow, so that is
 * asked of the X server. GTK 4.18 tells where a thing is as if nothing around it had borders or padding, which is less than
 * what it tells of the size of a button: a button is clicked, not the label in it.
 */

#include "cb-ui-harness.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cb-ui-notifications.h"

#define PATIENCE_SECONDS 25
#define STEP_USEC 50000
#define MAX_DEPTH 60

static struct
{
  GPid server, bus, a11y, manager;
  char *display;
  char *address;

  GPid program;
  int status; /* of the program, when it has ended */
  gboolean ended;
  char *home;
  char *log;
  char **environment;
} ui;

/* --- processes --- */

static void
die_with_parent_cb (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GPid
spawn (const char * const *argv, char **environment, int *out, int *err)
{
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  g_spawn_async_with_pipes (NULL, (char **) argv, environment,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD
                              | (out == NULL ? G_SPAWN_STDOUT_TO_DEV_NULL : 0)
                              | (err == NULL ? G_SPAWN_STDERR_TO_DEV_NULL : 0),
                            die_with_parent_cb, NULL, &pid, NULL, out, err, &error);
  g_assert_no_error (error);

  return pid;
}

static void
end (GPid *pid)
{
  if (*pid == 0)
    return;

  kill (*pid, SIGTERM);
  waitpid (*pid, NULL, 0);
  *pid = 0;
}

/* The first line that a program says, such as the address it is to be reached at. */
static char *
read_line (int fd)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, TRUE);
  g_autoptr (GString) line = g_string_new (NULL);
  char c;

  while (g_input_stream_read (stream, &c, 1, NULL, NULL) == 1 && c != '\n')
    g_string_append_c (line, c);

  return g_string_free (g_steal_pointer (&line), FALSE);
}

static char *
run (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const char *argument;
  char *out = NULL;
  va_list args;

  g_ptr_array_add (argv, (char *) program);
  va_start (args, program);
  while ((argument = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (argv, (char *) argument);
  va_end (args);
  g_ptr_array_add (argv, NULL);

  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                &out, NULL, NULL, &error);
  g_assert_no_error (error);

  return g_strchomp (out);
}

/* Where distributions put it; it is not on the PATH. */
static char *
find_a11y_launcher (void)
{
  static const char * const paths[]
    = { "/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher",
        "/usr/lib/at-spi-bus-launcher" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (paths[i]);

  return NULL;
}

gboolean
cb_ui_open (void)
{
  static const char * const programs[]
    = { "Xvfb", "openbox", "xdotool", "xprop", "dbus-daemon", "redis-server" };
  g_autofree char *a11y_launcher = find_a11y_launcher ();
  g_autofree char *number = NULL;
  int out;

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        {
          g_print ("# %s is not installed\n", programs[i]);
          return FALSE;
        }
    }

  if (a11y_launcher == NULL)
    {
      g_print ("# at-spi-bus-launcher is not installed\n");
      return FALSE;
    }

  /* The server chooses a display that is free and tells which, once it listens. It would begin anew whenever its last client
   * leaves, as the accessibility bus does at once, and refuse the next ones meanwhile.
   */
  {
    const char *argv[]
      = { "Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp",
          "-noreset", NULL };

    ui.server = spawn (argv, NULL, &out, NULL);
    number = read_line (out);
    g_assert_cmpstr (number, !=, "");
    ui.display = g_strdup_printf (":%s", number);
    g_setenv ("DISPLAY", ui.display, TRUE);
    g_unsetenv ("WAYLAND_DISPLAY");
  }

  {
    const char *argv[] = { "dbus-daemon", "--session", "--nofork", "--print-address", NULL };

    ui.bus = spawn (argv, NULL, &out, NULL);
    ui.address = read_line (out);
    g_assert_cmpstr (ui.address, !=, "");
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", ui.address, TRUE);
  }

  {
    const char *argv[] = { a11y_launcher, "--launch-immediately", NULL };
    const char *manager_argv[] = { "openbox", NULL };

    ui.a11y = spawn (argv, NULL, NULL, NULL);
    ui.manager = spawn (manager_argv, NULL, NULL, NULL);
  }

  cb_ui_notifications_own ();

  /* It warns when a thing goes away while it is looked at, which is what windows do. g_test_init() makes that fatal. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_assert_cmpint (atspi_init (), <, 2);
  atspi_set_timeout (3000, 10000);

  return TRUE;
}

void
cb_ui_close (void)
{
  cb_ui_notifications_disown ();
  atspi_exit ();
  end (&ui.manager);
  end (&ui.a11y);
  end (&ui.bus);
  end (&ui.server);
  g_clear_pointer (&ui.display, g_free);
  g_clear_pointer (&ui.address, g_free);
}

/* --- the program --- */

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      g_unlink (path);
      return;
    }

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_dir_close (dir);
  g_rmdir (path);
}

void
cb_ui_auto_unref (gpointer pointer)
{
  GObject **object = pointer;

  g_clear_object (object);
}

const char *
cb_ui_get_home (void)
{
  if (ui.home == NULL)
    {
      g_autoptr (GError) error = NULL;

      ui.home = g_dir_make_tmp ("cb-ui-XXXXXX", &error);
      g_assert_no_error (error);
    }

  return ui.home;
}

static void
set_folder (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (cb_ui_get_home (), name, NULL);

  g_mkdir_with_parents (path, 0700);
  ui.environment = g_environ_setenv (ui.environment, variable, path, TRUE);
}

void
cb_ui_set_environment (const char *name, const char *value)
{
  if (ui.environment == NULL)
    {
      ui.environment = g_get_environ ();
      set_folder ("HOME", "home");
      set_folder ("XDG_DATA_HOME", "data");
      set_folder ("XDG_CONFIG_HOME", "config");
      set_folder ("XDG_CACHE_HOME", "cache");
      set_folder ("XDG_RUNTIME_DIR", "run");
      set_folder ("CALLBOARD_SERVER_DIR", "server");
      ui.environment = g_environ_setenv (ui.environment, "GDK_BACKEND", "x11", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "GSK_RENDERER", "cairo", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "GTK_A11Y", "atspi", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "LC_ALL", "C.UTF-8", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "G_DEBUG", "fatal-criticals", TRUE);
      ui.environment = g_environ_unsetenv (ui.environment, "CALLBOARD_SERVER");
      ui.environment = g_environ_unsetenv (ui.environment, "CALLBOARD_ENGINE");
      /* In memory they would be forgotten between two starts of one test. */
      ui.environment = g_environ_setenv (ui.environment, "GSETTINGS_BACKEND", "keyfile", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "GSETTINGS_SCHEMA_DIR", g_getenv ("CB_TEST_SCHEMA_DIR"),
                                         TRUE);
    }

  if (name != NULL)
    ui.environment = g_environ_setenv (ui.environment, name, value, TRUE);
}

static void
ended_cb (GPid pid, int status, gpointer user_data)
{
  ui.status = status;
  ui.ended = TRUE;
  g_spawn_close_pid (pid);
}

static gboolean
said_cb (int fd, GIOCondition condition, gpointer user_data)
{
  char buffer[4096];
  gssize n = read (fd, buffer, sizeof buffer - 1);

  if (n <= 0)
    {
      close (fd);
      return G_SOURCE_REMOVE;
    }

  buffer[n] = '\0';
  fputs (buffer, stderr);
  if (ui.log != NULL)
    {
      char *longer = g_strconcat (ui.log, buffer, NULL);

      g_free (ui.log);
      ui.log = longer;
    }

  return G_SOURCE_CONTINUE;
}

void
cb_ui_start (const char *argument, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list args;
  int err;

  g_assert_cmpint (ui.program, ==, 0);

  g_ptr_array_add (argv, (char *) g_getenv ("CB_TEST_CALLBOARD"));
  va_start (args, argument);
  for (; argument != NULL; argument = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) argument);
  va_end (args);
  g_ptr_array_add (argv, NULL);

  cb_ui_set_environment (NULL, NULL);
  g_free (ui.log);
  ui.log = g_strdup ("");
  ui.ended = FALSE;
  ui.program = spawn ((const char * const *) argv->pdata, ui.environment, NULL, &err);
  g_child_watch_add (ui.program, ended_cb, NULL);
  g_unix_fd_add (err, G_IO_IN | G_IO_HUP | G_IO_ERR, said_cb, NULL);

  cb_ui_find ("frame", NULL);
}

/* Whether the program warned of something. What libadwaita 1.7 on GTK 4.18 says when it lays out its own question dialog,
 * whatever is in it, is not counted.
 */
static gboolean
has_complained (void)
{
  g_auto (GStrv) lines = g_strsplit (ui.log, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if ((strstr (lines[i], "WARNING **") != NULL && strstr (lines[i], "Trying to measure GtkLabel") == NULL)
        || strstr (lines[i], "CRITICAL **") != NULL)
      return TRUE;

  return FALSE;
}

void
cb_ui_wait_ended (void)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  while (!ui.ended)
    {
      if (g_get_monotonic_time () > deadline)
        {
          kill (ui.program, SIGABRT);
          cb_ui_fail ("The program does not end");
        }
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (STEP_USEC / 5);
    }

  ui.program = 0;
  if (!WIFEXITED (ui.status) || WEXITSTATUS (ui.status) != 0)
    g_error ("The program ended with status %d", ui.status);
  if (has_complained ())
    g_error ("The program complained: %s", ui.log);

  g_clear_pointer (&ui.environment, g_strfreev);
  remove_tree (ui.home);
  g_clear_pointer (&ui.home, g_free);
  cb_ui_notifications_clear ();
}

void
cb_ui_stop (void)
{
  cb_ui_key ("ctrl+q");
  cb_ui_wait_ended ();
}

/* --- seeing --- */

static void
step (void)
{
  /* Notifications come in here, and the end of the program. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_usleep (STEP_USEC);
}

static AtspiAccessible *
find_program (void)
{
  AtspiAccessible *desktop = atspi_get_desktop (0);
  AtspiAccessible *found = NULL;
  int n = atspi_accessible_get_child_count (desktop, NULL);

  for (int i = 0; i < n && found == NULL; i++)
    {
      CB_UI_AUTO AtspiAccessible *child = atspi_accessible_get_child_at_index (desktop, i, NULL);

      if (child != NULL && (GPid) atspi_accessible_get_process_id (child, NULL) == ui.program)
        found = g_steal_pointer (&child);
    }

  g_object_unref (desktop);

  return found;
}

static gboolean
is_on_screen (AtspiAccessible *accessible)
{
  CB_UI_AUTO AtspiStateSet *states = atspi_accessible_get_state_set (accessible);
  CB_UI_AUTO AtspiComponent *component = NULL;
  g_autofree AtspiRect *extents = NULL;

  if (states == NULL
      || (!atspi_state_set_contains (states, ATSPI_STATE_SHOWING)
          && !atspi_state_set_contains (states, ATSPI_STATE_VISIBLE)))
    return FALSE;

  component = atspi_accessible_get_component_iface (accessible);
  if (component == NULL)
    return TRUE;

  extents = atspi_component_get_extents (component, ATSPI_COORD_TYPE_WINDOW, NULL);

  return extents == NULL || (extents->width > 0 && extents->height > 0);
}

static char *
dup_text (AtspiAccessible *accessible)
{
  CB_UI_AUTO AtspiText *text = atspi_accessible_get_text_iface (accessible);
  g_autofree char *content = NULL;

  if (text != NULL)
    content = atspi_text_get_text (text, 0, atspi_text_get_character_count (text, NULL), NULL);
  if (content == NULL || *content == '\0')
    {
      g_free (content);
      content = atspi_accessible_get_name (accessible, NULL);
    }

  return content != NULL ? g_steal_pointer (&content) : g_strdup ("");
}

/* TRUE ends the walk. */
typedef gboolean (*Visitor) (AtspiAccessible *accessible, int depth, gpointer user_data);

static gboolean
walk (AtspiAccessible *accessible, int depth, Visitor visitor, gpointer user_data)
{
  int n;

  if (visitor (accessible, depth, user_data))
    return TRUE;
  if (depth > MAX_DEPTH)
    return FALSE;

  n = atspi_accessible_get_child_count (accessible, NULL);
  for (int i = 0; i < n; i++)
    {
      CB_UI_AUTO AtspiAccessible *child = atspi_accessible_get_child_at_index (accessible, i, NULL);

      if (child != NULL && is_on_screen (child) && walk (child, depth + 1, visitor, user_data))
        return TRUE;
    }

  return FALSE;
}

static void
look (Visitor visitor, gpointer user_data)
{
  CB_UI_AUTO AtspiAccessible *program = NULL;

  /* What libatspi remembers may be of a widget that has changed since. */
  program = find_program ();
  if (program != NULL)
    {
      atspi_accessible_clear_cache (program);
      walk (program, 0, visitor, user_data);
    }
}

typedef struct
{
  const char *role;
  const char *name;
  const char *part;
  AtspiAccessible *found;
} Search;

static gboolean
matches_cb (AtspiAccessible *accessible, int depth, gpointer user_data)
{
  Search *search = user_data;

  if (search->role != NULL)
    {
      g_autofree char *role = atspi_accessible_get_role_name (accessible, NULL);

      /* What Debian 12 calls a push button is a button on Debian 13, and many a panel is a grouping. */
      if (g_strcmp0 (role, search->role) != 0
          && !(g_strcmp0 (role, "button") == 0 && g_strcmp0 (search->role, "push button") == 0)
          && !(g_strcmp0 (role, "grouping") == 0 && g_strcmp0 (search->role, "panel") == 0))
        return FALSE;
    }

  if (search->name != NULL || search->part != NULL)
    {
      g_autofree char *name = atspi_accessible_get_name (accessible, NULL);
      g_autofree char *text = dup_text (accessible);

      if (search->name != NULL && g_strcmp0 (name, search->name) != 0 && !g_str_equal (text, search->name))
        return FALSE;
      if (search->part != NULL && (name == NULL || strstr (name, search->part) == NULL)
          && strstr (text, search->part) == NULL)
        return FALSE;
    }

  search->found = g_object_ref (accessible);

  return TRUE;
}

static gboolean
print_cb (AtspiAccessible *accessible, int depth, gpointer user_data)
{
  g_autofree char *role = atspi_accessible_get_role_name (accessible, NULL);
  g_autofree char *name = atspi_accessible_get_name (accessible, NULL);
  g_autofree char *text = dup_text (accessible);

  g_printerr ("%*s%s “%s” “%s”\n", depth * 2, "", role, name, text);

  return FALSE;
}

void
cb_ui_fail (const char *format, ...)
{
  g_autofree char *message = NULL;
  const char *picture = g_getenv ("CB_UI_PICTURE");
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_printerr ("On screen at the end:\n");
  look (print_cb, NULL);
  if (picture != NULL)
    g_free (run ("import", "-window", "root", picture, NULL));
  if (ui.program != 0)
    kill (ui.program, SIGKILL);

  g_error ("%s", message);
}

AtspiAccessible *
cb_ui_peek (const char *role, const char *name)
{
  Search search = { role, name, NULL, NULL };

  look (matches_cb, &search);

  return search.found;
}

AtspiAccessible *
cb_ui_find (const char *role, const char *name)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  AtspiAccessible *found;

  while ((found = cb_ui_peek (role, name)) == NULL)
    {
      if (ui.ended)
        cb_ui_fail ("The program has ended");
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("There is no %s named %s", role != NULL ? role : "thing", name != NULL ? name : "anything");
      step ();
    }

  return found;
}

gboolean
cb_ui_has_text (const char *part)
{
  Search search = { NULL, NULL, part, NULL };
  gboolean has;

  look (matches_cb, &search);
  has = search.found != NULL;
  g_clear_object (&search.found);

  return has;
}

static void
wait_for_text (const char *part, gboolean wanted)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  while (cb_ui_has_text (part) != wanted)
    {
      if (ui.ended)
        cb_ui_fail ("The program has ended");
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("“%s” is %s on screen", part, wanted ? "not" : "still");
      step ();
    }
}

void
cb_ui_wait_text (const char *part)
{
  wait_for_text (part, TRUE);
}

void
cb_ui_wait_no_text (const char *part)
{
  wait_for_text (part, FALSE);
}

gboolean
cb_ui_is_sensitive (AtspiAccessible *accessible)
{
  CB_UI_AUTO AtspiStateSet *states = NULL;

  atspi_accessible_clear_cache (accessible);
  states = atspi_accessible_get_state_set (accessible);

  /* GTK 4.8 tells SENSITIVE of everything that is not DISABLED. */
  return states != NULL && atspi_state_set_contains (states, ATSPI_STATE_SENSITIVE);
}

void
cb_ui_wait_sensitive (const char *role, const char *name, gboolean sensitive)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      CB_UI_AUTO AtspiAccessible *accessible = cb_ui_find (role, name);

      if (cb_ui_is_sensitive (accessible) == sensitive)
        return;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("%s %s is%s sensitive", role, name, sensitive ? " not" : "");
      step ();
    }
}

/* --- acting --- */

/* Where on the screen the content of the active window begins. */
static void
get_origin (int *x, int *y)
{
  g_autofree char *window = run ("xdotool", "getactivewindow", NULL);
  g_autofree char *geometry = NULL;
  g_autofree char *shadow = NULL;
  const char *p;
  int left = 0, right = 0, top = 0;

  *x = *y = 0;
  if (*window == '\0')
    return;

  geometry = run ("xdotool", "getwindowgeometry", "--shell", window, NULL);
  if ((p = strstr (geometry, "X=")) != NULL)
    *x = atoi (p + 2);
  if ((p = strstr (geometry, "\nY=")) != NULL)
    *y = atoi (p + 3);

  shadow = run ("xprop", "-id", window, "_GTK_FRAME_EXTENTS", NULL);
  if ((p = strchr (shadow, '=')) != NULL && sscanf (p + 1, "%d, %d, %d", &left, &right, &top) == 3)
    {
      *x += left;
      *y += top;
    }
}

static AtspiRect
get_extents (AtspiAccessible *accessible)
{
  CB_UI_AUTO AtspiComponent *component = atspi_accessible_get_component_iface (accessible);
  g_autofree AtspiRect *extents = NULL;

  if (component != NULL)
    extents = atspi_component_get_extents (component, ATSPI_COORD_TYPE_WINDOW, NULL);

  return extents != NULL ? *extents : (AtspiRect) { 0, 0, 0, 0 };
}

static gboolean
has_role (AtspiAccessible *accessible, const char * const *roles)
{
  g_autofree char *role = atspi_accessible_get_role_name (accessible, NULL);

  return role != NULL && g_strv_contains (roles, role);
}

/* The button that a label is in, or the thing itself. */
static AtspiAccessible *
get_target (AtspiAccessible *accessible)
{
  static const char * const labels[] = { "label", NULL };
  static const char * const buttons[] = { "button", "push button", "toggle button", NULL };
  CB_UI_AUTO AtspiAccessible *parent = atspi_accessible_get_parent (accessible, NULL);

  if (parent != NULL && has_role (accessible, labels) && has_role (parent, buttons))
    return g_steal_pointer (&parent);

  return g_object_ref (accessible);
}

/* The corner of its window, in the same terms as the extents: GTK 4.18 counts the border of the window, GTK 4.8 doesn't. */
static void
get_corner (AtspiAccessible *accessible, int *x, int *y)
{
  static const char * const windows[] = { "frame", "dialog", "window", "alert", NULL };
  AtspiAccessible *at = g_object_ref (accessible);

  *x = *y = 0;
  while (at != NULL)
    {
      AtspiAccessible *parent;

      if (has_role (at, windows))
        {
          AtspiRect extents = get_extents (at);

          *x = extents.x;
          *y = extents.y;
        }
      parent = atspi_accessible_get_parent (at, NULL);
      g_object_unref (at);
      at = parent;
    }
}

/* A window that unfolds or slides in is still moving: waits until the thing is at the same place twice. */
void
cb_ui_click (AtspiAccessible *accessible)
{
  CB_UI_AUTO AtspiAccessible *target = get_target (accessible);
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  AtspiRect last = { 0, 0, -1, -1 };
  g_autofree char *x_text = NULL;
  g_autofree char *y_text = NULL;
  int x, y, corner_x, corner_y;

  for (;;)
    {
      AtspiRect extents = get_extents (target);

      if (extents.width > 0 && memcmp (&extents, &last, sizeof extents) == 0)
        break;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("It does not come to rest");
      last = extents;
      step ();
      step ();
    }

  get_origin (&x, &y);
  get_corner (target, &corner_x, &corner_y);
  x -= corner_x;
  y -= corner_y;
  x_text = g_strdup_printf ("%d", x + last.x + last.width / 2);
  y_text = g_strdup_printf ("%d", y + last.y + last.height / 2);
  g_free (run ("xdotool", "mousemove", "--sync", x_text, y_text, NULL));
  g_free (run ("xdotool", "click", "1", NULL));
  step ();
}

void
cb_ui_click_on (const char *role, const char *name)
{
  CB_UI_AUTO AtspiAccessible *accessible = cb_ui_find (role, name);

  cb_ui_click (accessible);
}

void
cb_ui_type (const char *text)
{
  g_free (run ("xdotool", "type", "--delay", "12", text, NULL));
  step ();
}

void
cb_ui_key (const char *key)
{
  g_free (run ("xdotool", "key", key, NULL));
  step ();
}

/* --- notifications --- */

CbUiNotification *
cb_ui_find_notification (const char *title_part)
{
  GPtrArray *notifications = cb_ui_notifications_get ();

  for (guint i = notifications->len; i > 0; i--)
    {
      CbUiNotification *notification = g_ptr_array_index (notifications, i - 1);

      if (strstr (notification->title, title_part) != NULL)
        return notification;
    }

  return NULL;
}

CbUiNotification *
cb_ui_wait_notification (const char *title_part)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  CbUiNotification *notification;

  while ((notification = cb_ui_find_notification (title_part)) == NULL)
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("No notification with “%s” was sent", title_part);
      step ();
    }

  return notification;
}

void
cb_ui_click_notification (CbUiNotification *notification)
{
  cb_ui_notifications_activate (notification->id);
  step ();
}
