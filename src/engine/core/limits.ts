/** Every bound in one place, the unit last in the name. Doc comments say what happens at the bound. */

/** Definition text, before parsing: diagnostic `limit`. */
export const DEFINITION_BYTES_MAX = 256 * 1024;
export const DEFINITION_KEYS_MAX = 5_000;
export const DEFINITION_DEPTH_MAX = 64;
/** Steps written in one definition: diagnostic `limit`. */
export const DEFINITION_STEPS_MAX = 2_000;

/** Items of one `foreach`: failure `too_many_items`. */
export const FOREACH_ITEMS_MAX = 10_000;
/** Rounds of one `repeat`: diagnostic `limit`. */
export const REPEAT_ROUNDS_MAX = 10_000;
/** Tags of one step: diagnostic. */
export const STEP_TAGS_MAX = 16;
/** Attempts of one step: diagnostic `limit`. */
export const RETRY_ATTEMPTS_MAX = 100;

/** One output value in the journal; longer text is cut and the whole stays in the log file. */
export const OUTPUT_BYTES_MAX = 64 * 1024;
/** Lists and maps inside one another, of a value that comes from outside: refused where it comes in. */
export const VALUE_DEPTH_MAX = 200;
/** All outputs of one step together, or all that a run ends with: failure `output_too_large`. */
export const STEP_OUTPUTS_BYTES_MAX = 512 * 1024;
/**
 * All outputs of one run together, over all its attempts: a host keeps them in memory and the journal for ever.
 * A step that would go beyond fails with `output_too_large`; what a failed step leaves beyond is not kept.
 */
export const RUN_OUTPUTS_BYTES_MAX = 64 * 1024 * 1024;
/** Characters of the name of a concurrency group: error `invalid_input`. */
export const GROUP_CHARS_MAX = 200;
/** Of a run, above and below the usual 0. */
export const PRIORITY_MAX = 10;
/** Runs that start one another from their steps; one more is refused: error `limit`. */
export const RUN_DEPTH_MAX = 16;
/** What a shell step may write to its log files: failure `output_limit`, or cut by choice. */
export const STEP_LOG_BYTES_MAX = 64 * 1024 * 1024;
/** One interpolated value (Linux gives one environment string 128 KiB): failure `value_too_large`. */
export const ENV_VALUE_BYTES_MAX = 120 * 1024;
/** All inputs of one run together: diagnostic `limit`. */
export const INPUTS_BYTES_MAX = 1024 * 1024;
/** One file that `read`, `json`, `parse_coverage` … may open: failure `expression`. */
export const READ_BYTES_MAX = 8 * 1024 * 1024;

/** What a remote system may ask a retry to wait (`Retry-After`); a longer wait is cut to this. */
export const RETRY_AFTER_MS_MAX = 86_400_000;
/** An HTTP answer, unless the step says `max_bytes`: failure `response_too_large`. */
export const HTTP_ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** One that is not saved to a file: diagnostic. */
export const HTTP_MEMORY_BYTES_MAX = 64 * 1024 * 1024;
/** A whole HTTP exchange, redirects included, unless the step says `timeout`: failure `timeout`. */
export const HTTP_MS_MAX = 30_000;
/** One after the other: failure `redirect`. */
export const HTTP_REDIRECTS_MAX = 5;

/** Reaching a machine, and logging in there: failure `unreachable`. */
export const SSH_CONNECT_MS_MAX = 20_000;
/** Jump hosts of one way: diagnostic. */
export const SSH_JUMPS_MAX = 5;
/** An idle connection is closed after this. */
export const SSH_IDLE_MS_MAX = 60_000;
/** How often a connection in use is asked whether it is still there. */
export const SSH_ALIVE_MS = 15_000;
/** Commands at once on one connection (OpenSSH takes ten); for more another one is opened. */
export const SSH_CHANNELS_MAX = 8;
/** A remote command with all its values: failure `value_too_large`. */
export const SSH_PROGRAM_BYTES_MAX = 1024 * 1024;
/** What a remote login may print before the command: failure `shell_missing`. */
export const SSH_GREETING_BYTES_MAX = 64 * 1024;
/** Between TERM and KILL on the other machine; shorter than `KILL_GRACE_MS`, so that its end is still seen. */
export const SSH_KILL_GRACE_MS = 3_000;
/** Silence after which the output of a command that has ended is complete, though something holds it open. */
export const SSH_DRAIN_MS = 2_000;
/** How long a detached command is looked for when its machine cannot be reached: failure `connection_lost`. */
export const SSH_REATTACH_MS_MAX = 600_000;
/** Wait between two looks for it at most. */
export const SSH_REATTACH_DELAY_MS_MAX = 15_000;
/** Days that a detached command's output stays on its machine. */
export const SSH_DETACHED_DAYS = 7;
/** Entries of `upload` and of `download`: diagnostic. */
export const SSH_TRANSFERS_MAX = 100;
/** What one step moves, unless it says `max_bytes`: failure `transfer_too_large`. */
export const SSH_TRANSFER_BYTES_MAX = 1024 ** 3;
/** Files of one step: failure `transfer_too_large`. */
export const SSH_TRANSFER_FILES_MAX = 10_000;
/** Folders inside each other: failure `transfer_too_large`. */
export const SSH_TRANSFER_DEPTH_MAX = 32;

/** Budget of an agent step that says nothing else: failure `budget_exceeded`. */
export const AGENT_TURNS_USUAL = 25;
export const AGENT_MS_USUAL = 600_000;
export const AGENT_TOKENS_USUAL = 1_000_000;
/** What an agent step may ask for: diagnostic. */
export const AGENT_TURNS_MAX = 500;
/** Files that go to the model with its goal: failure `request_invalid`. */
export const AGENT_INPUT_FILES_MAX = 200;
/** Their content together; of files beyond it the model is told the path only. */
export const AGENT_INPUT_BYTES_MAX = 256 * 1024;
/** The same where the work is handed back: the prompt stays in the journal. */
export const AGENT_ASKED_BYTES_MAX = 16 * 1024;
/** Entries that a glob or a listing looks at; the rest is not seen. */
export const AGENT_WALK_ENTRIES_MAX = 50_000;
/** What the model is given of one result of a tool; the rest is cut. */
export const AGENT_RESULT_BYTES_MAX = 32 * 1024;
/** One reply of a model; what it says beyond is not read. */
export const AGENT_REPLY_BYTES_MAX = 512 * 1024;
/** Tokens that one reply may have, where the service must be told. */
export const AGENT_REPLY_TOKENS_MAX = 16_384;
/** Calls of tools in one reply; those beyond are refused. */
export const AGENT_CALLS_MAX = 32;
/** Tries at one reply of a busy service, and the longest wait between two that it may ask for. */
export const AGENT_TRIES_MAX = 5;
export const AGENT_RETRY_WAIT_MS_MAX = 60_000;
/** One program that a model runs: it is ended. */
export const AGENT_PROGRAM_MS_MAX = 120_000;
/** MCP servers of an agent step, and the tools of one of them that a model may use: diagnostic. */
export const AGENT_MCP_SERVERS_MAX = 8;
export const AGENT_MCP_TOOLS_MAX = 32;
/** Calls of tools of one such server, unless the step says `max_calls`, and at most: those beyond are refused. */
export const AGENT_MCP_CALLS_USUAL = 100;
export const AGENT_MCP_CALLS_MAX = 1_000;
/** How long it may say nothing during a call; the model is told, and the server is ended. */
export const AGENT_MCP_SILENT_MS_MAX = 120_000;
/** How often one that has ended is started anew; the model is told after that. */
export const AGENT_MCP_RESTARTS_MAX = 3;
/** Descriptions and schemas of all its tools that go to the model: failure `response_too_large`. */
export const AGENT_MCP_DEFINITIONS_BYTES_MAX = 256 * 1024;
/** What the Claude Code command line may print: failure `agent_failed`. */
export const AGENT_PRINTED_BYTES_MAX = 8 * 1024 * 1024;

/** Until another MCP server speaks, unless the step says `start_timeout`: failure `server_not_started`. */
export const MCP_START_MS_USUAL = 60_000;
/** How long it may say nothing while it works, where the step has no `timeout`: failure `timeout`. */
export const MCP_SILENT_MS_MAX = 300_000;
/** One message of it, and all that one answer over HTTP holds: failure `response_too_large`. */
export const MCP_MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
export const MCP_ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** What it may print that is no MCP: failure `not_mcp`. */
export const MCP_NOISE_BYTES_MAX = 256 * 1024;
/** Checks of one value by a schema of the server: failure `arguments_invalid` or `not_mcp`. */
export const MCP_CHECK_MS_MAX = 1_000;
/** Questions that it may ask during one call; it is told that nobody answers the others. */
export const MCP_QUESTIONS_MAX = 20;
/** Pieces of one answer that are saved as files: failure `save_failed`. */
export const MCP_FILES_MAX = 1_000;
/** Until its process is told to end when its input is closed, and between TERM and KILL. */
export const MCP_LEAVE_MS = 250;
export const MCP_KILL_GRACE_MS = 2_000;

/** Targets of one notification, and recipients of one mail: diagnostic, failure `request_invalid`. */
export const NOTIFY_TARGETS_MAX = 20;
export const NOTIFY_RECIPIENTS_MAX = 100;
/** A message, and its title; more is cut. */
export const NOTIFY_CHARS_MAX = 30_000;
export const NOTIFY_TITLE_CHARS_MAX = 200;
/** A whole notification, unless the step says `timeout`: failure `timeout`. */
export const NOTIFY_MS_MAX = 30_000;

/** What a call may note at once; more is a bug of its step type. */
export const CALL_NOTE_BYTES_MAX = 64 * 1024;

/** One artifact, the tar of a folder included: failure `artifact_limit`. */
export const ARTIFACT_BYTES_MAX = 20 * 1024 ** 3;
/** Files, folders and links in a folder that becomes an artifact: failure `artifact_limit`. */
export const ARTIFACT_FILES_MAX = 100_000;
/** All artifacts of one run; a host keeps a note of each in memory: failure `artifact_limit`. */
export const RUN_ARTIFACTS_MAX = 10_000;
/** Retention of artifacts unless told otherwise: age, number, bytes. */
export const ARTIFACT_AGE_MS_MAX = 30 * 86_400_000;
export const ARTIFACTS_MAX = 10_000;
export const ARTIFACT_STORE_BYTES_MAX = 20 * 1024 ** 3;

/** Capabilities that a question wants, and that one claim says: diagnostic, `invalid_input`. */
export const CAPABILITIES_MAX = 100;

/** What is shown with a question, all pieces together: longer ones are cut, and their digest says what they were. */
export const QUESTION_CONTEXT_BYTES_MAX = 32 * 1024;
/** People who have to approve one question: diagnostic. */
export const APPROVALS_MAX = 20;
/** How long a claim of a question holds unless said, and at most: error `invalid_input`. */
export const CLAIM_MS_USUAL = 300_000;
export const CLAIM_MS_MAX = 3_600_000;
/** Payload of one signal, and signals that a run keeps for steps to come: the sender is refused. */
export const SIGNAL_BYTES_MAX = 64 * 1024;
export const SIGNALS_KEPT_MAX = 256;
/** A `wait` looks at its condition no more often than this; and no more often than this share of the time it waits. */
export const POLL_MS_MIN = 1_000;
export const POLLS_PER_SPAN_MAX = 1_000;

/** Wait between TERM and KILL, and for a call that was told to end. */
export const KILL_GRACE_MS = 5_000;
/** A host that has not renewed for this long has lost its runs. */
export const LEASE_MS = 15_000;
export const LEASE_RENEW_MS = 4_000;
/** Longest timeout, wait or delay: ten years; keeps time arithmetic exact. */
export const DURATION_MS_MAX = 10 * 365 * 86_400_000;

/** What one snapshot may hold and how long it may take; more is left out and listed, a longer one fails. */
export const CHECKPOINT_BYTES_MAX = 5 * 1024 ** 3;
export const CHECKPOINT_FILES_MAX = 500_000;
export const CHECKPOINT_MS_MAX = 60_000;
/** An automatic checkpoint that nobody has asked for is given up sooner: the step starts without. */
export const CHECKPOINT_UNASKED_MS_MAX = 10_000;
/** Content that an automatic checkpoint which nobody has asked for reads at most; where there is more it is not taken. */
export const CHECKPOINT_UNASKED_BYTES_MAX = 1024 ** 3;
/** How long a result is kept unless its step says `ttl`. */
export const CACHE_AGE_MS_MAX = 30 * 86_400_000;
/** All results and files of the cache together; those that were asked for longest ago go first. */
export const CACHE_BYTES_MAX = 5 * 1024 ** 3;
export const CACHE_ENTRIES_MAX = 20_000;
/** Files that one result may bring back; a step that leaves more is not kept, and says so. */
export const CACHE_PATHS_BYTES_MAX = 1024 ** 3;
export const CACHE_PATHS_FILES_MAX = 10_000;
/** Files that one key may depend on: the step is performed, and not kept. */
export const CACHE_INPUTS_BYTES_MAX = 1024 ** 3;
export const CACHE_INPUTS_FILES_MAX = 50_000;
/** Tags of one result, and the characters of each: diagnostic. */
export const CACHE_TAGS_MAX = 16;
export const CACHE_TAG_CHARS_MAX = 100;
/** How often a step that waits for another's result looks whether it is there. */
export const CACHE_LOOK_MS = 250;

/** Commands that learning keeps in all; the oldest sessions go first. */
export const LEARNED_STEPS_MAX = 100_000;
/** All their characters, words included: the same. */
export const LEARNED_CHARS_MAX = 64 * 1024 * 1024;
/** Commands of one session; a longer one is kept as several. */
export const LEARNED_SESSION_STEPS_MAX = 500;
/** Of one command, of the words told with it or with its session, and of a path; more is cut. */
export const LEARNED_COMMAND_CHARS_MAX = 4_096;
export const LEARNED_PATH_CHARS_MAX = 1_024;
export const LEARNED_WORDS_CHARS_MAX = 2_000;
/** What a run was given: inputs that take more are not kept. */
export const LEARNED_INPUTS_BYTES_MAX = 4 * 1024;
/** A command of a history that is imported, before it is cut; a longer one is skipped. */
export const IMPORT_COMMAND_CHARS_MAX = 256 * 1024;
/** Commands of one file: the newest. Half of what learning keeps, so that a history does not push out all runs. */
export const IMPORT_STEPS_MAX = 50_000;
/** One file that is imported, and one that has to be read as a whole: it is skipped. */
export const IMPORT_FILE_BYTES_MAX = 1024 ** 3;
export const IMPORT_DOCUMENT_BYTES_MAX = 1024 * 1024;
/** One line of such a file; a longer one is skipped. */
export const IMPORT_LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Entries of folders that are looked at, files that are imported, folders inside each other; the rest is skipped. */
export const IMPORT_ENTRIES_MAX = 200_000;
export const IMPORT_FILES_MAX = 10_000;
export const IMPORT_DEPTH_MAX = 24;
/** A pack of counts: a larger one is refused. */
export const PACK_BYTES_MAX = 32 * 1024 * 1024;
/** Sources of one pack, and counts of one source: error `pack_invalid`; of an export the most frequent are kept. */
export const PACK_SOURCES_MAX = 1_000;
export const PACK_COUNTS_MAX = 50_000;

/** One capture or restore command: failure `timeout`. */
export const CAPTURE_MS_MAX = 10 * 60_000;
/** Retention of snapshots unless told otherwise: age, number, bytes on disk. */
export const SNAPSHOT_AGE_MS_MAX = 7 * 86_400_000;
export const SNAPSHOTS_MAX = 1_000;
export const SNAPSHOT_STORE_BYTES_MAX = 20 * 1024 ** 3;

/** Events that are read at once, of one run or of all; the next page goes on behind them. */
export const FEED_PAGE_EVENTS = 256;
export const FEED_PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Events that a server keeps ready for those who follow all runs; who is further behind is read for by himself. */
export const FEED_KEPT_EVENTS_MAX = 1_024;
export const FEED_KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** Of one data folder: error `limit`. */
export const WEBHOOKS_MAX = 100;
export const WEBHOOK_URL_CHARS_MAX = 2_000;
/** One delivery, from the name's look-up to the answer's end, redirects included. */
export const WEBHOOK_MS_MAX = 15_000;
/** A body; of an event that is longer only its head is sent. */
export const WEBHOOK_BODY_BYTES_MAX = 256 * 1024;
/** Deliveries under way at once, of all webhooks and of one. */
export const WEBHOOK_CALLS_MAX = 16;
export const WEBHOOK_CALLS_EACH_MAX = 4;
/** Deliveries of one webhook that wait for their next try; later events wait in the journal. */
export const WEBHOOK_PENDING_MAX = 1_000;
/** Deliveries that are kept to be looked at: delivered ones, and those that were given up. */
export const WEBHOOK_DELIVERED_KEPT_MAX = 200;
export const WEBHOOK_DEAD_KEPT_MAX = 1_000;
/** A server that has not renewed for this long no longer delivers. */
export const WEBHOOK_LEASE_MS = 15_000;
