/* cb-bytes-editor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bytes-editor.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>
#include <string.h>

#include "cb-bytes-render.h"
#include "cb-drop-down-name.h"
#include "cb-form-memory.h"
#include "cb-json.h"
#include "cb-plain-text.h"

/* What is more is decoded by another thread. */
#define AT_ONCE (64 * 1024)
/* How long nothing must be typed until a long text is looked at. */
#define CHECK_MSEC 150

/* The rows of the drop-down: first the guess, then the forms in the order of CbBytesForm. */
#define FORM_GUESS 0
#define FORM_FIRST 1

struct _CbBytesEditor
{
  GtkWidget parent_instance;

  GBytes *bytes;              /* (owned) (nullable) */
  char *pattern;              /* (owned) (nullable) */
  CbBytesRender *render;      /* (owned) (nullable): what is on screen */
  gboolean chosen;            /* by a person, now or earlier */
  CbBytesView choice;
  gboolean editable;
  gboolean modified;
  GError *problem;            /* (owned) (nullable): what is wrong with what is being edited */
  guint check_id;
  guint selected_id;
  gboolean filling;           /* the widgets are being set, not used */
  GCancellable *cancellable;  /* (owned) (nullable): decoding under way */
  GSimpleActionGroup *actions; /* (owned) */
  GArray *packings;           /* (owned) (element-type CbBytesView): the rows of packing_drop */

  GtkWidget *box;             /* (owned): the only child */
  GtkLabel *title_label;
  GtkDropDown *packing_drop;
  GtkDropDown *form_drop;
  GtkStack *stack;
  GtkSourceView *text_view;
  GtkLabel *problem_label;
  GtkLabel *status_label;
  GtkWidget *buttons;
};

G_DEFINE_FINAL_TYPE (CbBytesEditor, cb_bytes_editor, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_EDITABLE,
  PROP_MODIFIED,
  N_PROPS
};

enum
{
  SAVE,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void render (CbBytesEditor *self);

/* --- words --- */

static const char *
get_form_name (CbBytesForm form)
{
  switch (form)
    {
    case CB_BYTES_TEXT:
      return _ ("Text");
    case CB_BYTES_JSON:
      return _ ("JSON");
    case CB_BYTES_MESSAGEPACK:
      return _ ("MessagePack");
    case CB_BYTES_NUMBER:
      return _ ("Number");
    case CB_BYTES_DATE:
      return _ ("Date (UTC)");
    case CB_BYTES_HEX:
    default:
      return _ ("Hex");
    }
}

static char *
dup_packing_name (const CbBytesView *view)
{
  static const char * const names[] = { "gzip", "zlib", "Base64" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < view->n_wrappings; i++)
    g_string_append_printf (text, i == 0 ? "%s" : " › %s", names[view->wrappings[i]]);
  if (text->len == 0)
    g_string_append (text, _ ("Not packed"));
  return g_string_free (text, FALSE);
}

/* "gzip › JSON" */
static char *
dup_view_name (const CbBytesView *view)
{
  g_autofree char *packing = dup_packing_name (view);

  if (view->n_wrappings == 0)
    return g_strdup (get_form_name (view->form));
  return g_strconcat (packing, " › ", get_form_name (view->form), NULL);
}

static char *
dup_size (gsize size)
{
  if (size < 1024)
    return g_strdup_printf (ngettext ("%u byte", "%u bytes", (guint) size), (guint) size);
  return g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
}

/* --- the choice --- */

static gboolean
same_packing (const CbBytesView *one, const CbBytesView *other)
{
  return one->n_wrappings == other->n_wrappings &&
         memcmp (one->wrappings, other->wrappings, one->n_wrappings * sizeof one->wrappings[0]) == 0;
}

static void
add_packing (CbBytesEditor *self, const CbBytesView *view)
{
  for (guint i = 0; i < self->packings->len; i++)
    if (same_packing (&g_array_index (self->packings, CbBytesView, i), view))
      return;
  g_array_append_val (self->packings, *view);
}

/* The drop-downs as they are for what is shown. */
static void
update_choice (CbBytesEditor *self, const CbBytesView *view)
{
  static const char * const usual[] = { "text", "gzip/text", "zlib/text", "base64/text", "base64/gzip/text", "base64/zlib/text" };
  g_autoptr (GtkStringList) forms = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) packings = gtk_string_list_new (NULL);
  g_autofree char *shown = view != NULL ? dup_view_name (view) : NULL;
  g_autofree char *guess = NULL;
  guint selected = 0;

  self->filling = TRUE;
  /* Translators: %s is how a value is shown, as in "gzip › JSON"; it was guessed */
  guess = !self->chosen && shown != NULL ? g_strdup_printf (_ ("Guessed: %s"), shown) : g_strdup (_ ("Guess"));
  gtk_string_list_append (forms, guess);
  for (int form = CB_BYTES_TEXT; form <= CB_BYTES_HEX; form++)
    gtk_string_list_append (forms, get_form_name (form));
  gtk_drop_down_set_model (self->form_drop, G_LIST_MODEL (forms));
  gtk_drop_down_set_selected (self->form_drop, self->chosen ? FORM_FIRST + self->choice.form : FORM_GUESS);

  g_array_set_size (self->packings, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      CbBytesView one;

      cb_bytes_view_parse (usual[i], &one, NULL);
      add_packing (self, &one);
    }
  if (self->chosen)
    add_packing (self, &self->choice);
  for (guint i = 0; i < self->packings->len; i++)
    {
      const CbBytesView *one = &g_array_index (self->packings, CbBytesView, i);
      g_autofree char *name = dup_packing_name (one);

      gtk_string_list_append (packings, name);
      if (same_packing (one, &self->choice))
        selected = i;
    }
  gtk_drop_down_set_model (self->packing_drop, G_LIST_MODEL (packings));
  gtk_drop_down_set_selected (self->packing_drop, selected);
  gtk_widget_set_visible (GTK_WIDGET (self->packing_drop), self->chosen);
  self->filling = FALSE;
}

static void
remember (CbBytesEditor *self)
{
  if (self->pattern != NULL)
    cb_form_memory_remember (self->pattern, self->chosen ? &self->choice : NULL);
}

/* Not while something is being edited: the other form is of what is stored. See update_actions(). */
static void
choose (CbBytesEditor *self, const CbBytesView *view)
{
  if (view == NULL)
    {
      self->chosen = FALSE;
    }
  else
    {
      self->chosen = TRUE;
      self->choice = *view;
    }
  remember (self);
  render (self);
}

static gboolean
selected_idle_cb (gpointer user_data)
{
  CbBytesEditor *self = user_data;
  guint form = gtk_drop_down_get_selected (self->form_drop);
  guint packing = gtk_drop_down_get_selected (self->packing_drop);
  CbBytesView view = { 0, };

  self->selected_id = 0;
  if (form == FORM_GUESS || form == GTK_INVALID_LIST_POSITION)
    {
      if (self->chosen)
        choose (self, NULL);
      return G_SOURCE_REMOVE;
    }
  if (self->chosen && packing < self->packings->len)
    view = g_array_index (self->packings, CbBytesView, packing);
  /* Hex is first of all of the bytes as they are. */
  else if (!self->chosen && self->render != NULL && form - FORM_FIRST != CB_BYTES_HEX)
    view = self->render->view;
  view.form = form - FORM_FIRST;
  choose (self, &view);
  return G_SOURCE_REMOVE;
}

/* Not at once: what is chosen from changes by it, and a drop-down that is being used does not take that well. */
static void
selected_cb (CbBytesEditor *self)
{
  if (!self->filling && self->selected_id == 0)
    self->selected_id = g_idle_add (selected_idle_cb, self);
}

static void
show_hex_cb (CbBytesEditor *self)
{
  CbBytesView view = { .form = CB_BYTES_HEX };

  choose (self, &view);
}

/* --- showing --- */

static gboolean
can_change (CbBytesEditor *self)
{
  return self->editable && self->render != NULL && self->render->text != NULL && !self->render->cut && !self->render->folded;
}

static char *
dup_text (CbBytesEditor *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static void
update_status (CbBytesEditor *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *size = NULL;

  if (self->bytes != NULL)
    {
      size = dup_size (g_bytes_get_size (self->bytes));
      g_string_append (text, size);
    }
  if (self->problem != NULL)
    {
      g_string_assign (text, self->problem->message);
    }
  else if (self->render == NULL)
    {
      if (self->cancellable != NULL)
        g_string_append_printf (text, " · %s", _ ("reading…"));
    }
  else
    {
      g_autofree char *name = dup_view_name (&self->render->view);

      if (self->modified)
        g_string_append_printf (text, " · %s", _ ("changed, not saved"));
      else if (self->render->error != NULL)
        g_string_append_printf (text, " · %s", _ ("not of this form"));
      else if (self->render->view.form == CB_BYTES_JSON || self->render->view.form == CB_BYTES_MESSAGEPACK)
        /* Translators: %s is a form, as in JSON */
        g_string_append_printf (text, _ (" · valid %s"), name);
      else
        g_string_append_printf (text, " · %s", name);
      if (self->render->cut)
        g_string_append_printf (text, " · %s", self->editable ? _ ("only the beginning is shown, so it can’t be changed here")
                                                              : _ ("only the beginning is shown"));
      else if (self->render->folded)
        g_string_append_printf (text, " · %s", self->editable
                                                 ? _ ("shown with line breaks that it doesn’t have, so it can’t be changed here")
                                                 : _ ("shown with line breaks that it doesn’t have"));
    }
  if (g_strcmp0 (gtk_label_get_label (self->status_label), text->str) != 0)
    gtk_label_set_label (self->status_label, text->str);
  if (self->problem != NULL)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "dim-label");
      gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "error");
    }
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "error");
      gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "dim-label");
    }
}

static void
update_actions (CbBytesEditor *self)
{
  GAction *save = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "save");
  GAction *discard = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "discard");
  GAction *copy = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "copy");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (save), self->modified && self->problem == NULL && can_change (self));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (discard), self->modified);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (copy), self->bytes != NULL);
  gtk_widget_set_visible (self->buttons, can_change (self));
  gtk_widget_set_sensitive (GTK_WIDGET (self->form_drop), !self->modified);
  gtk_widget_set_sensitive (GTK_WIDGET (self->packing_drop), !self->modified);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->text_view), can_change (self));
}

static void
set_modified (CbBytesEditor *self, gboolean modified)
{
  if (!modified)
    {
      g_clear_error (&self->problem);
      g_clear_handle_id (&self->check_id, g_source_remove);
    }
  if (self->modified != modified)
    {
      self->modified = modified;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
    }
  update_status (self);
  update_actions (self);
}

/* What is written means something, and something else than what is stored. */
static gboolean
check_cb (gpointer user_data)
{
  CbBytesEditor *self = user_data;
  g_autofree char *text = dup_text (self);
  g_autoptr (GBytes) bytes = NULL;

  self->check_id = 0;
  g_clear_error (&self->problem);
  if (self->render == NULL || self->render->text == NULL)
    return G_SOURCE_REMOVE;
  if (g_str_equal (text, self->render->text))
    {
      set_modified (self, FALSE);
      return G_SOURCE_REMOVE;
    }
  bytes = cb_bytes_editor_dup_edited (self, &self->problem);
  set_modified (self, TRUE);
  return G_SOURCE_REMOVE;
}

static void
buffer_changed_cb (CbBytesEditor *self)
{
  if (self->filling)
    return;
  if (!self->modified)
    set_modified (self, TRUE);
  g_clear_handle_id (&self->check_id, g_source_remove);
  self->check_id = g_timeout_add (CHECK_MSEC, check_cb, self);
}

static void
set_text (CbBytesEditor *self, const char *text, CbBytesForm form)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view));
  GtkSourceLanguage *language = NULL;
  GtkTextIter start;

  if (form == CB_BYTES_JSON || form == CB_BYTES_MESSAGEPACK)
    language = gtk_source_language_manager_get_language (gtk_source_language_manager_get_default (), "json");
  self->filling = TRUE;
  gtk_source_buffer_set_language (GTK_SOURCE_BUFFER (buffer), language);
  gtk_text_buffer_begin_irreversible_action (buffer);
  gtk_text_buffer_set_text (buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (buffer);
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_place_cursor (buffer, &start);
  self->filling = FALSE;
}

static void
show_render (CbBytesEditor *self, CbBytesRender *now)
{
  g_clear_pointer (&self->render, cb_bytes_render_free);
  self->render = now;
  if (now->text != NULL)
    {
      g_autofree char *kept = NULL;

      set_text (self, now->text, now->view.form);
      /* What the text widget can't hold as it is must not be written back by it. */
      kept = dup_text (self);
      if (!g_str_equal (kept, now->text))
        now->folded = TRUE;
      gtk_stack_set_visible_child_name (self->stack, "text");
    }
  else
    {
      set_text (self, "", CB_BYTES_TEXT);
      gtk_label_set_label (self->problem_label, now->error->message);
      gtk_stack_set_visible_child_name (self->stack, "problem");
    }
  update_choice (self, &now->view);
  set_modified (self, FALSE);
}

static void
rendered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbBytesEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  CbBytesRender *now = cb_bytes_render_finish (result, &error);

  if (now == NULL)
    return;
  g_clear_object (&self->cancellable);
  show_render (self, now);
}

static void
render (CbBytesEditor *self)
{
  const CbBytesView *view = self->chosen ? &self->choice : NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->render, cb_bytes_render_free);
  if (self->bytes == NULL)
    {
      set_text (self, "", CB_BYTES_TEXT);
      update_choice (self, NULL);
      set_modified (self, FALSE);
    }
  else if (g_bytes_get_size (self->bytes) <= AT_ONCE)
    {
      show_render (self, cb_bytes_render (self->bytes, view));
    }
  else
    {
      set_text (self, "", CB_BYTES_TEXT);
      set_modified (self, FALSE);
      self->cancellable = g_cancellable_new ();
      cb_bytes_render_async (self->bytes, view, self->cancellable, rendered_cb, g_object_ref (self));
      update_status (self);
    }
}

/* --- actions --- */

static void
save_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CbBytesEditor *self = user_data;
  g_autoptr (GBytes) bytes = NULL;

  g_clear_error (&self->problem);
  bytes = cb_bytes_editor_dup_edited (self, &self->problem);
  update_status (self);
  update_actions (self);
  if (bytes != NULL && can_change (self))
    g_signal_emit (self, signals[SAVE], 0, bytes);
}

static void
discard_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  cb_bytes_editor_discard (user_data);
}

/* What is selected, or all of it as it is shown. */
static void
copy_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CbBytesEditor *self = user_data;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view));
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  g_autofree char *text = NULL;
  gsize length;
  const char *data;

  if (self->bytes == NULL)
    return;
  if (self->render != NULL && self->render->text != NULL && gtk_text_buffer_get_has_selection (buffer))
    {
      gtk_text_buffer_copy_clipboard (buffer, clipboard);
      return;
    }
  data = g_bytes_get_data (self->bytes, &length);
  if (self->render != NULL && self->render->text != NULL && !self->render->cut && !self->render->folded)
    text = dup_text (self);
  else if (data != NULL && g_utf8_validate_len (data, length, NULL))
    text = g_strndup (data, length);
  else
    text = cb_text_display (data != NULL ? data : "", (gssize) length, FALSE);
  gdk_clipboard_set_text (clipboard, text);
}

static const GActionEntry entries[] = {
  { "save", save_action },
  { "discard", discard_action },
  { "copy", copy_action },
};

/* --- the object --- */

static void
update_scheme (CbBytesEditor *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view));
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GtkSourceStyleScheme *scheme;

  scheme = gtk_source_style_scheme_manager_get_scheme (gtk_source_style_scheme_manager_get_default (),
                                                       dark ? "Adwaita-dark" : "Adwaita");
  if (scheme != NULL)
    gtk_source_buffer_set_style_scheme (GTK_SOURCE_BUFFER (buffer), scheme);
}

static void
cb_bytes_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbBytesEditor *self = CB_BYTES_EDITOR (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, gtk_label_get_label (self->title_label));
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, self->editable);
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, self->modified);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_bytes_editor_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbBytesEditor *self = CB_BYTES_EDITOR (object);

  switch (id)
    {
    case PROP_TITLE:
      cb_bytes_editor_set_title (self, g_value_get_string (value));
      break;
    case PROP_EDITABLE:
      cb_bytes_editor_set_editable (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* The text is what is meant. */
static gboolean
cb_bytes_editor_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (CB_BYTES_EDITOR (widget)->text_view));
}

static void
cb_bytes_editor_dispose (GObject *object)
{
  CbBytesEditor *self = CB_BYTES_EDITOR (object);

  g_clear_handle_id (&self->check_id, g_source_remove);
  g_clear_handle_id (&self->selected_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->render, cb_bytes_render_free);

  G_OBJECT_CLASS (cb_bytes_editor_parent_class)->dispose (object);
}

static void
cb_bytes_editor_finalize (GObject *object)
{
  CbBytesEditor *self = CB_BYTES_EDITOR (object);

  g_free (self->pattern);
  g_clear_error (&self->problem);
  g_array_unref (self->packings);

  G_OBJECT_CLASS (cb_bytes_editor_parent_class)->finalize (object);
}

static void
cb_bytes_editor_class_init (CbBytesEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_bytes_editor_get_property;
  object_class->set_property = cb_bytes_editor_set_property;
  object_class->dispose = cb_bytes_editor_dispose;
  object_class->finalize = cb_bytes_editor_finalize;
  widget_class->grab_focus = cb_bytes_editor_grab_focus;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[SAVE] = g_signal_new ("save", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_BYTES);

  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-bytes-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, box);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, title_label);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, packing_drop);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, form_drop);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, stack);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, text_view);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, problem_label);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, status_label);
  gtk_widget_class_bind_template_child (widget_class, CbBytesEditor, buttons);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_hex_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "bytes.save", NULL);
}

static void
cb_bytes_editor_init (CbBytesEditor *self)
{
  self->packings = g_array_new (FALSE, FALSE, sizeof (CbBytesView));
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (self->packing_drop);
  cb_drop_down_use_name (self->form_drop);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "bytes", G_ACTION_GROUP (self->actions));
  gtk_source_buffer_set_highlight_matching_brackets (
    GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view))), FALSE);
  cb_plain_text_keep (GTK_TEXT_VIEW (self->text_view));
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text_view)), "changed",
                           G_CALLBACK (buffer_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (update_scheme), self,
                           G_CONNECT_SWAPPED);
  update_scheme (self);
  update_choice (self, NULL);
  update_actions (self);
}

/**
 * cb_bytes_editor_new:
 *
 * Returns: (transfer floating): an editor of nothing, that only shows
 */
GtkWidget *
cb_bytes_editor_new (void)
{
  return g_object_new (CB_TYPE_BYTES_EDITOR, NULL);
}

/**
 * cb_bytes_editor_set_bytes:
 * @bytes: (nullable): what to show
 * @pattern: (nullable): what a choice of the form is remembered for
 */
void
cb_bytes_editor_set_bytes (CbBytesEditor *self, GBytes *bytes, const char *pattern)
{
  g_return_if_fail (CB_IS_BYTES_EDITOR (self));

  if (self->bytes != NULL && bytes != NULL && g_strcmp0 (pattern, self->pattern) == 0 && g_bytes_equal (bytes, self->bytes))
    return;
  if (bytes != NULL)
    g_bytes_ref (bytes);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->bytes = bytes;
  if (g_strcmp0 (pattern, self->pattern) != 0 || pattern == NULL)
    {
      g_free (self->pattern);
      self->pattern = g_strdup (pattern);
      self->chosen = pattern != NULL && cb_form_memory_look_up (pattern, &self->choice);
    }
  render (self);
}

GBytes *
cb_bytes_editor_get_bytes (CbBytesEditor *self)
{
  g_return_val_if_fail (CB_IS_BYTES_EDITOR (self), NULL);
  return self->bytes;
}

void
cb_bytes_editor_set_title (CbBytesEditor *self, const char *title)
{
  g_return_if_fail (CB_IS_BYTES_EDITOR (self));

  gtk_label_set_label (self->title_label, title != NULL ? title : "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

void
cb_bytes_editor_set_editable (CbBytesEditor *self, gboolean editable)
{
  g_return_if_fail (CB_IS_BYTES_EDITOR (self));

  if (self->editable == !!editable)
    return;
  self->editable = editable;
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITABLE]);
}

gboolean
cb_bytes_editor_get_modified (CbBytesEditor *self)
{
  g_return_val_if_fail (CB_IS_BYTES_EDITOR (self), FALSE);
  return self->modified;
}

/**
 * cb_bytes_editor_dup_edited:
 * @error: what is wrong with what is written
 *
 * Returns: (transfer full) (nullable): the bytes that were set, to the last one, when nothing was changed
 */
GBytes *
cb_bytes_editor_dup_edited (CbBytesEditor *self, GError **error)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (CB_IS_BYTES_EDITOR (self), NULL);

  if (self->render == NULL || self->render->text == NULL || self->render->cut || self->render->folded)
    return self->bytes != NULL ? g_bytes_ref (self->bytes) : g_bytes_new (NULL, 0);
  text = dup_text (self);
  if (g_str_equal (text, self->render->text) && self->bytes != NULL)
    return g_bytes_ref (self->bytes);
  return cb_bytes_encode (&self->render->view, text, self->bytes, error);
}

gboolean
cb_bytes_editor_get_view (CbBytesEditor *self, CbBytesView *view)
{
  g_return_val_if_fail (CB_IS_BYTES_EDITOR (self), FALSE);

  if (self->render == NULL)
    return FALSE;
  *view = self->render->view;
  return TRUE;
}

/**
 * cb_bytes_editor_discard:
 *
 * Shows the bytes that were set again; what was written is gone.
 */
void
cb_bytes_editor_discard (CbBytesEditor *self)
{
  g_return_if_fail (CB_IS_BYTES_EDITOR (self));

  if (self->modified)
    render (self);
}
