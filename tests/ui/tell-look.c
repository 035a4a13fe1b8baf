/* tell-look.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Loaded into the window that is tested, as tell-widgets.c: actions by which a test changes light to dark or the size of text as the settings
 * of a desktop do, and by which it asks what is hard to read, which texts and pictures are in which style, and which lines of a text are in view. */

#include "tell-look.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>

/* Letters are drawn so much larger that the middle of each line of them has their full colour. */
#define SCALE 3
#define FRAMES 3
#define STRIP 16 /* of a drawing of our own, at its top and at its bottom, where there are words */

typedef struct
{
  GtkWidget *window;   /* (unowned) */
  guchar *pixels;      /* (owned) */
  int width, height;   /* in pixels of the picture */
  GString *told;       /* (unowned) */
  guint n;
} Look;

/* ---- light ---- */

static double
get_part (guint8 value)
{
  double part = value / 255.0;

  return part <= 0.04045 ? part / 12.92 : pow ((part + 0.055) / 1.055, 2.4);
}

static double
get_light (guint32 color)
{
  return 0.2126 * get_part ((guint8) (color >> 16)) + 0.7152 * get_part ((guint8) (color >> 8)) + 0.0722 * get_part ((guint8) color);
}

static double
get_contrast (guint32 a, guint32 b)
{
  double first = get_light (a) + 0.05, second = get_light (b) + 0.05;

  return MAX (first, second) / MIN (first, second);
}

/* ---- what is on the picture ---- */

/* A part of @widget, in its own coordinates; nothing when any of it is cut off or behind something. */
static gboolean
place (Look *self, GtkWidget *widget, const graphene_rect_t *part, graphene_rect_t *placed)
{
  graphene_point_t from = part->origin, to;
  GtkWidget *picked;

  for (GtkWidget *in = widget; in != NULL; in = gtk_widget_get_parent (in))
    {
      graphene_rect_t bounds;

      if (!gtk_widget_compute_point (widget, in, &from, &to))
        return FALSE;
      bounds = GRAPHENE_RECT_INIT (-1, -1, (float) gtk_widget_get_width (in) + 2, (float) gtk_widget_get_height (in) + 2);
      *placed = GRAPHENE_RECT_INIT (to.x, to.y, part->size.width, part->size.height);
      if (in != widget && !graphene_rect_contains_rect (&bounds, placed))
        return FALSE;
      if (in == self->window)
        break;
    }

  picked = gtk_widget_pick (self->window, placed->origin.x + placed->size.width / 2, placed->origin.y + placed->size.height / 2,
                            GTK_PICK_INSENSITIVE | GTK_PICK_NON_TARGETABLE);
  return picked != NULL && (picked == widget || gtk_widget_is_ancestor (picked, widget) || gtk_widget_is_ancestor (widget, picked));
}

static char *
describe (GtkWidget *widget)
{
  GString *path = g_string_new (NULL);
  guint n = 0;

  for (GtkWidget *in = widget; in != NULL && n < 4; in = gtk_widget_get_parent (in), n++)
    {
      g_auto (GStrv) classes = gtk_widget_get_css_classes (in);
      g_autofree char *joined = g_strjoinv (".", classes);

      g_string_append_printf (path, "%s%s%s%s", n > 0 ? " < " : "", gtk_widget_get_css_name (in), *joined != '\0' ? "." : "", joined);
    }
  return g_string_free (path, FALSE);
}

/* The colour that most of it has is the ground, that which differs most from it is what is drawn there. */
static void
measure (Look *self, GtkWidget *widget, const graphene_rect_t *part, double need, const char *text)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  g_autofree char *described = NULL;
  graphene_rect_t placed;
  GHashTableIter iter;
  gpointer key, value;
  guint32 ground = 0, drawn = 0;
  guint most = 0;
  double contrast = 1;

  if (part->size.width < 1 || part->size.height < 1 || !place (self, widget, part, &placed))
    return;

  for (int y = MAX ((int) (placed.origin.y * SCALE), 0); y < MIN ((int) ((placed.origin.y + placed.size.height) * SCALE), self->height); y++)
    for (int x = MAX ((int) (placed.origin.x * SCALE), 0); x < MIN ((int) ((placed.origin.x + placed.size.width) * SCALE), self->width); x++)
      {
        guint32 color;

        memcpy (&color, self->pixels + ((gsize) y * (gsize) self->width + (gsize) x) * 4, 4);
        key = GUINT_TO_POINTER ((color & 0xffffff) + 1);
        g_hash_table_insert (counts, key, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, key)) + 1));
      }

  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (GPOINTER_TO_UINT (value) > most)
      {
        most = GPOINTER_TO_UINT (value);
        ground = GPOINTER_TO_UINT (key) - 1;
      }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (GPOINTER_TO_UINT (value) >= SCALE && get_contrast (GPOINTER_TO_UINT (key) - 1, ground) > contrast)
      {
        drawn = GPOINTER_TO_UINT (key) - 1;
        contrast = get_contrast (drawn, ground);
      }
  /* Nothing is there. */
  if (contrast < 1.02)
    return;

  if (!gtk_widget_is_sensitive (widget))
    need = MIN (need, 2.5);
  self->n++;
  described = describe (widget);
  if (contrast < need)
    g_string_append_printf (self->told, "%.2f of %.1f: “%s”, #%06x on #%06x, %s\n", contrast, need, text, drawn, ground, described);
}

/* ---- texts ---- */

static double
get_need (const PangoFontDescription *font, const char *text, gsize length)
{
  double points = pango_font_description_get_size (font) / (double) PANGO_SCALE;
  gboolean is_word = FALSE;

  if (pango_font_description_get_size_is_absolute (font))
    points *= 0.75;
  for (const char *c = text; c < text + length; c = g_utf8_next_char (c))
    is_word |= g_unichar_isalnum (g_utf8_get_char (c));

  return !is_word || points >= 18 || (points >= 14 && pango_font_description_get_weight (font) >= PANGO_WEIGHT_BOLD) ? 3 : 4.5;
}

static void
measure_label (Look *self, GtkWidget *widget)
{
  PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (widget));
  PangoLayoutIter *iter = pango_layout_get_iter (layout);
  const char *text = pango_layout_get_text (layout);
  int left, top;

  gtk_label_get_layout_offsets (GTK_LABEL (widget), &left, &top);
  do
    {
      PangoLayoutRun *run = pango_layout_iter_get_run_readonly (iter);
      PangoRectangle extents;
      g_autoptr (PangoFontDescription) font = NULL;
      g_autofree char *part = NULL;

      if (run == NULL)
        continue;
      part = g_strndup (text + run->item->offset, (gsize) run->item->length);
      font = pango_font_describe (run->item->analysis.font);
      pango_layout_iter_get_run_extents (iter, NULL, &extents);
      pango_extents_to_pixels (&extents, NULL);
      measure (self, widget, &GRAPHENE_RECT_INIT ((float) (left + extents.x), (float) (top + extents.y), (float) extents.width, (float) extents.height),
               get_need (font, part, strlen (part)), part);
    }
  while (pango_layout_iter_next_run (iter));
  pango_layout_iter_free (iter);
}

/* As far as all of a part that has one colour is on one line. */
static void
measure_text_view (Look *self, GtkWidget *widget)
{
  GtkTextView *view = GTK_TEXT_VIEW (widget);
  GdkRectangle seen;
  GtkTextIter at, end;

  gtk_text_view_get_visible_rect (view, &seen);
  gtk_text_view_get_iter_at_location (view, &at, seen.x, seen.y);
  gtk_text_view_get_iter_at_location (view, &end, seen.x + seen.width, seen.y + seen.height);
  while (gtk_text_iter_compare (&at, &end) < 0)
    {
      GtkTextIter to = at, line = at;
      GdkRectangle from_place, to_place;
      g_autofree char *part = NULL;
      int x, y;

      gtk_text_iter_forward_to_tag_toggle (&to, NULL);
      if (!gtk_text_iter_ends_line (&line))
        gtk_text_iter_forward_to_line_end (&line);
      if (gtk_text_iter_compare (&line, &to) < 0)
        to = line;
      if (gtk_text_iter_equal (&to, &at) && !gtk_text_iter_forward_char (&to))
        break;
      gtk_text_view_get_iter_location (view, &at, &from_place);
      gtk_text_view_get_iter_location (view, &to, &to_place);
      part = gtk_text_iter_get_text (&at, &to);
      if (from_place.y == to_place.y)
        {
          gtk_text_view_buffer_to_window_coords (view, GTK_TEXT_WINDOW_WIDGET, from_place.x, from_place.y, &x, &y);
          measure (self, widget, &GRAPHENE_RECT_INIT ((float) x, (float) y, (float) (to_place.x - from_place.x), (float) from_place.height), 4.5, g_strstrip (part));
        }
      at = to;
    }
}

/* Not what is meant to be hardly seen: a picture that is grey, or those of a switch, which are for high contrast.
 * The colours of code that is edited are those of a scheme of GtkSourceView's. */
static void
look_at (Look *self, GtkWidget *widget)
{
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  const char *type = G_OBJECT_TYPE_NAME (widget);

  /* The theme's own white on its accent is 3.8 to 1. */
  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget) || gtk_widget_has_css_class (widget, "suggested-action"))
    return;

  if (GTK_IS_LABEL (widget))
    {
      measure_label (self, widget);
    }
  else if (GTK_IS_TEXT_VIEW (widget) && !gtk_widget_has_css_class (widget, "GtkSourceView"))
    {
      measure_text_view (self, widget);
    }
  else if (GTK_IS_TEXT (widget) && *gtk_editable_get_text (GTK_EDITABLE (widget)) != '\0')
    {
      measure (self, widget, &GRAPHENE_RECT_INIT (0, 0, width, height), 4.5, gtk_editable_get_text (GTK_EDITABLE (widget)));
    }
  else if (GTK_IS_IMAGE (widget) && gtk_widget_is_sensitive (widget) && !GTK_IS_SWITCH (gtk_widget_get_parent (widget)))
    {
      measure (self, widget, &GRAPHENE_RECT_INIT (0, 0, width, height), 3, "a picture");
    }
  else if (g_str_equal (type, "CbChart") || g_str_equal (type, "CbTimelineBar"))
    {
      measure (self, widget, &GRAPHENE_RECT_INIT (0, 0, width, STRIP), 4.5, "at the top");
      measure (self, widget, &GRAPHENE_RECT_INIT (0, height - STRIP, width, STRIP), 4.5, "at the bottom");
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    look_at (self, child);
}

/* ---- what a test asks for ---- */

typedef struct
{
  char *path; /* (owned) */
  guint frames;
} Asked;

static void
asked_free (gpointer data)
{
  g_free (((Asked *) data)->path);
  g_free (data);
}

static gboolean
look_cb (GtkWidget *window, GdkFrameClock *clock, gpointer user_data)
{
  Asked *asked = user_data;
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  Look look = { window, NULL, width * SCALE, height * SCALE, told, 0 };

  if (++asked->frames < FRAMES)
    {
      gtk_widget_queue_draw (window);
      return G_SOURCE_CONTINUE;
    }

  paintable = gtk_widget_paintable_new (window);
  snapshot = gtk_snapshot_new ();
  gtk_snapshot_scale (snapshot, SCALE, SCALE);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  /* Nothing was drawn of a window that has just changed. */
  if (node == NULL)
    {
      gtk_widget_queue_draw (window);
      return G_SOURCE_CONTINUE;
    }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) look.width, (float) look.height));
  look.pixels = g_malloc ((gsize) look.width * (gsize) look.height * 4);
  gdk_texture_download (texture, look.pixels, (gsize) look.width * 4);
  if (g_getenv ("CB_UI_PICTURE") != NULL)
    {
      g_autofree char *picture = g_strconcat (asked->path, ".png", NULL);

      gdk_texture_save_to_png (texture, picture);
    }
  look_at (&look, window);
  g_free (look.pixels);
  /* What was drawn last holds no more, as something has changed since. */
  if (look.n == 0)
    {
      gtk_widget_queue_draw (window);
      return G_SOURCE_CONTINUE;
    }

  g_string_append_printf (told, "%u\n", look.n);
  g_file_set_contents (asked->path, told->str, -1, NULL);

  return G_SOURCE_REMOVE;
}

/* @parameter: where to write it: a line for each text and picture that is hard to read, and at last how many there are in all */
static void
contrast_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *window = gtk_application_get_active_window (application);
  Asked *asked = g_new0 (Asked, 1);

  asked->path = g_variant_dup_string (parameter, NULL);
  gtk_widget_add_tick_callback (GTK_WIDGET (window), look_cb, asked, asked_free);
  gtk_widget_queue_draw (GTK_WIDGET (window));
}

static void
tell_styles (GtkWidget *widget, GString *told)
{
  g_auto (GStrv) classes = gtk_widget_get_css_classes (widget);
  g_autofree char *joined = g_strjoinv (" ", classes);
  const char *shown = GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL;

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;

  if (GTK_IS_IMAGE (widget))
    shown = gtk_image_get_icon_name (GTK_IMAGE (widget));
  if (shown != NULL)
    g_string_append_printf (told, "%s\t %s \n", shown, joined);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    tell_styles (child, told);
}

/* @parameter: where to write it: a line for each text and, by the name of its icon, each picture, with its classes behind a tab */
static void
styles_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_autoptr (GString) told = g_string_new (NULL);

  tell_styles (GTK_WIDGET (gtk_application_get_active_window (application)), told);
  g_file_set_contents (g_variant_get_string (parameter, NULL), told->str, (gssize) told->len, NULL);
}

static char *
dup_line (const GtkTextIter *at)
{
  GtkTextIter begin = *at, end = *at;

  gtk_text_iter_set_line_offset (&begin, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);

  return gtk_text_iter_get_text (&begin, &end);
}

static void
tell_lines (GtkWidget *widget, GString *told)
{
  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;

  if (GTK_IS_TEXT_VIEW (widget))
    {
      GtkTextIter first, last;
      GdkRectangle seen;
      g_autofree char *first_line = NULL;
      g_autofree char *last_line = NULL;
      int top;

      gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (widget), &seen);
      gtk_text_view_get_line_at_y (GTK_TEXT_VIEW (widget), &first, seen.y, &top);
      gtk_text_view_get_line_at_y (GTK_TEXT_VIEW (widget), &last, seen.y + seen.height - 1, NULL);
      first_line = dup_line (&first);
      last_line = dup_line (&last);
      g_string_append_printf (told, "%s\t%d\t%s\n", first_line, seen.y - top, last_line);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    tell_lines (child, told);
}

/* @parameter: where to write it: a line for each text of several lines, with the first that is in view, how many pixels of that are not, and
 * the last, a tab between them */
static void
lines_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_autoptr (GString) told = g_string_new (NULL);

  tell_lines (GTK_WIDGET (gtk_application_get_active_window (application)), told);
  g_file_set_contents (g_variant_get_string (parameter, NULL), told->str, (gssize) told->len, NULL);
}

static void
dark_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_variant_get_boolean (parameter) ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

/* @parameter: in percent of the usual one */
static void
text_size_cb (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * g_variant_get_int32 (parameter) / 100, NULL);
}

void
cb_tell_look_add_actions (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "test-contrast", .activate = contrast_cb, .parameter_type = "s" },
    { .name = "test-styles", .activate = styles_cb, .parameter_type = "s" },
    { .name = "test-lines", .activate = lines_cb, .parameter_type = "s" },
    { .name = "test-dark", .activate = dark_cb, .parameter_type = "b" },
    { .name = "test-text-size", .activate = text_size_cb, .parameter_type = "i" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
}
