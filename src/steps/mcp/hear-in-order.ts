/**
 * Hands the messages of a server on in the order in which they came. The SDK hears a notification a moment after it was
 * given it, and an answer at once; and with the answer it forgets who follows the progress.
 */
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/client';

/** Gives the message to `hear`, an answer after the notifications that came before it. */
export function hearInOrder(message: JSONRPCMessage, hear: () => void): void {
  if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) queueMicrotask(hear);
  else hear();
}
