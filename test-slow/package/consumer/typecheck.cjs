// Prints what TypeScript finds in typed.ts and in the declarations of the package, in each way that projects resolve
// modules, and how many files it looked at. Those of other packages are theirs to mend, and checking them, too, takes ten
// times as long; they are parsed once for all ways, which is most of what is left.
const ts = require('typescript');

const parsed = new Map();
const findings = JSON.parse(process.argv[2]).map(([kind, moduleResolution]) => {
  const json = { module: kind, moduleResolution, noEmit: true, strict: true, target: 'es2022', types: ['node'] };
  const { options, errors } = ts.convertCompilerOptionsFromJson({ ...json, esModuleInterop: true }, __dirname);
  const compiler = ts.createCompilerHost(options);
  const { getSourceFile } = compiler;
  compiler.getSourceFile = (file, how, ...rest) => {
    // Of packages: a format that they state is that of each way.
    if (!/[/]node_modules[/]/.test(file)) return getSourceFile(file, how, ...rest);
    const key = JSON.stringify([file, how.impliedNodeFormat]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, how, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram(['typed.ts'], options, compiler);
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => /(^|\/)typed\.ts$|\/node_modules\/cdk-lambda-streaming\//.test(fileName));
  const found = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  const host = { getCurrentDirectory: () => __dirname, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
  return [kind, `${ts.formatDiagnostics(found, host)}${ours.length} files`];
});
console.log(JSON.stringify(Object.fromEntries(findings)));
