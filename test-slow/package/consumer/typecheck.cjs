// Prints what TypeScript finds in typed.ts and in the declarations of the package, and says how many files it looked at.
// Those of other packages are theirs to mend, and checking them, too, takes ten times as long.
const ts = require('typescript');

const [kind, moduleResolution] = process.argv.slice(2);
const json = { module: kind, moduleResolution, noEmit: true, strict: true, target: 'es2022', types: ['node'] };
const { options, errors } = ts.convertCompilerOptionsFromJson({ ...json, esModuleInterop: true }, __dirname);
const program = ts.createProgram(['typed.ts'], options);
const ours = program
  .getSourceFiles()
  .filter(({ fileName }) => /(^|\/)typed\.ts$|\/node_modules\/cdk-lambda-streaming\//.test(fileName));
const found = [
  ...errors,
  ...program.getOptionsDiagnostics(),
  ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
];
const host = { getCurrentDirectory: () => __dirname, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
process.stdout.write(ts.formatDiagnostics(found, host));
console.log(`${ours.length} files`);
