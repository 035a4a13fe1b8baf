/* cb-journal-entry.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-private.h"

#include <glib/gstdio.h>

G_DEFINE_QUARK (cb-journal-error-quark, cb_journal_error)

/* An entry as it is written: HEAD first, then for each batch TAKE before and DONE after it was acted on, ENDS; and when it is undone,
 * UNDO for each batch and UNDE. Whatever is missing at the end, what stands before it is true. */

/**
 * cb_journal_entry_new:
 *
 * Returns: (transfer full): an entry that says nothing but what is done
 */
CbJournalEntry *
cb_journal_entry_new (const CbDeed *deed)
{
  CbJournalEntry *self = g_new0 (CbJournalEntry, 1);

  self->deed = cb_deed_copy (deed);
  self->time = g_get_real_time ();

  return self;
}

void
cb_journal_entry_free (CbJournalEntry *self)
{
  if (self == NULL)
    return;

  cb_deed_free (self->deed);
  g_free (self->id);
  g_free (self->engine);
  g_free (self->server);
  g_free (self->run_id);
  g_free (self->prefix);
  g_free (self->origin);
  g_free (self->summary);
  g_free (self);
}

CbJournalEntry *
cb_journal_entry_copy (const CbJournalEntry *self)
{
  CbJournalEntry *copy = g_memdup2 (self, sizeof *self);

  copy->deed = cb_deed_copy (self->deed);
  copy->id = g_strdup (self->id);
  copy->engine = g_strdup (self->engine);
  copy->server = g_strdup (self->server);
  copy->run_id = g_strdup (self->run_id);
  copy->prefix = g_strdup (self->prefix);
  copy->origin = g_strdup (self->origin);
  copy->summary = g_strdup (self->summary);

  return copy;
}

/**
 * cb_journal_entry_set_engine:
 * @run_id: (nullable): which run of the server it is, where that is known
 *
 * Says where it is done.
 */
void
cb_journal_entry_set_engine (CbJournalEntry *self,
                             CbEngine       *engine,
                             const char     *run_id)
{
  CbConnection *connection = cb_engine_get_connection (engine);

  g_free (self->engine);
  g_free (self->prefix);
  g_free (self->run_id);
  g_free (self->server);
  self->engine = g_strdup (cb_engine_get_name (engine));
  self->prefix = g_strdup (cb_engine_get_prefix (engine) != NULL ? cb_engine_get_prefix (engine) : "");
  self->run_id = g_strdup (run_id != NULL ? run_id : "");
  self->server = connection != NULL ? cb_address_to_uri (cb_connection_get_address (connection)) : g_strdup ("");
  self->database = connection != NULL ? cb_address_get_db (cb_connection_get_address (connection)) : 0;
}

gboolean
cb_journal_entry_is_at (const CbJournalEntry *self,
                        const CbJournalEntry *place)
{
  if (g_strcmp0 (self->engine, place->engine) != 0 || g_strcmp0 (self->prefix, place->prefix) != 0 ||
      self->database != place->database)
    return FALSE;

  return g_strcmp0 (self->server, place->server) == 0 ||
         (self->run_id != NULL && *self->run_id != 0 && g_strcmp0 (self->run_id, place->run_id) == 0);
}

gboolean
cb_journal_entry_fits (CbJournalEntry *self,
                       CbEngine       *engine,
                       const char     *run_id)
{
  g_autoptr (CbJournalEntry) place = cb_journal_entry_new (self->deed);

  cb_journal_entry_set_engine (place, engine, run_id);
  return cb_journal_entry_is_at (self, place);
}

/* --- on the disk --- */

#define CHANGES_TYPE "(uaydixxxaybas)"

static GVariant *
changes_to_variant (const CbJobChanges *changes)
{
  g_auto (GStrv) none = g_new0 (char *, 1);
  gsize length = 0;
  const void *data = changes->data != NULL ? g_bytes_get_data (changes->data, &length) : NULL;

  return g_variant_new ("(u@aydixxx@ayb^as)", changes->which, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1),
                        changes->priority, changes->attempts, changes->delay_msec, changes->due_at, changes->ttl_msec,
                        g_variant_new_bytestring (changes->backoff != NULL ? changes->backoff : ""),
                        changes->remove_on_complete, changes->search_keys != NULL ? changes->search_keys : none);
}

static CbJobChanges *
changes_from_variant (GVariant *variant)
{
  CbJobChanges *changes = cb_job_changes_new ();
  g_autoptr (GVariant) data = NULL;
  g_autofree char *backoff = NULL;
  g_auto (GStrv) search_keys = NULL;

  g_variant_get (variant, "(u@aydixxx^ayb^as)", &changes->which, &data, &changes->priority, &changes->attempts,
                 &changes->delay_msec, &changes->due_at, &changes->ttl_msec, &backoff, &changes->remove_on_complete, &search_keys);
  if (changes->which & CB_JOB_CHANGE_DATA)
    changes->data = g_variant_get_data_as_bytes (data);
  if (*backoff != 0)
    changes->backoff = g_steal_pointer (&backoff);
  if (search_keys[0] != NULL)
    changes->search_keys = g_steal_pointer (&search_keys);

  return changes;
}

GVariant *
cb_journal_entry_to_head (const CbJournalEntry *self)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "deed", "s", cb_deed_kind_word (self->deed->kind));
  g_variant_dict_insert (&dict, "number", "d", self->deed->number);
  if (self->deed->text != NULL)
    g_variant_dict_insert (&dict, "text", "^ay", self->deed->text);
  if (self->deed->changes != NULL)
    g_variant_dict_insert_value (&dict, "changes", changes_to_variant (self->deed->changes));
  g_variant_dict_insert (&dict, "engine", "s", self->engine != NULL ? self->engine : "");
  g_variant_dict_insert (&dict, "server", "^ay", self->server != NULL ? self->server : "");
  g_variant_dict_insert (&dict, "database", "u", self->database);
  g_variant_dict_insert (&dict, "run-id", "s", self->run_id != NULL ? self->run_id : "");
  g_variant_dict_insert (&dict, "prefix", "^ay", self->prefix != NULL ? self->prefix : "");
  g_variant_dict_insert (&dict, "origin", "s", self->origin != NULL ? self->origin : "");
  if (self->summary != NULL)
    g_variant_dict_insert (&dict, "summary", "s", self->summary);
  g_variant_dict_insert (&dict, "time", "x", self->time);
  g_variant_dict_insert (&dict, "planned", "t", self->n_planned);

  return g_variant_dict_end (&dict);
}

static CbJournalEntry *
entry_from_head (GVariant  *head,
                 GError   **error)
{
  g_auto (GVariantDict) dict;
  g_autoptr (CbJournalEntry) self = g_new0 (CbJournalEntry, 1);
  const char *word = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GVariant) changes = NULL;
  CbDeedKind kind = CB_DEED_REMOVE;
  double number = 0;

  g_variant_dict_init (&dict, head);
  if (!g_variant_dict_lookup (&dict, "deed", "&s", &word) || !cb_deed_kind_parse (word, &kind) ||
      !g_variant_dict_lookup (&dict, "number", "d", &number) ||
      (!g_variant_dict_lookup (&dict, "text", "^ay", &text) && kind == CB_DEED_MOVE) ||
      !g_variant_dict_lookup (&dict, "engine", "s", &self->engine) ||
      !g_variant_dict_lookup (&dict, "server", "^ay", &self->server) ||
      !g_variant_dict_lookup (&dict, "database", "u", &self->database) ||
      !g_variant_dict_lookup (&dict, "run-id", "s", &self->run_id) ||
      !g_variant_dict_lookup (&dict, "prefix", "^ay", &self->prefix) ||
      !g_variant_dict_lookup (&dict, "origin", "s", &self->origin) ||
      !g_variant_dict_lookup (&dict, "time", "x", &self->time) ||
      !g_variant_dict_lookup (&dict, "planned", "t", &self->n_planned))
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED,
                           "It was written by another version of Callboard, or is damaged");
      return NULL;
    }
  g_variant_dict_lookup (&dict, "summary", "s", &self->summary);
  self->deed = cb_deed_new (kind, number, text);
  changes = g_variant_dict_lookup_value (&dict, "changes", G_VARIANT_TYPE (CHANGES_TYPE));
  if (changes != NULL)
    self->deed->changes = changes_from_variant (changes);

  return g_steal_pointer (&self);
}

/* How many of a batch have a status. */
static guint64
count_set (GVariant *statuses)
{
  gsize n = 0;
  const guint8 *bytes = g_variant_get_fixed_array (statuses, &n, 1);
  guint64 set = 0;

  for (gsize i = 0; i < n; i++)
    set += bytes[i] != 0;

  return set;
}

/**
 * cb_journal_entry_read:
 *
 * Reads what an entry says of itself, without the jobs in it. It blocks.
 *
 * Returns: (transfer full) (nullable): the entry, without its id
 */
CbJournalEntry *
cb_journal_entry_read (CbJournalFile  *file,
                       GError        **error)
{
  GArray *records = cb_journal_file_get_records (file);
  g_autoptr (CbJournalEntry) self = NULL;
  g_autoptr (GVariant) head = NULL;
  guint64 n_done = 0, n_back = 0, n_open = 0;

  if (records->len == 0 || g_array_index (records, CbJournalRecord, 0).tag != CB_JOURNAL_HEAD)
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED, "Nothing was done yet when it was broken off");
      return NULL;
    }
  head = cb_journal_file_read (file, 0, "a{sv}", error);
  if (head == NULL)
    return NULL;
  self = entry_from_head (head, error);
  if (self == NULL)
    return NULL;

  self->busy = cb_journal_file_is_busy (file);
  self->size = cb_journal_file_get_size (file);
  for (guint i = 1; i < records->len; i++)
    {
      CbJournalRecord *record = &g_array_index (records, CbJournalRecord, i);
      g_autoptr (GVariant) contents = NULL;

      switch (record->tag)
        {
        case CB_JOURNAL_TAKE:
          self->n_captured += record->number;
          n_open = record->number;
          break;

        case CB_JOURNAL_DONE:
          contents = cb_journal_file_read (file, i, "(ayaaay)", NULL);
          n_open = 0;
          if (contents != NULL)
            {
              g_autoptr (GVariant) statuses = g_variant_get_child_value (contents, 0);

              n_done += count_set (statuses);
            }
          break;

        case CB_JOURNAL_ENDS:
          self->ended = TRUE;
          break;

        case CB_JOURNAL_UNDO:
          contents = cb_journal_file_read (file, i, "ay", NULL);
          if (contents != NULL)
            n_back += count_set (contents);
          break;

        case CB_JOURNAL_UNDE:
          self->undone = TRUE;
          break;

        default:
          break;
        }
    }
  self->n_done = n_done;
  self->n_undone = n_back;
  /* Of a batch that was broken off all may have been done. */
  self->n_kept = self->undone && n_done + n_open > n_back ? n_done + n_open - n_back : 0;

  return g_steal_pointer (&self);
}
