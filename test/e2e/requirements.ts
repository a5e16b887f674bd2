/**
 * What Belay promises to whoever uses it, each with the tests that prove it: `file > title`.
 * `requirements.test.ts` fails when a promise has no proof, or a proof is not there any more.
 */

export interface Requirement {
  readonly promise: string;
  readonly provenBy: readonly string[];
}

export const requirements: { readonly [id: string]: Requirement } = {
  'clients-of-both-eras': {
    promise: 'clients of the 2025 and the 2026-07-28 protocol, and Inspector, drive a real run',
    provenBy: [
      'test/e2e/mcp-clients.test.ts > runs commands, watches them and reads their log',
      "test/e2e/inspector.test.ts > Inspector's command line lists the tools and drives a run",
      'test/e2e/http-inspector.test.ts > drives a run (%s)',
      'test/e2e/client-configurations.test.ts > starts the server',
    ],
  },
  'as-the-protocol-says': {
    promise:
      'the official conformance suite finds nothing wrong, in both revisions, with the extensions for tasks and skills',
    provenBy: [
      'test/conformance/conformance.test.ts > finds nothing wrong in either revision of the protocol',
    ],
  },
  'nothing-is-missed-outside': {
    promise:
      'whoever follows the events of all runs, or has a webhook, hears of each, across broken connections and restarts',
    provenBy: [
      'test/unit/http/feed-stream.test.ts > go on behind the last one that was seen, whoever committed meanwhile',
      'test/unit/http/webhooks.test.ts > have one that delivers, and another one that goes on where it was',
      'test/unit/http/webhooks-docs.test.ts > takes what comes from Belay, and nothing else',
      'test/e2e/cli-telemetry.test.ts > tells of its run before it ends',
    ],
  },
  'learns-and-keeps-no-secret': {
    promise:
      'what was done teaches what comes next, with counts that are true; no secret is kept, and what is forgotten is gone',
    provenBy: [
      'test/unit/tools/learning/suggest.test.ts > the command that always came next is the first, with the true count',
      'test/unit/tools/learning/suggest.test.ts > no secret is in the files of learning, nor suggested',
      'test/unit/tools/learning/suggest.test.ts > what is forgotten is not suggested any more',
      'test/unit/store/learning/open-learning.test.ts > secrets reach no byte of the folder',
      'test/unit/tools/learning/crash.test.ts > what a crash has left is learned by whoever asks next, once',
    ],
  },
  'saved-workflows-run': {
    promise:
      'a run, commands or a pattern become a workflow that runs, written without secrets, and nothing is overwritten unasked',
    provenBy: [
      'test/unit/tools/create.tool.test.ts > of a run the steps that succeeded are saved, as templates, without any secret',
      'test/unit/tools/create.tool.test.ts > where nobody can be asked `overwrite` decides',
      'test/unit/tools/create.tool.test.ts > what comes again in many sessions is suggested as a new workflow, and saved by its pattern',
    ],
  },
  'a-person-is-asked': {
    promise: 'approvals and missing inputs are asked of the person behind the client, and of nobody else',
    provenBy: [
      'test/e2e/mcp-clients.test.ts > asks a person, who has it',
      'test/e2e/mcp-clients.test.ts > leaves the question to a person where it cannot ask one',
      'test/unit/tools/run-requests.test.ts > a question for a human is refused to an agent and stays open',
      'test/e2e/cli-questions.test.ts > without a terminal nobody is human',
      'test/unit/cli/inside-step.test.ts > a program that a step has started is',
      'test/unit/engine/core/reopen.test.ts > asks a person again when the inputs have changed, and only then',
    ],
  },
  'no-crash-loses-or-repeats': {
    promise: 'a host may be killed at any moment: no step is lost, none runs twice',
    provenBy: [
      'test/fault/kill-at-random.test.ts > kill -9 at any moment',
      'test/fault/kill-at-writes.test.ts > one death at each write, before and after',
      'test/fault/takeover.test.ts > stopped, and continued only when the run is over',
    ],
  },
  'runs-outlive-clients': {
    promise: 'a client that leaves does not end its runs',
    provenBy: [
      'test/e2e/cli-mcp.test.ts > a client that closes its end leaves its runs to the background',
      'test/e2e/cli-mcp.test.ts > a server that is killed loses no run',
      'test/e2e/cli-run.test.ts > one interrupt leaves the run to the background',
    ],
  },
  'values-are-never-code': {
    promise: 'what a process receives is the value, byte for byte, whatever it holds',
    provenBy: [
      'test/unit/definition/expression/shell-command.test.ts > what the process receives is byte for byte the value',
      'test/unit/definition/expression/shell-safety.test.ts > ',
    ],
  },
  'everything-wrong-at-once': {
    promise: 'a definition is told everything that is wrong with it, with place and way out',
    provenBy: [
      'test/unit/tools/validate-and-list.test.ts > all errors at once, with line, column and the way out',
      'test/e2e/cli-look.test.ts > validate points at every error and hints at what was meant',
    ],
  },
  'resume-keeps-what-succeeded': {
    promise: 'resume runs again only what did not succeed',
    provenBy: [
      'test/unit/tools/run-requests.test.ts > resume keeps what succeeded, records changed inputs',
      'test/e2e/cli-run.test.ts > resume with other inputs goes on where it failed',
    ],
  },
  'answers-are-bounded': {
    promise: 'no answer floods its reader, and the failed step is in it',
    provenBy: [
      'test/unit/tools/fit-view.test.ts > of a large run the failed, running and waiting steps are shown',
    ],
  },
  'files-come-back': {
    promise: 'what shell commands did to files is taken back, and the run goes on from there',
    provenBy: [
      'test/e2e/cli-rollback.test.ts > to a checkpoint and on from there, back and forth',
      "test/e2e/inspector.test.ts > Inspector's command line takes a run back",
      'test/unit/tools/rollback.tool.test.ts > back at a checkpoint the run is paused, and goes on with changed inputs',
      'test/unit/tools/rollback.tool.test.ts > on_failure takes a run back by itself',
    ],
  },
  'a-dry-run-touches-nothing': {
    promise: 'a dry run shows each undo command, each file and a diff, and changes nothing',
    provenBy: [
      'test/unit/tools/rollback.tool.test.ts > a dry run shows each line, each file and the diff, and touches nothing',
      'test/e2e/cli-rollback.test.ts > a dry run shows the plan and touches nothing',
    ],
  },
  'others-work-is-safe': {
    promise:
      'what others changed since is never overwritten unasked, and what stands against a rollback changes nothing',
    provenBy: [
      'test/e2e/cli-rollback.test.ts > what others changed stops it: exit code 2, and nothing is touched',
      'test/unit/tools/rollback-refusals.test.ts > what others changed since stops it; on_conflict %s chooses',
      'test/unit/tools/rollback-refusals.test.ts > is refused and changes nothing',
    ],
  },
  'a-person-sees-the-plan': {
    promise: 'a person sees what a rollback does before an agent may start it, where the client can ask',
    provenBy: [
      'test/e2e/mcp-clients.test.ts > shows a person the plan before it takes files back; who %s',
      'test/e2e/mcp-clients.test.ts > takes files back where it cannot ask, unless the workflow wants a word first',
      'test/e2e/cli-rollback.test.ts > on a terminal the plan is shown, and only a yes changes anything',
      'test/e2e/cli-rollback.test.ts > a step that pretends to be a terminal is no person',
      'test/unit/tools/rollback-confirm.test.ts > a plan that has changed since is shown again',
    ],
  },
  'a-rollback-tells-the-truth': {
    promise:
      'a rollback that could not finish is stuck, says what a person does about it, and goes on when asked again',
    provenBy: [
      'test/e2e/cli-rollback.test.ts > an undo that fails: exit code 4, and what to do about it',
      'test/unit/tools/rollback.tool.test.ts > an undo that fails leaves the run stuck with what a person does about it; then it goes on',
    ],
  },
  'a-rollback-can-be-taken-back': {
    promise: 'the files come back to what they were before a rollback',
    provenBy: [
      'test/e2e/cli-rollback.test.ts > and back again: the files are as they were before the rollback',
      'test/unit/tools/rollback.tool.test.ts > undo brings the files back to what they were before, and says what stays',
    ],
  },
  'rollback-by-hand': {
    promise: 'a manual rollback changes nothing and gives instructions that are ticked off',
    provenBy: [
      'test/unit/tools/manual-rollback.test.ts > manual changes nothing and asks for one instruction after the other',
      'test/e2e/cli-rollback.test.ts > by hand: exit code 3 while it waits, and each answer ticks one off',
    ],
  },
  'snapshots-are-bounded': {
    promise: 'old snapshots are removed, never one of a run that has not finished',
    provenBy: [
      'test/e2e/cli-rollback.test.ts > gc leaves a run alone that has not finished',
      'test/unit/tools/retention.test.ts > once a day at most, whoever asks',
      'test/unit/tools/retention.test.ts > snapshots of runs that have not finished, or are stuck, are never asked for',
    ],
  },
  'old-journals-are-read': {
    promise: 'journals of every release mean what they meant',
    provenBy: ['test/replay/replay.test.ts > still means what it meant'],
  },
  'shipped-workflows-work': {
    promise: 'the shipped workflows do their work on real repositories and projects',
    provenBy: [
      'test/e2e/templates-fix-validation.test.ts > FIXED',
      'test/e2e/templates-dependency-update.test.ts > ',
      'test/e2e/templates-release-notes.test.ts > ',
    ],
  },
  'trouble-is-one-clear-line': {
    promise: 'a data folder that cannot be used is one clear line, and changes nothing',
    provenBy: ['test/e2e/cli-look.test.ts > a data folder that cannot be used is one clear line'],
  },
  'what-is-handed-out-is-kept': {
    promise:
      'a step that has succeeded has its artifacts, whole, and they stay while something refers to them',
    provenBy: [
      'test/unit/engine/host/artifacts.test.ts > a step succeeds when its files are stored, not before',
      'test/unit/engine/host/artifacts.test.ts > a host that dies while it stores leaves that to the next one',
      'test/unit/store/artifacts/artifact-intake.test.ts > leaves out what leads elsewhere or is no file, and says so',
      'test/unit/store/artifacts/local-artifacts.test.ts > what is put again while others look for what may go stays',
      'test/unit/tools/artifacts.test.ts > keeps bytes that another artifact refers to',
      'test/e2e/cli-artifacts.test.ts > an artifact is copied out, whole or not at all',
      'test/e2e/cli-artifacts.test.ts > a later run reads the newest of a workflow',
    ],
  },
  'a-run-can-be-reported': {
    promise:
      'each run has one report, for people and for programs, with what it did, changed, handed out and was told',
    provenBy: [
      'test/unit/tools/run-report.test.ts > tells all of a run that has finished',
      'test/unit/tools/run-report.test.ts > masks what the variables hold that the workflow asks for',
      'test/unit/tools/run-report.test.ts > what a run says cannot become markup of the page',
      'test/e2e/cli-artifacts.test.ts > report is a page or a document, and its schema is published',
    ],
  },
  'http-is-another-face': {
    promise: 'MCP clients of both eras and programs without MCP drive the same runs over HTTP',
    provenBy: [
      'test/unit/http/mcp.test.ts > runs commands, reads the log, and is known by its name',
      'test/unit/http/mcp.test.ts > asks a person, who has it %s',
      'test/unit/http/rest.test.ts > runs commands and shows the run, the list of runs and its place',
      'test/unit/http/event-stream.test.ts > go on behind the last one that was seen',
      'test/unit/http/replay.test.ts > gives the answer to whoever comes back for it',
      'test/e2e/http-serve.test.ts > shares its runs with another server on the same data folder',
      'test/e2e/http-serve.test.ts > answers who waits, hands the run over and ends when it is told to',
    ],
  },
  'nobody-comes-in-uninvited': {
    promise: 'a request is let in by its address, its site, its key and its role, or not at all',
    provenBy: [
      'test/unit/http/router.test.ts > lets in who holds its role, and nobody else',
      'test/unit/http/router.test.ts > takes only what is sent to this server, by this site',
      'test/unit/http/described.test.ts > opens no address for others without a key',
      'test/unit/http/keys.test.ts > ends at its time',
      'test/unit/http/tokens.test.ts > refuses one that was signed by others, or by nobody',
      'test/unit/http/rest.test.ts > believes nobody to be a person',
      'test/unit/http/mcp.test.ts > asks nobody behind a key that speaks for nobody',
      'test/unit/http/hostile.test.ts > is closed while its headers are on the way',
      'test/unit/http/mcp.test.ts > is there for whoever made the call, and for nobody else',
    ],
  },
};
