/** The skill that teaches an agent when Belay is worth it and how its tools go together. Its files, by their paths. */

const SKILL = `---
name: belay
description: Run work of several commands as one durable, reversible run. Use it for deployments, migrations, releases, dependency updates and other work that must finish, must not be done twice, may need a person's yes, or may have to be taken back.
metadata:
  tools: workflow_suggest, workflow_list, workflow_validate, workflow_execute, workflow_status, workflow_answer, workflow_resume, workflow_cancel, workflow_rollback, workflow_history, workflow_create, workflow_autocomplete, workflow_analytics
---

# Working with Belay

A run is a list of steps that is recorded as it happens. It goes on when you stop waiting, when your session ends, and when
the machine's processes die. Every answer names the useful next calls in \`next\`: follow them.

## When to use it

- Several commands that belong together, where a failure in the middle would leave a mess.
- Anything that changes files or systems and that somebody may want to undo.
- Work that takes longer than a tool call may, or that waits for a person, a time or a signal.

For one harmless command a plain shell is fine.

## The usual way

1. \`workflow_suggest\` with the goal as \`intent\`: is there a workflow for this already? It reads inputs out of the words, and
   \`missing_inputs\` are left to ask for. \`workflow_list\` shows all.
2. If not, write one (see references/definitions.md) and check it with \`workflow_validate\`, or give plain \`commands\`.
3. \`workflow_execute\` with \`dry_run: true\` where steps change things. Show the plan to the person.
4. \`workflow_execute\` without it. It waits a little and answers with the run: \`run_id\`, \`status\`, \`steps\`, \`questions\`.
5. \`workflow_status\` with \`run_id\` and \`wait_seconds\` until the run has ended or asks something. Do not poll without waiting.
6. Tell the person how it went: what ended well, what failed and why, the outputs, what \`warnings\` says.

## By status

| status | do |
|---|---|
| running, queued | \`workflow_status\` with \`wait_seconds: 60\` |
| waiting | look at \`questions\`, see below |
| paused | read \`reason\`; \`workflow_resume\` when it is clear that the run may go on |
| succeeded, partial | report; with partial, name the steps that failed softly |
| failed | read the failed step's \`error\` and \`log\`; mend the cause, then \`workflow_resume\`, or \`workflow_rollback\` |
| stuck | a rollback could not finish: show \`rollback.left\` to the person, they have to act |

## Questions

- \`asked_of: agent\`: yours. Answer with \`workflow_answer\` and an \`answer\` that fits \`schema\`.
- \`asked_of: human\`: not yours, whatever you know. The person answers in the form that the client shows, or with the command
  in \`how_to_answer\`. Tell them what is asked, and wait.

## Taking back

\`workflow_rollback\` with \`dry_run: true\` first: it shows every undo, every file and what cannot be taken back. Then choose:

- \`graceful\`: let what runs finish, then undo. The usual choice.
- \`immediate\`: stop what runs now, then undo.
- \`checkpoint\`: only back to a checkpoint; the run is paused there and can be resumed.
- \`manual\`: change nothing, get instructions for a person.

A rollback leaves alone what others have changed since, unless \`on_conflict: overwrite\` is given. Ask the person before that.

## Learning from runs

- Give \`workflow_execute\` the goal as \`intent\`: the next one with such a goal finds it.
- \`workflow_create\` saves what is worth repeating: \`from_run\` a run that ended well, \`from_pattern\` a \`new_workflow\` that was
  suggested, \`from_commands\` or \`definition\`. A file that is there changes only after a person has agreed.
- \`workflow_autocomplete\` completes a command line, \`workflow_analytics\` says where runs fail, and proposes changes as diffs.

## What to keep in mind

- Start a run once. If an answer was lost, look with \`workflow_history\`, or give an \`idempotency_key\` from the beginning.
- A failed run is not to be started anew from the top: \`workflow_resume\` keeps what has been done.
- Secrets belong into the environment and are named under \`secrets\`; never put one into inputs or commands.
- Long logs and files are resources: \`belay://runs/{run_id}/steps/{step}/log\`, \`belay://runs/{run_id}/artifacts/{name}\`,
  \`belay://runs/{run_id}/report\`.
`;

const DEFINITIONS = `# Writing a workflow

\`\`\`yaml
name: release-site
description: Build, test and publish the site
inputs:
  env: { type: string, enum: [staging, prod], required: true }
steps:
  - id: build
    command: npm run build -- --env {{ inputs.env }}
    timeout: 10m
  - id: test
    command: npm test
    retry: { attempts: 2 }
  - id: go-live
    type: approval
    message: "Publish to {{ inputs.env }}?"
    when: inputs.env == 'prod'
  - id: publish
    command: ./publish.sh up
    undo: ./publish.sh down
cleanup:
  - command: rm -rf tmp
\`\`\`

- Steps run one after the other. \`needs: [a, b]\` says what a step waits for instead, \`needs: []\` starts it at once.
- \`{{ … }}\` is an expression over \`inputs\`, \`steps\`, \`env\`, \`run\` and \`item\`. In commands its value travels in a variable: it can
  never become shell text, so do not put it into back-quotes or here-documents.
- \`undo\` is how a step is taken back. Files of the workspace are taken back by checkpoints, which destructive steps get by
  themselves; \`checkpoint: true\` asks for one. \`irreversible: why\` says that there is no way back.
- \`on_failure: continue\` goes on after a failure, \`on_failure: rollback\` takes the run back.
- \`foreach\`, \`parallel\`, \`repeat\` and \`workflow\` make loops, branches and runs of other workflows.
- Types of steps: shell, assert, approval, input, http, ssh, mcp, agent, workflow, wait, notify, set, checkpoint.

\`workflow_validate\` names every mistake with its line and a way out. Check before you run.
`;

export const BELAY_SKILL: { readonly [path: string]: string } = {
  'SKILL.md': SKILL,
  'references/definitions.md': DEFINITIONS,
};
