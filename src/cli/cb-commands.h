/* cb-commands.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"

G_BEGIN_DECLS

/* The tables of the groups, each in cb-command-<noun>.c and ended by a line without a name. */
extern const CbCliCommand cb_command_ping[];
extern const CbCliCommand cb_command_value[];
extern const CbCliCommand cb_command_call[];
extern const CbCliCommand cb_command_keys[];
extern const CbCliCommand cb_command_key[];
extern const CbCliCommand cb_command_key_file[];
extern const CbCliCommand cb_command_key_many[];
extern const CbCliCommand cb_command_key_import[];
extern const CbCliCommand cb_command_open[];
extern const CbCliCommand cb_command_message[];
extern const CbCliCommand cb_command_job_compare[];
extern const CbCliCommand cb_command_job_create[];
extern const CbCliCommand cb_command_job_failures[];
extern const CbCliCommand cb_command_job_read[];
extern const CbCliCommand cb_command_job_act[];
extern const CbCliCommand cb_command_job_update[];
extern const CbCliCommand cb_command_queue[];
extern const CbCliCommand cb_command_queue_stats[];
extern const CbCliCommand cb_command_replay[];
extern const CbCliCommand cb_command_doctor[];
extern const CbCliCommand cb_command_undo[];
extern const CbCliCommand cb_command_events[];
extern const CbCliCommand cb_command_work[];
extern const CbCliCommand cb_command_serve[];
extern const CbCliCommand cb_command_server[];
extern const CbCliCommand cb_command_demo[];

extern const CbOption cb_global_options[];

const CbCliCommand *cb_commands_find       (const char         *first,
                                            const char         *second,
                                            guint              *n_words,
                                            gboolean           *is_group);
void                cb_commands_print_help (CbCli              *cli,
                                            const CbCliCommand *command);
void                cb_commands_print_list (CbCli              *cli);

G_END_DECLS
