/** What can be read of workflows and runs, as templates of URIs. */
import { icons } from './icons.ts';
import type { ResourceReader } from './resources.ts';

export const TEMPLATES: ResourceReader['templates'] = [
  {
    uriTemplate: 'belay://workflows/{name}',
    name: 'workflow',
    title: 'Definition of a workflow',
    description: 'The definition of a workflow',
    mimeType: 'application/yaml',
    icons: icons('page'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}',
    name: 'run',
    title: 'Run',
    description: 'The run view',
    mimeType: 'application/json',
    icons: icons('run'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}/report',
    name: 'report',
    title: 'Report of a run',
    description: 'All that a run did, as one page; of a run that has not finished, so far',
    mimeType: 'text/markdown',
    icons: icons('page'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}/artifacts/{name}',
    name: 'artifact',
    title: 'File of a run',
    description: 'A file that a run has handed out',
    mimeType: 'application/octet-stream',
    icons: icons('page'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}/instructions',
    name: 'rollback instructions',
    title: 'Instructions to take a run back',
    description: 'What a person does to take a run back by hand',
    mimeType: 'text/markdown',
    icons: icons('back'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}/checkpoints/{checkpoint}',
    name: 'checkpoint',
    title: 'Checkpoint of a run',
    description: 'A place that the run can go back to: when and why it was taken, and what it does not hold',
    mimeType: 'application/json',
    icons: icons('back'),
  },
  {
    uriTemplate: 'belay://runs/{run_id}/steps/{step}/log',
    name: 'step log',
    title: 'Log of a step',
    description: 'Combined output of the last attempt of a step',
    mimeType: 'text/plain',
    icons: icons('list'),
  },
];
