/**
 * The skills of one Belay, as resources and as entries with the digests of their files: `belay` itself, and one for each
 * workflow tagged so. Entries are made of the files as they are now, so that what is read always fits what is listed.
 */
import { type Skill, skillEntry } from '@modelcontextprotocol/server/ext/skills';
import type { Belay } from '../../tools/belay.ts';
import type { ResourceLink } from '../../tools/tool.ts';
import type { ResourceText } from '../resources.ts';
import { BELAY_SKILL } from './belay-skill.ts';
import { isSkill, workflowSkill } from './workflow-skill.ts';

const OWN = 'belay';
/** Not below `belay`: a skill in the folder of another belongs to it. */
const OF_WORKFLOWS = 'workflows';
const MANUAL = 'SKILL.md';
const URI = /^skill:\/\/(belay|workflows\/([^/]+))\/(.+)$/;
const SKILLS_MAX = 200;
const SCHEME = 'skill://';
const FOLDER_TYPE = 'inode/directory';

interface Files {
  /** Where the skill is, after `skill://`. */
  readonly path: string;
  readonly files: { readonly [path: string]: string };
}

export async function listSkills(belay: Belay): Promise<Skill[]> {
  return Promise.all([OWN, ...skillPaths(belay)].flatMap((path) => filesOf(belay, path)).map(entryOf));
}

/** Undefined for a URI that is not the manual of a skill that is served. */
export async function getSkill(belay: Belay, uri: string): Promise<Skill | undefined> {
  const named = fileIn(belay, uri);
  return named?.file === MANUAL ? entryOf(named) : undefined;
}

export function readSkillFile(belay: Belay, uri: string): ResourceText | undefined {
  const named = fileIn(belay, uri);
  const text = named && Object.hasOwn(named.files, named.file) ? named.files[named.file] : undefined;
  if (text === undefined) return undefined;
  return { mimeType: typeOf(named?.file ?? ''), text };
}

/** The manuals, for the list of resources. */
export async function skillLinks(belay: Belay): Promise<readonly (ResourceLink & { description: string })[]> {
  return (await listSkills(belay)).map(({ uri, frontmatter: { name, description } }) => ({
    uri,
    name,
    description,
    mimeType: 'text/markdown',
  }));
}

/** What is directly in a folder of skills; undefined where there is none of that address. */
export function readSkillFolder(belay: Belay, uri: string): readonly ResourceLink[] | undefined {
  const children = new Map<string, ResourceLink>();
  for (const { path, files } of [OWN, ...skillPaths(belay)].flatMap((each) => filesOf(belay, each))) {
    for (const file of Object.keys(files)) {
      const whole = `${SCHEME}${path}/${file}`;
      if (!whole.startsWith(`${uri}/`)) continue;
      const [name = '', ...deeper] = whole.slice(uri.length + 1).split('/');
      const mimeType = deeper.length > 0 ? FOLDER_TYPE : typeOf(name);
      children.set(name, { uri: `${uri}/${name}`, name, mimeType });
    }
  }
  return children.size > 0 && uri.length > SCHEME.length ? [...children.values()] : undefined;
}

const typeOf = (file: string): string => (file.endsWith('.md') ? 'text/markdown' : 'application/yaml');

const skillPaths = ({ library }: Belay): readonly string[] =>
  library
    .list()
    .filter(isSkill)
    .slice(0, SKILLS_MAX)
    .map(({ name }) => `${OF_WORKFLOWS}/${name}`);

/** None where the file has gone meanwhile. */
function filesOf({ library }: Belay, path: string): Files[] {
  if (path === OWN) return [{ path, files: BELAY_SKILL }];
  const found = library.find(path.slice(OF_WORKFLOWS.length + 1));
  return found && isSkill(found) ? [{ path, files: workflowSkill(found) }] : [];
}

function fileIn(belay: Belay, uri: string): (Files & { readonly file: string }) | undefined {
  const [, path, , file] = URI.exec(uri) ?? [];
  const [found] = path === undefined ? [] : filesOf(belay, path);
  return found && file !== undefined ? { ...found, file } : undefined;
}

const entryOf = ({ path, files }: Files): Promise<Skill> => skillEntry(path, { ...files });
