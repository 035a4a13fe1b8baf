/* cb-key-conflict.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-conflict.h"

#include <glib/gi18n.h>
#include <string.h>

/* Lines that are shown, and how much of each. */
#define MOST_LINES 200
#define MOST_LINE 500
#define CONTEXT 2
/* What is compared line by line; of more, all that stands between what they begin and end with. */
#define MOST_COMPARED 500

struct _CbKeyConflict
{
  GtkWidget parent_instance;

  GBytes *now;      /* (owned) (nullable) */

  GtkWidget *box;   /* (owned): the only child */
  GtkLabel *message_label;
  GtkTextView *text_view;
  GtkWidget *scroller;
  GtkWidget *overwrite_button;
};

G_DEFINE_FINAL_TYPE (CbKeyConflict, cb_key_conflict, GTK_TYPE_WIDGET)

enum
{
  RELOAD,
  OVERWRITE,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- comparing --- */

static void
add_line (GString *text, const char *mark, const char *line)
{
  g_string_append (text, mark);
  if (strlen (line) > MOST_LINE)
    {
      g_autofree char *cut = g_utf8_substring (line, 0, MIN (MOST_LINE / 4, g_utf8_strlen (line, -1)));

      g_string_append_printf (text, "%s…\n", cut);
    }
  else
    {
      g_string_append_printf (text, "%s\n", line);
    }
}

/* By the longest common subsequence. */
static void
compare_lines (GString *text, char **one, guint n, char **other, guint m)
{
  g_autofree guint16 *table = NULL;
  guint i = 0;
  guint j = 0;

  if (n > MOST_COMPARED || m > MOST_COMPARED)
    {
      for (i = 0; i < n; i++)
        add_line (text, "− ", one[i]);
      for (j = 0; j < m; j++)
        add_line (text, "+ ", other[j]);
      return;
    }
#define AT(i, j) table[(i) * (m + 1) + (j)]
  table = g_new0 (guint16, (n + 1) * (m + 1));
  for (guint x = n; x > 0; x--)
    for (guint y = m; y > 0; y--)
      AT (x - 1, y - 1) = g_str_equal (one[x - 1], other[y - 1]) ? AT (x, y) + 1 : MAX (AT (x, y - 1), AT (x - 1, y));
  while (i < n || j < m)
    {
      if (i < n && j < m && g_str_equal (one[i], other[j]))
        add_line (text, "  ", one[i++]), j++;
      else if (i < n && (j == m || AT (i + 1, j) >= AT (i, j + 1)))
        add_line (text, "− ", one[i++]);
      else
        add_line (text, "+ ", other[j++]);
    }
#undef AT
}

char *
cb_key_conflict_compare (const char *one, const char *other)
{
  g_auto (GStrv) a = g_strsplit (one, "\n", -1);
  g_auto (GStrv) b = g_strsplit (other, "\n", -1);
  guint n = g_strv_length (a);
  guint m = g_strv_length (b);
  guint first = 0;
  guint last = 0;
  GString *text = g_string_new (NULL);

  while (first < MIN (n, m) && g_str_equal (a[first], b[first]))
    first++;
  while (last < MIN (n, m) - first && g_str_equal (a[n - 1 - last], b[m - 1 - last]))
    last++;

  if (first > CONTEXT)
    g_string_append (text, "  …\n");
  for (guint i = first > CONTEXT ? first - CONTEXT : 0; i < first; i++)
    add_line (text, "  ", a[i]);
  compare_lines (text, a + first, n - first - last, b + first, m - first - last);
  for (guint i = n - last; i < MIN (n, n - last + CONTEXT); i++)
    add_line (text, "  ", a[i]);
  if (last > CONTEXT)
    g_string_append (text, "  …\n");
  return g_string_free (text, FALSE);
}

/* --- showing --- */

static char *
show_bytes (const CbBytesView *view, GBytes *bytes)
{
  CbBytesView hex = { .form = CB_BYTES_HEX };
  char *text;

  if (bytes == NULL)
    return g_strdup ("");
  text = cb_bytes_decode (view, bytes, 1024 * 1024, NULL);
  if (text == NULL)
    text = cb_bytes_decode (&hex, bytes, 1024 * 1024, NULL);
  return text != NULL ? text : g_strdup ("…");
}

static void
fill (CbKeyConflict *self, const char *difference)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  g_auto (GStrv) lines = g_strsplit (difference, "\n", MOST_LINES + 1);
  GtkTextIter end;

  gtk_text_buffer_set_text (buffer, "", 0);
  for (guint i = 0; lines[i] != NULL && i < MOST_LINES; i++)
    {
      const char *tag = g_str_has_prefix (lines[i], "− ") ? "now" : g_str_has_prefix (lines[i], "+ ") ? "edited" : "both";

      if (*lines[i] == '\0' && lines[i + 1] == NULL)
        break;
      gtk_text_buffer_get_end_iter (buffer, &end);
      if (i > 0)
        gtk_text_buffer_insert (buffer, &end, "\n", 1);
      gtk_text_buffer_insert_with_tags_by_name (buffer, &end, lines[i], -1, tag, NULL);
    }
  if (g_strv_length (lines) > MOST_LINES)
    {
      gtk_text_buffer_get_end_iter (buffer, &end);
      gtk_text_buffer_insert (buffer, &end, "\n…", -1);
    }
}

static void
reload_cb (CbKeyConflict *self)
{
  g_signal_emit (self, signals[RELOAD], 0);
}

static void
overwrite_cb (CbKeyConflict *self)
{
  g_signal_emit (self, signals[OVERWRITE], 0);
}

static void
close_cb (CbKeyConflict *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}

static void
cb_key_conflict_dispose (GObject *object)
{
  CbKeyConflict *self = CB_KEY_CONFLICT (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->now, g_bytes_unref);

  G_OBJECT_CLASS (cb_key_conflict_parent_class)->dispose (object);
}

static void
cb_key_conflict_class_init (CbKeyConflictClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char * const names[] = { "reload", "overwrite", "closed" };

  object_class->dispose = cb_key_conflict_dispose;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-conflict.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyConflict, box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyConflict, message_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyConflict, text_view);
  gtk_widget_class_bind_template_child (widget_class, CbKeyConflict, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbKeyConflict, overwrite_button);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
  gtk_widget_class_bind_template_callback (widget_class, overwrite_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
}

static void
cb_key_conflict_init (CbKeyConflict *self)
{
  GtkTextBuffer *buffer;

  gtk_widget_init_template (GTK_WIDGET (self));
  buffer = gtk_text_view_get_buffer (self->text_view);
  gtk_text_buffer_create_tag (buffer, "both", NULL);
  /* Light enough for text of either theme; the sign before the line says the same. */
  gtk_text_buffer_create_tag (buffer, "now", "background-rgba", &(GdkRGBA) { 0.88, 0.11, 0.14, 0.18 },
                              "background-full-height", TRUE, NULL);
  gtk_text_buffer_create_tag (buffer, "edited", "background-rgba", &(GdkRGBA) { 0.15, 0.64, 0.41, 0.22 },
                              "background-full-height", TRUE, NULL);
}

/**
 * cb_key_conflict_set:
 * @message: what happened, a sentence
 * @view: how the edit is shown
 * @now: (nullable): what is stored
 * @edited: what was to be stored
 * @can_overwrite: whether that can be done
 */
void
cb_key_conflict_set (CbKeyConflict     *self,
                     const char        *message,
                     const CbBytesView *view,
                     GBytes            *now,
                     GBytes            *edited,
                     gboolean           can_overwrite)
{
  g_autofree char *one = NULL;
  g_autofree char *other = NULL;
  g_autofree char *difference = NULL;

  g_return_if_fail (CB_IS_KEY_CONFLICT (self));

  if (now != NULL)
    g_bytes_ref (now);
  g_clear_pointer (&self->now, g_bytes_unref);
  self->now = now;
  one = show_bytes (view, now);
  other = show_bytes (view, edited);
  difference = cb_key_conflict_compare (one, other);
  gtk_label_set_label (self->message_label, message);
  fill (self, difference);
  gtk_widget_set_visible (self->scroller, now != NULL);
  gtk_widget_set_visible (self->overwrite_button, can_overwrite);
}

GBytes *
cb_key_conflict_get_now (CbKeyConflict *self)
{
  g_return_val_if_fail (CB_IS_KEY_CONFLICT (self), NULL);
  return self->now;
}
