/** The table of `npm run bench:learning`: what was measured beside the published reference figures. */

/** One measure of one file at one level. */
export interface Line {
  readonly file: string;
  readonly level: string;
  readonly measure: string;
  readonly [figure: string]: string | number;
}

const TOLD = 'next_with_step_text';

/** Reference figures by file, level and measure: top1, top3, top5, mrr, ece where known. */
const REFERENCE: Readonly<Record<string, string>> = {
  'agent_specstory_first70 stub next': '.44/.74/.83/.60 ece .04',
  [`agent_specstory_first70 stub ${TOLD}`]: '.75/.88/.91/.82 ece .04',
  [`agent_specstory_first70 template ${TOLD}`]: '.36',
  'agent_swebench_mini stub next': '.39/.69/.82/.57 ece .02',
  [`agent_swebench_mini stub ${TOLD}`]: '.55/.80/.89/.69 ece .02 (250 runs)',
  'kypo stub next': '.46/.70/.78/.60',
  failure: 'auc .82 to .87',
  slots: 'of seen values .45 to .75',
  mined: '50 to 100 % recur',
};

const failureFigures = ({ auc, aucLow, aucHigh, ece }: Line): string =>
  `auc ${share(auc)} (${share(aucLow)}–${share(aucHigh)}) ece ${share(ece)}`;

const slotFigures = ({ top1, top3, top5, seen, seenRight, seenRightLow, seenRightHigh, ece }: Line): string =>
  `${share(top1)}/${share(top3)}/${share(top5)} ece ${share(ece)}, seen ${share(seen)}, ` +
  `of those right ${share(seenRight)} (${share(seenRightLow)}–${share(seenRightHigh)})`;

const FIGURES: Readonly<Record<string, (line: Line) => string>> = {
  failure: failureFigures,
  failure_with_step_text: failureFigures,
  slots: slotFigures,
  slots_with_step_text: slotFigures,
  slots_of_template: slotFigures,
  slots_of_template_with_step_text: slotFigures,
  mined: ({ proposed, recurring, covered }) => `${recurring} of ${proposed} recur, cover ${share(covered)}`,
};

/** One row for each line, as text. */
export function tableOf(lines: readonly Line[]): string {
  return lines
    .map((line) => {
      const name = `${line.file} ${line.level} ${line.measure}`;
      const figures = (FIGURES[line.measure] ?? nextFigures)(line);
      const reference = REFERENCE[name] ?? REFERENCE[line.measure];
      return `${name.padEnd(58)} n ${String(line.n).padStart(6)}  ${figures}${reference ? `  [reference ${reference}]` : ''}\n`;
    })
    .join('');
}

function nextFigures({
  top1,
  top3,
  top5,
  mrr,
  ece,
  eceByChance,
  top1Low,
  top1High,
  sureShare,
  sureRight,
  sureStated,
}: Line): string {
  return (
    `${share(top1)} (${share(top1Low)}–${share(top1High)})/${share(top3)}/${share(top5)}/${share(mrr)} ece ${share(ece)}` +
    ` (by chance ${share(eceByChance)}), sure ${share(sureShare)}: said ${share(sureStated)} right ${share(sureRight)}`
  );
}

const share = (value: unknown): string => Number(value).toFixed(3).replace(/^0/, '');
