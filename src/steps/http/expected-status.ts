/** What a step counts as success: statuses such as `404`, and classes such as `2xx`. */
export const isExpected = (expect: readonly (number | string)[], status: number): boolean =>
  expect.some((one) => (typeof one === 'number' ? one === status : one[0] === String(status)[0]));
