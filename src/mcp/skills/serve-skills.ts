/** The methods of the skills extension; the files themselves are resources. */
import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Belay, OpenBelay } from '../../tools/belay.ts';
import type { BeforeListing } from '../prompts.ts';

/** A change is told to whoever listens; nobody else misses much in that time. */
const CACHED = { ttlMs: 60_000, cacheScope: 'private' } as const;
const URI_CHARS_SHOWN_MAX = 200;

const listed = z.looseObject({});
const named = z.looseObject({ uri: z.string() });
const folder = z.looseObject({ uri: z.string(), cursor: z.string().optional() });

/** The capability. */
export const SKILLS_TERMS = { directoryRead: true };

export function serveSkills(server: Server, open: OpenBelay, listing: BeforeListing): void {
  server.setRequestHandler('skills/list', { params: listed }, async () => {
    await listing();
    const { listSkills } = await import('./skill-reader.ts');
    return { skills: await listSkills(await opened(open)), ...CACHED };
  });
  server.setRequestHandler('skills/get', { params: named }, async ({ uri }) => {
    const { getSkill } = await import('./skill-reader.ts');
    const skill = await getSkill(await opened(open), uri);
    if (skill === undefined) {
      const message = `no skill is served at \`${uri.slice(0, URI_CHARS_SHOWN_MAX)}\`; skills/list names all of them`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
    }
    return { skill, ...CACHED };
  });
  server.setRequestHandler('resources/directory/read', { params: folder }, async ({ uri, cursor }) => {
    const { readSkillFolder } = await import('./skill-reader.ts');
    const resources = readSkillFolder(await opened(open), uri);
    if (cursor !== undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'unknown `cursor`: a folder is one page');
    if (resources === undefined) {
      const message = `\`${uri.slice(0, URI_CHARS_SHOWN_MAX)}\` is no folder of skills`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
    }
    return { resources: [...resources], ...CACHED };
  });
}

async function opened(open: OpenBelay): Promise<Belay> {
  const belay = await open();
  if (!belay.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, belay.error.message);
  return belay.value;
}
