/** Writes measurements as markdown tables. */

/** The middle value; of an even number the upper one. */
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const columns = (results) => results.map(({ profile, size }) => `${profile} ${size}`);

/** CPU seconds of each variant, with wall seconds in brackets. */
export function timeTable(results, variants) {
  const rows = variants.map((variant) => {
    const cells = results.map(({ rounds }) => {
      const measured = rounds.flatMap((round) => (round[variant] ? [round[variant]] : []));
      if (measured.length === 0) return '-';
      return `${median(measured.map(({ cpu }) => cpu)).toFixed(2)} (${median(measured.map(({ wall }) => wall)).toFixed(1)})`;
    });
    return [variant, ...cells];
  });
  return table(['CPU s (wall s)', ...columns(results)], rows);
}

/** Ratios that the goals are about; each is the median of the ratios within a round. */
const RATIOS = [
  ['NodejsFunction / ours cold', 'nodejs', 'ours cold'],
  ['NodejsFunction / ours warm', 'nodejs', 'ours warm'],
  ['nodejs-direct / ours cold', 'nodejs-direct', 'ours cold'],
  ['nodejs-direct / ours warm', 'nodejs-direct', 'ours warm'],
  ['cdk-esbuild / ours cold', 'cdk-esbuild', 'ours cold'],
  ['cdk-esbuild / ours warm', 'cdk-esbuild', 'ours warm'],
  ['ours cold / asset', 'ours cold', 'asset'],
  ['ours warm / asset', 'ours warm', 'asset'],
];

export function ratioTable(results) {
  const rows = RATIOS.map(([name, over, under]) => {
    const cells = results.map(({ rounds }) => {
      const ratios = rounds.flatMap((round) =>
        round[over] && round[under] ? [round[over].cpu / round[under].cpu] : [],
      );
      return ratios.length === 0 ? '-' : `${median(ratios).toFixed(2)}×`;
    });
    return [name, ...cells];
  });
  // Ratios that were not measured in any column say nothing.
  const measured = rows.filter(([, ...cells]) => cells.some((cell) => cell !== '-'));
  return table(['ratio of CPU', ...columns(results)], measured);
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
