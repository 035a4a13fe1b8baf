/* test-message-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-message-list.h"
#include "cb-test-wait.h"

#include <string.h>

typedef struct
{
  CbMessageList *list;
  GString *changes;     /* "0-5+0 " */
  guint n_pending;
  guint n_items;        /* as the changes say */
} Fixture;

static void
changed_cb (GListModel *model,
            guint       position,
            guint       removed,
            guint       added,
            Fixture    *fixture)
{
  g_string_append_printf (fixture->changes, "%u-%u+%u ", position, removed, added);
  g_assert_cmpuint (position + removed, <=, fixture->n_items);
  fixture->n_items += added - removed;
  g_assert_cmpuint (fixture->n_items, ==, g_list_model_get_n_items (model));
  /* At each change every place has a message. */
  for (guint i = 0; i < fixture->n_items; i++)
    {
      g_autoptr (CbPubsubMessage) message = g_list_model_get_item (model, i);

      g_assert_nonnull (message);
    }
}

static void
pending_cb (CbMessageList *list,
            Fixture       *fixture)
{
  fixture->n_pending++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->list = cb_message_list_new ();
  fixture->changes = g_string_new (NULL);
  g_signal_connect (fixture->list, "items-changed", G_CALLBACK (changed_cb), fixture);
  g_signal_connect (fixture->list, "pending", G_CALLBACK (pending_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_cmpstr (fixture->changes->str, ==, "");
  g_string_free (fixture->changes, TRUE);
  g_assert_finalize_object (fixture->list);
}

#define assert_changes(fixture, expected)                         \
  G_STMT_START                                                    \
  {                                                               \
    g_assert_cmpstr ((fixture)->changes->str, ==, expected);      \
    g_string_truncate ((fixture)->changes, 0);                    \
  }                                                               \
  G_STMT_END

static void
take_bytes (CbMessageList *list,
            const char    *channel,
            const char    *payload,
            gsize          length)
{
  g_autoptr (GString) resp = g_string_new (NULL);
  g_autoptr (CbReply) reply = NULL;

  g_string_append_printf (resp, "*3\r\n$7\r\nmessage\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen (channel), channel, length);
  g_string_append_len (resp, payload, (gssize) length);
  g_string_append (resp, "\r\n");
  reply = cb_reply_new_from_resp (resp->str, (gssize) resp->len, NULL);
  g_assert_nonnull (reply);
  cb_message_list_take_message (list, CB_TOPIC_CHANNEL, reply, 1000);
}

/* A word of single-letter messages. */
static void
take (CbMessageList *list,
      const char    *channel,
      const char    *letters)
{
  for (; *letters != '\0'; letters++)
    take_bytes (list, channel, letters, 1);
}

static char *
to_string (CbMessageList *list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (CbPubsubMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *excerpt = cb_pubsub_message_dup_excerpt (message, 10);

      g_string_append (text, cb_pubsub_message_is_gap (message) ? "|" : excerpt);
    }
  return g_string_free (text, FALSE);
}

#define assert_list(list, expected)                       \
  G_STMT_START                                            \
  {                                                       \
    g_autofree char *text_ = to_string (list);            \
    g_assert_cmpstr (text_, ==, expected);                \
  }                                                       \
  G_STMT_END

/* received = in the list + held back + discarded, at any time. */
static void
assert_counts (CbMessageList *list,
               guint64        received,
               guint          in_list,
               guint          held_back,
               guint64        discarded)
{
  CbMessageCounts counts;

  cb_message_list_get_counts (list, &counts);
  g_assert_cmpuint (counts.received, ==, received);
  g_assert_cmpuint (counts.in_list, ==, in_list);
  g_assert_cmpuint (counts.held_back, ==, held_back);
  g_assert_cmpuint (counts.discarded, ==, discarded);
  g_assert_cmpuint (counts.received, ==, counts.in_list + counts.held_back + counts.discarded);
}

static void
test_flush (Fixture       *fixture,
            gconstpointer  data)
{
  take (fixture->list, "c", "abc");
  assert_changes (fixture, "");
  assert_counts (fixture->list, 3, 0, 3, 0);
  g_assert_cmpuint (fixture->n_pending, ==, 1);

  g_assert_cmpuint (cb_message_list_flush (fixture->list), ==, 3);
  assert_changes (fixture, "0-0+3 ");
  assert_list (fixture->list, "abc");
  g_assert_cmpuint (cb_message_list_flush (fixture->list), ==, 0);

  take (fixture->list, "c", "de");
  g_assert_cmpuint (fixture->n_pending, ==, 2);
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "3-0+2 ");
  assert_list (fixture->list, "abcde");
  assert_counts (fixture->list, 5, 5, 0, 0);

  cb_message_list_set_newest_first (fixture->list, TRUE);
  assert_changes (fixture, "0-5+5 ");
  assert_list (fixture->list, "edcba");
  take (fixture->list, "c", "fg");
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "0-0+2 ");
  assert_list (fixture->list, "gfedcba");

  cb_message_list_clear (fixture->list);
  assert_changes (fixture, "0-7+0 ");
  assert_counts (fixture->list, 0, 0, 0, 0);
}

static void
test_bounded (Fixture       *fixture,
              gconstpointer  data)
{
  cb_message_list_set_limits (fixture->list, 4, 1024 * 1024);
  take (fixture->list, "c", "abc");
  cb_message_list_flush (fixture->list);
  take (fixture->list, "c", "de");
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "0-0+3 3-0+2 0-1+0 ");
  assert_list (fixture->list, "bcde");
  assert_counts (fixture->list, 5, 4, 0, 1);

  /* More than there is room for between two flushes: what is shown is older, and goes. */
  take (fixture->list, "c", "fghijk");
  assert_list (fixture->list, "bcde");
  assert_counts (fixture->list, 11, 4, 4, 3);
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "4-0+4 0-4+0 ");
  assert_list (fixture->list, "hijk");
  assert_counts (fixture->list, 11, 4, 0, 7);

  cb_message_list_set_newest_first (fixture->list, TRUE);
  take (fixture->list, "c", "lm");
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "0-4+4 0-0+2 4-2+0 ");
  assert_list (fixture->list, "mlkj");

  cb_message_list_set_limits (fixture->list, 2, 1024 * 1024);
  assert_changes (fixture, "2-2+0 ");
  assert_list (fixture->list, "ml");
  assert_counts (fixture->list, 13, 2, 0, 11);
}

static void
test_bytes (Fixture       *fixture,
            gconstpointer  data)
{
  const gsize size = 1024 * 1024;
  g_autofree char *big = g_malloc (2 * size);
  CbMessageCounts counts;

  memset (big, 'x', 2 * size);
  cb_message_list_set_limits (fixture->list, 1000, 3 * size);
  for (guint i = 0; i < 10; i++)
    {
      take_bytes (fixture->list, "c", big, size);
      if (i % 2 == 0)
        cb_message_list_flush (fixture->list);
    }
  cb_message_list_flush (fixture->list);
  assert_counts (fixture->list, 10, 2, 0, 8);
  cb_message_list_get_counts (fixture->list, &counts);
  g_assert_cmpuint (counts.bytes, <=, 3 * size);

  /* One that is larger than the room is kept, alone. */
  cb_message_list_set_limits (fixture->list, 1000, size);
  take_bytes (fixture->list, "c", big, 2 * size);
  cb_message_list_flush (fixture->list);
  assert_counts (fixture->list, 11, 1, 0, 10);
  take (fixture->list, "c", "a");
  cb_message_list_flush (fixture->list);
  assert_list (fixture->list, "a");
  g_string_truncate (fixture->changes, 0);
}

static void
test_paused (Fixture       *fixture,
             gconstpointer  data)
{
  cb_message_list_set_limits (fixture->list, 4, 1024 * 1024);
  take (fixture->list, "c", "ab");
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "0-0+2 ");

  cb_message_list_set_paused (fixture->list, TRUE);
  take (fixture->list, "c", "cde");
  g_assert_cmpuint (cb_message_list_flush (fixture->list), ==, 0);
  assert_list (fixture->list, "ab");
  assert_counts (fixture->list, 5, 2, 3, 0);
  take (fixture->list, "c", "fgh");
  assert_counts (fixture->list, 8, 2, 4, 2);

  fixture->n_pending = 0;
  cb_message_list_flush (fixture->list);
  cb_message_list_set_paused (fixture->list, FALSE);
  g_assert_cmpuint (fixture->n_pending, ==, 1);
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "2-0+4 0-2+0 ");
  assert_list (fixture->list, "efgh");
  assert_counts (fixture->list, 8, 4, 0, 4);
}

static CbMessageFilter *
create_filter (const char *text)
{
  g_autoptr (GError) error = NULL;
  CbMessageFilter *filter = cb_message_filter_new (text, &error);

  g_assert_no_error (error);
  return filter;
}

static void
test_filter (Fixture       *fixture,
             gconstpointer  data)
{
  cb_message_list_set_limits (fixture->list, 6, 1024 * 1024);
  take (fixture->list, "c", "abAbab");
  cb_message_list_flush (fixture->list);
  cb_message_list_set_filter (fixture->list, create_filter ("a"));
  assert_changes (fixture, "0-0+6 0-6+0 0-0+3 ");
  assert_list (fixture->list, "aAa");
  g_assert_false (cb_message_list_get_filtering (fixture->list));

  cb_message_list_take_gap (fixture->list, 1, 2, "away");
  take (fixture->list, "c", "ba");
  cb_message_list_flush (fixture->list);
  assert_changes (fixture, "3-0+2 0-2+0 ");
  assert_list (fixture->list, "a|a");
  /* What the filter hides is in the list all the same. */
  assert_counts (fixture->list, 8, 5, 0, 3);

  cb_message_list_set_newest_first (fixture->list, TRUE);
  assert_list (fixture->list, "a|a");
  take (fixture->list, "c", "A");
  cb_message_list_flush (fixture->list);
  assert_list (fixture->list, "Aa|a");
  g_string_truncate (fixture->changes, 0);
  cb_message_list_set_filter (fixture->list, create_filter ("-a"));
  assert_changes (fixture, "0-4+0 0-0+3 ");
  assert_list (fixture->list, "b|b");
  cb_message_list_set_filter (fixture->list, NULL);
  assert_changes (fixture, "0-3+6 ");
  assert_list (fixture->list, "Aab|ba");
}

/* Looking through much is done in slices, and what comes meanwhile waits. */
static void
test_filter_slices (Fixture       *fixture,
                    gconstpointer  data)
{
  const gsize size = 1024 * 1024;
  g_autofree char *big = g_malloc (size);
  guint slices = 0;

  g_signal_handlers_disconnect_by_data (fixture->list, fixture);
  memset (big, 'x', size);
  cb_message_list_set_limits (fixture->list, 1000, 200 * size);
  for (guint i = 0; i < 150; i++)
    take_bytes (fixture->list, "c", big, size);
  take (fixture->list, "c", "y");
  cb_message_list_flush (fixture->list);
  cb_message_list_set_filter (fixture->list, create_filter ("y"));
  g_assert_true (cb_message_list_get_filtering (fixture->list));
  take (fixture->list, "c", "yz");
  g_assert_cmpuint (cb_message_list_flush (fixture->list), ==, 0);
  while (cb_message_list_get_filtering (fixture->list))
    {
      slices++;
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (slices, >, 1);
  g_assert_cmpuint (cb_message_list_flush (fixture->list), ==, 1);
  assert_list (fixture->list, "yy");
}

static void
assert_match (const char *text,
              const char *payload,
              gsize       length,
              gboolean    expected)
{
  g_autoptr (CbMessageFilter) filter = create_filter (text);
  g_autoptr (GString) resp = g_string_new (NULL);
  g_autoptr (CbReply) reply = NULL;

  g_string_append_printf (resp, "*3\r\n$7\r\nmessage\r\n$4\r\nNews\r\n$%zu\r\n", length);
  g_string_append_len (resp, payload, (gssize) length);
  g_string_append (resp, "\r\n");
  reply = cb_reply_new_from_resp (resp->str, (gssize) resp->len, NULL);
  if (cb_message_filter_matches (filter, cb_message_reply_get_channel (reply, CB_TOPIC_CHANNEL),
                                 cb_message_reply_get_payload (reply, CB_TOPIC_CHANNEL)) != expected)
    g_error ("“%s” %s in “%s”", text, expected ? "is not found" : "is found", payload);
}

static void
test_words (void)
{
  static const char * const wrong[] = { "\\", "\\q", "\\x", "\\x1", "\\xgg", "\"", "a \"b" };

  assert_match ("", "x", 1, TRUE);
  assert_match ("  ", "x", 1, TRUE);
  assert_match ("hello", "say HELLO to", 12, TRUE);
  assert_match ("news", "x", 1, TRUE);
  assert_match ("hello news", "hello", 5, TRUE);
  assert_match ("hello other", "hello", 5, FALSE);
  assert_match ("-hello", "hello", 5, FALSE);
  assert_match ("-hello", "", 0, TRUE);
  assert_match ("- -", "a-b", 3, TRUE);
  assert_match ("\"a b\"", "xa bx", 5, TRUE);
  assert_match ("\"a b\"", "ab", 2, FALSE);
  assert_match ("\\x00\\xff", "a\0\xff", 3, TRUE);
  assert_match ("\\x00\\xfe", "a\0\xff", 3, FALSE);
  assert_match ("\\n", "a\nb", 3, TRUE);
  assert_match ("\\\"", "a\"b", 3, TRUE);
  assert_match ("\xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac", 9, TRUE);
  assert_match ("aab", "aaaaab", 6, TRUE);
  assert_match ("abcabd", "abcabcabd", 9, TRUE);
  assert_match ("longer than it", "long", 4, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (cb_message_filter_new (wrong[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

/* Against a plain search, on random text of few letters, where matches overlap. */
static void
test_random_words (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      char text[24] = "", word[6] = "";
      guint length = g_test_rand_int_range (0, 20), word_length = g_test_rand_int_range (1, 5);

      for (guint k = 0; k < length; k++)
        text[k] = "abAB"[g_test_rand_int_range (0, 4)];
      for (guint k = 0; k < word_length; k++)
        word[k] = "abAB"[g_test_rand_int_range (0, 4)];
      {
        g_autofree char *low = g_ascii_strdown (text, -1);
        g_autofree char *low_word = g_ascii_strdown (word, -1);

        assert_match (word, text, length, strstr (low, low_word) != NULL);
      }
    }
}

static void
test_same_object (Fixture       *fixture,
                  gconstpointer  data)
{
  CbPubsubMessage *first;
  gpointer again;

  take (fixture->list, "c", "ab");
  cb_message_list_flush (fixture->list);
  g_string_truncate (fixture->changes, 0);
  first = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  again = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  g_assert_true (first == again);
  g_object_unref (again);
  g_assert_finalize_object (first);

  /* What somebody looks at outlives the list. */
  first = g_list_model_get_item (G_LIST_MODEL (fixture->list), 1);
  cb_message_list_clear (fixture->list);
  g_string_truncate (fixture->changes, 0);
  {
    g_autofree char *excerpt = cb_pubsub_message_dup_excerpt (first, 10);

    g_assert_cmpstr (excerpt, ==, "b");
  }
  g_assert_finalize_object (first);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->list), 0));
}

static void
test_before (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (CbPubsubMessage) first = NULL;
  g_autoptr (CbPubsubMessage) third = NULL;
  g_autoptr (CbPubsubMessage) before = NULL;

  take (fixture->list, "one", "a");
  take (fixture->list, "other", "b");
  take (fixture->list, "one", "c");
  cb_message_list_flush (fixture->list);
  cb_message_list_set_filter (fixture->list, create_filter ("c"));
  g_string_truncate (fixture->changes, 0);
  third = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  before = cb_message_list_dup_before (fixture->list, third);
  g_assert_nonnull (before);
  g_assert_cmpuint (cb_pubsub_message_get_serial (before), ==, 1);
  first = g_object_ref (before);
  g_assert_null (cb_message_list_dup_before (fixture->list, first));
  cb_message_list_set_limits (fixture->list, 2, 1024 * 1024);
  g_assert_null (cb_message_list_dup_before (fixture->list, third));
  g_assert_null (cb_message_list_dup_before (fixture->list, first));
}

static void
test_excerpt (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (CbPubsubMessage) message = NULL;
  g_autofree char *excerpt = NULL;
  g_autofree char *lines = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GString) euros = g_string_new ("a\nb\xff");

  for (guint i = 0; i < 1000; i++)
    g_string_append (euros, "\xe2\x82\xac");
  take_bytes (fixture->list, "c", euros->str, euros->len);
  cb_message_list_flush (fixture->list);
  g_string_truncate (fixture->changes, 0);
  message = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  excerpt = cb_pubsub_message_dup_excerpt (message, 10);
  lines = cb_pubsub_message_dup_lines (message, 9);
  g_assert_true (g_utf8_validate (excerpt, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (excerpt, -1), ==, 11);
  g_assert_true (g_str_has_suffix (excerpt, "€…"));
  g_assert_null (strchr (excerpt, '\n'));
  g_assert_nonnull (strchr (lines, '\n'));
  payload = cb_pubsub_message_dup_payload (message);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), euros->str, euros->len);
}

/* Whatever comes between two flushes, whoever pauses, filters or turns it round: the changes add up, and so do the counts. */
static void
test_random (Fixture       *fixture,
             gconstpointer  data)
{
  guint64 received = 0;

  cb_message_list_set_limits (fixture->list, 20, 20000);
  for (guint i = 0; i < 3000; i++)
    {
      CbMessageCounts counts;

      switch (g_test_rand_int_range (0, 12))
        {
        case 0:
          cb_message_list_set_paused (fixture->list, g_test_rand_bit ());
          break;
        case 1:
          cb_message_list_set_newest_first (fixture->list, g_test_rand_bit ());
          break;
        case 2:
          cb_message_list_set_filter (fixture->list, g_test_rand_bit () ? create_filter ("a") : NULL);
          break;
        case 3:
          cb_message_list_take_gap (fixture->list, 1, 2, "away");
          break;
        case 4:
        case 5:
          cb_message_list_flush (fixture->list);
          break;
        default:
          {
            g_autofree char *payload = g_strnfill ((gsize) g_test_rand_int_range (1, 2000), g_test_rand_bit () ? 'a' : 'b');

            for (int k = g_test_rand_int_range (1, 12); k > 0; k--, received++)
              take_bytes (fixture->list, "c", payload, strlen (payload));
          }
        }
      cb_message_list_get_counts (fixture->list, &counts);
      assert_counts (fixture->list, received, counts.in_list, counts.held_back, counts.discarded);
      g_assert_cmpuint (counts.in_list, <=, 20);
      g_assert_cmpuint (counts.held_back, <=, 20);
      g_assert_cmpuint (counts.bytes, <=, 2 * 20000);
    }
  g_string_truncate (fixture->changes, 0);
}

#define ADD(name, function) g_test_add ("/message-list/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("flush", test_flush);
  ADD ("bounded", test_bounded);
  ADD ("bytes", test_bytes);
  ADD ("paused", test_paused);
  ADD ("filter", test_filter);
  ADD ("filter-slices", test_filter_slices);
  ADD ("same-object", test_same_object);
  ADD ("before", test_before);
  ADD ("excerpt", test_excerpt);
  ADD ("random", test_random);
  g_test_add_func ("/message-list/words", test_words);
  g_test_add_func ("/message-list/random-words", test_random_words);

  return g_test_run ();
}
