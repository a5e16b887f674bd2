/** A workflow that is tagged `skill`, as a skill: when to run it, with which inputs, and its definition as a file beside. */
import type { LibraryEntry } from '../../definition/library.ts';
import type { InputSpec } from '../../engine/core/model.ts';

const TAG = 'skill';
/** As skills may be named and described. */
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const NAME_CHARS_MAX = 64;
const DESCRIPTION_CHARS_MAX = 1_024;

/** Is the workflow served as a skill? One whose name no skill can have is not. */
export const isSkill = ({ name, tags, problem }: LibraryEntry): boolean =>
  tags.includes(TAG) && problem === undefined && name.length <= NAME_CHARS_MAX && NAME.test(name);

/** The files of the skill, by their paths. */
export function workflowSkill(entry: LibraryEntry & { readonly text: string }): {
  readonly [path: string]: string;
} {
  return { 'SKILL.md': manual(entry), 'workflow.yaml': entry.text };
}

function manual({ name, version, description, inputs }: LibraryEntry): string {
  const said = description ?? `Runs the workflow ${name}`;
  const rows = Object.entries(inputs).map(([input, spec]) => row(input, spec));
  const call = JSON.stringify({ workflow: name, inputs: {} });
  return `---
name: ${name}
description: ${JSON.stringify(said.slice(0, DESCRIPTION_CHARS_MAX))}
metadata:
  workflow: ${JSON.stringify(name)}
  version: ${JSON.stringify(version)}
---

# ${name}

${said}

Run it with \`workflow_execute\`: \`${call}\`. Look at the plan first with \`dry_run: true\`. Its definition is in workflow.yaml.

${rows.length === 0 ? 'It takes no inputs.' : `| input | type | needed | what for |\n|---|---|---|---|\n${rows.join('\n')}`}

Follow the run with \`workflow_status\` and \`wait_seconds\` until it has ended or asks something, and tell the person how it
went. The skill \`belay\` says what to do with questions, failures and rollbacks.
`;
}

function row(name: string, { type, description = '', required, default: usual, enum: choices }: InputSpec) {
  const values =
    choices === undefined ? '' : ` Of: ${choices.map((each) => JSON.stringify(each)).join(', ')}.`;
  const otherwise = usual === undefined ? '' : ` Unless given: ${JSON.stringify(usual)}.`;
  const needed = required && usual === undefined ? 'yes' : 'no';
  return `| ${name} | ${type} | ${needed} | ${cell(`${description}${values}${otherwise}`)} |`;
}

const cell = (text: string): string => text.trim().replaceAll('|', '\\|').replace(/\s+/g, ' ');
