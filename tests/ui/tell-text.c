/* tell-text.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Loaded into the window that is tested, as tell-widgets.c: how large its texts are, and which of them are cut off or lie over another. What
 * is further down in what can be scrolled is not cut off, and neither is a text that ends in an ellipsis where its column is too narrow for it,
 * as long as a good part of it is there.
 *
 * A line for each thing, its parts with tabs between them:
 *   text SHOWN LINE-HEIGHT   a text, and how high one line of it is
 *   short SHOWN CHARACTERS   a text that is shortened, and how long it would be
 *   row FIRST-TEXT HEIGHT LINE-HEIGHT   a row of a list
 *   drawing CLASS HEIGHT     one of our own
 *   place NAME PIXELS        how far down something is scrolled
 *   selected FIRST-TEXT      a row
 *   fault WHAT               what nobody should see
 */

#include "tell-text.h"

#include <adwaita.h>
#include <string.h>

/* The same so many frames one after the other, and what is told then. Something may change all the time. */
#define FRAMES 4
#define MOST_FRAMES 200
/* Of a text that is shortened. */
#define LEAST_CHARS 3

typedef struct
{
  GtkWidget *widget;      /* (unowned) */
  char *shown;            /* (owned) */
  graphene_rect_t part;   /* of the window; as much of it as is seen */
} Text;

typedef struct
{
  GtkWidget *window;      /* (unowned) */
  GString *told;          /* (owned) */
  GArray *texts;          /* (owned) (element-type Text) */
} Telling;

static void
text_clear (gpointer data)
{
  g_free (((Text *) data)->shown);
}

/* In one line, without what parts it from the next, and not all of a very long one. */
static char *
dup_shown (const char *text)
{
  char *shown = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), 60));

  return g_strdelimit (shown, "\t\n\r", ' ');
}

static void
blame (Telling *self, GtkWidget *widget, const char *shown, const char *what)
{
  GString *path = g_string_new (NULL);
  guint n = 0;

  for (GtkWidget *in = widget; in != NULL && n < 5; in = gtk_widget_get_parent (in), n++)
    {
      g_auto (GStrv) classes = gtk_widget_get_css_classes (in);
      g_autofree char *joined = g_strjoinv (".", classes);

      g_string_append_printf (path, "%s%s%s%s", n > 0 ? " < " : "", gtk_widget_get_css_name (in), *joined != '\0' ? "." : "", joined);
    }
  g_string_append_printf (self->told, "fault\t“%s” %s, %s\n", shown, what, path->str);
  g_string_free (path, TRUE);
}

static gboolean
can_be_scrolled (GtkWidget *widget, GtkOrientation orientation)
{
  GtkAdjustment *adjustment;

  if (!GTK_IS_SCROLLABLE (widget))
    return FALSE;
  adjustment = orientation == GTK_ORIENTATION_VERTICAL ? gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (widget))
                                                       : gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (widget));
  return adjustment != NULL && gtk_adjustment_get_upper (adjustment) > gtk_adjustment_get_page_size (adjustment) + 1;
}

/* Puts in as much of @part, in @widget's coordinates, as is seen; FALSE when that is nothing. */
static gboolean
clip (Telling *self, GtkWidget *widget, const char *shown, const graphene_rect_t *part, graphene_rect_t *seen)
{
  *seen = *part;
  for (GtkWidget *in = widget; in != NULL; in = gtk_widget_get_parent (in))
    {
      const graphene_point_t corner = GRAPHENE_POINT_INIT (0, 0);
      graphene_rect_t box;
      graphene_point_t to;

      if (!gtk_widget_compute_point (widget, in, &corner, &to))
        return FALSE;
      if (gtk_widget_get_overflow (in) == GTK_OVERFLOW_HIDDEN || in == self->window)
        {
          gboolean aside, away;

          box = GRAPHENE_RECT_INIT (-to.x, -to.y, (float) gtk_widget_get_width (in), (float) gtk_widget_get_height (in));
          aside = seen->origin.x < box.origin.x - 1 || seen->origin.x + seen->size.width > box.origin.x + box.size.width + 1;
          away = seen->origin.y < box.origin.y - 1 || seen->origin.y + seen->size.height > box.origin.y + box.size.height + 1;
          if (aside && !can_be_scrolled (in, GTK_ORIENTATION_HORIZONTAL))
            blame (self, widget, shown, "is cut off at the side");
          if (away && !can_be_scrolled (in, GTK_ORIENTATION_VERTICAL))
            blame (self, widget, shown, "is cut off at the top or the bottom");
          if (!graphene_rect_intersection (seen, &box, seen))
            return FALSE;
        }
      if (in == self->window)
        {
          graphene_rect_offset (seen, to.x, to.y);
          return TRUE;
        }
    }
  return FALSE;
}

static void
add_text (Telling *self, GtkWidget *widget, const char *text, const graphene_rect_t *part, int line_height)
{
  Text added = { widget, dup_shown (text), GRAPHENE_RECT_INIT_ZERO };

  if (!clip (self, widget, added.shown, part, &added.part))
    {
      g_free (added.shown);
      return;
    }
  g_string_append_printf (self->told, "text\t%s\t%d\n", added.shown, line_height);
  g_array_append_val (self->texts, added);
}

static void
tell_short (Telling *self, const char *text)
{
  g_autofree char *shown = dup_shown (text);

  g_string_append_printf (self->told, "short\t%s\t%ld\n", shown, g_utf8_strlen (text, -1));
}

static void
tell_label (Telling *self, GtkLabel *label)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  const char *text = gtk_label_get_text (label);
  PangoRectangle extents;
  int left, top, n_lines = pango_layout_get_line_count (layout);
  g_autofree char *shown = dup_shown (text);

  if (*text == '\0')
    return;

  gtk_label_get_layout_offsets (label, &left, &top);
  pango_layout_get_pixel_extents (layout, NULL, &extents);
  if (extents.width > gtk_widget_get_width (GTK_WIDGET (label)) + 1 || extents.height > gtk_widget_get_height (GTK_WIDGET (label)) + 1)
    blame (self, GTK_WIDGET (label), shown, "has less room than it needs");
  if (pango_layout_is_ellipsized (layout))
    {
      int n_chars = (int) g_utf8_strlen (text, -1);
      /* As wide as these would be. */
      g_autofree char *least = g_utf8_substring (text, 0, MIN (LEAST_CHARS, n_chars));
      g_autoptr (PangoLayout) short_layout = pango_layout_copy (layout);
      int width;

      pango_layout_set_width (short_layout, -1);
      pango_layout_set_attributes (short_layout, NULL);
      pango_layout_set_text (short_layout, least, -1);
      pango_layout_get_pixel_size (short_layout, &width, NULL);
      if (extents.width < width)
        blame (self, GTK_WIDGET (label), shown, "is hardly there");
      tell_short (self, text);
    }
  add_text (self, GTK_WIDGET (label), text, &GRAPHENE_RECT_INIT ((float) (left + extents.x), (float) (top + extents.y), (float) extents.width,
                                                               (float) extents.height),
            extents.height / MAX (n_lines, 1));
}

static void
tell_plain (Telling *self, GtkWidget *widget, const char *text, PangoAttrList *attributes)
{
  g_autoptr (PangoLayout) layout = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *least = NULL;
  int width, height, least_width;
  const int room = gtk_widget_get_width (widget), room_high = gtk_widget_get_height (widget);

  if (text == NULL || *text == '\0')
    return;

  shown = dup_shown (text);
  least = g_utf8_substring (shown, 0, MIN (LEAST_CHARS, g_utf8_strlen (shown, -1)));
  layout = gtk_widget_create_pango_layout (widget, least);
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &least_width, NULL);
  pango_layout_set_text (layout, shown, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (room_high < height - 1)
    blame (self, widget, shown, "has less room than a line needs");
  if (room < MIN (least_width, width))
    blame (self, widget, shown, "is hardly there");
  if (room < width - 1 && GTK_IS_INSCRIPTION (widget))
    tell_short (self, text);
  add_text (self, widget, text, &GRAPHENE_RECT_INIT (0, (float) MAX (0, (room_high - height) / 2), (float) MIN (width, room), (float) MIN (height, room_high)),
            height);
}

/* (nullable): the first that is a text, or is in @widget */
static const char *
get_first_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != '\0')
    return gtk_label_get_text (GTK_LABEL (widget));
  if (GTK_IS_INSCRIPTION (widget) && *gtk_inscription_get_text (GTK_INSCRIPTION (widget)) != '\0')
    return gtk_inscription_get_text (GTK_INSCRIPTION (widget));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      const char *text = get_first_text (child);

      if (text != NULL)
        return text;
    }
  return NULL;
}

static int
get_line_height (GtkWidget *widget, const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static gboolean
is_seen (Telling *self, GtkWidget *widget)
{
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (widget, self->window, &bounds) && bounds.origin.y < (float) gtk_widget_get_height (self->window) &&
         bounds.origin.y + bounds.size.height > 0;
}

static void
tell (Telling *self, GtkWidget *widget)
{
  const char *type = G_OBJECT_TYPE_NAME (widget);

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget) || gtk_widget_get_opacity (widget) == 0 ||
      gtk_widget_get_width (widget) == 0 || GTK_IS_POPOVER (widget))
    return;

  if (GTK_IS_LABEL (widget))
    tell_label (self, GTK_LABEL (widget));
  else if (GTK_IS_INSCRIPTION (widget))
    tell_plain (self, widget, gtk_inscription_get_text (GTK_INSCRIPTION (widget)), gtk_inscription_get_attributes (GTK_INSCRIPTION (widget)));
  else if (GTK_IS_TEXT (widget))
    tell_plain (self, widget, gtk_editable_get_text (GTK_EDITABLE (widget)), NULL);
  else if (g_str_equal (type, "CbChart") || g_str_equal (type, "CbTimelineBar"))
    g_string_append_printf (self->told, "drawing\t%s\t%d\n", type, gtk_widget_get_height (widget));
  else if (GTK_IS_SCROLLED_WINDOW (widget) && gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (widget)) != NULL)
    g_string_append_printf (self->told, "place\t%s\t%d\n", G_OBJECT_TYPE_NAME (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (widget))),
                            (int) (gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget))) + 0.5));

  /* What a drop-down shows of its list is in a row of its own. */
  if (g_str_equal (gtk_widget_get_css_name (widget), "row") && !GTK_IS_STACK (gtk_widget_get_parent (widget)) && is_seen (self, widget))
    {
      const char *first = get_first_text (widget);
      g_autofree char *shown = dup_shown (first != NULL ? first : "");

      g_string_append_printf (self->told, "row\t%s\t%d\t%d\n", shown, gtk_widget_get_height (widget), get_line_height (widget, shown));
      if ((gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_SELECTED) != 0)
        g_string_append_printf (self->told, "selected\t%s\n", shown);
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    tell (self, child);
}

/* Two texts at one place. */
static void
tell_overlaps (Telling *self)
{
  for (guint i = 0; i < self->texts->len; i++)
    for (guint j = i + 1; j < self->texts->len; j++)
      {
        const Text *a = &g_array_index (self->texts, Text, i), *b = &g_array_index (self->texts, Text, j);
        graphene_rect_t both;

        if (graphene_rect_intersection (&a->part, &b->part, &both) && both.size.width > 2 && both.size.height > 3)
          {
            g_autofree char *what = g_strdup_printf ("and “%s” are at one place", b->shown);

            blame (self, a->widget, a->shown, what);
          }
      }
}

static char *
dup_told (GtkWidget *window)
{
  Telling telling = { window, g_string_new (NULL), g_array_new (FALSE, FALSE, sizeof (Text)) };

  g_array_set_clear_func (telling.texts, text_clear);
  tell (&telling, window);
  tell_overlaps (&telling);
  g_array_unref (telling.texts);

  return g_string_free (telling.told, FALSE);
}

/* ---- what a test asks for ---- */

typedef struct
{
  char *path;             /* (owned) */
  char *told;             /* (owned) (nullable) */
  guint n_same, n_frames;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  g_free (asked->path);
  g_free (asked->told);
  g_free (asked);
}

static gboolean
frame_cb (GtkWidget *window, GdkFrameClock *clock, gpointer user_data)
{
  Asked *asked = user_data;
  g_autofree char *told = dup_told (window);

  asked->n_same = g_strcmp0 (told, asked->told) == 0 ? asked->n_same + 1 : 0;
  g_free (asked->told);
  asked->told = g_steal_pointer (&told);
  if (asked->n_same < FRAMES && ++asked->n_frames < MOST_FRAMES)
    {
      gtk_widget_queue_draw (window);
      return G_SOURCE_CONTINUE;
    }
  g_file_set_contents (asked->path, asked->told, -1, NULL);

  return G_SOURCE_REMOVE;
}

/* @parameter: where to write it */
static void
text_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *window = gtk_application_get_active_window (application);
  Asked *asked = g_new0 (Asked, 1);

  asked->path = g_variant_dup_string (parameter, NULL);
  gtk_widget_add_tick_callback (GTK_WIDGET (window), frame_cb, asked, asked_free);
  gtk_widget_queue_draw (GTK_WIDGET (window));
}

void
cb_tell_text_add_actions (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "test-text", .activate = text_cb, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
}
