import { expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const find = (text: string) =>
  readDefinition({ text: `name: w\ninputs: { n: {} }\n${text}` }, stepTypes).diagnostics.filter(
    ({ code }) => code === 'unsafe_interpolation',
  );

const VALUE = '"{{ inputs.n }}"';

test.each([
  ['of the step', `steps: [{ env: { N: ${VALUE} }, command: "echo $(( $N + 1 ))" }]`],
  ['without a dollar', `steps: [{ env: { N: ${VALUE} }, command: "(( N++ ))" }]`],
  ['of the workflow', `env: { N: ${VALUE} }\nsteps: [{ command: "m=$N; [[ $m -gt 1 ]]" }]`],
  ['of the block around', `steps: [{ env: { N: ${VALUE} }, steps: [{ command: "let N++" }] }]`],
  ['in another shell', `steps: [{ env: { N: ${VALUE} }, command: "bash -c 'echo $((N))'" }]`],
  ['of sh', `steps: [{ env: { N: ${VALUE} }, shell: [sh, -c], command: "echo $((N))" }]`],
  ['in integer variables', `steps: [{ env: { N: ${VALUE} }, command: "declare -i m; m=$N" }]`],
  ['of the step that is taken back', `steps: [{ env: { N: ${VALUE} }, command: x, undo: "echo $((N))" }]`],
  ['of a checkpoint', `steps: [{ env: { N: ${VALUE} }, type: checkpoint, capture: ["echo $((N))"] }]`],
  [
    'in a script that cannot be followed',
    `steps: [{ env: { N: ${VALUE} }, command: "echo $((N)) 'it is never closed" }]`,
  ],
])('a value in arithmetic: %s', (_, text) => {
  const [found, ...others] = find(text);
  expect(found).toMatchObject({ severity: 'error', path: expect.stringMatching(/command$/) });
  expect(found!.message).toContain('`env.N`');
  expect(found!.hint).toContain('int(');
  expect(found!.hint).not.toContain('env:');
  expect(others).toEqual([]);
});

test.each([
  ['as data', `steps: [{ env: { N: ${VALUE} }, command: 'echo "$N" $((1 + 1)); [ "$N" -gt 1 ]' }]`],
  ['of another name', `steps: [{ env: { N: ${VALUE} }, command: "i=0; (( i++ )); echo $N" }]`],
  ['that is written out', `steps: [{ env: { N: "3" }, command: "echo $((N)) {{ inputs.n }}" }]`],
  ['that the step replaces', `env: { N: ${VALUE} }\nsteps: [{ env: { N: "3" }, command: "echo $((N))" }]`],
  ['as a command, by intent', `steps: [{ env: { N: ${VALUE} }, command: 'sh -c "$N"' }]`],
])('a value is fine: %s', (_, text) => {
  expect(find(text)).toEqual([]);
});
