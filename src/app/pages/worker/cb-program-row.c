/* cb-program-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-program-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-handler-setup.h"
#include "cb-json.h"
#include "cb-remark-row.h"

struct _CbProgramRow
{
  AdwExpanderRow parent_instance;

  GStrv program;              /* (owned) what is in force; empty: nothing yet */
  GPtrArray *argument_rows;   /* (element-type GtkWidget) not owned: children of this row */
  GCancellable *check;        /* (owned) (nullable) of what is typed now */
  GtkNativeDialog *chooser;   /* (owned) (nullable) while it is open */

  GtkWidget *program_entry;
  CbRemarkRow *program_remark;
  GtkWidget *add_entry;
  CbRemarkRow *note;
};

G_DEFINE_FINAL_TYPE (CbProgramRow, cb_program_row, ADW_TYPE_EXPANDER_ROW)

enum
{
  PROP_0,
  PROP_PROGRAM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void show_arguments (CbProgramRow *self);

/* A word as a shell would have to be given it, which people read at a glance; plain ones need no quotes. */
static char *
quote (const char *word)
{
  g_autofree char *shown = cb_text_display (word, -1, TRUE);

  if (*shown != '\0' && strspn (shown, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") == strlen (shown))
    return g_steal_pointer (&shown);

  return g_shell_quote (shown);
}

static void
update_subtitle (CbProgramRow *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->program[0] == NULL || *self->program[0] == '\0')
    {
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), _("None yet: choose it below"));
      return;
    }

  for (char **p = self->program; *p != NULL; p++)
    {
      g_autofree char *word = quote (*p);

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", word);
    }
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text->str);
}

static void
take (CbProgramRow *self, GStrv program)
{
  g_strfreev (self->program);
  self->program = program;
  update_subtitle (self);
}

/* The program that is in force, with the arguments that are in force, except the one that was applied. */
static void
change (CbProgramRow *self, guint position, const char *word)
{
  guint n = MAX (g_strv_length (self->program), 1);
  GStrv program = g_new0 (char *, MAX (n, position + 1) + 1);

  for (guint i = 0; i < MAX (n, position + 1); i++)
    {
      const char *old = i < g_strv_length (self->program) ? self->program[i] : "";

      program[i] = g_strdup (i == position ? word : old);
    }
  take (self, program);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRAM]);
}

/* --- the program --- */

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbProgramRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cb_handler_setup_check_program_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->program_remark == NULL)
    return;

  g_clear_object (&self->check);
  if (path != NULL && strchr (gtk_editable_get_text (GTK_EDITABLE (self->program_entry)), '/') == NULL)
    {
      g_autofree char *shown = cb_text_display (path, -1, TRUE);
      /* Translators: %s is the path of a program */
      g_autofree char *note = g_strdup_printf (_("This is %s"), shown);

      cb_remark_row_set (self->program_remark, NULL, note);
    }
  else
    {
      cb_remark_row_set (self->program_remark, error != NULL ? error->message : NULL, NULL);
    }
}

static void
program_changed_cb (CbProgramRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->program_entry));

  if (self->check != NULL)
    g_cancellable_cancel (self->check);
  g_clear_object (&self->check);

  if (*text == '\0')
    {
      cb_remark_row_set (self->program_remark, NULL, NULL);
      return;
    }

  self->check = g_cancellable_new ();
  cb_handler_setup_check_program_async (text, self->check, checked_cb, g_object_ref (self));
}

static void
program_apply_cb (CbProgramRow *self)
{
  change (self, 0, gtk_editable_get_text (GTK_EDITABLE (self->program_entry)));
}

static void
set_text (GtkWidget *entry, const char *text)
{
  /* To show what is in force is no edit to be applied. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (entry), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (entry), TRUE);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, CbProgramRow *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->program_entry != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

      if (path != NULL && g_utf8_validate (path, -1, NULL))
        {
          set_text (self->program_entry, path);
          program_apply_cb (self);
        }
    }

  g_clear_object (&self->chooser);
}

static void
choose_cb (CbProgramRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->chooser != NULL)
    return;

  self->chooser = GTK_NATIVE_DIALOG (gtk_file_chooser_native_new (_("Choose a Program"), GTK_WINDOW (root),
                                                                  GTK_FILE_CHOOSER_ACTION_OPEN, _("_Choose"), NULL));
  gtk_native_dialog_set_modal (self->chooser, TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (self->chooser);
}

/* --- the arguments --- */

static guint
get_position (CbProgramRow *self, GtkWidget *row)
{
  guint index = 0;

  g_ptr_array_find (self->argument_rows, row, &index);

  return index + 1;
}

static void
argument_apply_cb (CbProgramRow *self, GtkWidget *row)
{
  change (self, get_position (self, row), gtk_editable_get_text (GTK_EDITABLE (row)));
}

static void
argument_remove_cb (GtkButton *button, CbProgramRow *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), ADW_TYPE_ENTRY_ROW);
  guint position = get_position (self, row);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; self->program[i] != NULL; i++)
    if (i != position)
      g_strv_builder_add (builder, self->program[i]);
  take (self, g_strv_builder_end (builder));
  show_arguments (self);
  gtk_widget_grab_focus (self->add_entry);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRAM]);
}

static GtkWidget *
create_argument_row (CbProgramRow *self, guint number)
{
  GtkWidget *row = adw_entry_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-delete-symbolic");
  g_autofree char *title = g_strdup_printf (_("Argument %u"), number);
  g_autofree char *label = g_strdup_printf (_("Remove Argument %u"), number);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (row), TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (argument_remove_cb), self, 0);
  g_signal_connect_object (row, "apply", G_CALLBACK (argument_apply_cb), self, G_CONNECT_SWAPPED);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), button);

  return row;
}

/* The rows that are added to an expander stand at its end, in the order of coming; what follows the arguments goes out and in
 * again. */
static void
show_arguments (CbProgramRow *self)
{
  AdwExpanderRow *expander = ADW_EXPANDER_ROW (self);
  guint n = g_strv_length (self->program);

  n = n > 0 ? n - 1 : 0;
  while (self->argument_rows->len > n)
    {
      adw_expander_row_remove (expander, g_ptr_array_index (self->argument_rows, self->argument_rows->len - 1));
      g_ptr_array_set_size (self->argument_rows, (int) self->argument_rows->len - 1);
    }

  if (self->argument_rows->len < n)
    {
      g_object_ref (self->add_entry);
      g_object_ref (self->note);
      adw_expander_row_remove (expander, self->add_entry);
      adw_expander_row_remove (expander, GTK_WIDGET (self->note));
      while (self->argument_rows->len < n)
        {
          GtkWidget *row = create_argument_row (self, self->argument_rows->len + 1);

          adw_expander_row_add_row (expander, row);
          g_ptr_array_add (self->argument_rows, row);
        }
      adw_expander_row_add_row (expander, self->add_entry);
      adw_expander_row_add_row (expander, GTK_WIDGET (self->note));
      g_object_unref (self->add_entry);
      g_object_unref (self->note);
    }

  for (guint i = 0; i < n; i++)
    set_text (g_ptr_array_index (self->argument_rows, i), self->program[i + 1]);
}

static gboolean
focus_add_cb (gpointer user_data)
{
  CbProgramRow *self = user_data;

  if (self->add_entry != NULL)
    gtk_widget_grab_focus (self->add_entry);

  return G_SOURCE_REMOVE;
}

static void
add_apply_cb (CbProgramRow *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->add_entry)));

  if (*text == '\0')
    return;

  set_text (self->add_entry, "");
  change (self, MAX (g_strv_length (self->program), 1), text);
  show_arguments (self);

  /* It was taken out and put back, and the next argument is what comes next. */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, focus_add_cb, g_object_ref (self), g_object_unref);
}

/* --- object --- */

static void
cb_program_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbProgramRow *self = CB_PROGRAM_ROW (object);

  switch (prop_id)
    {
    case PROP_PROGRAM:
      g_value_set_boxed (value, self->program);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_program_row_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbProgramRow *self = CB_PROGRAM_ROW (object);
  static const char * const none[] = { NULL };
  const char * const *program;

  switch (prop_id)
    {
    case PROP_PROGRAM:
      program = g_value_get_boxed (value);
      if (program == NULL)
        program = none;
      /* What is being typed stays when only what was applied comes back. */
      if (g_strv_equal ((const char * const *) self->program, program))
        break;
      take (self, g_strdupv ((char **) program));
      set_text (self->program_entry, self->program[0] != NULL ? self->program[0] : "");
      show_arguments (self);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_program_row_dispose (GObject *object)
{
  CbProgramRow *self = CB_PROGRAM_ROW (object);

  if (self->check != NULL)
    g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
  g_clear_object (&self->chooser);

  G_OBJECT_CLASS (cb_program_row_parent_class)->dispose (object);
}

static void
cb_program_row_finalize (GObject *object)
{
  CbProgramRow *self = CB_PROGRAM_ROW (object);

  g_strfreev (self->program);
  g_ptr_array_unref (self->argument_rows);

  G_OBJECT_CLASS (cb_program_row_parent_class)->finalize (object);
}

static void
cb_program_row_class_init (CbProgramRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_program_row_get_property;
  object_class->set_property = cb_program_row_set_property;
  object_class->dispose = cb_program_row_dispose;
  object_class->finalize = cb_program_row_finalize;

  props[PROP_PROGRAM] = g_param_spec_boxed ("program", NULL, NULL, G_TYPE_STRV,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (CB_TYPE_REMARK_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-program-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbProgramRow, program_entry);
  gtk_widget_class_bind_template_child (widget_class, CbProgramRow, program_remark);
  gtk_widget_class_bind_template_child (widget_class, CbProgramRow, add_entry);
  gtk_widget_class_bind_template_child (widget_class, CbProgramRow, note);
  gtk_widget_class_bind_template_callback (widget_class, program_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, program_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_apply_cb);
}

static void
cb_program_row_init (CbProgramRow *self)
{
  self->program = g_new0 (char *, 1);
  self->argument_rows = g_ptr_array_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  cb_remark_row_set (self->note, NULL,
                     _("It gets the job as JSON on its standard input, and its exit status is the outcome. Lines "
                       "“progress N”, “log TEXT” and “result JSON” on its standard output tell more. No shell takes part: "
                       "each argument is passed on as it stands here."));
  update_subtitle (self);
}
