/* test-address.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-address.h"
#include "cb-redis-error.h"

#include <string.h>

/* "host|port|path|user|password|db" */
static char *
describe (CbAddress *address)
{
  return g_strdup_printf ("%s|%u|%s|%s|%s|%u",
                          cb_address_get_host (address) != NULL ? cb_address_get_host (address) : "-",
                          cb_address_get_port (address),
                          cb_address_get_path (address) != NULL ? cb_address_get_path (address) : "-",
                          cb_address_get_user (address) != NULL ? cb_address_get_user (address) : "-",
                          cb_address_get_password (address) != NULL ? cb_address_get_password (address) : "-",
                          cb_address_get_db (address));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    const char *parts;
    const char *label;
  } cases[] = {
    { "localhost", "localhost|6379|-|-|-|0", "localhost:6379" },
    { "  cache.example:6380 ", "cache.example|6380|-|-|-|0", "cache.example:6380" },
    { "127.0.0.1:1", "127.0.0.1|1|-|-|-|0", "127.0.0.1:1" },
    { "[::1]:6390", "::1|6390|-|-|-|0", "[::1]:6390" },
    { "[::1]", "::1|6379|-|-|-|0", "[::1]:6379" },
    { "::1", "::1|6379|-|-|-|0", "[::1]:6379" },
    { "[fe80::1%25eth0]:1", "fe80::1%eth0|1|-|-|-|0", "[fe80::1%eth0]:1" },
    { "/run/redis/redis.sock", "-|0|/run/redis/redis.sock|-|-|0", "/run/redis/redis.sock" },
    { "/odd?%41@:path", "-|0|/odd?%41@:path|-|-|0", "/odd?%41@:path" },
    { "unix:/a/b.sock", "-|0|/a/b.sock|-|-|0", "/a/b.sock" },
    { "unix:relative.sock", "-|0|relative.sock|-|-|0", "relative.sock" },
    { "unix:/a%20b?db=3", "-|0|/a b|-|-|3", "/a b?db=3" },
    { "unix:/s?user=a%26b&password=p%3Dq&db=1", "-|0|/s|a&b|p=q|1", "/s?db=1" },
    { "unix:///s", "-|0|/s|-|-|0", "/s" },
    { "//u:p@/s", "-|0|//u:p@/s|-|-|0", "//u:p@/s" },
    { "unix://u:p%2Fw@/a@b/s?db=2", "-|0|/a@b/s|u|p/w|2", "/a@b/s?db=2" },
    { "unix://:p@/s", "-|0|/s|-|p|0", "/s" },
    { "redis://host", "host|6379|-|-|-|0", "host:6379" },
    { "REDIS://host/", "host|6379|-|-|-|0", "host:6379" },
    { "redis://host:7000/5", "host|7000|-|-|-|5", "host:7000/5" },
    { "redis://host?db=7", "host|6379|-|-|-|7", "host:6379/7" },
    { "redis://u@host/3?production=1", "host|6379|-|u|-|3", "host:6379/3" },
    { "redis://host?production=0", "host|6379|-|-|-|0", "host:6379" },
    { "unix:/s?production=1&db=2&user=u", "-|0|/s|u|-|2", "/s?db=2" },
    { "unix:/s?production=1", "-|0|/s|-|-|0", "/s" },
    { "redis://host?sentinel=main", "host|26379|-|-|-|0", "host:26379?sentinel=main" },
    { "redis://u:p@host:1/2?production=1&sentinel=m%20%26%C3%A4", "host|1|-|u|p|2", "host:1/2?sentinel=m &\xc3\xa4" },
    { "redis://u:p@host?sentinel=main&sentinel_username=s%26%FF&sentinel_password=%3D", "host|26379|-|u|p|0", "host:26379?sentinel=main" },
    { "host?sentinel=main", "host|26379|-|-|-|0", "host:26379?sentinel=main" },
    { "[::1]:7?sentinel=main", "::1|7|-|-|-|0", "[::1]:7?sentinel=main" },
    { "host:7?db=3", "host|7|-|-|-|3", "host:7/3" },
    { "redis://host/2?", "host|6379|-|-|-|2", "host:6379/2" },
    { "redis://", "localhost|6379|-|-|-|0", "localhost:6379" },
    { "redis:///4", "localhost|6379|-|-|-|4", "localhost:6379/4" },
    { "redis://:secret@host", "host|6379|-|-|secret|0", "host:6379" },
    { "redis://user@host", "host|6379|-|user|-|0", "host:6379" },
    { "redis://user:@host", "host|6379|-|user|-|0", "host:6379" },
    { "redis://u:a:b:c@host", "host|6379|-|u|a:b:c|0", "host:6379" },
    { "redis://u:p@[2001:db8::1]:6380/1", "2001:db8::1|6380|-|u|p|1", "[2001:db8::1]:6380/1" },
    /* The password of a person who likes punctuation: p@ss:w/rd#%41?& "x" */
    { "redis://ops%40team:p%40ss%3Aw%2Frd%23%2541%3F%26%20%22x%22@127.0.0.1:6530/0",
      "127.0.0.1|6530|-|ops@team|p@ss:w/rd#%41?& \"x\"|0", "127.0.0.1:6530" },
    { "redis://b\xc3\xbcro.example", "b\xc3\xbcro.example|6379|-|-|-|0", "b\xc3\xbcro.example:6379" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbAddress) address = cb_address_parse (cases[i].text, &error);
      g_autoptr (CbAddress) again = NULL;
      g_autofree char *parts = NULL;
      g_autofree char *uri = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_no_error (error);
      parts = describe (address);
      g_assert_cmpstr (parts, ==, cases[i].parts);
      g_assert_cmpstr (cb_address_get_label (address), ==, cases[i].label);

      /* Written and read again it is the same, but for the password, which is not written. */
      uri = cb_address_to_uri (address);
      again = cb_address_parse (uri, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (cb_address_get_label (again), ==, cases[i].label);
      g_assert_cmpstr (cb_address_get_user (again), ==, cb_address_get_user (address));
      g_assert_cmpstr (cb_address_get_sentinel (again), ==, cb_address_get_sentinel (address));
      g_assert_cmpint (cb_address_get_sentinel (address) != NULL, ==, strstr (cases[i].text, "sentinel=") != NULL);
      g_assert_cmpint (cb_address_get_production (address), ==, strstr (cases[i].text, "production=1") != NULL);
      g_assert_cmpint (cb_address_get_production (again), ==, cb_address_get_production (address));
      g_assert_null (cb_address_get_password (again));
      g_assert_cmpstr (cb_address_get_sentinel_user (again), ==, cb_address_get_sentinel_user (address));
      g_assert_null (cb_address_get_sentinel_password (again));
      g_assert_true (cb_address_equal (again, address) == (cb_address_get_password (address) == NULL));
    }
}

static void
test_refuse (void)
{
  /* SECRET stands for a part of a password, and must not come back in the message. */
  static const char * const cases[] = {
    "", "  ", ":", ":6379", "host:", "host:0", "host:65536", "host:port", "host:-1", "host: 1", "host:+1",
    "a b", "[::1", "[::1]x", "[::1]:", "[host]:1", "[127.0.0.1]:1", "a:b:c", "host/1",
    "http://host", "rediss:host", "rediss://host?cacert=", "rediss://host?cacert=%zz", "rediss://host?sni=%FF", "rediss://host?insecure=yes",
    "rediss://host?key=/k", "redis://host?cacert=/SECRET", "redis://host?insecure=1", "host?sni=SECRET", "unix:/s?cacert=/c", "redis:host", "redis:/host", "foo:SECRET@host",
    "redis://u:SECRET@SECRET@host", "redis://u:p@SECRET:w/rdSECRET@host:1/0", "redis://u:SECRET#x@host",
    "redis://u:SECRET%4@host", "redis://u:SECRET%zz@host", "redis://u:SECRET%00@host", "redis://u%4:p@host",
    "redis://ops@SECRET:p@ss:w/rd#%41?& \"x\"@127.0.0.1:6530/0", "redis://u:SECRET/@host",
    "redis://u:SECRET?@host", "redis://host/x", "redis://host/-1", "redis://host/1/2", "redis://host/ 1",
    "redis://host/99999999999", "redis://host?db=x", "redis://host?password=SECRET", "redis://host?SECRET",
    "redis://host:1:2", "redis://ho st", "redis://ho\nst", "redis://host#1", "redis://%00", "redis://a%2Fb",
    "unix:", "unix:?db=1", "unix://", "unix://host", "unix://u:SECRET@host/path", "unix:/a%zz", "unix:/s?x=SECRET",
    "host?SECRET", "host?password=SECRET", "redis://host?sentinel=", "redis://host?sentinel=%zz", "redis://host?sentinel=%ff",
    "unix:/s?sentinel=main", "host?sentinel=main&sentinel_password=SECRET%zz", "host?sentinel=main&sentinel_username=",
    "host?sentinel_password=SECRET", "host?sentinel_username=SECRET", "unix:/s?sentinel_password=SECRET",
    "unix:/s?password=%zzSECRET",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i]);
      g_assert_null (cb_address_parse (cases[i], &error));
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ADDRESS);
      g_assert_null (strstr (error->message, "SECRET"));
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
}

static void
test_tls (void)
{
  g_autoptr (CbAddress) address = cb_address_parse (
    "rediss://ann:secret@example.com:7000/3?cacert=/a%20b/ca.pem&cert=/c.pem&key=/k.pem&sni=example.org&insecure=1&production=1", NULL);
  g_autoptr (CbAddress) bare = cb_address_parse ("REDISS://example.com", NULL);
  g_autoptr (CbAddress) plain = cb_address_with_tls (address, NULL);
  g_autoptr (CbAddress) back = cb_address_with_tls (plain, cb_address_get_tls (address));
  g_autoptr (CbAddress) node = cb_address_with_place (address, "10.0.0.2", 7001);
  g_autoptr (CbAddress) nobody = cb_address_with_login (address, NULL, NULL);
  g_autofree char *uri = cb_address_to_uri (address);
  g_autofree char *bare_uri = cb_address_to_uri (bare);
  g_autofree char *plain_uri = cb_address_to_uri (plain);
  g_autofree char *node_uri = cb_address_to_uri (node);
  g_autofree char *nobody_uri = cb_address_to_uri (nobody);
  const CbTlsOptions *options = cb_address_get_tls (address);

  g_assert_cmpstr (options->ca_file, ==, "/a b/ca.pem");
  g_assert_cmpstr (options->cert_file, ==, "/c.pem");
  g_assert_cmpstr (options->key_file, ==, "/k.pem");
  g_assert_cmpstr (options->name, ==, "example.org");
  g_assert_true (options->insecure);
  g_assert_cmpstr (uri, ==, "rediss://ann@example.com:7000/3?cacert=/a%20b/ca.pem&cert=/c.pem&key=/k.pem&sni=example.org&insecure=1"
                            "&production=1");
  g_assert_cmpstr (cb_address_get_label (address), ==, "example.com:7000/3");

  g_assert_cmpstr (bare_uri, ==, "rediss://example.com:6379");
  g_assert_false (cb_address_get_tls (bare)->insecure);
  g_assert_null (cb_address_get_tls (plain));
  g_assert_cmpstr (plain_uri, ==, "redis://ann@example.com:7000/3?production=1");
  g_assert_false (cb_address_equal (address, plain));
  g_assert_true (cb_address_equal (address, back));

  /* A node of the same cluster: the same user, its first database. */
  g_assert_cmpstr (node_uri, ==, "rediss://ann@10.0.0.2:7001?cacert=/a%20b/ca.pem&cert=/c.pem&key=/k.pem&sni=example.org&insecure=1");
  g_assert_cmpstr (cb_address_get_password (node), ==, "secret");
  g_assert_cmpstr (nobody_uri, ==, "rediss://example.com:7000/3?cacert=/a%20b/ca.pem&cert=/c.pem&key=/k.pem&sni=example.org&insecure=1");
}

static void
test_db (void)
{
  g_autoptr (CbAddress) address = cb_address_parse ("redis://u:p@host:1/2", NULL);
  g_autoptr (CbAddress) other = cb_address_with_db (address, 9);
  g_autofree char *parts = describe (other);

  g_assert_cmpstr (parts, ==, "host|1|-|u|p|9");
  g_assert_false (cb_address_equal (address, other));
}

static void
test_with_login (void)
{
  g_autoptr (CbAddress) address = cb_address_parse ("redis://ann:secret@example.com:7000/3?production=1", NULL);
  g_autoptr (CbAddress) other = cb_address_with_login (address, "b@b", "p");
  g_autoptr (CbAddress) nobody = cb_address_with_login (address, NULL, NULL);
  g_autofree char *uri = cb_address_to_uri (other);

  g_assert_cmpstr (uri, ==, "redis://b%40b@example.com:7000/3");
  g_assert_cmpstr (cb_address_get_password (other), ==, "p");
  g_assert_false (cb_address_get_production (other));
  g_assert_null (cb_address_get_user (nobody));
  g_assert_null (cb_address_get_password (nobody));
  g_assert_cmpstr (cb_address_get_user (address), ==, "ann");
  g_assert_cmpstr (cb_address_get_password (address), ==, "secret");
}

/* Another name is another server, and the name stays where only the rest changes. */
static void
test_sentinel (void)
{
  g_autoptr (CbAddress) address = cb_address_parse ("redis://ann:secret@example.com/3?sentinel=main", NULL);
  g_autoptr (CbAddress) other = cb_address_with_sentinel (address, "other");
  g_autoptr (CbAddress) plain = cb_address_with_sentinel (address, NULL);
  g_autoptr (CbAddress) second = cb_address_with_db (address, 2);
  g_autoptr (CbAddress) nobody = cb_address_with_login (address, NULL, NULL);

  g_assert_false (cb_address_equal (address, other));
  g_assert_false (cb_address_equal (address, plain));
  g_assert_cmpstr (cb_address_get_label (other), ==, "example.com:26379/3?sentinel=other");
  g_assert_cmpstr (cb_address_get_label (plain), ==, "example.com:26379/3");
  g_assert_cmpstr (cb_address_get_label (second), ==, "example.com:26379/2?sentinel=main");
  g_assert_cmpstr (cb_address_get_sentinel (nobody), ==, "main");
  g_assert_cmpstr (cb_address_get_password (other), ==, "secret");
}

/* Who the Sentinel lets in is its own matter: it stays where the rest changes, and is another way to the server. */
static void
test_sentinel_login (void)
{
  g_autoptr (CbAddress) address =
    cb_address_parse ("redis://ann:secret@example.com/3?sentinel_password=p%26w&sentinel=main&sentinel_username=watch", NULL);
  g_autoptr (CbAddress) second = cb_address_with_db (address, 2);
  g_autoptr (CbAddress) other = cb_address_with_login (address, "bob", "other");
  g_autoptr (CbAddress) nobody = cb_address_with_sentinel_login (address, NULL, NULL);
  g_autofree char *uri = cb_address_to_uri (address);
  g_autofree char *uri_of_nobody = cb_address_to_uri (nobody);

  g_assert_cmpstr (cb_address_get_sentinel_user (address), ==, "watch");
  g_assert_cmpstr (cb_address_get_sentinel_password (address), ==, "p&w");
  g_assert_cmpstr (cb_address_get_sentinel_password (second), ==, "p&w");
  g_assert_cmpstr (cb_address_get_sentinel_user (other), ==, "watch");
  g_assert_cmpstr (cb_address_get_password (other), ==, "other");
  g_assert_cmpstr (cb_address_get_password (nobody), ==, "secret");
  g_assert_false (cb_address_equal (address, nobody));
  g_assert_cmpstr (uri, ==, "redis://ann@example.com:26379/3?sentinel=main&sentinel_username=watch");
  g_assert_cmpstr (uri_of_nobody, ==, "redis://ann@example.com:26379/3?sentinel=main");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/address/parse", test_parse);
  g_test_add_func ("/address/refuse", test_refuse);
  g_test_add_func ("/address/tls", test_tls);
  g_test_add_func ("/address/db", test_db);
  g_test_add_func ("/address/with-login", test_with_login);
  g_test_add_func ("/address/sentinel", test_sentinel);
  g_test_add_func ("/address/sentinel-login", test_sentinel_login);

  return g_test_run ();
}
