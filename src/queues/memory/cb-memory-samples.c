/* cb-memory-samples.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-engine-private.h"

#include <string.h>

/*
 * The jobs of the screenshots. Which job is in which state is drawn from a small generator with a fixed seed, so that they
 * are the same every time; only their times hang on the clock.
 */

typedef struct
{
  const char *name;
  int         counts[CB_MEMORY_N_STATES];
} SampleQueue;

/* The last one has the highest ids. */
static const SampleQueue queues[] = {
  { "video conversion", { 0 } },
  { "email",
    { [CB_MEMORY_INACTIVE] = 12, [CB_MEMORY_ACTIVE] = 1, [CB_MEMORY_DELAYED] = 2, [CB_MEMORY_COMPLETE] = 100 } },
  { "push_notification_code_2",
    { [CB_MEMORY_INACTIVE] = 4, [CB_MEMORY_FAILED] = 192, [CB_MEMORY_COMPLETE] = 415 } },
  { "push_notification_code",
    { [CB_MEMORY_INACTIVE] = 318, [CB_MEMORY_ACTIVE] = 2, [CB_MEMORY_DELAYED] = 41, [CB_MEMORY_FAILED] = 17,
      [CB_MEMORY_COMPLETE] = 826 } },
};

#define SECOND G_GINT64_CONSTANT (1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static guint
draw (guint32 *seed,
      guint    n)
{
  *seed = *seed * 1664525u + 1013904223u;

  return (*seed >> 8) % n;
}

/* One of the states that have jobs left, each by its share. */
static int
draw_state (guint32 *seed,
            int      left[CB_MEMORY_N_STATES])
{
  int total = 0, at;

  for (int i = 0; i < CB_MEMORY_N_STATES; i++)
    total += left[i];

  at = draw (seed, total);
  for (int i = 0; i < CB_MEMORY_N_STATES; i++)
    {
      if (at < left[i])
        {
          left[i]--;
          return i;
        }
      at -= left[i];
    }

  g_assert_not_reached ();
}

static GBytes *
take_text (char *text)
{
  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_data (guint32    *seed,
           const char *queue,
           guint       number,
           gboolean    blocked)
{
  static const char *people[] = { "ada", "grace", "edsger", "barbara", "donald", "radia", "ken", "margaret" };
  static const char *subjects[] = {
    "Your order has shipped", "Reset your password", "Welcome aboard", "Your receipt", "Weekly summary",
  };

  if (strcmp (queue, "email") == 0)
    return take_text (g_strdup_printf ("{\"to\":\"%s@example.org\",\"subject\":\"%s\",\"template\":%u}",
                                       people[draw (seed, G_N_ELEMENTS (people))],
                                       subjects[draw (seed, G_N_ELEMENTS (subjects))], draw (seed, 40)));

  return take_text (g_strdup_printf ("{\"phoneNumber\":\"%u\",\"message\":\"This is the code %04u to verify your account\"}",
                                     blocked ? 4153518780u + draw (seed, 2) : 4153518700u + number % 80, draw (seed, 10000)));
}

static void
add_log (CbJobRecord *record,
         const char  *line)
{
  g_ptr_array_add (record->log, g_bytes_new (line, strlen (line)));
}

static void
make_failed (CbJobRecord *record,
             const char  *recipient)
{
  g_autofree char *line = g_strdup_printf ("Phone number %s is blacklisted", recipient);

  record->attempts_made = record->attempts_max;
  record->progress = 50;
  record->failed_at = record->started_at + 9000;
  record->updated_at = record->failed_at;
  record->error = take_text (g_strdup_printf ("Error: %s\n    at sendNotification (processor.js:21:17)\n"
                                              "    at Worker.process (worker.js:219:5)\n"
                                              "    at processTicksAndRejections (node:internal/process/task_queues:95:5)",
                                              line));
  for (int i = 0; i < record->attempts_max; i++)
    add_log (record, line);
}

static void
add_sample (CbMemoryEngine *self,
            guint32        *seed,
            const char     *queue,
            guint           number,
            int             state,
            gint64          created_at)
{
  static const double priorities[] = { 0, 0, 0, 0, 0, 0, 10, -10, -5, -15 };
  g_autofree char *id = g_strdup_printf ("%u", number);
  g_autoptr (CbJobRecord) record = cb_job_record_new (id);

  record->queue = g_strdup (queue);
  record->state = g_intern_static_string (cb_memory_states[state].name);
  record->meaning = cb_memory_states[state].meaning;
  record->data = make_data (seed, queue, number, state == CB_MEMORY_FAILED);
  record->priority = priorities[draw (seed, G_N_ELEMENTS (priorities))];
  record->attempts_max = 3;
  record->created_at = record->promote_at = record->updated_at = created_at;
  record->log = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (state != CB_MEMORY_INACTIVE && state != CB_MEMORY_DELAYED)
    {
      record->started_at = created_at + 13000 + draw (seed, 900) * 1000;
      record->updated_at = record->started_at;
      record->worker = g_strdup_printf ("callboard:stage:4711:%s:%u", queue, 1 + draw (seed, 4));
    }

  switch (state)
    {
    case CB_MEMORY_ACTIVE:
      record->progress = 50;
      add_log (record, "Connected to the gateway");
      break;

    case CB_MEMORY_DELAYED:
      record->delay = (1 + draw (seed, 90)) * MINUTE;
      record->promote_at = MAX (created_at, cb_memory_engine_now (self)) + record->delay;
      record->backoff = g_strdup ("{\"type\":\"exponential\",\"delay\":5000}");
      break;

    case CB_MEMORY_FAILED:
      {
        g_autofree char *recipient = g_strdup_printf ("%u", 4153518780u + number % 2);
        g_autoptr (GBytes) data = take_text (g_strdup_printf ("{\"phoneNumber\":\"%s\",\"message\":\"This is the code %04u "
                                                              "to verify your account\"}", recipient, draw (seed, 10000)));

        g_clear_pointer (&record->data, g_bytes_unref);
        record->data = g_bytes_ref (data);
        record->backoff = g_strdup ("{\"type\":\"exponential\",\"delay\":5000}");
        make_failed (record, recipient);
      }
      break;

    case CB_MEMORY_COMPLETE:
      record->attempts_made = 1;
      record->progress = 100;
      record->duration = 40000 + draw (seed, 1200) * 1000;
      record->updated_at = record->started_at + record->duration;
      record->result = take_text (g_strdup_printf ("{\"status\":\"sent\",\"gateway\":%u}", 1 + draw (seed, 3)));
      add_log (record, "Connected to the gateway");
      add_log (record, "Accepted for delivery");
      break;

    case CB_MEMORY_INACTIVE:
    default:
      break;
    }

  cb_memory_engine_add_record (self, record);
}

/**
 * cb_memory_engine_add_samples:
 *
 * Fills an empty engine with invented queues: two of notifications, one of mail, and one that is empty.
 */
void
cb_memory_engine_add_samples (CbMemoryEngine *self)
{
  guint32 seed = 20260101;
  gint64 now, age;
  guint total = 0, number = 1;

  g_return_if_fail (CB_IS_MEMORY_ENGINE (self));

  now = cb_memory_engine_now (self);
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      for (int state = 0; state < CB_MEMORY_N_STATES; state++)
        total += queues[i].counts[state];
    }

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      int left[CB_MEMORY_N_STATES], n = 0;

      cb_memory_engine_add_queue (self, queues[i].name);
      memcpy (left, queues[i].counts, sizeof left);
      for (int state = 0; state < CB_MEMORY_N_STATES; state++)
        n += left[state];

      for (; n > 0; n--, number++)
        {
          gint64 back = total - number;
          /* What runs is what came last. */
          gboolean active = left[CB_MEMORY_ACTIVE] > 0 && n <= left[CB_MEMORY_ACTIVE];
          int hidden = left[CB_MEMORY_ACTIVE], state;

          if (active)
            {
              state = CB_MEMORY_ACTIVE;
              left[CB_MEMORY_ACTIVE]--;
            }
          else
            {
              left[CB_MEMORY_ACTIVE] = 0;
              state = draw_state (&seed, left);
              left[CB_MEMORY_ACTIVE] = hidden;
            }

          /* The newest a moment ago, the older ones the farther apart. */
          age = back * 2 * SECOND + back * back * SECOND / 40;
          add_sample (self, &seed, queues[i].name, number, state, now - MIN (age, 90 * 24 * HOUR));
        }
    }
}
