import { Component } from 'projen';
import type { NodeProject } from 'projen/lib/javascript';

/**
 * Publishes each TypeScript-only entry as a subpath export in CommonJS and ESM with types,
 * beside the jsii root. jsii compiles the CommonJS half; `build-tools/esm.mjs` adds the ESM half.
 */
export class SubpathExports extends Component {
  public constructor(project: NodeProject, subpaths: readonly string[]) {
    super(project);
    const entries = subpaths.map((name) => [
      `./${name}`,
      {
        import: { types: `./lib/${name}/index.d.mts`, default: `./lib/${name}/index.mjs` },
        require: { types: `./lib/${name}/index.d.ts`, default: `./lib/${name}/index.js` },
      },
    ]);
    project.package.addField('exports', {
      '.': { types: './lib/index.d.ts', default: './lib/index.js' },
      ...Object.fromEntries(entries),
      // Named in a jest configuration, which loads it with `require`.
      './testing/synth-setup': { types: './lib/testing/synth-setup.d.ts', default: './lib/testing/synth-setup.js' },
      './.jsii': './.jsii',
      './package.json': './package.json',
    });
    // `moduleResolution: node10` does not read `exports`.
    project.package.addField('typesVersions', {
      '*': {
        ...Object.fromEntries(subpaths.map((name) => [name, [`./lib/${name}/index.d.ts`]])),
        'testing/synth-setup': ['./lib/testing/synth-setup.d.ts'],
      },
    });
  }
}
