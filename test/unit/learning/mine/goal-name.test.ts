/** What a workflow is called that was made for a goal. */
import { expect, test } from 'vitest';
import { commandsDescription, commandsName } from '../../../../src/learning/mine/commands-name.ts';
import { goalName } from '../../../../src/learning/mine/goal-name.ts';

test.each<[[string, ...string[]], object]>([
  [['rebuild the api'], { name: 'rebuild-the-api', description: 'Rebuild the api' }],
  [['Fix bug 6', 'fix bug 5'], { name: 'fix-bug', description: 'Fix bug' }],
  [
    ['please bring the new release of our shop to the staging servers'],
    {
      name: 'bring-new-release-our-shop',
      description: 'Please bring the new release of our shop to the staging servers',
    },
  ],
  [[`use ghp_${'0123456789abcdefghijABCDEFGHIJ012345'} to push`], { name: 'use-to-push' }],
  [['修复错误'], { description: '修复错误' }],
  [[''], {}],
])('%j', (goals, expected) => {
  const { name, description, ...rest } = goalName(goals);
  expect({ ...(name && { name }), ...(description && { description }), ...rest }).toMatchObject(expected);
  expect(`${name} ${description}`).not.toMatch(/ghp|\*/);
});

test.each([
  [['git checkout -q -b x', 'git commit -m y'], 'branch-and-commit', 'Create a branch and commit (git)'],
  [
    ['npm ci', 'npm run build', 'npm publish'],
    'install-build-and-publish',
    'Install packages, build, and publish the package (npm)',
  ],
  [['./deploy.sh a', './deploy.sh b'], 'deploy', 'Run ./deploy.sh'],
  [
    ['terraform init', 'terraform plan', 'terraform apply', 'make x', 'make y'],
    'init-to-make-y',
    'Init terraform, plan, apply, make x, and make y',
  ],
])('%j', (commands, name, description) => {
  expect([commandsName(commands), commandsDescription(commands)]).toEqual([name, description]);
});
