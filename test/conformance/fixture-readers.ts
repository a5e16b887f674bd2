/** Resources and prompts of the conformance suite, in front of Belay's own: what is not one of them is passed on. */
import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';
import type { PromptReader } from '../../src/mcp/prompts.ts';
import type { ResourceBytes, ResourceReader, ResourceText } from '../../src/mcp/resources.ts';
import { IMAGE } from './plain-calls.ts';

const RESOURCES: { readonly [uri: string]: ResourceText | ResourceBytes } = {
  'test://static-text': {
    mimeType: 'text/plain',
    text: 'This is the content of the static text resource.',
  },
  'test://static-binary': { mimeType: IMAGE.mimeType, blob: IMAGE.data },
  'test://watched-resource': { mimeType: 'text/plain', text: 'Watched resource content' },
};

const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

export const fixtureResources = (own: ResourceReader): ResourceReader => ({
  templates: [
    ...own.templates,
    {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      title: 'Template',
      description: 'A resource for each id',
      mimeType: 'application/json',
    },
  ],
  async list() {
    const listed = Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({
      uri,
      name: uri.slice('test://'.length),
      mimeType,
    }));
    return [...listed, ...(await own.list())];
  },
  async read(uri) {
    const id = TEMPLATE.exec(uri)?.[1];
    if (id === undefined)
      return (Object.hasOwn(RESOURCES, uri) ? RESOURCES[uri] : undefined) ?? own.read(uri);
    const value = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { mimeType: 'application/json', text: JSON.stringify(value) };
  },
});

type Message = GetPromptResult['messages'][number];

const says = (text: string): Message => ({ role: 'user', content: { type: 'text', text } });

type Given = { readonly [argument: string]: string };

interface FixturePrompt {
  readonly arguments?: readonly string[];
  messages(given: Given): Message[];
}

const PROMPTS: { readonly [name: string]: FixturePrompt } = {
  test_simple_prompt: { messages: () => [says('This is a simple prompt for testing.')] },
  test_prompt_with_arguments: {
    arguments: ['arg1', 'arg2'],
    messages: ({ arg1, arg2 }) => [says(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    arguments: ['resourceUri'],
    messages: ({ resourceUri = '' }) => {
      const text = 'Embedded resource content for testing.';
      const resource = { uri: resourceUri, mimeType: 'text/plain', text };
      return [
        { role: 'user', content: { type: 'resource', resource } },
        says('Please process the embedded resource above.'),
      ];
    },
  },
  test_prompt_with_image: {
    messages: () => [{ role: 'user', content: IMAGE }, says('Please analyze the image above.')],
  },
  // answered in `fixture-server.ts`, which can ask
  test_input_required_result_prompt: { messages: () => [] },
};

const listedPrompts = (): readonly Prompt[] =>
  Object.entries(PROMPTS).map(([name, prompt]) => ({
    name,
    description: `fixture \`${name}\` of the conformance suite`,
    arguments: (prompt.arguments ?? []).map((argument) => ({ name: argument, required: true })),
  }));

export const fixturePrompts = (own: PromptReader): PromptReader => ({
  list: async () => [...listedPrompts(), ...(await own.list())],
  async get(name, given) {
    const prompt = Object.hasOwn(PROMPTS, name) ? PROMPTS[name] : undefined;
    return prompt ? { messages: prompt.messages(given) } : own.get(name, given);
  },
  complete: (completing) => own.complete(completing),
});
