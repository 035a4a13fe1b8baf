/* json-module.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A module for the real server with a type of the name that RedisJSON has, since no distribution that Callboard is tested on packages that
 * one. It is not RedisJSON: it keeps the document as text and answers JSON.GET and JSON.SET of a whole document, as their documentation
 * says (https://redis.io/docs/latest/commands/json.get/, …/json.set/): a bulk string or nil, OK, an error for what is no JSON or has another
 * type. As there, JSON.SET makes a new value, which has no time to live. DUMP, RESTORE, MEMORY USAGE, scripts and everything else are the
 * server's own.
 *
 * The functions of the server are asked for by name, so that no header of it is needed:
 * https://redis.io/docs/latest/develop/reference/modules/modules-api-ref/
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Context Context;
typedef struct Key Key;
typedef struct String String;
typedef struct Stream Stream;
typedef struct Type Type;

typedef struct
{
  uint64_t version;
  void *(*load) (Stream *stream, int version);
  void (*save) (Stream *stream, void *value);
  void (*rewrite) (Stream *stream, String *key, void *value);
  size_t (*measure) (const void *value);
  void (*digest) (void *digest, void *value);
  void (*release) (void *value);
} Methods;

typedef struct
{
  size_t length;
  char text[];
} Document;

#define READ 1
#define WRITE 2

static void *(*module_alloc) (size_t size);
static void (*module_free) (void *memory);
static int (*set_attributes) (Context *context, const char *name, int version, int api);
static int (*create_command) (Context *context, const char *name, int (*command) (Context *, String **, int), const char *flags, int first,
                              int last, int step);
static Type *(*create_type) (Context *context, const char *name, int version, Methods *methods);
static Key *(*open_key) (Context *context, String *name, int mode);
static void (*close_key) (Key *key);
static int (*get_key_type) (Key *key);
static Type *(*get_type) (Key *key);
static void *(*get_value) (Key *key);
static int (*set_value) (Key *key, Type *type, void *value);
static const char *(*get_string) (const String *string, size_t *length);
static int (*reply_bytes) (Context *context, const char *bytes, size_t length);
static int (*reply_null) (Context *context);
static int (*reply_status) (Context *context, const char *text);
static int (*reply_error) (Context *context, const char *text);
static int (*replicate) (Context *context);
static void (*save_bytes) (Stream *stream, const char *bytes, size_t length);
static char *(*load_bytes) (Stream *stream, size_t *length);
static void (*emit) (Stream *stream, const char *command, const char *format, ...);

static Type *document_type;

static Document *
document_new (const char *text, size_t length)
{
  Document *document = module_alloc (sizeof *document + length);

  document->length = length;
  memcpy (document->text, text, length);
  return document;
}

static void *
load (Stream *stream, int version)
{
  size_t length;
  char *text = load_bytes (stream, &length);
  Document *document = document_new (text, length);

  (void) version;
  module_free (text);
  return document;
}

static void
save (Stream *stream, void *value)
{
  Document *document = value;

  save_bytes (stream, document->text, document->length);
}

static void
rewrite (Stream *stream, String *key, void *value)
{
  Document *document = value;

  emit (stream, "JSON.SET", "scb", key, "$", document->text, document->length);
}

static size_t
measure (const void *value)
{
  return sizeof (Document) + ((const Document *) value)->length;
}

static void
release (void *value)
{
  module_free (value);
}

/* Returns the document, NULL without one; *is_wrong: it is a value of another type. */
static Document *
look (Key *key, int *is_wrong)
{
  *is_wrong = get_key_type (key) != 0 && get_type (key) != document_type;
  return get_key_type (key) != 0 && !*is_wrong ? get_value (key) : NULL;
}

static int
json_get (Context *context, String **words, int n_words)
{
  Key *key;
  Document *document;
  int is_wrong, status;

  if (n_words != 2)
    return reply_error (context, "ERR only the whole document is known here");
  key = open_key (context, words[1], READ);
  document = key != NULL ? look (key, &is_wrong) : NULL;
  if (document != NULL)
    status = reply_bytes (context, document->text, document->length);
  else if (key != NULL && is_wrong)
    status = reply_error (context, "WRONGTYPE Operation against a key holding the wrong kind of value");
  else
    status = reply_null (context);
  if (key != NULL)
    close_key (key);
  return status;
}

static int
json_set (Context *context, String **words, int n_words)
{
  const char *path, *text;
  size_t length;
  Key *key;
  int is_wrong;

  if (n_words != 4)
    return reply_error (context, "ERR wrong number of arguments for 'json.set' command");
  path = get_string (words[2], &length);
  if (length != 1 || (path[0] != '$' && path[0] != '.'))
    return reply_error (context, "ERR only the whole document is known here");
  text = get_string (words[3], &length);
  /* No parser, but what an object, a list or a string can't be without. */
  if (length < 2 || strchr ("{[\"", text[0]) == NULL || strchr ("}]\"", text[length - 1]) == NULL)
    return reply_error (context, "ERR expected value at line 1 column 1");
  key = open_key (context, words[1], READ | WRITE);
  look (key, &is_wrong);
  if (is_wrong)
    {
      close_key (key);
      return reply_error (context, "ERR Existing key has wrong Redis type");
    }
  set_value (key, document_type, document_new (text, length));
  close_key (key);
  replicate (context);
  return reply_status (context, "OK");
}

int RedisModule_OnLoad (Context *context, String **words, int n_words);

int
RedisModule_OnLoad (Context *context, String **words, int n_words)
{
  const struct
  {
    const char *name;
    void *function;
  } functions[] = {
    { "RedisModule_Alloc", &module_alloc },
    { "RedisModule_Free", &module_free },
    { "RedisModule_SetModuleAttribs", &set_attributes },
    { "RedisModule_CreateCommand", &create_command },
    { "RedisModule_CreateDataType", &create_type },
    { "RedisModule_OpenKey", &open_key },
    { "RedisModule_CloseKey", &close_key },
    { "RedisModule_KeyType", &get_key_type },
    { "RedisModule_ModuleTypeGetType", &get_type },
    { "RedisModule_ModuleTypeGetValue", &get_value },
    { "RedisModule_ModuleTypeSetValue", &set_value },
    { "RedisModule_StringPtrLen", &get_string },
    { "RedisModule_ReplyWithStringBuffer", &reply_bytes },
    { "RedisModule_ReplyWithNull", &reply_null },
    { "RedisModule_ReplyWithSimpleString", &reply_status },
    { "RedisModule_ReplyWithError", &reply_error },
    { "RedisModule_ReplicateVerbatim", &replicate },
    { "RedisModule_SaveStringBuffer", &save_bytes },
    { "RedisModule_LoadStringBuffer", &load_bytes },
    { "RedisModule_EmitAOF", &emit },
  };
  Methods methods = { 1, load, save, rewrite, measure, NULL, release };
  /* The first thing in the context is the function that tells of the others. */
  int (*get_api) (const char *name, void *function);

  (void) words;
  (void) n_words;
  memcpy (&get_api, context, sizeof get_api);
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    if (get_api (functions[i].name, functions[i].function) != 0)
      return 1;
  set_attributes (context, "ReJSON", 1, 1);
  document_type = create_type (context, "ReJSON-RL", 3, &methods);
  return document_type == NULL || create_command (context, "json.get", json_get, "readonly", 1, 1, 1) != 0 ||
         create_command (context, "json.set", json_set, "write deny-oom", 1, 1, 1) != 0;
}
