/* cb-job-compare.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-compare.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-job-spec.h"
#include "cb-json-children.h"
#include "cb-json.h"

/* Each level is scanned once more for what is in it. What lies deeper stands as it is. */
#define MAX_DEPTH 64

/* ---- JSON as lines ---- */

typedef struct
{
  CbJsonChild child;
  char *name;                /* (owned) */
} Member;

static void
clear_member (gpointer data)
{
  g_free (((Member *) data)->name);
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *first = a, *second = b;
  int order = strcmp (first->name, second->name);

  /* The last one of a name counts, so their order does. */
  if (order == 0)
    order = first->child.index < second->child.index ? -1 : 1;
  return order;
}

/* "\u0041" and "A" are the same string. What no text can hold stays as it is written. */
static void
append_string (GString *lines, const char *token, gsize length)
{
  g_autofree char *text = cb_json_decode_string (token, length, length, NULL);
  g_autoptr (CbJsonWriter) writer = NULL;
  g_autofree char *json = NULL;

  if (strstr (text, "\357\277\275") != NULL)
    {
      g_string_append_len (lines, token, (gssize) length);
      return;
    }

  writer = cb_json_writer_new ();
  cb_json_writer_string (writer, text, -1);
  json = cb_json_writer_steal (writer);
  g_string_append (lines, json);
}

static void
append_indent (GString *lines, guint depth)
{
  for (guint i = 0; i < depth; i++)
    g_string_append (lines, "  ");
}

static void append_value (GString *lines, const char *text, const CbJsonChild *value, guint depth);

static void
append_children (GString *lines, const char *text, const CbJsonChild *value, guint depth)
{
  gboolean is_object = value->type == CB_JSON_BEGIN_OBJECT;
  g_autoptr (GArray) children = cb_json_find_children (text, value, 0, G_MAXSIZE);
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (Member));

  g_array_set_clear_func (members, clear_member);
  for (guint i = 0; i < children->len; i++)
    {
      Member member = { g_array_index (children, CbJsonChild, i), NULL };

      if (is_object)
        member.name = cb_json_decode_string (text + member.child.name_at, member.child.name_length, member.child.name_length, NULL);
      g_array_append_val (members, member);
    }
  if (is_object)
    g_array_sort (members, compare_members);

  g_string_append (lines, is_object ? "{" : "[");
  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      g_string_append_c (lines, '\n');
      append_indent (lines, depth + 1);
      if (is_object)
        {
          append_string (lines, text + member->child.name_at, member->child.name_length);
          g_string_append (lines, ": ");
        }
      append_value (lines, text, &member->child, depth + 1);
    }
  if (members->len > 0)
    {
      g_string_append_c (lines, '\n');
      append_indent (lines, depth);
    }
  g_string_append (lines, is_object ? "}" : "]");
}

static void
append_value (GString *lines, const char *text, const CbJsonChild *value, guint depth)
{
  if (value->type == CB_JSON_STRING)
    {
      append_string (lines, text + value->at, value->length);
    }
  else if ((value->type == CB_JSON_BEGIN_OBJECT || value->type == CB_JSON_BEGIN_ARRAY) && depth < MAX_DEPTH)
    {
      append_children (lines, text, value, depth);
    }
  else if (value->type == CB_JSON_BEGIN_OBJECT || value->type == CB_JSON_BEGIN_ARRAY)
    {
      g_autofree char *compact = cb_json_compact (text + value->at, (gssize) value->length);

      g_string_append (lines, compact);
    }
  else
    {
      g_string_append_len (lines, text + value->at, (gssize) value->length);
    }
}

char *
cb_job_compare_to_lines (const char *text,
                         gsize       length)
{
  CbJsonChild value;
  g_autoptr (GString) lines = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (!cb_json_check (text, (gssize) length, NULL) || !cb_json_find_value (text, length, &value, NULL))
    return cb_text_display (text, (gssize) length, FALSE);

  lines = g_string_new (NULL);
  append_value (lines, text, &value, 0);
  return cb_text_display (lines->str, (gssize) lines->len, FALSE);
}

/* ---- fields ---- */

static void
field_free (gpointer data)
{
  CbJobFieldPair *pair = data;

  g_free (pair->texts[0]);
  g_free (pair->texts[1]);
  g_free (pair);
}

/* Takes both texts. */
static void
add_text (GPtrArray *pairs, const char *name, const char *title, char *first, char *second)
{
  CbJobFieldPair *pair;

  if (first == NULL && second == NULL)
    return;

  pair = g_new0 (CbJobFieldPair, 1);
  pair->kind = CB_JOB_FIELD_TEXT;
  pair->name = name;
  pair->title = title;
  pair->texts[0] = first;
  pair->texts[1] = second;
  pair->differs = g_strcmp0 (first, second) != 0;
  g_ptr_array_add (pairs, pair);
}

static void
add_number (GPtrArray *pairs, CbJobFieldKind kind, const char *name, const char *title, gint64 first, gint64 second)
{
  CbJobFieldPair *pair;

  if (first < 0 && second < 0)
    return;

  pair = g_new0 (CbJobFieldPair, 1);
  pair->kind = kind;
  pair->name = name;
  pair->title = title;
  pair->numbers[0] = MAX (first, -1);
  pair->numbers[1] = MAX (second, -1);
  pair->differs = pair->numbers[0] != pair->numbers[1];
  g_ptr_array_add (pairs, pair);
}

static char *
dup_text (const char *text)
{
  return text != NULL ? cb_text_display (text, -1, TRUE) : NULL;
}

static char *
dup_state (CbJobRecord *record)
{
  const char *label = record->state != NULL ? cb_job_state_get_label (record->state) : NULL;

  if (label != NULL)
    return g_strdup (label);
  return record->state != NULL && *record->state != '\0' ? dup_text (record->state) : NULL;
}

static char *
dup_priority (CbJobRecord *record)
{
  g_autofree char *number = NULL;
  const char *name;

  if (isnan (record->priority))
    return NULL;

  number = cb_job_priority_to_text (record->priority);
  name = cb_job_priority_get_name (record->priority);
  return name != NULL ? g_strdup_printf ("%s (%s)", number, name) : g_steal_pointer (&number);
}

static char *
dup_whether (gboolean is_so)
{
  return g_strdup (is_so ? _("yes") : _("no"));
}

GPtrArray *
cb_job_compare_fields (CbJobRecord *first,
                       CbJobRecord *second)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (field_free);

  g_return_val_if_fail (first != NULL, pairs);
  g_return_val_if_fail (second != NULL, pairs);

  add_text (pairs, "type", _("Queue"), dup_text (first->queue), dup_text (second->queue));
  add_text (pairs, "state", _("State"), dup_state (first), dup_state (second));
  add_text (pairs, "problem", _("Problem"), dup_text (first->problem), dup_text (second->problem));
  add_text (pairs, "priority", _("Priority"), dup_priority (first), dup_priority (second));
  add_number (pairs, CB_JOB_FIELD_COUNT, "progress", _("Progress"), first->progress, second->progress);
  add_number (pairs, CB_JOB_FIELD_COUNT, "attempts_made", _("Attempts Made"), first->attempts_made, second->attempts_made);
  add_number (pairs, CB_JOB_FIELD_COUNT, "attempts_max", _("Attempts at Most"), first->attempts_max, second->attempts_max);
  add_text (pairs, "backoff", _("Back-off"), dup_text (first->backoff), dup_text (second->backoff));
  add_number (pairs, CB_JOB_FIELD_DURATION, "delay", _("Delay"), first->delay, second->delay);
  add_number (pairs, CB_JOB_FIELD_DURATION, "ttl", _("Time to Live"), first->ttl, second->ttl);
  if (first->remove_on_complete || second->remove_on_complete)
    add_text (pairs, "removeOnComplete", _("Removed When Complete"), dup_whether (first->remove_on_complete),
              dup_whether (second->remove_on_complete));
  add_number (pairs, CB_JOB_FIELD_TIME, "created_at", _("Created"), first->created_at, second->created_at);
  add_number (pairs, CB_JOB_FIELD_TIME, "promote_at", _("Due"), first->delay > 0 ? first->promote_at : -1,
              second->delay > 0 ? second->promote_at : -1);
  add_number (pairs, CB_JOB_FIELD_TIME, "started_at", _("Started"), first->started_at, second->started_at);
  add_number (pairs, CB_JOB_FIELD_TIME, "failed_at", _("Failed"), first->failed_at, second->failed_at);
  add_number (pairs, CB_JOB_FIELD_TIME, "updated_at", _("Changed"), first->updated_at, second->updated_at);
  add_number (pairs, CB_JOB_FIELD_DURATION, "duration", _("Duration"), first->duration, second->duration);
  add_text (pairs, "workerId", _("Worker"), dup_text (first->worker), dup_text (second->worker));
  add_number (pairs, CB_JOB_FIELD_COUNT, "log_length", _("Lines of the Log"), first->log_length, second->log_length);
  return pairs;
}

/* ---- data, result, error ---- */

static void
payload_free (gpointer data)
{
  CbJobPayloadPair *pair = data;

  g_free (pair->texts[0]);
  g_free (pair->texts[1]);
  g_free (pair);
}

static void
add_payload (GPtrArray *pairs, const char *name, const char *title, GBytes *first, GBytes *second)
{
  GBytes *const payloads[2] = { first, second };
  CbJobPayloadPair *pair;

  if (first == NULL && second == NULL)
    return;

  pair = g_new0 (CbJobPayloadPair, 1);
  pair->name = name;
  pair->title = title;
  for (guint i = 0; i < 2; i++)
    {
      pair->has[i] = payloads[i] != NULL;
      pair->sizes[i] = payloads[i] != NULL ? g_bytes_get_size (payloads[i]) : 0;
      pair->too_large |= pair->sizes[i] > CB_JOB_COMPARE_MOST;
    }
  pair->differs = first == NULL || second == NULL || !g_bytes_equal (first, second);
  for (guint i = 0; i < 2 && !pair->too_large; i++)
    {
      gsize length;
      const char *text = payloads[i] != NULL ? g_bytes_get_data (payloads[i], &length) : NULL;

      if (payloads[i] != NULL)
        pair->texts[i] = cb_job_compare_to_lines (text != NULL ? text : "", pair->sizes[i]);
    }
  /* Other bytes may mean the same. */
  if (pair->texts[0] != NULL && pair->texts[1] != NULL)
    pair->differs = strcmp (pair->texts[0], pair->texts[1]) != 0;
  g_ptr_array_add (pairs, pair);
}

GPtrArray *
cb_job_compare_payloads (CbJobRecord *first,
                         CbJobRecord *second)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (payload_free);

  g_return_val_if_fail (first != NULL, pairs);
  g_return_val_if_fail (second != NULL, pairs);

  add_payload (pairs, "data", _("Data"), first->data, second->data);
  add_payload (pairs, "result", _("Result"), first->result, second->result);
  add_payload (pairs, "error", _("Error"), first->error, second->error);
  return pairs;
}
