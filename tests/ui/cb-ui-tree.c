/* cb-ui-tree.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-ui-tree.h"

#include <atspi/atspi.h>
#include <string.h>

#define PATIENCE_SECONDS 60
#define STEP_USEC 20000
#define TIMEOUT_MS 10000
#define MAX_DEPTH 60
/* A part of so many widgets is worth the question whether it has a size. */
#define LARGE 20
#define ROOT "/org/a11y/atspi/accessible/root"

struct _CbUiTree
{
  gatomicrefcount refs;
  char *program; /* its name on the bus */
  GPtrArray *nodes;
};

static GDBusConnection *bus;
/* That the program, or who speaks for it, has not answered in time. */
static gboolean unanswered;
/* The paths of what nothing is in that could be seen, when it was last looked at: nobody asks what is in there. Of @empty
 * what has no size, such as the pages of a stack that are not shown, which GTK 4.8 tells to be visible.
 */
static GHashTable *closed;
static GHashTable *empty;

/* --- hearing --- */

typedef struct
{
  char *program; /* (owned) */
  char *path;    /* (owned) (nullable): of what has another name; without, it is an event of its own */
  char *text;    /* (owned) */
} Heard;

static GPtrArray *heard; /* (element-type Heard) */

static void
heard_free (gpointer data)
{
  Heard *event = data;

  g_free (event->program);
  g_free (event->path);
  g_free (event->text);
  g_free (event);
}

static void
heard_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *signal, GVariant *arguments,
          gpointer user_data)
{
  g_autoptr (GVariant) text = NULL;
  const char *detail;
  Heard *event;

  if (!g_variant_check_format_string (arguments, "(siiva{sv})", FALSE))
    return;
  g_variant_get (arguments, "(&siiva{sv})", &detail, NULL, NULL, &text, NULL);
  if (!g_variant_is_of_type (text, G_VARIANT_TYPE_STRING) ||
      (g_str_equal (signal, "PropertyChange") ? !g_str_equal (detail, "accessible-name") : !g_str_equal (signal, "Announcement")))
    return;

  event = g_new0 (Heard, 1);
  event->program = g_strdup (sender);
  event->path = g_str_equal (signal, "PropertyChange") ? g_strdup (path) : NULL;
  event->text = g_variant_dup_string (text, NULL);
  g_ptr_array_add (heard, event);
}

/* --- asking --- */

typedef struct
{
  guint pending;
  GVariant **answers; /* NULL where there was none */
} Round;

typedef struct
{
  Round *round;
  guint i;
} Question;

static void
answered_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;

  /* What went away in the meantime has no answer. */
  question->round->answers[question->i] = g_dbus_connection_call_finish (bus, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    unanswered = TRUE;
  question->round->pending--;
  g_free (question);
}

static void
ask (Round *round, guint i, const char *program, const char *path, const char *interface, const char *method,
     GVariant *arguments, const char *type)
{
  Question *question = g_new (Question, 1);

  question->round = round;
  question->i = i;
  round->pending++;
  g_dbus_connection_call (bus, program, path, interface, method, arguments, G_VARIANT_TYPE (type),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, NULL, answered_cb, question);
}

static void
round_init (Round *round, guint n)
{
  round->pending = 0;
  round->answers = g_new0 (GVariant *, n + 1);
}

static void
round_wait (Round *round)
{
  while (round->pending > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
round_clear (Round *round, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&round->answers[i], g_variant_unref);
  g_free (round->answers);
}

/* (nullable) */
static GVariant *
ask_one (const char *program, const char *path, const char *interface, const char *method, GVariant *arguments,
         const char *type)
{
  GVariant *answer;
  Round round;

  round_init (&round, 1);
  ask (&round, 0, program, path, interface, method, arguments, type);
  round_wait (&round);
  answer = g_steal_pointer (&round.answers[0]);
  round_clear (&round, 1);

  return answer;
}

void
cb_ui_tree_open (void)
{
  g_autoptr (GDBusConnection) session = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  const char *address;

  session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  /* Who speaks for it has been started, and may not be there yet. */
  for (;;)
    {
      answer = g_dbus_connection_call_sync (session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                            NULL, G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
      if (!g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) || g_get_monotonic_time () > deadline)
        break;
      g_clear_error (&error);
      g_usleep (STEP_USEC);
    }
  g_assert_no_error (error);
  g_variant_get (answer, "(&s)", &address);
  bus = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL,
    &error);
  g_assert_no_error (error);
  closed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  empty = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  heard = g_ptr_array_new_with_free_func (heard_free);
  g_dbus_connection_signal_subscribe (bus, NULL, "org.a11y.atspi.Event.Object", NULL, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, heard_cb,
                                      NULL, NULL);
}

void
cb_ui_tree_close (void)
{
  g_clear_object (&bus);
  g_clear_pointer (&closed, g_hash_table_unref);
  g_clear_pointer (&empty, g_hash_table_unref);
  g_clear_pointer (&heard, g_ptr_array_unref);
}

/* --- a tree --- */

static void
node_free (gpointer pointer)
{
  CbUiNode *node = pointer;

  g_free (node->path);
  g_free (node->name);
  g_free (node->text);
  g_free (node);
}

CbUiTree *
cb_ui_tree_ref (CbUiTree *tree)
{
  g_atomic_ref_count_inc (&tree->refs);

  return tree;
}

void
cb_ui_tree_unref (CbUiTree *tree)
{
  if (!g_atomic_ref_count_dec (&tree->refs))
    return;

  g_ptr_array_unref (tree->nodes);
  g_free (tree->program);
  g_free (tree);
}

/* The name that the program with this process has on the bus. */
static char *
find_program (GPid pid)
{
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) children = NULL;
  char *found = NULL;
  gsize n;

  answer = ask_one ("org.a11y.atspi.Registry", ROOT, "org.a11y.atspi.Accessible", "GetChildren", NULL, "(a(so))");
  if (answer == NULL)
    return NULL;

  children = g_variant_get_child_value (answer, 0);
  n = g_variant_n_children (children);
  for (gsize i = 0; i < n && found == NULL; i++)
    {
      g_autoptr (GVariant) process = NULL;
      const char *name, *path;
      guint32 its_pid = 0;

      g_variant_get_child (children, i, "(&s&o)", &name, &path);
      process = ask_one ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                         "GetConnectionUnixProcessID", g_variant_new ("(s)", name), "(u)");
      if (process != NULL)
        g_variant_get (process, "(u)", &its_pid);
      if ((GPid) its_pid == pid)
        found = g_strdup (name);
    }

  return found;
}

static CbUiNode *
add_node (GPtrArray *nodes, const char *path, int parent, int depth)
{
  CbUiNode *node = g_new0 (CbUiNode, 1);

  node->path = g_strdup (path);
  node->parent = parent;
  node->depth = depth;
  g_ptr_array_add (nodes, node);

  return node;
}

static void
ask_extents (const char *program, Round *round, guint question, const char *path)
{
  ask (round, question, program, path, "org.a11y.atspi.Component", "GetExtents",
       g_variant_new ("(u)", ATSPI_COORD_TYPE_WINDOW), "((iiii))");
}

/* TRUE also when there was no answer. */
static gboolean
has_size (GVariant *extents)
{
  int width = 1, height = 1;

  if (extents != NULL)
    g_variant_get (extents, "((iiii))", NULL, NULL, &width, &height);

  return width > 0 && height > 0;
}

/* Forgets what has a size now. */
static void
open_empty (const char *program)
{
  guint n;
  g_autofree char **paths = (char **) g_hash_table_get_keys_as_array (empty, &n);
  Round round;

  round_init (&round, n);
  for (guint i = 0; i < n; i++)
    ask_extents (program, &round, i, paths[i]);
  round_wait (&round);
  for (guint i = 0; i < n; i++)
    if (has_size (round.answers[i]))
      g_hash_table_remove (empty, paths[i]);
  round_clear (&round, n);
}

/* All that is there, with their parents, level by level. A program tells the properties of what somebody asked for. */
static GPtrArray *
list_nodes (const char *program)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func (node_free);
  guint begin = 0;

  add_node (nodes, ROOT, -1, 0);
  for (int depth = 0; depth < MAX_DEPTH && begin < nodes->len; depth++)
    {
      guint end = nodes->len;
      Round round;

      round_init (&round, end - begin);
      for (guint i = begin; i < end; i++)
        {
          CbUiNode *node = g_ptr_array_index (nodes, i);

          if (!g_hash_table_contains (closed, node->path) && !g_hash_table_contains (empty, node->path))
            ask (&round, i - begin, program, node->path, "org.a11y.atspi.Accessible", "GetChildren", NULL,
                 "(a(so))");
        }
      round_wait (&round);

      for (guint i = begin; i < end; i++)
        {
          g_autoptr (GVariant) children = NULL;
          const char *owner, *path;
          GVariantIter iter;

          if (round.answers[i - begin] == NULL)
            continue;

          children = g_variant_get_child_value (round.answers[i - begin], 0);
          g_variant_iter_init (&iter, children);
          while (g_variant_iter_next (&iter, "(&s&o)", &owner, &path))
            if (g_str_equal (owner, program))
              add_node (nodes, path, (int) i, depth + 1);
        }

      round_clear (&round, end - begin);
      begin = end;
    }

  return nodes;
}

/* Puts each before what is in it, and all in the order of the window. */
static void
put_in_order (CbUiTree *tree)
{
  GPtrArray *nodes = tree->nodes;
  g_autofree guint *sizes = g_new (guint, nodes->len);
  g_autofree guint *places = g_new0 (guint, nodes->len);
  g_autofree guint *next = g_new0 (guint, nodes->len);
  GPtrArray *ordered = g_ptr_array_new_with_free_func (node_free);

  for (guint i = 0; i < nodes->len; i++)
    sizes[i] = 1;
  for (guint i = nodes->len; i-- > 1;)
    sizes[((CbUiNode *) g_ptr_array_index (nodes, i))->parent] += sizes[i];

  next[0] = 1;
  for (guint i = 1; i < nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (nodes, i);
      guint parent = (guint) node->parent;

      places[i] = next[parent];
      next[parent] += sizes[i];
      next[i] = places[i] + 1;
    }

  g_ptr_array_set_size (ordered, (int) nodes->len);
  for (guint i = 0; i < nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (nodes, i);

      if (node->parent >= 0)
        node->parent = (int) places[node->parent];
      ordered->pdata[places[i]] = node;
    }

  g_ptr_array_set_free_func (nodes, NULL);
  g_ptr_array_unref (nodes);
  tree->nodes = ordered;
}

static gboolean
has_state (const CbUiNode *node, AtspiStateType state)
{
  return (node->states >> state & 1) != 0;
}

static void
read_properties (CbUiTree *tree)
{
  g_autoptr (GHashTable) by_path = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) items = NULL;
  gsize n;

  answer = ask_one (tree->program, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems", NULL,
                    "(a((so)(so)(so)iiassusau))");
  if (answer == NULL)
    return;

  for (guint i = 0; i < tree->nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);

      g_hash_table_insert (by_path, node->path, node);
    }

  items = g_variant_get_child_value (answer, 0);
  n = g_variant_n_children (items);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariantIter) interfaces = NULL;
      g_autoptr (GVariantIter) states = NULL;
      g_autoptr (GVariant) item = g_variant_get_child_value (items, i);
      const char *path, *name, *interface;
      guint32 role, bits;
      CbUiNode *node;

      g_variant_get (item, "((&s&o)(so)(so)iias&su&sau)", NULL, &path, NULL, NULL, NULL, NULL, NULL, NULL,
                     &interfaces, &name, &role, NULL, &states);
      node = g_hash_table_lookup (by_path, path);
      if (node == NULL || node->is_known)
        continue;

      node->is_known = TRUE;
      node->name = g_strdup (name);
      node->role = atspi_role_get_name (role);
      while (g_variant_iter_next (interfaces, "&s", &interface))
        if (g_str_equal (interface, "org.a11y.atspi.Text"))
          node->has_text = TRUE;
        else if (g_str_equal (interface, "org.a11y.atspi.Component"))
          node->has_component = TRUE;
      for (guint at = 0; at < 2 && g_variant_iter_next (states, "u", &bits); at++)
        node->states |= (guint64) bits << (32 * at);
    }
}

static void
tell_closed (CbUiTree *tree)
{
  static const char * const leaves[] = { "label", "image", "icon", "separator", "progress bar", NULL };

  g_hash_table_remove_all (closed);
  for (guint i = 0; i < tree->nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);
      CbUiNode *parent = node->parent >= 0 ? g_ptr_array_index (tree->nodes, node->parent) : NULL;
      /* The program itself has no states. */
      gboolean is_visible
        = parent == NULL || has_state (node, ATSPI_STATE_SHOWING) || has_state (node, ATSPI_STATE_VISIBLE);

      node->can_be_seen = is_visible && (parent == NULL || parent->can_be_seen);
      if (node->is_known && (!is_visible || g_strv_contains (leaves, node->role)))
        g_hash_table_add (closed, g_strdup (node->path));
    }
}

static void
tell_empty (CbUiTree *tree)
{
  guint n = tree->nodes->len;
  g_autofree guint *sizes = g_new0 (guint, n);
  Round round;

  for (guint i = n; i-- > 1;)
    sizes[((CbUiNode *) g_ptr_array_index (tree->nodes, i))->parent] += ++sizes[i];

  round_init (&round, n);
  for (guint i = 0; i < n; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);

      if (sizes[i] >= LARGE && node->has_component && node->can_be_seen)
        ask_extents (tree->program, &round, i, node->path);
    }
  round_wait (&round);

  for (guint i = 0; i < n; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);
      CbUiNode *parent = node->parent >= 0 ? g_ptr_array_index (tree->nodes, node->parent) : NULL;

      if (!has_size (round.answers[i]))
        g_hash_table_add (empty, g_strdup (node->path));
      if (!has_size (round.answers[i]) || (parent != NULL && !parent->can_be_seen))
        node->can_be_seen = FALSE;
    }
  round_clear (&round, n);
}

/* The name of a label is what it says, and most of what is on screen are labels. */
static gboolean
is_read (const CbUiNode *node)
{
  return node->name != NULL && *node->name != '\0' && g_str_equal (node->role, "label");
}

static void
read_texts (CbUiTree *tree)
{
  Round lengths, round;

  /* GTK takes an end of -1 for the beginning. */
  round_init (&lengths, tree->nodes->len);
  for (guint i = 0; i < tree->nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);

      if (node->has_text && node->can_be_seen && !is_read (node))
        ask (&lengths, i, tree->program, node->path, "org.freedesktop.DBus.Properties", "Get",
             g_variant_new ("(ss)", "org.a11y.atspi.Text", "CharacterCount"), "(v)");
    }
  round_wait (&lengths);

  round_init (&round, tree->nodes->len);
  for (guint i = 0; i < tree->nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);
      g_autoptr (GVariant) length = NULL;

      if (lengths.answers[i] == NULL)
        continue;

      g_variant_get (lengths.answers[i], "(v)", &length);
      if (g_variant_is_of_type (length, G_VARIANT_TYPE_INT32) && g_variant_get_int32 (length) > 0)
        ask (&round, i, tree->program, node->path, "org.a11y.atspi.Text", "GetText",
             g_variant_new ("(ii)", 0, g_variant_get_int32 (length)), "(s)");
    }
  round_wait (&round);
  round_clear (&lengths, tree->nodes->len);

  for (guint i = 0; i < tree->nodes->len; i++)
    {
      CbUiNode *node = g_ptr_array_index (tree->nodes, i);

      if (round.answers[i] != NULL)
        g_variant_get (round.answers[i], "(s)", &node->text);
      if (node->name == NULL)
        node->name = g_strdup ("");
      if (node->role == NULL)
        node->role = "";
      if (node->text == NULL || *node->text == '\0')
        {
          g_free (node->text);
          node->text = g_strdup (node->name);
        }
    }
  round_clear (&round, tree->nodes->len);
}

/* (nullable): NULL as well when not everything was answered in time. What is not told of then may be there all the same. */
CbUiTree *
cb_ui_tree_take (GPid pid)
{
  g_autofree char *program = NULL;
  CbUiTree *tree;

  unanswered = FALSE;
  program = find_program (pid);
  if (program == NULL)
    return NULL;

  tree = g_new0 (CbUiTree, 1);
  g_atomic_ref_count_init (&tree->refs);
  tree->program = g_steal_pointer (&program);
  open_empty (tree->program);
  tree->nodes = list_nodes (tree->program);
  put_in_order (tree);
  read_properties (tree);
  tell_closed (tree);
  tell_empty (tree);
  read_texts (tree);
  if (unanswered)
    {
      cb_ui_tree_unref (tree);
      return NULL;
    }

  return tree;
}

guint
cb_ui_tree_get_length (CbUiTree *tree)
{
  return tree->nodes->len;
}

const CbUiNode *
cb_ui_tree_get (CbUiTree *tree, guint i)
{
  return g_ptr_array_index (tree->nodes, i);
}

CbUiExtents
cb_ui_tree_get_extents (CbUiTree *tree, guint i)
{
  CbUiExtents extents = { 0, 0, 0, 0 };
  Round round;

  round_init (&round, 1);
  ask_extents (tree->program, &round, 0, cb_ui_tree_get (tree, i)->path);
  round_wait (&round);
  if (round.answers[0] != NULL)
    g_variant_get (round.answers[0], "((iiii))", &extents.x, &extents.y, &extents.width, &extents.height);
  round_clear (&round, 1);

  return extents;
}

char *
cb_ui_tree_dup_description (CbUiTree *tree, guint i)
{
  g_autoptr (GVariant) answer = ask_one (tree->program, cb_ui_tree_get (tree, i)->path, "org.freedesktop.DBus.Properties", "Get",
                                         g_variant_new ("(ss)", "org.a11y.atspi.Accessible", "Description"), "(v)");
  g_autoptr (GVariant) value = NULL;

  if (answer == NULL)
    return NULL;
  g_variant_get (answer, "(v)", &value);

  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL) : NULL;
}

gboolean
cb_ui_tree_is_on_screen (CbUiTree *tree, guint i)
{
  const CbUiNode *node = cb_ui_tree_get (tree, i);
  gboolean is_on_screen = TRUE;
  guint n = (guint) node->depth + 1;
  Round round;

  if (!node->can_be_seen)
    return FALSE;

  round_init (&round, n);
  for (guint at = 0;; at++)
    {
      if (node->has_component)
        ask_extents (tree->program, &round, at, node->path);
      if (node->parent < 0)
        break;
      node = cb_ui_tree_get (tree, (guint) node->parent);
    }
  round_wait (&round);

  for (guint at = 0; at < n; at++)
    is_on_screen = is_on_screen && has_size (round.answers[at]);
  round_clear (&round, n);

  return is_on_screen;
}

GPtrArray *
cb_ui_tree_take_announcements (CbUiTree *tree)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  const char *status = NULL;

  for (guint i = 0; i < tree->nodes->len && status == NULL; i++)
    {
      const CbUiNode *node = cb_ui_tree_get (tree, i);

      if (g_str_equal (node->role, "status bar"))
        status = node->path;
    }
  for (guint i = 0; i < heard->len; i++)
    {
      Heard *event = g_ptr_array_index (heard, i);

      if (g_str_equal (event->program, tree->program) && *event->text != '\0' &&
          (event->path == NULL || g_strcmp0 (event->path, status) == 0))
        g_ptr_array_add (texts, g_strdup (event->text));
    }
  g_ptr_array_set_size (heard, 0);

  return texts;
}
