/* cb-job-json.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-json.h"

#include <math.h>
#include <string.h>

/*
 * The one form in which a job leaves the program: what the command line prints, what a program or a web service that does
 * the work is given. The names are Kue's (lib/queue/job.js, toJSON, of 0.11.6), and the order as well, but numbers are
 * numbers. The HTTP service has a form of its own, since it has to be Kue's to the letter.
 */

void
cb_job_id_to_json (const char   *id,
                   CbJsonWriter *writer)
{
  gsize length = strlen (id);

  if (length > 0 && strspn (id, "0123456789") == length && (id[0] != '0' || length == 1))
    cb_json_writer_raw (writer, id, (gssize) length);
  else
    cb_json_writer_string (writer, id, (gssize) length);
}

static void
write_json (CbJsonWriter *writer,
            const char   *name,
            GBytes       *json)
{
  const char *text;
  gsize length;

  if (json == NULL)
    return;

  text = g_bytes_get_data (json, &length);
  cb_json_writer_name (writer, name);
  cb_json_writer_raw (writer, text != NULL ? text : "", (gssize) length);
}

/* Records keep µs, JSON has Kue's ms. */
static void
write_msec (CbJsonWriter *writer,
            const char   *name,
            gint64        usec)
{
  if (usec < 0)
    return;

  cb_json_writer_name (writer, name);
  cb_json_writer_int (writer, usec / 1000);
}

static void
write_members_of_job (CbJobRecord  *self,
                      CbJsonWriter *writer)
{
  if (self->queue != NULL)
    {
      cb_json_writer_name (writer, "type");
      cb_json_writer_string (writer, self->queue, -1);
    }
  if (self->state != NULL && self->state[0] != '\0')
    {
      cb_json_writer_name (writer, "state");
      cb_json_writer_string (writer, self->state, -1);
    }
  write_json (writer, "data", self->data);

  cb_json_writer_name (writer, "priority");
  if (isnan (self->priority))
    cb_json_writer_null (writer);
  else
    cb_json_writer_double (writer, self->priority);

  if (self->progress >= 0)
    {
      cb_json_writer_name (writer, "progress");
      cb_json_writer_int (writer, self->progress);
    }
  write_json (writer, "progress_data", self->progress_data);
  write_json (writer, "result", self->result);
  if (self->error != NULL)
    {
      gsize length;
      const char *text = g_bytes_get_data (self->error, &length);

      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, text != NULL ? text : "", (gssize) length);
    }

  write_msec (writer, "created_at", self->created_at);
  write_msec (writer, "promote_at", self->promote_at);
  write_msec (writer, "updated_at", self->updated_at);
  write_msec (writer, "started_at", self->started_at);
  write_msec (writer, "failed_at", self->failed_at);
  write_msec (writer, "duration", self->duration);
  write_msec (writer, "delay", self->delay);
  write_msec (writer, "ttl", self->ttl);
  if (self->worker != NULL)
    {
      cb_json_writer_name (writer, "workerId");
      cb_json_writer_string (writer, self->worker, -1);
    }

  cb_json_writer_name (writer, "attempts");
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "made");
  cb_json_writer_int (writer, self->attempts_made);
  cb_json_writer_name (writer, "remaining");
  cb_json_writer_int (writer, MAX (self->attempts_max - self->attempts_made, 0));
  cb_json_writer_name (writer, "max");
  cb_json_writer_int (writer, self->attempts_max);
  cb_json_writer_end_object (writer);
}

/**
 * cb_job_record_write_json_members:
 *
 * Writes what the job has; what it has not is left out. Times and durations in ms. A `problem`, a sentence in English, where
 * something of the job can't be understood or there is only its id.
 */
void
cb_job_record_write_json_members (CbJobRecord  *self,
                                  CbJsonWriter *writer)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (writer != NULL);

  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (self->id, writer);

  if (!self->missing)
    write_members_of_job (self, writer);

  if (self->missing || self->problem != NULL)
    {
      cb_json_writer_name (writer, "problem");
      cb_json_writer_string (writer,
                             self->problem != NULL ? self->problem : "There is no such job, only its id in a list",
                             -1);
    }
}

/**
 * cb_job_record_to_json:
 *
 * Writes the job as one value.
 */
void
cb_job_record_to_json (CbJobRecord  *self,
                       CbJsonWriter *writer)
{
  cb_json_writer_begin_object (writer);
  cb_job_record_write_json_members (self, writer);
  cb_json_writer_end_object (writer);
}
