/** The one kind of document that hosts of the MCP Apps extension show. */
export const VIEW_MIME_TYPE = 'text/html;profile=mcp-app';
