/** What of an environment a run is given. */
import { expect, test } from 'vitest';
import { allowedEnvironment } from '../../../../src/engine/host/environment.ts';

test('lets through what a command needs, and no secret', () => {
  const given = {
    PATH: '/bin',
    LC_ALL: 'C',
    HOME: '/h',
    AWS_SECRET_ACCESS_KEY: 's',
    GITHUB_TOKEN: 't',
    LANG: undefined,
  };
  expect(allowedEnvironment(given)).toEqual({ PATH: '/bin', LC_ALL: 'C', HOME: '/h' });
});
