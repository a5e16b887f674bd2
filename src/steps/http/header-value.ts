/** What a header may hold, without loading the module of Node that knows it: that one brings all of its web client along. */

const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** Whether a header may have this value: visible characters, blanks and tabs. Source: RFC 9110, 5.5. */
export const isHeaderValue = (value: string): boolean => !FORBIDDEN.test(value);
