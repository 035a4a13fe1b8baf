/* test-job-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-job-diff.h"
#include "cb-job-list-private.h"
#include "cb-memory-engine.h"
#include "cb-test-wait.h"

/* --- an engine whose set is what the test says --- */

#define TEST_TYPE_ENGINE (test_engine_get_type ())
G_DECLARE_FINAL_TYPE (TestEngine, test_engine, TEST, ENGINE, CbEngine)

struct _TestEngine
{
  CbEngine   parent_instance;
  GPtrArray *ids;               /* of char*, or */
  gint64     n_virtual;         /* so many, the id of each being its position */
  guint      n_pages;           /* calls */
  guint      n_many;
  GString   *offsets;           /* what was asked for */
  GQueue     held;              /* answers that wait for test_engine_release() */
  gboolean   hold;
};

G_DEFINE_FINAL_TYPE (TestEngine, test_engine, CB_TYPE_ENGINE)

static CbJobRecord *
make_record (const char *id)
{
  CbJobRecord *record = cb_job_record_new (id);

  record->queue = g_strdup ("q");
  record->state = "inactive";
  record->missing = id[0] == 'x';

  return record;
}

static void
test_engine_page (CbEngine *engine, const char *queue, const char *state, gint64 offset, guint limit, gboolean reversed,
                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  TestEngine *self = TEST_ENGINE (engine);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbJobPage *page = g_new0 (CbJobPage, 1);
  gint64 total = self->ids != NULL ? self->ids->len : self->n_virtual;

  self->n_pages++;
  g_string_append_printf (self->offsets, "%s%" G_GINT64_FORMAT, self->offsets->len > 0 ? " " : "", offset);
  page->total = total;
  page->records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  for (gint64 i = offset; i < MIN (total, offset + limit); i++)
    {
      g_autofree char *id = self->ids != NULL ? g_strdup (g_ptr_array_index (self->ids, i))
                                              : g_strdup_printf ("%" G_GINT64_FORMAT, i);

      g_ptr_array_add (page->records, make_record (id));
    }

  g_object_set_data_full (G_OBJECT (task), "page", page, (GDestroyNotify) cb_job_page_free);
  if (self->hold)
    {
      g_queue_push_tail (&self->held, task);
      return;
    }
  g_task_return_pointer (task, g_object_steal_data (G_OBJECT (task), "page"), (GDestroyNotify) cb_job_page_free);
  g_object_unref (task);
}

static void
test_engine_release (TestEngine *self)
{
  GTask *task;

  self->hold = FALSE;
  while ((task = g_queue_pop_head (&self->held)) != NULL)
    {
      g_task_return_pointer (task, g_object_steal_data (G_OBJECT (task), "page"), (GDestroyNotify) cb_job_page_free);
      g_object_unref (task);
    }
}

static void
test_engine_get_many (CbEngine *engine, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);

  TEST_ENGINE (engine)->n_many++;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbJobRecord *record = make_record (ids[i]);

      record->progress = 50;
      g_ptr_array_add (records, record);
    }
  g_task_return_pointer (task, records, (GDestroyNotify) g_ptr_array_unref);
}

static void
test_engine_finalize (GObject *object)
{
  TestEngine *self = TEST_ENGINE (object);

  g_assert_true (g_queue_is_empty (&self->held));
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  g_string_free (self->offsets, TRUE);
  G_OBJECT_CLASS (test_engine_parent_class)->finalize (object);
}

static void
test_engine_class_init (TestEngineClass *klass)
{
  CbEngineClass *engine_class = CB_ENGINE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_engine_finalize;
  engine_class->name = "test";
  engine_class->title = "Test";
  engine_class->page = test_engine_page;
  engine_class->get_many = test_engine_get_many;
}

static void
test_engine_init (TestEngine *self)
{
  self->offsets = g_string_new (NULL);
  g_queue_init (&self->held);
}

/* Sets what is there: "a b c". */
static void
set_ids (TestEngine *self,
         const char *text)
{
  g_auto (GStrv) ids = g_strsplit (text, " ", -1);

  g_clear_pointer (&self->ids, g_ptr_array_unref);
  self->ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (*ids[i] != 0)
        g_ptr_array_add (self->ids, g_strdup (ids[i]));
    }
}

static void
insert_id (TestEngine *self,
           guint       position,
           const char *id)
{
  g_ptr_array_insert (self->ids, position, g_strdup (id));
}

static void
fill_ids (TestEngine *self,
          guint       n)
{
  set_ids (self, "");
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->ids, g_strdup_printf ("j%u", i));
}

/* --- the list, and a view that believes what it was told --- */

typedef struct
{
  CbEngine  *engine;
  CbJobList *list;
  GString   *changes;
  GPtrArray *seen;              /* (nullable elements) what get_item() gave, moved as the signals say */
} Fixture;

/* What was given at a position stays there until a signal moves it. */
static void
check_seen (Fixture *fixture)
{
  g_assert_cmpuint (fixture->seen->len, ==, g_list_model_get_n_items (G_LIST_MODEL (fixture->list)));
  for (guint i = 0; i < fixture->seen->len; i++)
    {
      CbJob *seen = g_ptr_array_index (fixture->seen, i);
      g_autoptr (CbJob) job = NULL;

      if (seen == NULL)
        continue;
      job = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);
      g_assert_true (job == seen);
    }
}

static void
unref_nullable (gpointer data)
{
  if (data != NULL)
    g_object_unref (data);
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  Fixture *fixture = user_data;
  GPtrArray *after = g_ptr_array_new_with_free_func (unref_nullable);

  g_assert_true (removed > 0 || added > 0);
  g_assert_cmpuint (position + removed, <=, fixture->seen->len);
  if (fixture->changes->len > 0)
    g_string_append (fixture->changes, ", ");
  g_string_append_printf (fixture->changes, "%u", position);
  if (removed > 0)
    g_string_append_printf (fixture->changes, "-%u", removed);
  if (added > 0)
    g_string_append_printf (fixture->changes, "+%u", added);

  for (guint i = 0; i < position; i++)
    g_ptr_array_add (after, g_steal_pointer (&fixture->seen->pdata[i]));
  for (guint i = 0; i < added; i++)
    g_ptr_array_add (after, NULL);
  for (guint i = position + removed; i < fixture->seen->len; i++)
    g_ptr_array_add (after, g_steal_pointer (&fixture->seen->pdata[i]));
  g_ptr_array_unref (fixture->seen);
  fixture->seen = after;

  check_seen (fixture);
}

static void
assert_changes_at (Fixture    *fixture,
                   const char *expected,
                   int         line)
{
  if (strcmp (fixture->changes->str, expected) != 0)
    g_error ("Line %d: the changes are “%s”, not “%s”", line, fixture->changes->str, expected);
  g_string_truncate (fixture->changes, 0);
}
#define assert_changes(fixture, expected) assert_changes_at (fixture, expected, __LINE__)

static void
wait_idle (Fixture *fixture)
{
  cb_test_wait_until (!cb_job_list_is_busy (fixture->list));
}

static Fixture *
fixture_new (CbEngine   *engine,        /* (transfer full) */
             const char *queue,
             const char *state,
             gboolean    reversed)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->engine = engine;
  fixture->changes = g_string_new (NULL);
  fixture->seen = g_ptr_array_new_with_free_func (unref_nullable);
  fixture->list = cb_job_list_new (engine, queue, state, reversed);
  cb_job_list_set_refresh_interval (fixture->list, 0);
  g_signal_connect (fixture->list, "items-changed", G_CALLBACK (items_changed_cb), fixture);

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  g_assert_cmpstr (fixture->changes->str, ==, "");
  g_ptr_array_unref (fixture->seen);
  g_assert_finalize_object (fixture->list);
  g_string_free (fixture->changes, TRUE);
  /* Cancelled calls still have to come back. */
  cb_test_wait_until (G_OBJECT (fixture->engine)->ref_count == 1);
  g_assert_finalize_object (fixture->engine);
  g_free (fixture);
}

/* Has the view show these positions. */
static void
look_at (Fixture *fixture,
         guint    from,
         guint    n)
{
  for (guint i = from; i < from + n; i++)
    {
      CbJob *job = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);

      g_assert_nonnull (job);
      g_clear_object ((CbJob **) &fixture->seen->pdata[i]);
      fixture->seen->pdata[i] = job;
    }
}

static void
look_away (Fixture *fixture)
{
  for (guint i = 0; i < fixture->seen->len; i++)
    g_clear_object ((CbJob **) &fixture->seen->pdata[i]);
}

static void
refresh (Fixture *fixture)
{
  cb_job_list_refresh (fixture->list);
  wait_idle (fixture);
}

/* "a b c", a row that is not read "?", one that is missing "!x". */
static char *
list_to_string (Fixture *fixture)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->list)); i++)
    {
      g_autoptr (CbJob) job = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);
      gboolean missing;

      g_object_get (job, "missing", &missing, NULL);
      if (text->len > 0)
        g_string_append_c (text, ' ');
      if (missing)
        g_string_append_c (text, '!');
      g_string_append (text, cb_job_get_loaded (job) ? cb_job_get_id (job) : "?");
    }

  return g_string_free (text, FALSE);
}

static void
assert_list_at (Fixture    *fixture,
                const char *expected,
                int         line)
{
  g_autofree char *text = list_to_string (fixture);

  if (strcmp (text, expected) != 0)
    g_error ("Line %d: the list is “%s”, not “%s”", line, text, expected);
}
#define assert_list(fixture, expected) assert_list_at (fixture, expected, __LINE__)

static void
assert_property (Fixture    *fixture,
                 const char *name,
                 const char *expected)
{
  g_autofree char *value = NULL;

  g_object_get (fixture->list, name, &value, NULL);
  g_assert_cmpstr (value, ==, expected);
}

/* --- the tests --- */

static void
test_small (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  gboolean loading;
  g_autoptr (CbJob) b = NULL;

  set_ids (engine, "a b c");
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  g_object_get (fixture->list, "loading", &loading, NULL);
  g_assert_true (loading);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->list)), ==, 0);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (fixture->list)) == CB_TYPE_JOB);

  wait_idle (fixture);
  g_object_get (fixture->list, "loading", &loading, NULL);
  g_assert_false (loading);
  assert_changes (fixture, "0+3");
  assert_list (fixture, "a b c");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->list), 3));
  g_assert_cmpint (cb_job_list_find (fixture->list, "c"), ==, 2);
  g_assert_cmpint (cb_job_list_find (fixture->list, "z"), ==, -1);
  look_at (fixture, 0, 3);
  b = g_list_model_get_item (G_LIST_MODEL (fixture->list), 1);

  refresh (fixture);
  assert_changes (fixture, "");

  set_ids (engine, "n a b c");
  refresh (fixture);
  assert_changes (fixture, "0+1");
  assert_list (fixture, "n a b c");

  set_ids (engine, "n a b c d e");
  refresh (fixture);
  assert_changes (fixture, "4+2");

  set_ids (engine, "n b c d e");
  refresh (fixture);
  assert_changes (fixture, "1-1");

  set_ids (engine, "n b x d e");
  refresh (fixture);
  assert_changes (fixture, "2-1+1");
  assert_list (fixture, "n b !x d e");

  /* A move keeps the object. */
  set_ids (engine, "n x d e b");
  refresh (fixture);
  assert_changes (fixture, "1-1, 4+1");
  g_assert_cmpint (cb_job_list_find (fixture->list, "b"), ==, 4);
  {
    g_autoptr (CbJob) moved = g_list_model_get_item (G_LIST_MODEL (fixture->list), 4);

    g_assert_true (moved == b);
  }
  set_ids (engine, "b n x d e");
  refresh (fixture);
  assert_changes (fixture, "0+1, 5-1");
  {
    g_autoptr (CbJob) moved = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);

    g_assert_true (moved == b);
  }

  set_ids (engine, "");
  refresh (fixture);
  assert_changes (fixture, "0-5");
  set_ids (engine, "q r");
  refresh (fixture);
  assert_changes (fixture, "0+2");
  assert_list (fixture, "q r");

  fixture_free (fixture);
}

static void
test_duplicates (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;

  set_ids (engine, "a a b a");
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+4");
  assert_list (fixture, "a a b a");
  look_at (fixture, 0, 4);

  set_ids (engine, "a b a");
  refresh (fixture);
  g_string_truncate (fixture->changes, 0);
  assert_list (fixture, "a b a");

  set_ids (engine, "a b a x1 x1");
  refresh (fixture);
  assert_changes (fixture, "3+2");
  assert_list (fixture, "a b a !x1 !x1");

  fixture_free (fixture);
}

static void
test_arrival_in_front_of_a_window (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  g_autoptr (CbJob) job = NULL, same = NULL;

  fill_ids (engine, 1000);
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+1000");

  look_at (fixture, 450, 100);
  job = g_list_model_get_item (G_LIST_MODEL (fixture->list), 500);
  g_assert_false (cb_job_get_loaded (job));
  wait_idle (fixture);
  g_assert_true (cb_job_get_loaded (job));
  g_assert_cmpstr (cb_job_get_id (job), ==, "j500");
  assert_changes (fixture, "");

  for (guint i = 0; i < 7; i++)
    insert_id (engine, 0, "new");
  refresh (fixture);
  assert_changes (fixture, "0+7");
  same = g_list_model_get_item (G_LIST_MODEL (fixture->list), 507);
  g_assert_true (same == job);

  g_ptr_array_remove_range (engine->ids, 0, 3);
  g_ptr_array_remove_range (engine->ids, 500, 1);       /* j496, which stands at 503 and was shown */
  refresh (fixture);
  assert_changes (fixture, "0-3, 500-1");

  /* So many that the window holds nothing known. */
  for (guint i = 0; i < 400; i++)
    insert_id (engine, 0, "more");
  refresh (fixture);
  assert_changes (fixture, "0+400");
  g_clear_object (&same);
  same = g_list_model_get_item (G_LIST_MODEL (fixture->list), 903);
  g_assert_true (same == job);

  fixture_free (fixture);
}

static void
test_scrolled_past (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  guint before;

  engine->n_virtual = 1000000;
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+1000000");

  /* A drag of the scrollbar through all of it, within a frame. */
  before = engine->n_pages;
  for (guint i = 0; i < 1000000; i += 5000)
    {
      look_at (fixture, i, 1);
      look_away (fixture);
    }
  look_at (fixture, 777777, 1);
  g_string_truncate (engine->offsets, 0);
  wait_idle (fixture);
  g_assert_cmpuint (engine->n_pages - before, <=, 8);
  g_assert_true (g_str_has_prefix (engine->offsets->str, "777700 "));
  g_assert_cmpstr (cb_job_get_id (g_ptr_array_index (fixture->seen, 777777)), ==, "777777");

  fixture_free (fixture);
}

/* Somebody who looks through all of it for a job, such as a selection, has scrolled past nothing that is seen. */
static void
test_looked_through (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  guint before;

  engine->n_virtual = 1000000;
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+1000000");

  before = engine->n_pages;
  look_at (fixture, 500000, 40);
  for (guint i = 0; i < 20000; i++)
    g_object_unref (g_list_model_get_item (G_LIST_MODEL (fixture->list), i));
  wait_idle (fixture);
  g_assert_cmpstr (cb_job_get_id (g_ptr_array_index (fixture->seen, 500000)), ==, "500000");
  g_assert_cmpstr (cb_job_get_id (g_ptr_array_index (fixture->seen, 500039)), ==, "500039");
  g_assert_cmpuint (engine->n_pages - before, <=, 8);

  fixture_free (fixture);
}

static void
test_million (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  guint seed = 1;

  engine->n_virtual = 1000000;
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+1000000");

  for (guint i = 0; i < 300; i++)
    {
      seed = seed * 1664525u + 1013904223u;
      look_at (fixture, (seed >> 4) % 999900, 100);
      if (i % 3 == 0)
        wait_idle (fixture);
      look_away (fixture);
      g_assert_cmpuint (cb_job_list_get_n_rows (fixture->list), <=, 1500);
    }
  wait_idle (fixture);

  /* Every row, one after the other. */
  for (guint i = 0; i < 1000000; i++)
    {
      g_autoptr (CbJob) job = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);

      g_assert_nonnull (job);
      g_assert_cmpuint (cb_job_list_get_n_rows (fixture->list), <=, 1500);
    }
  wait_idle (fixture);
  g_assert_cmpuint (cb_job_list_get_n_rows (fixture->list), <=, 1500);

  fixture_free (fixture);
}

static void
test_touch (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  const char *ids[] = { "b", "c", "z", NULL };
  Fixture *fixture;
  int progress;

  set_ids (engine, "a b c");
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);
  assert_changes (fixture, "0+3");
  look_at (fixture, 0, 3);

  for (guint i = 0; i < 100; i++)
    cb_job_list_touch (fixture->list, ids);
  wait_idle (fixture);
  g_assert_cmpuint (engine->n_many, ==, 1);
  g_object_get (g_ptr_array_index (fixture->seen, 1), "progress", &progress, NULL);
  g_assert_cmpint (progress, ==, 50);
  g_object_get (g_ptr_array_index (fixture->seen, 0), "progress", &progress, NULL);
  g_assert_cmpint (progress, ==, -1);

  cb_job_list_touch (fixture->list, (const char *[]) { "z", NULL });
  wait_idle (fixture);
  g_assert_cmpuint (engine->n_many, ==, 1);

  fixture_free (fixture);
}

static void
test_fault (void)
{
  CbMemoryEngine *engine = CB_MEMORY_ENGINE (cb_memory_engine_new ());
  g_autoptr (GError) error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_FAILED, "The server is on fire");
  Fixture *fixture;

  cb_memory_engine_add_samples (engine);

  /* From the start. */
  cb_memory_engine_set_fault (engine, error, 0);
  fixture = fixture_new (CB_ENGINE (engine), "push_notification_code", "complete", FALSE);
  wait_idle (fixture);
  assert_property (fixture, "problem", "The server is on fire");
  assert_changes (fixture, "");

  cb_memory_engine_set_fault (engine, NULL, 0);
  refresh (fixture);
  assert_property (fixture, "problem", NULL);
  assert_changes (fixture, "0+826");

  /* While scrolling: what was loaded stays, what was not is read by the next refresh. */
  look_at (fixture, 0, 10);
  cb_memory_engine_set_fault (engine, error, 0);
  look_at (fixture, 700, 10);
  wait_idle (fixture);
  assert_property (fixture, "problem", "The server is on fire");
  g_assert_true (cb_job_get_loaded (g_ptr_array_index (fixture->seen, 5)));
  g_assert_false (cb_job_get_loaded (g_ptr_array_index (fixture->seen, 705)));
  refresh (fixture);
  assert_property (fixture, "problem", "The server is on fire");
  cb_memory_engine_set_fault (engine, NULL, 0);
  refresh (fixture);
  assert_property (fixture, "problem", NULL);
  g_assert_true (cb_job_get_loaded (g_ptr_array_index (fixture->seen, 705)));
  assert_changes (fixture, "");

  fixture_free (fixture);
}

static void
test_gone_in_flight (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  CbJobList *list;

  fill_ids (engine, 500);
  engine->hold = TRUE;
  list = cb_job_list_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  g_assert_finalize_object (list);
  test_engine_release (engine);
  cb_test_settle ();

  list = cb_job_list_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  cb_test_wait_until (!cb_job_list_is_busy (list));
  engine->hold = TRUE;
  for (guint i = 0; i < 500; i += 50)
    g_object_unref (g_list_model_get_item (G_LIST_MODEL (list), i));
  cb_job_list_refresh (list);
  cb_job_list_touch (list, (const char *[]) { "j3", NULL });
  cb_test_settle ();
  g_assert_finalize_object (list);
  test_engine_release (engine);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

/* Random operations on an engine; whatever happens, the list ends up as the set is, and no signal lies. */
static void
test_random (gconstpointer data)
{
  guint round_seed = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (round_seed);
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  guint next = 1000000, n = g_rand_int_range (rand, 0, 700);
  Fixture *fixture;

  fill_ids (engine, n);
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  wait_idle (fixture);

  for (guint step = 0; step < 60; step++)
    {
      g_autofree char *expected = NULL;
      g_autofree char *text = NULL;
      guint n_operations = g_rand_int_range (rand, 0, 6);
      guint length = g_list_model_get_n_items (G_LIST_MODEL (fixture->list));

      if (length > 0 && g_rand_int_range (rand, 0, 3) == 0)
        {
          guint from = g_rand_int_range (rand, 0, length);
          guint shown = g_rand_int_range (rand, 1, 250);

          if (g_rand_boolean (rand))
            look_away (fixture);
          look_at (fixture, from, MIN (length - from, shown));
          if (g_rand_boolean (rand))
            wait_idle (fixture);
        }

      for (guint i = 0; i < n_operations; i++)
        {
          guint at = engine->ids->len > 0 ? (guint) g_rand_int_range (rand, 0, engine->ids->len) : 0;

          switch (engine->ids->len > 0 ? g_rand_int_range (rand, 0, 4) : 0)
            {
            case 0:
              {
                g_autofree char *id = g_strdup_printf ("n%u", next++);

                insert_id (engine, g_rand_boolean (rand) ? 0 : at, id);
              }
              break;
            case 1:
              g_ptr_array_remove_index (engine->ids, at);
              break;
            case 2:
              {
                g_autofree char *id = g_strdup (g_ptr_array_index (engine->ids, at));

                g_ptr_array_remove_index (engine->ids, at);
                insert_id (engine, g_rand_int_range (rand, 0, engine->ids->len + 1), id);
              }
              break;
            case 3:
              if (g_rand_int_range (rand, 0, 4) == 0)
                g_ptr_array_remove_range (engine->ids, at, MIN (engine->ids->len - at, 50u));
              else if (g_rand_int_range (rand, 0, 4) == 0)
                insert_id (engine, at, g_ptr_array_index (engine->ids, 0));
              break;
            default:
              g_assert_not_reached ();
            }
        }

      refresh (fixture);
      check_seen (fixture);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->list)), ==, engine->ids->len);

      /* All that is known is right. */
      for (guint i = 0; i < fixture->seen->len; i++)
        {
          CbJob *job = g_ptr_array_index (fixture->seen, i);

          if (job != NULL)
            g_assert_cmpstr (cb_job_get_id (job), ==, g_ptr_array_index (engine->ids, i));
        }
    }

  g_string_truncate (fixture->changes, 0);
  fixture_free (fixture);
}

/* --- the diff alone, against a list that really has all jobs --- */

static void
test_diff_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);

  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GArray) old = g_array_new (FALSE, FALSE, sizeof (CbJobPlace));
      g_autoptr (GArray) new = g_array_new (FALSE, FALSE, sizeof (CbJobPlace));
      g_autoptr (GArray) changes = NULL;
      guint n = g_rand_int_range (rand, 0, 40), from, to;
      gint64 length;

      for (guint i = 0; i < n; i++)
        {
          g_ptr_array_add (before, g_strdup_printf ("%u", i));
          if (g_rand_int_range (rand, 0, 8) != 0)
            g_ptr_array_add (after, g_strdup_printf ("%u", i));
          if (g_rand_int_range (rand, 0, 8) == 0)
            g_ptr_array_add (after, g_strdup_printf ("n%u", i));
        }

      from = g_rand_int_range (rand, 0, n + 1);
      to = g_rand_int_range (rand, from, n + 2);
      for (guint i = from; i < MIN (to, before->len); i++)
        {
          CbJobPlace place = { i, g_ptr_array_index (before, i) };

          g_array_append_val (old, place);
        }
      for (guint i = from; i < MIN (to, after->len); i++)
        {
          CbJobPlace place = { i, g_ptr_array_index (after, i) };

          g_array_append_val (new, place);
        }

      changes = cb_job_diff ((CbJobPlace *) old->data, old->len, before->len,
                             (CbJobPlace *) new->data, new->len, after->len, NULL);
      length = before->len;
      for (guint i = 0; i < changes->len; i++)
        {
          CbJobChange *change = &g_array_index (changes, CbJobChange, i);

          g_assert_cmpint (change->position + change->removed, <=, length);
          length += (gint64) change->added - change->removed;
          if (i > 0)
            g_assert_cmpuint (change->position, >=, change[-1].position + change[-1].added);
        }
      g_assert_cmpint (length, ==, after->len);
    }
}

static void
test_rate (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  Fixture *fixture;
  guint before;
  gint64 start;

  set_ids (engine, "a b c");
  fixture = fixture_new (CB_ENGINE (engine), NULL, NULL, FALSE);
  cb_job_list_set_refresh_interval (fixture->list, 250 * 1000);
  wait_idle (fixture);
  assert_changes (fixture, "0+3");

  /* As often as one likes: once at once and once at the end, not in between. */
  before = engine->n_pages;
  start = g_get_monotonic_time ();
  while (g_get_monotonic_time () - start < 100 * 1000)
    {
      cb_job_list_refresh (fixture->list);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (engine->n_pages - before, <=, 1);
  insert_id (engine, 0, "n");
  cb_job_list_refresh (fixture->list);
  wait_idle (fixture);
  assert_changes (fixture, "0+1");
  g_assert_cmpuint (engine->n_pages - before, <=, 2);

  fixture_free (fixture);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job-list/diff/random", test_diff_random);
  g_test_add_func ("/job-list/small", test_small);
  g_test_add_func ("/job-list/duplicates", test_duplicates);
  g_test_add_func ("/job-list/arrival-in-front", test_arrival_in_front_of_a_window);
  g_test_add_func ("/job-list/scrolled-past", test_scrolled_past);
  g_test_add_func ("/job-list/looked-through", test_looked_through);
  g_test_add_func ("/job-list/million", test_million);
  g_test_add_func ("/job-list/touch", test_touch);
  g_test_add_func ("/job-list/fault", test_fault);
  g_test_add_func ("/job-list/gone-in-flight", test_gone_in_flight);
  g_test_add_func ("/job-list/rate", test_rate);
  for (guint seed = 1; seed <= 20; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/job-list/random/%u", seed);

      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_random);
    }

  return g_test_run ();
}
