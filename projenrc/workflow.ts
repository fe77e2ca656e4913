import { Component, github } from 'projen';
import { JobPermission } from 'projen/lib/github/workflows-model';
import type { NodeProject } from 'projen/lib/javascript';

/** One workflow: all of CI on the workflow's Node.js, and the tests on every Node.js that users run. */
export class BuildWorkflow extends Component {
  public constructor(project: NodeProject, nodeVersions: readonly string[]) {
    super(project);
    const hub = github.GitHub.of(project);
    if (!hub) return;
    const workflow = new github.GithubWorkflow(hub, 'build');
    workflow.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
    const checkout = { name: 'Checkout', uses: 'actions/checkout@v4' };
    const node = (version: string) => ({
      name: 'Set up Node.js',
      uses: 'actions/setup-node@v4',
      with: { 'node-version': version },
    });
    const permissions = { contents: JobPermission.READ };
    workflow.addJobs({
      all: {
        runsOn: ['ubuntu-latest'],
        permissions,
        steps: [checkout, node('22'), { name: 'Everything', run: '.ci/run' }],
      },
      test: {
        runsOn: ['ubuntu-latest'],
        permissions,
        strategy: { matrix: { domain: { node: [...nodeVersions] } } },
        steps: [
          checkout,
          // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow language
          node('${{ matrix.node }}'),
          { name: 'Install', run: 'npm ci' },
          { name: 'Test', run: 'npm test' },
          { name: 'Demo', run: 'npm run demo' },
        ],
      },
    });
  }
}
