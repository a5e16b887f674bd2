/** Every failure code that a step may end with, except `cancelled`, which is never retried; by who uses it. */
export const FAILURE_CODES = [
  // any step
  ...['any', 'timeout', 'expression', 'value_too_large', 'nul_byte', 'output_too_large', 'interrupted'],
  ...['checkpoint_failed', 'artifact_missing', 'artifact_refused', 'artifact_limit', 'artifact_failed'],
  // processes
  ...['exit', 'killed', 'output_limit', 'cwd_missing', 'shell_missing'],
  // blocks and loops
  ...['block_failed', 'repeat_exhausted', 'too_many_items'],
  // assert, wait, questions
  ...['assertion', 'wait_invalid', 'answer_invalid', 'rejected', 'expired', 'show_failed'],
  // http
  ...['request_invalid', 'address_refused', 'unreachable', 'certificate', 'connection_lost', 'redirect'],
  ...['status', 'not_json', 'response_too_large', 'save_failed'],
  // ssh
  ...['auth_failed', 'host_key_unknown', 'host_key_changed', 'sudo_refused', 'detach_failed'],
  ...['upload_failed', 'download_failed', 'transfer_too_large'],
  // notify
  ...['login_refused', 'mail_refused', 'tls_refused', 'desktop_missing', 'desktop_failed', 'notify_failed'],
  'signal_refused',
  // workflow
  ...['run_failed', 'run_not_started'],
  // agent
  ...['no_provider', 'provider_unavailable', 'provider_refused', 'model_declined', 'schema_mismatch'],
  ...['budget_exceeded', 'agent_failed'],
  // mcp
  ...['server_not_started', 'server_exited', 'not_mcp', 'mcp_refused', 'tool_error', 'arguments_invalid'],
  ...['tool_missing', 'resource_missing', 'prompt_missing', 'definition_changed'],
] as const;
