/** A strict reader of Prometheus' text format 0.0.4: what is not exactly as the format wants it is an error here. */

export interface Sample {
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SUFFIXES: { readonly [type: string]: readonly string[] } = {
  histogram: ['_bucket', '_sum', '_count'],
  counter: [''],
  gauge: [''],
};

/** Families by name; throws at the first line that is wrong. */
export function readPrometheus(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let open = '';
  const lines = text.slice(0, -1).split('\n');
  for (const [index, line] of lines.entries()) {
    const wrong = (what: string) => new Error(`line ${index + 1}: ${what}: ${line}`);
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    if (help) {
      const [, name = '', words = ''] = help;
      const type = new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`).exec(lines[index + 1] ?? '')?.[1];
      if (!NAME.test(name) || families.has(name) || !type)
        throw wrong('bad or second HELP, or no TYPE behind it');
      if (/\\(?![\\n])/.test(words)) throw wrong('bad escape');
      families.set(name, { type, help: words, samples: [] });
      open = name;
    } else if (line.startsWith('# TYPE ')) {
      if (line.split(' ')[2] !== open || !lines[index - 1]?.startsWith('# HELP '))
        throw wrong('TYPE without HELP');
    } else {
      const sample = readSample(line);
      const family = families.get(open);
      if (!sample || !family) throw wrong('no sample');
      const suffix = sample.name.slice(open.length);
      if (!sample.name.startsWith(open) || !SUFFIXES[family.type]?.includes(suffix))
        throw wrong('a sample of another family');
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (series.has(key)) throw wrong('a series twice');
      series.add(key);
      family.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): Sample | undefined {
  const [, name = '', , inside, value = ''] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|NaN|[+-]Inf)$/.exec(line) ??
    [];
  if (name === '') return undefined;
  const labels: { [name: string]: string } = {};
  for (LABEL.lastIndex = 0; inside !== undefined && LABEL.lastIndex < inside.length; ) {
    const [, label = '', text = ''] = LABEL.exec(inside) ?? [];
    if (label === '' || label in labels) return undefined;
    labels[label] = text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}
