/** JSON-RPC errors for what never reaches an MCP server: the SDK words all others. */

export const rpcError = (status: number, code: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
