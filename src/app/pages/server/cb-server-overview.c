/* cb-server-overview.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-overview.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cb-chart-card.h"
#include "cb-format.h"
#include "cb-topology-view.h"

#define MOST_DATABASES 64
#define MOST_LINES 2

static char *format_number (double value);
static char *format_bytes (double value);
static char *format_rate (double value);
static char *format_byte_rate (double value);
static char *format_percent (double value);
static char *format_ratio (double value);
static char *format_seconds (double value);

typedef struct
{
  const char *title;
  CbChartFormat format;
  double least;
  gboolean optional;              /* not shown while nothing is known of it */
  guint n_lines;
  struct
  {
    CbServerSeries series;
    const char *label;
    const char *color;
  } lines[MOST_LINES];
} ChartInfo;

static const ChartInfo charts[] = {
  { N_ ("Operations a Second"), format_rate, 10, FALSE, 1, { { CB_SERVER_OPERATIONS, N_ ("operations"), "accent_color" } } },
  { N_ ("Memory"), format_bytes, 1024 * 1024, FALSE, 2,
    { { CB_SERVER_MEMORY, N_ ("data"), "accent_color" }, { CB_SERVER_MEMORY_RSS, N_ ("of the machine"), "warning_color" } } },
  { N_ ("Clients"), format_number, 4, FALSE, 2,
    { { CB_SERVER_CLIENTS, N_ ("connected"), "accent_color" }, { CB_SERVER_BLOCKED, N_ ("blocked"), "warning_color" } } },
  { N_ ("Network"), format_byte_rate, 1024, FALSE, 2,
    { { CB_SERVER_NET_IN, N_ ("in"), "success_color" }, { CB_SERVER_NET_OUT, N_ ("out"), "accent_color" } } },
  { N_ ("Keys"), format_number, 10, FALSE, 2,
    { { CB_SERVER_KEYS, N_ ("all"), "accent_color" }, { CB_SERVER_EXPIRES, N_ ("that expire"), "warning_color" } } },
  { N_ ("Keys That Go, a Second"), format_rate, 1, FALSE, 2,
    { { CB_SERVER_EXPIRED, N_ ("expired"), "success_color" }, { CB_SERVER_EVICTED, N_ ("evicted"), "error_color" } } },
  { N_ ("Hit Rate"), format_percent, 100, FALSE, 1, { { CB_SERVER_HIT_RATE, N_ ("of the keys asked for"), "success_color" } } },
  { N_ ("Fragmentation"), format_ratio, 2, FALSE, 1, { { CB_SERVER_FRAGMENTATION, N_ ("memory by data"), "warning_color" } } },
  { N_ ("Replication Lag"), format_number, 10, TRUE, 1, { { CB_SERVER_LAG, N_ ("behind"), "error_color" } } },
  { N_ ("Age of the Last Snapshot"), format_seconds, 60, TRUE, 1, { { CB_SERVER_SAVE_AGE, N_ ("age"), "accent_color" } } },
};

typedef enum
{
  FACT_VERSION,
  FACT_UPTIME,
  FACT_ROLE,
  FACT_PERSISTENCE,
  FACT_MEMORY,
  FACT_CLIENTS,
  N_FACTS
} Fact;

static const char * const fact_titles[N_FACTS] = {
  N_ ("Version"), N_ ("Uptime"), N_ ("Role"), N_ ("Persistence"), N_ ("Memory"), N_ ("Clients"),
};

struct _CbServerOverview
{
  AdwBin parent_instance;

  GtkWidget *findings;
  GtkWidget *databases;
  CbTopologyView *topology;
  GtkWidget *topology_card;
  GtkLabel *topology_note;
  CbTopology *cluster;            /* (owned) (nullable) where it is none, or not known */
  GtkLabel *facts[N_FACTS];
  CbChartCard *cards[G_N_ELEMENTS (charts)];
  CbChartSeries series[G_N_ELEMENTS (charts)][MOST_LINES];
  char *said;                     /* (owned) (nullable) what the findings say */
};

G_DEFINE_FINAL_TYPE (CbServerOverview, cb_server_overview, ADW_TYPE_BIN)

/* ---- numbers ---- */

static char *
format_number (double value)
{
  return g_strdup_printf ("%'.0f", value);
}

static char *
format_rate (double value)
{
  return g_strdup_printf (value > 0 && value < 10 ? "%.1f" : "%'.0f", value);
}

static char *
format_bytes (double value)
{
  return g_format_size_full ((guint64) MAX (value, 0), G_FORMAT_SIZE_IEC_UNITS);
}

static char *
format_byte_rate (double value)
{
  g_autofree char *size = format_bytes (value);

  /* Translators: a size, in a second */
  return g_strdup_printf (_ ("%s/s"), size);
}

static char *
format_percent (double value)
{
  /* Translators: per cent */
  return g_strdup_printf (_ ("%.0f %%"), value);
}

static char *
format_ratio (double value)
{
  return g_strdup_printf ("%.2f", value);
}

static char *
format_seconds (double value)
{
  return cb_format_age ((gint64) MIN (value, 1e12) * G_USEC_PER_SEC);
}

static char *
format_size (gint64 size)
{
  return size >= 0 ? format_bytes ((double) size) : g_strdup ("–");
}

/* ---- what is unusual ---- */

static void
add_finding (CbServerOverview *self, const CbServerFinding *finding)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name (finding->severity == CB_SERVER_ERROR     ? "dialog-error-symbolic"
                                                  : finding->severity == CB_SERVER_WARNING ? "dialog-warning-symbolic"
                                                                                           : "dialog-information-symbolic");
  GtkWidget *text = gtk_label_new (finding->text);
  GtkWidget *advice = gtk_label_new (finding->advice);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_margin_top (icon, 2);
  if (finding->severity != CB_SERVER_NOTICE)
    gtk_widget_add_css_class (icon, finding->severity == CB_SERVER_ERROR ? "error" : "warning");
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (advice), 0);
  gtk_label_set_wrap (GTK_LABEL (advice), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (advice), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (advice, "dim-label");
  gtk_widget_add_css_class (advice, "caption");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), text);
  gtk_box_append (GTK_BOX (texts), advice);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), texts);
  gtk_box_append (GTK_BOX (self->findings), row);
}

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static void
update_findings (CbServerOverview *self, CbServerWatch *watch)
{
  g_autoptr (GPtrArray) findings = cb_server_watch_dup_findings (watch);
  g_autoptr (GString) said = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const CbServerFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (said, "%s\n%s\n", finding->text, finding->advice);
    }
  /* A reader's place, and the screen reader's, stay where they are while nothing changes. */
  if (g_strcmp0 (said->str, self->said) == 0)
    return;

  g_free (self->said);
  self->said = g_strdup (said->str);
  clear_box (self->findings);
  for (guint i = 0; i < findings->len; i++)
    add_finding (self, g_ptr_array_index (findings, i));
  if (findings->len == 0)
    {
      GtkWidget *label = gtk_label_new (_ ("Nothing is unusual."));

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (self->findings), label);
    }
}

/* ---- facts ---- */

static char *
describe_version (const CbServerInfo *info)
{
  const char *valkey = cb_server_info_get (info, "valkey_version");
  const char *version = valkey != NULL ? valkey : cb_server_info_get (info, "redis_version");
  const char *mode = cb_server_info_get (info, "redis_mode");

  if (version == NULL)
    return g_strdup ("–");
  return g_strdup_printf ("%s %s%s%s", valkey != NULL ? "Valkey" : "Redis", version, mode != NULL ? ", " : "", mode != NULL ? mode : "");
}

static char *
describe_role (const CbServerInfo *info)
{
  guint n = cb_server_info_get_n_replicas (info);
  const char *role = cb_server_info_get (info, "role");

  if (cb_server_info_is_replica (info))
    /* Translators: host, port */
    return g_strdup_printf (_ ("Replica of %s:%s"), cb_server_info_get (info, "master_host"), cb_server_info_get (info, "master_port"));
  if (g_strcmp0 (role, "master") != 0)
    return g_strdup (role != NULL ? role : "–");
  return n == 0 ? g_strdup (_ ("Master without replicas"))
                : g_strdup_printf (ngettext ("Master of %u replica", "Master of %u replicas", n), n);
}

static char *
describe_persistence (const CbServerInfo *info, const char *save)
{
  gboolean aof = cb_server_info_get_count (info, "aof_enabled") > 0;

  if (cb_server_info_get_count (info, "rdb_bgsave_in_progress") > 0)
    return g_strdup (_ ("Saving a snapshot now"));
  if (save == NULL)
    return g_strdup (aof ? _ ("Append-only file") : _ ("No append-only file"));
  if (*save == '\0')
    return g_strdup (aof ? _ ("Append-only file") : _ ("None"));
  return g_strdup (aof ? _ ("Append-only file and snapshots") : _ ("Snapshots"));
}

static char *
describe_memory (const CbServerInfo *info)
{
  gint64 most = cb_server_info_get_count (info, "maxmemory");
  const char *policy = cb_server_info_get (info, "maxmemory_policy");
  g_autofree char *used = format_size (cb_server_info_get_count (info, "used_memory"));
  g_autofree char *peak = format_size (cb_server_info_get_count (info, "used_memory_peak"));
  g_autofree char *most_text = format_size (most);

  if (most > 0)
    /* Translators: two sizes, and a word of the server */
    return g_strdup_printf (_ ("%s of %s, %s"), used, most_text, policy != NULL ? policy : "–");
  /* Translators: two sizes */
  return g_strdup_printf (_ ("%s, at most %s so far, no limit"), used, peak);
}

static char *
describe_clients (const CbServerInfo *info)
{
  gint64 most = cb_server_info_get_count (info, "maxclients");
  g_autofree char *clients = cb_format_count (cb_server_info_get_count (info, "connected_clients"));
  g_autofree char *most_text = cb_format_count (most);

  /* Translators: two numbers */
  return most > 0 ? g_strdup_printf (_ ("%s of %s"), clients, most_text) : g_steal_pointer (&clients);
}

static void
update_facts (CbServerOverview *self, const CbServerInfo *info, const char *save)
{
  gint64 uptime = cb_server_info_get_count (info, "uptime_in_seconds");

  for (guint i = 0; i < N_FACTS; i++)
    {
      g_autofree char *text = i == FACT_VERSION       ? describe_version (info)
                              : i == FACT_UPTIME      ? cb_format_age (uptime >= 0 ? MIN (uptime, G_MAXINT32) * G_USEC_PER_SEC : -1)
                              : i == FACT_ROLE        ? describe_role (info)
                              : i == FACT_PERSISTENCE ? describe_persistence (info, save)
                              : i == FACT_MEMORY      ? describe_memory (info)
                                                      : describe_clients (info);

      gtk_label_set_text (self->facts[i], text);
    }
}

/* ---- databases and replicas ---- */

/* The @index-th line of a box; made where there is none yet. */
static GtkLabel *
get_line (GtkWidget *box, guint index)
{
  GtkWidget *child = gtk_widget_get_first_child (box);

  while (child != NULL && index-- > 0)
    child = gtk_widget_get_next_sibling (child);
  if (child == NULL)
    {
      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), 0);
      gtk_label_set_wrap (GTK_LABEL (child), TRUE);
      gtk_widget_add_css_class (child, "numeric");
      gtk_box_append (GTK_BOX (box), child);
    }
  return GTK_LABEL (child);
}

static void
drop_lines (GtkWidget *box, guint n)
{
  GtkWidget *child = gtk_widget_get_first_child (box);

  while (child != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (child);

      if (n > 0)
        n--;
      else
        gtk_box_remove (GTK_BOX (box), child);
      child = next;
    }
}

static void
update_databases (CbServerOverview *self, const CbServerInfo *info)
{
  guint n = cb_server_info_get_n_databases (info), shown = MIN (n, MOST_DATABASES);

  for (guint i = 0; i < shown; i++)
    {
      const CbServerDatabase *database = cb_server_info_get_database (info, i);
      g_autofree char *keys = cb_format_exact_count (database->keys);
      g_autofree char *expires = cb_format_exact_count (MAX (database->expires, 0));
      g_autofree char *ttl = cb_format_duration (CLAMP (database->average_ttl_msec, 0, G_MAXINT64 / 1000) * 1000);
      gulong plural = (gulong) MIN (database->keys, G_MAXINT);
      g_autofree char *text =
        database->expires > 0 && database->average_ttl_msec > 0
          /* Translators: number of a database, two numbers of keys, a duration */
          ? g_strdup_printf (ngettext ("Database %u: %s key, %s with a time to live (%s on average)",
                                       "Database %u: %s keys, %s with a time to live (%s on average)", plural),
                             database->number, keys, expires, ttl)
          /* Translators: number of a database, two numbers of keys */
          : g_strdup_printf (ngettext ("Database %u: %s key, %s with a time to live", "Database %u: %s keys, %s with a time to live", plural),
                             database->number, keys, expires);

      gtk_label_set_text (get_line (self->databases, i), text);
    }
  if (n == 0)
    gtk_label_set_text (get_line (self->databases, shown++), _ ("No database has keys."));
  else if (n > shown)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("and %u more", "and %u more", n - shown), n - shown);

      gtk_label_set_text (get_line (self->databases, shown++), text);
    }
  drop_lines (self->databases, shown);
}

/* In a cluster what CLUSTER NODES told last, else what INFO tells of replication. */
static void
update_topology (CbServerOverview *self, const CbServerInfo *info)
{
  g_autoptr (CbTopology) told = self->cluster == NULL ? cb_topology_new_from_info (info) : NULL;
  CbTopology *topology = self->cluster != NULL ? self->cluster : told;
  g_autofree char *more = NULL;

  gtk_widget_set_visible (self->topology_card, topology->nodes->len > 1 || self->cluster != NULL);
  if (!gtk_widget_get_visible (self->topology_card))
    return;
  cb_topology_view_set_topology (self->topology, topology, _ ("this server"));
  if (topology->n_more > 0)
    /* Translators: a number of servers */
    more = g_strdup_printf (ngettext ("%u more is not shown.", "%u more are not shown.", topology->n_more), topology->n_more);
  gtk_label_set_text (self->topology_note, more != NULL ? more : "");
  gtk_widget_set_visible (GTK_WIDGET (self->topology_note), more != NULL);
}

/* ---- charts ---- */

static void
update_charts (CbServerOverview *self, CbServerWatch *watch)
{
  CbServerHistory *history = cb_server_watch_get_history (watch);
  gint64 at = g_get_monotonic_time ();
  gint64 first_at = g_get_real_time () - (CB_SERVER_HISTORY_LENGTH - 1) * G_USEC_PER_SEC;
  double values[MOST_LINES][CB_SERVER_HISTORY_LENGTH];
  const double *lines[MOST_LINES] = { values[0], values[1] };
  gboolean is_replica = cb_server_info_is_replica (cb_server_watch_get_info (watch));

  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    {
      for (guint j = 0; j < charts[i].n_lines; j++)
        cb_server_history_get (history, charts[i].lines[j].series, at, values[j]);
      if (charts[i].lines[0].series == CB_SERVER_LAG)
        cb_chart_card_set_note (self->cards[i], is_replica ? _ ("seconds since the master was heard of") : _ ("bytes of the slowest replica"));
      cb_chart_card_set_values (self->cards[i], first_at, G_USEC_PER_SEC, CB_SERVER_HISTORY_LENGTH, lines);
      if (charts[i].optional)
        gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->cards[i])),
                                !isnan (cb_server_history_get_last (history, charts[i].lines[0].series)));
    }
}

void
cb_server_overview_update (CbServerOverview *self, CbServerWatch *watch)
{
  CbServerInfo *info;

  g_return_if_fail (CB_IS_SERVER_OVERVIEW (self));

  info = cb_server_watch_get_info (watch);
  if (info == NULL)
    return;
  update_findings (self, watch);
  update_facts (self, info, cb_server_watch_get_save (watch));
  update_charts (self, watch);
  update_databases (self, info);
  update_topology (self, info);
}

void
cb_server_overview_take_cluster (CbServerOverview *self, CbTopology *cluster)
{
  g_return_if_fail (CB_IS_SERVER_OVERVIEW (self));

  g_clear_pointer (&self->cluster, cb_topology_free);
  self->cluster = cluster;
}

/* ---- object ---- */

static void
cb_server_overview_finalize (GObject *object)
{
  g_free (CB_SERVER_OVERVIEW (object)->said);

  g_clear_pointer (&CB_SERVER_OVERVIEW (object)->cluster, cb_topology_free);
  G_OBJECT_CLASS (cb_server_overview_parent_class)->finalize (object);
}

static void
cb_server_overview_class_init (CbServerOverviewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_server_overview_finalize;
}

/* A card with a heading; what it holds is put into the box that is returned. */
static GtkWidget *
add_card (GtkWidget *column, const char *title, GtkWidget **card)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *heading = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  gtk_widget_add_css_class (outer, "card");
  gtk_widget_add_css_class (outer, "cb-card");
  gtk_box_append (GTK_BOX (outer), heading);
  gtk_box_append (GTK_BOX (outer), inner);
  gtk_box_append (GTK_BOX (column), outer);
  if (card != NULL)
    *card = outer;
  return inner;
}

static GtkWidget *
add_flow (GtkWidget *column, guint least, guint most, int spacing)
{
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (flow), TRUE);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (flow), least);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), most);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), spacing);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (flow), spacing);
  gtk_widget_add_css_class (flow, "cb-figures");
  gtk_box_append (GTK_BOX (column), flow);
  return flow;
}

static void
add_to_flow (GtkWidget *flow, GtkWidget *child, int width)
{
  gtk_widget_set_size_request (child, width, -1);
  gtk_flow_box_insert (GTK_FLOW_BOX (flow), child, -1);
  gtk_widget_set_focusable (gtk_widget_get_parent (child), FALSE);
}

static void
add_facts (CbServerOverview *self, GtkWidget *card)
{
  GtkWidget *flow = add_flow (card, 1, 3, 12);

  for (guint i = 0; i < N_FACTS; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
      GtkWidget *title = gtk_label_new (_ (fact_titles[i]));

      self->facts[i] = GTK_LABEL (gtk_label_new ("–"));
      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_widget_add_css_class (title, "dim-label");
      gtk_widget_add_css_class (title, "caption");
      gtk_label_set_xalign (self->facts[i], 0);
      gtk_label_set_wrap (self->facts[i], TRUE);
      gtk_label_set_wrap_mode (self->facts[i], PANGO_WRAP_WORD_CHAR);
      gtk_label_set_selectable (self->facts[i], TRUE);
      gtk_widget_add_css_class (GTK_WIDGET (self->facts[i]), "numeric");
      gtk_box_append (GTK_BOX (box), title);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->facts[i]));
      add_to_flow (flow, box, 150);
    }
}

static void
add_charts (CbServerOverview *self, GtkWidget *column)
{
  GtkWidget *flow = add_flow (column, 1, 2, 18);

  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    {
      for (guint j = 0; j < charts[i].n_lines; j++)
        self->series[i][j] = (CbChartSeries) { _ (charts[i].lines[j].label), charts[i].lines[j].color, j == 0 };
      self->cards[i] = cb_chart_card_new (_ (charts[i].title), self->series[i], charts[i].n_lines, charts[i].format, charts[i].least);
      add_to_flow (flow, GTK_WIDGET (self->cards[i]), 250);
    }
}

static void
cb_server_overview_init (CbServerOverview *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *viewport = gtk_viewport_new (NULL, NULL);
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *card;

  gtk_widget_set_margin_top (column, 18);
  gtk_widget_set_margin_bottom (column, 18);
  gtk_widget_set_margin_start (column, 18);
  gtk_widget_set_margin_end (column, 18);
  self->findings = add_card (column, _ ("What Is Unusual"), NULL);
  add_facts (self, add_card (column, _ ("This Server"), NULL));
  add_charts (self, column);
  self->databases = add_card (column, _ ("Databases"), NULL);
  gtk_box_set_spacing (GTK_BOX (self->databases), 6);
  card = add_card (column, _ ("Replication"), &self->topology_card);
  gtk_box_set_spacing (GTK_BOX (card), 9);
  self->topology = CB_TOPOLOGY_VIEW (cb_topology_view_new ());
  self->topology_note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->topology_note, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->topology_note), "dim-label");
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->topology));
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->topology_note));
  gtk_widget_set_visible (self->topology_card, FALSE);

  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 1080);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), 900);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_viewport_set_scroll_to_focus (GTK_VIEWPORT (viewport), TRUE);
  gtk_viewport_set_child (GTK_VIEWPORT (viewport), clamp);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), viewport);
  adw_bin_set_child (ADW_BIN (self), scroller);
}
