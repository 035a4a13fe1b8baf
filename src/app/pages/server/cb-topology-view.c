/* cb-topology-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-topology-view.h"

#include <glib/gi18n.h>

#include "cb-color.h"

#define GAP 60
#define INDENT 30
#define SPACING 12
#define WIDEST 360
#define LEAST 250
#define LINE 2
#define MOST_DEPTH 8

typedef struct
{
  GtkWidget *box;
  GtkLabel *address;
  GtkLabel *role;
  GtkLabel *link;
  int parent;
  int depth;
  gboolean broken;
  graphene_rect_t place;          /* as it was allocated */
} Node;

struct _CbTopologyView
{
  GtkWidget parent_instance;

  GArray *nodes;                  /* (owned) (element-type Node) */
  int max_depth;
  gboolean wide;
};

G_DEFINE_FINAL_TYPE (CbTopologyView, cb_topology_view, GTK_TYPE_WIDGET)

static Node *
get_node (CbTopologyView *self, guint index)
{
  return &g_array_index (self->nodes, Node, index);
}

/* --- layout --- */

/* Side by side where there is room, else below each other and indented. */
static gboolean
is_wide (CbTopologyView *self, int width)
{
  return width < 0 || width >= (self->max_depth + 1) * LEAST + self->max_depth * GAP;
}

static int
get_node_width (CbTopologyView *self, int width, gboolean wide)
{
  if (wide)
    return CLAMP ((width - self->max_depth * GAP) / (self->max_depth + 1), 1, WIDEST);
  return CLAMP (width - self->max_depth * INDENT, 1, WIDEST);
}

static int
measure_node (CbTopologyView *self, GtkOrientation orientation, int for_size, gboolean natural)
{
  int most = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      int least_size, natural_size;

      gtk_widget_measure (get_node (self, i)->box, orientation, for_size, &least_size, &natural_size, NULL, NULL);
      most = MAX (most, natural ? natural_size : least_size);
    }
  return most;
}

/* In which line each stands: @rows (out), and how many there are. */
static guint
count_rows (CbTopologyView *self, gboolean wide, guint *rows)
{
  guint n = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = get_node (self, i);
      /* The first of those that copy a server stands beside it. */
      gboolean beside = wide && node->parent >= 0 && (guint) node->parent == i - 1;

      if (!beside)
        n++;
      if (rows != NULL)
        rows[i] = n - 1;
      if (i == 0 && n == 0)
        n = 1;
    }
  return n;
}

static GtkSizeRequestMode
cb_topology_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
cb_topology_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                          int *natural_baseline)
{
  CbTopologyView *self = CB_TOPOLOGY_VIEW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = measure_node (self, orientation, -1, FALSE) + self->max_depth * INDENT;
      *natural = MAX (*minimum, (self->max_depth + 1) * WIDEST + self->max_depth * GAP);
    }
  else
    {
      gboolean wide = is_wide (self, for_size);
      int width = for_size < 0 ? -1 : get_node_width (self, for_size, wide);
      int n = (int) count_rows (self, wide, NULL);

      *minimum = *natural = n * measure_node (self, orientation, width, FALSE) + MAX (n - 1, 0) * SPACING;
    }
}

static void
cb_topology_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CbTopologyView *self = CB_TOPOLOGY_VIEW (widget);
  gboolean wide = is_wide (self, width);
  int node_width = get_node_width (self, width, wide);
  int node_height = measure_node (self, GTK_ORIENTATION_VERTICAL, node_width, FALSE);
  g_autofree guint *rows = g_new0 (guint, MAX (self->nodes->len, 1));
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  self->wide = wide;
  count_rows (self, wide, rows);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = get_node (self, i);
      int x = node->depth * (wide ? node_width + GAP : INDENT);
      int y = (int) rows[i] * (node_height + SPACING);

      if (rtl)
        x = width - x - node_width;
      graphene_rect_init (&node->place, (float) x, (float) y, (float) node_width, (float) node_height);
      gtk_widget_size_allocate (node->box, &(GtkAllocation) { x, y, node_width, node_height }, -1);
    }
}

/* --- drawing --- */

static void
draw_line (GtkSnapshot *snapshot, const GdkRGBA *color, float x1, float y1, float x2, float y2)
{
  graphene_rect_t line;

  graphene_rect_init (&line, MIN (x1, x2) - LINE / 2.0f, MIN (y1, y2) - LINE / 2.0f, ABS (x2 - x1) + LINE, ABS (y2 - y1) + LINE);
  gtk_snapshot_append_color (snapshot, color, &line);
}

/* From a server to one that copies it; a broken link has a gap in it, and not only another color. */
static void
draw_link (CbTopologyView *self, GtkSnapshot *snapshot, const graphene_rect_t *from, const graphene_rect_t *to, gboolean broken)
{
  gboolean rtl = to->origin.x < from->origin.x;
  GdkRGBA color;
  float x1, y1, x2, y2;

  if (!cb_color_lookup (GTK_WIDGET (self), broken ? "error_color" : "success_color", &color))
    return;
  y2 = to->origin.y + to->size.height / 2;
  x2 = rtl ? to->origin.x + to->size.width : to->origin.x;
  if (self->wide)
    {
      float middle;

      x1 = rtl ? from->origin.x : from->origin.x + from->size.width;
      y1 = from->origin.y + from->size.height / 2;
      middle = (x1 + x2) / 2;
      draw_line (snapshot, &color, x1, y1, middle, y1);
      if (y1 != y2)
        draw_line (snapshot, &color, middle, y1, middle, y2);
      if (broken)
        draw_line (snapshot, &color, middle + (x2 - middle) / 2, y2, x2, y2);
      else
        draw_line (snapshot, &color, middle, y2, x2, y2);
      return;
    }
  x1 = rtl ? from->origin.x + from->size.width - INDENT / 2.0f : from->origin.x + INDENT / 2.0f;
  y1 = from->origin.y + from->size.height;
  draw_line (snapshot, &color, x1, y1, x1, y2);
  draw_line (snapshot, &color, broken ? x1 + (x2 - x1) / 2 : x1, y2, x2, y2);
}

static void
cb_topology_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CbTopologyView *self = CB_TOPOLOGY_VIEW (widget);

  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = get_node (self, i);

      if (node->parent >= 0)
        draw_link (self, snapshot, &get_node (self, (guint) node->parent)->place, &node->place, node->broken);
    }
  for (guint i = 0; i < self->nodes->len; i++)
    gtk_widget_snapshot_child (widget, get_node (self, i)->box, snapshot);
}

/* --- nodes --- */

static GtkLabel *
create_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static void
add_node (CbTopologyView *self)
{
  Node node = { 0 };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);

  node.box = g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 6, "focusable", TRUE,
                           "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_widget_add_css_class (node.box, "card");
  gtk_widget_add_css_class (node.box, "cb-node");
  node.address = create_label ("monospace");
  node.role = create_label ("cb-pill");
  node.link = create_label ("caption");
  gtk_label_set_ellipsize (node.role, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (node.link, TRUE);
  gtk_label_set_wrap_mode (node.link, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (node.link, 2);
  gtk_widget_add_css_class (GTK_WIDGET (node.link), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (node.link), "numeric");
  gtk_widget_set_hexpand (GTK_WIDGET (node.address), TRUE);
  gtk_widget_set_valign (GTK_WIDGET (node.role), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (node.address));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (node.role));
  gtk_box_append (GTK_BOX (node.box), head);
  gtk_box_append (GTK_BOX (node.box), GTK_WIDGET (node.link));
  gtk_widget_set_parent (node.box, GTK_WIDGET (self));
  g_array_append_val (self->nodes, node);
}

static void
show_node (CbTopologyView *self, Node *node, const CbTopologyNode *told, const char *own_address)
{
  gboolean unnamed = *told->address == '\0';
  CbTopologyNode named = *told;
  g_autofree char *link = cb_topology_node_describe_link (told);
  g_autofree char *name = NULL;
  g_autofree char *said = NULL;

  if (unnamed)
    named.address = (char *) (told->own ? own_address : _ ("unknown"));
  name = cb_topology_node_describe (&named);
  said = told->own ? g_strdup_printf (_ ("%s (this one)"), name) : g_steal_pointer (&name);
  node->parent = told->parent;
  node->depth = told->parent >= 0 ? MIN (get_node (self, (guint) told->parent)->depth + 1, MOST_DEPTH) : 0;
  node->broken = told->broken;
  gtk_label_set_text (node->address, named.address);
  gtk_label_set_text (node->role, told->parent >= 0 ? _ ("Replica") : _ ("Primary"));
  gtk_label_set_text (node->link, link);
  gtk_widget_set_visible (GTK_WIDGET (node->link), *link != '\0');
  gtk_widget_set_tooltip_text (node->box, said);
  gtk_accessible_update_property (GTK_ACCESSIBLE (node->box), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
  if (told->own)
    gtk_widget_add_css_class (node->box, "own");
  else
    gtk_widget_remove_css_class (node->box, "own");
  gtk_widget_remove_css_class (GTK_WIDGET (node->role), told->broken ? "complete" : "failed");
  gtk_widget_add_css_class (GTK_WIDGET (node->role), told->broken ? "failed" : "complete");
}

void
cb_topology_view_set_topology (CbTopologyView *self, const CbTopology *topology, const char *own_address)
{
  g_return_if_fail (CB_IS_TOPOLOGY_VIEW (self));

  while (self->nodes->len > topology->nodes->len)
    {
      gtk_widget_unparent (get_node (self, self->nodes->len - 1)->box);
      g_array_set_size (self->nodes, self->nodes->len - 1);
    }
  while (self->nodes->len < topology->nodes->len)
    add_node (self);
  self->max_depth = 0;
  for (guint i = 0; i < topology->nodes->len; i++)
    {
      show_node (self, get_node (self, i), g_ptr_array_index (topology->nodes, i), own_address);
      self->max_depth = MAX (self->max_depth, get_node (self, i)->depth);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* --- object --- */

static void
cb_topology_view_dispose (GObject *object)
{
  CbTopologyView *self = CB_TOPOLOGY_VIEW (object);

  for (guint i = 0; i < self->nodes->len; i++)
    gtk_widget_unparent (get_node (self, i)->box);
  g_array_set_size (self->nodes, 0);

  G_OBJECT_CLASS (cb_topology_view_parent_class)->dispose (object);
}

static void
cb_topology_view_finalize (GObject *object)
{
  g_array_unref (CB_TOPOLOGY_VIEW (object)->nodes);

  G_OBJECT_CLASS (cb_topology_view_parent_class)->finalize (object);
}

static void
cb_topology_view_class_init (CbTopologyViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_topology_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_topology_view_finalize;
  widget_class->get_request_mode = cb_topology_view_get_request_mode;
  widget_class->measure = cb_topology_view_measure;
  widget_class->size_allocate = cb_topology_view_size_allocate;
  widget_class->snapshot = cb_topology_view_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
cb_topology_view_init (CbTopologyView *self)
{
  self->nodes = g_array_new (FALSE, TRUE, sizeof (Node));
}

GtkWidget *
cb_topology_view_new (void)
{
  return g_object_new (CB_TYPE_TOPOLOGY_VIEW, NULL);
}
