/* cb-alerter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-alerter.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-queue-figures.h"
#include "cb-settings.h"

#define LOOK_SECONDS 15
/* In one look the oldest job of so many queues is read. */
#define MOST_READINGS 4
#define MINUTE (60 * (gint64) G_USEC_PER_SEC)

/* What is known of the oldest job of a queue. */
typedef struct
{
  gint64 since;                 /* µs since 1970; -1: none waits */
  gint64 read_at;               /* µs monotonic; -1 not yet */
  gboolean reading;
} Oldest;

struct _CbAlerter
{
  GObject parent_instance;

  CbSession *session;           /* (nullable) which this belongs to; NULL when it has gone */
  CbAlerts *alerts;             /* (owned) */
  GHashTable *oldest;           /* (owned) (element-type utf8 Oldest) by queue */
  GCancellable *cancellable;    /* (owned) */
  guint n_problems;
  guint look_id;
  gboolean was_ready;
};

G_DEFINE_FINAL_TYPE (CbAlerter, cb_alerter, G_TYPE_OBJECT)

typedef struct
{
  GWeakRef alerter;
  char *key;                    /* (owned) */
} Reading;

/* ---- the settings ---- */

static gboolean
wants (CbAlertKind kind)
{
  static const char *const keys[CB_N_ALERTS] = { "alert-failures", "alert-oldest", "alert-no-worker", "alert-doctor" };
  GSettings *settings = cb_settings_get_default ();

  return settings != NULL && g_settings_get_boolean (settings, keys[kind]);
}

static guint
get_minutes (CbAlertKind kind)
{
  static const char *const keys[CB_N_ALERTS] = { "alert-failures-minutes", "alert-oldest-minutes", "alert-no-worker-minutes", NULL };
  GSettings *settings = cb_settings_get_default ();

  return settings != NULL && keys[kind] != NULL ? g_settings_get_uint (settings, keys[kind]) : 1;
}

static guint
get_count (void)
{
  GSettings *settings = cb_settings_get_default ();

  return settings != NULL ? g_settings_get_uint (settings, "alert-failures-count") : 0;
}

static void
read_rules (CbAlerter *self)
{
  GSettings *settings = cb_settings_get_default ();

  for (guint kind = 0; kind < CB_N_ALERTS; kind++)
    {
      CbAlertRule rule = { wants (kind), kind == CB_ALERT_FAILURES ? get_count () : 0, get_minutes (kind) };

      cb_alerts_set_rule (self->alerts, kind, &rule);
    }
  if (settings != NULL)
    cb_alerts_set_quiet (self->alerts, g_settings_get_boolean (settings, "quiet-hours"), g_settings_get_uint (settings, "quiet-from"),
                         g_settings_get_uint (settings, "quiet-to"));
}

/* ---- what is sent ---- */

static void
describe (CbAlertKind kind, const char *queue, gint64 value, char **title, char **body)
{
  guint minutes = get_minutes (kind);
  g_autofree char *count = cb_format_exact_count (value);
  g_autofree char *duration = NULL;

  switch (kind)
    {
    case CB_ALERT_FAILURES:
      /* Translators: a queue, a number */
      *title = g_strdup_printf (ngettext ("%s: %s job failed", "%s: %s jobs failed", (gulong) value), queue, count);
      *body = g_strdup_printf (ngettext ("In the last minute", "In the last %u minutes", minutes), minutes);
      break;
    case CB_ALERT_OLDEST:
      duration = cb_format_duration (value / MINUTE * MINUTE);
      *title = g_strdup_printf (_ ("%s: jobs wait too long"), queue);
      *body = g_strdup_printf (_ ("The oldest has been waiting for %s."), duration);
      break;
    case CB_ALERT_NO_WORKER:
      duration = cb_format_duration (value / MINUTE * MINUTE);
      *title = g_strdup_printf (_ ("%s: no worker"), queue);
      *body = g_strdup_printf (_ ("Jobs wait and none runs, for %s."), duration);
      break;
    case CB_ALERT_DOCTOR:
      *title = g_strdup_printf (ngettext ("The doctor found %u problem.", "The doctor found %u problems.", (gulong) value), (guint) value);
      *body = g_strdup ("");
      break;
    case CB_N_ALERTS:
    default:
      g_assert_not_reached ();
    }
}

static const char *
get_state (CbEngine *engine, CbJobMeaning meaning)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == meaning)
        return states[i].name;
    }
  return "";
}

static gboolean
send_alert (CbAlerter *self, CbAlertKind kind, CbQueue *queue, gint64 value)
{
  static const char *const names[CB_N_ALERTS] = { "failures", "oldest", "no-worker", "doctor" };
  GApplication *application = g_application_get_default ();
  GDBusConnection *bus = application != NULL ? g_application_get_dbus_connection (application) : NULL;
  CbEngine *engine = queue != NULL ? cb_queue_get_engine (queue) : NULL;
  g_autofree char *server = cb_session_dup_server_id (self->session);
  g_autofree char *prefix = engine != NULL ? g_utf8_make_valid (cb_engine_get_prefix (engine), -1) : g_strdup ("");
  g_autofree char *name = queue != NULL ? g_utf8_make_valid (cb_queue_get_name (queue), -1) : g_strdup ("");
  const char *state = engine != NULL ? get_state (engine, kind == CB_ALERT_FAILURES ? CB_JOB_MEANING_FAILED : CB_JOB_MEANING_WAITING) : "";
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *place = NULL;
  g_autofree char *id = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;
  g_autofree char *text = NULL;

  /* Without a bus there is nobody who would show it. */
  if (bus == NULL || g_dbus_connection_is_closed (bus))
    return FALSE;

  if (queue != NULL)
    g_object_get (queue, "label", &shown, NULL);
  /* Translators: in place of the name of a queue, where there is none */
  describe (kind, shown != NULL ? shown : _ ("A queue"), value, &title, &body);
  text = *body != '\0' ? g_strdup_printf ("%s\n%s", body, cb_session_get_title (self->session))
                       : g_strdup (cb_session_get_title (self->session));

  notification = g_notification_new (title);
  g_notification_set_body (notification, text);
  g_notification_set_default_action_and_target (notification, "app.open-place", "(ssss)", server, prefix, name, state);
  place = g_strdup_printf ("%s %s %s", server, prefix, name);
  id = g_strdup_printf ("alert-%s-%08x", names[kind], g_str_hash (place));
  g_application_send_notification (application, id, notification);
  return TRUE;
}

/* ---- what is known ---- */

static char *
dup_key (CbQueue *queue)
{
  return g_strdup_printf ("%s\n%s", cb_engine_get_prefix (cb_queue_get_engine (queue)), cb_queue_get_name (queue));
}

static Oldest *
get_oldest (CbAlerter *self, const char *key)
{
  Oldest *oldest = g_hash_table_lookup (self->oldest, key);

  if (oldest == NULL)
    {
      oldest = g_new0 (Oldest, 1);
      oldest->since = oldest->read_at = -1;
      g_hash_table_insert (self->oldest, g_strdup (key), oldest);
    }
  return oldest;
}

static void
got_oldest_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;
  g_autoptr (CbAlerter) self = g_weak_ref_get (&reading->alerter);
  g_autoptr (CbQueueFigures) figures = cb_queue_figures_read_finish (CB_ENGINE (source), result, NULL);

  if (self != NULL)
    {
      Oldest *oldest = get_oldest (self, reading->key);

      oldest->reading = FALSE;
      oldest->read_at = g_get_monotonic_time ();
      oldest->since = figures != NULL && figures->oldest_id != NULL ? figures->oldest_since : -1;
    }
  g_weak_ref_clear (&reading->alerter);
  g_free (reading->key);
  g_free (reading);
}

/* Whether the oldest may be too old by now, so that it is worth a question. The others are younger. */
static gboolean
has_to_read (const Oldest *oldest, gint64 now)
{
  gint64 asked = g_get_monotonic_time () - oldest->read_at;

  if (oldest->reading)
    return FALSE;
  if (oldest->read_at < 0)
    return TRUE;
  if (oldest->since < 0)
    return asked > get_minutes (CB_ALERT_OLDEST) * MINUTE;
  return asked > MINUTE && now - oldest->since > get_minutes (CB_ALERT_OLDEST) * MINUTE;
}

static gint64
find_oldest (CbAlerter *self, CbQueue *queue, const char *key, gint64 now, guint *n_readings)
{
  Oldest *oldest = get_oldest (self, key);

  if (*n_readings < MOST_READINGS && has_to_read (oldest, now))
    {
      Reading *reading = g_new0 (Reading, 1);

      g_weak_ref_init (&reading->alerter, self);
      reading->key = g_strdup (key);
      oldest->reading = TRUE;
      (*n_readings)++;
      cb_queue_figures_read_async (cb_queue_get_engine (queue), cb_queue_get_name (queue), 0, self->cancellable, got_oldest_cb, reading);
    }
  return oldest->since;
}

static gboolean
is_any_on (void)
{
  for (guint kind = 0; kind < CB_N_ALERTS; kind++)
    {
      if (wants (kind))
        return TRUE;
    }
  return FALSE;
}

/**
 * cb_alerter_look:
 *
 * Looks at what is known and tells what the rules say. It does so by itself each quarter of a minute.
 */
void
cb_alerter_look (CbAlerter *self)
{
  CbBoard *board;
  guint n;
  g_autoptr (GHashTable) queues = NULL;
  g_autoptr (GArray) facts = NULL;
  g_autoptr (GPtrArray) told = NULL;
  g_autoptr (GDateTime) time = g_date_time_new_now_local ();
  gint64 now = g_get_real_time ();
  guint n_readings = 0;

  g_return_if_fail (CB_IS_ALERTER (self));

  board = self->session != NULL ? cb_session_get_board (self->session) : NULL;
  if (board == NULL || cb_session_get_state (self->session) != CB_SESSION_READY)
    {
      if (self->was_ready)
        cb_alerts_forget (self->alerts);
      self->was_ready = FALSE;
      return;
    }
  self->was_ready = TRUE;

  n = g_list_model_get_n_items (G_LIST_MODEL (board));
  queues = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  facts = g_array_new (FALSE, TRUE, sizeof (CbQueueFacts));
  for (guint i = 0; i < n && is_any_on (); i++)
    {
      CbQueue *queue = g_list_model_get_item (G_LIST_MODEL (board), i);
      char *key = dup_key (queue);
      CbQueueFacts fact = { .queue = key, .oldest_since = -1 };

      g_object_get (queue, "waiting", &fact.n_waiting, "active", &fact.n_active, "failed", &fact.n_failed, NULL);
      if (fact.n_waiting == 0)
        g_hash_table_remove (self->oldest, key);
      else if (wants (CB_ALERT_OLDEST))
        fact.oldest_since = find_oldest (self, queue, key, cb_engine_get_time (cb_queue_get_engine (queue)), &n_readings);
      /* Stamped by the clock of the server, looked at by ours. */
      if (fact.oldest_since >= 0)
        fact.oldest_since += now - cb_engine_get_time (cb_queue_get_engine (queue));
      g_array_append_val (facts, fact);
      g_hash_table_insert (queues, key, queue);
    }

  told = cb_alerts_look (self->alerts, (CbQueueFacts *) facts->data, facts->len, self->n_problems, now,
                         (guint) (g_date_time_get_hour (time) * 60 + g_date_time_get_minute (time)));
  for (guint i = 0; i < told->len; i++)
    {
      CbAlert *alert = g_ptr_array_index (told, i);

      send_alert (self, alert->kind, alert->queue != NULL ? g_hash_table_lookup (queues, alert->queue) : NULL, alert->value);
    }
}

static gboolean
look_cb (gpointer data)
{
  cb_alerter_look (data);
  return G_SOURCE_CONTINUE;
}

static void
settings_cb (CbAlerter *self)
{
  read_rules (self);
  /* What is counted from now on. */
  cb_alerter_look (self);
}

/* ---- object ---- */

static void
cb_alerter_dispose (GObject *object)
{
  CbAlerter *self = CB_ALERTER (object);

  g_clear_handle_id (&self->look_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_weak_pointer (&self->session);

  G_OBJECT_CLASS (cb_alerter_parent_class)->dispose (object);
}

static void
cb_alerter_finalize (GObject *object)
{
  CbAlerter *self = CB_ALERTER (object);

  cb_alerts_free (self->alerts);
  g_hash_table_unref (self->oldest);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (cb_alerter_parent_class)->finalize (object);
}

static void
cb_alerter_class_init (CbAlerterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_alerter_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_alerter_finalize;
}

static void
cb_alerter_init (CbAlerter *self)
{
  GSettings *settings = cb_settings_get_default ();

  self->alerts = cb_alerts_new ();
  self->oldest = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->cancellable = g_cancellable_new ();
  read_rules (self);
  if (settings != NULL)
    g_signal_connect_object (settings, "changed", G_CALLBACK (settings_cb), self, G_CONNECT_SWAPPED);
  self->look_id = g_timeout_add_seconds (LOOK_SECONDS, look_cb, self);
}

CbAlerter *
cb_alerter_get (CbSession *session)
{
  CbAlerter *self;

  g_return_val_if_fail (CB_IS_SESSION (session), NULL);

  self = g_object_get_data (G_OBJECT (session), "cb-alerter");
  if (self == NULL)
    {
      self = g_object_new (CB_TYPE_ALERTER, NULL);
      g_set_weak_pointer (&self->session, session);
      g_object_set_data_full (G_OBJECT (session), "cb-alerter", self, g_object_unref);
    }
  return self;
}

void
cb_alerter_set_n_problems (CbAlerter *self, guint n_problems)
{
  g_return_if_fail (CB_IS_ALERTER (self));

  if (self->n_problems == n_problems)
    return;
  self->n_problems = n_problems;
  cb_alerter_look (self);
}

gboolean
cb_alerter_try (CbAlerter *self, CbAlertKind kind)
{
  CbBoard *board;
  g_autoptr (CbQueue) queue = NULL;
  gint64 value = 1;

  g_return_val_if_fail (CB_IS_ALERTER (self), FALSE);
  g_return_val_if_fail (kind < CB_N_ALERTS, FALSE);

  if (self->session == NULL)
    return FALSE;

  board = cb_session_get_board (self->session);
  if (board != NULL && kind != CB_ALERT_DOCTOR)
    queue = g_list_model_get_item (G_LIST_MODEL (board), 0);
  if (kind == CB_ALERT_FAILURES)
    value = get_count () + 1;
  else if (kind == CB_ALERT_OLDEST || kind == CB_ALERT_NO_WORKER)
    value = (get_minutes (kind) + 1) * MINUTE;
  return send_alert (self, kind, queue, value);
}
