/** How sure a suggestion is, and what it rests on, for people. */

export interface Learned {
  readonly commands: number;
  readonly behind?: number;
}

export const sureText = (confidence: number): string =>
  confidence < 0.005 ? '<1 %' : confidence >= 0.995 ? '>99 %' : `${Math.round(confidence * 100)} %`;

export const learnedLine = ({ commands, behind = 0 }: Learned): string => {
  const more = behind > 0 ? `; ${behind} more are not learned yet, ask again in a while` : '';
  return `learned from ${commands} ${commands === 1 ? 'command' : 'commands'}${more}`;
};
