/* cb-key-cell.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-cell.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-text-scale.h"

/* At the usual size of text. */
#define SIZE_CHARS 8
#define INDENT 18
/* Deeper than this a name would have no room left. */
#define MAX_INDENTS 12
/* More of a name can't be read in a row, and would have to be measured. */
#define MAX_NAME_CHARS 300
/* Of the name in a tooltip, which has at most 1,000 with the lines below it. */
#define MAX_TOLD_CHARS 800
/* What is farther away than this is a date, and what is farther than that has none. */
#define LONG_TIME (365 * G_TIME_SPAN_DAY)
#define LONGEST_TIME (7900 * LONG_TIME)

struct _CbKeyCell
{
  GtkWidget parent_instance;

  CbKeyItem *item;           /* (owned) (nullable) */
  CbClock *clock;            /* (owned) */
  gulong tick_id;
  const char *type_class;    /* (nullable) the style class that the pill has */

  GtkWidget *box;
  GtkWidget *arrow;
  GtkLabel *name;
  GtkLabel *note;
  GtkLabel *ttl;
  GtkLabel *type;
  GtkLabel *size;
};

G_DEFINE_FINAL_TYPE (CbKeyCell, cb_key_cell, GTK_TYPE_WIDGET)

static gint64
get_time_left (CbKeyItem *item)
{
  gint64 expires_at = cb_key_item_get_expires_at (item);

  return expires_at >= 0 ? MAX (expires_at - g_get_monotonic_time (), 0) : -1;
}

static const char *
get_state_label (CbJobRecord *job)
{
  switch (job->meaning)
    {
    case CB_JOB_MEANING_WAITING:
      return C_ ("state", "queued");
    case CB_JOB_MEANING_ACTIVE:
      return C_ ("state", "active");
    case CB_JOB_MEANING_DELAYED:
      return C_ ("state", "delayed");
    case CB_JOB_MEANING_FAILED:
      return C_ ("state", "failed");
    case CB_JOB_MEANING_COMPLETE:
      return C_ ("state", "complete");
    case CB_JOB_MEANING_UNKNOWN:
    default:
      return NULL;
    }
}

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
  if (g_strcmp0 (gtk_label_get_label (label), text != NULL ? text : "") != 0)
    gtk_label_set_label (label, text != NULL ? text : "");
}

static char *
dup_count (CbKeyItem *item)
{
  guint n = cb_key_row_count_keys (cb_key_item_get_row (item));
  g_autofree char *count = cb_format_exact_count (n);

  /* Translators: a number of keys in a folder while there may be more */
  return g_strdup_printf (cb_key_item_get_partial (item) ? ngettext ("%s key so far", "%s keys so far", n)
                                                         : ngettext ("%s key", "%s keys", n), count);
}

static char *
dup_note (CbKeyItem *item)
{
  CbJobRecord *job = cb_key_item_get_job (item);
  const char *state = job != NULL ? get_state_label (job) : NULL;

  if (cb_key_item_is_folder (item))
    return dup_count (item);
  if (job == NULL)
    return NULL;
  /* Translators: an id and a state, as in "job 12, failed" */
  return state != NULL ? g_strdup_printf (_ ("job %s, %s"), job->id, state) : g_strdup_printf (_ ("job %s"), job->id);
}

static char *
format_bytes (gint64 size)
{
  return size < 1000 ? g_strdup_printf (_ ("%d B"), (int) size) : g_format_size ((guint64) size);
}

/* The memory where it was asked for, as what the rows are sorted by. */
static char *
dup_size (const CbKeyFacts *facts)
{
  if (facts != NULL && facts->memory >= 0)
    return format_bytes (facts->memory);
  if (facts == NULL || facts->size < 0)
    return NULL;
  if (g_str_equal (facts->type, "string"))
    return format_bytes (facts->size);
  return cb_format_count (facts->size);
}

static void
update_note (CbKeyCell *self)
{
  g_autofree char *note = self->item != NULL ? dup_note (self->item) : NULL;

  set_text (self->note, note);
}

static void
update_ttl (CbKeyCell *self)
{
  gint64 left = self->item != NULL ? get_time_left (self->item) : -1;
  g_autofree char *text = NULL;

  if (left == 0)
    {
      text = g_strdup (_ ("expired"));
    }
  else if (left > LONG_TIME && left < LONGEST_TIME)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autoptr (GDateTime) end = g_date_time_add (now, left);
      g_autofree char *date = g_date_time_format (end, "%Y-%m-%d");

      /* Translators: a date; how long a key still lives */
      text = g_strdup_printf (_ ("until %s"), date);
    }
  else if (left > 0)
    {
      g_autofree char *duration = cb_format_duration (left < G_USEC_PER_SEC ? left : left - left % G_USEC_PER_SEC);

      /* Translators: how long a key still lives, as in "5 min left" */
      text = g_strdup_printf (_ ("%s left"), duration);
    }
  set_text (self->ttl, text);
}

static const char *
get_type_class (const char *type)
{
  static const char *const known[] = { "string", "list", "hash", "set", "zset", "stream" };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (type, known[i]))
      return known[i];
  return NULL;
}

static void
update_facts (CbKeyCell *self)
{
  const CbKeyFacts *facts = self->item != NULL ? cb_key_item_get_facts (self->item) : NULL;
  g_autofree char *size = dup_size (facts);
  const char *type = facts != NULL && !g_str_equal (facts->type, "none") ? facts->type : NULL;
  const char *type_class = type != NULL ? get_type_class (type) : NULL;
  gboolean counts = facts != NULL && facts->ttl_msec >= 0;

  set_text (self->type, type);
  set_text (self->size, size);
  /* The room of what is still to come is kept, so that nothing moves. */
  gtk_widget_set_visible (GTK_WIDGET (self->size), self->item != NULL && !cb_key_item_is_folder (self->item));
  if (type_class != self->type_class)
    {
      if (self->type_class != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self->type), self->type_class);
      if (type_class != NULL)
        gtk_widget_add_css_class (GTK_WIDGET (self->type), type_class);
      self->type_class = type_class;
    }
  update_ttl (self);
  if (counts && self->tick_id == 0)
    self->tick_id = g_signal_connect_swapped (self->clock, "tick", G_CALLBACK (update_ttl), self);
  else if (!counts)
    g_clear_signal_handler (&self->tick_id, self->clock);
}

static void
update_name (CbKeyCell *self)
{
  g_autofree char *name = self->item != NULL ? cb_key_item_dup_label (self->item, MAX_NAME_CHARS) : NULL;

  gtk_label_set_label (self->name, name != NULL ? name : "");
}

static void
update_expanded (CbKeyCell *self)
{
  gboolean folder = self->item != NULL && cb_key_item_is_folder (self->item);
  gboolean expanded = folder && cb_key_item_get_expanded (self->item);
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (self));

  gtk_widget_set_opacity (self->arrow, folder ? 1 : 0);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->arrow), expanded ? "pan-down-symbolic" : "pan-end-symbolic");
  if (row == NULL || self->item == NULL)
    return;
  if (folder)
    gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_EXPANDED, expanded, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_EXPANDED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LEVEL, cb_key_item_get_depth (self->item) + 1,
                                  -1);
}

/**
 * cb_key_cell_describe:
 * @item: a key or a folder
 *
 * Returns: (transfer full): what a row says of it, and the whole name, a line each
 */
char *
cb_key_cell_describe (CbKeyItem *item)
{
  const CbKeyFacts *facts = cb_key_item_get_facts (item);
  GString *text = g_string_new (NULL);
  gint64 left = get_time_left (item);
  g_autofree char *note = dup_note (item);
  g_autofree char *name = cb_key_item_dup_whole_label (item, MAX_TOLD_CHARS);

  g_string_append (text, name);
  if (note != NULL)
    g_string_append_printf (text, "\n%s", note);
  if (facts != NULL && facts->size >= 0)
    {
      g_autofree char *count = cb_format_exact_count (facts->size);

      g_string_append_c (text, '\n');
      if (g_str_equal (facts->type, "string"))
        g_string_append_printf (text, ngettext ("%s byte", "%s bytes", (gulong) facts->size), count);
      else if (g_str_equal (facts->type, "hash"))
        g_string_append_printf (text, ngettext ("%s field", "%s fields", (gulong) facts->size), count);
      else if (g_str_equal (facts->type, "stream"))
        g_string_append_printf (text, ngettext ("%s entry", "%s entries", (gulong) facts->size), count);
      else
        g_string_append_printf (text, ngettext ("%s element", "%s elements", (gulong) facts->size), count);
    }
  if (left >= 0)
    {
      g_autofree char *duration = cb_format_duration (left);

      g_autofree char *exact = left < LONGEST_TIME ? cb_format_exact (g_get_real_time () + left) : NULL;

      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("%s left"), duration);
      if (exact != NULL)
        g_string_append_printf (text, "\n%s", exact);
    }
  else if (facts != NULL && facts->ttl_msec == -1)
    {
      g_string_append_printf (text, "\n%s", _ ("does not expire"));
    }
  return g_string_free (text, FALSE);
}

static gboolean
query_tooltip_cb (CbKeyCell *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = self->item != NULL ? cb_key_cell_describe (self->item) : NULL;

  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static void
cb_key_cell_dispose (GObject *object)
{
  CbKeyCell *self = CB_KEY_CELL (object);

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  if (self->clock != NULL)
    g_clear_signal_handler (&self->tick_id, self->clock);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_key_cell_parent_class)->dispose (object);
}

static void
cb_key_cell_class_init (CbKeyCellClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_key_cell_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
add_label (CbKeyCell *self, float xalign, const char *style_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  if (style_class != NULL)
    gtk_widget_add_css_class (label, style_class);
  gtk_box_append (GTK_BOX (self->box), label);
  return GTK_LABEL (label);
}

/* As wide as most sizes are, so that they stand below each other; but with larger text the name needs the room more. */
static void
update_width (CbKeyCell *self)
{
  gtk_label_set_width_chars (self->size, SIZE_CHARS * SIZE_CHARS / cb_text_scale (GTK_WIDGET (self), SIZE_CHARS));
}

static void
cb_key_cell_init (CbKeyCell *self)
{
  GtkWidget *space;

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  self->arrow = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_box_append (GTK_BOX (self->box), self->arrow);
  self->name = add_label (self, 0, "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->name), "cb-key-name");
  gtk_label_set_ellipsize (self->name, PANGO_ELLIPSIZE_END);
  self->note = add_label (self, 0, "dim-label");
  gtk_label_set_ellipsize (self->note, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "numeric");
  space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (self->box), space);
  self->ttl = add_label (self, 1, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->ttl), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->ttl), "numeric");
  self->type = add_label (self, 0.5f, "cb-pill");
  self->size = add_label (self, 1, "dim-label");
  update_width (self);
  cb_text_scale_watch (GTK_WIDGET (self), G_CALLBACK (update_width), self);
  gtk_widget_add_css_class (GTK_WIDGET (self->size), "numeric");

  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
}

/**
 * cb_key_cell_new:
 * @clock: what times that run out go by
 */
GtkWidget *
cb_key_cell_new (CbClock *clock)
{
  CbKeyCell *self = g_object_new (CB_TYPE_KEY_CELL, NULL);

  self->clock = g_object_ref (clock);
  return GTK_WIDGET (self);
}

CbKeyItem *
cb_key_cell_get_item (CbKeyCell *self)
{
  g_return_val_if_fail (CB_IS_KEY_CELL (self), NULL);

  return self->item;
}

static void
update_all (CbKeyCell *self)
{
  update_name (self);
  update_note (self);
  update_facts (self);
  update_expanded (self);
}

void
cb_key_cell_set_item (CbKeyCell *self, CbKeyItem *item)
{
  g_return_if_fail (CB_IS_KEY_CELL (self));

  if (self->item == item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    {
      gtk_widget_set_margin_start (self->box, INDENT * (int) MIN (cb_key_item_get_depth (item), MAX_INDENTS));
      g_signal_connect_swapped (item, "notify::expanded", G_CALLBACK (update_expanded), self);
      g_signal_connect_swapped (item, "notify::facts", G_CALLBACK (update_facts), self);
      g_signal_connect_swapped (item, "notify::job", G_CALLBACK (update_note), self);
      g_signal_connect_swapped (item, "count-changed", G_CALLBACK (update_note), self);
    }
  update_all (self);
}
