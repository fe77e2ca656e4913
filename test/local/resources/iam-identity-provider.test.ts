import * as iam from 'aws-cdk-lib/aws-iam';
import { App, Stack } from 'aws-cdk-lib/core';
import { becomePrincipal } from '../../../src/local/credentials';
import { A, engine, state } from '../engine/engine-fixture';
import { temporaryFolder } from '../engine/write-assembly';

const GITHUB = 'token.actions.githubusercontent.com';

test.each<[string, (stack: Stack) => iam.IPrincipal, object]>([
  [
    'OpenID Connect',
    (stack) =>
      new iam.OpenIdConnectPrincipal(
        iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(
          stack,
          'Known',
          new iam.OidcProviderNative(stack, 'Oidc', { url: `https://${GITHUB}` }).oidcProviderArn,
        ),
        { StringLike: { [`${GITHUB}:sub`]: 'repo:octo/*' } },
      ),
    { provider: `arn:aws:iam::${A.account}:oidc-provider/${GITHUB}`, claims: { sub: 'repo:octo/chat' } },
  ],
  [
    "OpenID Connect by the CDK's custom resource",
    (stack) =>
      new iam.OpenIdConnectPrincipal(new iam.OpenIdConnectProvider(stack, 'Oidc', { url: `https://${GITHUB}` })),
    { provider: `arn:aws:iam::${A.account}:oidc-provider/${GITHUB}` },
  ],
  [
    'SAML',
    (stack) =>
      new iam.SamlPrincipal(
        new iam.SamlProvider(stack, 'Saml', {
          name: 'Okta',
          metadataDocument: iam.SamlMetadataDocument.fromXml('<x/>'),
        }),
        {},
      ),
    { provider: `arn:aws:iam::${A.account}:saml-provider/Okta` },
  ],
])('a role trusts a provider of its stack: %s', async (_, principal, by) => {
  const app = new App({ outdir: temporaryFolder() });
  const stack = new Stack(app, 'S', { env: A });
  new iam.Role(stack, 'Role', { roleName: 'Web', assumedBy: principal(stack) });
  const { warnings } = await engine.deploy(app.synth().directory);
  expect(warnings).toEqual([]);
  expect(becomePrincipal(state, { as: 'Web', by: by as { provider: string } })).toMatchObject({ kind: 'assumed-role' });
  expect(becomePrincipal(state, { as: 'Web' })).toMatchObject({ kind: 'assumed-role' });
  await engine.destroy(['S']);
  expect([...state.formerProviders.keys()]).toEqual([(by as { provider: string }).provider]);
  await engine.deploy(app.synth().directory);
  expect([...state.formerProviders]).toEqual([]);
});
