/* cb-payload-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-payload-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-color.h"
#include "cb-json.h"
#include "cb-json-colors.h"
#include "cb-json-tree.h"
#include "cb-plain-text.h"
#include "cb-direction.h"

/*
 * Two ways to show a text. What is short is a label: as high as it is, coloured. What is long is a text view in a window of its
 * own: that lays out only what is on screen, where a label would lay out everything, several times, before the first frame.
 */
#define MAX_SHOWN (64 * 1024)
#define MAX_LABEL (6 * 1024)
/* A tree is built as it is opened, but all of the text has to be read for its first level. */
#define MAX_TREE (1024 * 1024)

struct _CbPayloadView
{
  GtkWidget parent_instance;

  GBytes *bytes;              /* (owned) (nullable) */
  char *text;                 /* (owned) (nullable): as it is shown */
  gboolean is_json;

  GtkWidget *box;             /* (owned): the only child */
  GtkWidget *overlay;
  GtkStack *stack;
  GtkWidget *buttons;
  GtkLabel *label;
  GtkTextView *text_view;
  GtkLabel *note;
  GtkButton *copy_button;
  GtkToggleButton *tree_button;
  CbJsonTree *tree;
};

G_DEFINE_FINAL_TYPE (CbPayloadView, cb_payload_view, GTK_TYPE_WIDGET)

static void
lookup (CbPayloadView *self, const char *name, PangoColor *color)
{
  GdkRGBA rgba;

  if (!cb_color_lookup (GTK_WIDGET (self), name, &rgba))
    {
      *color = (PangoColor) { 0x8000, 0x8000, 0x8000 };
      return;
    }
  *color = (PangoColor) { (guint16) (rgba.red * 65535), (guint16) (rgba.green * 65535), (guint16) (rgba.blue * 65535) };
}

static void
update_colors (CbPayloadView *self)
{
  g_autoptr (PangoAttrList) attributes = NULL;
  CbJsonPalette palette;

  if (self->is_json && self->text != NULL)
    {
      lookup (self, "cb_json_name", &palette.name);
      lookup (self, "cb_json_string", &palette.string);
      lookup (self, "cb_json_number", &palette.number);
      attributes = cb_json_colors_create (self->text, &palette);
    }
  if (attributes == NULL)
    attributes = pango_attr_list_new ();
  /* A hyphen where a long line is broken would look like one that is there. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->label, attributes);
}

/* What is shown of the bytes; JSON is only asked for where all of it can be. */
static char *
create_text (CbPayloadView *self, const char *data, gsize size)
{
  g_autofree char *pretty = NULL;

  self->is_json = FALSE;
  if (size > MAX_SHOWN)
    {
      /* Not in the middle of a character. */
      gsize end = MAX_SHOWN;

      while (end > MAX_SHOWN - 4 && ((guchar) data[end] & 0xc0) == 0x80)
        end--;
      return cb_text_display (data, (gssize) end, FALSE);
    }

  if (!cb_json_check (data, (gssize) size, NULL))
    return cb_text_display (data, (gssize) size, FALSE);

  self->is_json = TRUE;
  pretty = cb_json_pretty (data, (gssize) size);
  /* 60 KiB of brackets are 60 MiB when they are indented. */
  if (strlen (pretty) > 4 * MAX_SHOWN)
    return cb_text_display (data, (gssize) size, FALSE);
  /* JSON has no control characters but its white space; the rest of Unicode may still have some that hide text. */
  return cb_text_display (pretty, -1, FALSE);
}

/* Whether it looks like what has something in it, and is not too much. */
static gboolean
may_be_tree (const char *data, gsize size)
{
  gsize i = 0;

  while (i < size && g_ascii_isspace (data[i]))
    i++;
  return i < size && (data[i] == '{' || data[i] == '[');
}

static void
set_note (CbPayloadView *self, const char *note)
{
  gtk_label_set_label (self->note, note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
}

/* FALSE where there is none; why not is said when it was asked for. */
static gboolean
show_tree (CbPayloadView *self, const char *data, gsize size, char **note)
{
  g_autoptr (GError) error = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->tree_button), may_be_tree (data, size));
  if (!gtk_widget_get_visible (GTK_WIDGET (self->tree_button)) || !gtk_toggle_button_get_active (self->tree_button))
    {
      cb_json_tree_set_bytes (self->tree, NULL, NULL);
      return FALSE;
    }

  if (size > MAX_TREE)
    {
      g_autofree char *all = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      /* Translators: %s is a size, as in 2.1 MiB */
      *note = g_strdup_printf (_ ("%s are too much for a tree, which is made of up to 1 MiB."), all);
      cb_json_tree_set_bytes (self->tree, NULL, NULL);
      return FALSE;
    }
  if (!cb_json_tree_set_bytes (self->tree, self->bytes, &error))
    {
      /* Translators: %s says where it is broken */
      *note = g_strdup_printf (_ ("This is no JSON, so there is no tree of it. %s"), error->message);
      return FALSE;
    }
  return TRUE;
}

static void
update (CbPayloadView *self)
{
  gsize size = 0;
  const char *data = self->bytes != NULL ? g_bytes_get_data (self->bytes, &size) : NULL;
  g_autofree char *note = NULL;
  g_autofree char *refusal = NULL;

  if (show_tree (self, data != NULL ? data : "", size, &refusal))
    {
      g_free (self->text);
      self->text = g_strdup ("");
      gtk_label_set_label (self->label, "");
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), "", 0);
      gtk_stack_set_visible_child_name (self->stack, "tree");
      set_note (self, NULL);
      return;
    }

  g_free (self->text);
  self->text = create_text (self, data != NULL ? data : "", size);

  if (strlen (self->text) <= MAX_LABEL)
    {
      if (self->is_json)
        {
          g_autofree char *plain = g_steal_pointer (&self->text);

          self->text = cb_direction_dup_code (plain);
        }
      gtk_label_set_label (self->label, self->text);
      update_colors (self);
      gtk_stack_set_visible_child_name (self->stack, "label");
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), "", 0);
    }
  else
    {
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), self->text, -1);
      gtk_stack_set_visible_child_name (self->stack, "text");
      gtk_label_set_label (self->label, "");
    }

  if (size > MAX_SHOWN)
    {
      g_autofree char *all = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      /* Translators: %s is a size, as in 2.1 MiB */
      note = g_strdup_printf (_ ("The first 64 KiB of %s are shown; Copy takes all of it."), all);
    }
  else if (size == 0)
    {
      /* Nothing to be seen might be blanks as well. */
      note = g_strdup (self->bytes == NULL ? _ ("There are no data.") : _ ("This is empty."));
    }
  if (refusal != NULL && note != NULL)
    {
      g_autofree char *both = g_strdup_printf ("%s %s", refusal, note);

      set_note (self, both);
      return;
    }
  set_note (self, refusal != NULL ? refusal : note);
}

static void
copy_cb (CbPayloadView *self)
{
  gsize size = 0;
  const char *data = self->bytes != NULL ? g_bytes_get_data (self->bytes, &size) : NULL;
  g_autofree char *text = NULL;

  if (data == NULL)
    return;

  /* As it is where it is text; a clipboard of text can't hold other bytes. */
  text = g_utf8_validate_len (data, size, NULL) ? g_strndup (data, size) : cb_text_display (data, (gssize) size, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

/* What is selected, without the marks that are not of the job. */
static void
copy_selected_cb (CbPayloadView *self)
{
  g_autofree char *selected = NULL;
  g_autofree char *text = NULL;
  int from, to;

  g_signal_stop_emission_by_name (self->label, "copy-clipboard");
  if (!gtk_label_get_selection_bounds (self->label, &from, &to))
    return;

  selected = g_utf8_substring (gtk_label_get_text (self->label), from, to);
  text = cb_direction_strip (selected);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
cb_payload_view_dispose (GObject *object)
{
  CbPayloadView *self = CB_PAYLOAD_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->bytes, g_bytes_unref);

  G_OBJECT_CLASS (cb_payload_view_parent_class)->dispose (object);
}

static void
cb_payload_view_finalize (GObject *object)
{
  g_free (CB_PAYLOAD_VIEW (object)->text);

  G_OBJECT_CLASS (cb_payload_view_parent_class)->finalize (object);
}

static void
cb_payload_view_class_init (CbPayloadViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_payload_view_dispose;
  object_class->finalize = cb_payload_view_finalize;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (CB_TYPE_JSON_TREE);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-payload-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, box);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, overlay);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, stack);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, label);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, text_view);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, note);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, buttons);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, copy_button);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, tree_button);
  gtk_widget_class_bind_template_child (widget_class, CbPayloadView, tree);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_selected_cb);
}

static void
cb_payload_view_init (CbPayloadView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Code begins at the left, and its buttons stand at the other side. */
  gtk_widget_set_direction (self->overlay, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (self->buttons, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->label), GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->text_view), GTK_TEXT_DIR_LTR);
  cb_plain_text_keep (self->text_view);
  cb_color_watch (GTK_WIDGET (self), G_CALLBACK (update_colors), self);
}

/**
 * cb_payload_view_set_bytes:
 * @bytes: (nullable): what is to be read; the same bytes again cost nothing
 */
void
cb_payload_view_set_bytes (CbPayloadView *self, GBytes *bytes)
{
  g_return_if_fail (CB_IS_PAYLOAD_VIEW (self));

  if (self->text != NULL &&
      (self->bytes == bytes || (self->bytes != NULL && bytes != NULL && g_bytes_equal (self->bytes, bytes))))
    return;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (bytes != NULL)
    self->bytes = g_bytes_ref (bytes);
  update (self);
}
