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

#include <atspi/atspi.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cb-ui-notifications.h"
#include "cb-ui-presses.h"
#include "cb-ui-tree.h"

#define PATIENCE_SECONDS 60
#define PIPE_SIZE (1024 * 1024)
#define TRY_SECONDS 6
#define STEP_USEC 50000
#define IDLE_SECONDS 5
#define FOCUS_SECONDS 10
/* For a page to be where the wheel moved it. */
#define SCROLL_MSEC 300
#define PRESS_SECONDS 20
#define RELEASE_MSEC 300
#define IDLE_NSEC 2000000

static struct
{
  GPid server, bus, a11y, manager;
  char *display;
  char *address;
  char *manager_file;
  char *services;       /* a folder: the bus, and what it may start */
  char *screen; /* (nullable): as Xvfb takes it */

  GPid program;
  int status; /* of the program, when it has ended */
  gboolean ended;
  char *home;
  CbUiPresses *presses;
  char *log;
  GPtrArray *announced; /* (element-type char *): what it has told so far */
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

/* Without keys and buttons of its own: it would take each press to itself and give it back, and a busy machine loses some. */
static void
start_manager (void)
{
  static const char configuration[] = "<openbox_config xmlns=\"http://openbox.org/3.4/rc\">"
                                      "<focus><focusNew>yes</focusNew></focus><keyboard/><mouse/></openbox_config>\n";
  const char *argv[] = { "openbox", "--config-file", NULL, NULL };
  g_autoptr (GError) error = NULL;
  int file;

  file = g_file_open_tmp ("cb-openbox-XXXXXX", &ui.manager_file, &error);
  g_assert_no_error (error);
  close (file);
  g_file_set_contents (ui.manager_file, configuration, -1, &error);
  g_assert_no_error (error);
  argv[2] = ui.manager_file;
  ui.manager = spawn (argv, NULL, NULL, NULL);
}

/* A bus with the limits of a session, of which the least are too few for what accessibility asks. It starts nothing by itself: what is installed on this system, a keyring above all, would take the folders of whoever runs the
 * test for its own. With that exception, by its name on the bus.
 */
static void
start_bus (const char *service)
{
  static const char configuration[] = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><servicedir>%s</servicedir>"
                                      "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                                      "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>"
                                      "<limit name=\"max_replies_per_connection\">50000</limit>"
                                      "<limit name=\"max_match_rules_per_connection\">50000</limit>"
                                      "<limit name=\"max_names_per_connection\">50000</limit></busconfig>\n";
  g_autofree char *text = NULL;
  g_autofree char *file = NULL;
  g_autofree char *option = NULL;
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GError) error = NULL;
  int out;

  ui.services = g_dir_make_tmp ("cb-bus-XXXXXX", &error);
  g_assert_no_error (error);
  file = g_build_filename (ui.services, "bus.conf", NULL);
  option = g_strconcat ("--config-file=", file, NULL);
  text = g_strdup_printf (configuration, ui.services);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
  if (service != NULL)
    {
      g_autofree char *name = g_strconcat (service, ".service", NULL);
      g_autofree char *from = g_build_filename ("/usr/share/dbus-1/services", name, NULL);
      g_autofree char *to = g_build_filename (ui.services, name, NULL);
      g_autofree char *contents = NULL;

      if (g_file_get_contents (from, &contents, NULL, NULL))
        g_file_set_contents (to, contents, -1, &error);
      g_assert_no_error (error);
    }

  {
    const char *argv[] = { "dbus-daemon", option, "--nofork", "--print-address", NULL };
    static const char * const folders[] = { "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR" };

    for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
      environment = g_environ_setenv (environment, folders[i], ui.services, TRUE);
    ui.bus = spawn (argv, environment, &out, NULL);
    ui.address = read_line (out);
    g_assert_cmpstr (ui.address, !=, "");
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", ui.address, TRUE);
  }
}

/* Of the display that cb_ui_open() starts. */
void
cb_ui_set_screen (const char *size)
{
  g_free (ui.screen);
  ui.screen = g_strconcat (size, "x24", NULL);
}

gboolean
cb_ui_open (void)
{
  return cb_ui_open_with_service (NULL);
}

gboolean
cb_ui_open_with_service (const char *service)
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
   * leaves, as the accessibility bus does at once, and refuse the next ones meanwhile. On a busy machine a key comes up so late that
   * it would have been repeated.
   */
  {
    const char *argv[]
      = { "Xvfb", "-displayfd", "1", "-screen", "0", ui.screen != NULL ? ui.screen : "1400x900x24", "-nolisten", "tcp",
          "-noreset", "-r", "-ardelay", "3600000", NULL };

    ui.server = spawn (argv, NULL, &out, NULL);
    number = read_line (out);
    g_assert_cmpstr (number, !=, "");
    ui.display = g_strdup_printf (":%s", number);
    g_setenv ("DISPLAY", ui.display, TRUE);
    g_unsetenv ("WAYLAND_DISPLAY");
  }

  start_bus (service);

  {
    const char *argv[] = { a11y_launcher, "--launch-immediately", NULL };
    g_auto (GStrv) environment = g_get_environ ();

    /* Its socket is named after the display: that of the last test that had it would be taken away while this one begins. */
    environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", ui.services, TRUE);
    ui.a11y = spawn (argv, environment, NULL, NULL);
    start_manager ();
  }

  cb_ui_notifications_own ();

  cb_ui_tree_open ();

  return TRUE;
}

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
cb_ui_close (void)
{
  cb_ui_notifications_disown ();
  cb_ui_tree_close ();
  end (&ui.manager);
  end (&ui.a11y);
  end (&ui.bus);
  end (&ui.server);
  g_unlink (ui.manager_file);
  remove_tree (ui.services);
  g_clear_pointer (&ui.services, g_free);
  g_clear_pointer (&ui.manager_file, g_free);
  g_clear_pointer (&ui.screen, g_free);
  g_clear_pointer (&ui.display, g_free);
  g_clear_pointer (&ui.address, g_free);
}

/* --- the program --- */

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

/* Nothing moves or fades: a click in the middle of it would meet what is on its way out, or the place where a thing was. */
static void
switch_off_animations (void)
{
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "gtk-4.0", NULL);
  g_autofree char *path = g_build_filename (folder, "settings.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents (path, "[Settings]\ngtk-enable-animations=0\n", -1, &error);
  g_assert_no_error (error);
}

static void
count_presses (void)
{
  g_autofree char *path = g_build_filename (cb_ui_get_home (), "presses", NULL);
  int file = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (ftruncate (file, sizeof *ui.presses), ==, 0);
  ui.presses = mmap (NULL, sizeof *ui.presses, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  g_assert_true (ui.presses != MAP_FAILED);
  close (file);
  ui.environment = g_environ_setenv (ui.environment, CB_UI_PRESSES_FILE, path, TRUE);
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
      switch_off_animations ();
      count_presses ();
      ui.environment = g_environ_setenv (ui.environment, "GDK_BACKEND", "x11", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "GSK_RENDERER", "cairo", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "GTK_A11Y", "atspi", TRUE);
      ui.environment = g_environ_setenv (ui.environment, "LC_ALL", "C.UTF-8", TRUE);
      /* What it complains of fails the test at its end, but for what is GTK's own: see has_complained(). */
      ui.environment = g_environ_setenv (ui.environment, "G_DEBUG", "gc-friendly", TRUE);
      if (g_getenv ("CB_TEST_PRELOAD") != NULL)
        {
          g_autofree char *options = g_strconcat (g_getenv ("ASAN_OPTIONS"), ":verify_asan_link_order=0", NULL);

          ui.environment = g_environ_setenv (ui.environment, "LD_PRELOAD", g_getenv ("CB_TEST_PRELOAD"), TRUE);
          ui.environment = g_environ_setenv (ui.environment, "ASAN_OPTIONS", options, TRUE);
        }
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
  g_clear_pointer (&ui.announced, g_ptr_array_unref);
  ui.announced = g_ptr_array_new_with_free_func (g_free);
  ui.ended = FALSE;
  ui.program = spawn ((const char * const *) argv->pdata, ui.environment, NULL, &err);
  /* Nothing is read of it while another program is waited for. */
  fcntl (err, F_SETPIPE_SZ, PIPE_SIZE);
  g_child_watch_add (ui.program, ended_cb, NULL);
  g_unix_fd_add (err, G_IO_IN | G_IO_HUP | G_IO_ERR, said_cb, NULL);

  cb_ui_find ("frame", NULL);
}

void
cb_ui_start_again (const char *argument, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list args;
  GPid program;
  int status = 0;

  g_assert_cmpint (ui.program, !=, 0);

  g_ptr_array_add (argv, (char *) g_getenv ("CB_TEST_CALLBOARD"));
  va_start (args, argument);
  for (; argument != NULL; argument = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) argument);
  va_end (args);
  g_ptr_array_add (argv, NULL);

  program = spawn ((const char * const *) argv->pdata, ui.environment, NULL, NULL);
  waitpid (program, &status, 0);
  g_assert_cmpint (status, ==, 0);
}

/* Whether the program warned of something. What libadwaita 1.7 on GTK 4.18 says when it lays out its own question dialog,
 * whatever is in it, is not counted; nor is what GTK 4.8 says when it places a popover or a tooltip of a window that is on no monitor
 * yet; nor of the scroll bar (a GtkGizmo) beside a text view, which measures its lines while it is laid out: the bar then has no
 * place for a frame; nor of the plus signs between keys; nor of an entry whose dialog was closed between two blinks of its cursor (GTK 4.18).
 */
static gboolean
has_complained (void)
{
  g_auto (GStrv) lines = g_strsplit (ui.log, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if ((strstr (lines[i], "WARNING **") != NULL && strstr (lines[i], "Trying to measure GtkLabel") == NULL &&
         strstr (lines[i], "Trying to snapshot GtkGizmo") == NULL && strstr (lines[i], "(label) reported min width") == NULL &&
         strstr (lines[i], "did not receive a focus-out event") == NULL)
        || (strstr (lines[i], "CRITICAL **") != NULL && strstr (lines[i], "gdk_monitor_get_geometry") == NULL))
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
  munmap (ui.presses, sizeof *ui.presses);
  ui.presses = NULL;
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

struct _CbUiThing
{
  CbUiTree *tree;
  guint i;
};

void
cb_ui_thing_free (CbUiThing *thing)
{
  cb_ui_tree_unref (thing->tree);
  g_free (thing);
}

static CbUiThing *
thing_new (CbUiTree *tree, guint i)
{
  CbUiThing *thing = g_new (CbUiThing, 1);

  thing->tree = cb_ui_tree_ref (tree);
  thing->i = i;

  return thing;
}

/* What Debian 12 calls a push button is a button on Debian 13, and many a panel is a grouping. */
static gboolean
is_role (const char *role, const char *wanted)
{
  return g_str_equal (role, wanted) || (g_str_equal (role, "button") && g_str_equal (wanted, "push button"))
         || (g_str_equal (role, "grouping") && g_str_equal (wanted, "panel"));
}

/* GTK 4.8 puts the text of a button with a mnemonic into its name twice: “_Send Send”. */
static gboolean
is_name (const char *name, const char *wanted)
{
  gsize length = strlen (name), n_wanted = strlen (wanted);
  const char *last;

  if (g_str_equal (name, wanted))
    return TRUE;
  if (length != 2 * n_wanted + 2 || !g_str_has_suffix (name, wanted))
    return FALSE;
  last = name + length - n_wanted;
  if (last[-1] != ' ')
    return FALSE;
  for (const char *p = name; p < last - 1; p++)
    {
      if (*p == '_')
        continue;
      if (*p != *wanted++)
        return FALSE;
    }
  return *wanted == '\0';
}

/* The first on screen with this role, this name or text, and this in its name or text. Each may be NULL. @is_told (out) (nullable):
 * whether the program told what is on screen, and who finds nothing knows that it is not there. */
static CbUiThing *
search_told (const char *role, const char *name, const char *part, gboolean *is_told)
{
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);

  if (is_told != NULL)
    *is_told = tree != NULL || ui.ended;

  for (guint i = 0; tree != NULL && i < cb_ui_tree_get_length (tree); i++)
    {
      const CbUiNode *node = cb_ui_tree_get (tree, i);

      if ((role == NULL || is_role (node->role, role))
          && (name == NULL || is_name (node->name, name) || g_str_equal (node->text, name))
          && (part == NULL || strstr (node->name, part) != NULL || strstr (node->text, part) != NULL)
          && cb_ui_tree_is_on_screen (tree, i))
        return thing_new (tree, i);
    }

  return NULL;
}

static CbUiThing *
search_for (const char *role, const char *name, const char *part)
{
  return search_told (role, name, part, NULL);
}

static void
print_tree (void)
{
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);

  for (guint i = 0; tree != NULL && i < cb_ui_tree_get_length (tree); i++)
    {
      const CbUiNode *node = cb_ui_tree_get (tree, i);

      if (cb_ui_tree_is_on_screen (tree, i))
        g_printerr ("%*s%s “%s” “%s”\n", node->depth * 2, "", node->role, node->name, node->text);
    }
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
  print_tree ();
  if (picture != NULL)
    g_free (run ("import", "-window", "root", picture, NULL));
  if (ui.program != 0)
    kill (ui.program, SIGKILL);

  g_error ("%s", message);
}

void
cb_ui_wait_other (const char *class_name, gboolean there)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autofree char *windows = run ("xdotool", "search", "--onlyvisible", "--class", class_name, NULL);

      if ((*windows != '\0') == there)
        return;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("The window of %s %s", class_name, there ? "does not come" : "stays");
      step ();
    }
}

CbUiThing *
cb_ui_peek (const char *role, const char *name)
{
  return search_for (role, name, NULL);
}

CbUiThing *
cb_ui_find (const char *role, const char *name)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  CbUiThing *found;

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

glong
cb_ui_get_longest (const char *part)
{
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);
  glong longest = 0;

  for (guint i = 0; tree != NULL && i < cb_ui_tree_get_length (tree); i++)
    {
      const CbUiNode *node = cb_ui_tree_get (tree, i);
      const char *texts[] = { node->name, node->text };

      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        if (strstr (texts[j], part) != NULL && cb_ui_tree_is_on_screen (tree, i))
          longest = MAX (longest, g_utf8_strlen (texts[j], -1));
    }

  return longest;
}

gboolean
cb_ui_has_text (const char *part)
{
  g_autoptr (CbUiThing) thing = search_for (NULL, NULL, part);

  return thing != NULL;
}

guint
cb_ui_count_announced (const char *part)
{
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);
  g_autoptr (GPtrArray) texts = tree != NULL ? cb_ui_tree_take_announcements (tree) : NULL;
  guint n = 0;

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);

      /* What newer versions of libadwaita tell of a toast besides. */
      if (g_str_has_prefix (text, "A toast appeared"))
        continue;
      g_test_message ("It says: %s", text);
      g_ptr_array_add (ui.announced, g_strdup (text));
    }
  for (guint i = 0; i < ui.announced->len; i++)
    n += part == NULL || strstr (g_ptr_array_index (ui.announced, i), part) != NULL;

  return n;
}

void
cb_ui_wait_announced (const char *part)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  while (cb_ui_count_announced (part) == 0)
    {
      if (ui.ended || g_get_monotonic_time () > deadline)
        cb_ui_fail ("“%s” is not said", part);
      step ();
    }
}

/* GTK 4.8 tells the class of what has no name. */
static gboolean
is_nameless (const CbUiNode *node)
{
  return *node->name == '\0' || g_regex_match_simple ("^(Gtk|Adw|Cb)[A-Z][A-Za-z]*$", node->name, 0, 0);
}

void
cb_ui_check_names (const char *where)
{
  static const char * const parts_of[] = { "tree table", "table", "text", "entry", "spin button", "combo box", "push button", "toggle button",
                                           "list item", NULL };
  static const char * const spoken[] = { "push button", "toggle button", "check box", "combo box", "text", "entry", "spin button", "switch", "slider",
                                         "table", "tree table", "radio button", "menu item", NULL };
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);
  guint n_checked = 0;

  for (guint i = 0; tree != NULL && i < cb_ui_tree_get_length (tree); i++)
    {
      const CbUiNode *node = cb_ui_tree_get (tree, i);

      if ((node->states >> ATSPI_STATE_FOCUSABLE & 1) == 0 || !g_strv_contains (spoken, node->role) || !cb_ui_tree_is_on_screen (tree, i))
        continue;
      n_checked++;
      if (is_nameless (node))
        {
          const CbUiNode *parent = cb_ui_tree_get (tree, (guint) node->parent);

          /* A part that GTK makes of something has the name of that. */
          if (is_nameless (parent) || !g_strv_contains (parts_of, parent->role))
            cb_ui_fail ("%s: there is a %s without a name, in a %s “%s”", where, node->role, parent->role, parent->name);
        }
    }
  if (n_checked < 5)
    cb_ui_fail ("%s: only %u things can take the focus", where, n_checked);
}

/* Returns how many there are in the end. */
static guint
wait_for_windows (guint n, guint seconds)
{
  guint found = 0;

  for (gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC; g_get_monotonic_time () < deadline; step ())
    {
      g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);

      if (tree == NULL && !ui.ended)
        continue;
      found = 0;
      for (guint i = 0; tree != NULL && i < cb_ui_tree_get_length (tree); i++)
        if (cb_ui_tree_get (tree, i)->depth == 1 && is_role (cb_ui_tree_get (tree, i)->role, "frame")
            && cb_ui_tree_is_on_screen (tree, i))
          found++;
      if (found == n)
        break;
    }

  return found;
}

void
cb_ui_wait_windows (guint n)
{
  guint found = wait_for_windows (n, PATIENCE_SECONDS);

  if (found != n)
    cb_ui_fail ("There are %u windows", found);
}

gboolean
cb_ui_try_windows (guint n)
{
  return wait_for_windows (n, TRY_SECONDS) == n;
}

gboolean
cb_ui_try_text (const char *part)
{
  gint64 deadline = g_get_monotonic_time () + TRY_SECONDS * G_USEC_PER_SEC;

  while (!cb_ui_has_text (part))
    {
      if (ui.ended || g_get_monotonic_time () > deadline)
        return FALSE;
      step ();
    }

  return TRUE;
}

static void
wait_for_text (const char *part, gboolean wanted)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      gboolean is_told;
      g_autoptr (CbUiThing) thing = search_told (NULL, NULL, part, &is_told);

      if (wanted ? thing != NULL : thing == NULL && is_told)
        return;
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
cb_ui_is_sensitive (CbUiThing *thing)
{
  /* GTK 4.8 tells SENSITIVE of everything that is not DISABLED. */
  return (cb_ui_tree_get (thing->tree, thing->i)->states >> ATSPI_STATE_SENSITIVE & 1) != 0;
}

void
cb_ui_wait_sensitive (const char *role, const char *name, gboolean sensitive)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (CbUiThing) thing = cb_ui_find (role, name);

      if (cb_ui_is_sensitive (thing) == sensitive)
        return;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("%s %s is%s sensitive", role, name, sensitive ? " not" : "");
      step ();
    }
}

void
cb_ui_wait_refused (const char *role, const char *name, const char *part)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (CbUiThing) thing = cb_ui_find (role, name);

      /* What is within something that is grey is told to be sensitive, such as the button of one that has a menu. */
      for (int i = (int) thing->i, depth = 0; i >= 0 && depth < 3; i = cb_ui_tree_get (thing->tree, (guint) i)->parent, depth++)
        {
          const CbUiNode *node = cb_ui_tree_get (thing->tree, (guint) i);
          g_autofree char *description = NULL;

          if ((node->states >> ATSPI_STATE_SENSITIVE & 1) != 0)
            continue;
          description = cb_ui_tree_dup_description (thing->tree, (guint) i);
          if (description != NULL && strstr (description, part) != NULL)
            return;
        }
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("%s is not grey, or does not say “%s” of that", name, part);
      step ();
    }
}

/* --- acting --- */

/* What the program's main thread has run or waited to run, in ns; 0 when it is about to run or that can't be told. */
static guint64
get_busy_time (void)
{
  g_autofree char *stat_path = g_strdup_printf ("/proc/%d/stat", ui.program);
  g_autofree char *schedstat_path = g_strdup_printf ("/proc/%d/schedstat", ui.program);
  g_autofree char *stat = NULL;
  g_autofree char *schedstat = NULL;
  const char *state;
  char *end;
  guint64 run_time;

  if (!g_file_get_contents (stat_path, &stat, NULL, NULL) || !g_file_get_contents (schedstat_path, &schedstat, NULL, NULL))
    return 0;

  state = strrchr (stat, ')');
  if (state == NULL || !g_str_has_prefix (state, ") S"))
    return 0;

  run_time = g_ascii_strtoull (schedstat, &end, 10);

  return run_time + g_ascii_strtoull (end, NULL, 10);
}

/* Until the program has nothing to do for longer than a frame: what changed last is laid out then, and where things are is
 * where a click meets them. A program that is never idle is not waited for long.
 */
static void
wait_until_idle (void)
{
  gint64 deadline = g_get_monotonic_time () + IDLE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      guint64 before = get_busy_time ();
      guint64 after;

      step ();
      after = get_busy_time ();
      if ((before > 0 && after > 0 && after - before < IDLE_NSEC) || ui.ended || g_get_monotonic_time () > deadline)
        return;
    }
}

/* Another program's, such as the question of a keyring. */
static gboolean
is_focus_elsewhere (void)
{
  g_autofree char *pid = run ("xdotool", "getactivewindow", "getwindowpid", NULL);

  return *pid != '\0' && atoi (pid) != ui.program;
}

/* Until the keyboard is with the window that opened last, or with the one behind one that has closed. A program that has no window to
 * be seen is not waited for long.
 */
static void
wait_until_focused (void)
{
  gint64 deadline = g_get_monotonic_time () + FOCUS_SECONDS * G_USEC_PER_SEC;

  while (ui.presses != NULL && g_atomic_int_get (&ui.presses->is_counted) && !g_atomic_int_get (&ui.presses->is_focused) &&
         !ui.ended && g_get_monotonic_time () < deadline && !is_focus_elsewhere ())
    step ();
  if (g_get_monotonic_time () >= deadline)
    g_test_message ("The keyboard is with no window that can be seen");
}

/* Where on the screen the content of the active window begins. */
static void
get_origin (int *x, int *y)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  g_autofree char *window = run ("xdotool", "getactivewindow", NULL);
  g_autofree char *geometry = NULL;
  g_autofree char *shadow = NULL;
  const char *p;
  int left = 0, right = 0, top = 0;

  /* None has the focus for a moment when one has just opened, or closed. */
  while (*window == '\0')
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("No window has the focus");
      step ();
      g_free (window);
      window = run ("xdotool", "getactivewindow", NULL);
    }

  *x = *y = 0;

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

/* The button that a label is in, or the thing itself. */
static guint
get_target (CbUiThing *thing)
{
  const CbUiNode *node = cb_ui_tree_get (thing->tree, thing->i);
  const CbUiNode *parent = node->parent >= 0 ? cb_ui_tree_get (thing->tree, (guint) node->parent) : NULL;

  if (parent != NULL && g_str_equal (node->role, "label")
      && (is_role (parent->role, "push button") || g_str_equal (parent->role, "toggle button")))
    return (guint) node->parent;

  return thing->i;
}

/* The corner of its window, in the same terms as the extents: GTK 4.18 counts the border of the window, GTK 4.8 doesn't. */
static void
get_corner (CbUiThing *thing, int *x, int *y)
{
  static const char * const windows[] = { "frame", "dialog", "window", "alert", NULL };

  *x = *y = 0;
  for (int at = (int) thing->i; at >= 0; at = cb_ui_tree_get (thing->tree, (guint) at)->parent)
    if (g_strv_contains (windows, cb_ui_tree_get (thing->tree, (guint) at)->role))
      {
        CbUiExtents extents = cb_ui_tree_get_extents (thing->tree, (guint) at);

        *x = extents.x;
        *y = extents.y;
      }
}

/* Where the pointer is. A press that the window has not got is made again, and a click that was cancelled before the button was seen to
 * come up; only these. What is no button or row may know of no click, and then neither comes. */
static void
press (void)
{
  const CbUiPresses *now = ui.presses;

  for (guint i = 0; i < 5; i++)
    {
      const CbUiPresses before = *now;
      gint64 deadline = g_get_monotonic_time () + PRESS_SECONDS * G_USEC_PER_SEC;

      g_free (run ("xdotool", "click", "1", NULL));
      do
        step ();
      while (g_atomic_int_get (&now->is_counted) && g_atomic_int_get (&now->count) == before.count && !ui.ended &&
             g_get_monotonic_time () < deadline);

      if (g_atomic_int_get (&now->is_counted) && g_atomic_int_get (&now->count) == before.count && !ui.ended)
        {
          g_test_message ("A press was lost, and is made again");
          continue;
        }
      deadline = g_get_monotonic_time () + RELEASE_MSEC * G_TIME_SPAN_MILLISECOND;
      while (g_atomic_int_get (&now->is_counted) && g_atomic_int_get (&now->released) == before.released && !ui.ended &&
             g_get_monotonic_time () < deadline)
        step ();
      if (g_atomic_int_get (&now->released) != before.released || g_atomic_int_get (&now->cancelled) == before.cancelled || ui.ended)
        return;
      g_test_message ("A click was cancelled, and is made again");
    }

  cb_ui_fail ("No press comes in");
}

/* The middle of a thing. Returns where that is on the screen: a window that has just been opened is put into its place yet. */
static gint64
point_at (CbUiThing *thing, CbUiExtents extents)
{
  g_autofree char *x_text = NULL;
  g_autofree char *y_text = NULL;
  int x, y, corner_x, corner_y;

  get_origin (&x, &y);
  get_corner (thing, &corner_x, &corner_y);
  x_text = g_strdup_printf ("%d", x - corner_x + extents.x + extents.width / 2);
  y_text = g_strdup_printf ("%d", y - corner_y + extents.y + extents.height / 2);
  /* Without --sync: xdotool waits for 15 s for a pointer that is there already. */
  g_free (run ("xdotool", "mousemove", x_text, y_text, NULL));

  return (gint64) x * 65536 + y;
}

/* A window that unfolds or slides in is still moving, and what was told anew is laid out in the next frame, which on a busy machine
 * takes its time: waits until the thing is at the same place twice, with an idle program between, and the pointer on it. A tooltip of
 * what the pointer was on goes meanwhile. FALSE when the thing has gone: a list that is told anew has other rows.
 */
static gboolean
click (CbUiThing *thing)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  CbUiExtents last = { 0, 0, -1, -1 };
  guint target = get_target (thing);
  gint64 origin = 0, last_origin;

  wait_until_focused ();

  for (;;)
    {
      CbUiExtents extents = cb_ui_tree_get_extents (thing->tree, target);

      if (extents.width == 0 && last.width == 0)
        return FALSE;
      last_origin = origin;
      if (extents.width > 0)
        origin = point_at (thing, extents);
      if (extents.width > 0 && memcmp (&extents, &last, sizeof extents) == 0 && origin == last_origin)
        break;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("It does not come to rest");
      last = extents;
      wait_until_idle ();
    }

  press ();

  return TRUE;
}

void
cb_ui_click (CbUiThing *thing)
{
  if (!click (thing))
    cb_ui_fail ("What was to be clicked has gone");
}

void
cb_ui_click_on (const char *role, const char *name)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (CbUiThing) thing = cb_ui_find (role, name);

      if (click (thing))
        return;
    }

  cb_ui_fail ("%s is replaced again and again", name != NULL ? name : role);
}

void
cb_ui_click_part (const char *part)
{
  g_autoptr (CbUiThing) thing = NULL;

  cb_ui_wait_text (part);
  thing = search_for (NULL, NULL, part);
  if (thing == NULL)
    cb_ui_fail ("“%s” has gone", part);
  cb_ui_click (thing);
}

/* Lists are told anew while they are being read, and a press on a row that has gone when the button comes up is none. Returns
 * FALSE when after all of that @part is not on screen, or without one the thing itself still is. */
static gboolean
click_again_and_again (const char *role, const char *name, const char *part)
{
  for (guint i = 0; i < 6; i++)
    {
      gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
      g_autoptr (CbUiThing) again = i > 0 ? cb_ui_peek (role, name) : NULL;

      if (i == 0)
        cb_ui_click_on (role, name);
      else if (again != NULL && click (again))
        g_test_message ("%s was clicked again", name);

      do
        {
          gboolean is_told = TRUE;
          g_autoptr (CbUiThing) left = part == NULL ? search_told (role, name, NULL, &is_told) : NULL;

          if (part != NULL ? cb_ui_has_text (part) : left == NULL && is_told)
            return TRUE;
          if (ui.ended)
            cb_ui_fail ("The program has ended");
          step ();
        }
      while (g_get_monotonic_time () < deadline);
    }

  return FALSE;
}

void
cb_ui_click_until (const char *role, const char *name, const char *part)
{
  if (!click_again_and_again (role, name, part))
    cb_ui_fail ("“%s” is not on screen", part);
}

void
cb_ui_click_away (const char *role, const char *name)
{
  if (!click_again_and_again (role, name, NULL))
    cb_ui_fail ("“%s” is still on screen", name);
}

/* What changed last may not be laid out yet, and a thing that has gone meanwhile is nowhere: until it is at the same place twice, with an
 * idle program between.
 */
void
cb_ui_get_middle (const char *role, const char *name, int *x, int *y)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  CbUiExtents last = { 0, 0, -1, -1 };

  for (;;)
    {
      g_autoptr (CbUiThing) thing = cb_ui_find (role, name);
      CbUiExtents extents = cb_ui_tree_get_extents (thing->tree, thing->i);

      if (extents.width > 0 && memcmp (&extents, &last, sizeof extents) == 0)
        break;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("%s does not come to rest", name != NULL ? name : role);
      last = extents;
      wait_until_idle ();
    }

  *x = last.x + last.width / 2;
  *y = last.y + last.height / 2;
}

gboolean
cb_ui_are_in_order (const char * const *names)
{
  g_autoptr (CbUiTree) tree = cb_ui_tree_take (ui.program);
  int last = -1;

  for (; tree != NULL && *names != NULL; names++)
    {
      guint i = 0;
      CbUiExtents extents;

      while (i < cb_ui_tree_get_length (tree) &&
             (!is_role (cb_ui_tree_get (tree, i)->role, "label") || !g_str_equal (cb_ui_tree_get (tree, i)->text, *names) ||
              !cb_ui_tree_is_on_screen (tree, i)))
        i++;
      if (i == cb_ui_tree_get_length (tree))
        return FALSE;
      extents = cb_ui_tree_get_extents (tree, i);
      if (extents.height == 0 || extents.y <= last)
        return FALSE;
      last = extents.y;
    }

  return tree != NULL;
}

void
cb_ui_resize (int width, int height)
{
  g_autofree char *window = run ("xdotool", "getactivewindow", NULL);
  g_autofree char *width_text = g_strdup_printf ("%d", width);
  g_autofree char *height_text = g_strdup_printf ("%d", height);
  g_autofree char *wanted = g_strdup_printf ("\nWIDTH=%d\nHEIGHT=%d\n", width, height);

  for (guint i = 0; i < PATIENCE_SECONDS * 4; i++)
    {
      g_autofree char *geometry = NULL;

      if (*window == '\0')
        {
          g_free (window);
          window = run ("xdotool", "getactivewindow", NULL);
        }
      /* None has the focus for a moment; and one that still lays out what has come takes no other size. */
      if (*window != '\0' && i % 20 == 0)
        g_free (run ("xdotool", "windowmove", window, "0", "0", "windowsize", window, width_text, height_text, NULL));
      step ();
      geometry = *window != '\0' ? run ("xdotool", "getwindowgeometry", "--shell", window, NULL) : g_strdup ("");
      if (strstr (geometry, wanted) != NULL)
        return;
    }
  cb_ui_fail ("The window does not get %d × %d", width, height);
}

/* A tooltip comes once for each time that the pointer comes to rest on something; on a busy machine it may have been on its way, or the
 * thing may have been elsewhere. */
void
cb_ui_hover_until (const char *role, const char *name, const char *tip_role, const char *tip)
{
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (CbUiThing) thing = cb_ui_find (role, name);
      gint64 deadline;

      if (i > 0)
        g_free (run ("xdotool", "mousemove", "2", "2", NULL));
      wait_until_focused ();
      wait_until_idle ();
      point_at (thing, cb_ui_tree_get_extents (thing->tree, thing->i));
      deadline = g_get_monotonic_time () + TRY_SECONDS * G_USEC_PER_SEC;
      do
        {
          g_autoptr (CbUiThing) found = tip_role != NULL ? search_for (tip_role, tip, NULL) : search_for (NULL, NULL, tip);

          if (found != NULL)
            return;
          if (ui.ended)
            cb_ui_fail ("The program has ended");
          step ();
        }
      while (g_get_monotonic_time () < deadline);
    }

  cb_ui_fail ("%s does not tell “%s”", name, tip);
}

/**
 * cb_ui_scroll:
 * @notches: of the mouse wheel, downwards; 0: only points at it
 *
 * With the pointer over the first thing of that role and name; without either, where it is.
 */
void
cb_ui_scroll (const char *role, const char *name, guint notches)
{
  g_autoptr (CbUiThing) thing = role != NULL || name != NULL ? cb_ui_find (role, name) : NULL;
  g_autofree char *times = g_strdup_printf ("%u", notches);

  if (thing != NULL)
    point_at (thing, cb_ui_tree_get_extents (thing->tree, thing->i));
  if (notches > 0)
    g_free (run ("xdotool", "click", "--repeat", times, "--delay", "20", "5", NULL));
  step ();
}

/**
 * cb_ui_scroll_down_to:
 * @over: a label on the page
 * @bottom: above this it is in sight
 *
 * The page may grow while what is on it comes in, and a notch of the wheel is not as long with every GTK: until it is at the same place twice.
 */
void
cb_ui_scroll_down_to (const char *over, const char *name, int bottom)
{
  int last = -1;

  for (guint i = 0; i < 20; i++)
    {
      gint64 deadline;
      int x, y;

      cb_ui_scroll (i == 0 ? "label" : NULL, i == 0 ? over : NULL, 10);
      deadline = g_get_monotonic_time () + SCROLL_MSEC * G_TIME_SPAN_MILLISECOND;
      while (g_get_monotonic_time () < deadline)
        step ();
      cb_ui_get_middle (NULL, name, &x, &y);
      if (y < bottom && y == last)
        return;
      last = y;
    }

  cb_ui_fail ("%s does not come into sight", name);
}

void
cb_ui_type (const char *text)
{
  wait_until_focused ();
  wait_until_idle ();
  g_free (run ("xdotool", "type", "--delay", "12", text, NULL));
  step ();
}

void
cb_ui_key (const char *key)
{
  wait_until_focused ();
  wait_until_idle ();
  g_free (run ("xdotool", "key", key, NULL));
  step ();
}

static void
communicated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

char *
cb_ui_dup_clipboard (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
      g_autoptr (GSubprocess) process = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      /* It is nothing that is to be seen. */
      g_subprocess_launcher_setenv (launcher, "GTK_A11Y", "none", TRUE);
      process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("CB_TEST_CLIPBOARD"), NULL);
      g_assert_no_error (error);
      g_subprocess_communicate_utf8_async (process, NULL, NULL, communicated_cb, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_subprocess_communicate_utf8_finish (process, result, &text, NULL, &error);
      g_assert_no_error (error);
      if (g_subprocess_get_successful (process))
        return g_steal_pointer (&text);
      g_test_message ("The clipboard was read in vain, %u", i + 1);
    }
  cb_ui_fail ("The clipboard can’t be read");
}

double
cb_ui_get_memory (void)
{
#ifdef __SANITIZE_ADDRESS__
  return -1;
#else
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps_rollup", (int) ui.program);
  g_autofree char *text = NULL;
  const char *pss;

  /* What it shares with others is not its own. */
  if (!g_file_get_contents (path, &text, NULL, NULL) || (pss = strstr (text, "\nPss:")) == NULL)
    return -1;
  return (double) g_ascii_strtoll (pss + strlen ("\nPss:"), NULL, 10) / 1024;
#endif
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
